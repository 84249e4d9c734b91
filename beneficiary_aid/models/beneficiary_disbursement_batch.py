import hashlib

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .beneficiary_sliced_mixin import AT_ONCE

# More refusals than this nobody reads at once.
MAX_REASONS = 20


class BeneficiaryDisbursementBatch(models.Model):
    """Many disbursements paid together: one entry, two signatures, one bank file.

    ==========  ========  ========================================================
    step        role      what it does
    ==========  ========  ========================================================
    gather      clerk     picks what is ready to pay
    prepare     clerk     checks everybody, posts what is not posted in one entry,
                          and freezes the control totals
    sign        releaser  two of them (domain.md, joint signature); neither prepared
                          any of it, nor voted on it
    pay         -         follows the second signature: one outgoing entry
    export      releaser  the bank file, once; later the same file again
    ==========  ========  ========================================================

    Whether money arrived is never typed in: a line is paid when the bank statement
    proves the outgoing entry, and rejected when the bank's result file says so.
    """

    _name = "beneficiary.disbursement.batch"
    _description = "Disbursement Batch"
    _inherit = [
        "beneficiary.posted.mixin",
        "beneficiary.sliced.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _working_steps = ("posting", "paying")
    _work_cron = "beneficiary_aid.ir_cron_disbursement_batch"
    _never_typed = frozenset(
        {
            "content_hash",
            "control_amount",
            "control_count",
            "entry_id",
            "export_amount",
            "export_count",
            "export_file",
            "export_filename",
            "export_hash",
            "exported_by_id",
            "exported_on",
            "first_released_on",
            "first_releaser_id",
            "is_cancelled",
            "move_id",
            "move_line_id",
            "name",
            "prepared_by_id",
            "prepared_on",
            "problem",
            "second_released_on",
            "second_releaser_id",
            "state",
            "step",
        }
    )
    _fixed_after_draft = frozenset({"company_id", "date", "journal_id", "booking"})

    name = fields.Char(string="Number")
    move_id = fields.Many2one(string="Outgoing Entry")
    move_line_id = fields.Many2one(
        string="Item for the Bank",
        help="What the bank statement has to prove when it shows the whole batch as "
        "one line.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        copy=False,
        tracking=True,
        help="Day of the entries, and of the payment in the bank file.",
    )
    journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Bank",
        required=True,
        check_company=True,
        domain="[('type', '=', 'bank')]",
        default=lambda self: self._default_journal_id(),
        tracking=True,
    )
    booking = fields.Selection(
        selection=[
            ("total", "One line for the batch"),
            ("line", "A line for each payee"),
        ],
        string="On the Bank Statement",
        required=True,
        default="total",
        help="How the bank shows the batch on its statement.",
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.disbursement.batch.line",
        inverse_name="batch_id",
    )
    entry_id = fields.Many2one(
        comodel_name="account.move",
        string="Payable Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    step = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("posting", "Being Posted"),
            ("prepared", "To Release"),
            ("paying", "Being Paid"),
            ("released", "Released"),
            ("exported", "At the Bank"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("posting", "Being Posted"),
            ("prepared", "To Release"),
            ("paying", "Being Paid"),
            ("released", "Released"),
            ("exported", "At the Bank"),
            ("settled", "Settled"),
            ("cancelled", "Cancelled"),
        ],
        string="Status",
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
        help="Settled: the bank statement shows every payment that the bank did not "
        "reject.",
    )

    # Gathering
    fund_ids = fields.Many2many(
        comodel_name="beneficiary.fund",
        string="Funds",
        check_company=True,
        help="Leave empty for all funds.",
    )
    aid_type_ids = fields.Many2many(
        comodel_name="beneficiary.aid.type",
        relation="beneficiary_disbursement_batch_aid_type_rel",
        string="Aid Types",
        check_company=True,
        help="Leave empty for all types.",
    )
    branch_ids = fields.Many2many(
        comodel_name="beneficiary.branch",
        relation="beneficiary_disbursement_batch_branch_rel",
        string="Branches",
        check_company=True,
        help="Leave empty for all branches.",
    )
    date_to = fields.Date(
        string="Due Until",
        help="Gather what is dated up to this day. Empty: everything.",
    )

    # Control totals
    line_count = fields.Integer(compute="_compute_totals")
    amount_total = fields.Monetary(string="Total", compute="_compute_totals")
    sent_amount = fields.Monetary(string="Sent", compute="_compute_totals")
    paid_amount = fields.Monetary(string="Paid", compute="_compute_totals")
    paid_count = fields.Integer(compute="_compute_totals")
    rejected_amount = fields.Monetary(string="Rejected", compute="_compute_totals")
    rejected_count = fields.Integer(compute="_compute_totals")
    progress = fields.Float(
        compute="_compute_progress",
        help="Share of the payees whose items are made, in hundredths.",
    )
    control_count = fields.Integer(
        string="Payees Released",
        readonly=True,
        copy=False,
        help="Number of payees when the batch was prepared.",
    )
    control_amount = fields.Monetary(
        string="Control Total",
        readonly=True,
        copy=False,
        default=0.0,
        required=True,
    )
    content_hash = fields.Char(
        string="Seal",
        readonly=True,
        copy=False,
        help="Fingerprint (SHA-256) of payees, accounts and amounts as they were "
        "prepared. Both signatures are given to this content.",
    )

    # People
    prepared_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    prepared_on = fields.Datetime(readonly=True, copy=False)
    first_releaser_id = fields.Many2one(
        comodel_name="res.users",
        string="First Signature",
        readonly=True,
        copy=False,
        tracking=True,
    )
    first_released_on = fields.Datetime(
        string="First Signed on", readonly=True, copy=False
    )
    second_releaser_id = fields.Many2one(
        comodel_name="res.users",
        string="Second Signature",
        readonly=True,
        copy=False,
        tracking=True,
    )
    second_released_on = fields.Datetime(
        string="Second Signed on", readonly=True, copy=False
    )
    release_refusal = fields.Char(compute="_compute_release_refusal")

    _two_people = models.Constraint(
        "CHECK(first_releaser_id <> second_releaser_id)",
        "Two different people release a batch.",
    )
    _first_before_second = models.Constraint(
        "CHECK(second_releaser_id IS NULL OR first_releaser_id IS NOT NULL)",
        "The second signature follows the first one.",
    )
    _paid_by_two = models.Constraint(
        "CHECK(step NOT IN ('paying', 'released', 'exported')"
        " OR second_releaser_id IS NOT NULL)",
        "Nothing is paid before two people released the batch.",
    )
    _control_bounds = models.Constraint(
        "CHECK(control_amount >= 0 AND control_amount < 1e15)",
        "The control total is out of bounds.",
    )
    _working_idx = models.Index("(step) WHERE step IN ('posting', 'paying')")

    # === Defaults === #

    @api.model
    def _default_journal_id(self):
        journals = self.env["account.journal"]
        return journals.search(
            [*journals._check_company_domain(self.env.company), ("type", "=", "bank")],
            limit=1,
        )

    # === Compute === #

    @api.depends("step", "line_ids.outcome")
    def _compute_state(self):
        waiting = self._count_lines([("outcome", "in", ("waiting", "sent"))])
        for batch in self:
            batch.state = (
                "settled"
                if batch.step in ("released", "exported")
                and not waiting.get(batch._origin)
                else batch.step
            )

    def _count_lines(self, domain):
        """Number of lines of saved batches that meet a domain: ``{batch: number}``."""
        # As superuser: a state is the same for everybody.
        return dict(
            self.env["beneficiary.disbursement.batch.line"]
            .sudo()
            ._read_group(
                [("batch_id", "in", self._origin.ids), *domain],
                ["batch_id"],
                ["__count"],
            )
        )

    @api.depends("line_ids.amount", "line_ids.outcome")
    def _compute_totals(self):
        rows = self.env["beneficiary.disbursement.batch.line"]._read_group(
            [("batch_id", "in", self._origin.ids)],
            ["batch_id", "outcome"],
            ["__count", "amount:sum"],
        )
        totals = {(batch, outcome): sums for batch, outcome, *sums in rows}
        nothing = (0, 0.0)
        for batch in self:
            sums = {
                outcome: totals.get((batch._origin, outcome), nothing)
                for outcome in ("waiting", "sent", "paid", "rejected")
            }
            batch.line_count = sum(count for count, _amount in sums.values())
            batch.amount_total = sum(amount for _count, amount in sums.values())
            batch.sent_amount = sums["sent"][1]
            batch.paid_count, batch.paid_amount = sums["paid"]
            batch.rejected_count, batch.rejected_amount = sums["rejected"]

    @api.depends("step", "line_ids.outcome", "line_ids.disbursement_id.move_line_id")
    def _compute_progress(self):
        domains = {
            "posting": [("disbursement_id.move_line_id", "!=", False)],
            "paying": [("outcome", "!=", "waiting")],
        }
        for batch in self:
            domain = domains.get(batch.step)
            done = batch._count_lines(domain).get(batch._origin, 0) if domain else 0
            count = batch.line_count
            batch.progress = 100.0 * done / count if domain and count else 0.0

    @api.depends("step", "prepared_by_id", "first_releaser_id")
    @api.depends_context("uid")
    def _compute_release_refusal(self):
        for batch in self:
            refusals = (
                batch._get_release_refusals(self.env.user)
                if batch.step == "prepared"
                else []
            )
            batch.release_refusal = refusals[0] if refusals else False

    # === CRUD === #

    def _complete_new(self, vals_list):
        for vals in vals_list:
            vals["prepared_by_id"] = self.env.uid
        self.env["ir.sequence"]._number_vals(self._name, "name", vals_list)

    def write(self, vals):
        if vals.keys() & self._fixed_after_draft:
            for batch in self:
                if batch.step != "draft":
                    raise UserError(
                        self.env._(
                            "%(number)s is prepared already. Take it back to draft to "
                            "change it.",
                            number=batch.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for batch in self:
            if batch.step != "draft":
                raise UserError(
                    self.env._(
                        "%(number)s was prepared and is kept. Cancel it instead.",
                        number=batch.name,
                    )
                )

    # === Actions === #

    def action_gather(self):
        """Add everything that is ready to be paid and meets the filters.

        :raise UserError: when nothing is ready, saying what was looked for
        """
        self.ensure_one()
        self._check_clerk()
        self._check_draft()
        found = self.env["beneficiary.disbursement"].search(self._get_ready_domain())
        if not found:
            raise UserError(
                self.env._(
                    "No disbursement is ready for these filters: to post or due, not "
                    "held, and in no other batch."
                )
            )
        self._add(found)

    def action_leave_out(self):
        """Take those out of a draft batch who cannot be paid in it; they stay ready
        for a later one.

        :return: what was left out, shown to the user and kept with the batch
        """
        self.ensure_one()
        self._check_clerk()
        self._check_draft()
        self._touch()
        reasons = self.line_ids.disbursement_id._get_batch_refusals(self)
        if reasons:
            self.line_ids.filtered(
                lambda line: line.disbursement_id in reasons
            ).unlink()
            self.message_post(body=Markup("<br/>").join(reasons.values()))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if reasons else "info",
                "message": self.env._(
                    "%(count)s left out, %(rest)s stay in the batch. The reasons are "
                    "noted on it.",
                    count=len(reasons),
                    rest=len(self.line_ids),
                )
                if reasons
                else self.env._("Everybody in this batch can be paid."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_prepare(self):
        """Check every payee, post what is not posted, and freeze the totals.

        :raise UserError: naming each disbursement that cannot be paid, and why
        """
        for batch in self:
            batch._check_clerk()
            batch._check_draft()
            batch._prepare()

    def action_back_to_draft(self):
        """Take a batch that is not released back, to change it.

        What was posted stays posted: it is due, with or without the batch.
        """
        for batch in self:
            batch._check_clerk()
            batch._touch()
            if batch.step != "prepared":
                raise UserError(
                    self.env._(
                        "%(number)s is %(state)s: only a batch that waits for its "
                        "release goes back to draft.",
                        number=batch.name,
                        state=batch._get_state_label(),
                    )
                )
            # Steps and signatures are not typed in; the role is checked above.
            batch.sudo().write({"step": "draft", **batch._no_signatures()})

    def action_cancel(self):
        """Cancel a batch of which nothing is paid; its disbursements are free again."""
        for batch in self:
            batch._check_clerk()
            batch._touch()
            if batch.step not in ("draft", "prepared"):
                raise UserError(
                    self.env._(
                        "%(number)s is %(state)s and cannot be cancelled any more.",
                        number=batch.name,
                        state=batch._get_state_label(),
                    )
                )
            # As above.
            batch_sudo = batch.sudo()
            batch_sudo.line_ids.is_live = False
            batch_sudo.write(
                {"step": "cancelled", "is_cancelled": True, **batch._no_signatures()}
            )

    def action_release(self):
        """Sign; the second signature pays.

        :raise AccessError: when the user is no finance releaser
        :raise UserError: when he prepared any of it, voted on it, or signed already
        """
        for batch in self:
            batch._check_releaser()
            batch._touch()
            batch._sign(self.env.user)

    def action_continue(self):
        """Go on with a batch that stopped, or is still being worked on."""
        for batch in self:
            batch.check_access("write")
            self.env["beneficiary.beneficiary"]._require_group(
                "beneficiary_aid.group_finance_clerk",
                "beneficiary_aid.group_finance_releaser",
            )
            batch.sudo().problem = False
            batch._work_or_schedule(batch.control_count)

    def action_stop_posting(self):
        """Give up a batch that is being posted; nothing of it was posted."""
        for batch in self:
            batch._check_clerk()
            batch._touch()
            if batch.step == "posting":
                batch._drop_payable_entry()
                batch.sudo().write({"step": "draft", "problem": False})

    def action_open_lines(self):
        """Open the payees of the batch."""
        return self._open("beneficiary_aid.beneficiary_disbursement_batch_line_action")

    def action_open_rejected(self):
        """Open the payees whose payment the bank rejected."""
        action = self._open(
            "beneficiary_aid.beneficiary_disbursement_batch_line_action"
        )
        action["context"] = {"create": False, "search_default_rejected": 1}
        return action

    def action_open_entries(self):
        """Open the entries of the batch."""
        self.ensure_one()
        self.check_access("read")
        moves = self.entry_id | self.move_id | self.line_ids.rejection_line_id.move_id
        return moves._get_records_action(name=self.env._("Journal Entries"))

    def _open(self, xmlid):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        action["domain"] = [("batch_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    # === Gathering === #

    def _get_ready_domain(self):
        """What may be paid now and meets the filters of the batch."""
        self.ensure_one()
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("draft", "due")),
                (
                    "request_id",
                    "any",
                    self.env["beneficiary.aid.request"]._payable_domain(),
                ),
                ("is_in_batch", "=", False),
                ("is_held", "=", False),
            ]
        )
        funds = self.fund_ids or self.env["beneficiary.fund"].search(
            [("company_id", "=", self.company_id.id)]
        )
        # Money kept on a bank account of its own is not gathered for another one.
        usable = funds.filtered(lambda fund: fund._may_use(self.journal_id))
        domain &= Domain("fund_id", "in", usable.ids)
        for path, records in (
            ("aid_type_id", self.aid_type_ids),
            ("request_id.branch_id", self.branch_ids),
        ):
            if records:
                domain &= Domain(path, "in", records.ids)
        if self.date_to:
            domain &= Domain("date", "<=", self.date_to)
        return domain

    def _add(self, disbursements):
        """Put disbursements into the batch; those in it already are left alone."""
        self._touch()
        known = self.line_ids.disbursement_id
        self.env["beneficiary.disbursement.batch.line"].create(
            [
                {"batch_id": self.id, "disbursement_id": disbursement.id}
                for disbursement in disbursements - known
            ]
        )

    # === Preparing === #

    def _prepare(self):
        self._touch()
        if not self.line_ids:
            raise UserError(
                self.env._(
                    "%(number)s has no payees. Press Gather, or add disbursements.",
                    number=self.name,
                )
            )
        disbursements = self.line_ids.disbursement_id
        disbursements.request_id._touch_money()
        disbursements._touch()
        self._check_journal()
        self._check_payable()
        # Steps, seals and people are not typed in; the role is checked above.
        self.sudo().write(
            {
                "step": "posting",
                "problem": False,
                "prepared_by_id": self.env.uid,
                "prepared_on": fields.Datetime.now(),
                "control_count": len(disbursements),
                "control_amount": self.currency_id.round(
                    sum(disbursements.mapped("amount"))
                ),
                "content_hash": self._get_content_hash(),
                **self._no_signatures(),
            }
        )
        if self.control_count > AT_ONCE:
            self._analyze()
        self._work_or_schedule(self.control_count)

    def _check_journal(self):
        """Refuse what no payee can help: the bank, its money, the period.

        :raise UserError: naming the batch and the remedy
        """
        journal, company = self.journal_id, self.company_id
        aid_journal = company._beneficiary_required("beneficiary_aid_journal_id")
        for one in (journal, aid_journal):
            if not one.active:
                raise UserError(
                    self.env._(
                        "%(number)s: the journal %(journal)s is archived. Choose "
                        "another one, or restore it.",
                        number=self.name,
                        journal=one.display_name,
                    )
                )
        if (journal.currency_id or company.currency_id) != company.currency_id:
            raise UserError(
                self.env._(
                    "%(number)s: the bank %(journal)s is in another currency. Aid is "
                    "paid in %(currency)s.",
                    number=self.name,
                    journal=journal.display_name,
                    currency=company.currency_id.name,
                )
            )
        self.line_ids.fund_id._check_journal(journal)
        company._beneficiary_check_period(self.date, self.name, aid_journal)

    def _check_payable(self):
        """Refuse the batch when any of its payees cannot be paid.

        :raise UserError: naming each disbursement, and why
        """
        reasons = self.line_ids.disbursement_id._get_batch_refusals(self)
        self._raise_reasons(list(reasons.values()))

    def _raise_reasons(self, reasons):
        if not reasons:
            return
        shown = reasons[:MAX_REASONS]
        if len(reasons) > MAX_REASONS:
            shown.append(
                self.env._(
                    "%(count)s more. Correct these first.",
                    count=len(reasons) - MAX_REASONS,
                )
            )
        raise UserError("\n".join(shown))

    def _get_content_hash(self):
        """Fingerprint of what is signed: payee, account and amount of each line."""
        digest = hashlib.sha256()
        for line in self.line_ids.sorted(lambda line: line.disbursement_id.id):
            one = line.disbursement_id
            digest.update(
                "|".join(
                    (
                        one.name,
                        str(one.payee_id.id),
                        one._get_paid_to(),
                        f"{one.amount:.2f}",
                    )
                ).encode()
                + b"\n"
            )
        return digest.hexdigest()

    def _check_content(self):
        """Refuse to go on with other payees, accounts or amounts than were prepared."""
        if self._get_content_hash() != self.content_hash:
            raise UserError(
                self.env._(
                    "%(number)s: a payee, a bank account or an amount changed since "
                    "the batch was prepared. Take it back to draft and prepare it "
                    "again.",
                    number=self.name,
                )
            )

    # === Releasing === #

    def _sign(self, user):
        """Add a signature; after the second one the batch is paid."""
        if self.step != "prepared":
            raise UserError(
                self.env._(
                    "%(number)s is %(state)s: there is nothing to release.",
                    number=self.name,
                    state=self._get_state_label(),
                )
            )
        self._raise_reasons(self._get_release_refusals(user))
        self._check_journal()
        self._check_content()
        disbursements = self.line_ids.disbursement_id
        disbursements._touch()
        # A debt paid, a person held or a mandate ended since it was prepared.
        self._check_payable()
        disbursements._check_payees()
        now = fields.Datetime.now()
        # Signatures are not typed in; who gives them is checked above.
        if not self.first_releaser_id:
            self.sudo().write({"first_releaser_id": user.id, "first_released_on": now})
            return
        self.sudo().write(
            {
                "second_releaser_id": user.id,
                "second_released_on": now,
                "step": "paying",
                "problem": False,
            }
        )
        disbursements.sudo().with_context(mail_notrack=True).write(
            {"released_by_id": user.id}
        )
        self._work_or_schedule(self.control_count)

    def _get_release_refusals(self, user):
        """Why a user may not release the batch; an empty list when he may."""
        self.ensure_one()
        if user._is_superuser():
            return [
                self.env._(
                    "%(number)s: two people release a batch, not the system.",
                    number=self.name,
                )
            ]
        if user in self.first_releaser_id:
            return [
                self.env._(
                    "%(number)s: you signed already. Another releaser gives the "
                    "second signature.",
                    number=self.name,
                )
            ]
        if user in self.prepared_by_id | self.create_uid:
            return [
                self.env._(
                    "%(number)s: whoever prepared a batch does not release it. Ask "
                    "another releaser.",
                    number=self.name,
                )
            ]
        disbursements = self.line_ids.disbursement_id
        return list(disbursements._get_release_refusals(user).values())

    @api.model
    def _no_signatures(self):
        return {
            "first_releaser_id": False,
            "first_released_on": False,
            "second_releaser_id": False,
            "second_released_on": False,
        }

    # === Working === #

    def _work_slice(self):
        # Each slice may be committed by itself: the entry that is being made does not
        # balance before its last payee is in, so nobody can post half of it.
        self.ensure_one()
        # The batch tells what becomes of its payees, not the log of each of them.
        quiet = self.with_context(mail_notrack=True)
        if self.step == "posting":
            return quiet._post_slice()
        if self.step == "paying":
            return quiet._pay_slice()
        return False

    def _note_problem(self, problem):
        res = super()._note_problem(problem)
        self._message_log(body=problem)
        return res

    def _get_worker_user(self):
        return self.second_releaser_id or self.prepared_by_id

    # === Helpers === #

    def _check_releaser(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_releaser"
        )

    def _check_open_for_payees(self):
        """Refuse other payees than those who were checked and signed for."""
        for batch in self:
            if batch.step != "draft":
                raise UserError(
                    self.env._(
                        "%(number)s is prepared already: its payees stay as they are. "
                        "Take it back to draft to change them.",
                        number=batch.name,
                    )
                )

    def _check_draft(self):
        if self.step != "draft":
            raise UserError(self._already_words())

    def _analyze(self):
        """Tell the planner of the database how large the ledger is now.

        Without figures of a ledger that has just grown, matching takes the square of
        the time.
        """
        for table in (
            "account_move_line",
            "account_partial_reconcile",
            "beneficiary_disbursement",
            "beneficiary_disbursement_batch_line",
        ):
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
