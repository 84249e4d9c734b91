from odoo import api, fields, models


class BeneficiaryDeclarationFile(models.Model):
    """The signed declaration as a PDF."""

    _name = "beneficiary.declaration.file"
    _description = "Signed Declaration (PDF)"
    _inherit = "beneficiary.kept.file.mixin"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "filename"

    _cut_fields = frozenset({"file", "filename"})

    declaration_id = fields.Many2one(
        comodel_name="beneficiary.declaration",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="declaration_id.company_id", store=True, precompute=True, index=True
    )
    _declaration_uniq = models.UniqueIndex(
        "(declaration_id)", "The PDF of this declaration is kept already."
    )

    @api.model
    def _once_words(self):
        return self.env._("The PDF of a declaration is kept as it is.")

    @api.model
    def _once_typed_words(self):
        return self.env._("The PDF of a declaration is made by the system.")

    def _is_unchanged(self):
        """Tell whether the file is the one that was kept."""
        return self._file_digest() == self.sha256
