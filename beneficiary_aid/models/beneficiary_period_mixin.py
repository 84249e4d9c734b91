from odoo import fields, models


class BeneficiaryPeriodMixin(models.AbstractModel):
    """What a dialog asks for figures between two days: this year until today."""

    _name = "beneficiary.period.mixin"
    _description = "Period of Figures"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(month=1, day=1),
    )
    date_to = fields.Date(
        string="Until", required=True, default=fields.Date.context_today
    )
