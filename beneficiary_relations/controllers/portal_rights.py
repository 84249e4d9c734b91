"""What the law lets a person do with his data, in the portal."""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request

from ..exceptions import PortalError
from .portal import MAX_REQUEST_BYTES, BeneficiaryPortal, portal_page

_PAGE = {"type": "http", "auth": "user", "website": True, "methods": ["GET"]}
_FORM = {**_PAGE, "methods": ["POST"]}
_COPIES = {"json": "application/json", "text": "text/plain; charset=utf-8"}


class BeneficiaryRightsPortal(BeneficiaryPortal):
    # ------------------------------------------------------------------
    # My data
    # ------------------------------------------------------------------

    @http.route("/my/beneficiary/<int:beneficiary_id>/data", **_PAGE)
    @portal_page
    def portal_my_data(self, beneficiary_id, **kwargs):
        """What the file says about the person, the household and the papers."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        return self._render_right(
            "beneficiary_relations.portal_my_data",
            file,
            {"data": file._portal_data_values()},
        )

    # ------------------------------------------------------------------
    # Privacy and consents
    # ------------------------------------------------------------------

    @http.route("/my/beneficiary/<int:beneficiary_id>/consents", **_PAGE)
    @portal_page
    def portal_my_consents(self, beneficiary_id, done=None, **kwargs):
        """The privacy notice, and what the person agreed to."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        return self._render_right(
            "beneficiary_relations.portal_my_consents",
            file,
            {
                "consents": request.env["beneficiary.consent"]._portal_values(file),
                "is_done": done == "1",
            },
        )

    @http.route("/my/beneficiary/<int:beneficiary_id>/consents/<purpose>", **_PAGE)
    @portal_page
    def portal_consent(self, beneficiary_id, purpose, **kwargs):
        """Ask whether a consent shall really be given or withdrawn."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        return self._render_consent(file, purpose)

    @http.route("/my/beneficiary/<int:beneficiary_id>/consents/<purpose>", **_FORM)
    @portal_page
    def portal_change_consent(self, beneficiary_id, purpose, answer="", **post):
        """Give or withdraw a consent, after the page before asked."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        if answer not in ("give", "withdraw"):
            raise NotFound()
        try:
            with request.env.cr.savepoint():
                request.env["beneficiary.consent"]._portal_change(
                    file, purpose, answer == "give"
                )
        except PortalError as error:
            return self._render_consent(file, purpose, error.args[0])
        return request.redirect(f"/my/beneficiary/{file.id}/consents?done=1")

    def _render_consent(self, file, purpose, error=None):
        consents = request.env["beneficiary.consent"]._portal_values(file)
        found = [one for one in consents["purposes"] if one["code"] == purpose]
        if not found:
            raise NotFound()
        return self._render_right(
            "beneficiary_relations.portal_consent",
            file,
            {"consents": consents, "consent": found[0], "error": error},
            status=422 if error else 200,
        )

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    @http.route("/my/beneficiary/<int:beneficiary_id>/corrections", **_PAGE)
    @portal_page
    def portal_my_corrections(self, beneficiary_id, done=None, **kwargs):
        """What can be corrected, and what was asked and answered."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        Correction = request.env["beneficiary.correction"]
        return self._render_right(
            "beneficiary_relations.portal_my_corrections",
            file,
            {
                "details": Correction._portal_fields_values(file),
                "corrections": Correction._portal_values(file),
                "can_ask": file._portal_may("apply"),
                "is_done": done == "1",
            },
        )

    @http.route("/my/beneficiary/<int:beneficiary_id>/corrections/<name>", **_PAGE)
    @portal_page
    def portal_correction(self, beneficiary_id, name, **kwargs):
        """Ask what one detail should say."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        return self._render_correction(file, name)

    @http.route(
        "/my/beneficiary/<int:beneficiary_id>/corrections/<name>",
        **{**_FORM, "max_content_length": MAX_REQUEST_BYTES},
    )
    @portal_page
    def portal_ask_correction(
        self, beneficiary_id, name, value="", explanation="", **post
    ):
        """Take a request for correction; what is wrong is said beside it."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        value = value if isinstance(value, str) else ""
        explanation = explanation if isinstance(explanation, str) else ""
        try:
            with request.env.cr.savepoint():
                request.env["beneficiary.correction"]._portal_ask(
                    file, name, value, explanation, self._read_uploads("proof")
                )
        except PortalError as error:
            entered = {"value": value, "explanation": explanation}
            return self._render_correction(file, name, error.args[0], entered)
        return request.redirect(f"/my/beneficiary/{file.id}/corrections?done=1")

    def _render_correction(self, file, name, error=None, entered=None):
        Correction = request.env["beneficiary.correction"]
        found = [
            one for one in Correction._portal_fields_values(file) if one["code"] == name
        ]
        if not found:
            raise NotFound()
        return self._render_right(
            "beneficiary_relations.portal_correction",
            file,
            {
                "detail": found[0],
                "can_ask": file._portal_may("apply"),
                "error": error,
                "entered": entered or {"value": "", "explanation": ""},
            },
            status=422 if error else 200,
        )

    # ------------------------------------------------------------------
    # The copy
    # ------------------------------------------------------------------

    @http.route("/my/beneficiary/<int:beneficiary_id>/copy", **_PAGE)
    @portal_page
    def portal_my_copy(self, beneficiary_id, **kwargs):
        """Say what the copy holds, and offer it."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        return self._render_copy(file)

    @http.route("/my/beneficiary/<int:beneficiary_id>/copy/<kind>", **_FORM)
    @portal_page
    def portal_take_copy(self, beneficiary_id, kind, **post):
        """Hand out the copy; that it was taken is logged."""
        file = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        if kind not in _COPIES:
            raise NotFound()
        try:
            content = file._portal_copy(kind)
        except PortalError as error:
            return self._render_copy(file, error.args[0])
        extension = "json" if kind == "json" else "txt"
        return request.make_response(
            content,
            [
                ("Content-Type", _COPIES[kind]),
                ("Content-Length", len(content)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                (
                    "Content-Disposition",
                    content_disposition(f"{file.file_number}.{extension}"),
                ),
            ],
        )

    def _render_copy(self, file, error=None):
        return self._render_right(
            "beneficiary_relations.portal_my_copy",
            file,
            {"can_take": file._portal_may("sign"), "error": error},
            status=422 if error else 200,
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _render_right(self, template, file, values, status=200):
        """Render a page about one file, which says for whom one acts."""
        own = file.partner_id == request.env.user.partner_id
        return self._render_page(
            template,
            {
                "file_url": f"/my/beneficiary/{file.id}",
                "for_name": "" if own else file.name,
                "company": file.company_id.sudo(),
                **values,
            },
            status=status,
        )
