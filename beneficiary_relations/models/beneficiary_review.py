from odoo import fields, models


class BeneficiaryReview(models.Model):
    """What became of a yearly review: done, or the file closed for a while.

    Written by the system only, so that the trail stays as it happened.
    """

    _name = "beneficiary.review"
    _description = "Review of a File"
    _check_company_auto = True
    _order = "date desc, id desc"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="By",
        default=lambda self: self.env.user,
    )
    outcome = fields.Selection(
        selection=[
            ("done", "Data updated"),
            ("suspended", "Not updated: closed temporarily"),
            ("reopened", "Reopened"),
        ],
        required=True,
    )
    due_date = fields.Date(string="Was Due on")
    next_date = fields.Date(string="Next Review")
    note = fields.Text()
