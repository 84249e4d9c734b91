import base64
import hashlib

from odoo import api, fields, models


class BeneficiaryKeptFileMixin(models.AbstractModel):
    """A paper kept as it was given out; its digest stays when the file is destroyed."""

    _name = "beneficiary.kept.file.mixin"
    _description = "Kept Paper"
    _inherit = "beneficiary.once.mixin"

    filename = fields.Char(required=True)
    file = fields.Binary(string="PDF", attachment=True)
    sha256 = fields.Char(string="Digest of the File", required=True)

    @api.model
    def _file_values(self, filename, content):
        """Return the values of a file to keep.

        :param str filename: its name
        :param bytes content: the PDF
        """
        return {
            "filename": filename,
            "file": base64.b64encode(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    def _file_digest(self):
        """Return the digest of the file as it is there now."""
        self.ensure_one()
        return hashlib.sha256(base64.b64decode(self.file or b"")).hexdigest()
