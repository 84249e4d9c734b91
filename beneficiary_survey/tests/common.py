from odoo.addons.beneficiary_relations.tests.common import BeneficiaryCommon

SCALE_QUESTIONS = 3
WORDS = "The waiting room is too small."


class SurveyCommon(BeneficiaryCommon):
    """One questionnaire of three marks and a text, one rule, mixing from 5 on.

    Use it for rules, invitations, ballots and results.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_batch(5)
        cls.survey = cls.env["survey.survey"].create(
            {
                "title": "How was it?",
                "survey_type": "beneficiary",
                "question_and_page_ids": [
                    *(
                        (
                            0,
                            0,
                            {
                                "title": f"Mark {number}",
                                "sequence": number,
                                "question_type": "scale",
                                "scale_min": 1,
                                "scale_max": 5,
                            },
                        )
                        for number in range(1, 1 + SCALE_QUESTIONS)
                    ),
                    (
                        0,
                        0,
                        {
                            "title": "Words",
                            "sequence": 90,
                            "question_type": "text_box",
                        },
                    ),
                ],
            }
        )
        cls.marks = cls.survey.question_ids[:SCALE_QUESTIONS]
        cls.words = cls.survey.question_ids[SCALE_QUESTIONS:]
        cls.rule = cls._create_rule()
        cls.Ballot = cls.env["beneficiary.survey.ballot"]
        cls.Invitation = cls.env["beneficiary.survey.invitation"]
        cls.Result = cls.env["beneficiary.survey.result"]

    @classmethod
    def set_batch(cls, number):
        cls.env["ir.config_parameter"].set_param(
            "beneficiary_survey.mix_batch", str(number)
        )

    @classmethod
    def _create_rule(cls, **values):
        return cls.env["beneficiary.survey.rule"].create(
            {
                "name": "After a decision",
                "policy_id": cls.policy.id,
                "event": "decision_told",
                "survey_id": cls.survey.id,
                **values,
            }
        )

    @classmethod
    def _create_people(cls, number):
        return cls.env["beneficiary.beneficiary"].create(
            [
                {"name": f"Person {index}", "company_id": cls.company.id}
                for index in range(number)
            ]
        )

    @classmethod
    def _happen(cls, beneficiary, key="1", event="decision_told", policy=None):
        """Let an event happen to a person; return the new invitations."""
        return cls.env["beneficiary.survey.rule"]._on_event(
            event, [(beneficiary, cls.policy if policy is None else policy, key)]
        )

    @classmethod
    def _answers(cls, mark, words=""):
        """Return the answers of a ballot that gives one mark to every question."""
        answers, errors = cls.survey._check_ballot(
            {**{one.id: str(mark) for one in cls.marks}, cls.words.id: words}
        )
        assert not errors, errors
        return answers

    @classmethod
    def _cast(cls, invitation, mark=5, words=""):
        """Answer an invitation as the portal does."""
        token = invitation._issue_ballot()
        cls.env["beneficiary.survey.invitation"]._find_ballot(token)._cast(
            cls._answers(mark, words)
        )

    @classmethod
    def _answer_many(cls, given, **kwargs):
        """Invite and let answer one new person for each mark given."""
        people = cls._create_people(len(given))
        for person, mark in zip(people, given, strict=True):
            cls._cast(cls._happen(person), mark, **kwargs)
        return people

    def _results(self, scope="all", rule=None):
        self.env.flush_all()
        self.Result.invalidate_model()
        return self.Result.search(
            [("rule_id", "=", (rule or self.rule).id), ("scope", "=", scope)]
        )
