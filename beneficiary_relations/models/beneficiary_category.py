from odoo import fields, models


class BeneficiaryCategory(models.Model):
    """A class of people the association serves: orphans, patients, widows …"""

    _name = "beneficiary.category"
    _description = "Beneficiary Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
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
        "(company_id, code) WHERE code IS NOT NULL",
        "This category code is taken already. Choose another code.",
    )
