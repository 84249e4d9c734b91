from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

FINANCE_GROUPS = (
    "account.group_account_readonly,"
    "account.group_account_invoice,"
    "beneficiary_aid.group_finance_clerk,"
    "beneficiary_aid.group_finance_releaser"
)


class BeneficiaryDonation(models.Model):
    """Money received for a fund, with its receipt and its journal entry.

    There is no cash box: cash comes as a deposit at the bank. Posting debits the
    bank's outstanding receipts, where the bank line will be matched, and credits the
    donation income on the analytic account of the fund.
    """

    _name = "beneficiary.donation"
    _description = "Donation"
    _inherit = ["beneficiary.posted.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _frozen_when_posted = frozenset(
        {
            "amount",
            "channel",
            "company_id",
            "date",
            "donor_id",
            "fund_id",
            "goods",
            "journal_id",
            "kind",
            "valuation",
        }
    )
    _never_typed = frozenset(
        {
            "is_cancelled",
            "is_matched",
            "move_id",
            "move_line_id",
            "name",
            "settlement_ids",
            "state",
        }
    )

    name = fields.Char(
        string="Receipt Number",
        help="Given when the donation is posted, without gaps.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    donor_id = fields.Many2one(
        comodel_name="res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_beneficiary', '=', False)]",
        groups=FINANCE_GROUPS,
    )
    is_anonymous = fields.Boolean(
        string="Anonymous",
        tracking=True,
        help="The name is shown to finance only.",
    )
    donor_name = fields.Char(string="Given By", compute="_compute_donor_name")
    channel = fields.Selection(
        selection=[
            ("transfer", "Bank Transfer"),
            ("pos", "Point of Sale"),
            ("platform", "Donation Platform"),
            ("cheque", "Cheque"),
            ("bank_deposit", "Cash Deposited at the Bank"),
        ],
        required=True,
        default="transfer",
        tracking=True,
    )
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        index=True,
        copy=False,
    )
    amount = fields.Monetary(required=True, tracking=True)
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Bank",
        required=True,
        compute="_compute_journal_id",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="restrict",
        check_company=True,
        domain="[('type', '=', 'bank')]",
    )
    reference = fields.Char(
        copy=False,
        help="Number of the transfer, the cheque or the platform.",
    )
    purpose = fields.Char(help="What the donor asked for.")
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("posted", "Posted"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    is_matched = fields.Boolean(
        string="On the Bank Statement",
        compute="_compute_state",
        store=True,
    )

    _amount_bounds = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e12)",
        "The amount of a donation must be above zero.",
    )
    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "This receipt number is taken already.",
    )
    _unmatched_idx = models.Index(
        "(company_id, date) WHERE state = 'posted' AND is_matched IS NOT TRUE"
    )

    # === Compute === #

    @api.depends("is_anonymous", "donor_id")
    @api.depends_context("uid")
    def _compute_donor_name(self):
        sees_donors = self.env.user.has_groups(FINANCE_GROUPS)
        for donation in self:
            if donation.is_anonymous and not sees_donors:
                donation.donor_name = self.env._("Anonymous donor")
            else:
                # Whoever may read the donation may know a donor who is not anonymous.
                donation.donor_name = donation.sudo().donor_id.name

    @api.depends("name", "donor_name")
    @api.depends_context("uid")
    def _compute_display_name(self):
        for donation in self:
            number = donation.name or self.env._("Draft donation")
            donation.display_name = f"{number} - {donation.donor_name or ''}".rstrip(
                " -"
            )

    @api.depends("company_id", "fund_id")
    def _compute_journal_id(self):
        # Each fund and bank is asked once: a platform's sheet brings hundreds.
        for (company, fund, journal), donations in self.grouped(
            lambda one: (one.company_id, one.fund_id, one.journal_id)
        ).items():
            # What was chosen stays as long as the fund may use it.
            if journal.company_id != company or not fund._may_use(journal):
                donations.journal_id = fund._default_bank(company)

    @api.depends(
        "is_cancelled",
        "move_line_id.parent_state",
        "move_line_id.amount_residual",
        "move_line_id.reconciled",
        "move_line_id.matched_credit_ids.credit_move_id.parent_state",
    )
    def _compute_state(self):
        for donation in self:
            line = donation.move_line_id
            counterparts = line.matched_credit_ids.credit_move_id.filtered(
                lambda item: item.parent_state == "posted"
            )
            closed = bool(line and line.reconciled and counterparts)
            donation.is_matched = closed and all(
                item.statement_line_id for item in counterparts
            )
            if donation.is_cancelled or (
                closed
                and all(
                    item.move_id.reversed_entry_id == donation.move_id
                    for item in counterparts
                )
            ):
                donation.state = "cancelled"
            elif line:
                donation.state = "posted"
            else:
                donation.state = "draft"

    # === Constraints === #

    @api.constrains("donor_id")
    def _check_donor(self):
        for donation in self:
            # Whether a contact is a beneficiary is asked for the guard only.
            if donation.sudo().donor_id.is_beneficiary:
                raise ValidationError(
                    self.env._(
                        "A donor has a contact of his own. Choose a contact that is "
                        "used for nothing else, or create one."
                    )
                )

    @api.constrains("journal_id")
    def _check_journal(self):
        for donation in self:
            if donation.journal_id.type != "bank":
                raise ValidationError(
                    self.env._(
                        "Donations are received on a bank account only. Choose a bank "
                        "journal."
                    )
                )

    # === Actions === #

    def action_post(self):
        """Post the entries of draft donations and number their receipts.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: with the reason, nothing being posted
        """
        self._check_role()
        for donation in self:
            if donation.state != "draft":
                raise UserError(
                    self.env._(
                        "The donation %(number)s is posted or cancelled already.",
                        number=donation.display_name,
                    )
                )
        self._check_days()
        self._check_fund_takes()
        self._touch()
        moves = self.env["account.move"].create(
            [donation._prepare_move() for donation in self]
        )
        moves.action_post()
        for donation, move in zip(self, moves, strict=True):
            line = move.line_ids.filtered("debit")
            # The link to the ledger is not typed in by people.
            donation.sudo().write({"move_id": move.id, "move_line_id": line.id})
        self._draw_numbers()

    def action_cancel(self):
        """Cancel donations; the entry of a posted one is reversed."""
        self._check_role()
        for donation in self:
            if donation.is_matched:
                raise UserError(
                    self.env._(
                        "The receipt %(number)s is matched with a bank line. Undo the "
                        "reconciliation first, or enter the refund.",
                        number=donation.name,
                    )
                )
            if donation.state == "cancelled":
                raise UserError(
                    self.env._(
                        "The donation %(number)s is cancelled already.",
                        number=donation.display_name,
                    )
                )
        self._touch()
        posted = self.filtered("move_id")
        if posted:
            posted.move_id._reverse_moves(
                [
                    {
                        "ref": self.env._("Reversal of %(number)s", number=move.ref),
                        "date": fields.Date.context_today(self),
                    }
                    for move in posted.move_id
                ],
                cancel=True,
            )
        # The flag is not typed in by people; the role is checked above.
        self.sudo().write({"is_cancelled": True})

    def action_open_entry(self):
        """Open the journal entry."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id._get_records_action(name=self.env._("Journal Entry"))

    # === Posting === #

    def _prepare_move(self):
        """Values of the entry of the donation."""
        self.ensure_one()
        company, donor = self.company_id, self.donor_id
        income = company._beneficiary_required("beneficiary_donation_account_id")
        return company._beneficiary_entry(
            self.date,
            self.reference or self.env._("Donation"),
            [
                {
                    "account_id": self._outstanding_account().id,
                    "partner_id": donor.id,
                    "debit": self.amount,
                },
                *(
                    {
                        "account_id": income.id,
                        "partner_id": donor.id,
                        "credit": amount,
                        "analytic_distribution": fund._distribution(),
                    }
                    for fund, amount in self._split()
                ),
            ],
        )

    def _outstanding_account(self):
        """Return the account where the donation waits for its bank line."""
        self.ensure_one()
        return self.company_id._beneficiary_outstanding_account(self.journal_id)

    def _split(self):
        """Return which funds the donation goes to: ``[(fund, amount)]``."""
        self.ensure_one()
        # Whoever enters donations has no right on analytic accounts.
        return self.fund_id.sudo()._split_donation(self.amount)

    def _draw_numbers(self):
        """Number the receipts: last, because a sequence without gaps is locked until
        the transaction ends."""
        for company, donations in self.grouped("company_id").items():
            numbers = self.env["ir.sequence"]._next_numbers(
                "beneficiary.donation", company, len(donations)
            )
            for donation, number in zip(donations.sorted("id"), numbers, strict=True):
                # The number is not typed in by people.
                donation.sudo().name = number
                donation.move_id.ref = number

    # === Helpers === #

    def _check_days(self):
        """Refuse money that is yet to come, which a fund could promise today, and
        days in a closed period.

        :raise UserError: naming the donation
        """
        for (company, day), donations in self.grouped(
            lambda one: (one.company_id, one.date)
        ).items():
            first = donations[:1].display_name
            if day > company._beneficiary_day(fields.Datetime.now()):
                raise UserError(
                    self.env._(
                        "%(donation)s is dated %(day)s, which is yet to come. A "
                        "donation is posted when it was received.",
                        donation=first,
                        day=format_date(self.env, day),
                    )
                )
            journal = company._beneficiary_required("beneficiary_aid_journal_id")
            company._beneficiary_check_period(day, first, journal)

    def _check_fund_takes(self):
        """Refuse donations their funds cannot take; each fund and bank is asked once.

        :raise UserError: naming the fund
        """
        for (fund, journal), donations in self.grouped(
            lambda one: (one.fund_id, one.journal_id)
        ).items():
            donations[:1]._check_fund_open()
            donations[:1]._check_bank_open()
            fund._check_journal(journal)

    def _check_bank_open(self):
        """Refuse money on a bank that is archived, or kept in another currency.

        :raise UserError: naming the bank and the remedy
        """
        self.ensure_one()
        bank, currency = self.journal_id, self.company_id.currency_id
        if not bank.active:
            raise UserError(
                self.env._(
                    "The bank %(journal)s is archived. Choose another one, or restore "
                    "it.",
                    journal=bank.display_name,
                )
            )
        if (bank.currency_id or currency) != currency:
            raise UserError(
                self.env._(
                    "The bank %(journal)s is in another currency. Donations are "
                    "entered in %(currency)s: what the bank gave for them.",
                    journal=bank.display_name,
                    currency=currency.name,
                )
            )

    def _check_fund_open(self):
        self.ensure_one()
        if not self.fund_id.active:
            raise UserError(
                self.env._(
                    "The fund %(fund)s is archived and takes no donations. Choose "
                    "another fund.",
                    fund=self.fund_id.display_name,
                )
            )

    def _check_role(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
