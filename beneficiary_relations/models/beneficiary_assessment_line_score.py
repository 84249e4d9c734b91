from odoo import api, fields, models
from odoo.exceptions import AccessError


class BeneficiaryAssessmentLine(models.Model):
    """The points of one condition, as they stood when it was asked."""

    _name = "beneficiary.assessment.line"
    _inherit = ["beneficiary.assessment.line"]

    weight = fields.Integer(
        string="Points if Met",
        readonly=True,
        help="Taken from the policy, where conditions that are scored have points.",
    )
    points = fields.Integer(compute="_compute_points", store=True)

    @api.depends("result", "weight", "mandatory")
    def _compute_points(self):
        for line in self:
            scored = line.result == "met" and not line.mandatory
            line.points = line.weight if scored else 0

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_weight(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_weight(vals)
        return super().write(vals)

    def _check_weight(self, vals):
        """Refuse points as input: the policy gives them."""
        if not self.env.su and vals.keys() & {"weight", "points"}:
            raise AccessError(
                self.env._(
                    "Points come from the conditions of the policy. Change them there."
                )
            )

    def _in_words(self):
        sentence = super()._in_words()
        if self.mandatory:
            return sentence
        return self.env._(
            "%(finding)s Points: %(points)s.", finding=sentence, points=self.points
        )
