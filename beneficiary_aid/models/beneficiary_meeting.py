from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

from ..tools.ballot import count_quorum
from .beneficiary_meeting_attendance import PRESENT

SECRETARY = "beneficiary_aid.group_committee_secretary"


class BeneficiaryMeeting(models.Model):
    """One session of a committee: agenda, attendance, votes, minutes.

    Draft, called, open, closed. What was decided and the minutes stay as they were
    once the meeting is closed.
    """

    _name = "beneficiary.meeting"
    _description = "Committee Meeting"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "beneficiary.company.mixin",
        "beneficiary.results.mixin",
    ]
    _check_company_auto = True
    _order = "date desc, id desc"

    # A closed meeting keeps everything but these.
    _free_when_closed = {"active", "message_main_attachment_id"}

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    active = fields.Boolean(default=True)
    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self._default_committee_id(),
    )
    company_id = fields.Many2one(
        related="committee_id.company_id", store=True, precompute=True, index=True
    )
    date = fields.Datetime(
        required=True, default=fields.Datetime.now, copy=False, tracking=True
    )
    place = fields.Char(tracking=True)
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("called", "Called"),
            ("open", "Open"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    attendance_ids = fields.One2many(
        comodel_name="beneficiary.meeting.attendance",
        inverse_name="meeting_id",
        copy=False,
    )
    item_ids = fields.One2many(
        comodel_name="beneficiary.agenda.item",
        inverse_name="meeting_id",
        string="Agenda",
        copy=False,
    )
    item_count = fields.Integer(string="Items", compute="_compute_counts")
    open_item_count = fields.Integer(
        string="Undecided Items", compute="_compute_counts"
    )
    present_count = fields.Integer(string="Present", compute="_compute_quorum")
    quorum_count = fields.Integer(string="Quorum", compute="_compute_quorum")
    is_quorate = fields.Boolean(string="Quorum Reached", compute="_compute_quorum")
    quorum_note = fields.Char(compute="_compute_quorum")
    opened_on = fields.Datetime(readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    minutes = fields.Text(
        readonly=True, copy=False, help="Written by the system when the meeting closes."
    )
    remarks = fields.Text(help="What else was said; part of the minutes.")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.model
    def _default_committee_id(self):
        return self.env["beneficiary.committee"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        )

    @api.depends("item_ids.state")
    def _compute_counts(self):
        for meeting in self:
            meeting.item_count = len(meeting.item_ids)
            meeting.open_item_count = len(
                meeting.item_ids.filtered(
                    lambda item: item.state in ("pending", "voting")
                )
            )

    @api.depends("attendance_ids.presence", "committee_id", "date")
    def _compute_quorum(self):
        for meeting in self:
            committee = meeting.committee_id
            if not committee:
                meeting.update(
                    {
                        "present_count": 0,
                        "quorum_count": 0,
                        "is_quorate": False,
                        "quorum_note": False,
                    }
                )
                continue
            present = len(meeting._present_members())
            _present, needed = count_quorum(
                committee._rule_sheet(), meeting._seats(), present, 0
            )
            meeting.present_count = present
            meeting.quorum_count = needed
            meeting.is_quorate = present >= needed
            meeting.quorum_note = self.env._(
                "%(present)s present, quorum %(needed)s",
                present=present,
                needed=needed,
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        meetings = super().create([dict(vals) for vals in vals_list])
        for company, own in meetings.grouped("company_id").items():
            numbers = self.env["ir.sequence"]._next_numbers(
                "beneficiary.meeting", company, len(own)
            )
            for meeting, number in zip(own, numbers, strict=True):
                # The number is not typed in.
                meeting.sudo().name = number
        return meetings

    def write(self, vals):
        self._check_results(vals)
        anonymising = is_anonymising(self.env)
        if vals.keys() - self._free_when_closed and not anonymising:
            for meeting in self:
                if meeting.state == "closed":
                    raise UserError(
                        self.env._(
                            "The meeting %(name)s is closed and stays as it was. "
                            "Correct its minutes in the next meeting.",
                            name=meeting.display_name,
                        )
                    )
                if meeting.state == "open" and "date" in vals:
                    # Who serves on its day counts and votes.
                    raise UserError(
                        self.env._(
                            "The meeting %(name)s is open and took place on its day. "
                            "Its date stays as it is.",
                            name=meeting.display_name,
                        )
                    )
                if (
                    vals.get("committee_id", meeting.committee_id.id)
                    != meeting.committee_id.id
                    and meeting.attendance_ids
                ):
                    raise UserError(
                        self.env._(
                            "The meeting %(name)s was called for its committee. "
                            "Cancel it and make another one.",
                            name=meeting.display_name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for meeting in self:
            if meeting.state != "draft":
                raise UserError(
                    self.env._(
                        "The meeting %(name)s was called and is kept. Cancel it "
                        "instead.",
                        name=meeting.display_name,
                    )
                )

    def _results_words(self, results):
        return self.env._("State, number and minutes of a meeting are not typed in.")

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_call(self):
        """Call the members: put them on the list of attendance and invite them."""
        self._check_step("draft")
        for meeting in self:
            members = meeting._serving_members()
            if not members:
                raise UserError(
                    self.env._(
                        "%(committee)s has no members on the day of the meeting. Add "
                        "them to the committee first.",
                        committee=meeting.committee_id.name,
                    )
                )
            meeting._add_attendance(members)
            meeting._invite(members)
        self._set_state("called")

    def action_open(self):
        """Open the meeting; votes can be opened from now on."""
        self._check_step("called")
        for meeting in self:
            meeting._check_day_came()
            meeting._add_attendance(meeting._serving_members())
        self._set_state("open", opened_on=fields.Datetime.now())

    def action_close(self):
        """Close the meeting and write its minutes.

        Items nobody decided are put off to another meeting.
        """
        self._check_step("open")
        for meeting in self:
            voting = meeting.item_ids.filtered(lambda item: item.state == "voting")
            if voting:
                raise UserError(
                    self.env._(
                        "A vote is open on %(request)s. Close the vote first.",
                        request=voting[:1].display_name,
                    )
                )
            meeting.item_ids.filtered(lambda item: item.state == "pending")._postpone(
                self.env._("Not reached.")
            )
            # Minutes and state are not typed in; the role was checked.
            meeting.sudo().write(
                {
                    "closed_on": fields.Datetime.now(),
                    "minutes": meeting._build_minutes(),
                    "state": "closed",
                }
            )

    def action_cancel(self):
        """Cancel a meeting that has not decided anything."""
        self._check_secretary()
        for meeting in self:
            if meeting.state not in ("draft", "called", "open") or (
                {"voting", "decided"} & set(meeting.item_ids.mapped("state"))
            ):
                raise UserError(
                    self.env._(
                        "The meeting %(name)s has voted or is over. It cannot be "
                        "cancelled.",
                        name=meeting.display_name,
                    )
                )
            meeting.item_ids.filtered(lambda item: item.state == "pending")._postpone(
                self.env._("The meeting was cancelled.")
            )
        self._set_state("cancelled")

    def action_fill_agenda(self):
        """Put every request that was referred and is on no agenda on this one."""
        self.ensure_one()
        self._check_secretary()
        if self.state not in ("draft", "called", "open"):
            raise UserError(
                self.env._("The meeting %(name)s is over.", name=self.display_name)
            )
        Item = self.env["beneficiary.agenda.item"]
        waiting = (
            self.env["beneficiary.aid.request"]
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("status", "=", "decision"),
                    ("waiting_since", "=", False),
                    ("postponed_until", "=", False),
                    "!",
                    (
                        "agenda_item_ids",
                        "any",
                        [("state", "in", ("pending", "voting"))],
                    ),
                ]
            )
            .filtered(lambda request: request._authority_takes(self.committee_id))
        )
        lists = self._waiting_lists()
        if not waiting and not lists:
            raise UserError(
                self.env._(
                    "No request waits for a decision. Requests come here when they "
                    "are referred to the committee."
                )
            )
        lists += [{"request_id": request.id} for request in waiting]
        Item.create([{"meeting_id": self.id, **subject} for subject in lists])

    def action_mark_all_present(self):
        """Mark every member as in the room."""
        self.ensure_one()
        self._check_secretary()
        self.attendance_ids.filtered(
            lambda attendance: attendance.presence not in PRESENT
        ).write({"presence": "present"})

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _check_secretary(self):
        """Refuse everybody but secretaries.

        :raise AccessError: naming the role
        """
        self.env["beneficiary.beneficiary"]._require_group(SECRETARY)

    def _waiting_lists(self):
        """Return what else waits for the committee, as values of agenda items."""
        self.ensure_one()
        return []

    def _check_step(self, state):
        self.check_access("write")
        self._check_secretary()
        labels = dict(self._fields["state"]._description_selection(self.env))
        for meeting in self:
            if meeting.state != state:
                raise UserError(
                    self.env._(
                        "The meeting %(name)s is: %(state)s.",
                        name=meeting.display_name,
                        state=labels[meeting.state],
                    )
                )

    def _check_day_came(self):
        """Refuse to open a meeting before its day: its minutes would name a day on
        which nobody met.

        :raise UserError: naming the day
        """
        if self._day() > self.env["beneficiary.aid.request"]._business_day():
            raise UserError(
                self.env._(
                    "The meeting %(name)s is on %(day)s, a day to come. Change its "
                    "date first, where it takes place earlier.",
                    name=self.display_name,
                    day=format_date(self.env, self._day()),
                )
            )

    def _set_state(self, state, **vals):
        # The state is not typed in; the role was checked by the caller.
        self.sudo().write({"state": state, **vals})

    def _day(self):
        self.ensure_one()
        return self.env["beneficiary.aid.request"]._business_day(
            self.date or fields.Datetime.now()
        )

    def _serving_members(self):
        """Return the members whose term covers the day of the meeting."""
        self.ensure_one()
        return self.committee_id._serving_members(self._day())

    def _seats(self):
        """Return how many voting seats count on the day of the meeting."""
        self.ensure_one()
        return self.committee_id._seats(self._day())

    def _present_members(self):
        """Return the members with a seat who are present."""
        self.ensure_one()
        serving = self._serving_members()
        return (
            self.attendance_ids.filtered(
                lambda attendance: attendance.presence in PRESENT
            ).member_id
            & serving
        ).filtered("has_seat")

    def _add_attendance(self, members):
        self.ensure_one()
        missing = members - self.attendance_ids.member_id
        self.write(
            {
                "attendance_ids": [
                    Command.create({"member_id": member.id}) for member in missing
                ]
            }
        )

    def _invite(self, members):
        """Tell the members of the meeting, without a word about anybody's case."""
        self.ensure_one()
        # Members have no right on each other's contacts; only a notice is sent.
        partners = members.sudo().user_id.partner_id
        self.message_notify(
            partner_ids=partners.ids,
            subject=self.env._("Meeting of %(name)s", name=self.committee_id.name),
            body=self.env._(
                "You are invited to the meeting %(number)s of %(committee)s.",
                number=self.name,
                committee=self.committee_id.name,
            ),
        )

    # ------------------------------------------------------------------
    # Minutes
    # ------------------------------------------------------------------

    def _build_minutes(self):
        """Return the minutes: who came, what was voted, what was decided and why."""
        self.ensure_one()
        parts = [
            self.env._("Minutes of %(number)s", number=self.name),
            self.env._("Committee: %(name)s", name=self.committee_id.name),
            self.env._("Date: %(date)s", date=format_date(self.env, self._day())),
        ]
        if self.place:
            parts.append(self.env._("Place: %(place)s", place=self.place))
        parts += [
            "",
            self.env._("Attendance"),
            *self._attendance_lines(),
            self.quorum_note,
        ]
        for number, item in enumerate(self.item_ids, start=1):
            parts += ["", *item._minutes_lines(number)]
        if self.remarks:
            parts += ["", self.env._("Remarks"), self.remarks]
        return "\n".join(parts)

    def _attendance_lines(self):
        roles = dict(
            self.env["beneficiary.committee.member"]
            ._fields["role"]
            ._description_selection(self.env)
        )
        return [
            self.env._(
                "- %(member)s (%(role)s): %(presence)s",
                member=attendance.member_id.display_name,
                role=roles[attendance.member_id.role],
                presence=attendance._presence_words(),
            )
            for attendance in self.attendance_ids
        ]
