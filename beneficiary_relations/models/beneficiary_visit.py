from datetime import timedelta

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_time

PLANNED = "mail.mail_activity_data_todo"
# What the researcher brings back. Everything else is planning.
RECORDED_FIELDS = frozenset({"outcome", "report", "latitude", "longitude"})
# Set by buttons only.
RESULT_FIELDS = frozenset({"state", "done_on", "done_by_id", "event_id", "name"})
# What the calendar shows.
CALENDAR_FIELDS = frozenset({"planned_on", "duration", "researcher_id", "member_ids"})
FREE_FIELDS = frozenset({"message_main_attachment_id"})


class BeneficiaryVisit(models.Model):
    """A field visit or an interview: planned with a team, then recorded.

    Baraem's personal interview (BR-50) and field visit (BR-42). A meeting counts as
    verification; nobody home, a refusal or a removal does not.

    ===============  =========================================================
    plan, cancel     relations officer, social researcher
    record           social researcher
    read             every reader; representatives of the branch
    ===============  =========================================================
    """

    _name = "beneficiary.visit"
    _description = "Visit"
    _inherit = ["beneficiary.access.mixin", "mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "planned_on desc, id desc"

    name = fields.Char(string="Number", readonly=True, copy=False, index=True)
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        compute="_compute_household_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    area_id = fields.Many2one(related="beneficiary_id.area_id")
    address_note = fields.Char(related="household_id.address_note")
    assessment_id = fields.Many2one(
        comodel_name="beneficiary.assessment",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'draft')]",
        help="The study it belongs to. A visit counts as verification through it.",
    )
    mechanism_id = fields.Many2one(
        comodel_name="beneficiary.mechanism",
        required=True,
        check_company=True,
        default=lambda self: self._default_mechanism_id(),
        domain="[('kind', 'in', ('interview', 'field_visit'))]",
    )
    kind = fields.Selection(related="mechanism_id.kind", store=True)

    # Plan
    planned_on = fields.Datetime(
        string="Planned for", required=True, index=True, tracking=True
    )
    duration = fields.Float(string="Hours", required=True, default=1.0, aggregator=None)
    researcher_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
    )
    member_ids = fields.Many2many(
        comodel_name="res.users",
        string="Team",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Whoever comes along with the researcher.",
    )
    team_composition = fields.Selection(
        selection=[
            ("male", "Men only"),
            ("female", "Women only"),
            ("mixed", "A man and a woman at least"),
        ],
        help="Empty: any team. The researcher counts. Colleagues say in their "
        "preferences as what they count.",
    )
    previous_id = fields.Many2one(
        comodel_name="beneficiary.visit",
        string="Attempt Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    next_ids = fields.One2many(
        comodel_name="beneficiary.visit",
        inverse_name="previous_id",
        string="Next Attempt",
    )
    attempt = fields.Integer(
        compute="_compute_attempt", store=True, recursive=True, aggregator=None
    )
    event_id = fields.Many2one(
        comodel_name="calendar.event",
        string="Calendar Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    # Record
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("done", "Recorded"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    outcome = fields.Selection(
        selection=[
            ("met", "Person met"),
            ("not_home", "Nobody there"),
            ("refused", "Visit refused"),
            ("moved", "Moved away"),
        ],
        copy=False,
        index="btree_not_null",
        group_expand=True,
        tracking=True,
    )
    is_met = fields.Boolean(compute="_compute_is_met")
    report = fields.Text(string="What Was Seen and Heard", copy=False)
    latitude = fields.Float(digits=(10, 7), copy=False, aggregator=None)
    longitude = fields.Float(digits=(10, 7), copy=False, aggregator=None)
    map_url = fields.Char(string="Map", compute="_compute_map_url")
    photo_ids = fields.One2many(
        comodel_name="beneficiary.visit.photo", inverse_name="visit_id", string="Photos"
    )
    may_photograph = fields.Boolean(
        string="Consent to Photos", compute="_compute_may_photograph"
    )
    done_on = fields.Datetime(string="Recorded on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", readonly=True, copy=False
    )

    _one_next = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL AND state <> 'cancelled'",
        "The next attempt has been planned already. Open it from the visit.",
    )
    _done_has_outcome = models.Constraint(
        "CHECK(state <> 'done' OR outcome IS NOT NULL)",
        "A visit that is recorded has an outcome. Choose it.",
    )
    _position = models.Constraint(
        "CHECK(latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "A latitude is between -90 and 90, a longitude between -180 and 180.",
    )
    _duration_bounds = models.Constraint(
        "CHECK(duration > 0 AND duration <= 24)",
        "A visit lasts more than no time and at most a day.",
    )

    @api.model
    def _default_mechanism_id(self):
        return self.env["beneficiary.mechanism"].search(
            [("kind", "=", "field_visit"), ("company_id", "=", self.env.company.id)],
            limit=1,
        )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("beneficiary_id")
    def _compute_household_id(self):
        for visit in self:
            visit.household_id = visit.beneficiary_id.household_id

    @api.depends("previous_id.attempt")
    def _compute_attempt(self):
        for visit in self:
            visit.attempt = visit.previous_id.attempt + 1

    @api.depends("state", "outcome")
    def _compute_is_met(self):
        for visit in self:
            visit.is_met = visit.state == "done" and visit.outcome == "met"

    @api.depends("latitude", "longitude")
    def _compute_map_url(self):
        for visit in self:
            visit.map_url = (
                "https://www.openstreetmap.org/"
                f"?mlat={visit.latitude:.6f}&mlon={visit.longitude:.6f}"
                if visit.latitude or visit.longitude
                else False
            )

    @api.depends("beneficiary_id")
    def _compute_may_photograph(self):
        consents = self._photo_consents()
        for visit in self:
            visit.may_photograph = bool(consents[visit])

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("latitude", "longitude")
    def _check_position(self):
        """Refuse what the database would, in words before it does; and half a place."""
        for visit in self:
            if bool(visit.latitude) != bool(visit.longitude):
                raise ValidationError(
                    self.env._(
                        "Visit %(name)s: enter latitude and longitude, or neither.",
                        name=visit.name,
                    )
                )

    @api.constrains("mechanism_id")
    def _check_mechanism(self):
        for visit in self:
            if visit.mechanism_id.kind == "admin_check":
                raise ValidationError(
                    self.env._(
                        "%(mechanism)s is no visit and no interview. Record it as an "
                        "assessment.",
                        mechanism=visit.mechanism_id.name,
                    )
                )

    @api.constrains("assessment_id", "beneficiary_id")
    def _check_assessment(self):
        for visit in self.filtered("assessment_id"):
            if visit.assessment_id.beneficiary_id != visit.beneficiary_id:
                raise ValidationError(
                    self.env._(
                        "The visit %(visit)s and the assessment %(assessment)s are "
                        "about different people.",
                        visit=visit.name or "",
                        assessment=visit.assessment_id.name,
                    )
                )

    @api.constrains("previous_id", "beneficiary_id")
    def _check_previous(self):
        for visit in self.filtered("previous_id"):
            previous = visit.previous_id
            if (
                previous.beneficiary_id != visit.beneficiary_id
                or previous.state != "done"
                or previous.outcome != "not_home"
            ):
                raise ValidationError(
                    self.env._(
                        "A next attempt follows a visit to the same person at which "
                        "nobody was there; %(name)s is not one.",
                        name=previous.name,
                    )
                )

    @api.constrains("team_composition", "researcher_id", "member_ids")
    def _check_team(self):
        """Families are visited by the team they can receive."""
        for visit in self:
            # As what colleagues count is theirs to say, and known to whoever plans.
            team_sudo = (visit.researcher_id | visit.member_ids).sudo()
            if team_sudo.filtered("share") or any(
                visit.company_id not in user.company_ids for user in team_sudo
            ):
                raise ValidationError(
                    self.env._(
                        "Visit %(name)s: the team is made of colleagues of "
                        "%(company)s.",
                        name=visit.name or "",
                        company=visit.company_id.name,
                    )
                )
            if visit.team_composition:
                visit._check_composition(team_sudo)

    def _check_composition(self, team_sudo):
        silent = team_sudo.filtered(lambda user: not user.visiting_gender)
        if silent:
            raise ValidationError(
                self.env._(
                    "%(user)s has not said as what to count in visiting teams. It is "
                    "set in the preferences of the user.",
                    user=silent[:1].name,
                )
            )
        genders = set(team_sudo.mapped("visiting_gender"))
        wanted = (
            {"male", "female"}
            if self.team_composition == "mixed"
            else {self.team_composition}
        )
        if genders != wanted:
            labels = dict(
                self._fields["team_composition"]._description_selection(self.env)
            )
            raise ValidationError(
                self.env._(
                    "The team of the visit %(name)s is not as asked: %(composition)s. "
                    "Change the team, or what is asked.",
                    name=self.name or "",
                    composition=labels[self.team_composition],
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Plan visits: number, calendar entry and activity come by themselves."""
        self._check_planner()
        for vals in vals_list:
            self._check_typed({name: value for name, value in vals.items() if value})
        visits = super().create([dict(vals) for vals in vals_list])
        visits._check_assessment_open()
        for company in visits.company_id:
            own = visits.filtered(
                lambda one, company=company: one.company_id == company
            )
            numbers = self.env["ir.sequence"]._next_numbers(
                "beneficiary.visit", company, len(own)
            )
            for visit, number in zip(own, numbers, strict=True):
                # Numbers are not typed in; that a visit is planned was checked.
                visit.sudo().name = number
        visits._sync_calendar()
        visits._sync_activity()
        return visits

    def write(self, vals):
        if not self.env.su:
            self._check_planner()
            self._check_typed(vals)
            closed = self.filtered(lambda visit: visit.state != "planned")
            if closed and set(vals) - FREE_FIELDS:
                raise UserError(
                    self.env._(
                        "The visit %(name)s is over and stays as it was recorded. "
                        "Plan another one.",
                        name=closed[:1].name,
                    )
                )
        res = super().write(vals)
        if "assessment_id" in vals:
            self._check_assessment_open()
        if CALENDAR_FIELDS.intersection(vals):
            planned = self.filtered(lambda visit: visit.state == "planned")
            planned._sync_calendar()
            planned._sync_activity()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        for visit in self:
            if visit.state == "done":
                raise UserError(
                    self.env._(
                        "The visit %(name)s was recorded and is kept.", name=visit.name
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_done(self):
        """Record what came of planned visits.

        :raise UserError: naming what is missing
        """
        self.check_access("write")
        self._check_researcher()
        for visit in self:
            visit._check_can_record()
        # The state is not typed in; role and record were checked.
        self.sudo().write(
            {
                "state": "done",
                "done_on": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        self.sudo().activity_feedback([PLANNED])

    def action_cancel(self):
        """Call planned visits off, in the calendar, too."""
        self.check_access("write")
        self._check_planner()
        for visit in self:
            visit._check_planned()
        # As above; entries in the calendars of others go as well.
        self.sudo().write({"state": "cancelled"})
        self.sudo().activity_unlink([PLANNED])
        self._drop_events()

    def action_plan_next(self):
        """Open the next attempt, where nobody was there."""
        self.ensure_one()
        self.check_access("read")
        self._check_planner()
        if self.state != "done" or self.outcome != "not_home":
            raise UserError(
                self.env._(
                    "A next attempt follows a visit at which nobody was there; "
                    "%(name)s is not one.",
                    name=self.name,
                )
            )
        following = self.next_ids.filtered(lambda visit: visit.state != "cancelled")
        if following:
            return following[:1]._get_records_action(name=self.env._("Next Attempt"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Next Attempt"),
            "res_model": self._name,
            "view_mode": "form",
            "context": self._next_attempt_context(),
        }

    def _next_attempt_context(self):
        """Return what the next attempt takes over from this one."""
        self.ensure_one()
        open_study = self.assessment_id.filtered(lambda one: one.state == "draft")
        return {
            "default_previous_id": self.id,
            "default_beneficiary_id": self.beneficiary_id.id,
            "default_assessment_id": open_study.id,
            "default_mechanism_id": self.mechanism_id.id,
            "default_researcher_id": self.researcher_id.id,
            "default_member_ids": [Command.set(self.member_ids.ids)],
            "default_team_composition": self.team_composition,
            "default_duration": self.duration,
        }

    # ------------------------------------------------------------------
    # Photos
    # ------------------------------------------------------------------

    def _photo_consents(self):
        """Return the consent to photos in force today, for each visit.

        :rtype: dict[beneficiary.visit, beneficiary.consent]
        """
        consents = self._photo_consents_of(self.beneficiary_id)
        none = self.env["beneficiary.consent"]
        return {visit: consents.get(visit.beneficiary_id, none) for visit in self}

    @api.model
    def _photo_consents_of(self, people):
        # That a person agreed to photos is no secret to whoever visits.
        consents_sudo = (
            self.env["beneficiary.consent"]
            .sudo()
            .search(
                [
                    ("beneficiary_id", "in", people.ids),
                    ("purpose", "=", "photo"),
                    ("withdrawn_on", "=", False),
                    ("given_on", "<=", fields.Date.context_today(self)),
                ]
            )
        )
        return {
            people.browse(consent.beneficiary_id.id): consent
            for consent in consents_sudo
        }

    @api.model
    def _check_photo_consent_of(self, people):
        """Refuse pictures of people who did not agree, or withdrew it.

        :param people: ``beneficiary.beneficiary``
        :raise ValidationError: naming the file
        """
        consents = self._photo_consents_of(people)
        for person in people:
            if person not in consents:
                raise ValidationError(
                    self.env._(
                        "No consent to photos of the file %(number)s is in force. "
                        "Record the consent first, or do without the picture.",
                        number=person.file_number,
                    )
                )

    def _check_photos_allowed(self, consents):
        for visit in self:
            if visit.state == "cancelled":
                raise UserError(
                    self.env._("The visit %(name)s was called off.", name=visit.name)
                )
            if not consents[visit]:
                self._check_photo_consent_of(visit.sudo().beneficiary_id)

    # ------------------------------------------------------------------
    # Calendar
    # ------------------------------------------------------------------

    def _sync_calendar(self):
        """Keep the entry in the team's calendars in step with the visit.

        The entry is private and says neither whom nor what for: calendars are shared.
        """
        Event = self.env["calendar.event"].with_context(
            beneficiary_visit_in_step=True,
            dont_notify=True,
            mail_create_nosubscribe=True,
            no_mail_to_attendees=True,
            skip_attendee_notification=True,
            skip_contact_description=True,
        )
        # The entry stands in calendars of colleagues; the right to plan was checked.
        Event_sudo = Event.sudo()
        missing = self.filtered(lambda visit: not visit.sudo().event_id)
        events_sudo = Event_sudo.create([visit._event_values() for visit in missing])
        for visit, event_sudo in zip(missing, events_sudo, strict=True):
            visit.sudo().event_id = event_sudo
        for visit in self - missing:
            Event_sudo.browse(visit.sudo().event_id.id).write(visit._event_values())

    def _event_values(self):
        self.ensure_one()
        # Only that a colleague is busy, not with whom: names of users, no more.
        team_sudo = (self.researcher_id | self.member_ids).sudo()
        return {
            "name": self.env._("Appointment %(number)s", number=self.name),
            "start": self.planned_on,
            "stop": self.planned_on + timedelta(hours=self.duration),
            "user_id": self.researcher_id.id,
            "partner_ids": [Command.set(team_sudo.partner_id.ids)],
            "privacy": "private",
            "show_as": "busy",
            "description": Markup('<a href="/odoo/beneficiary-visits/%s">%s</a>')
            % (self.id, self.name),
        }

    def _drop_events(self):
        # See _sync_calendar.
        self.sudo().event_id.with_context(
            no_mail_to_attendees=True, dont_notify=True
        ).unlink()

    def _sync_activity(self):
        """Remind the researcher on the day; the reminder names the number only."""
        self.sudo().activity_unlink([PLANNED])
        for visit in self:
            visit = visit.researcher_id._in_own_language(visit)
            visit.activity_schedule(
                PLANNED,
                date_deadline=visit._planned_day(),
                summary=visit.env._("Appointment %(number)s", number=visit.name),
                user_id=visit.researcher_id.id,
            )

    def _planned_day(self):
        return self.company_id._beneficiary_day(self.planned_on)

    def _portal_moment(self):
        """Return day and time as the person reads them, and nothing else."""
        zone = self.company_id._beneficiary_zone()
        return self.env._(
            "%(day)s, %(time)s",
            day=self._portal_date(self.planned_on),
            time=format_time(self.env, self.planned_on, tz=zone, time_format="short"),
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_can_record(self):
        self.ensure_one()
        self._check_planned()
        if not self.outcome:
            raise UserError(
                self.env._("Visit %(name)s: choose the outcome.", name=self.name)
            )
        if self.planned_on > fields.Datetime.now() and (
            self._planned_day() > fields.Date.context_today(self)
        ):
            raise UserError(
                self.env._(
                    "Visit %(name)s is planned for a day to come. Change the day if "
                    "it took place already.",
                    name=self.name,
                )
            )
        if self.outcome == "met" and not self.report:
            raise UserError(
                self.env._(
                    "Visit %(name)s: write what was seen and heard.", name=self.name
                )
            )

    def _check_planned(self):
        if self.state != "planned":
            raise UserError(
                self.env._(
                    "The visit %(name)s has been recorded or called off already.",
                    name=self.name,
                )
            )

    def _check_assessment_open(self):
        for visit in self:
            if visit.assessment_id.state not in (False, "draft") and not self.env.su:
                raise UserError(
                    self.env._(
                        "The assessment %(name)s is finished. Choose one that is not.",
                        name=visit.assessment_id.name,
                    )
                )

    def _check_planner(self):
        self.env["beneficiary.beneficiary"]._require_group(
            "group_social_researcher", "group_relations_officer"
        )

    def _check_researcher(self):
        self.env["beneficiary.beneficiary"]._require_group("group_social_researcher")

    def _check_typed(self, vals):
        """Refuse results that are typed in, and records of whoever only plans."""
        if self.env.su:
            return
        typed = RESULT_FIELDS.intersection(vals)
        if typed - {"state"} or vals.get("state", "planned") != "planned":
            raise UserError(
                self.env._("Use the buttons to record a visit or to call it off.")
            )
        if RECORDED_FIELDS.intersection(vals):
            self._check_researcher()
