import base64

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PDF, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestDocument(BeneficiaryCommon):
    """The wallet: what is missing, what is matched, what has expired."""

    def test_required_document_is_missing_until_matched(self):
        self.assertEqual(
            self.beneficiary._missing_document_types()[self.beneficiary],
            self.identity_type,
        )
        document = self._create_document()
        self.assertTrue(self.beneficiary._missing_document_types()[self.beneficiary])
        document.with_user(self.officer).action_verify()
        self.assertFalse(self.beneficiary._missing_document_types()[self.beneficiary])
        self.assertEqual(document.verified_by_id, self.officer)

    def test_expired_document_is_not_matched(self):
        document = self._create_document(expiry_date="2020-01-01")
        with self.assertRaisesRegex(UserError, "expired"):
            document.with_user(self.officer).action_verify()

    def test_matched_document_counts_until_its_last_day(self):
        today = fields.Date.context_today(self.beneficiary)
        document = self._create_document(expiry_date=today)
        document.with_user(self.officer).action_verify()
        missing = self.beneficiary._missing_document_types
        self.assertFalse(missing()[self.beneficiary])
        tomorrow = fields.Date.add(today, days=1)
        self.assertTrue(missing(at_date=tomorrow)[self.beneficiary])

    def test_document_of_a_category_is_asked_from_that_category_only(self):
        widows = self.env["beneficiary.category"].create(
            {"name": "Widows", "company_id": self.company.id}
        )
        certificate = self.env["beneficiary.document.type"].create(
            {
                "name": "Death certificate",
                "company_id": self.company.id,
                "category_ids": [Command.set(widows.ids)],
            }
        )
        missing = self.beneficiary._missing_document_types
        self.assertNotIn(certificate, missing()[self.beneficiary])
        self.beneficiary.category_id = widows
        self.assertIn(certificate, missing()[self.beneficiary])

    def test_document_without_page_is_not_matched(self):
        document = self._create_document(page_ids=[])
        with self.assertRaisesRegex(UserError, "no page"):
            document.with_user(self.officer).action_verify()

    def test_paper_says_where_it_was_collected(self):
        papers = self._create_document()
        papers |= self._create_document(collected_from="visit", page_ids=[])
        self.assertEqual(papers.mapped("collected_from"), ["official", "visit"])
        papers[1].with_user(self.researcher).action_verify()
        self.assertEqual(papers[1].verified_by_id, self.researcher)

    def test_matched_document_keeps_its_data(self):
        document = self._create_document()
        document.with_user(self.officer).action_verify()
        with self.assertRaisesRegex(UserError, "keeps its data"):
            document.with_user(self.officer).expiry_date = "2030-01-01"

    def test_rejecting_needs_a_reason(self):
        document = self._create_document()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            document.state = "rejected"
            self.env.flush_all()

    def test_rejecting_with_the_wizard(self):
        document = self._create_document()
        self.env["beneficiary.document.reject"].with_user(self.researcher).create(
            {
                "document_ids": [Command.set(document.ids)],
                "reason": "The picture is dark",
            }
        ).action_apply()
        self.assertEqual(document.state, "rejected")
        self.assertEqual(document.reject_reason, "The picture is dark")

    def test_representative_collects_but_does_not_match(self):
        self.beneficiary.branch_id = self.branch
        document = self._create_document()
        with self.assertRaisesRegex(UserError, "needs the role"):
            document.with_user(self.representative).action_verify()
        with self.assertRaisesRegex(UserError, "needs the role"):
            document.with_user(self.representative).write({"state": "verified"})

    def test_reader_does_not_match(self):
        document = self._create_document()
        with self.assertRaises(AccessError):
            document.with_user(self.auditor).action_verify()

    def test_program_renamed_to_pdf_is_refused(self):
        document = self._create_document()
        with self.assertRaisesRegex(ValidationError, "no picture"):
            self.env["beneficiary.document.page"].create(
                {
                    "document_id": document.id,
                    "filename": "id.pdf",
                    "file": base64.b64encode(b"MZ\x90\x00 program"),
                }
            )

    def test_file_beside_the_messages_is_told_by_its_content(self):
        def attach(name, content, **values):
            return (
                self.env["ir.attachment"]
                .with_user(self.officer)
                .create({"name": name, "raw": content, **values})
            )

        file = {"res_model": "beneficiary.beneficiary", "res_id": self.beneficiary.id}
        for name, content in (
            ("id.pdf", b"PK\x03\x04 zip"),
            ("id.PDF", b"MZ\x90\x00 program"),
            ("id.png", PDF),
            ("letter.docx", b"\x7fELF program"),
        ):
            with (
                self.subTest(name=name),
                self.assertRaisesRegex(ValidationError, "not what its name says"),
            ):
                attach(name, content, **file)
        # Uploaded first and linked with the message afterwards.
        late = attach("id.pdf", b"MZ\x90\x00 program")
        with self.assertRaisesRegex(ValidationError, "not what its name says"):
            late.write(file)
        self.assertTrue(attach("id.pdf", PDF, **file))
        self.assertTrue(attach("letter.docx", b"PK\x03\x04 letter", **file))

    def test_paper_issued_on_a_day_to_come_is_not_matched(self):
        tomorrow = fields.Date.add(fields.Date.today(), days=2)
        document = self._create_document(issue_date=tomorrow)
        with self.assertRaisesRegex(UserError, "a day to come"):
            document.with_user(self.officer).action_verify()

    def test_validity_proposes_the_expiry_date(self):
        self.identity_type.validity_months = 12
        document = self._create_document(issue_date="2026-01-31")
        self.assertEqual(str(document.expiry_date), "2027-01-31")

    def test_expired_documents_can_be_searched(self):
        document = self._create_document(expiry_date="2020-01-01")
        search = self.env["beneficiary.document"].search
        self.assertIn(document, search([("is_expired", "=", True)]))
        self.assertNotIn(document, search([("is_expired", "=", False)]))
