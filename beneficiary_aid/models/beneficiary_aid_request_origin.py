from odoo import fields, models


class BeneficiaryAidRequest(models.Model):
    """Whether a request was asked for, or the association opened it itself.

    A request the association opened is not declared: the person is invited to complete
    and sign it, and it goes no further before (C09, C39).
    """

    _inherit = "beneficiary.aid.request"

    origin = fields.Selection(
        selection=[
            ("asked", "Asked for"),
            ("outreach", "Offered by the association"),
            ("emergency", "Emergency"),
        ],
        required=True,
        default="asked",
        readonly=True,
        copy=False,
        tracking=True,
    )
    outreach_id = fields.Many2one(
        comodel_name="beneficiary.outreach",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _outreach_uniq = models.UniqueIndex(
        "(outreach_id, beneficiary_id) WHERE outreach_id IS NOT NULL",
        "This person has a request of this outreach already.",
    )
