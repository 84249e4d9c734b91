from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_authority_steps import AuthorityCommon


@tagged("post_install", "-at_install")
class TestUrgentPower(AuthorityCommon):
    """The chair alone up to a cap, and what the committee says of it afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.committee.write({"urgent_cap": 1500, "ratify_days": 7})

    def _urgent(self, **values):
        return self._refer(self._create_request(urgency="urgent", **values))

    def _decide_urgently(self, request=None, user=None, **motion):
        request = request or self._urgent()
        values = {"amount": 1500, "urgent_reason": "Cannot wait", **motion}
        return self._decide_as(user or self.chair, request, **values)

    def _vote_on(self, ratification, **votes):
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        item = ratification.item_ids.filtered(
            lambda one: one.meeting_id == meeting
        ).with_user(self.secretary)
        item.action_open_vote()
        self._vote(item, **votes)
        item.action_close_vote()
        return item

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def test_takes_effect_at_once_and_waits_for_the_committee(self):
        request = self._urgent()
        before = self.fund.free
        decision = self._decide_urgently(request)
        self.assertEqual(request.status, "approved")
        self.assertEqual(self.fund.free, before - 1500)
        self.assertRecordValues(
            decision,
            [
                {
                    "power": "urgent",
                    "committee_id": self.committee.id,
                    "decided_by_id": self.chair.id,
                    "is_final": True,
                    "ratification_state": "pending",
                }
            ],
        )
        self.assertEqual(decision.rule_snapshot["urgent_cap"], 1500)
        self.assertFalse(decision._broken_seals(self.company))
        self.assertEqual(
            decision.ratification_ids.due_on,
            request._business_day() + timedelta(days=7),
        )

    def test_who_and_when(self):
        normal = self._refer()
        with self.assertRaises(AccessError):
            normal.with_user(self.chair).action_decide()
        request = self._create_request(
            self._create_other_beneficiary(), urgency="urgent"
        )
        self._refer(request)
        for user in (self.member_a, self.secretary, self.manager, self.head):
            with self.assertRaises(AccessError):
                request.with_user(user).action_decide()
        self.assertTrue(request.with_user(self.chair).can_decide)
        self.assertFalse(request.with_user(self.member_a).can_decide)
        self.assertIn(
            request,
            request.with_user(self.chair).search([("can_decide", "=", True)]),
        )
        self.seats["chair"].date_to = fields.Date.today() - timedelta(days=1)
        with self.assertRaises(AccessError):
            request.with_user(self.chair).action_decide()

    def test_without_a_cap_there_is_no_power(self):
        self.committee.urgent_cap = 0
        with self.assertRaises(AccessError):
            self._urgent().with_user(self.chair).action_decide()

    def test_what_the_power_is_for(self):
        request = self._urgent()
        for motion, word in (
            ({"amount": 1500.01}, "up to"),
            ({"urgent_reason": False}, "cannot wait"),
            (
                {"outcome": "decline", "reason_id": self.reason_declined.id},
                "helping at once",
            ),
        ):
            with self.subTest(motion=motion), self.assertRaisesRegex(UserError, word):
                self._decide_urgently(request, **motion)
        self.assertEqual(request.status, "decision")

    def test_what_the_household_asked_for_counts_towards_the_cap(self):
        self._create_request(amount_requested=600)
        request = self._urgent(amount_requested=1000)
        with self.assertRaisesRegex(UserError, "other requests"):
            self._decide_urgently(request, amount=1000)
        self._decide_urgently(request, amount=900)

    def test_only_where_the_committee_is_next(self):
        self._create_rule(self.department, self.committee, self.management)
        request = self._urgent()
        with self.assertRaises(AccessError):
            request.with_user(self.chair).action_decide()
        self._decide_as(self.head, request, amount=1200)
        decision = self._decide_urgently(request, amount=1200)
        self.assertEqual((decision.tier, decision.is_final), (2, False))
        self.assertEqual(request.authority_id, self.management)
        # The ratification and the next step do not stand in each other's way.
        self._decide_as(self.manager, request, amount=1200)
        self.assertEqual(request.status, "approved")
        self.assertEqual(decision.ratification_state, "pending")

    # ------------------------------------------------------------------
    # Ratifying
    # ------------------------------------------------------------------

    def test_goes_on_a_called_meeting_at_once(self):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": self.committee.id})
        )
        decision = self._decide_urgently()
        self.assertEqual(meeting.item_ids.ratification_id, decision.ratification_ids)
        self.assertEqual(meeting.item_ids.kind, "ratify")
        self.assertIn(decision.name, meeting.item_ids.motion)

    def test_ratified(self):
        decision = self._decide_urgently()
        ratification = decision.ratification_ids
        count = len(decision.request_id.decision_ids)
        item = self._vote_on(
            ratification, member_a="yes", member_b="yes", researcher_member="yes"
        )
        self.assertEqual(ratification.state, "ratified")
        self.assertEqual(ratification.cause, "vote")
        self.assertTrue(ratification.settled_on)
        self.assertEqual(item.state, "decided")
        self.assertIn(self.seats["chair"], item.recused_member_ids)
        self.assertEqual(len(decision.request_id.decision_ids), count)
        item.meeting_id.action_close()

    def test_not_ratified_stands_and_is_reported(self):
        decision = self._decide_urgently()
        ratification = decision.ratification_ids
        self._vote_on(
            ratification, member_a="no", member_b="no", researcher_member="yes"
        )
        self.assertEqual(ratification.state, "not_ratified")
        self.assertEqual(decision.request_id.status, "approved")
        self.assertEqual(len(ratification.sudo().activity_ids), 1)

    def test_days_that_pass(self):
        decision = self._decide_urgently()
        ratification = decision.ratification_ids
        self.env["beneficiary.ratification"]._cron_expire()
        self.assertEqual(ratification.state, "pending")
        self.cr.execute(
            "UPDATE beneficiary_ratification SET due_on = due_on - 8 WHERE id = %s",
            [ratification.id],
        )
        self.env.invalidate_all()
        job = self.env.ref("beneficiary_aid.ir_cron_expire_ratifications")
        for _time in range(2):
            with self.enter_registry_test_mode():
                job.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(ratification.state, "not_ratified")
            self.assertEqual(ratification.cause, "expired")
            self.assertEqual(len(ratification.sudo().activity_ids), 1)
        with self.assertRaisesRegex(UserError, "No request waits"):
            self._open_meeting().action_fill_agenda()

    def test_an_open_vote_is_waited_for(self):
        ratification = self._decide_urgently().ratification_ids
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        meeting.item_ids.action_open_vote()
        self.cr.execute(
            "UPDATE beneficiary_ratification SET due_on = due_on - 8 WHERE id = %s",
            [ratification.id],
        )
        self.env.invalidate_all()
        self.env["beneficiary.ratification"]._cron_expire()
        self.assertEqual(ratification.state, "pending")

    def test_days_that_pass_take_it_off_the_agenda(self):
        ratification = self._decide_urgently().ratification_ids
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        self.cr.execute(
            "UPDATE beneficiary_ratification SET due_on = due_on - 8 WHERE id = %s",
            [ratification.id],
        )
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_aid.ir_cron_expire_ratifications"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(ratification.state, "not_ratified")
        item = meeting.item_ids
        self.assertEqual(item.state, "postponed")
        self.assertIn("days to ratify", item.result)
        with self.assertRaises(UserError):
            item.action_open_vote()

    def test_days_that_pass_are_told_in_the_language_of_the_secretary(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.secretary.lang = "ar_001"
        ratification = self._decide_urgently().ratification_ids
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        self.cr.execute(
            "UPDATE beneficiary_ratification SET due_on = due_on - 8 WHERE id = %s",
            [ratification.id],
        )
        self.env.invalidate_all()
        ratification.with_context(lang="en_US")._expire()
        self.assertRegex(meeting.item_ids.result, "[\u0621-\u064a]")

    def test_ratified_or_not_before_it_is_corrected(self):
        decision = self._decide_urgently()
        with self.assertRaisesRegex(UserError, "waits to be ratified"):
            decision.with_user(self.secretary).action_correct()
        self._vote_on(
            decision.ratification_ids,
            member_a="yes",
            member_b="yes",
            researcher_member="yes",
        )
        decision.with_user(self.secretary).action_correct()

    def test_item_that_waited_says_that_it_was_decided_in_person(self):
        meeting = self._open_meeting()
        request = self._urgent()
        item = self._put_on_agenda(meeting, request)
        self._decide_urgently(request)
        self.assertEqual(item.state, "postponed")
        self.assertEqual(item.result, "It was decided in person, without the meeting.")

    def test_put_off_comes_again(self):
        ratification = self._decide_urgently().ratification_ids
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        state = meeting.session_state(meeting.item_ids.id)
        self.assertEqual(state["item"]["kind"], "Ratification")
        self.assertEqual(state["agenda"][0]["kind"], "Ratification")
        self._put_off(meeting.item_ids)
        again = self._open_meeting()
        again.action_fill_agenda()
        self.assertEqual(again.item_ids.ratification_id, ratification)

    def test_motion_of_a_ratification_stays(self):
        ratification = self._decide_urgently().ratification_ids
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        with self.assertRaisesRegex(UserError, "not changed"):
            meeting.item_ids.amount = 10
        self.assertEqual(ratification.item_ids.amount, 1500)

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_nobody_types_a_ratification(self):
        ratification = self._decide_urgently().ratification_ids
        for user in (self.chair, self.secretary, self.administrator):
            own = ratification.with_user(user)
            with self.assertRaises(UserError):
                own.state = "ratified"
            with self.assertRaises(UserError):
                own.unlink()
        ratification._settle("ratified", "vote")
        with self.assertRaisesRegex(UserError, "settled"):
            ratification._settle("not_ratified", "expired")

    def test_roles_and_other_association(self):
        ratification = self._decide_urgently().ratification_ids
        for user in (self.auditor, self.manager, self.member_a):
            self.assertTrue(ratification.with_user(user).action_open_request())
        other = self._create_company(name="Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_aid_manager", company=other
        )
        there = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(there["beneficiary.ratification"].search([]))
        with self.assertRaises(AccessError):
            ratification.with_env(there).action_open_request()

    def test_words_of_the_reason_are_cut_and_the_seal_holds(self):
        decision = self._decide_urgently()
        self.assertTrue(decision._check_seal())
        self.assertIn("urgent_reason", decision._word_digests())
