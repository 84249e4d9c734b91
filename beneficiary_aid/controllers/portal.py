"""The portal pages of support requests: the own ones, and sending a new one.

A new request is written in a few short pages. Each answer is kept in a draft as soon
as it is given (``beneficiary.aid.draft``), so that nothing is lost by an error, a
broken line or a pause; the request itself is created by one private method of the
model, from an explicit list of answers.
"""

import logging
import re

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request
from odoo.tools import consteq, format_amount, format_list

from odoo.addons.beneficiary_relations.controllers.portal import (
    MAX_REQUEST_BYTES,
    BeneficiaryPortal,
    portal_page,
)
from odoo.addons.beneficiary_relations.exceptions import PortalError

# A form without files: text and a drawn signature.
MAX_FORM_BYTES = 2 * 1024 * 1024
_logger = logging.getLogger(__name__)

_KEY = re.compile(r"^[A-Za-z0-9_-]{10,64}$")
_PAGE = {"type": "http", "auth": "user", "website": True, "methods": ["GET"]}
_FORM = {
    "type": "http",
    "auth": "user",
    "website": True,
    "methods": ["POST"],
    "max_content_length": MAX_FORM_BYTES,
}


class BeneficiaryAidPortal(BeneficiaryPortal):
    # ------------------------------------------------------------------
    # Home
    # ------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "aid_request_count" in counters:
            values["aid_request_count"] = len(self._get_requests())
        if not counters:  # the page itself; with counters, only their numbers
            values["is_beneficiary"] = request.env[
                "beneficiary.beneficiary"
            ].has_access("read") and bool(self._get_beneficiaries())
        return values

    def _get_requests(self):
        """Return the requests of the files the person acts for, newest first."""
        Request = request.env["beneficiary.aid.request"]
        if not Request.has_access("read"):
            return Request
        return Request.search(
            [("beneficiary_id", "in", self._get_beneficiaries().ids)], order="id desc"
        )

    # ------------------------------------------------------------------
    # Own requests
    # ------------------------------------------------------------------

    @http.route("/my/requests", **_PAGE)
    @portal_page
    def portal_my_requests(self, **kwargs):
        """All requests of the person, and what he has not finished writing."""
        return self._render_page(
            "beneficiary_aid.portal_my_requests",
            {
                "requests": self._get_requests()._portal_values(),
                "drafts": [
                    self._draft_values(draft)
                    for draft in request.env["beneficiary.aid.draft"]._portal_find([])
                ],
                "has_file": bool(self._get_beneficiaries()),
            },
            page_name="requests",
        )

    @http.route("/my/requests/<int:request_id>", **_PAGE)
    @portal_page
    def portal_my_request(self, request_id, **kwargs):
        """One request: where it stands, what to do, its papers, decision, payment."""
        return self._render_request("beneficiary_aid.portal_my_request", request_id)

    @http.route("/my/requests/<int:request_id>/sent", **_PAGE)
    @portal_page
    def portal_request_sent(self, request_id, **kwargs):
        """What a person sees after sending: the number and what happens next."""
        return self._render_request("beneficiary_aid.portal_request_sent", request_id)

    def _render_request(self, template, request_id):
        record = self._get_own_record("beneficiary.aid.request", request_id)
        return self._render_page(
            template, {"aid": record._portal_values()[0]}, page_name="requests"
        )

    # ------------------------------------------------------------------
    # A new request: for whom and what
    # ------------------------------------------------------------------

    @http.route("/my/requests/new", **_PAGE)
    @portal_page
    def portal_new_request(self, **kwargs):
        """What to know before starting, and the choice of help."""
        return self._render_start()

    @http.route("/my/requests/new", **_FORM)
    @portal_page
    def portal_start_request(self, beneficiary_id=None, aid_type_id=None, **post):
        """Open a draft for one person and one kind of help."""
        beneficiaries = self._get_beneficiaries()
        if not beneficiaries:
            raise NotFound()
        beneficiary = beneficiaries[:1]
        if len(beneficiaries) > 1:
            beneficiary = beneficiaries.filtered(
                lambda file: file.id == self._to_int(beneficiary_id)
            )
        if not beneficiary:
            message = request.env._("Choose the person you ask for.")
            return self._render_start(
                {"beneficiary_id": message}, post_type=aid_type_id
            )
        try:
            draft = request.env["beneficiary.aid.draft"]._portal_start(
                beneficiary, self._to_int(aid_type_id)
            )
        except PortalError as error:
            return self._render_start(
                {"aid_type_id": error.args[0]}, post_beneficiary=beneficiary.id
            )
        return self._redirect_step(draft, "need")

    def _render_start(self, errors=None, post_type=None, post_beneficiary=None):
        beneficiaries = self._get_beneficiaries()
        Draft = request.env["beneficiary.aid.draft"]
        groups = [
            {
                "beneficiary": beneficiary,
                "types": [
                    self._type_values(aid_type)
                    for aid_type in Draft._portal_types(beneficiary)
                ],
            }
            for beneficiary in beneficiaries
        ]
        types = {kind["id"]: kind for group in groups for kind in group["types"]}
        return self._render_page(
            "beneficiary_aid.portal_new_request",
            {
                "people": beneficiaries,
                "types": list(types.values()),
                "company": beneficiaries[:1].company_id or request.env.company.sudo(),
                "errors": errors or {},
                "entered": {
                    "aid_type_id": self._to_int(post_type),
                    "beneficiary_id": post_beneficiary,
                },
            },
            page_name="requests",
            status=422 if errors else 200,
        )

    def _type_values(self, aid_type):
        """Return what the public may know of a kind of help.

        :param aid_type: as superuser, from ``_portal_types``
        """
        return {
            "id": aid_type.id,
            "name": aid_type.name,
            "description": aid_type.description,
            "documents": format_list(
                request.env, aid_type.document_type_ids.mapped("name")
            ),
        }

    # ------------------------------------------------------------------
    # A new request: taken up again
    # ------------------------------------------------------------------

    @http.route("/my/requests/new/<int:draft_id>", **_PAGE)
    @portal_page
    def portal_resume_request(self, draft_id, **kwargs):
        """Lead to the first page that is still open."""
        return self._redirect_step(self._get_draft(draft_id))

    # ------------------------------------------------------------------
    # A new request: the need
    # ------------------------------------------------------------------

    @http.route("/my/requests/new/<int:draft_id>/need", **_PAGE)
    @portal_page
    def portal_request_need(self, draft_id, **kwargs):
        """Ask what is needed and how much it costs."""
        return self._render_need(self._get_draft(draft_id))

    @http.route("/my/requests/new/<int:draft_id>/need", **_FORM)
    @portal_page
    def portal_save_need(
        self, draft_id, reason="", amount="", amount_unknown="", **post
    ):
        """Keep the need; what is wrong is said beside its field."""
        draft = self._get_draft(draft_id)
        reason, amount = self._to_text(reason), self._to_text(amount)
        errors = draft._save_need(reason, amount, bool(amount_unknown))
        if errors:
            entered = {
                "reason": reason,
                "amount": amount,
                "amount_unknown": bool(amount_unknown),
            }
            return self._render_need(draft, errors, entered)
        return self._redirect_step(draft)

    def _render_need(self, draft, errors=None, entered=None):
        amount = draft.amount
        return self._render_draft(
            "beneficiary_aid.portal_request_need",
            draft,
            {
                "errors": errors or {},
                "entered": entered
                or {
                    "reason": draft.reason or "",
                    "amount": f"{amount:.2f}".removesuffix(".00") if amount else "",
                    "amount_unknown": draft.amount_unknown,
                },
            },
            status=422 if errors else 200,
        )

    # ------------------------------------------------------------------
    # A new request: the papers
    # ------------------------------------------------------------------

    @http.route("/my/requests/new/<int:draft_id>/documents", **_PAGE)
    @portal_page
    def portal_request_documents(self, draft_id, **kwargs):
        """Show each paper asked for, and take files for it."""
        return self._render_documents(self._get_draft(draft_id))

    @http.route(
        "/my/requests/new/<int:draft_id>/documents/<int:type_id>",
        **{**_FORM, "max_content_length": MAX_REQUEST_BYTES},
    )
    @portal_page
    def portal_add_files(self, draft_id, type_id, **post):
        """Keep files of one paper with the draft."""
        draft = self._get_draft(draft_id)
        try:
            draft._add_files(type_id, self._read_uploads())
        except PortalError as error:
            return self._render_documents(draft, {type_id: error.args[0]})
        return self._redirect_step(draft, "documents")

    @http.route("/my/requests/new/<int:draft_id>/files/<int:file_id>/remove", **_FORM)
    @portal_page
    def portal_remove_file(self, draft_id, file_id, **post):
        """Take back a file that was added."""
        draft = self._get_draft(draft_id)
        draft._remove_file(file_id)
        return self._redirect_step(draft, "documents")

    @http.route("/my/requests/new/<int:draft_id>/documents", **_FORM)
    @portal_page
    def portal_documents_done(self, draft_id, **post):
        """Go on; what is missing can be sent later."""
        draft = self._get_draft(draft_id)
        draft.documents_seen = True
        return self._redirect_step(draft)

    def _render_documents(self, draft, errors=None):
        return self._render_draft(
            "beneficiary_aid.portal_request_documents",
            draft,
            {"documents": self._draft_documents(draft), "upload_errors": errors or {}},
            status=422 if errors else 200,
        )

    def _draft_documents(self, draft):
        """Return the papers asked for, with the files added so far."""
        beneficiary = draft.beneficiary_id.with_env(request.env)
        asked = draft._document_types()
        held = request.env["beneficiary.document"]._portal_values(
            beneficiary, draft.aid_type_id.document_type_ids
        )[beneficiary]
        documents = [document for document in held if document["type_id"] in asked.ids]
        for document in documents:
            files = draft.file_ids.filtered(
                lambda file, type_id=document["type_id"]: file.type_id.id == type_id
            )
            if files:
                document.update(
                    state="received",
                    title=request.env._("Added"),
                    text=request.env._("It is sent together with your request."),
                    pages=[
                        {
                            "name": file.filename,
                            "remove_url": f"/my/requests/new/{draft.id}"
                            f"/files/{file.id}/remove",
                        }
                        for file in files
                    ],
                )
        return documents

    # ------------------------------------------------------------------
    # A new request: the declaration
    # ------------------------------------------------------------------

    @http.route("/my/requests/new/<int:draft_id>/declaration", **_PAGE)
    @portal_page
    def portal_request_declaration(self, draft_id, **kwargs):
        """Show the declaration to read and sign."""
        return self._render_declaration(self._get_draft(draft_id))

    @http.route("/my/requests/new/<int:draft_id>/declaration", **_FORM)
    @portal_page
    def portal_sign(self, draft_id, signer_name="", signature="", **post):
        """Keep the signature with the text that was shown."""
        draft = self._get_draft(draft_id)
        signer_name = self._to_text(signer_name)
        signature = self._to_text(signature)
        errors = draft._sign(
            signer_name, signature, request.httprequest.remote_addr or ""
        )
        if errors:
            entered = {"signer_name": signer_name, "signature": signature}
            return self._render_declaration(draft, errors, entered)
        return self._redirect_step(draft)

    def _render_declaration(self, draft, errors=None, entered=None):
        text, version = draft._declaration()
        entered = entered or {}
        drawing = entered.get("signature") or ""
        return self._render_draft(
            "beneficiary_aid.portal_request_declaration",
            draft,
            {
                "declaration": text,
                "version": version,
                "errors": errors or {},
                "is_signed": draft._is_declared(),
                "entered": {
                    "signer_name": entered.get(
                        "signer_name", draft.signer_name or request.env.user.name
                    ),
                    # A drawing that was read well is shown again after an error.
                    "signature": drawing if "signature" not in (errors or {}) else "",
                },
            },
            status=422 if errors else 200,
        )

    # ------------------------------------------------------------------
    # A new request: check and send
    # ------------------------------------------------------------------

    @http.route("/my/requests/new/<int:draft_id>/check", **_PAGE)
    @portal_page
    def portal_request_check(self, draft_id, **kwargs):
        """Show all answers once more, each with a way to change it."""
        draft = self._get_draft(draft_id)
        if draft._first_open_step() != "check":
            return self._redirect_step(draft)
        return self._render_check(draft)

    @http.route("/my/requests/new/<int:draft_id>/send", **_FORM)
    @portal_page
    def portal_send_request(self, draft_id, form_key="", **post):
        """Send the request. The same form sent again shows the request it made."""
        form_key = self._to_key(form_key)
        first = request.env["beneficiary.aid.request"]._portal_by_form_key(form_key)
        if first:
            return request.redirect(f"/my/requests/{first.id}/sent")
        draft = self._get_draft(draft_id)
        if not consteq(draft.form_key, form_key):
            raise NotFound()
        try:
            with request.env.cr.savepoint():
                record = draft._send()
        except PortalError as error:
            return self._render_check(draft, {"send": error.args[0]})
        except (AccessError, MissingError):
            raise
        except UserError:
            # Written for colleagues, who must set something right.
            _logger.exception("A request written in the portal could not be sent")
            message = request.env._(
                "We could not take your request just now. Nothing you wrote is lost. "
                "Please try again later, or call us."
            )
            return self._render_check(draft, {"send": message})
        return request.redirect(f"/my/requests/{record.id}/sent")

    @http.route("/my/requests/new/<int:draft_id>/discard", **_FORM)
    @portal_page
    def portal_discard(self, draft_id, **post):
        """Delete what was written so far."""
        self._get_draft(draft_id).unlink()
        return request.redirect("/my/requests")

    def _render_check(self, draft, errors=None):
        return self._render_draft(
            "beneficiary_aid.portal_request_check",
            draft,
            {
                "reason": draft.reason,
                "amount": draft.amount
                and format_amount(request.env, draft.amount, draft.currency_id),
                "documents": self._draft_documents(draft),
                "signer_name": draft.signer_name,
                "form_key": draft.form_key,
                "errors": errors or {},
            },
            status=422 if errors else 200,
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _get_draft(self, draft_id):
        """Return a draft of the person as superuser, or the page of absent things."""
        draft = request.env["beneficiary.aid.draft"]._portal_find(
            [("id", "=", draft_id if 0 < draft_id < 2**31 else 0)]
        )
        if not draft:
            raise NotFound()
        return draft

    def _draft_values(self, draft):
        """Return what a page may show of a draft."""
        beneficiary = draft.beneficiary_id
        return {
            "id": draft.id,
            "url": f"/my/requests/new/{draft.id}",
            "aid_type": draft.aid_type_id.name,
            "next_step": draft._first_open_step(),
            "for_name": beneficiary.partner_id != request.env.user.partner_id
            and beneficiary.name,
        }

    def _render_draft(self, template, draft, values, status=200):
        return self._render_page(
            template,
            {
                "draft": self._draft_values(draft),
                "company": draft.company_id,
                "currency": draft.currency_id.symbol,
                **values,
            },
            page_name="requests",
            status=status,
        )

    def _redirect_step(self, draft, step=None):
        """Show a page of the draft: the one named, or the first that is not done."""
        step = step or draft._first_open_step()
        return request.redirect(f"/my/requests/new/{draft.id}/{step}")

    @staticmethod
    def _to_text(value):
        """Return a text from a form, empty for anything that is none."""
        return value if isinstance(value, str) else ""

    @staticmethod
    def _to_key(value):
        """Return a form key from a form, empty for anything that cannot be one."""
        return value if isinstance(value, str) and _KEY.match(value) else ""

    @staticmethod
    def _to_int(value):
        """Return a number from a form, 0 for anything that is none."""
        text = str(value or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
