from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AidCommon
from .test_authority_steps import AuthorityCommon


@tagged("post_install", "-at_install")
class TestCorrection(AidCommon):
    """A wrong decision is put right by a new one through the same vote."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._decide()
        cls.decision = cls.request.sudo().decision_id

    def _correct(self, user=None, decision=None, reason="The amount was wrong"):
        decision = decision or self.decision
        wizard = (
            self.env["beneficiary.decision.correct"]
            .with_user(user or self.secretary)
            .create({"decision_id": decision.id, "reason": reason})
        )
        return wizard.action_correct()

    def test_correction_is_a_new_decision_in_place_of_the_old(self):
        self._correct()
        request = self.request.sudo()
        self.assertEqual(request.status, "decision")
        self.assertFalse(request.is_appeal)
        self.assertEqual(request.decision_id, self.decision)
        committed = self.fund.committed
        item = self._put_on_agenda(self._open_meeting(), self.request, amount=1500)
        # Who decided before decides again: it is no appeal.
        self.assertFalse(item.recused_member_ids)
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        new = request.decision_id
        self.assertEqual(new.replaces_id, self.decision)
        self.assertEqual((new.kind, new.amount), ("first", 1500))
        self.assertIn(self.decision.name, new.explanation)
        self.assertEqual(self.decision.amount, 2000)
        self.assertEqual((request.status, request.amount_approved), ("approved", 1500))
        self.assertEqual(self.fund.committed, committed - 500)
        self.assertFalse(request.correcting_id)
        Decision = self.env["beneficiary.decision"].sudo()
        self.assertFalse(Decision._broken_seals(self.company))
        item.meeting_id.action_close()
        body = item.meeting_id.minutes_ids.with_user(self.chair).body
        self.assertIn("The amount was wrong", body)
        self.assertIn(self.decision.name, body)
        with self.assertRaisesRegex(UserError, "does not stand"):
            self._correct()

    def test_told_answer_is_told_anew(self):
        request = self.request.with_user(self.officer)
        request.early_reason = "Asked for it"
        request.action_tell_applicant()
        self._correct()
        self.assertFalse(request.told_on)

    def test_correction_needs_the_role_and_a_reason(self):
        for user in (self.chair, self.officer, self.aid_manager, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.decision.with_user(user).action_correct()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.decision.with_user(user)._correct("x")
        with self.assertRaisesRegex(UserError, "what is wrong"):
            self._correct(reason=" \u200e ")
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_secretary", other
        )
        with self.assertRaises(AccessError):
            self.decision.with_user(stranger).action_correct()

    def test_second_click_and_posted_money_are_refused(self):
        self._correct()
        with self.assertRaisesRegex(UserError, "carried out or is over"):
            self._correct()

    def test_posted_money_is_reversed_first(self):
        disbursement = (
            self.env["beneficiary.disbursement"]
            .with_user(self.clerk)
            .create({"request_id": self.request.id, "amount": 500})
        )
        disbursement.action_post()
        with self.assertRaisesRegex(UserError, "money was posted"):
            self._correct()

    # ------------------------------------------------------------------
    # A motion that is not carried, and decisions in person
    # ------------------------------------------------------------------

    def test_motion_that_is_not_carried_takes_nothing_away(self):
        committed = self.fund.committed
        self._correct()
        item = self._put_on_agenda(
            self._open_meeting(), self.request, amount=500, outcome="approve_less"
        )
        item.action_open_vote()
        self._vote(item, chair="no", member_a="no", member_b="no")
        item.action_close_vote()
        request = self.request.sudo()
        new = request.decision_id
        self.assertEqual(new.replaces_id, self.decision)
        self.assertFalse(new.passed)
        self.assertEqual((new.outcome, new.amount), ("approve", 2000))
        self.assertIn(f"{self.decision.name} stands", new.explanation)
        self.assertEqual(new.public_text, self.decision.public_text)
        self.assertEqual((request.status, request.amount_approved), ("approved", 2000))
        self.assertEqual(self.fund.committed, committed)
        self.assertFalse(request.correcting_id)
        Decision = self.env["beneficiary.decision"].sudo()
        self.assertFalse(Decision._broken_seals(self.company))

    def test_a_motion_to_decline_that_is_carried_does(self):
        self._correct()
        item = self._put_on_agenda(
            self._open_meeting(),
            self.request,
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(self.request.status, "rejected")
        self.assertFalse(self.fund.committed)


@tagged("post_install", "-at_install")
class TestCorrectionInPerson(AuthorityCommon):
    """What a department or a manager decided is corrected by the same body."""

    def setUp(self):
        super().setUp()
        self._create_rule(self.department, self.management)
        self.request = self._refer()
        self._decide_as(self.head, self.request)
        self.decision = self._decide_as(self.manager, self.request)

    def test_same_authorities_decide_again(self):
        self.assertTrue(self.decision.is_standing)
        for user in (self.officer, self.head, self.chair, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.decision.with_user(user)._correct("x")
        # As from the button: a manager asks for it in the window.
        action = self.decision.with_user(self.manager).action_correct()
        self.env[action["res_model"]].with_user(self.manager).with_context(
            **action["context"]
        ).create({"reason": "The amount was wrong"}).action_correct()
        request = self.request.sudo()
        self.assertEqual(request.status, "decision")
        self.assertEqual(request.decision_id, self.decision)
        self.assertIn("Care Department", request.missing_note)
        self.assertTrue(self.request.with_user(self.head).can_decide)
        first = self._decide_as(self.head, self.request, amount=1500)
        self.assertIn(f"Corrects decision {self.decision.name}", first.explanation)
        second = self._decide_as(self.manager, self.request, amount=1500)
        self.assertEqual(second.replaces_id, self.decision)
        self.assertEqual((request.status, request.amount_approved), ("approved", 1500))
        self.assertFalse(request.correcting_id)
        with self.assertRaisesRegex(UserError, "does not stand any more"):
            self.decision.with_user(self.secretary)._correct("x")

    def test_brought_decision_is_refused_with_what_to_do(self):
        Decision = self.env["beneficiary.decision"]
        brought = Decision._record(
            {
                "request_id": self.request.id,
                "company_id": self.company.id,
                "kind": "brought",
                "outcome": "approve",
                "round": 0,
                "passed": True,
                "public_text": "x",
            }
        )
        with self.assertRaisesRegex(UserError, "before going live"):
            brought.with_user(self.secretary).action_correct()


@tagged("post_install", "-at_install")
class TestDeciderActivity(AuthorityCommon):
    """The next decider is told, and only as long as it is his turn."""

    def _waiting(self, request):
        kind = self.env.ref("beneficiary_aid.mail_activity_type_decide")
        return (
            request.sudo()
            .activity_ids.filtered(lambda one: one.activity_type_id == kind)
            .user_id
        )

    def test_activity_follows_the_steps(self):
        self._create_rule(self.department, self.management)
        request = self._refer()
        self.assertEqual(self._waiting(request), self.head | self.deputy_head)
        self.assertEqual(request.missing_note, "Decision of: Care Department")
        self._decide_as(self.head, request)
        self.assertEqual(len(self._waiting(request)), 1)
        self.assertNotIn(self.head, self._waiting(request))
        self.assertEqual(request.missing_note, "Decision of: Director")
        self._decide_as(self.manager, request)
        self.assertFalse(self._waiting(request))

    def test_refusal_and_way_back_end_it(self):
        self._create_rule(self.department)
        request = self._refer()
        self._decide_as(
            self.head,
            request,
            outcome="decline",
            reason_id=self.reason_declined.id,
            amount=0,
            fund_id=False,
        )
        self.assertFalse(self._waiting(request))

    def test_a_committee_has_its_agenda(self):
        request = self._refer()
        self.assertFalse(self._waiting(request))
        self.assertEqual(request.missing_note, "Decision of the committee")
