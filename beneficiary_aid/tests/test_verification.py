from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestVerification(AidCommon):
    """No request goes to the committee with a verification owed (BR-48)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.field_visit = cls.env["beneficiary.mechanism"].search(
            [("company_id", "=", cls.company.id), ("kind", "=", "field_visit")], limit=1
        )
        cls.other_type = cls.env["beneficiary.aid.type"].search(
            [("company_id", "=", cls.company.id), ("id", "!=", cls.aid_type.id)],
            limit=1,
        )
        cls.rule = cls.env["beneficiary.mechanism.rule"].create(
            {
                "policy_id": cls.policy.id,
                "mechanism_id": cls.field_visit.id,
                "aid_type_ids": [Command.set(cls.aid_type.ids)],
            }
        )
        cls.request = cls._create_request()

    def _visit(self, assessment, outcome="met"):
        visit = (
            self.env["beneficiary.visit"]
            .with_user(self.researcher)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "assessment_id": assessment.id,
                    "mechanism_id": self.field_visit.id,
                    "planned_on": fields.Datetime.now(),
                    "outcome": outcome,
                    "report": "Seen",
                }
            )
        )
        visit.action_done()
        return visit

    def _second_assessment(self):
        return (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "request_id": self.request.id,
                    "beneficiary_id": self.beneficiary.id,
                    "mechanism_id": self.field_visit.id,
                }
            )
        )

    def test_request_is_not_referred_before_the_visit(self):
        self._study(self.request)
        request = self.request.with_user(self.officer)
        self.assertIn(self.field_visit.name, request.missing_note)
        with self.assertRaisesRegex(UserError, self.field_visit.name):
            request.action_refer()
        assessment = self._second_assessment()
        self._visit(assessment, "refused")
        with self.assertRaisesRegex(UserError, self.field_visit.name):
            request.action_refer()
        self._visit(assessment)
        request.action_refer()
        self.assertEqual(request.status, "decision")
        self.assertEqual(request.visit_count, 2)
        request.action_refer()

    def test_card_is_not_dragged_past_the_gate(self):
        self._study(self.request)
        stage = self.env["beneficiary.aid.stage"]._of_status(
            "decision", self.company, self.policy
        )
        with self.assertRaisesRegex(UserError, self.field_visit.name):
            self.request.with_user(self.officer).stage_id = stage

    def test_rule_of_a_kind_of_help_holds_for_no_other(self):
        self.assertEqual(self.request.owed_mechanism_ids, self.field_visit)
        self.assertFalse(self.beneficiary.owed_mechanism_ids)
        self.rule.aid_type_ids = self.other_type
        self.assertFalse(self.request.owed_mechanism_ids)
        self._refer(self.request)

    def test_policy_without_rules_asks_for_nothing_by_name(self):
        self.rule.active = False
        self._refer(self.request)
        self.assertEqual(self.request.status, "decision")

    def test_assessment_of_another_request_pays_nothing(self):
        other = self._create_request(aid_type_id=self.other_type.id)
        assessment = (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "request_id": other.id,
                    "beneficiary_id": self.beneficiary.id,
                    "mechanism_id": self.field_visit.id,
                }
            )
        )
        self._visit(assessment)
        self.assertEqual(self.request.owed_mechanism_ids, self.field_visit)

    def test_merge_leaves_visits_of_a_request_with_it(self):
        double = self._create_other_beneficiary()
        request = self._create_request(double)
        assessment = (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "request_id": request.id,
                    "beneficiary_id": double.id,
                    "mechanism_id": self.field_visit.id,
                }
            )
        )
        visit = (
            self.env["beneficiary.visit"]
            .with_user(self.researcher)
            .create(
                {
                    "beneficiary_id": double.id,
                    "assessment_id": assessment.id,
                    "mechanism_id": self.field_visit.id,
                    "planned_on": fields.Datetime.now(),
                }
            )
        )
        merge = (
            self.env["beneficiary.merge"]
            .with_user(self.manager)
            .create(
                {
                    "survivor_id": self.beneficiary.id,
                    "double_id": double.id,
                    "note": "Same person",
                }
            )
        )
        merge.action_merge()
        self.assertEqual(visit.beneficiary_id, double)

    def test_only_administrators_name_kinds_of_help(self):
        for user in (self.officer, self.researcher, self.secretary, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.rule.with_user(user).aid_type_ids = self.other_type


@tagged("post_install", "-at_install")
class TestDecisionReason(AidCommon):
    """A decision gives a reason that holds for the person's category (BR-51)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orphans, cls.widows = cls.env["beneficiary.category"].create(
            [
                {"name": name, "company_id": cls.company.id}
                for name in ("Orphans, here", "Widows, here")
            ]
        )
        cls.reason = cls.env["beneficiary.decision.reason"].create(
            {
                "name": "The father supports the child",
                "outcome": "decline",
                "category_ids": [Command.set(cls.orphans.ids)],
            }
        )
        cls.beneficiary.category_id = cls.widows

    def test_motion_with_a_reason_of_another_category_is_refused(self):
        request = self._refer()
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, request)
        with self.assertRaisesRegex(ValidationError, "not for the category"):
            item.reason_id = self.reason

    def test_reason_of_the_category_reaches_the_decision(self):
        self.beneficiary.category_id = self.orphans
        request = self._decide(outcome="decline", reason_id=self.reason.id)
        self.assertEqual(request.decision_id.reason_id, self.reason)

    def test_failed_motion_gives_no_reason_that_does_not_fit(self):
        self.env.ref(
            "beneficiary_aid.decision_reason_not_approved"
        ).category_ids = self.orphans
        request = self._decide(
            votes={"chair": "no", "member_a": "no", "member_b": "no"}
        )
        self.assertEqual(request.decision_id.outcome, "decline")
        self.assertFalse(request.decision_id.reason_id)
