from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryDistributionVoid(models.TransientModel):
    """Asks a manager why a handing-out is taken back."""

    _name = "beneficiary.distribution.void"
    _description = "Take a Handing-out Back"

    line_id = fields.Many2one(
        comodel_name="beneficiary.distribution.line", string="Person", required=True
    )
    reason = fields.Char(required=True)

    def action_void(self):
        """Take the handing-out back with the reason.

        :raise UserError: when nothing was handed out
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        handout = self.line_id.handout_ids.filtered(lambda one: not one.void_on)
        if not handout:
            raise UserError(
                self.env._(
                    "%(person)s has not fetched anything.",
                    person=self.line_id.display_name,
                )
            )
        handout._void(self.reason)
