from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AidCommon


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
