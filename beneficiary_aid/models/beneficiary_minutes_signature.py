import base64
import hashlib

from odoo import api, fields, models
from odoo.tools.image import image_data_uri


class BeneficiaryMinutesSignature(models.Model):
    """A member's signature on minutes: his own act, written once and sealed."""

    _name = "beneficiary.minutes.signature"
    _description = "Signature on Minutes"
    _inherit = "beneficiary.once.mixin"
    _check_company_auto = True
    _order = "minutes_id, id"
    _rec_name = "member_id"

    minutes_id = fields.Many2one(
        comodel_name="beneficiary.minutes",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="minutes_id.company_id", store=True, precompute=True, index=True
    )
    member_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users", required=True, ondelete="restrict"
    )
    method = fields.Selection(
        selection=[
            ("drawn", "Drawn on the screen"),
            ("code", "Confirmed by a code"),
            ("paper", "Signed on paper"),
        ],
        required=True,
    )
    signature = fields.Binary(attachment=True)
    scan = fields.Binary(string="Signed Paper", attachment=True)
    signed_on = fields.Datetime(required=True)
    address = fields.Char(string="Network Address")

    _member_uniq = models.UniqueIndex(
        "(minutes_id, member_id)", "You have signed these minutes already."
    )

    @api.model
    def _once_words(self):
        return self.env._("A signature stays as it was given.")

    @api.model
    def _once_typed_words(self):
        return self.env._("Minutes are signed in their own dialog.")

    def _seal_digest(self):
        """Return the digest of a signature with its drawing or paper."""
        self.ensure_one()
        return self.env["beneficiary.seal"]._digest_of(
            [
                self.minutes_id.id,
                self.member_id.id,
                self.user_id.id,
                self.method,
                fields.Datetime.to_string(self.signed_on),
                self.address or "",
                *(
                    hashlib.sha256(base64.b64decode(file or b"")).hexdigest()
                    for file in (self.signature, self.scan)
                ),
            ]
        )

    def _paper_values(self):
        """Return what the paper shows of a signature."""
        self.ensure_one()
        minutes = self.minutes_id
        day = self.company_id._beneficiary_day(self.signed_on)
        return {
            "name": self.member_id.display_name,
            "role": minutes._paper_label(self.member_id, "role"),
            "image": self.signature and image_data_uri(self.signature),
            "note": f"{minutes._paper_label(self, 'method')}\n"
            f"{minutes._paper_day(day)}",
        }


class BeneficiaryMinutesFile(models.Model):
    """The signed minutes as a PDF, sealed with the minutes."""

    _name = "beneficiary.minutes.file"
    _description = "Signed Minutes"
    _inherit = "beneficiary.kept.file.mixin"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "filename"

    minutes_id = fields.Many2one(
        comodel_name="beneficiary.minutes",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="minutes_id.company_id", store=True, precompute=True, index=True
    )

    @api.model
    def _once_words(self):
        return self.env._("Minutes are kept.")

    @api.model
    def _once_typed_words(self):
        return self.env._("The file is kept when everybody has signed.")

    @api.model
    def _keep(self, minutes, content):
        """Store and seal the PDF of signed minutes.

        :param minutes: ``beneficiary.minutes``, as superuser
        :param bytes content: the PDF
        """
        kept = self.create(
            [
                {
                    "minutes_id": minutes.id,
                    **self._file_values(
                        f"{minutes.name.replace('/', '-')}.pdf", content
                    ),
                }
            ]
        )
        self.env["beneficiary.seal"]._append(minutes._chain(), kept)
        return kept

    def _seal_digest(self):
        """Return the digest kept, or that of a file which is not the one kept."""
        self.ensure_one()
        digest = self._file_digest() if self.file else self.sha256
        return self.env["beneficiary.seal"]._digest_of([self.minutes_id.id, digest])

    def _destroy(self):
        """Delete the files when words in them are destroyed; their rows stay."""
        self.env["ir.attachment"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_field", "=", "file"),
                ("res_id", "in", self.ids),
            ]
        ).unlink()
        self.invalidate_recordset(["file"])
