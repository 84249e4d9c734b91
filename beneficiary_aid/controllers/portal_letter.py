from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page

from .portal import BeneficiaryAidPortal


class BeneficiaryLetterPortal(BeneficiaryAidPortal):
    @http.route(
        "/my/requests/<int:request_id>/letter",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    @portal_page
    def portal_my_letter(self, request_id, **kwargs):
        """Hand the person the letter with the answer, once it was told."""
        record = self._get_own_record("beneficiary.aid.request", request_id)
        content = record._portal_letter()
        if content is None:
            raise NotFound()
        return request.make_response(
            content,
            [
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                (
                    "Content-Disposition",
                    content_disposition(f"{record.name.replace('/', '-')}.pdf"),
                ),
            ],
        )
