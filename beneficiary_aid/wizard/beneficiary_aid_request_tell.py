from odoo import fields, models


class BeneficiaryAidRequestTell(models.TransientModel):
    """Ask why decisions are told before their earliest day (C43)."""

    _name = "beneficiary.aid.request.tell"
    _description = "Tell a Decision Early"

    request_ids = fields.Many2many(
        comodel_name="beneficiary.aid.request", string="Requests", required=True
    )
    early_reason = fields.Char(string="Reason", required=True)

    def action_tell(self):
        """Note the reason and tell the applicants."""
        self.ensure_one()
        self.request_ids.check_access("write")
        self.request_ids.write({"early_reason": self.early_reason})
        self.request_ids.action_tell_applicant()
        return {"type": "ir.actions.act_window_close"}
