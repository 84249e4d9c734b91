"""The portal page of the vouchers: where, how much is left, until when, the code."""

from odoo import http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page

from .portal import _PAGE, BeneficiaryAidPortal


class BeneficiaryVoucherPortal(BeneficiaryAidPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["voucher_count"] = len(self._get_vouchers())
        return values

    def _get_vouchers(self):
        """Return the vouchers of the logged-in person; none for others."""
        if not request.env["beneficiary.beneficiary"].has_access("read"):
            return []
        return request.env["beneficiary.voucher"]._portal_values()

    @http.route("/my/vouchers", **_PAGE)
    @portal_page
    def portal_my_vouchers(self, **kwargs):
        """What the person can buy where, and what was bought."""
        return self._render_page(
            "beneficiary_aid.portal_my_vouchers",
            {"vouchers": self._get_vouchers()},
            page_name="vouchers",
        )
