from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text
from odoo.addons.beneficiary_relations.tools.touch import touch

from ..tools.schedule import indexed, periods
from ..tools.shares import share_out
from .beneficiary_aid_request_finance import LIVE_STATES

PREPARES = (
    "beneficiary_relations.group_relations_officer",
    "beneficiary_aid.group_finance_clerk",
    "beneficiary_aid.group_aid_manager",
)
NOTE_LENGTH = 1000
DAY_SHARES = 100.0


class BeneficiarySponsorship(models.Model):
    """Aid that comes again and again, with or without sponsors who carry it.

    The committee approves the amount of the whole term; the plan says when it is
    paid. A run makes the instalments that are due, each once: the database holds one
    live disbursement for a day of the plan. What was reversed or cancelled is due
    again; what falls in a pause is left out.

    ==================  =====================================================
    prepare             relations officer, finance clerk, aid manager
    start, stop, renew  aid manager
    pause               aid manager, who also says why
    run                 finance clerk, see ``beneficiary.sponsorship.run``
    ==================  =====================================================

    It stops by itself, saying why: the age limit, a death, a file that is not served
    any more, a review that is overdue, a condition that is not met any more.
    """

    _name = "beneficiary.sponsorship"
    _description = "Sponsorship"
    _inherit = [
        "beneficiary.finance.paper.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _check_company_auto = True
    _order = "date_start desc, id desc"

    _never_typed = frozenset(
        {
            "name",
            "next_date",
            "problem",
            "renewal_of_id",
            "run_id",
            "state",
            "stop_reason",
            "stopped_on",
            "watched_on",
        }
    )
    # The plan was weighed against the approval when it started.
    _plan_fields = frozenset(
        {
            "amount",
            "date_end",
            "date_start",
            "frequency",
            "indexation",
            "request_id",
        }
    )

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('aid_type_id.nature', '=', 'recurring'), ('is_payable', '=', True)]",
        tracking=True,
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    aid_type_id = fields.Many2one(related="request_id.aid_type_id")
    fund_id = fields.Many2one(related="request_id.fund_id")
    amount_approved = fields.Monetary(related="request_id.amount_approved")
    frequency = fields.Selection(
        selection=[
            ("monthly", "Every month"),
            ("quarterly", "Every three months"),
            ("yearly", "Every year"),
        ],
        required=True,
        default="monthly",
    )
    amount = fields.Monetary(string="Instalment", required=True, tracking=True)
    indexation = fields.Float(
        string="Yearly Rise (%)",
        digits=(5, 2),
        help="By how much the instalment rises on each anniversary of the start.",
    )
    date_start = fields.Date(
        string="First Instalment",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_end = fields.Date(string="Last Day", required=True, tracking=True)
    age_limit = fields.Integer(
        string="Ends at Age", help="The birthday it ends on. 0: no limit."
    )
    stop_when_review_late = fields.Boolean(
        string="Stops When the Review Is Overdue", default=True
    )
    criterion_ids = fields.Many2many(
        comodel_name="beneficiary.criterion",
        string="Conditions to Go on",
        check_company=True,
        domain="[('kind', '=', 'automatic')]",
        help="Looked at every day. It stops when one of them is not met any more.",
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.sponsorship.sponsor",
        inverse_name="sponsorship_id",
        string="Sponsors",
        copy=True,
    )
    sponsor_count = fields.Integer(compute="_compute_sponsor_count")
    pause_ids = fields.One2many(
        comodel_name="beneficiary.sponsorship.pause",
        inverse_name="sponsorship_id",
        string="Pauses",
    )
    is_paused = fields.Boolean(string="Paused", compute="_compute_is_paused")
    disbursement_ids = fields.One2many(
        comodel_name="beneficiary.disbursement",
        inverse_name="sponsorship_id",
        string="Instalments",
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("ended", "Ended"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    stop_reason = fields.Selection(
        selection=[
            ("manual", "Stopped by a person"),
            ("death", "The person died"),
            ("file", "The file is not served any more"),
            ("age", "Age limit reached"),
            ("review", "Review overdue"),
            ("condition", "A condition is not met any more"),
        ],
        string="Why It Stopped",
        readonly=True,
        copy=False,
        tracking=True,
    )
    stop_note = fields.Text(string="Note on the Stop", copy=False)
    stopped_on = fields.Date(readonly=True, copy=False)
    next_date = fields.Date(
        string="Next Instalment",
        compute="_compute_next_date",
        store=True,
        index="btree_not_null",
        help="The first day of the plan that has no live disbursement.",
    )
    planned_amount = fields.Monetary(
        string="Still to Come",
        compute="_compute_planned_amount",
        help="The instalments of the plan that are not made yet.",
    )
    disbursed_amount = fields.Monetary(
        string="Disbursed", compute="_compute_planned_amount"
    )
    problem = fields.Char(readonly=True, copy=False)
    run_id = fields.Many2one(
        comodel_name="beneficiary.sponsorship.run",
        string="Last Run",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    watched_on = fields.Date(readonly=True, copy=False)
    renewal_of_id = fields.Many2one(
        comodel_name="beneficiary.sponsorship",
        string="Renews",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    renewal_ids = fields.One2many(
        comodel_name="beneficiary.sponsorship",
        inverse_name="renewal_of_id",
        string="Renewed by",
    )

    _amount_bounds = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e12)",
        "The instalment of a sponsorship must be above zero.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_start <= date_end)",
        "A sponsorship ends after it begins. Correct one of the days.",
    )
    _indexation_bounds = models.Constraint(
        "CHECK(indexation >= 0 AND indexation <= 100)",
        "The yearly rise is a number from 0 to 100.",
    )
    _age_bounds = models.Constraint(
        "CHECK(age_limit >= 0 AND age_limit <= 150)",
        "The age at which a sponsorship ends is a number from 0 to 150.",
    )
    _stop_explained = models.Constraint(
        "CHECK(state <> 'stopped' OR stop_reason IS NOT NULL)",
        "Say why the sponsorship stops.",
    )
    _one_renewal = models.UniqueIndex(
        "(renewal_of_id) WHERE renewal_of_id IS NOT NULL",
        "This sponsorship was renewed already. Open the renewal.",
    )
    _due_idx = models.Index("(company_id, next_date) WHERE state = 'running'")

    # === Computes === #

    def _compute_sponsor_count(self):
        for sponsorship in self:
            sponsorship.sponsor_count = len(sponsorship.line_ids)

    @api.depends("pause_ids.date_from", "pause_ids.date_to")
    def _compute_is_paused(self):
        today = self._today()
        for sponsorship in self:
            sponsorship.is_paused = any(
                pause.date_from <= today <= (pause.date_to or today)
                for pause in sponsorship.pause_ids.filtered("date_from")
            )

    @api.depends(
        "state",
        "date_start",
        "date_end",
        "frequency",
        "pause_ids.date_from",
        "pause_ids.date_to",
        "disbursement_ids.state",
        "disbursement_ids.period_date",
    )
    def _compute_next_date(self):
        open_days = self.filtered(lambda one: one.state == "running")._open_days()
        for sponsorship in self:
            sponsorship.next_date = next(iter(open_days.get(sponsorship, ())), False)

    @api.depends(
        "amount",
        "date_start",
        "date_end",
        "frequency",
        "indexation",
        "pause_ids.date_from",
        "pause_ids.date_to",
        "disbursement_ids.state",
        "disbursement_ids.amount",
    )
    def _compute_planned_amount(self):
        open_days = self._open_days()
        # The same figures for whoever reads the plan.
        totals = dict(
            self.env["beneficiary.disbursement"]
            .sudo()
            ._read_group(
                [
                    ("sponsorship_id", "in", self._origin.ids),
                    ("state", "in", LIVE_STATES),
                ],
                ["sponsorship_id"],
                ["amount:sum"],
            )
        )
        for one in self:
            one.planned_amount = sum(one._amount_on(day) for day in open_days[one])
            one.disbursed_amount = totals.get(one._origin, 0.0)

    @api.depends("name")
    def _compute_display_name(self):
        for sponsorship in self:
            sponsorship.display_name = sponsorship.name or self.env._("New Sponsorship")

    # === Constraints === #

    @api.constrains("request_id")
    def _check_request(self):
        for sponsorship in self:
            if sponsorship.request_id.aid_type_id.nature != "recurring":
                raise ValidationError(
                    self.env._(
                        "%(request)s asks for help that is given once. Only recurring "
                        "help is sponsored.",
                        request=sponsorship.request_id.display_name,
                    )
                )

    @api.constrains("line_ids", "date_start", "date_end")
    def _check_shares(self):
        """Whoever sponsors on a day carries all of it together."""
        for sponsorship in self:
            for day in sponsorship._share_days():
                shares = sum(sponsorship.line_ids._on(day).mapped("share"))
                if shares and round(shares - DAY_SHARES, 2):
                    raise ValidationError(
                        self.env._(
                            "%(number)s: the shares of the sponsors on %(day)s make "
                            "%(shares)s %%. Together they carry 100 %%.",
                            number=sponsorship.display_name,
                            day=format_date(self.env, day),
                            shares=round(shares, 2),
                        )
                    )

    def _share_days(self):
        """The days on which a share begins, and those after one ends."""
        self.ensure_one()
        days = {self.date_start}
        for line in self.line_ids:
            if line.date_from:
                days.add(line.date_from)
            if line.date_to:
                days.add(fields.Date.add(line.date_to, days=1))
        return sorted(day for day in days if self.date_start <= day <= self.date_end)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_typed(vals)
        self.env["beneficiary.aid.request"]._number_papers(self._name, vals_list)
        sponsorships = super(
            BeneficiarySponsorship, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        return sponsorships.with_env(self.env)

    def write(self, vals):
        vals = self._clean_vals(vals)
        self._check_typed(vals)
        if vals.keys() & self._plan_fields and not self.env.su:
            for sponsorship in self:
                if sponsorship.state != "draft":
                    raise UserError(
                        self.env._(
                            "%(number)s has begun: its plan stays. Stop it and enter "
                            "a new one, or renew it.",
                            number=sponsorship.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for sponsorship in self:
            if sponsorship.state != "draft":
                raise UserError(
                    self.env._(
                        "%(number)s has begun and is kept. Stop it instead.",
                        number=sponsorship.name,
                    )
                )

    def _check_typed(self, vals):
        if not vals.keys() & self._never_typed:
            return
        if not self.env.su and not is_anonymising(self.env):
            raise UserError(
                self.env._(
                    "Number, state and what becomes of a sponsorship are not typed in. "
                    "Use its buttons."
                )
            )

    def _clean_vals(self, vals):
        vals = dict(vals)
        if vals.get("amount") is not None:
            vals["amount"] = self.env.company._beneficiary_amount(vals["amount"])
        if vals.get("stop_note"):
            try:
                vals["stop_note"] = clean_text(
                    vals["stop_note"], NOTE_LENGTH, multiline=True
                )
            except ValueError as error:
                raise ValidationError(
                    self.env._("The note on the stop is too long. Shorten it.")
                ) from error
        return vals

    # === Actions === #

    def action_start(self):
        """Begin: the whole term is weighed against the approved amount.

        :raise AccessError: when the user does not manage aid
        :raise UserError: naming what is missing
        """
        self._check_manager()
        touch(self)
        for sponsorship in self:
            sponsorship._check_step("draft")
        self._begin()

    def action_resume(self):
        """Go on with a stopped sponsorship whose reason is gone.

        :raise UserError: when the reason is still there
        """
        self._check_manager()
        touch(self)
        for sponsorship in self:
            sponsorship._check_step("stopped")
        self._begin()

    def action_stop(self):
        """Stop; nothing more is paid. The note says why.

        :raise UserError: without a note
        """
        self._check_manager()
        touch(self)
        for sponsorship in self:
            sponsorship._check_step("running")
            if not sponsorship.stop_note:
                raise UserError(
                    self.env._(
                        "%(number)s: write down why it stops first.",
                        number=sponsorship.name,
                    )
                )
        self._stop(dict.fromkeys(self, "manual"))

    def action_renew(self):
        """Prepare the next term, with the instalment as it has risen by then.

        It starts when the decision covers it: a new one, or what is left.

        :return: the renewal
        """
        self.ensure_one()
        self._check_manager()
        touch(self)
        if self.state not in ("running", "ended"):
            self._check_step("running")
        start = fields.Date.add(self.date_end, days=1)
        renewal = self.copy(
            {
                "amount": self._amount_on(start),
                "date_start": start,
                "date_end": start + (self.date_end - self.date_start),
                "line_ids": [
                    fields.Command.create(
                        {"partner_id": line.partner_id.id, "share": line.share}
                    )
                    for line in self.line_ids._on(self.date_end)
                ],
            }
        )
        # Where it comes from is not typed in; the role is checked above.
        renewal.sudo().renewal_of_id = self
        return renewal._get_records_action(name=self.env._("Renewal"))

    def action_open_instalments(self):
        """Open the disbursements of the plan."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_disbursement_action"
        )
        action["domain"] = [("sponsorship_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_open_request(self):
        """Open the request it is paid for."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))

    # === The plan === #

    def _open_days(self):
        """Return the days of the plans that have no live disbursement yet.

        :return: ``{sponsorship: [day]}``, in one query for all
        """
        # An instalment counts, also one the user may not read.
        rows = (
            self.env["beneficiary.disbursement"]
            .sudo()
            ._read_group(
                [
                    ("sponsorship_id", "in", self._origin.ids),
                    ("state", "in", LIVE_STATES),
                ],
                ["sponsorship_id"],
                ["period_date:array_agg"],
            )
        )
        made = {sponsorship.id: set(days) for sponsorship, days in rows}
        return {
            one: [day for day in one._days() if day not in made.get(one._origin.id, ())]
            for one in self
        }

    def _days(self):
        self.ensure_one()
        if not (self.date_start and self.date_end and self.frequency):
            return []
        return periods(
            self.date_start,
            self.date_end,
            self.frequency,
            [
                (pause.date_from, pause.date_to)
                for pause in self.pause_ids.filtered("date_from")
            ],
        )

    def _amount_on(self, day):
        """The instalment of a day, rounded as money."""
        self.ensure_one()
        amount = indexed(self.amount, self.indexation, self.date_start, day)
        return self.currency_id.round(amount)

    # === Beginning and ending === #

    def _begin(self):
        self.request_id._touch_money()
        day = self._today()
        for sponsorship, reason in self._stop_reasons(day).items():
            raise UserError(
                self.env._(
                    "%(number)s cannot run: %(reason)s.",
                    number=sponsorship.name,
                    reason=sponsorship._reason_label(reason),
                )
            )
        # The step is not typed in; the role is checked by the callers.
        self.sudo().write(
            {
                "state": "running",
                "stop_reason": False,
                "stop_note": False,
                "stopped_on": False,
                "problem": False,
                "watched_on": day,
            }
        )
        self._check_cover()

    def _check_cover(self):
        """Refuse more than was approved: made, and still to come of every plan.

        :raise UserError: naming the request
        """
        for request in self.request_id:
            plans = self.search(
                [("request_id", "=", request.id), ("state", "=", "running")]
            )
            if not request._is_payable():
                raise UserError(
                    self.env._(
                        "%(request)s is not approved, or closed. Nothing is planned "
                        "without a decision.",
                        request=request.display_name,
                    )
                )
            total = request._get_given_amount() + sum(plans.mapped("planned_amount"))
            currency = request.currency_id
            if currency.compare_amounts(total, request.amount_approved) > 0:
                raise UserError(
                    self.env._(
                        "%(request)s: what was given and what is planned make "
                        "%(total)s, approved are %(approved)s. Shorten the term, or "
                        "ask for a new decision.",
                        request=request.display_name,
                        total=currency.format(total),
                        approved=currency.format(request.amount_approved),
                    )
                )

    def _stop_reasons(self, day):
        """Why sponsorships stop on a day; one query for each condition.

        :return: ``{sponsorship: reason}``
        """
        # Why aid stops is looked up for the association, whoever runs it.
        files = {one: one.sudo().beneficiary_id for one in self}
        unmet = self._unmet()
        reasons = {}
        for one, file in files.items():
            born = file.birth_date
            birthday = born and fields.Date.add(born, years=one.age_limit)
            review = file.next_review_date
            if file.death_date:
                reasons[one] = "death"
            elif file.state in ("suspended", "closed"):
                reasons[one] = "file"
            elif one.age_limit and birthday and birthday <= day:
                reasons[one] = "age"
            elif one.stop_when_review_late and review and review < day:
                reasons[one] = "review"
            elif one in unmet:
                reasons[one] = "condition"
        return reasons

    def _unmet(self):
        """Those with a condition that is not met any more."""
        unmet = self.browse()
        # Conditions are asked for the association, whoever runs it.
        plans = self.sudo()
        for criterion in plans.criterion_ids:
            asked = plans.filtered(lambda one, by=criterion: by in one.criterion_ids)
            results = criterion._evaluate_one(asked.beneficiary_id)
            failing = {
                file.id for file, (result, _v) in results.items() if result == "not_met"
            }
            unmet |= asked.filtered(
                lambda one, ids=failing: one.beneficiary_id.id in ids
            ).sudo(False)
        return unmet

    def _stop(self, reasons):
        """Stop sponsorships and ask whoever is responsible to look.

        :param dict reasons: ``{sponsorship: reason}``
        """
        day = self._today()
        by_reason = {}
        for sponsorship, reason in reasons.items():
            by_reason.setdefault(reason, self.browse())
            by_reason[reason] |= sponsorship
        for reason, sponsorships in by_reason.items():
            # The step is not typed in; a person's role is checked by the buttons.
            sponsorships.sudo().write(
                {"state": "stopped", "stop_reason": reason, "stopped_on": day}
            )
            if reason != "manual":
                sponsorships.sudo()._ask_to_look()

    def _ask_to_look(self):
        for sponsorship in self:
            request = sponsorship.request_id
            user = request.user_id or request.researcher_id
            if user:
                in_words = user._in_own_language(sponsorship)
                in_words.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=in_words.env._("A sponsorship stopped: look at it"),
                    user_id=user.id,
                )

    def _reason_label(self, reason):
        return dict(self._fields["stop_reason"]._description_selection(self.env))[
            reason
        ]

    @api.model
    def _cron_watch(self):
        """Stop what has to stop, and end what is over, once a day."""
        today = self._today()
        self.env["ir.cron"]._in_slices(
            self,
            [
                ("state", "=", "running"),
                "|",
                ("watched_on", "=", False),
                ("watched_on", "<", today),
            ],
            "_watch",
            today,
        )

    def _watch(self, day):
        self.watched_on = day
        self._stop(self._stop_reasons(day))
        self.filtered(
            lambda one: (
                one.state == "running" and one.date_end < day and not one.next_date
            )
        ).state = "ended"

    # === Paying === #

    def _make_instalments(self, run):
        """Make the instalments due until the day of a run, as one slice of it.

        Nothing twice: the rows are taken first, and the database holds one live
        disbursement for a day of a plan.
        """
        touch(self)
        self.invalidate_recordset(["state", "next_date"])
        running = self.filtered(lambda one: one.state == "running")
        running.request_id._touch_money()
        stops = running._stop_reasons(run.date)
        running._stop(stops)
        running -= self.browse().union(*stops)
        values, problems = running._instalment_values(run.date)
        # Plan and day of an instalment are not typed in; whoever runs it is checked.
        disbursements = (
            self.env["beneficiary.disbursement"].sudo().create(values).sudo(False)
        )
        held = disbursements._get_held()
        for disbursement in held:
            problems[disbursement.sponsorship_id] = self.env._(
                "The next instalment was made and waits: the payee's account is being "
                "changed, or the one before was not received."
            )
        run._take(disbursements - held)
        self._note_run(run, problems)

    def _instalment_values(self, day):
        """Values of the disbursements due until a day, and what holds others up.

        :return: ``(values, {sponsorship: problem})``
        """
        totals = self.request_id._get_given_amounts()
        values, problems = [], {}
        for one, days in self._open_days().items():
            request = one.request_id
            if not request._is_payable():
                problems[one] = self.env._("The request is not approved, or closed.")
                continue
            for due in days:
                if due > day:
                    break
                amount = one._amount_on(due)
                total = totals.get(request, 0.0) + amount
                if one.currency_id.compare_amounts(total, request.amount_approved) > 0:
                    problems[one] = self.env._(
                        "The approved amount does not cover the next instalment."
                    )
                    break
                totals[request] = total
                values.append(
                    {
                        "request_id": request.id,
                        "sponsorship_id": one.id,
                        "period_date": due,
                        "date": day,
                        "amount": amount,
                    }
                )
        return values, problems

    def _note_run(self, run, problems):
        # See _make_instalments.
        sponsorships = self.sudo()
        sponsorships.write({"run_id": run.id, "problem": False})
        for one, problem in problems.items():
            one.sudo().problem = problem

    # === Helpers === #

    @api.model
    def _today(self):
        """The day at the association, whoever asks."""
        return self.env.company._beneficiary_day(fields.Datetime.now())

    def _check_manager(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_aid_manager"
        )

    def _check_step(self, state):
        self.ensure_one()
        if self.state != state:
            raise UserError(
                self.env._(
                    "%(number)s is %(state)s: this cannot be done now.",
                    number=self.name,
                    state=self._get_state_label(),
                )
            )


class BeneficiarySponsorshipSponsor(models.Model):
    """Who carries a sponsorship, from when until when, and which share of it."""

    _name = "beneficiary.sponsorship.sponsor"
    _description = "Sponsor of a Sponsorship"
    _check_company_auto = True
    _order = "date_from, id"
    _rec_name = "partner_id"

    sponsorship_id = fields.Many2one(
        comodel_name="beneficiary.sponsorship",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="sponsorship_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Sponsor",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_beneficiary', '=', False)]",
    )
    share = fields.Float(string="Share (%)", digits=(5, 2), required=True, default=100)
    date_from = fields.Date(string="From", help="Empty: from the first instalment.")
    date_to = fields.Date(string="Until", help="Empty: until the end.")

    _share_bounds = models.Constraint(
        "CHECK(share > 0 AND share <= 100)",
        "The share of a sponsor is above 0 and not above 100.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "A share ends after it begins. Correct one of the days.",
    )

    @api.constrains("share", "date_from", "date_to", "sponsorship_id")
    def _check_shares(self):
        self.sponsorship_id._check_shares()

    @api.constrains("partner_id")
    def _check_partner(self):
        for line in self:
            # Only whether the contact is a person's file is asked.
            if line.partner_id.sudo().is_beneficiary:
                raise ValidationError(
                    self.env._("A sponsor is a donor, not a person with a file.")
                )

    def _on(self, day):
        """Return the lines that carry something on a day."""
        return self.filtered(
            lambda line: (line.date_from or day) <= day <= (line.date_to or day)
        )

    def _carry(self, amount):
        """Divide an instalment between those who carry it, to the halala.

        :param float amount: of the instalment
        :return: ``{line: amount}``
        """
        lines = self.sorted("id")
        currency = self.company_id.currency_id
        parts = share_out(amount, lines.mapped("share"), currency.round)
        return dict(zip(lines, parts, strict=True))


class BeneficiarySponsorshipPause(models.Model):
    """Days on which nothing of a sponsorship falls due, and why."""

    _name = "beneficiary.sponsorship.pause"
    _description = "Pause of a Sponsorship"
    _check_company_auto = True
    _order = "date_from, id"
    _rec_name = "date_from"

    sponsorship_id = fields.Many2one(
        comodel_name="beneficiary.sponsorship",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="sponsorship_id.company_id", store=True, precompute=True, index=True
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Until", help="Empty: until it is entered.")
    reason = fields.Char(required=True, size=200)

    _dates_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "A pause ends after it begins. Correct one of the days.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        pauses = super().create([self._clean_vals(vals) for vals in vals_list])
        pauses._check_cover()
        return pauses

    def write(self, vals):
        res = super().write(self._clean_vals(vals))
        if not is_anonymising(self.env):
            self._check_cover()
        return res

    def unlink(self):
        sponsorships = self.sponsorship_id
        res = super().unlink()
        self._check_cover_of(sponsorships)
        return res

    def _clean_vals(self, vals):
        if vals.get("reason"):
            try:
                return {**vals, "reason": clean_text(vals["reason"], 200)}
            except ValueError as error:
                raise ValidationError(
                    self.env._("The reason of the pause is too long. Shorten it.")
                ) from error
        return vals

    def _check_cover(self):
        self._check_cover_of(self.sponsorship_id)

    @api.model
    def _check_cover_of(self, sponsorships):
        """Days that come back must be covered by the decision, too."""
        running = sponsorships.filtered(lambda one: one.state == "running")
        touch(running)
        running.request_id._touch_money()
        running._check_cover()
