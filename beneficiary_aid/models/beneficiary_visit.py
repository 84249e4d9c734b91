from odoo import fields, models


class BeneficiaryVisit(models.Model):
    """The request a visit is made for, through the assessment it belongs to."""

    _inherit = "beneficiary.visit"

    request_id = fields.Many2one(
        related="assessment_id.request_id", store=True, index="btree_not_null"
    )
