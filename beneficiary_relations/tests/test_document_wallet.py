import base64
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged, warmup
from odoo.tools import mute_logger

from .common import CITIZENS, PDF, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestDocumentWallet(BeneficiaryCommon):
    """What is matched stays as it was seen, and nobody gets round the matching."""

    def test_expired_paper_is_not_verified_by_any_route(self):
        document = self._create_document(expiry_date="2020-01-01")
        for user in (self.officer, self.researcher, self.manager):
            with self.subTest(user=user.login):
                with self.assertRaisesRegex(UserError, "expired"):
                    document.with_user(user).write({"state": "verified"})
                with self.assertRaisesRegex(UserError, "expired"):
                    self.env["beneficiary.document"].with_user(user).create(
                        {
                            "beneficiary_id": self.beneficiary.id,
                            "type_id": self.identity_type.id,
                            "expiry_date": "2020-01-01",
                            "state": "verified",
                        }
                    )

    def test_paper_cannot_be_declared_unneeded_by_a_representative(self):
        self.beneficiary.branch_id = self.branch
        document = self._create_document().with_user(self.representative)
        with self.assertRaisesRegex(UserError, "needs the role"):
            document.action_not_applicable()
        with self.assertRaisesRegex(UserError, "needs the role"):
            document.write({"state": "not_applicable"})
        document.with_user(self.researcher).action_not_applicable()
        self.assertEqual(document.state, "not_applicable")

    def test_not_available_paper_is_still_missing_until_handed_in(self):
        document = self._create_document().with_user(self.officer)
        document.action_not_available()
        self.assertEqual(document.state, "not_available")
        self.assertTrue(self.beneficiary._missing_document_types()[self.beneficiary])
        document.action_submit()
        self.assertEqual(document.state, "submitted")

    def test_matched_paper_is_not_unmatched_by_a_representative(self):
        self.beneficiary.branch_id = self.branch
        document = self._create_document()
        document.with_user(self.officer).action_verify()
        with self.assertRaisesRegex(UserError, "needs the role"):
            document.with_user(self.representative).state = "submitted"

    def test_second_click_keeps_who_matched_it(self):
        document = self._create_document()
        document.with_user(self.officer).action_verify()
        document.with_user(self.researcher).action_verify()
        self.assertEqual(document.verified_by_id, self.officer)

    def test_pages_of_a_matched_paper_are_frozen(self):
        document = self._create_document().with_user(self.officer)
        document.action_verify()
        page = {"filename": "b.pdf", "file": base64.b64encode(PDF)}
        with self.assertRaisesRegex(UserError, "keeps its data"):
            document.page_ids.unlink()
        with self.assertRaisesRegex(UserError, "keeps its data"):
            document.page_ids.file = base64.b64encode(PDF + b"\n")
        with self.assertRaisesRegex(UserError, "keeps its data"):
            document.page_ids = [Command.create(page)]

    def test_status_says_that_a_matched_paper_has_run_out(self):
        document = self._create_document()
        document.with_user(self.officer).action_verify()
        self.assertEqual(document.status, "verified")
        document.expiry_date = "2020-01-01"
        self.assertEqual(document.status, "expired")
        submitted = self._create_document(expiry_date="2020-01-01")
        self.assertEqual(submitted.status, "submitted")

    def test_dates_are_typed_as_they_stand_on_the_paper(self):
        document = self._create_document()
        document.write(
            {"issue_date_hijri": "1440/01/01", "expiry_date_hijri": "٢٨/٨/١٤٥٠"}
        )
        document.invalidate_recordset()
        self.assertEqual(str(document.issue_date), "2018-09-11")
        self.assertEqual(document.expiry_date_hijri, "1450-08-28 AH")
        with self.assertRaisesRegex(ValidationError, "twelve months"):
            document.issue_date_hijri = "1440/13/01"

    def test_looking_at_selected_papers(self):
        documents = self._create_document() | self._create_document()
        action = documents.with_user(self.researcher).action_verify_each()
        self.assertEqual(action["params"]["ids"], documents.ids)
        with self.assertRaises(AccessError):
            documents.with_user(self.employee).action_verify_each()

    @warmup
    def test_verifying_many_needs_no_more_queries_a_paper(self):
        def queries(count):
            documents = self.env["beneficiary.document"]
            for _number in range(count):
                documents |= self._create_document()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            documents.with_user(self.officer).action_verify()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(2)
        self.assertEqual(queries(3), queries(12))


