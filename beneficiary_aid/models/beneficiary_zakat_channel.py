from odoo import fields, models


class BeneficiaryZakatChannel(models.Model):
    """One of the eight kinds of people zakat is for (Qur'an 9:60).

    The list is the same for every association; which of them a fund serves is set on
    the fund.
    """

    _name = "beneficiary.zakat.channel"
    _description = "Zakat Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        "(code)", "This code of a zakat channel is taken already. Choose another code."
    )
