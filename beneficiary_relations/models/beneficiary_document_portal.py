import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..exceptions import PortalError
from ..tools.files import check_upload
from ..tools.text import clean_text

MAX_FILES_AT_ONCE = 5
MAX_PAGES = 20
FILENAME_MAX_LENGTH = 100


class BeneficiaryDocument(models.Model):
    """What the person sees of his papers, and how he hands one in."""

    _name = "beneficiary.document"
    _inherit = ["beneficiary.document", "beneficiary.access.mixin"]

    _portal_fields = frozenset(
        {
            "id",
            "beneficiary_id",
            "company_id",
            "display_name",
            "expiry_date",
            "issue_date",
            "number",
            "reject_reason",
            "state",
            "type_id",
        }
    )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _portal_values(self, beneficiaries, extra_types=None):
        """Return the papers of each file one by one, in plain words.

        :param beneficiaries: files the user may read; the caller checked them
        :param extra_types: kinds of documents asked for besides those of the file
        :return: ``{beneficiary: [document]}``, a document being a dictionary with
            ``type_id``, ``name``, ``state`` (``accepted``, ``received``, ``needed``,
            ``again``, ``expired``, ``told``), ``title``, ``text``, ``pages`` (``name``,
            ``remove_url``), ``hint`` (what to bring), ``can_upload``
        """
        beneficiaries.check_access("read")
        # The owner was checked; the names of kinds of documents and of the person's
        # own files are not readable by portal users, and nothing else is taken.
        beneficiaries_sudo = beneficiaries.sudo()
        required = beneficiaries_sudo._required_document_types(extra_types)
        today = fields.Date.context_today(self)
        result = {}
        for beneficiary, beneficiary_sudo in zip(
            beneficiaries, beneficiaries_sudo, strict=True
        ):
            newest = {}
            for document in beneficiary_sudo.document_ids.sorted("id"):
                newest[document.type_id] = document
            types = required[beneficiary_sudo] | beneficiary_sudo.document_ids.type_id
            result[beneficiary] = [
                self._portal_document(kind, newest.get(kind), today)
                for kind in types
                if kind not in newest or newest[kind].state != "not_applicable"
            ]
        return result

    @api.model
    def _portal_document(self, document_type, document, today):
        """Return one paper in plain words, see :meth:`_portal_values`."""
        state = self._portal_state(document, today)
        title, text = self._portal_words(document)[state]
        return {
            "type_id": document_type.id,
            "name": document_type.name,
            "hint": document_type.description,
            "state": state,
            "title": title,
            "text": text,
            "pages": [
                {"name": page.filename, "remove_url": False}
                for page in (document.page_ids if document else ())
            ],
            "can_upload": state != "accepted",
        }

    @api.model
    def _portal_state(self, document, today):
        if not document or document.state == "missing":
            return "needed"
        if document.state == "verified":
            return "accepted" if document._is_valid_on(today) else "expired"
        return {"submitted": "received", "rejected": "again", "not_available": "told"}[
            document.state
        ]

    @api.model
    def _portal_words(self, document):
        """Return for each state of a paper its short name and what to do now."""
        until = document and document.expiry_date
        reason = document and document.reject_reason
        return {
            "needed": (
                self.env._("We need this paper"),
                self.env._("Take a clear photo of it, or add a PDF file."),
            ),
            "received": (
                self.env._("We received it"),
                self.env._("We are looking at it. You need to do nothing now."),
            ),
            "accepted": (
                self.env._("Accepted"),
                self.env._("Good until %(date)s.", date=self._portal_date(until))
                if until
                else self.env._("You need to do nothing."),
            ),
            "expired": (
                self.env._("Its date has passed"),
                self.env._("Please send the new one when you have it."),
            ),
            "again": (
                self.env._("Please send it again"),
                reason or self.env._("We could not use the last one."),
            ),
            "told": (
                self.env._("You told us you do not have it"),
                self.env._("If you find it, you can add it here."),
            ),
        }

    # ------------------------------------------------------------------
    # Handing in
    # ------------------------------------------------------------------

    @api.model
    def _portal_upload(self, beneficiary, type_id, files):
        """Add pages to one kind of document of a file of the logged-in person.

        Everything is checked before anything is saved. A paper already accepted
        stays as it is; a refused or expired one is followed by a new record.

        :param beneficiary: a file of the person; checked again here
        :param int type_id: kind of document, from the form
        :param list files: ``[(file name, content)]``
        :return: the document, as the user
        :raise AccessError: the file or the kind of document is not his to use
        :raise PortalError: what is wrong with the files, in plain words
        """
        if beneficiary not in self.env["beneficiary.beneficiary"]._portal_own():
            raise AccessError(self.env._("This is not your file."))
        mandate = self.env["beneficiary.mandate"]._require_scope(beneficiary, "apply")
        document_type = self._portal_document_type(beneficiary, type_id)
        pages = self._portal_check_files(files)
        document = self._portal_store(beneficiary, document_type, pages)
        if mandate:
            mandate._log_act(
                self.env._("handed in %(paper)s", paper=document_type.name), document
            )
        return document

    @api.model
    def _portal_document_type(self, beneficiary, type_id):
        """Return a kind of document of the file's association (as superuser).

        :raise AccessError: there is none, or it is another association's
        """
        # Kinds of documents are configuration that portal users do not read.
        document_type = (
            self.env["beneficiary.document.type"]
            .sudo()
            .search(
                [
                    ("id", "=", type_id if 0 < type_id < 2**31 else 0),
                    ("company_id", "=", beneficiary.company_id.id),
                ]
            )
        )
        if not document_type:
            raise AccessError(self.env._("There is no such document."))
        return document_type

    @api.model
    def _portal_check_files(self, files):
        """Return pages ready to be stored.

        :param list files: ``[(file name, content)]``
        :return: ``[(clean file name, content)]``
        :raise PortalError: naming the file and the remedy
        """
        if not files:
            raise PortalError(
                self.env._("Choose a photo or a file first, then send it.")
            )
        if len(files) > MAX_FILES_AT_ONCE:
            raise PortalError(
                self.env._(
                    "Send at most %(count)s files at once.", count=MAX_FILES_AT_ONCE
                )
            )
        return [
            (self._portal_check_file(filename, content), content)
            for filename, content in files
        ]

    @api.model
    def _portal_check_file(self, filename, content):
        """Return the name to store a file under, after its content was accepted."""
        name = clean_text((filename or "").replace("\\", "/").rpartition("/")[2])
        name = (name or self.env._("file"))[-FILENAME_MAX_LENGTH:]
        try:
            check_upload(content, name)
        except ValueError as error:
            message = self.env["beneficiary.document.page"]._upload_message(
                error.args[0], name
            )
            raise PortalError(message) from None
        return name

    @api.model
    def _portal_store(self, beneficiary, document_type, pages):
        """Store checked pages of one document, received and to be looked at."""
        # Portal users have no right to write documents. The owner, the kind and
        # every page were checked; only a received paper with its pages is written,
        # and never one the association already accepted or refused. Nothing is
        # logged in the person's name: names of people helped stay off the chatter.
        Document = self.sudo().with_context(tracking_disable=True)
        document = Document.search(
            [
                ("beneficiary_id", "=", beneficiary.id),
                ("type_id", "=", document_type.id),
                ("state", "in", ("missing", "submitted", "not_available")),
            ],
            order="id desc",
            limit=1,
        )
        if document and len(document.page_ids) + len(pages) > MAX_PAGES:
            raise PortalError(
                self.env._(
                    "%(name)s has %(count)s pages, the most we can take. Call us if "
                    "you have more.",
                    name=document_type.name,
                    count=len(document.page_ids),
                )
            )
        values = {
            "state": "submitted",
            "page_ids": [
                fields.Command.create(
                    {"filename": name, "file": base64.b64encode(content)}
                )
                for name, content in pages
            ],
        }
        if document:
            document.write(values)
        else:
            document = Document.create(
                {
                    **values,
                    "beneficiary_id": beneficiary.id,
                    "type_id": document_type.id,
                    "company_id": beneficiary.company_id.id,
                }
            )
        return document.with_env(self.env)
