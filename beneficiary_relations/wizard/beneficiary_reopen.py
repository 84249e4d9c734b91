from odoo import fields, models


class BeneficiaryReopen(models.TransientModel):
    """Reopens suspended or closed files, with the reason."""

    _name = "beneficiary.reopen"
    _description = "Reopen Files"

    beneficiary_ids = fields.Many2many(
        comodel_name="beneficiary.beneficiary", string="Files", required=True
    )
    note = fields.Text(string="Why", required=True)

    def action_apply(self):
        """Reopen the files."""
        self.ensure_one()
        files = self.beneficiary_ids
        files.check_access("write")
        files._require_group("group_manager")
        files._reopen(self.note)
        return {"type": "ir.actions.act_window_close"}
