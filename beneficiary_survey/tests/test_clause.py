from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common_clause import ClauseCommon

from .common import SurveyCommon


@tagged("post_install", "-at_install")
class TestSurveyClauses(ClauseCommon, SurveyCommon):
    """What this addon says of the clauses, and what it counts for them."""

    def test_references_of_this_addon_hold(self):
        self.assertPartsHold("beneficiary_survey")

    def test_questionnaire_asks_for_reception_respect_and_trust(self):
        survey = self.env.ref("beneficiary_survey.survey_satisfaction")
        asked = survey.question_ids
        for name in ("reception", "respect", "recommend"):
            with self.subTest(question=name):
                question = self.env.ref(
                    f"beneficiary_survey.survey_satisfaction_question_{name}"
                )
                self.assertIn(question, asked)
                self.assertEqual(question.question_type, "scale")

    def test_offered_and_answered_evaluations_are_counted(self):
        self._happen(self.beneficiary)
        self._cast(self._happen(self._create_people(1)))
        self.assertEqual(
            self._count_of("beneficiary_survey.clause_evidence_answered"), (1, 2)
        )
        self.assertEqual(
            self._count_of("beneficiary_survey.clause_evidence_offered"), (2, 0)
        )
        # An officer learns no count of what he may not read.
        evidence = self.env.ref("beneficiary_survey.clause_evidence_answered")
        self.assertFalse(evidence.with_user(self.officer).text)
