from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    beneficiary_callback_share = fields.Float(
        string="Share Called Back (%)",
        digits=(5, 2),
        default=0.0,
        help="So many of a hundred payments and deliveries are drawn by lot, and somebody calls to "
        "ask whether they were received. 0: nobody is called.",
    )

    _beneficiary_callback_share_bounds = models.Constraint(
        "CHECK(beneficiary_callback_share >= 0 AND beneficiary_callback_share <= 100)",
        "The share called back is a number from 0 to 100.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    beneficiary_callback_share = fields.Float(
        related="company_id.beneficiary_callback_share", readonly=False
    )
