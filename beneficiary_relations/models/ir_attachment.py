from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.files import is_disguised


class IrAttachment(models.Model):
    """Files attached to our records are what they say they are.

    Pictures attached to a visit or an assessment need the person's consent, too.
    """

    _inherit = "ir.attachment"

    @api.constrains("res_model", "res_id", "name", "checksum")
    def _check_disguise(self):
        """Refuse programs, and other files renamed to a paper, beside the messages.

        What is a field of ours was looked at when it was written.

        :raise ValidationError: naming the file
        """
        for attachment in self:
            if (
                attachment.type == "binary"
                and attachment.res_id
                and not attachment.res_field
                and (attachment.res_model or "").startswith("beneficiary.")
                # Files of a dialog are told by row when its papers are stored.
                and not self.env[attachment.res_model]._transient
                and is_disguised(attachment.raw or b"", attachment.name)
            ):
                raise ValidationError(
                    self.env._(
                        "The file %(name)s is a program, or not what its name says. "
                        "Attach a picture or a PDF of the paper.",
                        name=attachment.name,
                    )
                )

    @api.constrains("res_model", "res_id", "mimetype")
    def _check_photo_consent(self):
        pictures = self.filtered(
            lambda one: (
                one.res_model in ("beneficiary.visit", "beneficiary.assessment")
                and one.res_id
                and not one.res_field
                and (one.mimetype or "").startswith("image/")
            )
        )
        for model, attachments in pictures.grouped("res_model").items():
            # Who may attach was checked by Odoo; here counts only the consent.
            records = self.env[model].sudo().browse(attachments.mapped("res_id"))
            self.env["beneficiary.visit"]._check_photo_consent_of(
                records.exists().beneficiary_id
            )
