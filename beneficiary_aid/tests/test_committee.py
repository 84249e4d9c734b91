import json
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestCommittee(AidCommon):
    """Meetings, recusal, quorum, votes and decisions, each by the proper role."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._refer()

    def _voting_item(self, *present, **motion):
        meeting = self._open_meeting(*present)
        item = self._put_on_agenda(meeting, self.request, **motion)
        item.action_open_vote()
        return item

    # ------------------------------------------------------------------
    # Members
    # ------------------------------------------------------------------

    def test_member_works_for_the_association(self):
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_member", other
        )
        with self.assertRaisesRegex(ValidationError, "does not work for"):
            self.env["beneficiary.committee.member"].create(
                {"committee_id": self.committee.id, "user_id": stranger.id}
            )

    @mute_logger("odoo.sql_db")
    def test_one_seat_a_person_and_one_chair_at_a_time(self):
        Member = self.env["beneficiary.committee.member"]
        for values in (
            {"user_id": self.member_a.id},
            {"user_id": self.manager.id, "role": "chair"},
        ):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                Member.create({"committee_id": self.committee.id, **values})
                self.env.flush_all()

    def test_ended_term_gives_no_seat(self):
        self.seats["member_b"].date_to = "2021-01-01"
        meeting = self._open_meeting("chair", "member_a", "researcher_member")
        self.assertNotIn(self.seats["member_b"], meeting.attendance_ids.member_id)
        self.assertEqual(meeting.quorum_count, 2)

    def test_secretary_has_no_vote(self):
        self.assertFalse(self.seats["secretary"].votes)
        self.assertEqual(self._open_meeting().quorum_count, 3)

    @mute_logger("odoo.sql_db")
    def test_rule_sheet_is_within_bounds(self):
        for values in (
            {"quorum_number": 0},
            {"quorum_fraction": 0},
            {"quorum_fraction": 1.5},
            {"pass_number": -1},
        ):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self.committee.write(values)
                self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "how many seats"):
            self.committee.seats_kind = "all"

    # ------------------------------------------------------------------
    # Meeting
    # ------------------------------------------------------------------

    def test_steps_of_a_meeting_are_for_the_secretary(self):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": self.committee.id})
        )
        for user in (self.member_a, self.officer, self.manager, self.auditor):
            for step in ("action_call", "action_open", "action_close"):
                with self.assertRaises(AccessError):
                    getattr(meeting.with_user(user), step)()
        with self.assertRaisesRegex(UserError, "is: Draft"):
            meeting.action_open()
        meeting.action_call()
        self.assertEqual(len(meeting.attendance_ids), 5)
        with self.assertRaisesRegex(UserError, "is: Called"):
            meeting.action_call()
        with self.assertRaises(AccessError):
            meeting.write({"state": "closed"})
        with self.assertRaises(AccessError):
            meeting.attendance_ids[:1].with_user(self.member_a).presence = "present"

    def test_agenda_is_filled_with_what_waits(self):
        second = self._refer(self._create_request(self._create_other_beneficiary()))
        self._create_request()
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        self.assertEqual(meeting.item_ids.request_id, self.request | second)
        with self.assertRaisesRegex(UserError, "No request waits"):
            meeting.action_fill_agenda()

    @mute_logger("odoo.sql_db")
    def test_a_request_is_on_one_agenda(self):
        meeting = self._open_meeting()
        self._put_on_agenda(meeting, self.request)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._put_on_agenda(meeting, self.request)

    def test_request_not_referred_stays_off_the_agenda(self):
        with self.assertRaisesRegex(UserError, "not referred"):
            self._put_on_agenda(self._open_meeting(), self._create_request())

    def test_meeting_is_not_opened_before_its_day(self):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create(
                {
                    "committee_id": self.committee.id,
                    "date": fields.Datetime.now() + timedelta(days=2),
                }
            )
        )
        meeting.action_call()
        with self.assertRaisesRegex(UserError, "Change its date first"):
            meeting.action_open()
        self.assertEqual(meeting.state, "called")
        meeting.date = fields.Datetime.now()
        meeting.action_open()
        self.assertEqual(meeting.state, "open")
        # Open, it is not moved: who serves on its day votes in it.
        for days in (-400, 2):
            with self.assertRaisesRegex(UserError, "took place"):
                meeting.date = fields.Datetime.now() + timedelta(days=days)
        meeting.place = "The hall"

    def test_closing_postpones_what_was_not_reached_and_writes_minutes(self):
        meeting = self._open_meeting("chair", "member_a", "member_b")
        item = self._put_on_agenda(meeting, self.request)
        second = self._refer(self._create_request(self._create_other_beneficiary()))
        self._put_on_agenda(meeting, second)
        item.action_open_vote()
        with self.assertRaisesRegex(UserError, "Close the vote first"):
            meeting.action_close()
        self._vote(item, chair="yes", member_a="no", member_b="yes")
        item.action_close_vote()
        meeting.action_close()
        self.assertEqual(second.agenda_item_ids.state, "postponed")
        self.assertEqual(second.status, "decision")
        for words in (
            self.request.name,
            second.name,
            "3 present, quorum 3",
            "For: 2, against: 1",
            item.decision_ids.name,
            self.reason_entitled.name,
            self.member_a.name,
            "Absent",
        ):
            self.assertIn(words, meeting.minutes)
        for values in ({"remarks": "More"}, {"date": "2026-01-01"}):
            with self.assertRaisesRegex(UserError, "stays as it was"):
                meeting.write(values)
        with self.assertRaises(UserError):
            meeting.attendance_ids[:1].presence = "remote"
        self._put_on_agenda(self._open_meeting(), second)

    def test_meeting_that_voted_is_not_cancelled(self):
        item = self._voting_item()
        with self.assertRaisesRegex(UserError, "cannot be cancelled"):
            item.meeting_id.action_cancel()

    # ------------------------------------------------------------------
    # Opening a vote
    # ------------------------------------------------------------------

    def test_no_vote_without_quorum(self):
        meeting = self._open_meeting("chair", "member_a")
        item = self._put_on_agenda(meeting, self.request)
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self.assertEqual(item.state, "pending")
        self.assertFalse(item.eligible_member_ids)

    def test_recusal_can_cost_the_quorum(self):
        meeting = self._open_meeting("chair", "member_a", "member_b")
        item = self._put_on_agenda(meeting, self.request)
        item.with_user(self.member_b).action_recuse()
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self.committee.recused_quorum = "roberts"
        item.action_open_vote()
        self.assertEqual(
            item.eligible_member_ids, self.seats["chair"] | self.seats["member_a"]
        )

    def test_motion_must_be_possible(self):
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, self.request)
        self.aid_type.ceiling = 2500
        medicine = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", self.company.id), ("code", "=", "medicine")]
        )
        other_fund = self.env["beneficiary.fund"].create(
            {
                "name": "Medicine",
                "code": "MED",
                "company_id": self.company.id,
                "aid_type_ids": medicine.ids,
            }
        )
        for values, words in (
            ({"outcome": False}, "choose what"),
            ({"amount": 0}, "enter the amount"),
            ({"amount": 2600}, "ceiling"),
            ({"fund_id": False}, "choose the fund"),
            ({"fund_id": other_fund.id}, "may not pay"),
            ({"outcome": "decline", "reason_id": False}, "choose the reason"),
            ({"outcome": "approve_condition"}, "condition"),
            ({"reason_id": self.reason_declined.id}, "used for: Refusal"),
            (
                {"outcome": "decline", "reason_id": self.reason_entitled.id},
                "used for: Approval",
            ),
        ):
            with self.subTest(**values), self.assertRaisesRegex(UserError, words):
                with self.cr.savepoint():
                    item.write(values)
                    item.action_open_vote()
        self.aid_type.ceiling = 0
        item.amount = 3001
        with self.assertRaisesRegex(UserError, "more than was asked"):
            item.action_open_vote()

    def test_motion_stays_while_the_committee_votes(self):
        item = self._voting_item()
        for values in (
            {"amount": 1},
            {"fund_id": False},
            {"outcome": "decline"},
            {"recused_member_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                item.write(values)
        for values in ({"state": "decided"}, {"eligible_member_ids": []}):
            with self.assertRaises(AccessError):
                item.write(values)
        with self.assertRaisesRegex(UserError, "open or over"):
            item.action_open_vote()
        with self.assertRaisesRegex(UserError, "stays on its agenda"):
            item.unlink()
        with self.assertRaisesRegex(UserError, "is voting"):
            self.request.with_user(self.officer).action_back_to_study()

    # ------------------------------------------------------------------
    # Voting
    # ------------------------------------------------------------------

    def test_whoever_studied_the_case_does_not_vote_on_it(self):
        request = self._refer(
            self._create_request(self._create_other_beneficiary()),
            user=self.researcher_member,
        )
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, request)
        self.assertEqual(item.recused_member_ids, self.seats["researcher_member"])
        item.recused_member_ids = False
        item.action_open_vote()
        self.assertEqual(item.recused_member_ids, self.seats["researcher_member"])
        with self.assertRaises(AccessError):
            item.with_user(self.researcher_member).action_vote_yes()

    def test_vote_by_a_non_member(self):
        item = self._voting_item()
        for user in (self.secretary, self.officer, self.manager, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                item.with_user(user).action_vote_yes()

    def test_vote_by_an_absent_member(self):
        item = self._voting_item("chair", "member_a", "researcher_member")
        with self.assertRaisesRegex(AccessError, "may not vote"):
            item.with_user(self.member_b).action_vote_yes()

    def test_nobody_votes_for_another_whatever_his_rights(self):
        item = self._voting_item()
        values = {
            "item_id": item.id,
            "member_id": self.seats["member_b"].id,
            "value": "yes",
        }
        Vote = self.env["beneficiary.vote"]
        for user in (self.member_a, self.chair):
            with self.assertRaisesRegex(AccessError, "Only"):
                Vote.with_user(user).create(values)
        for user in (self.secretary, self.administrator):
            with self.assertRaises(AccessError):
                Vote.with_user(user).create(values)
        with self.assertRaisesRegex(AccessError, "Only"):
            Vote.sudo().create(values)

    @mute_logger("odoo.sql_db")
    def test_a_vote_is_given_once_and_stays(self):
        self.committee.change_of_vote = "never"
        item = self._voting_item()
        self._vote(item, member_a="yes")
        with self.assertRaisesRegex(UserError, "given once"):
            item.with_user(self.member_a).action_vote_no()
        vote = item.sudo().vote_ids
        for user in (self.member_a, self.secretary, self.env.user):
            with self.assertRaises(UserError):
                vote.with_user(user).write({"value": "no"})
            with self.assertRaises(UserError):
                vote.with_user(user).unlink()
        for query in (
            "UPDATE beneficiary_vote SET value = 'no' WHERE id = %s",
            "DELETE FROM beneficiary_vote WHERE id = %s",
        ):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self.cr.execute(query, [vote.id])

    def test_votes_of_others_are_hidden_until_the_vote_is_closed(self):
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="no", member_b="yes")
        Vote = self.env["beneficiary.vote"].with_user(self.member_a)
        mine = Vote.search([("item_id", "=", item.id)])
        self.assertEqual(mine.member_id, self.seats["member_a"])
        self.assertFalse(
            Vote.with_user(self.secretary).search([("item_id", "=", item.id)])
        )
        self.assertEqual(item.voted_count, 3)
        self.assertEqual(item.waiting_names, self.researcher_member.name)
        item.action_close_vote()
        self.assertEqual(len(Vote.search([("item_id", "=", item.id)])), 3)

    def test_no_vote_before_opening_or_after_closing(self):
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, self.request)
        with self.assertRaisesRegex(UserError, "no vote is open"):
            item.with_user(self.member_a).action_vote_yes()
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        with self.assertRaisesRegex(UserError, "no vote is open"):
            item.with_user(self.researcher_member).action_vote_yes()

    def test_abstention_follows_the_rules(self):
        item = self._voting_item()
        member = item.with_user(self.member_a)
        action = member.action_vote_abstain()
        self.assertEqual(action["res_model"], "beneficiary.vote.abstain")
        with self.assertRaisesRegex(UserError, "why you abstain"):
            member._vote("abstain")
        wizard = (
            self.env["beneficiary.vote.abstain"]
            .with_user(self.member_a)
            .with_context(**action["context"])
            .create({"reason": "I know the family"})
        )
        wizard.action_abstain()
        self.assertEqual(member.my_vote, "abstain")
        self.assertFalse(member.can_vote)
        self.committee.abstention = "not_allowed"
        with self.assertRaisesRegex(UserError, "no abstention"):
            item.with_user(self.member_b)._vote("abstain", "Reason")

    def test_chair_who_votes_in_a_tie_only(self):
        self.committee.write({"chair_votes": "tie_only", "tie_rule": "casting_vote"})
        item = self._voting_item("chair", "member_a", "member_b")
        with self.assertRaisesRegex(UserError, "votes only when"):
            item.with_user(self.chair).action_vote_yes()
        self._vote(item, member_a="yes", member_b="no")
        with self.assertRaisesRegex(UserError, "casting vote"):
            item.action_close_vote()
        self._vote(item, chair="yes")
        item.action_close_vote()
        self.assertEqual(self.request.status, "approved")
        self.assertIn("chair's side", item.result)

    def test_chair_who_never_votes(self):
        self.committee.chair_votes = "never"
        item = self._voting_item("chair", "member_a", "member_b")
        with self.assertRaises(AccessError):
            item.with_user(self.chair).action_vote_yes()
        self._vote(item, member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(item.decision_ids.present_count, 3)

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------

    def test_silent_members_count_as_absent(self):
        item = self._voting_item("chair", "member_a", "member_b")
        self._vote(item, chair="yes", member_a="yes")
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_close_vote()
        self.assertEqual(item.state, "voting")
        self.assertEqual(self.request.status, "decision")
        self.committee.silence = "abstain"
        item.action_close_vote()
        self.assertEqual(self.request.status, "approved")

    def test_approval_takes_effect_at_once(self):
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="no")
        item.action_close_vote()
        decision = item.decision_ids
        request = self.request
        self.assertRecordValues(
            decision,
            [
                {
                    "outcome": "approve",
                    "passed": True,
                    "amount": 2000,
                    "fund_id": self.fund.id,
                    "yes_count": 2,
                    "no_count": 1,
                    "abstain_count": 0,
                    "present_count": 3,
                    "quorum_count": 3,
                    "kind": "first",
                    "request_id": request.id,
                }
            ],
        )
        self.assertEqual(request.status, "approved")
        self.assertEqual(request.decision_id, decision)
        self.assertEqual(request.amount_approved, 2000)
        self.assertEqual(request.fund_id, self.fund)
        self.assertEqual(request.amount_committed, 2000)
        self.assertEqual(self.fund.committed, 2000)
        self.assertEqual(self.beneficiary.state, "active")
        self.assertEqual(decision.rule_snapshot["pass_base"], "cast")
        self.assertEqual(len(decision.ballot_snapshot), 3)
        self.assertEqual(decision.dossier_hash, item.dossier_hash)

    def test_fund_that_has_less_stops_the_decision(self):
        poor = self.env["beneficiary.fund"].create(
            {"name": "Empty", "code": "EMPTY", "company_id": self.company.id}
        )
        item = self._voting_item(fund_id=poor.id)
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        with self.assertRaisesRegex(UserError, "cannot be promised"):
            with self.cr.savepoint():
                item.action_close_vote()
        self.assertEqual(item.state, "voting")
        self.assertFalse(self.request.decision_id)
        self.assertEqual(self.request.status, "decision")
        # The meeting goes on without it; the minutes say why.
        for user in (self.chair, self.aid_manager):
            with self.assertRaises(AccessError):
                item.with_user(user).action_postpone()
        self._put_off(item)
        self.assertEqual(item.state, "postponed")
        self.assertIn("cannot be promised", item.result)
        self.assertFalse(self.request.decision_id)
        item.meeting_id.action_close()
        self.assertIn("cannot be promised", item.meeting_id.minutes)
        again = self._put_on_agenda(self._open_meeting(), self.request)
        self.assertEqual(again.state, "pending")

    def test_vote_that_can_be_closed_is_not_put_off(self):
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="no")
        with self.assertRaisesRegex(UserError, "can be closed"):
            with self.cr.savepoint():
                self._put_off(item)
        self.env.invalidate_all()
        self.assertEqual(item.state, "voting")
        self.assertFalse(self.request.decision_id)
        item.action_close_vote()
        with self.assertRaisesRegex(UserError, "vote is closed"):
            item.action_postpone()

    def test_second_click_closes_nothing(self):
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        with self.assertRaisesRegex(UserError, "closed already"):
            item.action_close_vote()
        self.assertEqual(len(self.request.decision_ids), 1)
        self.assertEqual(self.fund.committed, 2000)

    def test_motion_to_approve_that_fails_is_a_refusal(self):
        item = self._voting_item()
        self._vote(item, chair="no", member_a="no", member_b="yes")
        item.action_close_vote()
        decision = self.request.decision_id
        self.assertFalse(decision.passed)
        self.assertEqual(decision.outcome, "decline")
        self.assertEqual(decision.amount, 0)
        self.assertFalse(decision.fund_id)
        self.assertTrue(decision.reason_id)
        self.assertEqual(self.request.status, "rejected")
        self.assertEqual(self.fund.committed, 0)

    def test_motion_to_decline(self):
        item = self._voting_item(outcome="decline", reason_id=self.reason_declined.id)
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(self.request.status, "rejected")
        self.assertEqual(self.request.outcome, "declined")
        self.assertEqual(self.request.decision_id.reason_id, self.reason_declined)
        self.assertNotEqual(self.beneficiary.state, "active")

    def test_motion_to_decline_that_fails_decides_nothing(self):
        item = self._voting_item(outcome="decline", reason_id=self.reason_declined.id)
        self._vote(item, chair="no", member_a="no", member_b="yes")
        item.action_close_vote()
        self.assertEqual(item.state, "pending")
        self.assertFalse(self.request.decision_id)
        item.write({"outcome": "approve", "reason_id": self.reason_entitled.id})
        item.action_open_vote()
        self.assertEqual(item.round, 2)
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(self.request.decision_id.round, 2)
        self.assertEqual(self.request.status, "approved")

    def test_tie_for_the_next_meeting_and_nobody_for_or_against(self):
        self.committee.tie_rule = "next_meeting"
        item = self._voting_item()
        self._vote(
            item, chair="yes", member_a="no", member_b="yes", researcher_member="no"
        )
        item.action_close_vote()
        self.assertEqual(item.state, "postponed")
        self.assertFalse(self.request.decision_id)
        item = self._voting_item()
        self._vote(item, chair="abstain", member_a="abstain", member_b="abstain")
        item.action_close_vote()
        self.assertEqual(item.state, "postponed")
        self.assertIn("Nobody voted", item.result)

    def test_motion_to_postpone_is_no_decision(self):
        item = self._voting_item(outcome="postpone", reason_id=self.reason_later.id)
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(item.state, "postponed")
        self.assertEqual(item.postpone_reason_id, self.reason_later)
        self.assertEqual(self.request.status, "decision")
        item.meeting_id.action_close()
        self.assertIn(self.reason_later.name, item.meeting_id.minutes)

    def test_motion_to_postpone_says_why(self):
        for reason, words in (
            (self.env["beneficiary.decision.reason"], "why it is put off"),
            (self.reason_entitled, "Choose one that fits"),
        ):
            with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self._voting_item(outcome="postpone", reason_id=reason.id)

    def test_motion_to_postpone_that_fails_gives_no_reason(self):
        item = self._voting_item(outcome="postpone", reason_id=self.reason_later.id)
        self._vote(item, chair="no", member_a="no", member_b="no")
        item.action_close_vote()
        self.assertEqual(item.state, "pending")
        item.meeting_id.action_close()
        self.assertEqual(item.state, "postponed")
        self.assertFalse(item.postpone_reason_id)

    def test_secretary_puts_off_with_a_reason(self):
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, self.request)
        action = item.action_postpone()
        self.assertEqual(item.state, "pending")
        Window = self.env[action["res_model"]].with_context(**action["context"])
        for user in (self.chair, self.aid_manager, self.officer):
            with self.assertRaises(AccessError):
                Window.with_user(user).create({"reason_id": self.reason_later.id})
            with self.assertRaises(AccessError):
                item.with_user(user)._put_off(self.reason_later)
        window = Window.with_user(self.secretary).create(
            {"reason_id": self.reason_entitled.id}
        )
        with self.assertRaisesRegex(UserError, "Choose one that fits"):
            window.action_postpone()
        window.reason_id = self.reason_later
        window.action_postpone()
        self.assertEqual(item.state, "postponed")
        with self.assertRaisesRegex(UserError, "vote is closed"):
            window.action_postpone()
        with self.assertRaises(AccessError):
            item.postpone_reason_id = False
        meeting.action_close()
        self.assertIn(self.reason_later.name, meeting.minutes)
        # The document is in the language of papers.
        lang = meeting.minutes_ids._paper_lang()
        reason = self.reason_later.with_context(lang=lang)
        [section] = [
            one
            for one in meeting.minutes_ids._shown_sections()
            if one["key"].startswith("item_")
        ]
        self.assertIn(reason.name, str(section["rows"]))

    def test_help_in_kind_needs_no_money(self):
        item = self._voting_item(outcome="in_kind", amount=0, fund_id=False)
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(self.request.status, "approved")
        self.assertEqual(self.fund.committed, 0)
        self.request.with_user(self.officer).action_deliver()

    def test_words_for_the_applicant_are_in_his_language(self):
        item = self._voting_item(public_text="Come on Monday.")
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(item.decision_ids.public_text, "Come on Monday.")

    # ------------------------------------------------------------------
    # Appeal
    # ------------------------------------------------------------------

    def test_appeal_goes_to_people_who_did_not_decide_the_first_time(self):
        meeting = self._open_meeting("chair", "member_a", "member_b")
        item = self._put_on_agenda(
            meeting, self.request, outcome="decline", reason_id=self.reason_declined.id
        )
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        first = self.request.decision_id
        self.request.with_user(self.officer).action_appeal()
        self.request.with_user(self.officer)._file_appeal("Look at it again.")
        self.assertTrue(self.request.is_appeal)
        self.assertFalse(self.request.outcome)
        again = self._put_on_agenda(self._open_meeting(), self.request)
        self.assertEqual(again.kind, "appeal")
        with self.assertRaisesRegex(UserError, "not recused: 1, needed: 3"):
            again.action_open_vote()
        self._put_off(again)
        board = self._create_board()
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": board.id})
        )
        meeting.action_call()
        meeting.action_open()
        meeting.action_mark_all_present()
        again = self._put_on_agenda(meeting, self.request)
        again.action_open_vote()
        again.with_user(self.manager).action_vote_yes()
        again.action_close_vote()
        self.assertEqual(self.request.decision_id.kind, "appeal")
        self.assertEqual(self.request.decision_ids[-1], first)
        self.assertEqual(self.request.status, "approved")

    def _create_board(self):
        self.manager.group_ids = [
            Command.link(self.env.ref("beneficiary_aid.group_committee_member").id)
        ]
        return self.env["beneficiary.committee"].create(
            {
                "name": "Board",
                "company_id": self.company.id,
                "member_ids": [
                    Command.create(
                        {"user_id": self.manager.id, "date_from": "2020-01-01"}
                    )
                ],
            }
        )

    def test_committee_of_a_new_meeting_may_be_chosen_again(self):
        for kind in ("session", "circulation"):
            with self.subTest(kind=kind):
                form = Form(self.env["beneficiary.meeting"].with_user(self.secretary))
                form.kind = kind
                form.committee_id = self.committee
                form.committee_id = self.env["beneficiary.committee"]
                self.assertFalse(form.quorum_note)
                form.committee_id = self.committee


@tagged("post_install", "-at_install")
class TestDecision(AidCommon):
    """Decisions are written once and sealed to one another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.decision = cls._decide().sudo().decision_id

    def test_nobody_types_a_decision(self):
        for user in (self.secretary, self.manager, self.administrator):
            with self.assertRaises(UserError):
                self.env["beneficiary.decision"].with_user(user).create(
                    {"request_id": self.decision.request_id.id}
                )

    def test_decision_is_neither_changed_nor_deleted(self):
        for user in (self.secretary, self.administrator):
            decision = self.decision.with_user(user)
            with self.assertRaises(UserError):
                decision.write({"amount": 1})
            with self.assertRaises(AccessError):
                decision.unlink()
        with self.assertRaisesRegex(UserError, "never changed"):
            self.decision.sudo().amount = 1
        with self.assertRaisesRegex(UserError, "is kept"):
            self.decision.sudo().unlink()

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_changes_too(self):
        self.env.flush_all()
        for query in (
            "UPDATE beneficiary_decision SET amount = 1",
            "UPDATE beneficiary_decision SET public_text = public_text",
            "DELETE FROM beneficiary_decision",
            "TRUNCATE beneficiary_decision CASCADE",
        ):
            with self.subTest(query=query), self.assertRaises(IntegrityError):
                with self.cr.savepoint():
                    self.cr.execute(query)

    def test_chain_holds_and_shows_tampering(self):
        second = (
            self._decide(
                self._refer(self._create_request(self._create_other_beneficiary()))
            )
            .sudo()
            .decision_id
        )
        self.assertEqual(second.previous_hash, self.decision.hash)
        self.assertNotEqual(second.name, self.decision.name)
        Decision = self.env["beneficiary.decision"]
        self.env.invalidate_all()
        self.assertFalse(Decision._broken_seals(self.company))
        self.cr.execute("ALTER TABLE beneficiary_decision DISABLE TRIGGER USER")
        self.cr.execute(
            "UPDATE beneficiary_decision SET amount = 1 WHERE id = %s",
            [self.decision.id],
        )
        self.env.invalidate_all()
        self.assertEqual(Decision._broken_seals(self.company), self.decision)
        with self.assertLogs(
            "odoo.addons.beneficiary_aid.models.beneficiary_decision", "ERROR"
        ):
            Decision._cron_check_seals()

    def test_other_words_beside_stored_digests_break_the_seal(self):
        decision = self.decision
        digests = json.dumps(decision._word_digests())
        self.cr.execute("ALTER TABLE beneficiary_decision DISABLE TRIGGER USER")
        self.cr.execute(
            "UPDATE beneficiary_decision SET public_text = 'Other', word_digests = %s"
            " WHERE id = %s",
            [digests, decision.id],
        )
        self.env.invalidate_all()
        self.assertEqual(decision._broken_seals(self.company), decision)

    @mute_logger("odoo.sql_db")
    def test_one_standing_decision_a_request(self):
        decision = self.decision
        values = {**decision.copy_data()[0], "decided_on": False}
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["beneficiary.decision"].sudo()._record(
                {**values, "round": 7, "replaces_id": False}
            )
