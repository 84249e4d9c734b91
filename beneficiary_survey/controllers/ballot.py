"""What the portal form and the paper screen share."""

from odoo.http import request

FIELD_PREFIX = "q_"


def read_entered(survey):
    """Return what a form brought for the questions of a survey.

    :param survey: ``survey.survey``
    :return: ``{question id: text}``, a list of texts for multiple choices
    """
    form = request.httprequest.form
    entered = {}
    for question in survey.question_ids:
        name = f"{FIELD_PREFIX}{question.id}"
        entered[question.id] = (
            form.getlist(name)
            if question.question_type == "multiple_choice"
            else form.get(name, "")
        )
    return entered


def ballot_values(survey, entered=None, errors=None):
    """Return what the ballot template needs.

    :param survey: ``survey.survey`` (as superuser; only its questions are shown)
    :param dict entered: what was entered before, see :func:`read_entered`
    :param dict errors: ``{question id: text}``
    """
    return {
        "survey": survey,
        "questions": survey.question_ids,
        "entered": entered or {},
        "ballot_errors": errors or {},
        "field_prefix": FIELD_PREFIX,
    }
