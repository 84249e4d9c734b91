from odoo import api, models


class IrAttachment(models.Model):
    """Pictures attached to a visit or an assessment need the person's consent, too."""

    _inherit = "ir.attachment"

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
