from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    beneficiary_disbursement_count = fields.Integer(
        compute="_compute_beneficiary_disbursement_count",
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    def _compute_beneficiary_disbursement_count(self):
        for payment in self:
            payment.beneficiary_disbursement_count = len(
                payment._get_beneficiary_disbursements()
            )

    def action_open_beneficiary_disbursements(self):
        """Open the disbursements this payment settles."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_disbursement_action"
        )
        action["domain"] = [("id", "in", self._get_beneficiary_disbursements().ids)]
        action["context"] = {"create": False}
        return action

    def _get_beneficiary_disbursements(self):
        """Disbursements the user may read whose payable the payment settles."""
        disbursement = self.env["beneficiary.disbursement"]
        lines = self.move_id.line_ids.matched_credit_ids.credit_move_id
        if not lines or not disbursement.has_access("read"):
            return disbursement
        return disbursement.search([("move_line_id", "in", lines.ids)])
