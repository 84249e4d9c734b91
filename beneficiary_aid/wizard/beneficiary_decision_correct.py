from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.text import clean_text

MAX_LENGTH = 2000


class BeneficiaryDecisionCorrect(models.TransientModel):
    """Ask why a decision is corrected, and bring it before the committee again."""

    _name = "beneficiary.decision.correct"
    _description = "Correct a Decision"

    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision", required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_correct(self):
        """Bring the request before the committee again."""
        self.ensure_one()
        self.decision_id.check_access("read")
        reason = (clean_text(self.reason, multiline=True) or "")[:MAX_LENGTH]
        if not reason:
            raise UserError(self.env._("Write what is wrong in the decision."))
        request = self.decision_id._correct(reason)
        return request.with_env(self.env)._get_records_action(
            name=self.env._("Request")
        )
