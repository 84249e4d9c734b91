from datetime import datetime, time

from freezegun import freeze_time

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import WORDS, SurveyCommon


@tagged("-at_install", "post_install")
class TestSurveyBallot(SurveyCommon):
    # ------------------------------------------------------------------
    # Once
    # ------------------------------------------------------------------

    def test_ballot_is_cast_once(self):
        invitation = self._happen(self.beneficiary)
        token = invitation._issue_ballot()
        self.Invitation._find_ballot(token)._cast(self._answers(4))
        self.assertEqual(invitation.state, "answered")
        self.assertFalse(self.Invitation._find_ballot(token))
        self.assertEqual(len(self.Ballot.search([])), 1)
        with self.assertRaises(UserError):
            invitation._issue_ballot()

    def test_new_start_makes_the_earlier_ballot_void(self):
        invitation = self._happen(self.beneficiary)
        first, second = invitation._issue_ballot(), invitation._issue_ballot()
        self.assertFalse(self.Invitation._find_ballot(first))
        self.assertEqual(self.Invitation._find_ballot(second), invitation)

    def test_token_is_long_random_and_not_stored(self):
        invitations = self.Invitation.union(
            *(self._happen(person) for person in self._create_people(20))
        )
        tokens = {invitation._issue_ballot() for invitation in invitations}
        self.assertEqual(len(tokens), 20)
        self.assertTrue(all(len(token) >= 22 for token in tokens))
        self.env.flush_all()
        self.env.cr.execute("SELECT ballot_hash FROM beneficiary_survey_invitation")
        self.assertFalse(tokens & {row[0] for row in self.env.cr.fetchall()})

    def test_junk_token_finds_nothing(self):
        self._happen(self.beneficiary)
        for token in ("", None, "x", "%", "' OR 1=1 --", "ا" * 30):
            self.assertFalse(self.Invitation._find_ballot(token), token)

    # ------------------------------------------------------------------
    # What a ballot may say
    # ------------------------------------------------------------------

    def test_marks_outside_the_scale_are_refused(self):
        first = self.marks[0]
        for entered in ("0", "6", "-1", "99999999999", "2.5", "NaN", "good"):
            answers, errors = self.survey._check_ballot({first.id: entered})
            self.assertIn(first.id, errors, entered)
            self.assertNotIn(str(first.id), answers)

    def test_arabic_digits_are_marks(self):
        first = self.marks[0]
        answers, errors = self.survey._check_ballot({first.id: " ٤ "})
        self.assertFalse(errors)
        self.assertEqual(answers[str(first.id)], "4")

    def test_empty_ballot_is_refused(self):
        _answers, errors = self.survey._check_ballot({self.words.id: "  "})
        self.assertIn(0, errors)

    def test_words_are_cleaned_and_limited(self):
        answers, errors = self.survey._check_ballot(
            {self.words.id: "a\u202eb\u200b\r\nc\x00"}
        )
        self.assertFalse(errors)
        self.assertEqual(answers[str(self.words.id)], "ab\nc")
        _answers, errors = self.survey._check_ballot({self.words.id: "x" * 2001})
        self.assertIn(self.words.id, errors)

    def test_choices_number_and_date(self):
        survey = self.env["survey.survey"].create(
            {"title": "Other kinds", "survey_type": "beneficiary"}
        )
        kinds = ("simple_choice", "multiple_choice", "numerical_box", "date")
        questions = self.env["survey.question"].create(
            [
                {
                    "title": kind,
                    "survey_id": survey.id,
                    "question_type": kind,
                    "sequence": index,
                    "suggested_answer_ids": [
                        (0, 0, {"value": "Yes"}),
                        (0, 0, {"value": "No"}),
                    ]
                    if "choice" in kind
                    else [],
                }
                for index, kind in enumerate(kinds)
            ]
        )
        one, many, number, day = questions
        yes, no = many.suggested_answer_ids
        answers, errors = survey._check_ballot(
            {
                one.id: str(one.suggested_answer_ids[0].id),
                many.id: [str(no.id), str(yes.id)],
                number.id: "٣",
                day.id: "2026-03-01",
            }
        )
        self.assertFalse(errors)
        self.assertEqual(answers[str(many.id)], sorted((yes | no).ids))
        self.assertEqual(answers[str(number.id)], "3.0")
        for question, entered in (
            (one, str(yes.id)),
            (one, "junk"),
            (many, [str(yes.id), str(one.suggested_answer_ids[0].id)]),
            (number, "NaN"),
            (number, "inf"),
            (number, "1e300"),
            (day, "2026-02-30"),
            (day, "yesterday"),
        ):
            _answers, errors = survey._check_ballot({question.id: entered})
            self.assertIn(question.id, errors, entered)
        rule = self._create_rule(survey_id=survey.id, event="yearly")
        self.Ballot.create([{"rule_id": rule.id, "answers": answers}] * 5)
        inputs = self.Ballot._mix(rule)
        line = inputs[0].user_input_line_ids
        self.assertEqual(
            line.suggested_answer_id, yes | no | one.suggested_answer_ids[0]
        )
        self.assertEqual(line.filtered("value_numerical_box").value_numerical_box, 3.0)

    def test_questions_that_name_a_person_are_refused(self):
        for values in (
            {"question_type": "char_box", "save_as_email": True},
            {"question_type": "char_box", "save_as_nickname": True},
            {"question_type": "matrix"},
            {"question_type": "datetime"},
        ):
            with self.assertRaises(ValidationError):
                self.env["survey.question"].create(
                    {"title": "Who", "survey_id": self.survey.id, **values}
                )

    # ------------------------------------------------------------------
    # Mixing
    # ------------------------------------------------------------------

    def test_too_few_ballots_wait(self):
        self._answer_many([1, 2, 3, 4])
        self.assertFalse(self.Ballot._mix(self.rule))
        self.assertEqual(len(self.Ballot.search([])), 4)
        self.assertFalse(self._inputs())

    def test_job_mixes_when_enough_wait(self):
        self._answer_many([1, 2, 3, 4, 5])
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_survey.ir_cron_mix_ballots"
            ).method_direct_trigger()
        self.assertFalse(self.Ballot.search([]))
        inputs = self._inputs()
        self.assertEqual(len(inputs), 5)
        self.assertEqual(
            sorted(inputs.user_input_line_ids.mapped("value_scale")),
            sorted([1, 2, 3, 4, 5] * 3 + [0] * 5),
        )

    def test_rules_are_mixed_apart(self):
        other = self._create_rule(event="aid_delivered")
        self._answer_many([5] * 4)
        self.Ballot.create([{"rule_id": other.id, "answers": self._answers(1)}] * 4)
        self.assertFalse(self.Ballot._mix(self.rule))
        self.assertFalse(self.Ballot._mix(other))

    @freeze_time("2026-03-10 14:33:21")
    def test_mixed_answers_carry_no_person_and_no_time(self):
        self._answer_many([1, 2, 3, 4, 5], words=WORDS)
        inputs = self.Ballot.with_user(SUPERUSER_ID)._mix(self.rule)
        midnight = datetime.combine(datetime(2026, 3, 10), time.min)
        for records in (inputs, inputs.user_input_line_ids):
            self.assertEqual(set(records.mapped("create_date")), {midnight})
            self.assertEqual(set(records.mapped("write_date")), {midnight})
            self.assertEqual(records.create_uid.id, SUPERUSER_ID)
            self.assertEqual(records.write_uid.id, SUPERUSER_ID)
        self.assertEqual(set(inputs.mapped("start_datetime")), {midnight})
        self.assertEqual(set(inputs.mapped("end_datetime")), {midnight})
        self.assertEqual(set(inputs.mapped("state")), {"done"})
        self.assertEqual(len(set(inputs.mapped("beneficiary_batch"))), 1)
        self.assertFalse(inputs.partner_id or inputs.lang_id or inputs.message_ids)
        self.assertFalse(any(inputs.mapped("email")) or any(inputs.mapped("nickname")))
        self.assertFalse(inputs.message_follower_ids)

    def test_order_is_drawn_anew(self):
        """Thirty ballots keep their order once in 30! times."""
        given = [{"rule_id": self.rule.id, "answers": {"n": n}} for n in range(30)]
        ballots = self.Ballot.create(given)
        self.assertNotEqual(
            [one.answers["n"] for one in ballots.sorted("id")], list(range(30))
        )
        stirred = ballots._stir()
        self.assertFalse(set(stirred.ids) & set(ballots.ids))
        self.assertNotEqual(
            [one.answers["n"] for one in stirred],
            [one["answers"]["n"] for one in given],
        )
        self.assertEqual(sorted(one.answers["n"] for one in stirred), list(range(30)))
        self.assertNotEqual(self.Ballot._shuffled(range(30)), list(range(30)))

    def test_ballot_table_has_no_column_for_a_person_or_a_time(self):
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'beneficiary_survey_ballot'"
        )
        self.assertEqual(
            {row[0] for row in self.env.cr.fetchall()}, {"id", "rule_id", "answers"}
        )

    def test_participation_keeps_dates_and_no_times(self):
        self.env.cr.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_name = 'beneficiary_survey_invitation'"
        )
        columns = dict(self.env.cr.fetchall())
        self.assertFalse(
            columns.keys() & {"create_uid", "create_date", "write_uid", "write_date"}
        )
        self.assertFalse(
            [name for name, kind in columns.items() if kind.startswith("timestamp")]
        )

    def test_mixing_costs_the_same_for_few_and_many(self):
        def mix(number):
            self.Ballot.create(
                [{"rule_id": self.rule.id, "answers": self._answers(3)}] * number
            )
            self.env.flush_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(len(self.Ballot._mix(self.rule)), number)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        mix(5)
        few, many = mix(10), mix(80)
        # One more for each hundred lines, which are written in slices.
        self.assertLessEqual(many, few + 8)
        self.assertLessEqual(few, 20)

    # ------------------------------------------------------------------
    # Odoo's own doors
    # ------------------------------------------------------------------

    def test_odoo_cannot_save_a_named_answer(self):
        for user in (self.env.user, self.quality, False):
            with self.assertRaises(UserError):
                self.survey._create_answer(user=user)
        with self.assertRaises(ValidationError):
            self.env["survey.user_input"].create(
                {"survey_id": self.survey.id, "partner_id": self.env.user.partner_id.id}
            )
        with self.assertRaises(ValidationError):
            self.env["survey.user_input"].create({"survey_id": self.survey.id})
        with self.assertRaises(UserError):
            self.survey.action_send_survey()

    def test_mixed_answer_cannot_be_named_later(self):
        self._answer_many([1, 2, 3, 4, 5])
        answer = self.Ballot._mix(self.rule)[0]
        with self.assertRaises(ValidationError):
            answer.partner_id = self.beneficiary.partner_id

    def test_questionnaire_has_no_public_link(self):
        self.assertEqual(self.survey.access_mode, "token")
        copied = self.survey.copy()
        self.assertEqual(copied.survey_type, "beneficiary")
        self.assertEqual(copied.access_mode, "token")

    def test_asked_questionnaire_keeps_type_and_questions(self):
        self._happen(self.beneficiary)
        with self.assertRaises(UserError):
            self.survey.survey_type = "survey"
        with self.assertRaises(UserError):
            self.marks[0].unlink()
        with self.assertRaises(UserError):
            self.marks[0].scale_max = 10
        with self.assertRaises(UserError):
            self.survey.unlink()
        self.marks[0].title = "A clearer question"

    def test_unused_questionnaire_can_change(self):
        survey = self.survey.copy()
        survey.question_ids[0].unlink()
        survey.survey_type = "survey"
        survey.unlink()

    def test_administrator_writes_a_questionnaire(self):
        form = Form(
            self.env["survey.survey"]
            .with_user(self.administrator)
            .with_context(default_survey_type="beneficiary"),
            view="beneficiary_survey.survey_survey_view_form",
        )
        form.title = "Short one"
        survey = form.save()
        self.assertEqual(survey.survey_type, "beneficiary")
        question = (
            self.env["survey.question"]
            .with_user(self.administrator)
            .create(
                {"title": "Good?", "survey_id": survey.id, "question_type": "scale"}
            )
        )
        self.assertEqual(survey.question_ids, question)

    def _inputs(self):
        return self.env["survey.user_input"].search(
            [("survey_id", "=", self.survey.id)]
        )
