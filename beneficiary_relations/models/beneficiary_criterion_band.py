from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryCriterionBand(models.Model):
    """Points for a value between two bounds: from included, to excluded."""

    _name = "beneficiary.criterion.band"
    _description = "Points of an Eligibility Condition"
    _inherit = [
        "beneficiary.amounts.mixin",
        "beneficiary.policy.part.mixin",
        "beneficiary.band.mixin",
    ]
    _order = "criterion_id, no_lower desc, lower, id"

    criterion_id = fields.Many2one(
        comodel_name="beneficiary.criterion",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="criterion_id.company_id", store=True, index=True
    )
    no_lower = fields.Boolean(string="No Lower Bound")
    lower = fields.Float(string="From (included)", required=True, default=0.0)
    no_upper = fields.Boolean(string="No Upper Bound")
    upper = fields.Float(string="To (excluded)", required=True, default=0.0)
    points = fields.Integer(required=True)

    _bounds = models.Constraint(
        "CHECK(no_lower IS TRUE OR no_upper IS TRUE OR lower < upper)",
        "The lower bound of a band lies below its upper bound.",
    )
    _points_bounded = models.Constraint(
        "CHECK(points BETWEEN -1000 AND 1000)",
        "The points of a band lie between -1000 and 1000.",
    )

    @api.constrains("no_lower", "lower", "no_upper", "upper", "criterion_id")
    def _check_overlap(self):
        for criterion in self.criterion_id:
            if criterion.band_ids._first_overlap():
                raise ValidationError(
                    self.env._(
                        "Two bands of the condition %(name)s overlap. End the "
                        "first where the second begins.",
                        name=criterion.name,
                    )
                )

    def _policies(self):
        return self.criterion_id.policy_id

    def _bounds_of(self):
        self.ensure_one()
        return (
            float("-inf") if self.no_lower else self.lower,
            float("inf") if self.no_upper else self.upper,
        )