@tagged("post_install", "-at_install")
class TestDocumentRequirement(BeneficiaryCommon):
    """The checklist: what is asked from whom, and how far it is."""

    def _states(self, user=None, beneficiary=None):
        self.env.flush_all()
        lines = (
            self.env["beneficiary.document.requirement"]
            .with_user(user or self.officer)
            .search([("beneficiary_id", "=", (beneficiary or self.beneficiary).id)])
        )
        lines.invalidate_recordset()
        return {line.type_id: line.state for line in lines}

    def test_state_follows_the_wallet(self):
        kind = self.identity_type
        self.assertEqual(self._states(), {kind: "missing"})
        document = self._create_document()
        self.assertEqual(self._states(), {kind: "submitted"})
        document.with_user(self.officer).action_verify()
        self.assertEqual(self._states(), {kind: "verified"})
        document.expiry_date = "2020-01-01"
        self.assertEqual(self._states(), {kind: "expired"})
        renewed = self._create_document()
        renewed._reject("Dark")
        self.assertEqual(self._states(), {kind: "rejected"})

    def test_valid_paper_counts_before_a_newer_refused_one(self):
        self._create_document().with_user(self.officer).action_verify()
        self._create_document()._reject("Twice")
        self.assertEqual(self._states(), {self.identity_type: "verified"})

    def test_matrix_of_categories(self):
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
        self.assertNotIn(certificate, self._states())
        self.beneficiary.category_id = widows
        self.assertEqual(self._states()[certificate], "missing")
        certificate.active = False
        self.assertNotIn(certificate, self._states())

    def test_says_the_same_as_the_rule_that_gates(self):
        self.env["beneficiary.document.type"].create(
            {
                "name": "Proof of home",
                "company_id": self.company.id,
                "required_for_all": True,
            }
        )
        self._create_document().with_user(self.officer).action_verify()
        missing = self.beneficiary._missing_document_types()[self.beneficiary]
        shown = {kind for kind, state in self._states().items() if state != "verified"}
        self.assertEqual(set(missing), shown)

    def test_one_click_opens_the_paper_to_add(self):
        line = self.beneficiary.with_user(self.officer).document_requirement_ids
        action = line.action_open()
        self.assertFalse(action["res_id"])
        self.assertEqual(action["context"]["default_type_id"], self.identity_type.id)
        noted = self._create_document(state="missing", page_ids=[])
        line.invalidate_recordset()
        self.assertEqual(line.action_add()["res_id"], noted.id)
        self.assertEqual(line.action_open()["res_id"], noted.id)

    def test_checklist_is_not_shown_to_others(self):
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "relations_officer", other)
        Requirement = self.env["beneficiary.document.requirement"]
        self.assertFalse(
            Requirement.with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([("beneficiary_id", "=", self.beneficiary.id)])
        )
        self.assertFalse(self._states(self.representative))
        self.beneficiary.branch_id = self.branch
        self.assertTrue(self._states(self.representative))
        for user in (self.employee, self.quality):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._states(user)

    def test_nobody_writes_the_checklist(self):
        line = self.beneficiary.document_requirement_ids
        for user in (self.officer, self.administrator):
            for operation in ("create", "write", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertFalse(line.with_user(user).has_access(operation))


@tagged("post_install", "-at_install")
class TestDocumentReminder(BeneficiaryCommon):
    """Papers that run out: once for each threshold, in neutral words."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.beneficiary.phone = "0501234567"
        cls.beneficiary.branch_id = cls.branch
        cls.document = cls._create_document()
        cls.document.action_verify()

    def _expires_in(self, days, keep=False):
        values = {"expiry_date": self.today + timedelta(days=days)}
        if keep:
            values["expiry_reminders"] = self.document.expiry_reminders
        self.document.write(values)

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_relations.ir_cron_document_expiry"
            ).method_direct_trigger()
        self.document.invalidate_recordset()

    def _messages(self):
        return self.env["beneficiary.message"].search(
            [("partner_id", "=", self.beneficiary.partner_id.id)]
        )

    def _activities(self):
        return self.beneficiary.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("beneficiary_relations.mail_activity_type_renewal")
            )
        )

    def test_reminders_come_once_each(self):
        for days, sent in ((31, 0), (30, 1), (15, 1), (7, 2), (0, 2), (-1, 2)):
            with self.subTest(days=days):
                # Another day, not another paper.
                self._expires_in(days, keep=True)
                self._run()
                self._run()
                self.assertEqual(len(self._messages()), sent)
        self.assertEqual(len(self._activities()), 1)
        self.assertEqual(self._activities().user_id, self.representative)

    def test_late_first_run_sends_one_reminder_only(self):
        self._expires_in(3)
        self._run()
        self.assertEqual(len(self._messages()), 1)
        self.assertEqual(self.document.expiry_reminders, 2)

    def test_another_expiry_date_counts_anew(self):
        self._expires_in(3)
        self._run()
        self._expires_in(20)
        self.assertEqual(self.document.expiry_reminders, 0)
        self._run()
        self.assertEqual(len(self._messages()), 2)

    def test_days_come_from_the_policy(self):
        self.policy.first_document_reminder_days = 90
        self._expires_in(80)
        self._run()
        self.assertEqual(self.document.expiry_reminders, 1)
        self.policy.write(
            {"first_document_reminder_days": 0, "last_document_reminder_days": 0}
        )
        self._expires_in(3)
        self._run()
        self.assertFalse(self.document.expiry_reminders)

    def test_reminders_in_the_wrong_order_are_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.policy.last_document_reminder_days = 60
            self.policy.flush_recordset()

    def test_words_name_neither_the_paper_nor_the_help(self):
        self.identity_type.name = "Disability card"
        self._expires_in(7)
        self._run()
        for text in (self._messages().body, self._activities().summary):
            self.assertNotIn("Disability", text)
            self.assertNotIn("beneficiar", text.lower())

    def test_person_is_told_once_of_several_papers(self):
        second = self._create_document(expiry_date=self.today + timedelta(days=5))
        second.action_verify()
        self._expires_in(7)
        self._run()
        self.assertEqual(len(self._messages()), 1)
        self.assertEqual(self._activities().date_deadline, second.expiry_date)

    def test_no_reminder_when_the_new_paper_is_there(self):
        self._expires_in(7)
        self._create_document()
        self._run()
        self.assertFalse(self._messages())
        self.assertEqual(self.document.expiry_reminders, 2)

    def test_no_reminder_of_papers_not_matched_or_of_closed_files(self):
        submitted = self._create_document(expiry_date=self.today + timedelta(days=5))
        self.document.expiry_date = False
        self._run()
        self.assertFalse(submitted.expiry_reminders)
        self._expires_in(5)
        reason = self.env.ref("beneficiary_relations.state_reason_death")
        self.beneficiary._change_state("closed", reason)
        self._run()
        self.assertFalse(self._messages())

    def test_number_of_queries_does_not_grow(self):
        def queries(first, count):
            documents = self.env["beneficiary.document"]
            for number in range(first, first + count):
                person = self._create_beneficiary(
                    name=f"محمد {number}", phone=f"0551{number:06}"
                )
                documents |= self._create_document(
                    person, expiry_date=self.today + timedelta(days=5)
                )
            documents.action_verify()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            documents._remind_of_expiry(1)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(0, 2)
        self.assertEqual(queries(10, 3), queries(20, 12))


@tagged("post_install", "-at_install")
class TestDocumentCapture(BeneficiaryCommon):
    """The papers of a household, stored in one go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls._create_beneficiary(
            name="ليان العتيبي",
            identity_number=CITIZENS[1],
            household_id=cls.household.id,
            relationship="daughter",
        )

    def _capture(self, user=None):
        user = user or self.officer
        action = self.household.with_user(user).action_capture_documents()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def _attach(self, line, content=PDF, name="page.pdf", count=1):
        line.attachment_ids |= (
            self.env["ir.attachment"]
            .with_user(line.env.user)
            .create(
                [
                    {
                        "name": name,
                        "raw": content,
                        "res_model": line._name,
                        "res_id": line.id,
                    }
                ]
                * count
            )
        )

    def test_rows_ask_for_what_is_missing_the_head_first(self):
        capture = self._capture()
        self.assertEqual(capture.line_ids.beneficiary_id, self.beneficiary | self.child)
        self._create_document(self.child).with_user(self.officer).action_verify()
        self.assertEqual(self._capture().line_ids.beneficiary_id, self.beneficiary)

    def test_papers_of_all_members_are_stored_with_their_pages(self):
        for user in (self.officer, self.researcher):
            with self.subTest(user=user.login):
                (self.beneficiary | self.child).document_ids.unlink()
                capture = self._capture(user)
                first, second = capture.line_ids
                self._attach(first, count=2)
                first.number = "77"
                first.expiry_date_hijri = "1450/08/28"
                self._attach(second)
                capture.action_save()
                document = self.beneficiary.document_ids
                self.assertEqual(document.state, "submitted")
                self.assertEqual(document.number, "77")
                self.assertEqual(len(document.page_ids), 2)
                self.assertEqual(document.expiry_date_hijri, "1450-08-28 AH")
                self.assertEqual(len(self.child.document_ids.page_ids), 1)

    def test_second_click_stores_nothing(self):
        capture = self._capture()
        self._attach(capture.line_ids[0])
        uploads = capture.line_ids.attachment_ids
        capture.action_save()
        with self.assertRaisesRegex(UserError, "Add a file"):
            capture.action_save()
        self.assertEqual(len(self.beneficiary.document_ids), 1)
        self.assertFalse(uploads.exists())

    def test_bad_file_names_the_row_and_loses_nothing(self):
        capture = self._capture()
        good, bad = capture.line_ids
        self._attach(good)
        for content, name in ((b"MZ program", "id.pdf"), (b"PK\x03\x04", "id.pdf")):
            with self.subTest(content=content):
                bad.attachment_ids = False
                self._attach(bad, content, name)
                with self.assertRaisesRegex(ValidationError, "ليان العتيبي, National"):
                    capture.action_save()
        self.assertFalse(self.beneficiary.document_ids)
        self.assertEqual(len(capture.line_ids), 2)
        self.assertTrue(good.attachment_ids)

    def test_dates_the_wrong_way_round_name_the_row(self):
        capture = self._capture()
        capture.line_ids[0].write(
            {"issue_date": "2026-02-01", "expiry_date": "2026-01-01"}
        )
        with self.assertRaisesRegex(ValidationError, "expires before"):
            capture.action_save()

    def test_noted_paper_is_filled_and_a_refused_one_followed(self):
        noted = self._create_document(state="missing", page_ids=[])
        refused = self._create_document(self.child)
        refused._reject("Dark")
        capture = self._capture()
        for line in capture.line_ids:
            self._attach(line)
        capture.action_save()
        self.assertEqual(self.beneficiary.document_ids, noted)
        self.assertEqual(noted.state, "submitted")
        self.assertEqual(len(self.child.document_ids), 2)
        self.assertEqual(refused.state, "rejected")

    def test_one_person_without_a_household(self):
        single = self._create_beneficiary(identity_number=CITIZENS[2])
        action = single.with_user(self.officer).action_capture_documents()
        capture = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(capture.line_ids.beneficiary_id, single)

    def test_others_do_not_capture(self):
        for user in (self.auditor, self.employee, self.representative, self.quality):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._capture(user)
        self.household.branch_id = self.branch
        self.household.member_ids.branch_id = self.branch
        capture = self._capture(self.representative)
        self._attach(capture.line_ids[0])
        capture.action_save()
        self.assertEqual(self.beneficiary.document_ids.state, "submitted")

    def test_other_association_does_not_capture(self):
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "relations_officer", other)
        household = self.household.with_user(stranger)
        with self.assertRaises(AccessError):
            household.with_context(
                allowed_company_ids=other.ids
            ).action_capture_documents()

    def test_screen_of_somebody_else_is_closed(self):
        capture = self._capture()
        with self.assertRaises(AccessError):
            capture.with_user(self.researcher).action_save()

    def test_files_of_rows_never_saved_are_deleted(self):
        Line = self.env["beneficiary.document.capture.line"]
        old, new = self.env["ir.attachment"].create(
            [{"name": "a.pdf", "raw": PDF, "res_model": Line._name}] * 2
        )
        self.env.flush_all()
        self.cr.execute(
            "UPDATE ir_attachment SET create_date = create_date - interval '2 days'"
            " WHERE id = %s",
            [old.id],
        )
        self.env.invalidate_all()
        Line._gc_uploads()
        self.assertEqual((old | new).exists(), new)
