from odoo import fields, models


class BeneficiaryAidRequest(models.Model):
    """What zakat asks of a request: a channel, and the person's own word."""

    _inherit = "beneficiary.aid.request"

    zakat_channel_id = fields.Many2one(
        comodel_name="beneficiary.zakat.channel",
        tracking=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Why zakat may be given to the person, as the researcher found. Needed "
        "before a zakat fund pays.",
    )
    zakat_authorised_on = fields.Date(
        string="Zakat Authorised on",
        tracking=True,
        copy=False,
        help="The day the person allowed the association to pay a vendor, or to give "
        "goods, in his place from zakat.",
    )
    zakat_authorisation = fields.Binary(
        attachment=True,
        copy=False,
        help="The signed paper.",
    )
