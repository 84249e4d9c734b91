from odoo import fields, models


class BeneficiaryStateChange(models.TransientModel):
    """Suspends or closes files, with the reason."""

    _name = "beneficiary.state.change"
    _description = "Suspend or Close Files"

    beneficiary_ids = fields.Many2many(
        comodel_name="beneficiary.beneficiary", string="Files", required=True
    )
    target_state = fields.Selection(
        selection=[("suspended", "Suspended"), ("closed", "Closed")], required=True
    )
    reason_id = fields.Many2one(
        comodel_name="beneficiary.state.reason",
        required=True,
        domain="[('target_state', 'in', (target_state, 'any'))]",
    )
    note = fields.Text()

    def action_apply(self):
        """Move the files to the chosen state."""
        self.ensure_one()
        files = self.beneficiary_ids
        files.check_access("write")
        files._require_group("group_relations_officer")
        files._change_state(self.target_state, self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
