from freezegun import freeze_time

from odoo.tests import tagged

from .common import SurveyCommon


@tagged("-at_install", "post_install")
class TestSurveyResult(SurveyCommon):
    def test_one_answer_shows_nothing(self):
        self._answer_many([1])
        self.Ballot._mix(self.rule)
        results = self._results()
        self.assertEqual(results.question_id, self.marks)
        for result in results:
            self.assertTrue(result.is_hidden)
            self.assertEqual((result.answer_count, result.average), (0, 0))
            self.assertEqual(result.result_text, "Hidden: fewer than 5 answers")
        self.assertEqual(self.rule.score_text, "Hidden: fewer than 5 answers")

    def test_five_answers_show_the_score(self):
        self._answer_many([5, 5, 4, 3, 3])
        self.Ballot._mix(self.rule)
        for result in self._results():
            self.assertFalse(result.is_hidden)
            self.assertEqual(result.answer_count, 5)
            self.assertAlmostEqual(result.average, 4.0)
            self.assertAlmostEqual(result.score_percent, 75.0)
            self.assertEqual(result.result_text, "4.0 of 5")
        self.rule.invalidate_recordset()
        self.assertAlmostEqual(self.rule.score_percent, 75.0)
        self.assertEqual(self.rule.score_text, "75.0 %")

    def test_sixth_answer_alone_changes_nothing(self):
        self._answer_many([5] * 5)
        self.Ballot._mix(self.rule)
        before = self._results().mapped("average")
        self._answer_many([1])
        self.Ballot._mix(self.rule)
        self.assertEqual(self._results().mapped("average"), before)

    def test_question_few_answered_stays_hidden(self):
        """Also as a difference between two days, or of a quarter and the total."""
        first, second, _third = self.marks
        self._mix([{first: 4, second: 4}] * 5)
        self._mix([{first: 4, second: 1}] * 2 + [{first: 4}] * 3)
        by_question = {one.question_id: one for one in self._results()}
        self.assertEqual(by_question[first].answer_count, 10)
        self.assertEqual(by_question[second].answer_count, 5)
        self.assertEqual(by_question[second].average, 4.0)
        self.assertTrue(by_question[self.marks[2]].is_hidden)

    def test_quarters_add_up_to_the_total(self):
        with freeze_time("2026-02-10"):
            self._mix([{self.marks[0]: 2}] * 5)
        with freeze_time("2026-05-10"):
            self._mix([{self.marks[0]: 4}] * 6)
        quarters = self._results("quarter").filtered(
            lambda one: one.question_id == self.marks[0]
        )
        self.assertEqual(
            [(str(one.period), one.answer_count, one.average) for one in quarters],
            [("2026-04-01", 6, 4.0), ("2026-01-01", 5, 2.0)],
        )
        total = self._results().filtered(lambda one: one.question_id == self.marks[0])
        self.assertEqual(total.answer_count, 11)

    def test_larger_smallest_group_hides_more(self):
        self._mix([{self.marks[0]: 3}] * 6)
        self.rule.min_group = 7
        self.assertTrue(all(self._results().mapped("is_hidden")))

    def test_test_answers_do_not_count(self):
        self.env["survey.user_input"].create(
            [{"survey_id": self.survey.id, "test_entry": True, "state": "done"}] * 6
        )
        self.assertTrue(all(self._results().mapped("is_hidden")))

    def test_every_figure_is_of_five_or_more(self):
        """Whatever is asked of the results, no cell below the smallest group."""
        self._mix([{self.marks[0]: 1}] * 5)
        self._mix([{self.marks[0]: 5, self.marks[1]: 2}] * 5)
        Result = self.Result.with_user(self.quality)
        for domain in (
            [],
            [("score_percent", ">", 90)],
            [("average", "=", 5)],
            [("answer_count", "<", 5)],
        ):
            for result in Result.search(domain):
                self.assertIn(result.answer_count == 0, (result.is_hidden,))
                self.assertTrue(result.is_hidden or result.answer_count >= 5)

    def _mix(self, ballots):
        self.Ballot.create(
            [
                {
                    "rule_id": self.rule.id,
                    "answers": {
                        str(question.id): str(mark) for question, mark in one.items()
                    },
                }
                for one in ballots
            ]
        )
        self.assertTrue(self.Ballot._mix(self.rule))
