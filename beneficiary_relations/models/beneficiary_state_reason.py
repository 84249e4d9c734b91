from odoo import fields, models


class BeneficiaryStateReason(models.Model):
    """Why a file is suspended or closed, or an assessment declines (BR-51)."""

    _name = "beneficiary.state.reason"
    _description = "Reason of a File's State"
    _inherit = ["beneficiary.reason.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    target_state = fields.Selection(
        selection=[
            ("suspended", "Suspended"),
            ("closed", "Closed"),
            ("any", "Suspended or closed"),
            ("declined", "Not entitled, after an assessment"),
        ],
        required=True,
        default="any",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index=True,
        help="Empty: every association of this database may use it.",
    )
    active = fields.Boolean(default=True)
