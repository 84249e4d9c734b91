from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SurveyUserInput(models.Model):
    """A mixed ballot: answers of somebody among the people asked by one rule."""

    _inherit = "survey.user_input"

    beneficiary_rule_id = fields.Many2one(
        comodel_name="beneficiary.survey.rule",
        string="Survey Rule",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    beneficiary_batch = fields.Char(
        string="Batch",
        readonly=True,
        help="Ballots mixed and written together; shared by all of them.",
    )

    @api.constrains(
        "survey_id", "partner_id", "email", "nickname", "lang_id", "test_entry"
    )
    def _check_beneficiary_anonymous(self):
        for answer in self:
            if answer.survey_id.survey_type == "beneficiary" and not (
                answer.test_entry or answer._is_blind_ballot()
            ):
                raise ValidationError(
                    self.env._(
                        "Answers to %(name)s are never saved with a person. They are "
                        "given on blind ballots in the portal or on paper.",
                        name=answer.survey_id.title,
                    )
                )

    def _is_blind_ballot(self):
        """Return whether nothing on this answer points to who gave it."""
        self.ensure_one()
        return bool(self.beneficiary_rule_id and self.beneficiary_batch) and not (
            self.partner_id or self.email or self.nickname or self.lang_id
        )
