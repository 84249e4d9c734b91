from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.shares import share_out

# What a vendor is paid for: money for the person himself takes no bill.
BILLED_NATURES = ("vendor", "in_kind")


class BeneficiaryDisbursement(models.Model):
    """A disbursement that is a line of a vendor's bill.

    A hospital sends one bill for many patients. Each has a disbursement and a line of
    the bill, and all of them share its one payable item: a payment of the bill, also
    a part of it, is a payment of each of them pro rata.
    """

    _inherit = "beneficiary.disbursement"

    bill_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Line of the Bill",
        readonly=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
    )
    is_billed = fields.Boolean(
        string="On a Vendor's Bill",
        compute="_compute_is_billed",
        compute_sudo=True,
        search="_search_is_billed",
        help="It shares the payable item of the bill with others: a payment of the "
        "bill pays each of them pro rata.",
    )
    amount_settled = fields.Monetary(
        string="Paid so Far",
        compute="_compute_amount_settled",
        compute_sudo=True,
        help="What payments settled of it, on the bank statement or not yet. On a "
        "vendor's bill it is the share of what was paid of the bill.",
    )

    _bill_line_uniq = models.UniqueIndex(
        "(bill_line_id) WHERE bill_line_id IS NOT NULL",
        "Another disbursement stands on this line of the bill.",
    )

    # === Compute === #

    @api.depends("bill_line_id")
    def _compute_is_billed(self):
        for disbursement in self:
            disbursement.is_billed = bool(disbursement.bill_line_id)

    @api.model
    def _search_is_billed(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        billed = Domain("bill_line_id", "!=", False)
        return billed if True in value else ~billed

    @api.depends("amount", "state", "move_line_id.amount_residual")
    def _compute_amount_settled(self):
        amounts = self._get_settled_amounts()
        for disbursement in self:
            disbursement.amount_settled = amounts.get(disbursement._origin, 0.0)

    # === Posting === #

    def _post_bill(self, reference, tax):
        """Post the vendor's bill of draft disbursements, a line for each.

        :param str reference: number the vendor gave the bill
        :param tax: ``account.tax`` within the amounts, or none
        :return: the bill
        :raise UserError: with the reason, nothing being posted
        """
        requests = self.request_id.sorted("id")
        requests._touch_money()
        self._check_can_post()
        self._check_ceiling()
        self._check_bill(reference)
        bill = self.env["account.move"].create(self._prepare_bill(reference, tax))
        self._check_bill_total(bill)
        bill.action_post()
        lines = {line.name: line for line in bill.invoice_line_ids}
        payable = self._get_bill_payable(bill)
        for disbursement in self:
            line = lines[disbursement.name]
            disbursement._stand_on(payable, line.account_id, bill_line_id=line.id)
        self._settle_promises()
        return bill

    def _prepare_bill(self, reference, tax):
        """Values of the bill. Its lines name numbers and nothing of the persons: the
        vendor and the bank read them."""
        company = self.company_id
        return {
            "move_type": "in_invoice",
            "journal_id": company._beneficiary_bill_journal().id,
            "company_id": company.id,
            "partner_id": self.payee_id.id,
            "currency_id": company.currency_id.id,
            "ref": reference,
            "invoice_date": self[:1].date,
            # One item owed, and the taxes that were chosen.
            "invoice_payment_term_id": False,
            "invoice_date_due": self[:1].date,
            "fiscal_position_id": False,
            "invoice_line_ids": [
                fields.Command.create(
                    {
                        "name": disbursement.name,
                        "account_id": disbursement._get_expense_account().id,
                        "quantity": 1.0,
                        "price_unit": disbursement.amount,
                        "tax_ids": [fields.Command.set(tax.ids)],
                        "analytic_distribution": disbursement.fund_id._distribution(),
                    }
                )
                for disbursement in self
            ],
        }

    @api.model
    def _get_bill_payable(self, bill):
        return bill.line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )

    # === Checks === #

    def _check_bill(self, reference):
        """Refuse what is not one new bill of one vendor.

        :raise UserError: naming the bill or the request, and the remedy
        """
        if len(self.payee_id) != 1 or len(self.company_id) != 1:
            raise UserError(
                self.env._(
                    "A bill has one vendor and one company. Enter a bill for each."
                )
            )
        for request in self._get_paid_in_hand():
            raise UserError(
                self.env._(
                    "%(request)s is paid to the person, not to a vendor. Prepare "
                    "its payment by itself.",
                    request=request.display_name,
                )
            )
        entered = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("move_type", "=", "in_invoice"),
                ("state", "=", "posted"),
                ("commercial_partner_id", "=", self.payee_id.commercial_partner_id.id),
                ("ref", "=ilike", reference),
                ("payment_state", "!=", "reversed"),
            ],
            limit=1,
        )
        if entered:
            raise UserError(
                self.env._(
                    "The bill %(reference)s of this vendor is entered already as "
                    "%(bill)s.",
                    reference=reference,
                    bill=entered.display_name,
                )
            )

    def _get_paid_in_hand(self):
        """The requests whose money is for the person's own hand."""
        return self.request_id.filtered(
            lambda request: request.aid_type_id.nature not in BILLED_NATURES
        )

    def _check_bill_total(self, bill):
        """Refuse a bill that costs more, or less, than the amounts with their tax.

        :raise UserError: naming both totals, or the fund and the remedy
        """
        currency = self.currency_id
        payable = self._get_bill_payable(bill)
        total = sum(self.mapped("amount"))
        if len(payable) != 1 or currency.compare_amounts(payable.credit, total):
            raise UserError(
                self.env._(
                    "The bill is worth %(bill)s and its lines %(lines)s. Choose a tax "
                    "that is included in the price.",
                    bill=currency.format(sum(payable.mapped("credit"))),
                    lines=currency.format(total),
                )
            )
        for fund, disbursements in self.grouped("fund_id").items():
            [key] = fund._distribution()
            cost = sum(
                line.balance
                for line in bill.line_ids
                if key in (line.analytic_distribution or {})
            )
            if currency.compare_amounts(cost, sum(disbursements.mapped("amount"))):
                raise UserError(
                    self.env._(
                        "A part of the tax would not be paid by the fund %(fund)s. "
                        "Choose a tax that the association cannot reclaim, or one "
                        "that is included in the analytic cost.",
                        fund=fund.display_name,
                    )
                )

    def _reverse_entries(self):
        for disbursement in self.filtered("bill_line_id"):
            raise UserError(
                self.env._(
                    "%(number)s is a line of the bill %(bill)s. Take the whole bill "
                    "back by a credit note, and enter it again without the line.",
                    number=disbursement.name,
                    bill=disbursement.move_id.display_name,
                )
            )
        return super()._reverse_entries()

    def _get_batch_refusal(self, batch):
        if self.bill_line_id:
            return self.env._(
                "%(number)s is a line of the bill %(bill)s. Pay the bill by itself.",
                number=self.name,
                bill=self.move_id.display_name,
            )
        return super()._get_batch_refusal(batch)

    # === Releasing === #

    def action_register_payment(self):
        action = super().action_register_payment()
        if self.bill_line_id:
            # The vendor knows the number of his bill, not ours.
            action["context"].pop("default_communication", None)
        return action

    # === Pro rata === #

    def _get_settled_amounts(self):
        """What payments settled of each, sent or on the bank statement.

        :return: ``{disbursement: amount}``
        """
        billed = self._origin.filtered("bill_line_id")
        amounts = {
            disbursement: disbursement._get_settled()
            for disbursement in self._origin - billed
        }
        for disbursements in billed._get_together().values():
            amounts |= disbursements._share(disbursements[0]._get_settled())
        return amounts

    def _get_paid_amounts(self):
        amounts = super()._get_paid_amounts()
        billed = self._origin.filtered("bill_line_id")
        for disbursements in billed._get_together().values():
            paid = disbursements[0]._get_settlement()["paid"]
            amounts |= disbursements._share(paid)
        return amounts

    def _get_together(self):
        """Group those on the bills of these by the payable item they share.

        :return: ``{item: disbursements}``, the oldest first
        """
        if not self:
            return {}
        return self.search(
            [("move_line_id", "in", self.move_line_id.ids)], order="id"
        ).grouped("move_line_id")

    def _get_settled(self):
        """What payments settled of the payable item on which it stands."""
        settled = self._get_settlement()
        return settled["sent"] + settled["paid"]

    def _share(self, total):
        """Divide what was paid of a bill between its disbursements, by their amounts.

        :param float total: paid of the bill
        :return: ``{disbursement: amount}``
        """
        shares = share_out(total, self.mapped("amount"), self.currency_id.round)
        return dict(zip(self, shares, strict=True))


class BeneficiaryDisbursementBatch(models.Model):
    _inherit = "beneficiary.disbursement.batch"

    def _get_ready_domain(self):
        # What is owed on a bill is paid to the vendor by the bill.
        return super()._get_ready_domain() & Domain("bill_line_id", "=", False)
