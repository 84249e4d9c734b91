from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.beneficiary_relations.tools.text import clean_text

from ..tools.ballot import consent_rules


class BeneficiaryMeeting(models.Model):
    """A vote by circulation: a meeting nobody comes to.

    The secretary puts motions to the members, who vote from wherever they are within
    some hours. Votes, seals and decisions are those of a meeting. What was decided is
    listed in the minutes of the next meeting, which confirms it.
    """

    _inherit = "beneficiary.meeting"

    kind = fields.Selection(
        selection=[("session", "Meeting"), ("circulation", "By circulation")],
        required=True,
        default="session",
        index=True,
        tracking=True,
    )
    deadline = fields.Datetime(
        string="Open Until", readonly=True, copy=False, tracking=True
    )
    called_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Meeting Called for by",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    call_reason = fields.Char(string="Why a Meeting", readonly=True, copy=False)
    may_call = fields.Boolean(compute="_compute_may_call")
    circulation_ids = fields.Many2many(
        comodel_name="beneficiary.meeting",
        relation="beneficiary_meeting_circulation_rel",
        column1="meeting_id",
        column2="circulation_id",
        string="Confirms",
        readonly=True,
        copy=False,
        help="Decisions by circulation that this meeting takes into its minutes.",
    )
    confirmed_in_ids = fields.Many2many(
        comodel_name="beneficiary.meeting",
        relation="beneficiary_meeting_circulation_rel",
        column1="circulation_id",
        column2="meeting_id",
        string="Confirmed in",
        readonly=True,
        copy=False,
    )

    _deadline_of_circulation = models.Constraint(
        "CHECK(kind = 'circulation' OR deadline IS NULL)",
        "Only a vote by circulation has a time until which it is open.",
    )

    @api.depends("state", "kind", "committee_id")
    @api.depends_context("uid")
    def _compute_may_call(self):
        for meeting in self:
            meeting.may_call = (
                meeting.kind == "circulation"
                and meeting.state == "open"
                and meeting.committee_id.circulation_call
                and bool(meeting._my_seats())
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if "kind" in vals:
            for meeting in self:
                if meeting.kind != vals["kind"] and meeting.state != "draft":
                    raise UserError(
                        self.env._(
                            "The meeting %(name)s was called: it stays a meeting, or "
                            "by circulation.",
                            name=meeting.display_name,
                        )
                    )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_circulate(self):
        """Put all motions of the agenda to the members, without a meeting.

        :raise UserError: when the rule sheet wants a meeting for one of them, or a
            motion is not complete
        """
        self._check_step("draft")
        for meeting in self:
            meeting._check_can_circulate()
            hours = meeting.committee_id.circulation_hours
            meeting._add_attendance(meeting._serving_members())
            now = fields.Datetime.now()
            meeting._set_state(
                "open", opened_on=now, deadline=now + timedelta(hours=hours)
            )
            meeting.item_ids.action_open_vote()
            meeting._invite_to_vote()

    def action_call_meeting(self, reason=False):
        """Stop a vote by circulation: a member wants to discuss it.

        :param str reason: what the member wants discussed
        :raise AccessError: by somebody who is no member
        :raise UserError: the rules do not let a single member do it, or it is over
        """
        self.ensure_one()
        self.check_access("read")
        if not self._my_seats():
            raise AccessError(
                self.env._("Only members of the committee call for a meeting.")
            )
        if not self.may_call:
            raise UserError(
                self.env._(
                    "%(name)s: a meeting can only be called for while the vote by "
                    "circulation is open, and where the rules let a member do it.",
                    name=self.display_name,
                )
            )
        # Members may not write meetings; a member may always ask for this one.
        meeting = self.sudo()
        open_items = meeting.item_ids.filtered(
            lambda item: item.state in ("pending", "voting")
        )
        open_items._touch_requests()
        open_items._postpone(
            self.env._("A member called for a meeting: it is decided there.")
        )
        meeting.write(
            {
                "called_by_id": self.env.uid,
                "call_reason": clean_text(reason, max_length=500) if reason else False,
            }
        )
        meeting._end_circulation()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _my_seats(self):
        """Return the voting seats of the current user in the committee."""
        self.ensure_one()
        return self._serving_members().filtered(
            lambda member: member.user_id == self.env.user and member.votes
        )

    def _check_can_circulate(self):
        self.ensure_one()
        if self.kind != "circulation":
            raise UserError(
                self.env._(
                    "%(name)s is a meeting: call its members.", name=self.display_name
                )
            )
        if not self.item_ids:
            raise UserError(
                self.env._(
                    "%(name)s: put what is decided on the agenda first.",
                    name=self.display_name,
                )
            )

    def _invite_to_vote(self):
        """Tell the members that they are asked to vote, without a word about a case."""
        self.ensure_one()
        # As for the invitation: only a notice is sent.
        partners = self.item_ids.eligible_member_ids.sudo().user_id.partner_id
        self.message_notify(
            partner_ids=partners.ids,
            subject=self.env._("Your vote is asked for: %(number)s", number=self.name),
            body=self.env._(
                "%(committee)s decides by circulation (%(number)s). Please vote under "
                "My Votes. Any member may call for a meeting instead where the rules "
                "allow it.",
                committee=self.committee_id.name,
                number=self.name,
            ),
        )

    def _is_over_time(self):
        """Tell whether the time of a vote by circulation is over."""
        self.ensure_one()
        return bool(self.deadline) and self.deadline <= fields.Datetime.now()

    def _end_circulation(self):
        """Close votes by circulation of which nothing is open, with their minutes."""
        for meeting in self:
            states = meeting.item_ids.mapped("state")
            if (
                meeting.kind != "circulation"
                or meeting.state != "open"
                or "voting" in states
            ):
                continue
            # What came on the agenda later was never asked.
            meeting.item_ids.filtered(lambda item: item.state == "pending")._postpone(
                self.env._("Not reached.")
            )
            meeting._mark_voters()
            # The end of the votes ends it; nothing is typed in.
            meeting.sudo().write(
                {
                    "closed_on": fields.Datetime.now(),
                    "minutes": meeting._build_minutes(),
                    "state": "closed",
                }
            )
            # A decision outside a meeting has minutes of its own, signed by whoever
            # voted; the next meeting confirms it all the same.
            meeting._write_minutes()

    def _mark_voters(self):
        """Put down who voted: that is what being there means by circulation."""
        self.ensure_one()
        # Who voted is known to all members; how is not looked at.
        voted = self.sudo().item_ids.vote_ids.member_id
        self.sudo().attendance_ids.filtered(
            lambda attendance: attendance.member_id in voted
        ).presence = "remote"

    @api.depends("kind", "item_ids.voted_count")
    def _compute_quorum(self):
        result = super()._compute_quorum()
        for meeting in self:
            if meeting.kind != "circulation" or not meeting.committee_id:
                continue
            voted = meeting.sudo().item_ids.vote_ids.member_id
            meeting.present_count = len(voted)
            meeting.is_quorate = len(voted) >= meeting.quorum_count
            meeting.quorum_note = self.env._(
                "%(voted)s voted, quorum %(needed)s",
                voted=len(voted),
                needed=meeting.quorum_count,
            )
        return result

    def action_call(self):
        self._check_step("draft")
        for meeting in self:
            if meeting.kind != "session":
                raise UserError(
                    self.env._(
                        "%(name)s is decided by circulation: ask for votes instead.",
                        name=meeting.display_name,
                    )
                )
        return super().action_call()

    def _present_members(self):
        """By circulation every member counts as asked; who votes counts as there."""
        self.ensure_one()
        if self.kind == "circulation":
            return self._serving_members().filtered("has_seat")
        kinds = self._presence_kinds()
        there = self.attendance_ids.filtered(
            lambda attendance: attendance.presence in kinds
        ).member_id
        return super()._present_members() & there

    def _confirm_circulations(self):
        """Take decisions by circulation into the minutes of the meeting."""
        for meeting in self.filtered(lambda one: one.kind == "session"):
            waiting = self.search(
                [
                    ("committee_id", "=", meeting.committee_id.id),
                    ("kind", "=", "circulation"),
                    ("state", "=", "closed"),
                    ("item_ids.state", "=", "decided"),
                    ("confirmed_in_ids", "=", False),
                ],
                order="id",
            )
            if waiting:
                # Follows from closing the meeting, which was checked.
                meeting.sudo().circulation_ids = [Command.set(waiting.ids)]

    def action_close(self):
        self._check_step("open")
        self._confirm_circulations()
        return super().action_close()

    # ------------------------------------------------------------------
    # Minutes
    # ------------------------------------------------------------------

    def _build_minutes(self):
        minutes = super()._build_minutes()
        lines = self._circulation_lines()
        return "\n".join([minutes, "", *lines]) if lines else minutes

    def _circulation_lines(self):
        """Return what the minutes say about decisions by circulation."""
        self.ensure_one()
        lines = []
        if self.kind == "circulation":
            lines.append(self.env._("Decided by circulation, without a meeting."))
            if self.called_by_id:
                # Names of colleagues are no secret.
                lines.append(
                    self.env._(
                        "%(member)s called for a meeting. %(reason)s",
                        member=self.called_by_id.sudo().name,
                        reason=self.call_reason or "",
                    ).strip()
                )
        if self.circulation_ids:
            lines.append(
                self.env._("Decisions by circulation, confirmed by this meeting:")
            )
        # Members were asked and may know what was decided.
        for decision in self.circulation_ids.sudo().item_ids.decision_ids.sorted("id"):
            lines.append(
                self.env._(
                    "- %(circulation)s: decision %(decision)s on request %(request)s",
                    circulation=decision.meeting_id.name,
                    decision=decision.name,
                    request=decision.request_id.name,
                )
            )
        return lines

    # ------------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------------

    @api.model
    def _cron_end_circulations(self):
        """End what is open by circulation and over time, each item by itself."""
        self.env["ir.cron"]._in_slices(
            self.env["beneficiary.agenda.item"],
            [
                ("state", "=", "voting"),
                ("meeting_id.kind", "=", "circulation"),
                ("meeting_id.deadline", "<=", fields.Datetime.now()),
            ],
            "_end_by_time",
            size=1,
        )


class BeneficiaryAgendaItem(models.Model):
    """An item that is decided by circulation."""

    _inherit = "beneficiary.agenda.item"

    deadline = fields.Datetime(related="meeting_id.deadline")

    def _is_circulated(self):
        self.ensure_one()
        return self.meeting_id.kind == "circulation"

    def _needs_consent(self):
        """Tell whether all members must agree: no decision else, but a meeting."""
        self.ensure_one()
        return self._is_circulated() and self.committee_id.circulation_pass == "all"

    def _may_circulate(self):
        """Tell whether the rule sheet lets the item be decided without a meeting."""
        self.ensure_one()
        committee = self.committee_id
        if committee.circulation == "urgent":
            return self.urgency == "urgent"
        if committee.circulation == "amount":
            limit = committee.circulation_amount
            return self.currency_id.compare_amounts(self.amount, limit) <= 0
        return False

    def _rules(self):
        rules = super()._rules()
        return consent_rules(rules) if self._needs_consent() else rules

    def _wants_meeting(self, count):
        """Tell whether a motion without the consent of all goes to a meeting."""
        self.ensure_one()
        return self._needs_consent() and count.outcome == "failed"

    def _certain(self, votes):
        if self._needs_consent() and {"no", "abstain"} & {
            value for value, number in self._tally(votes).items() if number
        }:
            return True
        return super()._certain(votes)

    def _check_can_open_vote(self):
        if self._is_circulated() and not self._may_circulate():
            raise UserError(
                self.env._(
                    "%(request)s: the rules of %(committee)s want a meeting for it. "
                    "Take it off this agenda.",
                    request=self.display_name,
                    committee=self.committee_id.name,
                )
            )
        return super()._check_can_open_vote()

    def _check_can_close_vote(self):
        res = super()._check_can_close_vote()
        if (
            self._is_circulated()
            and not self.meeting_id._is_over_time()
            and not self._certain(self._round_votes())
        ):
            raise UserError(
                self.env._(
                    "%(request)s: votes by circulation are open until their time is "
                    "over, or the result is certain.",
                    request=self.display_name,
                )
            )
        return res

    def _check_can_vote(self, member, value, reason=False):
        if self.meeting_id._is_over_time():
            raise UserError(
                self.env._(
                    "%(request)s: the time to vote is over.", request=self.display_name
                )
            )
        return super()._check_can_vote(member, value, reason)

    def _end_by_time(self):
        """End votes by circulation whose time is over.

        Without a quorum, or when something stops the decision, the item goes to a
        meeting: it must not stay open.
        """
        self._touch_requests()
        for item in self:
            if item.state != "voting":
                continue
            # See beneficiary.ratification: the minutes are not in the language of a
            # scheduled action.
            words = item._secretary()._in_own_language(item).env
            why = words._(
                "The time to vote by circulation is over: too few votes were given."
            )
            count = item._count(item._round_votes())
            if count.quorate and count.why != "tie_casting_vote":
                item._close_by_itself()
                why = item.result
            if item.state == "voting":
                item._postpone(why)
                item.meeting_id._end_circulation()

    def _close_vote(self):
        res = super()._close_vote()
        self.meeting_id._end_circulation()
        return res
