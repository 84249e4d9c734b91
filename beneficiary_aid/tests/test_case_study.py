import re

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestCaseStudy(AidCommon):
    """What the study recommends reaches the request and the motion (ST-32)."""

    def _draft(self, request, **values):
        request = request.with_user(self.officer)
        if request.status == "received":
            self._complete_papers(request)
            self._sign(request)
            request.action_study()
        assessment = (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "request_id": request.id,
                    "beneficiary_id": request.beneficiary_id.id,
                    "mechanism_id": self.mechanism.id,
                    "report": "Needs the operation",
                    "recommendation": "approve",
                    **values,
                }
            )
        )
        assessment.line_ids.filtered(lambda line: line.result == "unknown").write(
            {"result": "met"}
        )
        return assessment

    def test_amount_and_conditions_reach_the_motion(self):
        request = self._create_request()
        self._draft(
            request, amount_recommended=2200, conditions="Brings the\u202e bill"
        ).action_done()
        self.assertEqual(request.amount_recommended, 2200)
        request.action_refer()
        item = (
            self.env["beneficiary.agenda.item"]
            .with_user(self.secretary)
            .create({"meeting_id": self._open_meeting().id, "request_id": request.id})
        )
        self.assertEqual(item.amount, 2200)
        self.assertEqual(item.condition, "Brings the bill")
        self.assertEqual(item.outcome, "approve_condition")
        item.write({"outcome": "approve", "condition": False})
        self.assertFalse(item.condition)

    def test_study_finished_last_counts(self):
        request = self._create_request()
        self._draft(request, amount_recommended=2200).action_done()
        self._draft(request, amount_recommended=1800, conditions="Later").action_done()
        self._draft(request, amount_recommended=100, recommendation="decline")
        self.assertEqual(request.amount_recommended, 1800)
        self.assertEqual(request._recommended_conditions(), "Later")

    def test_more_than_allowed_is_not_recommended(self):
        self.aid_type.ceiling = 2000
        request = self._create_request()
        draft = self._draft(request, amount_recommended=2500)
        with self.assertRaisesRegex(ValidationError, "ceiling"):
            draft.action_done()
        self.assertEqual(draft.state, "draft")
        with self.assertRaisesRegex(ValidationError, "Shorten"):
            draft.conditions = "x" * 3000

    def test_printed_by_who_works_on_it(self):
        assessment = self._draft(
            self._create_request(), amount_recommended=2200, conditions="Brings it"
        )
        paper = str(assessment._study_html())
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", paper))
        for said in ("Needs the operation", "Brings it", assessment.name):
            self.assertIn(said.replace(" ", ""), words.replace(" ", ""))
        self.assertTrue(assessment.with_user(self.member_a).action_print_study())
        for user in (self.representative, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                assessment.with_user(user)._study_html()

    def test_figures_stand_one_a_line_on_paper(self):
        """A formula loses its order on Arabic paper."""
        assessment = self._draft(self._create_request())
        figures = dict(assessment._study_figures())
        money = assessment.currency_id.format
        self.assertEqual(
            figures["Income per person"], money(assessment.per_capita_income)
        )
        self.assertEqual(figures["Counted members"], "1")
        self.assertNotIn("÷", str(assessment._study_html()))

    def test_waqf_says_what_its_yield_pays_for(self):
        waqf = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", self.company.id), ("code", "=", "health_waqf")]
        )
        self.assertFalse(waqf.yield_note)
        self.fund.aid_type_ids = self.aid_type
        endowment = self.env["beneficiary.fund"].create(
            {
                "name": "Health Waqf",
                "code": "WAQF",
                "kind": "endowment",
                "yield_fund_id": self.fund.id,
                "company_id": self.company.id,
            }
        )
        with self.assertRaisesRegex(ValidationError, "stands for an endowment"):
            self.aid_type.endowment_id = endowment
        waqf.endowment_id = endowment
        self.assertIn(self.aid_type.name, waqf.yield_note)
        names = [service["name"] for service in self.policy._public_services()]
        self.assertIn(waqf.name, names)
        shown = self.policy._prepare_document_sections()
        rows = next(one["rows"] for one in shown if one["key"] == "aid_types")
        self.assertIn(waqf.name, str(rows))
