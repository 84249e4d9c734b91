from odoo import http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import (
    MAX_REQUEST_BYTES,
    portal_page,
)
from odoo.addons.beneficiary_relations.exceptions import PortalError
from odoo.addons.beneficiary_relations.tools.text import to_latin_digits

from .portal import _FORM, _PAGE, BeneficiaryAidPortal


class BeneficiarySignPortal(BeneficiaryAidPortal):
    """Signing and handing in for a request that is already here."""

    @http.route("/my/requests/<int:request_id>/declaration", **_PAGE)
    @portal_page
    def portal_request_sign(self, request_id, sent=None, **kwargs):
        """Show the declaration to read and sign."""
        return self._render_sign(self._get_aid(request_id), is_code_sent=bool(sent))

    @http.route("/my/requests/<int:request_id>/declaration", **_FORM)
    @portal_page
    def portal_sign_request(
        self, request_id, signer_name="", signature="", code="", **post
    ):
        """Keep the signature, or say beside its field what is wrong."""
        aid = self._get_aid(request_id)
        # A second click: it is signed already. The owner was checked.
        if not aid.sudo()._portal_can_sign():
            return request.redirect(f"/my/requests/{aid.id}")
        code = to_latin_digits(self._to_text(code).strip())
        errors = aid._portal_sign(
            self._to_text(signer_name),
            self._to_text(signature),
            code,
            request.httprequest.remote_addr or "",
        )
        if errors:
            entered = {
                "signer_name": self._to_text(signer_name),
                "signature": "" if code else self._to_text(signature),
            }
            return self._render_sign(aid, errors, entered, is_code_sent=bool(code))
        return request.redirect(f"/my/requests/{aid.id}")

    @http.route("/my/requests/<int:request_id>/declaration/code", **_FORM)
    @portal_page
    def portal_send_sign_code(self, request_id, **post):
        """Send a code to the phone of the person who signs."""
        aid = self._get_aid(request_id)
        try:
            aid._portal_send_code()
        except PortalError as error:
            # No more are sent: the last one may still be typed in.
            return self._render_sign(
                aid, {"code": error.args[0]}, is_code_sent=aid._portal_has_code()
            )
        return request.redirect(f"/my/requests/{aid.id}/declaration?sent=1")

    @http.route(
        "/my/requests/<int:request_id>/documents/<int:type_id>",
        **{**_FORM, "max_content_length": MAX_REQUEST_BYTES},
    )
    @portal_page
    def portal_request_upload(self, request_id, type_id, **post):
        """Take a paper on the page of the request it is for."""
        aid = self._get_aid(request_id)
        values = aid._portal_values()[0]
        try:
            with request.env.cr.savepoint():
                request.env["beneficiary.document"]._portal_upload(
                    aid.beneficiary_id, type_id, self._read_uploads()
                )
        except PortalError as error:
            return self._render_page(
                "beneficiary_aid.portal_my_request",
                {"aid": values, "upload_errors": {type_id: error.args[0]}},
                page_name="requests",
                status=422,
            )
        return request.redirect(f"/my/requests/{aid.id}")

    def _get_aid(self, request_id):
        return self._get_own_record("beneficiary.aid.request", request_id)

    def _render_sign(self, aid, errors=None, entered=None, is_code_sent=False):
        text, version = aid._portal_declaration()
        return self._render_page(
            "beneficiary_aid.portal_request_sign",
            {
                "aid": aid._portal_values()[0],
                "declaration": text,
                "version": version,
                "errors": errors or {},
                "is_code_sent": is_code_sent,
                "entered": entered
                or {"signer_name": request.env.user.name, "signature": ""},
            },
            page_name="requests",
            status=422 if errors else 200,
        )
