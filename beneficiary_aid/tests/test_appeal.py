from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_authority_steps import DECIDER, AuthorityCommon


@tagged("post_install", "-at_install")
class TestAppeal(AuthorityCommon):
    """An appeal: within the days, with grounds, once, by other people (C02)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.write({"appeal_days": 30, "appeal_answer_days": 20})
        cls.request = cls._decide(
            outcome="decline",
            reason_id=cls.reason_declined.id,
            amount=0,
            fund_id=False,
            votes={"chair": "yes", "member_a": "yes", "member_b": "yes"},
        )
        cls.first = cls.request.sudo().decision_id
        cls._tell(0)

    @classmethod
    def _tell(cls, days_ago):
        """Let the applicant be told some days ago."""
        request = cls.request.sudo()
        request.told_on = request._business_day() - timedelta(days=days_ago)

    def _file(self, user=None, **values):
        dialog = (
            self.env["beneficiary.aid.request.appeal"]
            .with_user(user or self.officer)
            .create({"request_id": self.request.id, "grounds": "I lost my work."})
        )
        dialog.write(values)
        dialog.action_file()
        return self.request.sudo().appeal_ids

    # ------------------------------------------------------------------
    # Filing
    # ------------------------------------------------------------------

    def test_appeal_is_filed_with_its_grounds(self):
        self.assertTrue(self.request.can_appeal)
        appeal = self._file()
        today = self.request._business_day()
        self.assertEqual(appeal.decision_id, self.first)
        self.assertEqual(appeal.grounds, "I lost my work.")
        self.assertEqual(appeal.filed_by_id, self.officer)
        self.assertEqual(appeal.deadline, today + timedelta(days=30))
        self.assertEqual(appeal.answer_due, today + timedelta(days=20))
        self.assertEqual(self.request.status, "decision")
        self.assertTrue(self.request.is_appeal)
        self.assertEqual(self.request.reply_start, today)
        self.assertFalse(self.request.can_appeal)

    def test_grounds_are_needed_and_bounded(self):
        with self.assertRaises(ValidationError):
            self._file(grounds="  ​ ")
        with self.assertRaisesRegex(ValidationError, "5000"):
            self._file(grounds="x" * 5001)
        self.assertEqual(self.request.status, "rejected")

    def test_once_per_decision(self):
        self._file()
        with self.assertRaisesRegex(UserError, "once"):
            self._file()

    def test_last_day_and_the_day_after(self):
        self._tell(30)
        self.assertEqual(self.request.appeal_until, self.request._business_day())
        self._tell(31)
        with self.assertRaisesRegex(UserError, "last day"):
            self._file()
        with self.assertRaisesRegex(UserError, "last day"):
            self._file(late_reason="Was ill")
        self._tell(30)
        self.assertTrue(self._file())

    def test_a_manager_admits_a_late_one_with_a_reason(self):
        self._tell(31)
        self.manager.group_ids |= self.env.ref(
            "beneficiary_relations.group_relations_officer"
        )
        with self.assertRaisesRegex(UserError, "last day"):
            self._file(self.manager)
        appeal = self._file(self.manager, late_reason="Was in hospital")
        self.assertEqual(appeal.admitted_by_id, self.manager)
        self.assertEqual(appeal.late_reason, "Was in hospital")

    def test_without_days_there_is_no_limit(self):
        self.policy.write({"appeal_days": 0, "appeal_answer_days": 0})
        self._tell(2000)
        appeal = self._file()
        self.assertFalse(appeal.deadline)
        self.assertFalse(appeal.answer_due)

    def test_closed_as_declined_may_still_be_appealed(self):
        self.request.with_user(self.officer).action_close()
        self.assertEqual(self.request.status, "closed")
        self._file()
        self.assertEqual(self.request.status, "decision")

    def test_an_approval_is_not_appealed(self):
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide(request)
        self.assertFalse(request.can_appeal)
        with self.assertRaisesRegex(UserError, "only a refusal"):
            request.with_user(self.officer).action_appeal()

    def test_dragging_the_card_is_no_appeal(self):
        with self.assertRaisesRegex(UserError, "Take the Appeal"):
            self.request.with_user(self.officer)._go_to("decision")

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def test_first_deciders_are_recused(self):
        self._file()
        item = self._put_on_agenda(self._open_meeting(), self.request)
        with self.assertRaisesRegex(UserError, "no quorum"):
            item.action_open_vote()

    def test_appeals_go_where_the_policy_says(self):
        self.policy.appeal_authority_id = self.management
        self._file()
        self.assertEqual(self.request.authority_id, self.management)
        with self.assertRaisesRegex(UserError, "Director"):
            self._put_on_agenda(self._open_meeting(), self.request)
        with self.assertRaisesRegex(ValidationError, "either"):
            self.policy.appeal_committee_id = self.committee

    def test_answers(self):
        self.policy.appeal_authority_id = self.management
        for outcome, result, status in (
            ("approve", "reverse", "approved"),
            ("approve_less", "amend", "approved"),
            ("decline", "affirm", "rejected"),
        ):
            with self.subTest(outcome=outcome), self.cr.savepoint() as savepoint:
                appeal = self._file()
                decision = self._decide_as(
                    self.manager,
                    self.request,
                    outcome=outcome,
                    reason_id=self.reason_declined.id
                    if outcome == "decline"
                    else False,
                )
                self.assertEqual(decision.kind, "appeal")
                self.assertEqual(appeal.result, result)
                self.assertEqual(appeal.answer_id, decision)
                self.assertEqual(self.request.status, status)
                self.assertFalse(decision._broken_seals(self.company))
                # One level.
                self.assertFalse(self.request.can_appeal)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_whoever_decided_in_person_keeps_out(self):
        self.policy.appeal_authority_id = self.department
        self._create_rule(self.department)
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide_as(
            self.head, request, outcome="decline", reason_id=self.reason_declined.id
        )
        request.with_user(self.officer)._file_appeal("Please")
        with self.assertRaisesRegex(UserError, "decided about it before"):
            request.with_user(self.head).action_decide()
        self._decide_as(self.deputy_head, request, amount=1000)
        self.assertEqual(request.status, "approved")

    def test_whoever_voted_keeps_out_of_deciding_in_person(self):
        self.chair.group_ids |= self.env.ref(DECIDER)
        self.department.user_ids |= self.chair
        self.policy.appeal_authority_id = self.department
        self._file()
        with self.assertRaises(UserError):
            self.request.with_user(self.chair).action_decide()
        self._decide_as(self.head, self.request, amount=1000)

    def test_late_answer_is_found(self):
        appeal = self._file()
        Appeal = self.env["beneficiary.appeal"]
        self.assertNotIn(appeal, Appeal.search([("is_late", "=", True)]))
        appeal.answer_due = self.request._business_day() - timedelta(days=1)
        self.assertTrue(appeal.is_late)
        self.assertIn(appeal, Appeal.search([("is_late", "=", True)]))
        self.assertNotIn(appeal, Appeal.search([("is_late", "=", False)]))

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_roles(self):
        for user in (self.secretary, self.researcher, self.auditor, self.head):
            with self.assertRaises(AccessError):
                self._file(user)
        appeal = self._file()
        for user in (self.officer, self.auditor, self.administrator):
            own = appeal.with_user(user)
            self.assertTrue(own.grounds)
            with self.assertRaises(UserError):
                own.grounds = "Other words"
            with self.assertRaises(UserError):
                own.unlink()

    def test_other_association(self):
        appeal = self._file()
        other = self._create_company(name="Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_relations.group_relations_officer", company=other
        )
        there = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(there["beneficiary.appeal"].search([]))
        with self.assertRaises(AccessError):
            appeal.with_env(there).action_open_request()

    def test_printed_in_the_policy_when_set(self):
        def section():
            return [
                one
                for one in self.policy._document_sections()
                if one["key"] == "appeal"
            ]

        self.assertIn("30", section()[0]["rows"][0]["cells"][0])
        self.policy.write({"appeal_days": 0, "appeal_answer_days": 0})
        self.assertFalse(section())
