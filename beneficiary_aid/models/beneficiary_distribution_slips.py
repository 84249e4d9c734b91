import base64

from odoo import models
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.tools.rtl_print import render_paper


class BeneficiaryDistribution(models.Model):
    """The slips with the codes, on paper for those who have no telephone."""

    _inherit = "beneficiary.distribution"

    def _slips_html(self):
        """Return the slips of everybody who has not fetched yet.

        :raise AccessError: for whoever may not hand out codes
        """
        self.ensure_one()
        self._check_may_prepare()
        # The people who read them, not the colleague who prints them.
        lang = self.env["beneficiary.policy"]._document_lang()
        # Codes are read by nobody but for the slip of the person.
        distribution = self.with_context(lang=lang).sudo()
        return render_paper(
            distribution.env,
            "beneficiary_aid.report_distribution_slips_document",
            {
                "association": distribution.company_id.name,
                "title": distribution.name,
                "place": distribution.place,
                "date_from": format_date(distribution.env, distribution.date_from),
                "date_to": format_date(distribution.env, distribution.date_to),
                "slips": [
                    line._slip_values() for line in distribution._entitled_lines()
                ],
            },
        )


class BeneficiaryDistributionLine(models.Model):
    """What stands on one slip."""

    _inherit = "beneficiary.distribution.line"

    def _slip_values(self):
        self.ensure_one()
        picture = self.env["ir.actions.report"].barcode(
            "QR", self.code, width=240, height=240
        )
        return {
            "name": self.beneficiary_id.name,
            "file_number": self.beneficiary_id.file_number,
            "code": self.code,
            "picture": f"data:image/png;base64,{base64.b64encode(picture).decode()}",
            "things": [
                (item.name, item._quantity_for(self.members))
                for item in self.distribution_id.item_ids
            ],
        }
