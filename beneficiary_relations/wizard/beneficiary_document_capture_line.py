from odoo import Command, api, fields, models

from ..models.beneficiary_document_portal import MAX_PAGES
from ..tools.files import check_upload
from ..tools.text import clean_text


class BeneficiaryDocumentCaptureLine(models.TransientModel):
    """One paper of one member: its data and its pages."""

    _name = "beneficiary.document.capture.line"
    _description = "Paper to Capture"
    _inherit = ["beneficiary.hijri.mixin"]
    _order = "id"

    capture_id = fields.Many2one(
        comodel_name="beneficiary.document.capture",
        required=True,
        index=True,
        ondelete="cascade",
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary", string="Member", required=True
    )
    company_id = fields.Many2one(related="beneficiary_id.company_id")
    type_id = fields.Many2one(
        comodel_name="beneficiary.document.type", string="Paper", required=True
    )
    number = fields.Char()
    issue_date = fields.Date()
    issue_date_hijri = fields.Char(
        string="Issue Date (Hijri)",
        compute="_compute_hijri_dates",
        inverse="_inverse_issue_date_hijri",
    )
    expiry_date = fields.Date()
    expiry_date_hijri = fields.Char(
        string="Expiry Date (Hijri)",
        compute="_compute_hijri_dates",
        inverse="_inverse_expiry_date_hijri",
    )
    attachment_ids = fields.Many2many(comodel_name="ir.attachment", string="Pages")

    @api.depends("issue_date", "expiry_date")
    def _compute_hijri_dates(self):
        for line in self:
            line.issue_date_hijri = self._hijri_text(line.issue_date)
            line.expiry_date_hijri = self._hijri_text(line.expiry_date)

    @api.onchange("issue_date_hijri")
    def _inverse_issue_date_hijri(self):
        self._set_from_hijri("issue_date_hijri", "issue_date")

    @api.onchange("expiry_date_hijri")
    def _inverse_expiry_date_hijri(self):
        self._set_from_hijri("expiry_date_hijri", "expiry_date")

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _is_filled(self):
        self.ensure_one()
        return bool(
            self.attachment_ids or self.number or self.issue_date or self.expiry_date
        )

    def _faults(self):
        """Return what is wrong with the row, each beginning with whose paper it is.

        :rtype: list[str]
        """
        self.ensure_one()
        faults = []
        if self.issue_date and self.expiry_date and self.issue_date > self.expiry_date:
            faults.append(
                self.env._(
                    "The paper expires before it was issued. Correct one of the dates."
                )
            )
        if len(self.attachment_ids) > MAX_PAGES:
            faults.append(
                self.env._("A paper has at most %(count)s pages.", count=MAX_PAGES)
            )
        for attachment in self.attachment_ids:
            try:
                check_upload(attachment.raw or b"", attachment.name)
            except ValueError as error:
                faults.append(
                    self.env["beneficiary.document.page"]._upload_message(
                        error.args[0], clean_text(attachment.name)
                    )
                )
        return [
            self.env._(
                "%(member)s, %(paper)s: %(fault)s",
                member=self.beneficiary_id.name,
                paper=self.type_id.name,
                fault=fault,
            )
            for fault in faults
        ]

    def _store(self):
        """Put the papers into the wallets, as handed in.

        A paper that was noted as missing or not available is filled; otherwise it is
        a new one, beside the refused or expired one.

        :return: the documents
        """
        Document = self.env["beneficiary.document"]
        waiting = {
            (document.beneficiary_id, document.type_id): document
            for document in Document.search(
                [
                    ("beneficiary_id", "in", self.beneficiary_id.ids),
                    ("type_id", "in", self.type_id.ids),
                    ("state", "in", ("missing", "not_available")),
                ]
            )
        }
        documents = Document
        new = []
        for line in self:
            document = waiting.pop((line.beneficiary_id, line.type_id), None)
            if document:
                document.write(line._document_values())
                documents |= document
            else:
                new.append(line._document_values())
        return documents | Document.create(new)

    def _document_values(self):
        self.ensure_one()
        values = {
            "beneficiary_id": self.beneficiary_id.id,
            "type_id": self.type_id.id,
            "number": self.number,
            "issue_date": self.issue_date,
            "state": "submitted",
            "page_ids": [
                Command.create({"filename": attachment.name, "file": attachment.datas})
                for attachment in self.attachment_ids
            ],
        }
        # Without one, the validity of the kind of paper proposes it.
        if self.expiry_date:
            values["expiry_date"] = self.expiry_date
        return values

    @api.autovacuum
    def _gc_uploads(self):
        """Delete files of rows that were never saved: they show people's papers."""
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", (0, False)),
                ("create_date", "<", yesterday),
            ]
        ).unlink()
