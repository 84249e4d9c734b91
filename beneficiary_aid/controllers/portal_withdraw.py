"""The portal page on which a person takes an own request back."""

from odoo import http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page
from odoo.addons.beneficiary_relations.exceptions import PortalError

from .portal import _FORM, _PAGE, BeneficiaryAidPortal

# Longer words are cut: nothing a person wrote is refused for its length here.
MAX_REASON = 1000


class BeneficiaryAidWithdrawPortal(BeneficiaryAidPortal):
    @http.route("/my/requests/<int:request_id>/withdraw", **_PAGE)
    @portal_page
    def portal_withdraw(self, request_id, **kwargs):
        """Say what taking back means, and ask why."""
        return self._render_withdraw(
            self._get_own_record("beneficiary.aid.request", request_id)
        )

    @http.route("/my/requests/<int:request_id>/withdraw", **_FORM)
    @portal_page
    def portal_withdraw_send(self, request_id, reason="", **post):
        """Take the request back; a second click shows the same page."""
        record = self._get_own_record("beneficiary.aid.request", request_id)
        reason = self._to_text(reason)[:MAX_REASON]
        try:
            with request.env.cr.savepoint():
                record._portal_withdraw(reason)
        except PortalError as error:
            return self._render_withdraw(record, {"withdraw": error.args[0]}, reason)
        return request.redirect(f"/my/requests/{record.id}")

    def _render_withdraw(self, record, errors=None, reason=""):
        return self._render_page(
            "beneficiary_aid.portal_request_withdraw",
            {
                "aid": record._portal_values()[0],
                "errors": errors or {},
                "entered": {"reason": reason},
            },
            page_name="requests",
            status=422 if errors else 200,
        )
