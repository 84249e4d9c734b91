from odoo import fields, models


class BeneficiaryCriterion(models.Model):
    """Conditions that are asked for some kinds of help only."""

    _inherit = "beneficiary.criterion"

    aid_type_ids = fields.Many2many(
        comodel_name="beneficiary.aid.type",
        relation="beneficiary_aid_type_beneficiary_criterion_rel",
        column1="beneficiary_criterion_id",
        column2="beneficiary_aid_type_id",
        string="Kinds of Help",
        check_company=True,
        copy=False,
        help="Asked only of requests for these kinds of help, and never part of the "
        "need score. Empty: asked of everybody.",
    )
