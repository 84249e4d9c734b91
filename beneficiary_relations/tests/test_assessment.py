from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestAssessment(BeneficiaryCommon):
    """Entitlement that says why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Criterion = cls.env["beneficiary.criterion"]
        cls.in_area = Criterion.create(
            {
                "name": "Lives in the area of work",
                "policy_id": cls.policy.id,
                "kind": "automatic",
                "domain": "[('area_id.is_served', '=', True)]",
                "value_field": "area_id.name",
                "clause": "TW-40",
            }
        )
        cls.need = Criterion.create(
            {
                "name": "The need was seen",
                "policy_id": cls.policy.id,
                "kind": "manual",
                "question": "Did the researcher see the need?",
            }
        )

    def _create_assessment(self, **values):
        return (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "mechanism_id": self.mechanism.id,
                    **values,
                }
            )
        )

    def _line(self, assessment, criterion):
        return assessment.line_ids.filtered(lambda line: line.criterion_id == criterion)

    def test_automatic_condition_shows_result_value_and_clause(self):
        assessment = self._create_assessment()
        line = self._line(assessment, self.in_area)
        self.assertEqual(line.result, "met")
        self.assertEqual(line.value_seen, "Al Safa")
        self.assertEqual(line.clause, "TW-40")
        self.assertEqual(assessment.entitlement, "unclear")
        self.assertIn("Al Safa", assessment.explanation)

    def test_condition_not_met_and_unknown_are_told_apart(self):
        self.area.is_served = False
        self.assertEqual(
            self.in_area._evaluate(self.beneficiary)[self.in_area][self.beneficiary],
            ("not_met", "Al Safa"),
        )
        self.beneficiary.area_id = False
        self.assertEqual(
            self.in_area._evaluate(self.beneficiary)[self.in_area][self.beneficiary],
            ("unknown", ""),
        )

    def test_answered_conditions_make_a_person_entitled(self):
        assessment = self._create_assessment()
        self._line(assessment, self.need).result = "met"
        self.assertEqual(assessment.entitlement, "entitled")
        self._line(assessment, self.need).result = "not_met"
        self.assertEqual(assessment.entitlement, "not_entitled")

    def test_condition_of_a_category_is_not_asked_from_others(self):
        orphans = self.env["beneficiary.category"].create(
            {"name": "Orphans", "company_id": self.company.id}
        )
        self.need.category_ids = orphans
        self.assertFalse(self._line(self._create_assessment(), self.need))

    def test_finished_assessment_is_frozen(self):
        assessment = self._create_assessment(
            report="A family of one.", recommendation="approve"
        )
        self._line(assessment, self.need).result = "met"
        assessment.action_done()
        self.area.is_served = False
        self.assertEqual(assessment.entitlement, "entitled")
        with self.assertRaisesRegex(UserError, "finished"):
            assessment.report = "Something else"
        with self.assertRaisesRegex(UserError, "finished"):
            assessment.line_ids[0].result = "not_met"
        with self.assertRaisesRegex(UserError, "finished"):
            assessment.write({"state": "draft"})

    def test_household_figures_are_frozen_with_it(self):
        self.household.line_ids = [(0, 0, {"kind": "income", "amount": 900})]
        assessment = self._create_assessment(report="-", recommendation="decline")
        assessment.refusal_reason_id = self.env.ref(
            "beneficiary_relations.state_reason_declined_condition"
        )
        assessment.action_done()
        self.household.line_ids = [(0, 0, {"kind": "income", "amount": 100})]
        self.assertEqual(assessment.per_capita_income, 900)
        self.assertIn("900", assessment.figures_note)

    def test_household_that_owes_more_than_it_has_is_studied(self):
        self.household.line_ids = [(0, 0, {"kind": "obligation", "amount": 700})]
        assessment = self._create_assessment(report="-", recommendation="decline")
        assessment.refusal_reason_id = self.env.ref(
            "beneficiary_relations.state_reason_declined_condition"
        )
        assessment.action_done()
        self.assertEqual(assessment.per_capita_income, -700)

    def test_unfinished_assessment_is_not_closed(self):
        assessment = self._create_assessment()
        with self.assertRaisesRegex(UserError, "recommend"):
            assessment.action_done()
        assessment.recommendation = "approve"
        with self.assertRaisesRegex(UserError, "report"):
            assessment.action_done()
        assessment.report = "Seen"
        with self.assertRaisesRegex(UserError, "answer these conditions"):
            assessment.action_done()

    def test_auditor_and_employee_make_no_assessment(self):
        for user in (self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["beneficiary.assessment"].with_user(user).create(
                    {
                        "beneficiary_id": self.beneficiary.id,
                        "mechanism_id": self.mechanism.id,
                    }
                )

    def test_condition_that_cannot_be_searched_is_refused(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "not a domain",
            "[('area_id.nothing', '=', 1)]",
        ):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(ValidationError, "cannot be searched"),
            ):
                self.in_area.domain = domain

    def test_evaluating_many_takes_as_many_queries_as_evaluating_few(self):
        people = self.env["beneficiary.beneficiary"].create(
            [
                {
                    "name": f"Person {number}",
                    "company_id": self.company.id,
                    "area_id": self.area.id,
                }
                for number in range(60)
            ]
        )
        criteria = self.in_area + self.need

        def queries(files):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            criteria._evaluate(files)
            return self.env.cr.sql_log_count - before

        queries(people[:2])
        self.assertEqual(queries(people[:5]), queries(people))
