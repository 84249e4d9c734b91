from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_committee_rules import RulesCommon


@tagged("post_install", "-at_install")
class TestCirculation(RulesCommon):
    """Votes outside a meeting: for what, until when, and what stops them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.committee.write({"circulation": "amount", "circulation_amount": 2000})

    def _circulate(self, **motion):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": self.committee.id, "kind": "circulation"})
        )
        item = self._put_on_agenda(meeting, self.request, **motion)
        meeting.action_circulate()
        return item

    def _run_out(self, item):
        item.meeting_id.sudo().deadline = fields.Datetime.now() - timedelta(minutes=1)
        self._run_cron()

    def _run_cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_aid.ir_cron_end_circulations"
            ).method_direct_trigger()
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What may be circulated
    # ------------------------------------------------------------------

    def test_only_what_the_rules_allow_is_circulated(self):
        for values, words in (
            ({"circulation": "urgent"}, "want a meeting"),
            ({"circulation": "never"}, "want a meeting"),
            ({"circulation_amount": 1999}, "want a meeting"),
        ):
            with self.subTest(**values), self.cr.savepoint() as savepoint:
                self.committee.write({"circulation": "amount", **values})
                with self.assertRaisesRegex(UserError, words):
                    self._circulate()
                savepoint.rollback()
        self.committee.circulation = "urgent"
        self.request.sudo().urgency = "urgent"
        self.assertEqual(self._circulate().state, "voting")

    def test_result_is_in_the_language_of_the_secretary_whoever_votes_last(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.secretary.lang = "ar_001"
        item = self._circulate()
        explain = type(item)._explain
        languages = []

        def kept(items, *args):
            languages.append(items.env.lang)
            return explain(items, *args)

        with patch.object(type(item), "_explain", kept):
            for seat in item.eligible_member_ids:
                own = item.with_user(seat.user_id).with_context(lang="en_US")
                own.action_vote_yes()
        self.assertEqual(item.state, "decided")
        self.assertEqual(set(languages), {"ar_001"})

    def test_circulation_is_started_by_the_secretary_once(self):
        item = self._circulate()
        meeting = item.meeting_id
        self.assertEqual(meeting.state, "open")
        hours = meeting.deadline - meeting.opened_on
        self.assertEqual(hours, timedelta(hours=48))
        with self.assertRaisesRegex(UserError, "is: Open"):
            meeting.action_circulate()
        for user in (self.member_a, self.officer, self.aid_manager):
            with self.assertRaises(AccessError):
                meeting.with_user(user).action_circulate()
        with self.assertRaisesRegex(UserError, "stays a meeting"):
            meeting.kind = "session"

    def test_circulation_is_not_called_as_a_meeting(self):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": self.committee.id, "kind": "circulation"})
        )
        with self.assertRaisesRegex(UserError, "ask for votes"):
            meeting.action_call()
        with self.assertRaisesRegex(UserError, "on the agenda first"):
            meeting.action_circulate()

    def test_members_are_told_without_a_personal_word(self):
        item = self._circulate()
        notice = item.meeting_id.message_ids.sudo().filtered("partner_ids") or (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", "beneficiary.meeting"),
                    ("res_id", "=", item.meeting_id.id),
                    ("subject", "ilike", "vote is asked"),
                ]
            )
        )
        self.assertTrue(notice)
        partners = (self.chair | self.member_a | self.member_b).partner_id
        self.assertLessEqual(partners, notice.partner_ids)
        for word in (self.beneficiary.name, self.request.name, self.aid_type.name):
            self.assertNotIn(word, "".join(notice.mapped("body")))
            self.assertNotIn(word, "".join(notice.mapped("subject")))

    # ------------------------------------------------------------------
    # The vote
    # ------------------------------------------------------------------

    def test_minutes_of_their_own_are_signed_by_whoever_voted(self):
        item = self._circulate(motion="Help with the rent")
        meeting = item.meeting_id
        names = {"chair", "member_a", "member_b", "researcher_member"}
        self._vote(item, **dict.fromkeys(sorted(names), "yes"))
        self.assertEqual(meeting.state, "closed")
        minutes = meeting.minutes_ids
        voted = item.sudo().vote_ids.member_id
        self.assertEqual(len(minutes), 1)
        self.assertEqual(minutes.signer_ids, voted)
        self.assertEqual(meeting.minutes_state, "to_sign")
        content = minutes.sudo().content
        lang = minutes._paper_lang()
        title = meeting.with_context(lang=lang)._minutes_name()
        self.assertEqual(content["title"], title)
        self.assertNotEqual(title, meeting.new({})._minutes_name())
        body = minutes.with_user(self.chair).body
        self.assertIn("Help with the rent", body)
        self.assertIn(item.decision_ids.name, body)
        # The next meeting confirms it all the same.
        later = self._open_meeting()
        self._put_on_agenda(later, self._refer(self._create_request())).unlink()
        later.action_close()
        self.assertEqual(later.circulation_ids, meeting)

    def test_consent_of_all_decides_and_closes_by_itself(self):
        item = self._circulate()
        votes = ("chair", "member_a", "member_b")
        self._vote(item, **dict.fromkeys(votes, "yes"))
        self.assertEqual(item.state, "voting")
        self._vote(item, researcher_member="yes")
        self.assertEqual(item.state, "decided")
        self.assertEqual(self.request.status, "approved")
        decision = item.decision_ids
        self.assertEqual(decision.rule_snapshot["pass_kind"], "unanimous")
        self.assertTrue(decision._check_seal())
        meeting = item.meeting_id
        self.assertEqual(meeting.state, "closed")
        self.assertIn("by circulation", meeting.minutes)
        self.assertIn("4 voted, quorum 3", meeting.minutes)

    def test_one_no_sends_it_to_a_meeting_where_all_must_agree(self):
        item = self._circulate()
        self._vote(item, chair="yes", member_a="no")
        self.assertEqual(item.state, "postponed")
        self.assertFalse(item.decision_ids)
        self.assertEqual(self.request.status, "decision")
        self.assertEqual(item.meeting_id.state, "closed")
        self.assertEqual(self._voting_item().state, "voting")

    def test_silence_is_no_consent(self):
        item = self._circulate()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        self._run_out(item)
        self.assertEqual(item.state, "postponed")
        self.assertFalse(item.decision_ids)

    def test_recused_member_is_not_asked(self):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": self.committee.id, "kind": "circulation"})
        )
        item = self._put_on_agenda(meeting, self.request)
        item.recused_member_ids = self.seats["researcher_member"]
        meeting.action_circulate()
        with self.assertRaises(AccessError):
            item.with_user(self.researcher_member).action_vote_yes()
        self._vote(item, **dict.fromkeys(("chair", "member_a", "member_b"), "yes"))
        self.assertEqual(item.state, "decided")

    def test_pass_rule_of_the_meeting(self):
        self.committee.circulation_pass = "rule"
        item = self._circulate()
        self._vote(item, chair="yes", member_a="no")
        self.assertEqual(item.state, "voting")
        self._vote(item, member_b="yes")
        # Two to one, and the last vote could make it a tie, which fails.
        self.assertEqual(item.state, "voting")
        self._run_out(item)
        self.assertEqual(item.state, "decided")
        self.assertTrue(item.decision_ids.passed)
        self.assertEqual(item.decision_ids.present_count, 3)

    def test_too_few_votes_in_time_go_to_a_meeting(self):
        self.committee.circulation_pass = "rule"
        item = self._circulate()
        self._vote(item, chair="yes", member_a="yes")
        self._run_out(item)
        self.assertEqual(item.state, "postponed")
        self.assertIn("too few votes", item.result)
        self.assertEqual(item.meeting_id.state, "closed")

    def test_time_that_is_over_is_told_in_the_language_of_the_secretary(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.secretary.lang = "ar_001"
        self.committee.circulation_pass = "rule"
        item = self._circulate().with_context(lang="en_US")
        self._vote(item, chair="yes", member_a="yes")
        self._run_out(item)
        self.assertRegex(item.result, "[\u0621-\u064a]")

    def test_secretary_does_not_close_before_the_time(self):
        self.committee.circulation_pass = "rule"
        item = self._circulate()
        self._vote(item, chair="yes", member_a="yes")
        with self.assertRaisesRegex(UserError, "until their time is over"):
            item.action_close_vote()
        self.assertEqual(item.state, "voting")

    def test_no_vote_after_the_time(self):
        item = self._circulate()
        item.meeting_id.sudo().deadline = fields.Datetime.now() - timedelta(minutes=1)
        with self.assertRaisesRegex(UserError, "time to vote is over"):
            self._vote(item, chair="yes")

    def test_cron_leaves_what_is_in_time_and_is_safe_to_repeat(self):
        item = self._circulate()
        self._run_cron()
        self.assertEqual(item.state, "voting")
        self._run_out(item)
        self._run_cron()
        self.assertEqual(item.state, "postponed")

    def test_what_stops_the_decision_does_not_stop_the_cron(self):
        self.committee.circulation_pass = "rule"
        item = self._circulate()
        self._vote(item, chair="yes", member_a="yes")
        self.fund._commit(9000)
        self._vote(item, member_b="yes")
        self.assertEqual(item.state, "voting")
        self._run_out(item)
        self.assertEqual(item.state, "postponed")
        self.assertIn("Treatment", item.result)

    # ------------------------------------------------------------------
    # A meeting instead, and the meeting after
    # ------------------------------------------------------------------

    def test_any_member_calls_for_a_meeting(self):
        item = self._circulate()
        meeting = item.meeting_id
        self._vote(item, chair="yes")
        for user in (self.secretary, self.officer, self.auditor):
            with self.assertRaises(AccessError):
                meeting.with_user(user).action_call_meeting()
        self.assertTrue(meeting.with_user(self.member_b).may_call)
        self.env["beneficiary.circulation.stop"].with_user(self.member_b).create(
            {"meeting_id": meeting.id, "reason": "Let us talk"}
        ).action_stop()
        self.assertEqual((item.state, meeting.state), ("postponed", "closed"))
        self.assertIn("Let us talk", meeting.minutes)
        with self.assertRaisesRegex(UserError, "no vote is open"):
            self._vote(item, member_a="yes")
        with self.assertRaisesRegex(UserError, "only be called for while"):
            meeting.with_user(self.member_a).action_call_meeting()

    def test_rules_may_keep_members_from_calling(self):
        self.committee.circulation_call = False
        item = self._circulate()
        with self.assertRaisesRegex(UserError, "where the rules let"):
            item.meeting_id.with_user(self.member_b).action_call_meeting()

    def test_next_meeting_confirms_in_its_minutes(self):
        item = self._circulate()
        names = ("chair", "member_a", "member_b", "researcher_member")
        self._vote(item, **dict.fromkeys(names, "yes"))
        meeting = self._open_meeting()
        meeting.action_close()
        self.assertEqual(meeting.circulation_ids, item.meeting_id)
        self.assertIn(item.decision_ids.name, meeting.minutes)
        self.assertEqual(item.meeting_id.confirmed_in_ids, meeting)
        later = self._open_meeting()
        later.action_close()
        self.assertFalse(later.circulation_ids)

    def test_another_association_sees_nothing(self):
        item = self._circulate()
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_member", other
        )
        theirs = item.meeting_id.with_user(stranger).with_context(
            allowed_company_ids=other.ids
        )
        self.assertFalse(theirs.search([("id", "=", item.meeting_id.id)]))
        with self.assertRaises(AccessError):
            theirs.action_call_meeting()
