import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

_logger = logging.getLogger(__name__)

# Context of our own writes on the ledger of the funds. The value is an object and is
# compared by identity: no request from outside can send it.
_ENTRY_KEY = object()
FUND_ENTRY = {"beneficiary_fund_entry": _ENTRY_KEY}


def is_fund_entry(env):
    """Whether the call comes from the posting of a journal entry."""
    return env.context.get("beneficiary_fund_entry") is _ENTRY_KEY


class BeneficiaryFund(models.Model):
    """Money given for a purpose: one analytic account of the *Funds* plan.

    What the fund holds is the sum of its posted analytic lines and nothing else.
    What it has promised stands in :class:`beneficiary.fund.counter`.
    """

    _name = "beneficiary.fund"
    _description = "Fund"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=[
            ("unrestricted", "Unrestricted"),
            ("restricted", "Restricted"),
            ("zakat", "Zakat"),
            ("endowment", "Endowment"),
        ],
        required=True,
        default="unrestricted",
        tracking=True,
    )
    analytic_account_id = fields.Many2one(
        comodel_name="account.analytic.account",
        required=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    # A table of its own: "this fund pays only these types" is another statement than
    # "this type is paid only from these funds".
    aid_type_ids = fields.Many2many(
        comodel_name="beneficiary.aid.type",
        relation="beneficiary_fund_allowed_aid_type_rel",
        string="Allowed Aid Types",
        check_company=True,
        help="Leave empty when the fund may pay for any type of aid.",
    )
    category_ids = fields.Many2many(
        comodel_name="beneficiary.category",
        string="Allowed Categories",
        help="Leave empty when the fund may pay for beneficiaries of any category.",
    )
    date_deadline = fields.Date(
        string="Use Until",
        help="Nothing is promised or paid from the fund after this day.",
    )
    restriction_note = fields.Text(
        string="Restriction",
        help="The donor's condition in words.",
    )
    counter_ids = fields.One2many(
        comodel_name="beneficiary.fund.counter",
        inverse_name="fund_id",
    )
    balance = fields.Monetary(
        compute="_compute_balance",
        help="What the ledger says: the posted journal items of the fund.",
    )
    committed = fields.Monetary(
        compute="_compute_counter",
        help="Approved and not paid yet.",
    )
    free = fields.Monetary(
        compute="_compute_free",
        help="What may still be approved: the balance less what is committed.",
    )
    overdrawn = fields.Boolean(
        compute="_compute_counter",
        search="_search_overdrawn",
        help="More is promised than the fund holds, because of an entry made in "
        "accounting. Nothing new can be approved until the balance recovers.",
    )
    donation_ids = fields.One2many(
        comodel_name="beneficiary.donation",
        inverse_name="fund_id",
    )
    disbursement_ids = fields.One2many(
        comodel_name="beneficiary.disbursement",
        inverse_name="fund_id",
    )
    donation_count = fields.Integer(compute="_compute_counts")
    disbursement_count = fields.Integer(compute="_compute_counts")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)",
        "This fund code is taken already. Choose another code.",
    )
    _analytic_account_uniq = models.UniqueIndex(
        "(analytic_account_id)",
        "An analytic account belongs to one fund.",
    )

    # === Compute === #

    def _compute_balance(self):
        column = self._plan_column()
        sums = {}
        if column and self.ids:
            # Reading the fund is allowed already; its total needs no access to the
            # single lines of accounting.
            sums = dict(
                self.env["account.analytic.line"]
                .sudo()
                ._read_group(
                    [(column, "in", self.sudo().analytic_account_id.ids)],
                    [column],
                    ["amount:sum"],
                )
            )
        for fund in self:
            fund.balance = sums.get(fund.sudo().analytic_account_id, 0.0)

    def _compute_counter(self):
        # The figures of a fund one may read; the counter itself is not for people.
        counters = {
            counter.fund_id.id: counter
            for counter in self.env["beneficiary.fund.counter"]
            .sudo()
            .search([("fund_id", "in", self.ids)])
        }
        for fund in self:
            counter = counters.get(fund._origin.id)
            fund.committed = counter.committed if counter else 0.0
            fund.overdrawn = bool(counter and counter.overdrawn)

    @api.depends("balance", "committed")
    def _compute_free(self):
        for fund in self:
            fund.free = fund.balance - fund.committed

    def _search_overdrawn(self, operator, value):
        if operator != "in":
            return NotImplemented
        # The rule of the funds applies to the search this becomes part of.
        overdrawn = (
            self.env["beneficiary.fund.counter"]
            .sudo()
            .search([("overdrawn", "=", True)])
        )
        ids = overdrawn.fund_id.ids
        domains = {True: [("id", "in", ids)], False: [("id", "not in", ids)]}
        wanted = set(value)
        if wanted == {True, False}:
            return fields.Domain.TRUE
        return fields.Domain(domains[True in wanted])

    def _compute_counts(self):
        counts = {}
        for name in ("beneficiary.donation", "beneficiary.disbursement"):
            model = self.env[name]
            counts[name] = (
                dict(
                    model._read_group(
                        [("fund_id", "in", self.ids)], ["fund_id"], ["__count"]
                    )
                )
                if model.has_access("read")
                else {}
            )
        for fund in self:
            fund.donation_count = counts["beneficiary.donation"].get(fund, 0)
            fund.disbursement_count = counts["beneficiary.disbursement"].get(fund, 0)

    @api.depends("name", "code")
    def _compute_display_name(self):
        for fund in self:
            fund.display_name = f"[{fund.code}] {fund.name}" if fund.code else fund.name

    # === Constraints === #

    @api.constrains("company_id", "analytic_account_id")
    def _check_analytic_company(self):
        for fund in self:
            if fund.sudo().analytic_account_id.company_id != fund.company_id:
                raise ValidationError(
                    self.env._(
                        "The fund %(fund)s and its analytic account belong to "
                        "different companies. Create a fund in the other company "
                        "instead.",
                        fund=fund.display_name,
                    )
                )

    @api.constrains("active")
    def _check_archive(self):
        for fund in self.filtered(lambda fund: not fund.active):
            currency = fund.currency_id
            if not currency.is_zero(fund.balance) or not currency.is_zero(
                fund.committed
            ):
                raise ValidationError(
                    self.env._(
                        "The fund %(fund)s still holds %(balance)s and has promised "
                        "%(committed)s. Spend or transfer its money before you "
                        "archive it.",
                        fund=fund.display_name,
                        balance=currency.format(fund.balance),
                        committed=currency.format(fund.committed),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        plan = self._plan()
        if not plan:
            raise UserError(
                self.env._(
                    "The analytic plan Funds is missing. Update the addon "
                    "Beneficiary Aid to create it again."
                )
            )
        # Who may create a fund need not have a right on analytic accounting: the
        # account is part of the fund and lives with it.
        accounts_sudo = (
            self.env["account.analytic.account"]
            .sudo()
            .with_context(**FUND_ENTRY)
            .create(
                [
                    {
                        "name": vals.get("name"),
                        "code": vals.get("code"),
                        "plan_id": plan.id,
                        "company_id": vals.get("company_id") or self.env.company.id,
                    }
                    for vals in vals_list
                ]
            )
        )
        funds = super().create(
            [
                {**vals, "analytic_account_id": account.id}
                for vals, account in zip(vals_list, accounts_sudo, strict=True)
            ]
        )
        # Nobody has a right to create or write a counter by hand.
        self.env["beneficiary.fund.counter"].sudo().create(
            [{"fund_id": fund.id} for fund in funds]
        )
        return funds

    def write(self, vals):
        if "analytic_account_id" in vals:
            raise UserError(
                self.env._(
                    "The analytic account of a fund cannot be changed. Create "
                    "another fund instead."
                )
            )
        res = super().write(vals)
        mirrored = {key: vals[key] for key in ("name", "code", "active") if key in vals}
        if mirrored:
            # The account repeats the name of its fund; checked by super().
            self.sudo().with_context(
                active_test=False, **FUND_ENTRY
            ).analytic_account_id.write(mirrored)
        return res

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for fund, vals in zip(self, vals_list, strict=True):
            if "code" not in (default or {}):
                vals["code"] = self.env._("%(code)s-copy", code=fund.code)
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        column = self._plan_column()
        # Lines of any kind forbid it, also those the user may not read.
        used = column and self.env["account.analytic.line"].sudo().search_count(
            [(column, "in", self.sudo().analytic_account_id.ids)], limit=1
        )
        if used or any(self.mapped("committed")):
            raise UserError(
                self.env._(
                    "%(funds)s: a fund with journal items or promises cannot be "
                    "deleted. Archive it when it is empty.",
                    funds=format_list(self.env, self.mapped("display_name")),
                )
            )

    def unlink(self):
        accounts_sudo = self.sudo().analytic_account_id
        res = super().unlink()
        # The account has no use without its fund and no line (checked above).
        accounts_sudo.with_context(**FUND_ENTRY).unlink()
        return res

    # === Actions === #

    def action_open_journal_items(self):
        """Open the posted journal items that make up the balance."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [
                ("analytic_distribution", "in", self.sudo().analytic_account_id.ids),
                ("parent_state", "=", "posted"),
            ],
            "context": {"create": False},
        }

    def action_open_donations(self):
        """Open the donations given to the fund."""
        return self._open("beneficiary_aid.beneficiary_donation_action")

    def action_open_disbursements(self):
        """Open the disbursements paid from the fund."""
        return self._open("beneficiary_aid.beneficiary_disbursement_action")

    def _open(self, xmlid):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        action["domain"] = [("fund_id", "=", self.id)]
        action["context"] = {"default_fund_id": self.id}
        return action

    # === Promises === #

    def _commit(self, amount):
        """Promise an amount of the free balance.

        :param float amount: above zero, in the currency of the company
        :raise UserError: when the fund is overdrawn, or its free balance is less
        """
        self.ensure_one()
        amount = self.company_id._beneficiary_amount(amount)
        counter = self.env["beneficiary.fund.counter"]
        if not counter._take(self, amount):
            self._raise_not_free(amount)

    def _commit_if_free(self, amount):
        """As :meth:`_commit`, without a refusal.

        :return: whether the amount was promised
        """
        self.ensure_one()
        return self.env["beneficiary.fund.counter"]._take(self, amount)

    def _release(self, amount):
        """Give back a promised amount that is not going to be paid.

        :param float amount: above zero, in the currency of the company
        :raise UserError: when so much was not promised
        """
        self.ensure_one()
        amount = self.company_id._beneficiary_amount(amount)
        if not self.env["beneficiary.fund.counter"]._give_back(self, amount):
            raise UserError(
                self.env._(
                    "%(amount)s cannot be given back to the fund %(fund)s: it has "
                    "promised only %(committed)s.",
                    amount=self.currency_id.format(amount),
                    fund=self.display_name,
                    committed=self.currency_id.format(self.committed),
                )
            )

    def _settle(self, promised, extra):
        """Close promises whose entry was posted in this transaction.

        :param float promised: promised before, now spent
        :param float extra: spent without a promise; must have been free
        :raise UserError: when the fund did not hold the money
        """
        self.ensure_one()
        currency = self.currency_id
        promised, extra = currency.round(promised), currency.round(extra)
        if not self.env["beneficiary.fund.counter"]._settle(self, promised, extra):
            spent = promised + extra
            raise UserError(
                self.env._(
                    "%(amount)s cannot be paid from the fund %(fund)s: it held "
                    "%(balance)s, of which %(free)s was free. Receive a donation for "
                    "the fund, or pay from another one.",
                    amount=currency.format(spent),
                    fund=self.display_name,
                    balance=currency.format(self.balance + spent),
                    free=currency.format(self.free + spent),
                )
            )

    def _raise_not_free(self, amount):
        currency = self.currency_id
        if self.overdrawn:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be promised from the fund %(fund)s: it is "
                    "overdrawn, it holds %(balance)s and has promised %(committed)s "
                    "already. Receive a donation or correct the entry that took the "
                    "money.",
                    amount=currency.format(amount),
                    fund=self.display_name,
                    balance=currency.format(self.balance),
                    committed=currency.format(self.committed),
                )
            )
        raise UserError(
            self.env._(
                "%(amount)s cannot be promised from the fund %(fund)s: only %(free)s "
                "is free. Approve less, or choose another fund.",
                amount=currency.format(amount),
                fund=self.display_name,
                free=currency.format(self.free),
            )
        )

    def _check_may_pay(self, aid_type, beneficiary, request=None):
        """Refuse aid that the conditions of the fund do not allow.

        :param aid_type: ``beneficiary.aid.type``
        :param beneficiary: ``beneficiary.beneficiary``
        :param request: ``beneficiary.aid.request`` it is paid for
        :raise UserError: with the reason
        """
        self.ensure_one()
        reason = self._get_refusal_reason(aid_type, beneficiary, request)
        if reason:
            raise UserError(reason)

    def _get_refusal_reason(self, aid_type, beneficiary, request=None):
        """Why the fund may not pay this aid, or ``None`` when it may.

        The parameters are those of :meth:`_check_may_pay`.
        """
        today = fields.Date.context_today(self)
        fund = self.display_name
        if not self.active:
            return self.env._("The fund %(fund)s is archived.", fund=fund)
        if self.date_deadline and self.date_deadline < today:
            return self.env._(
                "The fund %(fund)s was to be used until %(date)s. Choose another fund, "
                "or ask its donor for more time.",
                fund=fund,
                date=self.date_deadline,
            )
        if self.company_id != aid_type.company_id:
            return self.env._(
                "The fund %(fund)s belongs to another company.", fund=fund
            )
        if self.aid_type_ids and aid_type not in self.aid_type_ids:
            return self.env._(
                "The fund %(fund)s may not pay for %(aid_type)s. Choose a fund whose "
                "conditions allow it.",
                fund=fund,
                aid_type=aid_type.display_name,
            )
        if aid_type.fund_ids and self not in aid_type.fund_ids:
            return self.env._(
                "%(aid_type)s is not paid from the fund %(fund)s. Choose one of the "
                "funds of this aid type.",
                fund=fund,
                aid_type=aid_type.display_name,
            )
        if self.category_ids and beneficiary.category_id not in self.category_ids:
            return self.env._(
                "The fund %(fund)s is kept for other categories of beneficiaries. "
                "Choose another fund.",
                fund=fund,
            )
        return None

    # === Ledger === #

    def _distribution(self):
        """Return the analytic distribution of a journal item of the fund.

        :rtype: dict
        """
        self.ensure_one()
        # Nobody may read analytic accounts to enter a paper on a fund he may use.
        return {str(self.sudo().analytic_account_id.id): 100.0}

    @api.model
    def _plan(self):
        """The analytic plan of the funds, as superuser, or ``None``."""
        # By the cached external id: every journal item asks, and the plan is there as
        # long as its id is.
        plan_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "beneficiary_aid.analytic_plan_funds"
        )
        # Its column is read by every posting, whoever posts.
        return plan_id and self.env["account.analytic.plan"].sudo().browse(plan_id)

    @api.model
    def _plan_column(self):
        """Name of the column of the plan on analytic lines, or ``None``."""
        plan = self._plan()
        column = plan and plan._column_name()
        return column if column in self.env["account.analytic.line"]._fields else None

    @api.model
    def _get_by_account(self, accounts):
        """Funds of analytic accounts, whatever the company or archived.

        :return: ``{account id: fund as superuser}``
        """
        if not accounts:
            return {}
        # The ledger is followed for every accountant, also one who may not see funds.
        funds_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search([("analytic_account_id", "in", accounts.ids)])
        )
        return {fund.analytic_account_id.id: fund for fund in funds_sudo}

    @api.model
    def _follow_ledger(self, deltas):
        """Move the counters by what analytic lines gained or lost.

        :param dict deltas: ``{analytic account: amount}``
        """
        accounts = self.env["account.analytic.account"].union(*deltas)
        funds = self._get_by_account(accounts)
        counter = self.env["beneficiary.fund.counter"]
        for account, fund in sorted(funds.items(), key=lambda item: item[1].id):
            amount = fund.currency_id.round(deltas[accounts.browse(account)])
            if amount:
                counter._follow(fund, amount)

    def _log_overdrawn(self):
        """Say on the fund that an entry took more than was free."""
        for fund in self.sudo():
            fund._message_log(
                body=self.env._(
                    "The fund is overdrawn: an entry in accounting took money that "
                    "was promised. Nothing new can be approved from it until its "
                    "balance recovers."
                )
            )

    # === Recount === #

    def _recount(self):
        """Compare the counters with the ledger and the open promises, and correct.

        :return: the funds whose counter was wrong
        """
        wrong = self.browse()
        promises = dict(
            self.env["beneficiary.aid.request"]
            .sudo()
            .with_context(active_test=False)
            ._read_group(
                [("fund_id", "in", self.ids), ("amount_committed", ">", 0)],
                ["fund_id"],
                ["amount_committed:sum"],
            )
        )
        # Nobody else may write counters or post a log on a fund he only reads.
        for fund in self.sudo().sorted("id"):
            counter = fund.counter_ids
            currency = fund.currency_id
            balance = currency.round(fund.balance)
            committed = currency.round(promises.get(fund, 0.0))
            if (
                not currency.compare_amounts(counter.balance, balance)
                and not currency.compare_amounts(counter.committed, committed)
                and counter.overdrawn
                == (currency.compare_amounts(committed, balance) > 0)
            ):
                continue
            wrong |= self.browse(fund.id)
            _logger.warning("The counter of fund %s differed from the ledger", fund.id)
            body = self.env._(
                "The nightly recount corrected this fund. Balance: %(was)s instead of "
                "%(balance)s. Committed: %(was_committed)s instead of %(committed)s.",
                was=currency.format(counter.balance),
                balance=currency.format(balance),
                was_committed=currency.format(counter.committed),
                committed=currency.format(committed),
            )
            counter._correct(fund, balance, committed)
            fund._message_log(body=body)
        return wrong

    @api.model
    def _cron_recount(self):
        """Recount every fund, each in a transaction of its own.

        The counter is locked by the first statement of the transaction: an entry
        being posted meanwhile is either seen whole or waits. A fund in use is left
        for the next night.
        """
        funds = self.with_context(active_test=False).search([])
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(funds))
        for fund in funds:
            if fund.counter_ids.try_lock_for_update(allow_referencing=True):
                fund._recount()
            cron._commit_progress(1)
