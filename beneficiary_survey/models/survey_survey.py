from odoo import api, fields, models
from odoo.exceptions import UserError

from .survey_question import EMPTY_ANSWERS


class SurveySurvey(models.Model):
    """A satisfaction questionnaire: asked by rules, answered only on blind ballots."""

    _inherit = "survey.survey"

    survey_type = fields.Selection(
        selection_add=[("beneficiary", "Beneficiary satisfaction")],
        ondelete={"beneficiary": "set default"},
    )
    beneficiary_company_id = fields.Many2one(
        comodel_name="res.company",
        string="Association",
        index="btree_not_null",
        help="Empty: every association may use this questionnaire.",
    )
    beneficiary_rule_ids = fields.One2many(
        comodel_name="beneficiary.survey.rule",
        inverse_name="survey_id",
        string="Survey Rules",
    )

    @api.depends("survey_type")
    @api.depends_context("uid")
    def _compute_allowed_survey_types(self):
        res = super()._compute_allowed_survey_types()
        if self.env.user.has_groups(
            "beneficiary_relations.group_administrator,survey.group_survey_user"
        ):
            for survey in self:
                survey.allowed_survey_types = [
                    *(survey.allowed_survey_types or []),
                    "beneficiary",
                ]
        return res

    @api.onchange("survey_type")
    def _onchange_survey_type(self):
        res = super()._onchange_survey_type()
        if self.survey_type == "beneficiary":
            self.update(self._prepare_beneficiary_defaults())
        return res

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {**vals, **self._prepare_beneficiary_defaults()}
                if vals.get("survey_type") == "beneficiary"
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if "survey_type" in vals:
            self._check_type_change(vals["survey_type"])
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_asked(self):
        asked = self._filtered_asked()
        if asked:
            raise UserError(
                self.env._(
                    "People have been asked with %(name)s. Archive it instead of "
                    "deleting it.",
                    name=asked[0].title,
                )
            )

    def action_send_survey(self):
        """Refuse to send a satisfaction questionnaire by hand: it would be named."""
        self._check_not_beneficiary()
        return super().action_send_survey()

    @api.model
    def _prepare_beneficiary_defaults(self):
        """Return the settings that a blind ballot needs.

        Without scoring and without a public link nobody answers on Odoo's own
        pages, where an answer carries the person, the time and a token.
        """
        return {
            "access_mode": "token",
            "certification": False,
            "is_time_limited": False,
            "questions_layout": "one_page",
            "questions_selection": "all",
            "scoring_type": "no_scoring",
            "users_can_go_back": False,
        }

    def _check_answer_creation(self, user, partner, email, test_entry=False, **kwargs):
        if not test_entry:
            self._check_not_beneficiary()
        return super()._check_answer_creation(
            user, partner, email, test_entry=test_entry, **kwargs
        )

    def _check_not_beneficiary(self):
        for survey in self:
            if survey.survey_type == "beneficiary":
                raise UserError(
                    self.env._(
                        "%(name)s is answered on blind ballots only. Add a survey rule "
                        "to the policy: it invites people by itself.",
                        name=survey.title,
                    )
                )

    def _check_type_change(self, survey_type):
        """Refuse to turn collected ballots into ordinary answers, or back.

        :raise UserError: the type changes after people were asked
        """
        changed = self.filtered(
            lambda survey: (
                survey.survey_type != survey_type
                and "beneficiary" in (survey.survey_type, survey_type)
            )
        )._filtered_asked()
        if changed:
            raise UserError(
                self.env._(
                    "People have answered %(name)s already, so its type stays. Copy it "
                    "to make another questionnaire of it.",
                    name=changed[0].title,
                )
            )

    def _filtered_asked(self):
        """Return the questionnaires that invitations or answers refer to."""
        # Only whether there is one is used; nobody may read ballots or invitations.
        surveys = self.sudo()
        Invitation = surveys.env["beneficiary.survey.invitation"]
        UserInput = surveys.env["survey.user_input"]
        asked = {
            survey.id
            for (survey,) in Invitation._read_group(
                [("survey_id", "in", self.ids)], ["survey_id"]
            )
        } | {
            survey.id
            for (survey,) in UserInput._read_group(
                [("survey_id", "in", self.ids), ("test_entry", "=", False)],
                ["survey_id"],
            )
        }
        return self.filtered(lambda survey: survey.id in asked)

    def _check_ballot(self, entered):
        """Clean and check what was entered on one ballot.

        :param dict entered: ``{question id: text or list of texts}``
        :return: ``(answers, errors)``: ``{str(question id): value}`` to store, and
            ``{question id: what is wrong}``, with the key 0 for the whole form
        """
        self.ensure_one()
        answers, errors = {}, {}
        for question in self.question_ids:
            try:
                value = question._clean_ballot_answer(entered.get(question.id))
            except ValueError as error:
                errors[question.id] = question._get_ballot_error(error.args[0])
                continue
            errors.update(question.validate_question(value))
            answers[str(question.id)] = value
        if not errors and all(value in EMPTY_ANSWERS for value in answers.values()):
            errors[0] = self.env._("Please answer at least one question, then send.")
        return answers, errors
