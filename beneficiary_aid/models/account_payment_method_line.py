from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountPaymentMethodLine(models.Model):
    """A way of a bank to pay that we know: by cheque, onto prepaid cards.

    An accountant may give it an outstanding account of its own, so that cheques that
    are out show as one balance.
    """

    _inherit = "account.payment.method.line"

    beneficiary_pay_method = fields.Selection(
        selection=[("cheque", "Cheque"), ("card", "Prepaid Card")],
        string="Pays Aid by",
        copy=False,
    )


class AccountJournal(models.Model):
    _inherit = "account.journal"

    def _beneficiary_method_line(self, pay_method):
        """Return the way of a bank to pay by cheque or onto cards, made when needed.

        :param str pay_method: ``cheque`` or ``card``
        """
        self.ensure_one()
        lines = self.outbound_payment_method_line_ids
        found = lines.filtered(lambda line: line.beneficiary_pay_method == pay_method)
        if found:
            return found[:1]
        account = lines.payment_account_id[:1]
        selection = lines._fields["beneficiary_pay_method"]
        # The ways of a bank are configuration; whoever releases may use them.
        journal = self.sudo()
        return (
            self.env["account.payment.method.line"]
            .sudo()
            .create(
                {
                    "name": dict(selection._description_selection(self.env))[
                        pay_method
                    ],
                    "journal_id": journal.id,
                    "payment_method_id": self.env.ref(
                        "account.account_payment_method_manual_out"
                    ).id,
                    "payment_account_id": (
                        account
                        or journal.company_id._beneficiary_chart_outstanding("outbound")
                    ).id,
                    "beneficiary_pay_method": pay_method,
                    # Behind the bank's usual way, which stays the default.
                    "sequence": 50,
                }
            )
            .with_env(self.env)
        )


class AccountPaymentRegister(models.TransientModel):
    """Odoo's payment screen writes the cheque that was chosen on the disbursement."""

    _inherit = "account.payment.register"

    beneficiary_pay_method = fields.Selection(
        selection=[
            ("transfer", "Bank Transfer"),
            ("cheque", "Cheque"),
            ("card", "Prepaid Card"),
            ("mixed", "Several ways"),
        ],
        compute="_compute_beneficiary_pay_method",
        compute_sudo=True,
    )
    beneficiary_cheque_number = fields.Char(string="Number of the Cheque")
    beneficiary_cheque_date = fields.Date(
        string="Date of the Cheque", default=fields.Date.context_today
    )

    @api.depends("line_ids")
    def _compute_beneficiary_pay_method(self):
        for wizard in self:
            methods = set(wizard._get_beneficiary_disbursements().mapped("pay_method"))
            wizard.beneficiary_pay_method = (
                "mixed" if len(methods) > 1 else next(iter(methods), False)
            )

    def _get_beneficiary_disbursements(self):
        # The guard meets every accountant, also one who may not read disbursements.
        return (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search([("move_line_id", "in", self.line_ids._origin.ids)])
        )

    def _create_payments(self):
        method = self.beneficiary_pay_method
        if method == "mixed":
            raise UserError(
                self.env._(
                    "Release transfers, cheques and cards apart from each other."
                )
            )
        if method not in ("cheque", "card"):
            return super()._create_payments()
        disbursements_sudo = self._get_beneficiary_disbursements()
        self.payment_method_line_id = self.journal_id._beneficiary_method_line(method)
        # Neither a cheque nor a card goes to a bank account.
        self.partner_bank_id = False
        if method == "cheque":
            self.env["beneficiary.cheque"]._clean_number(self.beneficiary_cheque_number)
        payments = super()._create_payments()
        if method == "cheque":
            self._record_cheque(payments, disbursements_sudo)
        return payments

    def _record_cheque(self, payments, disbursements):
        if len(payments) != 1:
            raise UserError(
                self.env._(
                    "A cheque is one payment to one payee. Release it by itself."
                )
            )
        self.env["beneficiary.cheque"]._record(
            payments,
            self.beneficiary_cheque_number,
            self.beneficiary_cheque_date or self.payment_date,
            disbursements,
        )
