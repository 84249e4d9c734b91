from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_list

LIVE_PAYMENT_STATES = ("in_process", "paid")
# Kinds of help that are money for the person to spend.
OWN_HANDS = ("cash", "recurring")
# What fires on a payable credit line; see _get_settlement for what is read.
LEDGER_FIELDS = (
    "is_cancelled",
    "move_line_id.parent_state",
    "move_line_id.amount_residual",
    "move_line_id.reconciled",
    "move_line_id.matched_debit_ids.amount",
    "move_line_id.matched_debit_ids.debit_move_id.parent_state",
    "move_line_id.matched_debit_ids.debit_move_id.payment_id.state",
    "move_line_id.matched_debit_ids.debit_move_id.payment_id.is_matched",
)


class BeneficiaryDisbursement(models.Model):
    """One payment owed to a payee for a request.

    It stands on a payable line of a posted entry, and its state is read from the
    ledger: *due* when the line is open, *sent* when a live payment settles it, *paid*
    when the money is on a bank statement, *reversed* when another entry took the
    debt back. Nobody types a state, except that a draft may be cancelled.

    Who may do what:

    ============  ======  =======================================================
    step          role    not allowed
    ============  ======  =======================================================
    prepare,post  clerk   more than approved; from a fund that may not pay it
    release       releaser whoever prepared it, or voted on the request
    reverse       clerk   while a payment stands on it
    ============  ======  =======================================================

    A reversed disbursement frees its instalment: the aid may be disbursed again by a
    new one. Its amount went back to the free balance of the fund, so the new one
    takes it from there, and is refused when the fund has none left.
    """

    _name = "beneficiary.disbursement"
    _description = "Disbursement"
    _inherit = [
        "beneficiary.posted.mixin",
        "beneficiary.released.mixin",
        "beneficiary.log.mixin",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _frozen_when_posted = frozenset(
        {"request_id", "fund_id", "payee_id", "amount", "instalment_no", "date"}
    )
    _never_typed = frozenset(
        {
            "bill_line_id",
            "expense_account_id",
            "is_cancelled",
            "move_id",
            "move_line_id",
            "name",
            "prepared_by_id",
            "released_by_id",
            "state",
        }
    )

    name = fields.Char(string="Number")
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="request_id.company_id",
        store=True,
        precompute=True,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    aid_type_id = fields.Many2one(related="request_id.aid_type_id", store=True)
    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        compute="_compute_from_request",
        store=True,
        precompute=True,
        readonly=True,
        ondelete="restrict",
    )
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        compute="_compute_from_request",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    payee_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_payee_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
        ondelete="restrict",
        help="The beneficiary, the guardian or the vendor who gets the money.",
    )
    payee_bank_id = fields.Many2one(
        comodel_name="res.partner.bank",
        compute="_compute_payee_bank_id",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="restrict",
        domain="[('partner_id', '=', payee_id)]",
    )
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Received by Mandate",
        compute="_compute_mandate_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The paper by which the payee receives for the person.",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        tracking=True,
    )
    instalment_no = fields.Integer(
        string="Instalment",
        compute="_compute_instalment_no",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        aggregator=None,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    move_line_id = fields.Many2one(string="Payable Item", index=False)
    expense_account_id = fields.Many2one(
        comodel_name="account.account",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="What the aid was charged to when it was posted. A reversal takes it "
        "from there, whatever the aid type says by then.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "To Post"),
            ("due", "Due"),
            ("sent", "Sent"),
            ("paid", "Paid"),
            ("reversed", "Reversed"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
        help="Read from the ledger. Sent: a payment was made. Paid: the money is on "
        "the bank statement.",
    )
    amount_paid = fields.Monetary(
        string="Proved by the Bank",
        compute="_compute_amount_paid",
        store=True,
        help="What the bank statement proves, also of a payment in parts.",
    )
    prepared_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    released_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
    )
    release_refusal = fields.Char(compute="_compute_release_refusal")
    is_held = fields.Boolean(
        string="Held",
        compute="_compute_is_held",
        search="_search_is_held",
        help="The payee's bank account is being changed: the payment waits for a "
        "second person's answer.",
    )

    _amount_bounds = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e12)",
        "The amount of a disbursement must be above zero.",
    )
    _instalment_positive = models.Constraint(
        "CHECK(instalment_no > 0)",
        "Instalments are counted from one.",
    )
    _instalment_uniq = models.UniqueIndex(
        "(request_id, instalment_no) WHERE state NOT IN ('cancelled', 'reversed')",
        "This instalment of the request has a live disbursement already. Open the "
        "request to see it.",
    )
    # The lines of a vendor's bill share what is owed to the vendor.
    _move_line_uniq = models.UniqueIndex(
        "(move_line_id) WHERE move_line_id IS NOT NULL AND bill_line_id IS NULL",
        "Another disbursement stands on this journal item.",
    )
    _to_do_idx = models.Index(
        "(company_id, state, date) WHERE state IN ('draft', 'due', 'sent')"
    )

    # === Compute === #

    @api.depends("request_id")
    def _compute_from_request(self):
        for disbursement in self:
            request = disbursement.request_id
            disbursement.decision_id = request.decision_id
            disbursement.fund_id = request.fund_id

    @api.depends("request_id")
    def _compute_payee_id(self):
        for disbursement in self:
            if not disbursement.payee_id:
                beneficiary = disbursement.request_id.beneficiary_id
                disbursement.payee_id = beneficiary.partner_id

    @api.depends("payee_id", "request_id")
    def _compute_mandate_id(self):
        mandates = self._payee_mandates()
        for disbursement in self:
            disbursement.mandate_id = mandates[disbursement].filtered(
                lambda mandate: mandate.can_receive and mandate.state == "active"
            )[:1]

    @api.depends("payee_id")
    def _compute_payee_bank_id(self):
        for disbursement in self:
            banks = disbursement.payee_id.bank_ids
            if disbursement.payee_bank_id not in banks:
                disbursement.payee_bank_id = banks[:1]

    @api.depends("request_id")
    def _compute_amount(self):
        empty = self.filtered(lambda disbursement: not disbursement.amount)
        totals = empty.request_id._origin._get_given_amounts() if empty else {}
        for disbursement in empty:
            request = disbursement.request_id
            open_amount = request.amount_approved - totals.get(request._origin, 0.0)
            disbursement.amount = max(open_amount, 0.0)

    @api.depends("request_id")
    def _compute_instalment_no(self):
        numbers = dict(
            self.env["beneficiary.disbursement"]._read_group(
                [("request_id", "in", self.request_id.ids)],
                ["request_id"],
                ["instalment_no:max"],
            )
        )
        for disbursement in self:
            request = disbursement.request_id._origin
            if not disbursement.instalment_no:
                disbursement.instalment_no = (numbers.get(request) or 0) + 1
                numbers[request] = disbursement.instalment_no

    @api.depends(*LEDGER_FIELDS)
    def _compute_state(self):
        for disbursement in self:
            disbursement.state = disbursement._get_ledger_state()

    @api.depends(*LEDGER_FIELDS)
    def _compute_amount_paid(self):
        # Read for all at once: storing an amount asks for the currency one by one.
        self.mapped("currency_id")
        amounts = self._get_paid_amounts()
        for disbursement in self:
            disbursement.amount_paid = amounts.get(disbursement._origin, 0.0)

    def _get_paid_amounts(self):
        """What the bank statement proves of each.

        :return: ``{disbursement: amount}``; without a journal item it is left out
        """
        return {
            disbursement: disbursement._get_settlement()["paid"]
            for disbursement in self._origin
            if disbursement.move_line_id
        }

    def _get_ledger_state(self):
        """Read the state from the journal item."""
        self.ensure_one()
        line = self.move_line_id
        if self.is_cancelled:
            return "cancelled"
        if not line or line.parent_state != "posted":
            return "draft"
        currency = line.company_currency_id
        settled = self._get_settlement()
        total = sum(settled.values())
        if currency.compare_amounts(total, line.credit) < 0:
            return "due"
        if currency.compare_amounts(settled["reversed"], line.credit) >= 0:
            return "reversed"
        return "due" if not total else "sent" if settled["sent"] else "paid"

    def _get_settlement(self):
        """Amounts of the journal item by the kind of what settles it.

        ``line.reconciled`` alone says too little: it is true as soon as a payment is
        posted, and stays true when the payment is rejected. The counterparts count.
        """
        self.ensure_one()
        settled = {"sent": 0.0, "paid": 0.0, "reversed": 0.0}
        for partial in self.move_line_id.matched_debit_ids:
            counterpart = partial.debit_move_id
            if counterpart.parent_state != "posted":
                continue
            payment = counterpart.payment_id
            if payment:
                if payment.state not in LIVE_PAYMENT_STATES:
                    continue
                kind = "paid" if self._is_on_bank_statement(payment) else "sent"
            elif counterpart.statement_line_id:
                kind = "paid"
            elif counterpart.move_id.reversed_entry_id == self.move_id:
                kind = "reversed"
            else:
                # Settled by another entry: there is no proof of the bank yet.
                kind = "sent"
            settled[kind] += partial.amount
        return settled

    @api.model
    def _is_on_bank_statement(self, payment):
        """Whether bank statement lines, and nothing else, match the payment."""
        if not payment.is_matched:
            return False
        liquidity_lines, _counterparts, _writeoffs = payment._seek_for_lines()
        counterparts = (
            liquidity_lines.matched_debit_ids.debit_move_id
            | liquidity_lines.matched_credit_ids.credit_move_id
        )
        return bool(counterparts) and all(
            line.statement_line_id and line.parent_state == "posted"
            for line in counterparts
        )

    @api.depends("payee_id", "payee_bank_id")
    def _compute_is_held(self):
        held = self._get_held()
        for disbursement in self:
            disbursement.is_held = disbursement in held

    @api.model
    def _search_is_held(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        # Whether to wait is asked by whoever pays; nothing of the change is told.
        changes_sudo = (
            self.env["beneficiary.iban.change"].sudo().search([("state", "=", "asked")])
        )
        held = Domain.OR(
            Domain(path, "in", changes_sudo.beneficiary_id.partner_id.ids)
            for path in ("payee_id", "payee_bank_id.partner_id")
        )
        return held if True in value else ~held

    @api.depends("state", "prepared_by_id", "released_by_id", "is_held")
    @api.depends_context("uid")
    def _compute_release_refusal(self):
        reasons = self._get_hold_refusals() | self._get_scope_refusals()
        reasons |= self._get_release_refusals(self.env.user)
        for disbursement in self:
            disbursement.release_refusal = reasons.get(disbursement, False)

    # === Constraints === #

    @api.constrains("amount", "request_id", "is_cancelled")
    def _check_ceiling(self):
        """Σ of what is neither cancelled nor reversed stays within the approval.

        Goods that were handed out for the request count with it.
        """
        requests = self.request_id
        requests._touch_money()
        totals = requests._get_given_amounts()
        for request in requests:
            total = totals.get(request, 0.0)
            currency = request.currency_id
            if currency.compare_amounts(total, request.amount_approved) > 0:
                raise ValidationError(
                    self.env._(
                        "%(request)s: disbursements of %(total)s exceed the approved "
                        "%(approved)s. Lower the amount, or ask for a new decision.",
                        request=request.display_name,
                        total=currency.format(total),
                        approved=currency.format(request.amount_approved),
                    )
                )

    @api.constrains("request_id", "fund_id")
    def _check_decision(self):
        for disbursement in self:
            request = disbursement.request_id
            if not request.decision_id or not request.amount_approved:
                raise ValidationError(
                    self.env._(
                        "%(request)s has no decision that approves an amount. Nothing "
                        "can be paid before the decision.",
                        request=request.display_name,
                    )
                )
            if disbursement.fund_id != request.fund_id:
                raise ValidationError(
                    self.env._(
                        "%(request)s was approved from the fund %(fund)s. Pay it from "
                        "that fund.",
                        request=request.display_name,
                        fund=request.fund_id.display_name,
                    )
                )

    @api.constrains("payee_id", "payee_bank_id")
    def _check_payee(self):
        for disbursement in self:
            payee, bank = disbursement.payee_id, disbursement.payee_bank_id
            if bank and bank.partner_id.commercial_partner_id != (
                payee.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(number)s: the bank account belongs to somebody else than "
                        "the payee. Choose an account of the payee.",
                        number=disbursement.display_name,
                    )
                )
            company = payee.company_id
            if company and company != disbursement.company_id:
                raise ValidationError(
                    self.env._(
                        "%(number)s: the payee is a contact of another company.",
                        number=disbursement.display_name,
                    )
                )

    @api.constrains("payee_id", "request_id")
    def _check_payee_scope(self):
        for reason in self._get_scope_refusals().values():
            raise ValidationError(reason)

    def _payee_mandates(self):
        """Return all mandates, also ended ones, of the payees over the persons.

        :return: ``{disbursement: mandates}``, as superuser, in one query
        """
        # The clerk pays and need not read the papers of the registry.
        Mandate = self.env["beneficiary.mandate"].sudo()
        mandates = Mandate.search(
            [
                ("beneficiary_id", "in", self.request_id.beneficiary_id.ids),
                ("holder_id", "in", self.payee_id.ids),
                ("state", "!=", "draft"),
            ]
        ).grouped(lambda mandate: (mandate.beneficiary_id.id, mandate.holder_id.id))
        return {
            one: mandates.get((one.request_id.beneficiary_id.id, one.payee_id.id))
            or Mandate
            for one in self
        }

    def _get_scope_refusals(self):
        """Why payees may not receive the money of the person.

        A payee who never acted for the person, such as a hospital, needs no mandate.
        Money meant for the person's own hands goes to nobody else's.

        :return: ``{disbursement: reason}``
        """
        today = fields.Date.context_today(self)
        reasons = {}
        for disbursement, mandates in self._payee_mandates().items():
            if not mandates:
                if disbursement._is_paid_to_stranger():
                    reasons[disbursement] = self.env._(
                        "%(number)s: the payee is neither the person nor somebody who "
                        "receives for the person. Pay the person, or enter a mandate "
                        "to receive aid.",
                        number=disbursement.display_name,
                    )
            elif not mandates.filtered(
                lambda mandate: (
                    mandate.state == "active"
                    and mandate.can_receive
                    and mandate.date_start <= today
                    and (not mandate.last_day or mandate.last_day >= today)
                )
            ):
                reasons[disbursement] = self.env._(
                    "%(number)s: the payee's mandate does not cover receiving aid for "
                    "the person, or it has ended. Pay the person, or enter a mandate "
                    "that covers it.",
                    number=disbursement.display_name,
                )
        return reasons

    def _is_paid_to_stranger(self):
        """Tell whether money for the person's own hands goes to another private
        person. Companies and known vendors deliver what it is for."""
        self.ensure_one()
        payee = self.payee_id
        return bool(
            payee
            and self.aid_type_id.nature in OWN_HANDS
            and payee != self.request_id.beneficiary_id.partner_id
            and not payee.is_company
            and not payee.supplier_rank
        )

    # === CRUD === #

    def _complete_new(self, vals_list):
        for vals in vals_list:
            vals["prepared_by_id"] = self.env.uid
        self.env["beneficiary.aid.request"]._number_papers(self._name, vals_list)

    # === Actions === #

    def action_post(self):
        """Post the payable entry of draft disbursements.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: with the reason, nothing being posted
        """
        self._check_role("beneficiary_aid.group_finance_clerk")
        self._post_entries()

    def action_register_payment(self):
        """Open Odoo's payment screen on the payable items of due disbursements.

        :raise AccessError: when the user is no finance releaser
        :raise UserError: when he prepared one of them, or voted on its request
        """
        self._check_role("beneficiary_aid.group_finance_releaser")
        self._check_may_release(self.env.user)
        self._take_back_rejected_payments()
        context = {
            "active_model": "account.move.line",
            "active_ids": self.move_line_id.ids,
            "dont_redirect_to_payments": True,
            "default_journal_id": self.fund_id[:1]._default_bank(self.company_id).id,
        }
        if len(self) == 1:
            context["default_communication"] = self.name
            if self.payee_bank_id:
                context["default_partner_bank_id"] = self.payee_bank_id.id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release Payment"),
            "res_model": "account.payment.register",
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def action_reverse(self):
        """Reverse the entry of due disbursements; the instalment becomes free again."""
        self._check_role("beneficiary_aid.group_finance_clerk")
        for disbursement in self:
            if disbursement.state != "due":
                raise UserError(
                    self.env._(
                        "%(number)s is %(state)s: only a due disbursement can be "
                        "reversed. Cancel its payment first.",
                        number=disbursement.name,
                        state=disbursement._get_state_label(),
                    )
                )
        # Rejected payments would come back to life with their entry.
        self._take_back_rejected_payments()
        self._reverse_entries()

    def _reverse_entries(self):
        """Reverse the entries of due disbursements and match them at once."""
        self.move_id._reverse_moves(
            [
                {
                    "ref": self.env._("Reversal of %(number)s", number=move.ref),
                    "date": fields.Date.context_today(self),
                }
                for move in self.move_id
            ],
            cancel=True,
        )

    def action_cancel(self):
        """Cancel disbursements that are not posted."""
        self._check_role("beneficiary_aid.group_finance_clerk")
        for disbursement in self:
            if disbursement.move_id:
                raise UserError(
                    self.env._(
                        "%(number)s is posted. Reverse it instead.",
                        number=disbursement.name,
                    )
                )
        # The flag is not typed in by people; the role is checked above.
        self.sudo().write({"is_cancelled": True})

    def action_open_entry(self):
        """Open the journal entry."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id._get_records_action(name=self.env._("Journal Entry"))

    def action_open_request(self):
        """Open the request this is paid for."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))

    # === Posting === #

    def _post_entries(self):
        """Post the entries of draft disbursements in the lock order of the counter."""
        requests = self.request_id.sorted("id")
        requests._touch_money()
        self._check_can_post()
        self._check_ceiling()
        moves = self.env["account.move"].create(
            [disbursement._prepare_move() for disbursement in self]
        )
        moves.action_post()
        for disbursement, move in zip(self, moves, strict=True):
            line = move.line_ids.filtered(
                lambda line: line.account_id.account_type == "liability_payable"
            )
            expense = (move.line_ids - line).account_id
            disbursement._stand_on(line, expense)
        self._settle_promises()

    def _stand_on(self, line, expense, **links):
        """Link a disbursement with the posted item of what is owed.

        :param line: ``account.move.line``
        :param expense: the ``account.account`` that was charged
        :param links: further links to the ledger
        """
        self.ensure_one()
        # The link to the ledger is not typed in by people.
        self.sudo().write(
            {
                "move_id": line.move_id.id,
                "move_line_id": line.id,
                "expense_account_id": expense.id,
                "prepared_by_id": self.env.uid,
                **links,
            }
        )
        if self.mandate_id:
            # The clerk reads no mandates; that one was used is written on it.
            self.mandate_id.sudo()._log_act(
                self.env._("receives %(number)s", number=self.name)
            )

    def _settle_promises(self):
        """Close what was promised for the amounts just posted, fund by fund."""
        for fund, disbursements in sorted(
            self.grouped("fund_id").items(), key=lambda item: item[0].id
        ):
            amounts = {
                request: sum(records.mapped("amount"))
                for request, records in disbursements.grouped("request_id").items()
            }
            promised = disbursements.request_id._use_commitments(amounts)
            fund._settle(promised, sum(amounts.values()) - promised)

    def _check_can_post(self):
        for reason in self._get_scope_refusals().values():
            raise UserError(reason)
        for disbursement in self:
            reason = disbursement._get_post_refusal()
            if reason:
                raise UserError(reason)

    def _get_post_refusal(self):
        """Why the disbursement cannot be posted, or ``None``."""
        self.ensure_one()
        if self.state != "draft" or self.move_id:
            return self._already_words()
        request = self.request_id
        if not request._is_payable():
            return self.env._(
                "%(number)s: the request %(request)s is not approved, or closed.",
                number=self.name,
                request=request.display_name,
            )
        reason = (
            self.fund_id._get_refusal_reason(
                request.aid_type_id, request.beneficiary_id, request
            )
            or self._get_stranger_refusal()
        )
        if reason:
            return reason
        if not self.company_id._beneficiary_payable(self.payee_id):
            return self.env._(
                "%(number)s: the payee has no payable account in %(company)s.",
                number=self.name,
                company=self.company_id.display_name,
            )
        return None

    def _get_stranger_refusal(self):
        """Why zakat may not be paid to somebody else than the person.

        Whoever receives by a mandate receives for the person; every other payee is a
        vendor, whatever the kind of help.
        """
        if (
            self.fund_id.kind == "zakat"
            and self.payee_id != self.beneficiary_id.partner_id
            and not self.mandate_id
        ):
            return self.fund_id._refusal_without_word(self.request_id)
        return None

    def _get_expense_account(self):
        """The account the aid costs."""
        self.ensure_one()
        return self.company_id._beneficiary_expense_account(self.aid_type_id)

    def _prepare_move(self):
        """Values of the payable entry. Its words are the number and nothing else: a
        bank or a vendor reads them."""
        self.ensure_one()
        company, payee = self.company_id, self.payee_id
        return company._beneficiary_entry(
            self.date,
            self.name,
            [
                {
                    "account_id": self._get_expense_account().id,
                    "debit": self.amount,
                    "analytic_distribution": self.fund_id._distribution(),
                },
                {
                    "account_id": company._beneficiary_payable(payee).id,
                    "partner_id": payee.id,
                    "credit": self.amount,
                    "date_maturity": self.date,
                },
            ],
        )

    # === Releasing === #

    def _check_may_release(self, user):
        """Refuse a release, with the reason.

        :param user: ``res.users`` who pays
        :raise UserError: names the disbursement
        """
        self._check_ceiling()
        for disbursement in self:
            if disbursement.state != "due":
                raise UserError(
                    self.env._(
                        "%(number)s is %(state)s: only a due disbursement can be "
                        "released.",
                        number=disbursement.name,
                        state=disbursement._get_state_label(),
                    )
                )
        for reason in self._get_release_refusals(user).values():
            raise UserError(reason)
        self._check_payees()

    def _get_held(self):
        """Return those whose payee's bank account is being changed, in one query."""
        payees = self.payee_id | self.payee_bank_id.partner_id
        held = self.env["beneficiary.beneficiary"]._payees_held(payees)
        return self.filtered(
            lambda one: (one.payee_id | one.payee_bank_id.partner_id) & held
        )

    def _get_hold_refusals(self):
        """Why payments must wait, whoever pays.

        :return: ``{disbursement: reason}``
        """
        return {
            disbursement: self.env._(
                "%(number)s: the payee's bank account is being changed. The payment "
                "waits until a second person confirmed or refused the new account.",
                number=disbursement.display_name,
            )
            for disbursement in self._get_held()
        }

    def _check_payees(self):
        """Refuse to pay while an account is being changed, also at the same time, and
        to pay somebody who does not receive for the person any more.

        :raise UserError: names the disbursement and the remedy
        """
        payees = self.payee_id | self.payee_bank_id.partner_id
        self.env["beneficiary.beneficiary"]._touch_payees(payees)
        reasons = self._get_hold_refusals() | self._get_scope_refusals()
        for reason in reasons.values():
            raise UserError(reason)

    def _note_release(self, user):
        """Check and note who pays, called when a payment meets the payable item."""
        self._check_releaser(user)
        for reason in self._get_release_refusals(user).values():
            raise UserError(reason)
        self._check_payees()
        self.write({"released_by_id": user.id})

    def _check_releaser(self, user):
        """Refuse whoever is no releaser; Odoo itself may pay."""
        if user._is_superuser() or user.has_group(
            "beneficiary_aid.group_finance_releaser"
        ):
            return
        raise AccessError(
            self.env._(
                "%(numbers)s: only a finance releaser pays a disbursement.",
                numbers=format_list(self.env, self.mapped("display_name")),
            )
        )

    def _take_back_rejected_payments(self):
        """Take payments back that the bank rejected, so that the payable is open again.

        Their entries are reversed and not deleted: they have a number, and others
        follow it.
        """
        payments = self.move_line_id.matched_debit_ids.debit_move_id.payment_id
        moves = payments.filtered(lambda payment: payment.state == "rejected").move_id
        if moves:
            moves._reverse_moves(
                [
                    {
                        "ref": self.env._("Reversal of %(number)s", number=move.name),
                        "date": fields.Date.context_today(self),
                    }
                    for move in moves
                ],
                cancel=True,
            )

    # === Helpers === #

    def _check_role(self, group):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(group)
