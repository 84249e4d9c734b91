from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    beneficiary_stock_location_id = fields.Many2one(
        related="company_id.beneficiary_stock_location_id",
        readonly=False,
        domain="[('usage', '=', 'internal'), ('company_id', '=', company_id)]",
    )
