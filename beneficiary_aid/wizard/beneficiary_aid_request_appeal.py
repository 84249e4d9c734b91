from odoo import fields, models

from ..models.beneficiary_aid_request_flow import MANAGER, OFFICER


class BeneficiaryAidRequestAppeal(models.TransientModel):
    """Take an appeal at the desk, with its grounds."""

    _name = "beneficiary.aid.request.appeal"
    _description = "Take an Appeal"

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request", required=True, readonly=True
    )
    appeal_until = fields.Date(related="request_id.appeal_until")
    is_late = fields.Boolean(compute="_compute_is_late")
    grounds = fields.Text(required=True)
    late_reason = fields.Char(string="Why It Is Admitted Late")

    def _compute_is_late(self):
        for dialog in self:
            dialog.is_late = dialog.request_id._is_appeal_late()

    def action_file(self):
        """File the appeal.

        :raise UserError: nothing to appeal against, or too late
        """
        self.ensure_one()
        self.check_access("write")
        self.request_id.check_access("write")
        self.request_id._check_role(OFFICER, MANAGER)
        self.request_id._file_appeal(self.grounds, late_reason=self.late_reason)
        return {"type": "ir.actions.act_window_close"}
