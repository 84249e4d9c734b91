from odoo import fields, models
from odoo.exceptions import UserError


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

    def action_post(self):
        self._check_payee_not_held()
        return super().action_post()

    def _check_payee_not_held(self):
        """Refuse to pay a person whose bank account is being changed.

        :raise UserError: names the payment, not the person, and what it waits for
        """
        outbound = self.filtered(lambda payment: payment.payment_type == "outbound")
        File = self.env["beneficiary.beneficiary"]
        # The payees are looked at whatever the accountant may read of them.
        payees = outbound.sudo().mapped("partner_id")
        if not payees:
            return
        File._touch_payees(payees)
        held = File._payees_held(payees)
        for payment in outbound.sudo():
            if payment.partner_id in held:
                raise UserError(
                    self.env._(
                        "Payment %(number)s: the payee's bank account is being "
                        "changed. Pay when a second person confirmed or refused the "
                        "new account.",
                        number=payment.display_name,
                    )
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
