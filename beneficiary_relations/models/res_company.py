from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    beneficiary_address = fields.Char(
        string="Address of the Public Pages",
        copy=False,
        help="The last part of the address under which everybody reads the "
        "association's charter, services and policy.",
    )

    _beneficiary_address_uniq = models.UniqueIndex(
        "(beneficiary_address) WHERE beneficiary_address IS NOT NULL",
        "Another association has this public address. Choose another one.",
    )
    _beneficiary_address_form = models.Constraint(
        "CHECK(beneficiary_address ~ '^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$')",
        "A public address has 3 to 50 small Latin letters, digits and hyphens.",
    )
