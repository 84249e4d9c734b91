import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

from ..tools.append_only import protect, release

CUT_WORDS = {"file", "filename"}


class BeneficiaryDeclarationFile(models.Model):
    """The signed declaration as a PDF; its digest stays when the file is destroyed."""

    _name = "beneficiary.declaration.file"
    _description = "Signed Declaration (PDF)"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "filename"

    declaration_id = fields.Many2one(
        comodel_name="beneficiary.declaration",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="declaration_id.company_id", store=True, precompute=True, index=True
    )
    filename = fields.Char(required=True)
    file = fields.Binary(string="PDF", attachment=True)
    sha256 = fields.Char(string="Digest of the File", required=True)

    _declaration_uniq = models.UniqueIndex(
        "(declaration_id)", "The PDF of this declaration is kept already."
    )

    def _auto_init(self):
        release(self.env.cr, self._table)
        return super()._auto_init()

    def init(self):
        """Let the database refuse changes of what was kept."""
        protect(self.env.cr, self._table, words=("filename",))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(
                self.env._("The PDF of a declaration is made by the system.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if self and not (is_anonymising(self.env) and CUT_WORDS.issuperset(vals)):
            raise UserError(self.env._("The PDF of a declaration is kept as it is."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The PDF of a declaration is kept as it is."))

    def _is_unchanged(self):
        """Tell whether the file is the one that was kept."""
        self.ensure_one()
        content = base64.b64decode(self.file or b"")
        return hashlib.sha256(content).hexdigest() == self.sha256
