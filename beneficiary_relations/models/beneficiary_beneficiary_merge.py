from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryBeneficiary(models.Model):
    """A double points to the file that was kept, and stays closed."""

    _inherit = "beneficiary.beneficiary"

    merged_into_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Merged into",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    merge_count = fields.Integer(
        readonly=True, copy=False, default=0, groups="base.group_user"
    )
    merge_ids = fields.One2many(
        comodel_name="beneficiary.merge",
        inverse_name="survivor_id",
        string="Doubles Merged into This File",
        groups="base.group_user",
    )

    def action_merge(self):
        """Open the screen that merges a double into this file."""
        self.ensure_one()
        self.check_access("write")
        self._require_group("group_manager")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Merge a Double"),
            "res_model": "beneficiary.merge",
            "view_mode": "form",
            "context": {"default_survivor_id": self.id},
        }

    def _check_state_move(self, vals):
        """A double comes back by undoing the merge only."""
        merged = self.filtered("merged_into_id")
        if merged and vals["state"] != "closed":
            raise UserError(
                self.env._(
                    "%(name)s was merged into %(survivor)s. Undo the merge instead.",
                    name=merged[:1].display_name,
                    survivor=merged[:1].merged_into_id.display_name,
                )
            )
        return super()._check_state_move(vals)

    def _restore_state(self, vals):
        """Write a file back as it was: the life of a file knows no such move."""
        vals = dict(vals, state_changed_on=fields.Date.context_today(self))
        models.Model.write(self, vals)


class BeneficiaryAssessment(models.Model):
    """A finished assessment follows its person when two files are merged."""

    _inherit = "beneficiary.assessment"

    _free_when_done = {
        "active",
        "state",
        "message_main_attachment_id",
        "beneficiary_id",
    }

    def write(self, vals):
        done = self.filtered(lambda one: one.state != "draft")
        if "beneficiary_id" in vals and done and not self.env.su:
            raise UserError(
                self.env._(
                    "The assessment %(name)s is finished and stays with its person.",
                    name=done[:1].name,
                )
            )
        return super().write(vals)
