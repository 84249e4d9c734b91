from odoo import fields, models


class BeneficiaryChannel(models.Model):
    """A way in which people reach the association (C06, C07)."""

    _name = "beneficiary.channel"
    _description = "Communication Channel"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    template_code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)

    _code_company_uniq = models.UniqueIndex(
        "(company_id, code)",
        "This channel code is taken already. Choose another code.",
    )
