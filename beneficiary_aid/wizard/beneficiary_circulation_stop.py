from odoo import fields, models


class BeneficiaryCirculationStop(models.TransientModel):
    """Ask a member why he wants a meeting instead of a vote by circulation."""

    _name = "beneficiary.circulation.stop"
    _description = "Call for a Meeting"

    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting", required=True, readonly=True
    )
    reason = fields.Char(help="Becomes part of the minutes: no name, no diagnosis.")

    def action_stop(self):
        """Stop the vote by circulation."""
        self.ensure_one()
        self.meeting_id.check_access("read")
        self.meeting_id.action_call_meeting(self.reason)
        return {"type": "ir.actions.act_window_close"}
