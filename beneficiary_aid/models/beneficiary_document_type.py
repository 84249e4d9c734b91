from odoo import fields, models


class BeneficiaryDocumentType(models.Model):
    """The other side of the matrix: the kinds of help that ask for a paper."""

    _inherit = "beneficiary.document.type"

    aid_type_ids = fields.Many2many(
        comodel_name="beneficiary.aid.type",
        string="Required for Help",
        check_company=True,
    )
