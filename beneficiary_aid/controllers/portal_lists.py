"""The portal page of what is ready to be fetched, with its one-time code."""

from odoo import http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page

from .portal import _PAGE, BeneficiaryAidPortal


class BeneficiaryListsPortal(BeneficiaryAidPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["pickup_count"] = len(self._get_pickups())
        return values

    def _get_pickups(self):
        """Return what the logged-in person may fetch; nothing for others."""
        if not request.env["beneficiary.beneficiary"].has_access("read"):
            return []
        return request.env["beneficiary.distribution.line"]._portal_values()

    @http.route("/my/pickups", **_PAGE)
    @portal_page
    def portal_my_pickups(self, **kwargs):
        """What is ready for the person: where, until when, and the code."""
        return self._render_page(
            "beneficiary_aid.portal_my_pickups",
            {"pickups": self._get_pickups()},
            page_name="pickups",
        )
