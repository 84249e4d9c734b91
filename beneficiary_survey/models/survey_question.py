import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits

BALLOT_TYPES = (
    "scale",
    "simple_choice",
    "multiple_choice",
    "text_box",
    "char_box",
    "numerical_box",
    "date",
)
TEXT_MAX_LENGTH = 2000
LINE_MAX_LENGTH = 200
NUMBER_LIMIT = 1e12
EMPTY_ANSWERS = (False, None, "", [])


class SurveyQuestion(models.Model):
    """The part of a question that a blind ballot needs."""

    _inherit = "survey.question"

    @api.constrains(
        "survey_id",
        "question_type",
        "save_as_email",
        "save_as_nickname",
        "triggering_answer_ids",
        "comments_allowed",
    )
    def _check_ballot_question(self):
        for question in self.filtered(
            lambda one: one.survey_id.survey_type == "beneficiary" and not one.is_page
        ):
            if (
                question.question_type not in BALLOT_TYPES
                or question.save_as_email
                or question.save_as_nickname
                or question.triggering_answer_ids
                or question.comments_allowed
            ):
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot stand on an anonymous ballot. Use a scale, a "
                        "choice without comment, a text, a number or a date, always "
                        "shown and never saved as e-mail or nickname.",
                        name=question.title,
                    )
                )

    def write(self, vals):
        if vals.keys() & {"question_type", "scale_min", "scale_max", "survey_id"}:
            self._check_ballot_unused()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        self._check_ballot_unused()

    def _check_ballot_unused(self):
        """Keep the meaning of answers: an asked question is not replaced.

        :raise UserError: people have been asked this question already
        """
        surveys = self.filtered(
            lambda question: (
                not question.is_page and question.survey_id.survey_type == "beneficiary"
            )
        ).survey_id._filtered_asked()
        if surveys:
            raise UserError(
                self.env._(
                    "People have been asked with %(name)s, so its questions stay. Copy "
                    "the questionnaire and use the copy in a new rule.",
                    name=surveys[0].title,
                )
            )

    # ------------------------------------------------------------------
    # Ballots
    # ------------------------------------------------------------------

    def _clean_ballot_answer(self, entered):
        """Return one answer ready to be stored, ``False`` for none.

        :param entered: text of the form, or a list of texts
        :raise ValueError: with the code ``not_offered``, ``not_a_number``,
            ``not_a_date`` or ``too_long``
        """
        self.ensure_one()
        values = entered if isinstance(entered, list) else [entered]
        values = [value for value in values if value and value.strip()]
        if not values:
            return [] if self.question_type == "multiple_choice" else False
        clean = getattr(self, f"_clean_ballot_{self.question_type}")
        return clean(values)

    def _clean_ballot_scale(self, values):
        value = self._to_number(values[0], int)
        if not self.scale_min <= value <= self.scale_max:
            raise ValueError("not_offered")
        return str(value)

    def _clean_ballot_simple_choice(self, values):
        return self._clean_ballot_multiple_choice(values[:1])[0]

    def _clean_ballot_multiple_choice(self, values):
        chosen = {self._to_number(value, int) for value in values}
        if not chosen <= set(self.suggested_answer_ids.ids):
            raise ValueError("not_offered")
        return sorted(chosen)

    def _clean_ballot_text_box(self, values):
        return clean_text(values[0], TEXT_MAX_LENGTH, multiline=True)

    def _clean_ballot_char_box(self, values):
        return clean_text(values[0], LINE_MAX_LENGTH)

    def _clean_ballot_numerical_box(self, values):
        value = self._to_number(values[0], float)
        if not math.isfinite(value) or abs(value) >= NUMBER_LIMIT:
            raise ValueError("not_a_number")
        return str(value)

    def _clean_ballot_date(self, values):
        try:
            date = fields.Date.to_date(to_latin_digits(values[0].strip()))
        except ValueError:
            raise ValueError("not_a_date") from None
        return fields.Date.to_string(date)

    @api.model
    def _to_number(self, value, kind):
        try:
            return kind(to_latin_digits(value.strip()))
        except (ValueError, OverflowError):
            raise ValueError("not_a_number") from None

    @api.model
    def _get_ballot_error(self, code):
        """Return in plain words what is wrong with an answer."""
        return {
            "not_a_number": self.env._("Write a number here."),
            "not_a_date": self.env._("Write a date here, for example 2026-03-31."),
            "too_long": self.env._("This text is too long. Please make it shorter."),
        }.get(code, self.env._("Choose one of the answers shown."))

    def _prepare_ballot_lines(self, value):
        """Return the values of the answer lines of one stored answer.

        :param value: what :meth:`_clean_ballot_answer` returned
        """
        self.ensure_one()
        prepare = self.env["survey.user_input"]._get_line_answer_values
        if self.question_type in ("simple_choice", "multiple_choice"):
            values = value if isinstance(value, list) else [value]
            lines = [prepare(self, one, "suggestion") for one in values or [False]]
        else:
            lines = [prepare(self, value, self.question_type)]
        for line in lines:
            line.pop("user_input_id")
        return lines
