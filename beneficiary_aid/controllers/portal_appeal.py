from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page
from odoo.addons.beneficiary_relations.exceptions import PortalError

from .portal import _FORM, _PAGE, BeneficiaryAidPortal


class BeneficiaryAppealPortal(BeneficiaryAidPortal):
    @http.route("/my/requests/<int:request_id>/appeal", **_PAGE)
    @portal_page
    def portal_appeal(self, request_id, **kwargs):
        """Ask why a decision should be looked at again."""
        record = self._get_own_record("beneficiary.aid.request", request_id)
        values = record._portal_values()[0]
        if not (values["decision"] and values["decision"]["can_appeal"]):
            raise NotFound()
        return self._render_appeal(record)

    @http.route("/my/requests/<int:request_id>/appeal", **_FORM)
    @portal_page
    def portal_send_appeal(self, request_id, grounds="", **post):
        """Take the appeal; what is wrong is said beside the field."""
        record = self._get_own_record("beneficiary.aid.request", request_id)
        grounds = self._to_text(grounds)
        try:
            with request.env.cr.savepoint():
                record._portal_appeal(grounds)
        except PortalError as error:
            return self._render_appeal(record, error.args[0], grounds)
        return request.redirect(f"/my/requests/{record.id}")

    def _render_appeal(self, record, error=None, grounds=""):
        return self._render_page(
            "beneficiary_aid.portal_request_appeal",
            {
                "aid": record._portal_values()[0],
                "errors": {"grounds": error} if error else {},
                "entered": {"grounds": grounds},
            },
            page_name="requests",
            status=422 if error else 200,
        )
