from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    beneficiary_callback_share = fields.Float(
        string="Share Called Back (%)",
        digits=(5, 2),
        default=0.0,
        help="So many of a hundred payments and deliveries are drawn by lot, and "
        "somebody calls to ask whether they were received. 0: nobody is called.",
    )

    beneficiary_loan_reminder_days = fields.Integer(
        string="Remind of Overdue Devices Every (Days)",
        default=7,
        required=True,
        help="So often somebody who has not returned a device in time is reminded.",
    )

    _beneficiary_loan_reminder_days_bounds = models.Constraint(
        "CHECK(beneficiary_loan_reminder_days BETWEEN 1 AND 365)",
        "The days between two reminders are a number from 1 to 365.",
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
    beneficiary_loan_reminder_days = fields.Integer(
        related="company_id.beneficiary_loan_reminder_days", readonly=False
    )
