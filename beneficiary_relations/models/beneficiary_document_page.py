import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.files import MAX_BYTES, MEGABYTE, check_upload
from ..tools.text import clean_text


class BeneficiaryDocumentPage(models.Model):
    """A picture or a PDF of a document, typed by its content."""

    _name = "beneficiary.document.page"
    _description = "Page of a Document"
    _order = "document_id, sequence, id"
    _rec_name = "filename"

    document_id = fields.Many2one(
        comodel_name="beneficiary.document",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="document_id.company_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    file = fields.Binary(required=True, attachment=True)
    filename = fields.Char(required=True, default="page")
    mimetype = fields.Char(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        pages = super().create([self._checked(vals) for vals in vals_list])
        pages._check_not_frozen()
        return pages

    def write(self, vals):
        self._check_not_frozen()
        if "file" in vals:
            for page in self:
                vals = self._checked(dict({"filename": page.filename}, **vals))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_matched(self):
        self._check_not_frozen()

    def _check_not_frozen(self):
        """Keep the pages of a matched document: they are what was matched."""
        self.document_id.filtered(
            lambda document: document.state == "verified"
        )._check_not_frozen()

    def _checked(self, vals):
        """Return values with the type told by the content.

        :raise ValidationError: for a file that is no picture and no plain PDF
        """
        vals = dict(vals)
        name = clean_text(vals.get("filename") or "page")[-120:]
        try:
            content = base64.b64decode(vals.get("file") or b"", validate=False)
            vals["mimetype"] = check_upload(content, name)
        except (ValueError, binascii.Error) as error:
            raise ValidationError(self._upload_message(str(error), name)) from None
        vals["filename"] = name
        return vals

    @api.model
    def _upload_message(self, code, name):
        """Return what is wrong with a file, in plain words.

        :param str code: as raised by ``tools.files.check_upload``
        :param str name: name of the file
        """
        messages = {
            "empty": self.env._(
                "The file %(name)s is empty. Choose it again.", name=name
            ),
            "too_large": self.env._(
                "The file %(name)s is larger than %(size)s MB. Send a smaller picture.",
                name=name,
                size=MAX_BYTES // MEGABYTE,
            ),
            "extension": self.env._(
                "The name of the file %(name)s does not fit its content. Send the "
                "original picture or PDF.",
                name=name,
            ),
            "active_content": self.env._(
                "The PDF %(name)s contains programs or other files. Print it to a "
                "new PDF, or take a picture of it.",
                name=name,
            ),
        }
        return messages.get(
            code,
            self.env._(
                "The file %(name)s is no picture (JPG, PNG, HEIC) and no PDF. Take a "
                "picture of the paper instead.",
                name=name,
            ),
        )
