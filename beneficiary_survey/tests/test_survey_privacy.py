from odoo.tests import tagged

from .common import SurveyCommon

CANARY = "قناريةقناري"


@tagged("post_install", "-at_install")
class TestSurveyPrivacy(SurveyCommon):
    """Surveys when a person asks for the data, or when they are destroyed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._create_beneficiary(
            name=CANARY, phone="0501234567", email="canary@example.org"
        )

    def _destroy(self):
        reason = self.env.ref("beneficiary_relations.state_reason_moved")
        self.person._change_state("closed", reason)
        self.person._anonymise()

    def _words(self):
        self.env.cr.execute("SELECT value_text_box FROM survey_user_input_line")
        return " ".join(row[0] for row in self.env.cr.fetchall() if row[0])

    def test_name_in_free_text_is_cut_and_the_rest_stays(self):
        said = f"They called {CANARY} on 0501234567 twice."
        self._answer_many([5, 4, 3, 2, 1], words=said)
        self.Ballot._mix(self.rule)
        self.env.flush_all()
        self.env.cr.execute("SELECT DISTINCT write_date FROM survey_user_input_line")
        times = self.env.cr.fetchall()
        self.assertIn(CANARY, self._words())
        self._destroy()
        self.assertNotIn(CANARY, self._words())
        self.assertIn("They called — on — twice.", self._words())
        self.env.cr.execute("SELECT DISTINCT write_date FROM survey_user_input_line")
        self.assertEqual(self.env.cr.fetchall(), times)

    def test_name_on_a_waiting_ballot_is_cut(self):
        self._answer_many([5, 4], words=CANARY)
        self._destroy()
        for ballot in self.Ballot.search([]):
            self.assertNotIn(CANARY, str(ballot.answers))
            self.assertIn("—", str(ballot.answers))

    def test_other_association_keeps_its_words(self):
        other = self._create_association("Other")
        namesake = self._create_beneficiary(name=CANARY, company_id=other.id)
        self._answer_many([5, 4, 3, 2, 1], words=CANARY)
        self.Ballot._mix(self.rule)
        namesake._anonymise_free_text()
        self.assertIn(CANARY, self._words())

    def test_open_invitation_goes_and_participation_counts(self):
        answered = self._happen(self.person, key="1")
        self._cast(answered)
        waiting = self._happen(self.person, key="2")
        self._destroy()
        self.assertFalse(waiting.exists())
        self.assertEqual(answered.state, "answered")

    def test_answers_saved_with_a_name_lose_it(self):
        survey = self.env["survey.survey"].create({"title": "Named"})
        question = self.env["survey.question"].create(
            {"survey_id": survey.id, "title": "Why", "question_type": "text_box"}
        )
        answer = self.env["survey.user_input"].create(
            {
                "survey_id": survey.id,
                "partner_id": self.person.partner_id.id,
                "email": "canary@example.org",
                "user_input_line_ids": [
                    (
                        0,
                        0,
                        {
                            "question_id": question.id,
                            "answer_type": "text_box",
                            "value_text_box": CANARY,
                        },
                    )
                ],
            }
        )
        (row,) = self.person._person_data()["survey.user_input.line"]
        self.assertEqual(row["value_text_box"], CANARY)
        self._destroy()
        self.assertFalse(answer.partner_id or answer.email)
        self.assertEqual(answer.user_input_line_ids.value_text_box, "—")

    def test_copy_says_that_one_was_asked_and_never_what_was_said(self):
        self._cast(self._happen(self.person), words="secret words")
        data = self.person._person_data()
        (row,) = data["beneficiary.survey.invitation"]
        self.assertFalse({"ballot_hash", "event_key"} & set(row))
        self.assertNotIn("secret words", str(data))
