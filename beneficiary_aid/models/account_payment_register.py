from odoo import models


class AccountPaymentRegister(models.TransientModel):
    """Odoo's payment screen checks once, when it opens: a second window, or a second
    session, would pay again."""

    _inherit = "account.payment.register"

    def _create_payments(self):
        # The guard meets every accountant, also one who may not read disbursements.
        disbursements_sudo = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search([("move_line_id", "in", self.line_ids.ids)])
        )
        if disbursements_sudo:
            disbursements_sudo._touch()
            disbursements_sudo._check_releaser(self.env.user)
            disbursements_sudo._check_may_release(self.env.user)
            disbursements_sudo.fund_id._check_journal(self.journal_id)
        return super()._create_payments()
