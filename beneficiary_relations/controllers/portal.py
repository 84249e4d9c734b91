"""The portal of the people the association serves.

Every page is read as the logged-in person under the record rules. What is not his
is not there: a foreign record and an absent one give the same page.
"""

import functools
import logging
import secrets

import psycopg2
from werkzeug.exceptions import HTTPException, NotFound

from odoo import http
from odoo.exceptions import AccessError, ConcurrencyError, MissingError
from odoo.http import Response, request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..exceptions import PortalError

_logger = logging.getLogger(__name__)

# The largest body one upload may bring: three files of the largest accepted size.
MAX_REQUEST_BYTES = 32 * 1024 * 1024
MAX_FILES_AT_ONCE = 5
_MAX_ID = 2**31 - 1


def portal_page(endpoint):
    """Answer a person with a page, whatever happens inside a portal route.

    What is not found, or not his, gives one and the same page; anything unexpected
    gives a page with a reference number, whose details stand in the server's log
    only. Conflicts of parallel work are passed on, so that Odoo tries again.
    """

    @functools.wraps(endpoint)
    def wrapper(self, *args, **kwargs):
        try:
            response = endpoint(self, *args, **kwargs)
            if isinstance(response, Response) and response.is_qweb:
                # Rendered here, and not later, so that an error in a template is
                # caught like any other.
                response.flatten()
            return response
        except (NotFound, AccessError, MissingError):
            return _problem_page("beneficiary_relations.portal_not_found", 404)
        except (HTTPException, ConcurrencyError, psycopg2.Error):
            raise
        except http.SessionExpiredException:
            raise
        except Exception:
            reference = secrets.token_hex(4).upper()
            _logger.exception("Portal page failed, reference %s", reference)
            return _problem_page(
                "beneficiary_relations.portal_problem", 500, reference=reference
            )

    return wrapper


def _problem_page(template, status, **values):
    """Return a page that tells no detail, with nothing of the request saved."""
    request.env.cr.rollback()
    request.env.transaction.clear()
    response = request.render(
        template, {"page_name": "beneficiary", **values}, status=status
    )
    response.flatten()
    return response


class BeneficiaryPortal(CustomerPortal):
    # ------------------------------------------------------------------
    # Ownership: the only door to a record
    # ------------------------------------------------------------------

    def _get_beneficiaries(self):
        """Return the files the logged-in person acts for, his own or by mandate."""
        return request.env["beneficiary.beneficiary"]._portal_own()

    def _get_own_record(self, model, record_id):
        """Return one record of the person, found under his own record rules.

        :param str model: ``beneficiary.beneficiary``, or a model with a field
            ``beneficiary_id``
        :param int record_id: the number in the address, from anybody
        :raise NotFound: the record is absent, or somebody else's: no difference
        """
        if not 0 < record_id <= _MAX_ID:
            raise NotFound()
        owner = "id" if model == "beneficiary.beneficiary" else "beneficiary_id"
        record = request.env[model].search(
            [("id", "=", record_id), (owner, "in", self._get_beneficiaries().ids)],
            order="id",
            limit=1,
        )
        if not record:
            raise NotFound()
        return record

    def _render_page(self, template, values, page_name="beneficiary", status=200):
        """Render a page of ours with what every page needs.

        :param str template: XML id of the page
        :param dict values: what the page shows
        :param str page_name: place in the breadcrumbs
        :param int status: HTTP status
        """
        return request.render(
            template,
            {
                **self._prepare_portal_layout_values(),
                "page_name": page_name,
                "errors": {},
                "entered": {},
                **values,
            },
            status=status,
        )

    # ------------------------------------------------------------------
    # Uploads
    # ------------------------------------------------------------------

    def _read_uploads(self, name="files"):
        """Return the files of a form as ``[(file name, content)]``.

        :param str name: the name of the form's file field
        """
        uploads = request.httprequest.files.getlist(name)
        return [
            (upload.filename, upload.read())
            for upload in uploads[: MAX_FILES_AT_ONCE + 1]
            if upload.filename
        ]

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "beneficiary_count" in counters:
            values["beneficiary_count"] = len(self._get_beneficiaries())
        return values

    @http.route(
        "/my/beneficiary", type="http", auth="user", website=True, methods=["GET"]
    )
    @portal_page
    def portal_my_beneficiary(self, received=None, **kwargs):
        """The person's own file, and the files he holds a mandate for."""
        return self._render_my_beneficiary(received=received == "1")

    @http.route(
        "/my/beneficiary/<int:beneficiary_id>/document/<int:type_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
        max_content_length=MAX_REQUEST_BYTES,
    )
    @portal_page
    def portal_upload_document(self, beneficiary_id, type_id, **post):
        """Take pages of one kind of document for a file of the person."""
        beneficiary = self._get_own_record("beneficiary.beneficiary", beneficiary_id)
        try:
            with request.env.cr.savepoint():
                request.env["beneficiary.document"]._portal_upload(
                    beneficiary, type_id, self._read_uploads()
                )
        except PortalError as error:
            return self._render_my_beneficiary(
                errors={(beneficiary.id, type_id): error.args[0]}, status=422
            )
        return request.redirect("/my/beneficiary?received=1")

    def _render_my_beneficiary(self, errors=None, received=False, status=200):
        return self._render_page(
            "beneficiary_relations.portal_my_beneficiary",
            {
                "files": self._get_beneficiaries()._portal_values(),
                "upload_errors": errors or {},
                "received": received,
            },
            status=status,
        )
