from odoo import api, models
from odoo.tools import SQL

ANSWER_FIELDS = (
    "question_id",
    "suggested_answer_id",
    "value_char_box",
    "value_date",
    "value_datetime",
    "value_numerical_box",
    "value_scale",
    "value_text_box",
)
WORD_COLUMNS = ("value_char_box", "value_text_box")


class BeneficiaryBeneficiary(models.Model):
    """Surveys in the copy for the person, and when personal data are destroyed."""

    _inherit = "beneficiary.beneficiary"

    # ------------------------------------------------------------------
    # The copy for the person
    # ------------------------------------------------------------------

    @api.model
    def _person_copy(self):
        return super()._person_copy() | {"beneficiary.survey.invitation": True}

    @api.model
    def _person_copy_hidden(self):
        return super()._person_copy_hidden() | {
            "beneficiary.survey.invitation": {
                "ballot_hash": "the key of a blind ballot",
                "event_key": "a technical mark against asking twice",
            }
        }

    def _person_data(self):
        """Add the answers to ordinary surveys, which are saved with a name.

        Ballots of satisfaction surveys are nobody's: nothing leads from a person to
        what was said on them.
        """
        data = super()._person_data()
        lines = self._named_answers().user_input_line_ids
        if lines:
            data[lines._name] = self.sudo()._person_rows(lines, ANSWER_FIELDS)
        return data

    def _named_answers(self):
        """Return the person's answers to surveys that are saved with a name."""
        # The copy and the destruction leave nothing out that some colleague may not
        # read; the caller checked the right to them.
        return (
            self.env["survey.user_input"]
            .sudo()
            .search([("partner_id", "in", self.partner_id.ids)])
        )

    # ------------------------------------------------------------------
    # Destroying personal data
    # ------------------------------------------------------------------

    def _anonymise_related(self, related):
        """Cut names out of free text; open invitations go, participation counts."""
        self._anonymise_free_text()
        answers = self._named_answers()
        for name in WORD_COLUMNS:
            answers.user_input_line_ids.filtered(name).write({name: "—"})
        answers.write({"partner_id": False, "email": False, "nickname": False})
        invitations = related["beneficiary.survey.invitation"]
        waiting = invitations.filtered(lambda one: one.state in ("planned", "invited"))
        related["beneficiary.survey.invitation"] -= waiting
        waiting.unlink()
        return super()._anonymise_related(related)

    def _anonymise_free_text(self):
        """Replace the person where anybody named him in an anonymous answer.

        By SQL: the times of a mixed answer are those of its whole batch and stay.
        """
        words = self._words_naming_person()
        self.env.flush_all()
        for column in WORD_COLUMNS:
            name = SQL.identifier(column)
            for word in words:
                self.env.cr.execute(
                    SQL(
                        """
                        UPDATE survey_user_input_line AS line
                           SET %(column)s = replace(line.%(column)s, %(word)s, '—')
                          FROM survey_user_input AS answer
                          JOIN beneficiary_survey_rule AS rule
                            ON rule.id = answer.beneficiary_rule_id
                         WHERE answer.id = line.user_input_id
                           AND rule.company_id = %(company)s
                           AND strpos(line.%(column)s, %(word)s) > 0
                        """,
                        column=name,
                        word=word,
                        company=self.company_id.id,
                    )
                )
        self.env["survey.user_input.line"].invalidate_model(WORD_COLUMNS)
        self._anonymise_ballots(words)

    def _anonymise_ballots(self, words):
        """Do the same with ballots that wait to be mixed."""
        ballots = self.env["beneficiary.survey.ballot"].search(
            [("rule_id.company_id", "=", self.company_id.id)]
        )
        for ballot in ballots:
            answers = {
                key: self._without(value, words) if isinstance(value, str) else value
                for key, value in ballot.answers.items()
            }
            if answers != ballot.answers:
                ballot.answers = answers
