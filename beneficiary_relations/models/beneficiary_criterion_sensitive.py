from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .beneficiary_beneficiary_sensitive import SENSITIVE_FIELDS, SENSITIVE_GROUP


class BeneficiaryCriterion(models.Model):
    """Results of conditions are read by every reader: no sensitive field in them."""

    _name = "beneficiary.criterion"
    _inherit = ["beneficiary.criterion"]

    @api.constrains("domain", "value_field", "kind")
    def _check_not_sensitive(self):
        for criterion in self.filtered(lambda one: one.kind == "automatic"):
            fields = criterion._fields_asked(
                "beneficiary.beneficiary", criterion._parsed_domain()
            )
            if criterion.value_field:
                fields |= self._fields_on_path(
                    "beneficiary.beneficiary", criterion.value_field
                )
            if self._any_sensitive(fields):
                raise ValidationError(
                    self.env._(
                        "The condition %(name)s would show health, disability or "
                        "prison data to everybody who reads its result. Ask it as a "
                        "manual condition instead.",
                        name=criterion.name,
                    )
                )

    @api.model
    def _any_sensitive(self, fields):
        """Tell whether one of some fields holds health, disability or prison data."""
        return any(
            field.name in SENSITIVE_FIELDS or SENSITIVE_GROUP in (field.groups or "")
            for field in fields
        )

    @api.model
    def _fields_asked(self, model_name, domain):
        """Return the fields a domain asks for, also in its nested domains."""
        fields = set()
        for condition in domain.iter_conditions():
            path = self._fields_on_path(model_name, condition.field_expr)
            fields |= path
            if condition.operator in ("any", "not any"):
                last = condition.field_expr.split(".")[-1]
                comodel = next(
                    field.comodel_name or field.model_name
                    for field in path
                    if field.name == last
                )
                fields |= self._fields_asked(comodel, Domain(condition.value))
        return fields

    @api.model
    def _fields_on_path(self, model_name, path):
        """Return the fields of a path, those a field without column stands for too."""
        fields = set()
        for name in path.split("."):
            field = self.env[model_name]._fields.get(name) if model_name else None
            # What a path says after a date or a property is no field.
            if field is None:
                break
            fields.add(field)
            if field.related and not field.inherited:
                fields |= self._fields_on_path(model_name, field.related)
            model_name = field.comodel_name
        return fields
