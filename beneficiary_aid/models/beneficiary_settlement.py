import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits
from odoo.addons.beneficiary_relations.tools.touch import touch

# What people copy from a sheet or a file: reference, then amount.
# A comma parts thousands and nothing else: "250,00" could be either, and is refused.
_ROW = re.compile(r"^(.+?)\s*;\s*(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)$")


class BeneficiarySettlement(models.Model):
    """What a platform paid in one sum: many donations, less its fees.

    The bank shows one line. Its entry gets the donations on one side, and the bank
    and the fee on the other, so that all of them are reconciled with it at once, and
    each is proved by the bank. The control total: the donations, less the fee that
    the platform's paper names, are the bank line to the last halala.
    """

    _name = "beneficiary.settlement"
    _description = "Platform Settlement"
    _inherit = [
        "beneficiary.amounts.mixin",
        "beneficiary.finance.paper.mixin",
        "mail.thread",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    bank_line_id = fields.Many2one(
        comodel_name="account.bank.statement.line",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id), ('is_reconciled', '=', False),"
        " ('amount', '>', 0)]",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(related="bank_line_id.journal_id")
    date = fields.Date(related="bank_line_id.date", store=True)
    amount = fields.Monetary(related="bank_line_id.amount", string="Came In")
    fee = fields.Monetary(
        string="Fees",
        required=True,
        default=0.0,
        tracking=True,
        help="What the platform kept, as its paper says.",
    )
    fee_account_id = fields.Many2one(
        comodel_name="account.account",
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_fee_account_id(),
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
    )
    donation_ids = fields.Many2many(
        comodel_name="beneficiary.donation",
        check_company=True,
        domain="[('company_id', '=', company_id), ('journal_id', '=', journal_id),"
        " ('channel', '=', 'platform'), ('state', '=', 'posted'),"
        " ('is_matched', '=', False)]",
    )
    donation_count = fields.Integer(compute="_compute_totals")
    gross = fields.Monetary(string="Donations in Total", compute="_compute_totals")
    difference = fields.Monetary(
        compute="_compute_totals",
        help="The donations, less the fees, less the bank line.",
    )
    rows = fields.Text(
        help="Lines copied from the platform's sheet: reference, tab or semicolon, "
        "amount. Receipts that were posted already are found by their reference; the "
        "others are entered."
    )
    platform_id = fields.Many2one(
        comodel_name="res.partner",
        string="Donor of New Receipts",
        check_company=True,
        domain="[('is_beneficiary', '=', False)]",
        help="The contact of the platform, for donors it does not name.",
    )
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="Fund of New Receipts",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    state = fields.Selection(
        selection=[("draft", "Open"), ("done", "Settled")],
        compute="_compute_state",
        store=True,
        tracking=True,
    )

    _line_uniq = models.UniqueIndex(
        "(bank_line_id)", "This bank line has a settlement already. Open that one."
    )
    _fee_bounds = models.Constraint(
        "CHECK(fee >= 0 AND fee < 1e12)",
        "The fees are a number from zero up.",
    )

    _rows_length = models.Constraint(
        "CHECK(char_length(rows) <= 200000)",
        "These are too many lines for one settlement. Take them in parts.",
    )

    @api.model
    def _default_fee_account_id(self):
        """The account of the last settlement: it is the same each time."""
        last = self.search(
            [
                ("company_id", "=", self.env.company.id),
                ("fee_account_id", "!=", False),
            ],
            limit=1,
        )
        return last.fee_account_id

    # === Computes === #

    @api.depends("bank_line_id")
    def _compute_display_name(self):
        for one in self:
            one.display_name = one.bank_line_id.payment_ref or self.env._("Settlement")

    @api.depends("donation_ids.amount", "fee", "amount")
    def _compute_totals(self):
        for one in self:
            one.donation_count = len(one.donation_ids)
            one.gross = sum(one.donation_ids.mapped("amount"))
            currency = one.currency_id or self.env.company.currency_id
            one.difference = currency.round(one.gross - one.fee - one.amount)

    # Read from the ledger: undone there, it is open again.
    @api.depends("donation_ids.is_matched", "bank_line_id.is_reconciled")
    def _compute_state(self):
        for one in self:
            proved = one.donation_ids and all(one.donation_ids.mapped("is_matched"))
            done = proved and one.bank_line_id.is_reconciled
            one.state = "done" if done else "draft"

    # === CRUD === #

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("The state of a settlement is not typed in."))
        frozen = {"bank_line_id", "company_id", "donation_ids", "fee"}
        if vals.keys() & (frozen | {"fee_account_id"}):
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_open()

    # === Actions === #

    def action_take_rows(self):
        """Find or enter the donations of the copied lines.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: naming the line; nothing is entered then
        """
        self.ensure_one()
        self._check_clerk()
        self._check_open()
        found, new = self._read_rows()
        donations = self.env["beneficiary.donation"].create(new)
        if donations:
            donations.action_post()
        self.write(
            {
                "donation_ids": [
                    fields.Command.link(one.id) for one in found | donations
                ],
                "rows": False,
            }
        )

    def action_settle(self):
        """Book the fee and reconcile all donations with the bank line.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: with the reason; nothing is booked then
        """
        self._check_clerk()
        for one in self:
            one._check_open()
            touch(one)
            one.donation_ids._touch()
            one._check_ready()
            one._book()

    # === Rows === #

    def _read_rows(self):
        """Read the copied lines.

        :return: (receipts that are there, values of new ones)
        :raise UserError: naming the line
        """
        rows = {}
        # Tabs between columns would be cleaned away; the Arabic decimal point is one.
        text = (self.rows or "").replace("\t", ";").replace("\u066b", ".")
        text = to_latin_digits(clean_text(text, multiline=True) or "")
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            match = _ROW.match(line.strip())
            if not match:
                raise UserError(
                    self.env._(
                        "Line %(number)s is not a reference, a tab or semicolon, and "
                        "an amount.",
                        number=number,
                    )
                )
            reference = match[1].strip()
            if reference in rows:
                raise UserError(
                    self.env._(
                        "Line %(number)s: the reference %(reference)s is there twice.",
                        number=number,
                        reference=reference,
                    )
                )
            rows[reference] = self.company_id._beneficiary_amount(
                match[2].replace(",", "")
            )
        if not rows:
            raise UserError(self.env._("Copy the lines of the platform's sheet first."))
        known = self._get_known(rows)
        new = [
            self._prepare_donation(reference, amount)
            for reference, amount in rows.items()
            if reference not in known
        ]
        return self.env["beneficiary.donation"].union(*known.values()), new

    def _get_known(self, rows):
        """Return the posted receipts of the rows by their reference."""
        donations = self.env["beneficiary.donation"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("channel", "=", "platform"),
                ("state", "=", "posted"),
                ("reference", "in", list(rows)),
            ]
        )
        for donation in donations:
            amount = rows[donation.reference]
            wrong = self.currency_id.compare_amounts(donation.amount, amount)
            if wrong or donation.is_matched or donation.journal_id != self.journal_id:
                raise UserError(
                    self.env._(
                        "%(reference)s is the receipt %(number)s already: of "
                        "%(amount)s, on another bank account, or on the bank "
                        "statement. Put the line right or take it out.",
                        reference=donation.reference,
                        number=donation.name,
                        amount=self.currency_id.format(donation.amount),
                    )
                )
        return {donation.reference: donation for donation in donations}

    def _prepare_donation(self, reference, amount):
        if not self.fund_id or not self.platform_id:
            raise UserError(
                self.env._(
                    "%(reference)s has no receipt yet. Choose the fund and the donor "
                    "of new receipts.",
                    reference=reference,
                )
            )
        return {
            "company_id": self.company_id.id,
            "donor_id": self.platform_id.id,
            "fund_id": self.fund_id.id,
            "channel": "platform",
            "amount": amount,
            "date": self.date,
            "journal_id": self.journal_id.id,
            "reference": reference,
        }

    # === Booking === #

    def _check_ready(self):
        """Refuse a settlement that does not add up."""
        self.ensure_one()
        self.bank_line_id._check_beneficiary_donation()
        if self.difference or not self.donation_ids:
            raise UserError(
                self.env._(
                    "%(name)s: donations of %(gross)s less fees of %(fee)s are not "
                    "the %(amount)s of the bank line. Find the difference of "
                    "%(difference)s first.",
                    name=self.display_name,
                    gross=self.currency_id.format(self.gross),
                    fee=self.currency_id.format(self.fee),
                    amount=self.currency_id.format(self.amount),
                    difference=self.currency_id.format(self.difference),
                )
            )
        if self.fee and not self.fee_account_id:
            raise UserError(self.env._("Choose the account of the fees."))
        for donation in self.donation_ids:
            if donation.state != "posted" or donation.is_matched:
                raise UserError(
                    self.env._(
                        "%(number)s is not posted, or on the bank statement already.",
                        number=donation.display_name,
                    )
                )
        accounts = self.donation_ids.move_line_id.account_id
        if len(accounts) != 1:
            raise UserError(
                self.env._(
                    "The donations wait on different accounts. Settle those of one "
                    "bank account together."
                )
            )
        self._check_period()

    def _check_period(self):
        """Refuse a closed period in words that name it."""
        move = self.bank_line_id.move_id
        closed = move._get_violated_lock_dates(move.date, False)
        if closed:
            raise UserError(
                self.env._(
                    "%(name)s is of %(day)s, and the books are closed until "
                    "%(closed)s. Ask the accountant to open the period, or enter the "
                    "bank line on an open day.",
                    name=self.display_name,
                    day=move.date,
                    closed=max(day for day, _field in closed),
                )
            )

    def _book(self):
        """Put donations and fee into the entry of the bank line, and reconcile."""
        self.ensure_one()
        line = self.bank_line_id
        items = self.donation_ids.move_line_id
        _liquidity, suspense, _others = line._seek_for_lines()
        commands = [
            fields.Command.update(
                suspense.id,
                {
                    "account_id": items.account_id.id,
                    "balance": -self.gross,
                    "amount_currency": -self.gross,
                },
            )
        ]
        if self.fee:
            commands.append(
                fields.Command.create(
                    {
                        "name": self.env._("Fees"),
                        "account_id": self.fee_account_id.id,
                        "partner_id": self.platform_id.id,
                        "currency_id": self.currency_id.id,
                        "balance": self.fee,
                        "amount_currency": self.fee,
                        # The costs of the association; a fund bears none by itself.
                        "analytic_distribution": False,
                    }
                )
            )
        line.move_id.with_context(
            skip_account_move_synchronization=True, skip_readonly_check=True
        ).write({"line_ids": commands})
        (suspense | items).reconcile()

    # === Helpers === #

    def _check_open(self):
        for one in self:
            if one.state == "done":
                raise UserError(
                    self.env._(
                        "%(name)s is settled. Undo the reconciliation of its bank "
                        "line first.",
                        name=one.display_name,
                    )
                )
