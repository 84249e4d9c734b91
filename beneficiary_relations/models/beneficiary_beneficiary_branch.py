from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryBeneficiary(models.Model):
    """A file leaves its branch when the other branch accepts it."""

    _inherit = "beneficiary.beneficiary"

    branch_transfer_ids = fields.One2many(
        comodel_name="beneficiary.branch.transfer",
        inverse_name="beneficiary_id",
        string="Transfers between Branches",
        groups="base.group_user",
    )

    def write(self, vals):
        """Refuse to move a file past the branch that should accept it.

        Drafts and files without a branch are free, managers too.
        """
        if "branch_id" in vals and not self.env.su:
            leaving = self.filtered(
                lambda file: (
                    file.state != "draft"
                    and file.branch_id
                    and file.branch_id.id != vals["branch_id"]
                )
            )
            if leaving and not self.env.user.has_group(
                "beneficiary_relations.group_manager"
            ):
                raise UserError(
                    self.env._(
                        "The file %(name)s belongs to a branch. Ask the other branch "
                        "to take it: use the button Transfer.",
                        name=leaving[:1].display_name,
                    )
                )
        return super().write(vals)

    def action_transfer(self):
        """Ask another branch to take the file."""
        self.ensure_one()
        self.check_access("write")
        self._require_group("group_relations_officer", "group_branch_representative")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Transfer to Another Branch"),
            "res_model": "beneficiary.branch.transfer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_beneficiary_id": self.id},
        }
