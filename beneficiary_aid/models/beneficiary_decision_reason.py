from odoo import fields, models


class BeneficiaryDecisionReason(models.Model):
    """Why something was decided, as a code with words the applicant may read."""

    _name = "beneficiary.decision.reason"
    _description = "Decision Reason"
    _inherit = ["beneficiary.reason.mixin"]
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="In words the applicant may read.",
    )
    code = fields.Char()
    outcome = fields.Selection(
        selection=[
            ("any", "Every outcome"),
            ("approve", "Approval"),
            ("decline", "Refusal"),
            ("refer", "Referral or postponement"),
        ],
        string="Used for",
        required=True,
        default="any",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: every association.",
    )
    active = fields.Boolean(default=True)
