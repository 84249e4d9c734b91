from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..tools.window import floor_passes_deadline, reply_window

PERIOD_UNITS = [("day", "Days"), ("week", "Weeks"), ("month", "Months")]


class BeneficiaryPolicy(models.Model):
    """The board's policy for the relation with beneficiaries, as configuration.

    One version is in force in an association at a time. Requests, assessments and
    complaints keep the version they were received under (C01-C05, C15, C16, C42).
    """

    _name = "beneficiary.policy"
    _description = "Beneficiary Policy"
    _inherit = ["mail.thread", "mail.activity.mixin", "beneficiary.company.mixin"]
    _check_company_auto = True
    _order = "company_id, date_from desc, version desc, id desc"

    # What the program itself records; nobody types it in.
    _result_fields = frozenset(
        {
            "approved_text",
            "circulated_on",
            "date_to",
            "final_text",
            "is_published",
            "is_scheduled",
            "previous_id",
            "state",
            "version",
        }
    )

    name = fields.Char(required=True, translate=True, tracking=True)
    template_code = fields.Char(string="Template", readonly=True, copy=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("in_force", "In Force"),
            ("superseded", "Superseded"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    is_scheduled = fields.Boolean(
        string="Scheduled",
        readonly=True,
        copy=False,
        tracking=True,
        help="Comes into force by itself on its day.",
    )
    date_from = fields.Date(string="In Force from", copy=False, tracking=True)
    date_to = fields.Date(string="In Force until", readonly=True, copy=False)
    active = fields.Boolean(default=True)

    # Adoption by the board
    licence_number = fields.Char(string="Licence No.")
    approval_body = fields.Char(string="Approved by", copy=False)
    approval_reference = fields.Char(string="Decision", copy=False)
    approval_date = fields.Date(string="Decided on", copy=False)
    approval_raw = fields.Char(
        string="As Printed in the Source",
        copy=False,
        help="Raw text where the source is damaged and cannot be read as a date.",
    )
    approval_status = fields.Selection(
        selection=[
            ("confirmed", "Confirmed"),
            ("to_confirm", "To confirm"),
            ("not_in_text", "Not in the text"),
        ],
        default="to_confirm",
        copy=False,
        tracking=True,
    )

    # What the policy says
    channel_ids = fields.Many2many(
        comodel_name="beneficiary.channel", string="Channels", check_company=True
    )
    reference_ids = fields.One2many(
        comodel_name="beneficiary.policy.reference",
        inverse_name="policy_id",
        string="Reference Documents",
        copy=True,
    )
    mechanism_ids = fields.Many2many(
        comodel_name="beneficiary.mechanism",
        string="Verification Mechanisms",
        check_company=True,
    )
    criterion_ids = fields.One2many(
        comodel_name="beneficiary.criterion",
        inverse_name="policy_id",
        string="Conditions",
        copy=True,
    )
    need_band_ids = fields.One2many(
        comodel_name="beneficiary.need.band",
        inverse_name="policy_id",
        string="Need Bands",
        copy=True,
    )
    decider = fields.Selection(
        selection=[
            ("research_committee", "Research committee"),
            ("competent_department", "Competent department"),
            ("competent_authority_external", "Competent outside authority"),
        ],
        string="Who Decides",
    )
    has_referral = fields.Boolean(
        string="Refers to the Social Research Officer",
        help="People are referred where a procedure is unclear to them.",
    )
    evaluation_notice = fields.Selection(
        selection=[
            ("improve_only", "For correction, development and better service"),
            (
                "not_for_punishment",
                "For correction and development, not for punishment or defamation",
            ),
        ],
        help="What people are told when they are asked to evaluate a service.",
    )
    declaration_text = fields.Text(translate=True)
    declaration_version = fields.Char(default="1")

    # Reply window
    window_reading = fields.Selection(
        selection=[
            ("floor", "Not before"),
            ("deadline", "Not after"),
            ("floor_and_deadline", "Not before and not after"),
            ("event", "When an outside result arrives"),
            ("none", "No window in the text"),
        ],
        string="Reading of the Window",
        required=True,
        default="none",
    )
    window_text = fields.Char(
        string="Wording of the Window", help="The words of the policy, as printed."
    )
    study_min = fields.Integer(string="Not before")
    study_min_unit = fields.Selection(
        selection=PERIOD_UNITS, required=True, default="day"
    )
    reply_max = fields.Integer(string="Not after")
    reply_max_unit = fields.Selection(
        selection=PERIOD_UNITS, required=True, default="day"
    )
    reply_max_to_confirm = fields.Boolean(
        string="Deadline to Confirm",
        help="The deadline is a proposal: the text of the policy names none.",
    )
    window_start = fields.Selection(
        selection=[
            ("submission", "Submission"),
            ("complete", "File complete"),
            ("referral", "Referral to the decider"),
        ],
        string="The Clock Starts with",
        required=True,
        default="referral",
    )
    month_rule = fields.Selection(
        selection=[("calendar", "Calendar month"), ("days30", "30 days")],
        string="A Month Is",
        required=True,
        default="calendar",
    )
    early_reply = fields.Selection(
        selection=[
            ("allow", "Allow"),
            ("warn", "Ask for a reason"),
            ("block", "Block"),
        ],
        string="Telling a Decision Early",
        required=True,
        default="warn",
    )

    _one_in_force = models.UniqueIndex(
        "(company_id) WHERE state = 'in_force'",
        "This association has a policy in force already. Put the new version in "
        "force with its button, which ends the old one.",
    )
    _periods_positive = models.Constraint(
        "CHECK(study_min >= 0 AND reply_max >= 0)",
        "The periods of the reply window cannot be negative.",
    )

    _one_a_day = models.UniqueIndex(
        "(company_id, date_from) WHERE state <> 'draft' OR is_scheduled IS TRUE",
        "Another version of the policy begins on this day. Choose another day.",
    )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = self.env._(
                "%(name)s (version %(version)s)",
                name=policy.name or "",
                version=policy.version,
            )

    @api.constrains(
        "window_reading",
        "study_min",
        "study_min_unit",
        "reply_max",
        "reply_max_unit",
        "month_rule",
    )
    def _check_window(self):
        """Refuse a floor that lies behind the deadline."""
        for policy in self:
            if not (policy.study_min and policy.reply_max):
                continue
            if floor_passes_deadline(policy._window_rules()):
                raise ValidationError(
                    self.env._(
                        "%(policy)s: an answer cannot be due before it may be given. "
                        "Lengthen the deadline or shorten the floor.",
                        policy=policy.display_name,
                    )
                )

    @api.constrains(
        "approval_status",
        "approval_body",
        "approval_reference",
        "approval_date",
        "approval_raw",
    )
    def _check_approval(self):
        """Take an approval as confirmed only when it is wholly known."""
        today = fields.Date.context_today(self)
        for policy in self:
            if policy.approval_date and policy.approval_date > today:
                raise ValidationError(
                    self.env._(
                        "%(policy)s: the board cannot have decided on a day to come. "
                        "Correct the date of the decision.",
                        policy=policy.display_name,
                    )
                )
            if policy.approval_status != "confirmed":
                continue
            if policy.approval_raw and not policy.approval_date:
                raise ValidationError(
                    self.env._(
                        "%(policy)s: the date «%(raw)s» cannot be read as a day. Look "
                        "it up in the signed decision and enter it; until then the "
                        "approval stays to be confirmed.",
                        policy=policy.display_name,
                        raw=policy.approval_raw,
                    )
                )
            if not (
                policy.approval_body
                and policy.approval_reference
                and policy.approval_date
            ):
                raise ValidationError(
                    self.env._(
                        "%(policy)s: enter who approved it, by which decision and on "
                        "which day, then mark the approval as confirmed.",
                        policy=policy.display_name,
                    )
                )

    @api.constrains("licence_number", "company_id")
    def _check_licence(self):
        """Keep the licence of one association from standing on another's policy."""
        for policy in self.filtered("licence_number"):
            # That the number is used is all that is told; no other company is named.
            taken = self.sudo().search_count(
                [
                    ("licence_number", "=", policy.licence_number.strip()),
                    ("company_id", "!=", policy.company_id.id),
                ],
                limit=1,
            )
            if taken:
                raise ValidationError(
                    self.env._(
                        "The licence number of %(policy)s belongs to another "
                        "association of this database. Enter your own.",
                        policy=policy.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_results(vals)
        policies = super().create(vals_list)
        policies._keep_approved_text()
        return policies

    def write(self, vals):
        """Keep versions that are over as they were, and results from being typed in."""
        self._refuse_results(vals)
        past = self.filtered(lambda policy: policy.state == "superseded")
        if past and not self.env.su and any(not self._is_log(name) for name in vals):
            raise UserError(
                self.env._(
                    "%(policy)s is over and stays as it was. Make the change in a new "
                    "version.",
                    policy=past[0].display_name,
                )
            )
        result = super().write(vals)
        if "approval_status" in vals:
            self._keep_approved_text()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for policy in self:
            if policy.state != "draft":
                raise UserError(
                    self.env._(
                        "%(policy)s was in force, and records stand on it. It is kept.",
                        policy=policy.display_name,
                    )
                )

    def copy_data(self, default=None):
        """Leave the licence behind where the copy goes to another association."""
        default = dict(default or {})
        vals_list = super().copy_data(default)
        for policy, vals in zip(self, vals_list, strict=True):
            if vals.get("company_id") != policy.company_id.id:
                vals["licence_number"] = default.get("licence_number", False)
        return vals_list

    def action_put_in_force(self):
        """Make this version the association's policy, today or on its day to come.

        On its day it ends the version before by itself.
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        if self.date_from and self.date_from > fields.Date.context_today(self):
            self._check_can_begin(self.date_from)
            # A result, not input; the right to it was checked.
            self.sudo().is_scheduled = True
        else:
            self._put_in_force()

    def action_unschedule(self):
        """Take back that this version comes into force by itself."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        # See action_put_in_force.
        self.sudo().is_scheduled = False

    def action_new_version(self):
        """Open a copy that can be changed and put in force later."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        newer = self.copy({"company_id": self.company_id.id})
        versions = (
            self.with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id)])
            .mapped("version")
        )
        # Results, not input; the right to them was checked.
        newer.sudo().write({"version": max(versions) + 1, "previous_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": newer.id,
            "view_mode": "form",
        }

    @api.model
    def _cron_put_in_force(self):
        """Put scheduled versions in force whose day has come, the earliest first."""
        due = self.search(
            [
                ("state", "=", "draft"),
                ("is_scheduled", "=", True),
                ("date_from", "<=", fields.Date.context_today(self)),
            ],
            order="date_from, id",
        )
        for policy in due:
            policy._put_in_force()

    @api.model
    def _in_force(self, company):
        """Return the policy in force in an association, or an empty recordset."""
        # Which policy is in force is no secret to whoever registers a person. Whoever
        # asks goes on to read it: one query for both.
        policy = self.sudo().search_fetch(
            [("company_id", "=", company.id), ("state", "=", "in_force")], limit=1
        )
        return policy.sudo(self.env.su)

    def _put_in_force(self):
        self.ensure_one()
        date_from = self.date_from or fields.Date.context_today(self)
        self._check_can_begin(date_from)
        # Results, not input; the right to them is checked where a person asks.
        policy = self.sudo()
        previous = policy._in_force(self.company_id)
        previous._freeze("final_text")
        previous.write(
            {"state": "superseded", "date_to": date_from - timedelta(days=1)}
        )
        # The unique index must see the old version gone first.
        previous.flush_recordset()
        vals = {"state": "in_force", "date_from": date_from, "is_scheduled": False}
        if previous and not self.previous_id:
            vals["previous_id"] = previous.id
        policy.write(vals)
        self._recompute_need_bands()

    def _check_can_begin(self, date_from):
        """Refuse a version that does not begin after the one before it.

        :param date date_from: its first day
        :raise UserError: naming the version in the way, and the remedy
        """
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "%(policy)s is not a draft. Make a new version of it first.",
                    policy=self.display_name,
                )
            )
        # Which versions there are is no secret to whoever puts one in force.
        in_the_way = self.sudo().search(
            [
                ("id", "!=", self.id),
                ("company_id", "=", self.company_id.id),
                "|",
                "&",
                ("state", "!=", "draft"),
                ("date_from", ">=", date_from),
                "&",
                ("is_scheduled", "=", True),
                ("date_from", "=", date_from),
            ],
            limit=1,
        )
        if in_the_way:
            raise UserError(
                self.env._(
                    "%(policy)s cannot be in force from %(date)s: %(other)s begins on "
                    "%(other_date)s. Two versions are never in force on one day. "
                    "Choose a later day, or correct that version.",
                    policy=self.display_name,
                    date=format_date(self.env, date_from),
                    other=in_the_way.display_name,
                    other_date=format_date(self.env, in_the_way.date_from),
                )
            )

    def _keep_approved_text(self):
        """Keep the words that the board approved, to see when they change."""
        self.filtered(lambda policy: policy.approval_status == "confirmed")._freeze(
            "approved_text"
        )

    def _refuse_results(self, vals):
        refused = self._result_fields.intersection(vals)
        if refused and not self.env.su:
            raise AccessError(
                self.env._(
                    "These are results and are not typed in: %(fields)s.",
                    fields=", ".join(sorted(refused)),
                )
            )

    @api.model
    def _is_log(self, name):
        """Tell whether a field belongs to the chatter or the list, not to the text."""
        return name == "active" or name.startswith(("message_", "activity_"))

    def _recompute_need_bands(self):
        households = (
            self.env["beneficiary.household"]
            .with_context(active_test=False)
            .search([("company_id", "in", self.company_id.ids)])
        )
        self.env.add_to_compute(households._fields["need_band_id"], households)

    def _reply_window(self, start, paused_days=0):
        """Return when an applicant is to be told (C42).

        :param date start: the day the clock started
        :param int paused_days: days spent waiting on the applicant or an authority
        :return: ``(not_before, due)``, each a date or ``False``
        """
        self.ensure_one()
        return reply_window(start, self._window_rules(), paused_days)

    def _window_rules(self):
        """Return the reply window as the pure functions take it."""
        self.ensure_one()
        return {
            "reading": self.window_reading,
            "study_min": self.study_min,
            "study_min_unit": self.study_min_unit,
            "reply_max": self.reply_max,
            "reply_max_unit": self.reply_max_unit,
            "month_rule": self.month_rule,
        }
