from odoo import models
from odoo.exceptions import UserError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Refuse to merge contacts that stand behind files of beneficiaries.

        Two files on one contact would make two people one.
        """
        partners = self.env["res.partner"].browse(partner_ids).exists()
        if partners.filtered("is_beneficiary"):
            raise UserError(
                self.env._(
                    "One of these contacts belongs to a beneficiary's file. "
                    "Contacts of files are not merged here: close the double file "
                    "instead."
                )
            )
        return super()._merge(
            partner_ids, dst_partner=dst_partner, extra_checks=extra_checks
        )
