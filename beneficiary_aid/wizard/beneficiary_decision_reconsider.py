from odoo import fields, models

from odoo.addons.beneficiary_relations.tools.text import clean_text


class BeneficiaryDecisionReconsider(models.TransientModel):
    """Ask a member why the committee should look at its decision again."""

    _name = "beneficiary.decision.reconsider"
    _description = "Reconsider a Decision"

    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision", required=True, readonly=True
    )
    kind = fields.Selection(
        selection=[
            ("winning", "I voted with the side that prevailed"),
            ("facts", "New facts"),
        ],
        string="Because of",
        required=True,
        default="facts",
    )
    reason = fields.Text(required=True)

    def action_reconsider(self):
        """Bring the decision before the committee again."""
        self.ensure_one()
        self.decision_id.check_access("read")
        reason = clean_text(self.reason, max_length=4000, multiline=True)
        self.decision_id._reconsider(self.kind, reason)
        return {"type": "ir.actions.act_window_close"}
