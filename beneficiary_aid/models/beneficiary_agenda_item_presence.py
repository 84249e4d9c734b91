from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.ballot import (
    count_quorum,
    missing_offices,
    pair_alternates,
    valid_delegations,
)


@dataclass(frozen=True)
class Room:
    """Who is there for an item, and who acts for whom.

    ``present`` are members with a seat, the recused among them included; ``stand_ins``
    is alternate → seat, ``delegates`` is giver → taker.
    """

    seats: object
    present: object
    recused: object
    stand_ins: dict
    delegates: dict

    def available(self):
        """Return the members who count for the item: there, or acted for."""
        there = self.present - self.recused
        for member in (*self.stand_ins, *self.delegates):
            there |= member
        return there

    def left(self):
        """Return the recused members in whose seat nobody stands in."""
        recused = self.recused
        for seat in self.stand_ins.values():
            recused -= seat
        return recused


class BeneficiaryAgendaItem(models.Model):
    """Who is there for an item: attendance, alternates, delegations, quorum."""

    _inherit = "beneficiary.agenda.item"

    absent_member_ids = fields.Many2many(
        comodel_name="beneficiary.committee.member",
        relation="beneficiary_agenda_item_absent_rel",
        string="Out of the Room",
        domain="[('committee_id', '=', committee_id)]",
        help="Members at the meeting who are not there for this item.",
    )
    presence_per_item = fields.Boolean(related="committee_id.presence_per_item")
    stand_in_ids = fields.One2many(
        comodel_name="beneficiary.stand.in", inverse_name="item_id", readonly=True
    )
    delegated_seat_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="I Vote for",
        compute="_compute_delegated_seat_id",
    )
    sent_up_to_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Sent up to",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.depends("stand_in_ids", "round")
    @api.depends_context("uid")
    def _compute_delegated_seat_id(self):
        for item in self:
            item.delegated_seat_id = item._delegated_seats()[:1]

    @api.constrains("absent_member_ids")
    def _check_absent(self):
        for item in self:
            if item.absent_member_ids and not item.presence_per_item:
                raise UserError(
                    self.env._(
                        "The rules of %(committee)s take attendance once a meeting. "
                        "Mark it on the meeting.",
                        committee=item.committee_id.name,
                    )
                )

    def action_vote_delegated(self):
        """Ask for the vote of the member who delegated it to the user."""
        self.ensure_one()
        self.check_access("read")
        seat = self.delegated_seat_id
        if not seat:
            raise UserError(
                self.env._(
                    "%(request)s: nobody delegated a vote to you.",
                    request=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Vote for %(member)s", member=seat.display_name),
            "res_model": "beneficiary.vote.delegated",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_id": self.id, "default_seat_id": seat.id},
        }

    # ------------------------------------------------------------------
    # Who is there
    # ------------------------------------------------------------------

    def _room(self, recused, for_recused=False):
        """Return who is there for the item.

        :param recused: members with a conflict
        :param bool for_recused: let alternates also stand in for recused members
        :rtype: Room
        """
        self.ensure_one()
        meeting = self.meeting_id
        seats = meeting._serving_members().filtered("has_seat")
        present = meeting._present_members() - self.absent_member_ids
        stand_ins = self._pair_alternates(seats, present, recused, for_recused)
        return Room(
            seats, present, recused, stand_ins, self._delegates(present, recused)
        )

    def _pair_alternates(self, seats, present, recused, for_recused):
        empty = seats.browse()
        if self.committee_id.delegation == "alternate":
            empty |= seats - present - recused
        if for_recused:
            empty |= seats & recused
        if not empty or self.meeting_id.kind != "session":
            return {}
        alternates = (
            self.meeting_id._present_alternates() - recused - self.absent_member_ids
        )
        return pair_alternates(
            list(empty.filtered("votes")),
            {one: one.alternate_for_id or None for one in alternates},
        )

    def _delegates(self, present, recused):
        if self.committee_id.delegation != "member":
            return {}
        return valid_delegations(
            self.meeting_id.delegation_ids._pairs_for(self), present, recused
        )

    def _check_quorum(self, room):
        """Tell whether there is a quorum, and why not.

        :return: ``(present, needed, missing offices)``; see ``tools.ballot``
        """
        self.ensure_one()
        rules = self.committee_id._rule_sheet()
        left = room.left()
        available = room.available()
        present, needed = count_quorum(
            rules,
            self.meeting_id._seats(),
            len(available) + len(room.present & left),
            len(room.present & left),
            len((room.seats & left) - room.present),
        )
        return present, needed, missing_offices(rules, self._offices(room))

    def _offices(self, room):
        there = room.present - room.recused
        for member in room.stand_ins:
            there |= member
        if self.committee_id.recused_quorum == "roberts":
            there |= room.present
        return there._offices()

    # ------------------------------------------------------------------
    # No quorum
    # ------------------------------------------------------------------

    def _quorate_room(self, recused):
        """Return who is there when that is a quorum.

        :return: the room, or ``None`` after the rule for a lost quorum was applied
        :raise UserError: when too few came
        """
        self.ensure_one()
        committee = self.committee_id
        meeting = self.meeting_id
        room = self._room(recused)
        if not committee.quorum_per_item:
            return self._room_at_opening(room)
        here, needed, missing = self._check_quorum(room)
        if here < needed or missing:
            if committee.quorum_lost == "alternates":
                room = self._room(recused, for_recused=True)
                here, needed, missing = self._check_quorum(room)
        if here >= needed and not missing:
            return room
        if meeting.kind == "session" and self._lost_by_recusal():
            if committee.quorum_lost == "send_up" and committee.parent_id:
                return self._send_up(committee.parent_id)
            if committee.quorum_lost == "postpone":
                return self._postpone(
                    self.env._("The recusals left no quorum: the item is put off.")
                )
        self._raise_no_quorum(here, needed, missing=missing)

    def _room_at_opening(self, room):
        """Check the quorum once a meeting, before recusals."""
        if not self.meeting_id.quorum_seen:
            full = self._room(self.env["beneficiary.committee.member"])
            here, needed, missing = self._check_quorum(full)
            if here < needed or missing:
                self._raise_no_quorum(here, needed, missing=missing)
            # Not typed in: seen by the system. The role was checked.
            self.meeting_id.sudo().quorum_seen = True
        return room

    def _lost_by_recusal(self):
        here, needed, missing = self._check_quorum(
            self._room(self.env["beneficiary.committee.member"])
        )
        return here >= needed and not missing

    def _send_up(self, parent):
        """Send an item to the body above."""
        self._postpone(
            self.env._(
                "The recusals left no quorum: the item goes up to %(committee)s.",
                committee=parent.name,
            )
        )
        # As the result: not typed in.
        self.sudo().sent_up_to_id = parent

    def _keep_stand_ins(self, room):
        """Keep who acts for whom in the round that begins."""
        rows = [
            ("alternate", member, seat) for member, seat in room.stand_ins.items()
        ] + [("delegate", taker, giver) for giver, taker in room.delegates.items()]
        # Nobody has a right to write stand-ins; opening the vote, which is checked,
        # is their only source.
        self.env["beneficiary.stand.in"].sudo().create(
            [
                {
                    "item_id": self.id,
                    "round": self.round,
                    "kind": kind,
                    "member_id": member.id,
                    "seat_id": seat.id,
                }
                for kind, member, seat in rows
            ]
        )

    def _repeat_stand_ins(self):
        """Let the same members act for the same seats in the next round."""
        last = self.stand_in_ids.filtered(lambda one: one.round == self.round - 1)
        # As above.
        for one in last.sudo():
            one.copy({"round": self.round})

    def _round_stand_ins(self):
        """Return who acts for whom in the current round."""
        self.ensure_one()
        return self.stand_in_ids.filtered(lambda one: one.round == self.round)

    def _stand_in_of(self, seat):
        """Return the member to whom the vote of a seat was delegated, if any."""
        self.ensure_one()
        return (
            self._round_stand_ins()
            .filtered(lambda one: one.kind == "delegate" and one.seat_id == seat)
            .member_id
        )

    def _delegated_seats(self):
        """Return the seats for which the current user votes beside his own."""
        self.ensure_one()
        return (
            self._round_stand_ins()
            .filtered(
                lambda one: (
                    one.kind == "delegate" and one.member_id.user_id == self.env.user
                )
            )
            .seat_id
        )


class BeneficiaryAidRequest(models.Model):
    """A request sent up is decided by the body above, in the place of the sender."""

    _inherit = "beneficiary.aid.request"

    def _sent_up(self):
        """Return the agenda item that sent the request up, as its last word."""
        self.ensure_one()
        # Whether it was sent up is the rule, whoever asks.
        last = self.sudo().agenda_item_ids.sorted("id")[-1:]
        earlier = self.sudo().agenda_item_ids.filtered(
            lambda item: item.state == "postponed"
        )
        if last.state in ("pending", "voting"):
            last = earlier.sorted("id")[-1:]
        return last if last.sent_up_to_id else last.browse()

    def _authority_takes(self, committee):
        item = self._sent_up()
        if item:
            return item.sent_up_to_id == committee
        return super()._authority_takes(committee)

    def _check_authority_takes(self, committee):
        item = self._sent_up()
        if item and item.sent_up_to_id != committee:
            raise UserError(
                self.env._(
                    "Request %(name)s was sent up to %(committee)s. Put it on the "
                    "agenda there.",
                    name=self.display_name,
                    committee=item.sent_up_to_id.name,
                )
            )
        return super()._check_authority_takes(committee)


class BeneficiaryMeeting(models.Model):
    _inherit = "beneficiary.meeting"

    quorum_seen = fields.Boolean(
        readonly=True, copy=False, help="There was a quorum at the first item."
    )
