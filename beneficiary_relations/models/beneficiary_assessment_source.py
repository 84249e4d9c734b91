from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .beneficiary_beneficiary_sensitive import SENSITIVE_GROUP

# What a way of verifying learns from.
SOURCE_OF_MECHANISM = {
    "admin_check": "document",
    "interview": "statement",
    "field_visit": "visit",
}


class BeneficiaryCriterion(models.Model):
    """A question whose answer only people with the right to sensitive data read."""

    _inherit = "beneficiary.criterion"

    answer_is_sensitive = fields.Boolean(
        string="Sensitive Answer",
        help="What was seen is about health, disability or prison: only people with "
        "the right to sensitive data read it. Everybody reads met or not met.",
    )


class BeneficiaryAssessmentLine(models.Model):
    """Where the answer to a condition is known from; sensitive answers apart."""

    _name = "beneficiary.assessment.line"
    _inherit = ["beneficiary.assessment.line", "beneficiary.source.mixin"]
    _check_company_auto = True

    _collected_fields = frozenset({"result", "value_seen", "sensitive_value"})

    answer_is_sensitive = fields.Boolean(related="criterion_id.answer_is_sensitive")
    sensitive_value = fields.Char(
        string="Sensitive Value Seen", groups=SENSITIVE_GROUP, prefetch=False
    )

    @api.constrains("value_seen", "note", "criterion_id")
    def _check_value_not_open(self):
        for line in self:
            if line.answer_is_sensitive and (line.value_seen or line.note):
                raise ValidationError(
                    self.env._(
                        "The answer to %(name)s is sensitive: enter what was seen as "
                        "sensitive value, not where everybody reads it.",
                        name=line.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_known_source(vals) for vals in vals_list])

    def write(self, vals):
        if "result" not in vals or vals.get("info_source"):
            return super().write(vals)
        for source, lines in self.grouped(
            lambda line: line.info_source or line._known_source()
        ).items():
            super(BeneficiaryAssessmentLine, lines).write(
                dict(vals, info_source=source)
            )
        return True

    def _fetch_query(self, query, fields):
        fetched = super()._fetch_query(query, fields)
        if fetched and any(field.name == "sensitive_value" for field in fields):
            looked_at = fetched.filtered("answer_is_sensitive").assessment_id
            if looked_at:
                looked_at.beneficiary_id._log_look("read", {"sensitive_value"})
        return fetched

    # ------------------------------------------------------------------
    # Source
    # ------------------------------------------------------------------

    @api.model
    def _with_known_source(self, vals):
        """Return values to create with the source that an answer implies."""
        if vals.get("info_source") or not self._is_collected(vals):
            return vals
        line = self.new(
            {name: vals.get(name) for name in ("assessment_id", "criterion_id")}
        )
        return dict(vals, info_source=line._known_source())

    def _known_source(self):
        """Return what an answer is learnt from: the file, or the way of verifying."""
        self.ensure_one()
        if self.kind == "automatic":
            return "file"
        return SOURCE_OF_MECHANISM.get(self.assessment_id.mechanism_id.kind, False)

    @api.model
    def _is_collected(self, vals):
        # A question nobody answered yet was not collected.
        return vals.get("result", "unknown") != "unknown"

    def _source_people(self):
        return self.assessment_id.beneficiary_id

    def _log_source(self, before, after):
        self.assessment_id._message_log(
            body=self.env._(
                "%(condition)s: %(before)s → %(after)s",
                condition=self.name,
                before=before,
                after=after,
            )
        )
