from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.ballot import yes_still_needed
from .beneficiary_decision import APPROVALS
from .beneficiary_decision_reason import USES


class BeneficiaryAgendaItem(models.Model):
    """What the session screen shows of an item, each to whom it may be shown."""

    _inherit = "beneficiary.agenda.item"

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items.meeting_id._notify_session()
        return items

    def write(self, vals):
        before = self.meeting_id if "meeting_id" in vals else self.meeting_id.browse()
        res = super().write(vals)
        (before | self.meeting_id)._notify_session()
        return res

    def unlink(self):
        meetings = self.meeting_id
        res = super().unlink()
        meetings._notify_session()
        return res

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_take_up(self):
        """Put an item before the committee: all session screens go to it.

        :raise UserError: when the meeting is not open
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        if self.meeting_id.state != "open":
            raise UserError(
                self.env._(
                    "%(request)s: the meeting %(meeting)s is not open.",
                    request=self.display_name,
                    meeting=self.meeting_id.display_name,
                )
            )
        # Where the meeting stands is not typed in; the role was checked.
        self.meeting_id.sudo().current_item_id = self

    # ------------------------------------------------------------------
    # Screen
    # ------------------------------------------------------------------

    def _session_row(self, number, states):
        """Return the line of the agenda on the left."""
        self.ensure_one()
        return {
            "id": self.id,
            "number": number,
            "name": self.display_name,
            "title": self.aid_type_id.name or "",
            "kind": self._session_kind(),
            "amount": self.currency_id.format(self.amount),
            "urgent": self.urgency == "urgent",
            "state": self.state,
            "label": states[self.state],
            "my_vote": self.my_vote or "",
            "voted": self.voted_count,
            "eligible": self.eligible_count,
        }

    def _session_dossier(self):
        """Return the item in the middle of the screen.

        Everything is read under the rights of the user; nothing here adds to them.

        :rtype: dict
        """
        self.ensure_one()
        request = self.request_id
        return {
            "id": self.id,
            "name": self.display_name,
            "state": self.state,
            "round": self.round,
            "request_id": request.id,
            "person": self._session_person(),
            "aid_type": self.aid_type_id.name or "",
            "urgent": self.urgency == "urgent",
            "kind": self._session_kind(),
            "needs": request.reason or "",
            # A list was neither asked for nor studied; its words are in the motion.
            "is_list": self.is_list,
            "requested": ""
            if self.is_list
            else self.currency_id.format(self.amount_requested),
            "recommended": ""
            if self.is_list
            else self.currency_id.format(self.amount_recommended),
            "ceiling": self.currency_id.format(self.aid_type_id.ceiling)
            if self.aid_type_id.ceiling
            else "",
            "studies": self._session_studies(),
            "papers": self._session_papers(),
            "motion": self._session_motion(),
            "vote": self._session_vote(),
            "result": self.result or "",
            "postponed": self._minutes_postponed(),
            "decision": self._session_decision(),
            "recused": self.recused_member_ids.mapped("display_name"),
            "conflicts": self._session_conflicts(),
            "opinions": self._session_opinions(),
            "can": self._session_steps(),
            "choices": self._session_choices(),
            "dossier_hash": self.dossier_hash or "",
            "papers_change": self.papers_change or "",
        }

    def _session_kind(self):
        """Return what an item is that is no first decision: an appeal, say."""
        if self.kind == "first":
            return ""
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _session_person(self):
        """Return the person, or the number of the file where the rules hide the name.

        A list names nobody.
        """
        person = self.beneficiary_id
        hides = self.committee_id.hide_applicant != "nothing"
        over = self.state not in ("pending", "voting")
        if hides and not over and not self.meeting_id._user_is_secretary():
            # Whoever the file is closed to is not told its number, either.
            return person.display_name if self.is_blind else person.file_number or ""
        return person.display_name or ""

    def _session_opinions(self):
        """Return the opinions the user may read, and whose are missing."""
        Opinion = self.env["beneficiary.opinion"]
        labels = dict(Opinion._fields["leaning"]._description_selection(self.env))
        given = Opinion.browse()
        if Opinion.has_access("read"):
            given = Opinion.search([("item_id", "=", self.id)])
        return {
            "count": self.opinion_count,
            "missing": self.opinion_missing if self.state == "pending" else "",
            "median": self.currency_id.format(self.median_amount)
            if self.median_amount
            else "",
            "given": [
                {
                    "id": one.id,
                    "member": one.member_id.display_name,
                    "leaning": labels.get(one.leaning, ""),
                    "amount": self.currency_id.format(one.amount) if one.amount else "",
                    "text": one.text or "",
                }
                for one in given
            ],
        }

    def _session_studies(self):
        Assessment = self.env["beneficiary.assessment"]
        labels = {
            name: dict(Assessment._fields[name]._description_selection(self.env))
            for name in ("recommendation", "entitlement")
        }
        return [
            {
                "id": one.id,
                "mechanism": one.mechanism_id.display_name,
                "date": format_date(self.env, one.date),
                "researcher": one.researcher_id.sudo().name or "",
                "recommendation": labels["recommendation"].get(one.recommendation, ""),
                "entitlement": labels["entitlement"].get(one.entitlement, ""),
                "per_capita": self.currency_id.format(one.per_capita_income)
                if one.household_id
                else "",
                "band": one.need_band_name or "",
                "report": one.report or "",
                "explanation": one.explanation or "",
            }
            for one in self.request_id.assessment_ids
            if one.state != "cancelled"
        ]

    def _session_papers(self):
        """Return the checklist: each paper that is asked for, and what is there."""
        if self.is_blind:
            # Papers name the person.
            return []
        request = self.request_id
        Document = self.env["beneficiary.document"]
        labels = dict(Document._fields["state"]._description_selection(self.env))
        kinds = request.required_document_type_ids
        missing = request.missing_document_type_ids
        papers = request.document_ids
        rows = [
            {
                "id": one.id,
                "name": one.type_id.name,
                "label": labels[one.state],
                "is_there": one.type_id not in missing,
            }
            for one in papers
            if one.type_id in kinds or one in request.accepted_document_ids
        ]
        rows += [
            {"id": False, "name": kind.name, "label": "", "is_there": False}
            for kind in missing - papers.type_id
        ]
        return rows

    def _session_motion(self):
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return {
            "outcome": self.outcome or "",
            "outcome_label": outcomes.get(self.outcome, ""),
            "amount": self.amount,
            "amount_label": self.currency_id.format(self.amount),
            "has_amount": self.outcome in APPROVALS,
            "fund_id": self.fund_id.id,
            "fund": self.fund_id.display_name or "",
            "reason_id": self.reason_id.id,
            "reason": self.reason_id.display_name or "",
            "motion": self.motion or "",
            "condition": self.condition or "",
            "public_text": self.public_text or "",
        }

    def _session_vote(self):
        """Return who may vote, who has, and, as far as the user may see it, how."""
        values = dict(self.env["beneficiary.vote"]._fields["value"].selection)
        labels = dict(
            self.env["beneficiary.vote"]
            ._fields["value"]
            ._description_selection(self.env)
        )
        # Who has voted is known in the room, how under the rules of the vote.
        votes = self._round_votes()
        seen = self._votes_seen(votes)
        shown = {vote.member_id: vote for vote in seen}
        acting = self._session_acting()
        members = [
            {
                "id": member.id,
                "name": member.display_name,
                "has_voted": member in votes.member_id,
                "value": (member in shown and shown[member].value) or "",
                "label": labels.get(shown[member].value, "") if member in shown else "",
                "is_me": member.user_id == self.env.user,
                "acting": acting.get(member, ""),
            }
            for member in self.eligible_member_ids
        ]
        tally = None
        if votes and len(seen) == len(votes) and not self.is_secret:
            given = seen.mapped("value")
            tally = {value: given.count(value) for value in values}
        return {
            "members": members,
            "voted": len(votes),
            "eligible": len(members),
            "tally": tally or False,
            "line": self._live_line(votes, seen) if self.state == "voting" else "",
            "is_final": not self._may_change_vote(),
            "asks_reason": self._abstention_asks_reason(),
            "my_vote": self.my_vote or "",
            "my_label": labels.get(self.my_vote, ""),
        }

    def _session_acting(self):
        """Return who sits or votes for whom, in words, by the member that is listed."""
        words = {}
        for one in self._round_stand_ins():
            if one.kind == "alternate":
                words[one.member_id] = self.env._(
                    "in the place of %(seat)s", seat=one.seat_id.display_name
                )
            else:
                words[one.seat_id] = self.env._(
                    "%(member)s votes", member=one.member_id.display_name
                )
        return words

    def _votes_seen(self, votes):
        """Return those of the votes that the user may read."""
        Vote = self.env["beneficiary.vote"]
        if not Vote.has_access("read"):
            return Vote
        return votes.with_env(self.env)._filtered_access("read")

    def _session_conflicts(self):
        """Return the ties the user may see: the secretary all, a member his own."""
        Conflict = self.env["beneficiary.conflict"]
        if not Conflict.has_access("read"):
            return []
        labels = {
            name: dict(Conflict._fields[name]._description_selection(self.env))
            for name in ("kind", "state")
        }
        return [
            {
                "id": one.id,
                "member": one.member_id.display_name,
                "kind": labels["kind"][one.kind],
                "is_kin": one.is_kin,
                "state": one.state,
                "label": labels["state"][one.state],
                "reason": one.reason or "",
                "can_answer": one.state == "proposed"
                and self.state == "pending"
                and self.meeting_id._user_is_secretary(),
            }
            for one in Conflict.search([("item_id", "=", self.id)])
        ]

    def _session_decision(self):
        decision = self.decision_ids[:1]
        if self.state != "decided" or not decision:
            return False
        outcomes = dict(decision._fields["outcome"]._description_selection(self.env))
        return {
            "name": decision.name,
            "outcome": outcomes[decision.outcome],
            "amount": self.currency_id.format(decision.amount)
            if decision.outcome in APPROVALS
            else "",
            "reason": decision.reason_id.display_name or "",
        }

    def _session_steps(self):
        """Return what the user may do now; the steps themselves check it again."""
        meeting = self.meeting_id
        secretary = meeting._user_is_secretary()
        pending = self.state == "pending"
        running = meeting.state in ("draft", "called", "open")
        seat = self.committee_id.member_ids.filtered(
            lambda member: member.user_id == self.env.user
        )
        return {
            "edit": secretary and pending and running,
            "open": secretary and pending and meeting.state == "open",
            "close": secretary and self.state == "voting",
            # During a vote only where its result cannot take effect.
            "postpone": secretary and running and self.state in ("pending", "voting"),
            "take_up": secretary and meeting.state == "open",
            "vote": self.can_vote or self.can_change_vote,
            "abstain": (self.can_vote or self.can_change_vote)
            and self.committee_id.abstention != "not_allowed"
            and not self._casts(self._my_member()),
            "delegated": self.delegated_seat_id.display_name or "",
            "opine": self.can_opine,
            "median": secretary and pending and bool(self.median_amount),
            "recuse": pending
            and running
            and bool(seat - self.recused_member_ids)
            and self.env.user.has_group("beneficiary_aid.group_committee_member"),
        }

    def _session_choices(self):
        """Return what the secretary chooses from when wording a motion."""
        meeting = self.meeting_id
        if not (meeting._user_is_secretary() and self.state == "pending"):
            return False
        company = self.company_id.id
        funds = self.env["beneficiary.fund"].search(
            [("company_id", "=", company)], limit=200
        )
        reasons = self.env["beneficiary.decision.reason"].search(
            [
                ("company_id", "in", [False, company]),
                "|",
                ("category_ids", "=", False),
                ("category_ids", "=", self.category_id.id),
            ],
            limit=200,
        )
        return {
            "outcomes": self._fields["outcome"]._description_selection(self.env),
            "funds": [[fund.id, fund.display_name] for fund in funds],
            "reasons": [
                [reason.id, reason.display_name, reason.outcome] for reason in reasons
            ],
            "uses": USES,
        }

    # ------------------------------------------------------------------
    # What is still needed
    # ------------------------------------------------------------------

    def _live_line(self, votes, seen):
        """Say what is still needed, without telling votes that are not seen yet.

        :param votes: ``beneficiary.vote`` of the round, as superuser
        :param seen: those of them the user may read
        """
        self.ensure_one()
        waiting = len(self.eligible_member_ids) - len(votes)
        if self._casts(self._my_member()):
            return self.env._("The votes are equal: you have the casting vote.")
        if len(seen) < len(votes) or self.is_secret:
            # Said of the whole vote: it is the same for everybody, and tells nothing.
            return self.env._(
                "Votes in: %(voted)s of %(eligible)s. To carry it, %(needed)s yes of "
                "all votes are needed.",
                voted=len(votes),
                eligible=len(self.eligible_member_ids),
                needed=self._yes_needed(votes.browse()) or 0,
            )
        needed = self._yes_needed(votes)
        if needed is None:
            return self.env._("The votes still missing cannot carry it any more.")
        if not needed:
            return self.env._("It is carried, whatever the votes still missing say.")
        return self.env._(
            "%(needed)s more yes carry it; votes missing: %(waiting)s.",
            needed=needed,
            waiting=waiting,
        )

    def _yes_needed(self, votes):
        """Return how many yes of the members who have not voted carry the motion."""
        self.ensure_one()
        ballot = self._ballot(votes, waiting=True)
        open_votes = ballot.pop("open_votes")
        return yes_still_needed(self._rules(), open_votes, **ballot)
