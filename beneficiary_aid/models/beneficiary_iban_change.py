from odoo import models


class BeneficiaryIbanChange(models.Model):
    """What is not paid yet goes to the account that was confirmed."""

    _inherit = "beneficiary.iban.change"

    def _confirm(self):
        result = super()._confirm()
        # The officer who confirms need not read disbursements.
        waiting_sudo = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search(
                [
                    ("payee_id", "=", self.beneficiary_id.partner_id.id),
                    ("state", "in", ("draft", "due")),
                    ("payee_bank_id.sanitized_acc_number", "=", self.old_iban),
                ]
            )
        )
        if waiting_sudo:
            accounts_sudo = self.sudo().beneficiary_id.partner_id.bank_ids
            waiting_sudo.payee_bank_id = accounts_sudo.filtered(
                lambda account: account.sanitized_acc_number == self.new_iban
            )[:1]
        return result
