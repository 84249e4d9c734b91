from odoo import fields, models


class BeneficiaryDocumentType(models.Model):
    """A paper that may be asked for, and from whom."""

    _name = "beneficiary.document.type"
    _description = "Document Type"
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    description = fields.Char(
        string="What to Bring", translate=True, help="Shown to the applicant."
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    required_for_all = fields.Boolean(string="Required from Everybody")
    category_ids = fields.Many2many(
        comodel_name="beneficiary.category",
        string="Required from Categories",
        check_company=True,
    )
    validity_months = fields.Integer(
        string="Valid for (months)",
        help="Proposes the expiry date of a new document. 0: it does not expire.",
    )
    template_code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)

    _code_company_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "This document code is taken already. Choose another code.",
    )
    _validity_positive = models.Constraint(
        "CHECK(validity_months >= 0)", "The months of validity cannot be negative."
    )
