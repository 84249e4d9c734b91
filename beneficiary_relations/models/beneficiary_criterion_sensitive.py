from odoo import api, models
from odoo.exceptions import ValidationError

from .beneficiary_beneficiary_sensitive import SENSITIVE_FIELDS


class BeneficiaryCriterion(models.Model):
    """Results of conditions are read by every reader: no sensitive field in them."""

    _name = "beneficiary.criterion"
    _inherit = ["beneficiary.criterion"]

    @api.constrains("domain", "value_field", "kind")
    def _check_not_sensitive(self):
        for criterion in self.filtered(lambda one: one.kind == "automatic"):
            paths = [criterion.value_field or ""]
            paths += [
                condition.field_expr
                for condition in criterion._parsed_domain().iter_conditions()
            ]
            if SENSITIVE_FIELDS.intersection(
                name for path in paths for name in path.split(".")
            ):
                raise ValidationError(
                    self.env._(
                        "The condition %(name)s would show health, disability or "
                        "prison data to everybody who reads its result. Ask it as a "
                        "manual condition instead.",
                        name=criterion.name,
                    )
                )
