from odoo import fields, models


class BeneficiaryDocumentReject(models.TransientModel):
    """Rejects documents and says to the person what to bring instead."""

    _name = "beneficiary.document.reject"
    _description = "Reject Documents"

    document_ids = fields.Many2many(
        comodel_name="beneficiary.document", string="Documents", required=True
    )
    reason = fields.Char(
        required=True,
        help="The person reads these words. Say what is wrong and what to bring.",
    )

    def action_apply(self):
        """Reject the documents for the given reason."""
        self.ensure_one()
        self.document_ids.check_access("write")
        self.document_ids._reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
