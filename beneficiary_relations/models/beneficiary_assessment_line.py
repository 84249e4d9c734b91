from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.anonymise import is_anonymising

RESULTS = [("met", "Met"), ("not_met", "Not met"), ("unknown", "Unknown")]


class BeneficiaryAssessmentLine(models.Model):
    """One condition as it was found: met, not met or unknown, and why."""

    _name = "beneficiary.assessment.line"
    _description = "Condition of an Assessment"
    _order = "assessment_id, sequence, id"

    assessment_id = fields.Many2one(
        comodel_name="beneficiary.assessment",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="assessment_id.company_id", store=True, index=True
    )
    criterion_id = fields.Many2one(
        comodel_name="beneficiary.criterion", index="btree_not_null"
    )
    kind = fields.Selection(related="criterion_id.kind")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Condition", required=True)
    clause = fields.Char()
    mandatory = fields.Boolean(default=True)
    result = fields.Selection(selection=RESULTS, required=True, default="unknown")
    value_seen = fields.Char()
    note = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        if not is_anonymising(self.env):
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    def _check_open(self):
        for assessment in self.assessment_id:
            if assessment.state != "draft":
                raise UserError(
                    self.env._(
                        "The assessment %(name)s is finished and stays as it was "
                        "seen. Make a new one.",
                        name=assessment.name,
                    )
                )

    def _in_words(self):
        """Return the finding in plain words: condition, finding, value, clause."""
        self.ensure_one()
        sentence = self._finding_in_words()
        if self.value_seen and not self.answer_is_sensitive:
            sentence = self.env._(
                "%(finding)s What was seen: %(value)s.",
                finding=sentence,
                value=self.value_seen,
            )
        if self.clause:
            sentence = self.env._(
                "%(finding)s (Clause %(clause)s of the policy)",
                finding=sentence,
                clause=self.clause,
            )
        return sentence

    def _finding_in_words(self):
        if self.result == "met":
            return self.env._("%(name)s: this condition is met.", name=self.name)
        if self.result == "not_met":
            return self.env._("%(name)s: this condition is not met.", name=self.name)
        return self.env._("%(name)s: we do not know this yet.", name=self.name)
