from odoo import fields, models


class BeneficiaryConflictReject(models.TransientModel):
    """Ask the secretary why a tie is no conflict."""

    _name = "beneficiary.conflict.reject"
    _description = "Reject a Conflict"

    conflict_ids = fields.Many2many(
        comodel_name="beneficiary.conflict", required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_reject(self):
        """Reject the ties with the reason."""
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.meeting"]._check_secretary()
        self.conflict_ids._reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
