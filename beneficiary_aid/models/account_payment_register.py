from odoo import models
from odoo.exceptions import UserError


class AccountPaymentRegister(models.TransientModel):
    """Odoo's payment screen checks once, when it opens: a second window, or a second
    session, would pay again. It takes any bank and any amount, too."""

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
            disbursements_sudo._check_account_given()
            self._check_beneficiary_payment()
            self.company_id._beneficiary_check_period(
                self.payment_date, disbursements_sudo[0].name, self.journal_id
            )
        return super()._create_payments()

    def _check_beneficiary_payment(self):
        """Refuse to pay aid in another currency, more than is due, or less while the
        rest is forgotten.

        Without a rate Odoo takes one riyal for one dollar.

        :raise UserError: with the amount that is due
        """
        self.ensure_one()
        own = self.company_id.currency_id
        if self.currency_id != own or (self.journal_id.currency_id or own) != own:
            raise UserError(
                self.env._(
                    "Aid is paid in %(currency)s. Choose a bank that is kept in this "
                    "currency.",
                    currency=own.name,
                )
            )
        due = own.round(abs(sum(self.line_ids.mapped("amount_residual"))))
        # Several payables each get what is due; only one of them may be changed.
        difference = self.can_edit_wizard and own.compare_amounts(self.amount, due)
        if difference and (
            difference > 0
            or self.payment_difference_handling == "reconcile"
            or own.compare_amounts(self.amount, 0) <= 0
        ):
            raise UserError(
                self.env._(
                    "%(due)s is due, and not %(amount)s. Pay all of it, or a part "
                    "whose rest stays open.",
                    due=own.format(due),
                    amount=own.format(self.amount),
                )
            )
