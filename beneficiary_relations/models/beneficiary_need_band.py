from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryNeedBand(models.Model):
    """A class of need by income for each person: from included, to excluded.

    Half-open bands leave no gap, so that 500.50, zero and negative incomes land in
    one band each.
    """

    _name = "beneficiary.need.band"
    _description = "Need Band"
    _inherit = [
        "beneficiary.amounts.mixin",
        "beneficiary.policy.part.mixin",
        "beneficiary.band.mixin",
    ]
    _order = "policy_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    no_lower = fields.Boolean(
        string="No Lower Bound", help="Negative incomes belong here, too."
    )
    amount_from = fields.Monetary(string="From (included)", required=True, default=0.0)
    no_upper = fields.Boolean(string="No Upper Bound")
    amount_to = fields.Monetary(string="To (excluded)", required=True, default=0.0)
    is_entitled = fields.Boolean(
        string="In Need", default=True, help="People of this band may be supported."
    )
    template_code = fields.Char(readonly=True)

    _bounds = models.Constraint(
        "CHECK(no_lower IS TRUE OR no_upper IS TRUE OR amount_from < amount_to)",
        "The lower bound of a need band lies below its upper bound.",
    )

    @api.constrains("no_lower", "amount_from", "no_upper", "amount_to", "policy_id")
    def _check_overlap(self):
        for policy in self.policy_id:
            if overlap := policy.need_band_ids._first_overlap():
                raise ValidationError(
                    self.env._(
                        "The need bands %(first)s and %(second)s overlap. End "
                        "the first where the second begins.",
                        first=overlap[0].name,
                        second=overlap[1].name,
                    )
                )

    def _bounds_of(self):
        self.ensure_one()
        return (
            float("-inf") if self.no_lower else self.amount_from,
            float("inf") if self.no_upper else self.amount_to,
        )
