import base64
import inspect
from urllib.parse import parse_qs, urlsplit

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import PDF
from odoo.addons.beneficiary_relations.tests.common_portal import (
    EXE_AS_PDF,
    PDF_UPLOAD,
    PortalCommon,
    make_data_url,
    make_png,
)

from ..controllers.portal import BeneficiaryAidPortal
from .common import AidCommon
from .common_portal import INTERNAL_STAGE, AidPortalCommon


@tagged("-at_install", "post_install")
class TestPortalRequests(AidPortalCommon):
    """Seeing the own requests, and nothing of anybody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._create_request(cls.own)
        cls.foreign_request = cls._create_request(cls.foreign)

    def test_home_leads_to_the_requests(self):
        self.assertIn("/my/requests", self.url_open("/my").text)

    def test_home_of_a_beneficiary_offers_no_invoices(self):
        home = self.url_open("/my").text
        for kind in ("invoices", "bills"):
            self.assertNotIn(f"/my/invoices?filterby={kind}", home)

    def test_home_of_another_portal_user_offers_invoices(self):
        self.env["res.users"].create(
            {
                "name": "A donor",
                "login": "donor-portal",
                "password": "donor-portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.authenticate("donor-portal", "donor-portal")
        self.assertIn("/my/invoices?filterby=invoices", self.url_open("/my").text)

    def test_list_shows_own_requests_in_plain_words(self):
        response = self.url_open("/my/requests")
        self.assertEqual(response.status_code, 200)
        self.assertIn(self.request.name, response.text)
        self.assertIn("We received your request", response.text)
        self.assertNotIn(self.foreign_request.name, response.text)
        self.assertNotIn(INTERNAL_STAGE, response.text)
        self.assertNothingForeign(response)

    def test_request_tells_step_task_and_time(self):
        response = self.url_open(f"/my/requests/{self.request.id}")
        self.assertEqual(response.status_code, 200)
        for words in (
            "Public words of received",
            "Where your request stands now",
            "What you do now",
            "When you hear from us",
            "خلال مدة لا تقل عن شهر",
            "Our reception",
            "Medical report",
            "National identity card",
        ):
            self.assertIn(words, response.text)
        self.assertNotIn(INTERNAL_STAGE, response.text)
        self.assertNothingForeign(response)

    def test_the_person_takes_the_own_request_back(self):
        url = f"/my/requests/{self.request.id}"
        self.assertIn(f"{url}/withdraw", self.url_open(url).text)
        self.assertIn("Take it back", self.url_open(f"{url}/withdraw").text)
        self.post(f"{url}/withdraw", {"reason": "My son pays"})
        self.assertEqual(self.request.status, "cancelled")
        self.assertEqual(self.request.outcome, "withdrawn")
        self.assertEqual(self.request.stop_reason, "My son pays")
        self.assertTrue(self.request.withdrawn_by_person)
        page = self.url_open(url).text
        self.assertIn("You took this request back", page)
        self.assertNotIn(f"{url}/withdraw", page)
        # Nothing is wanted for what has ended.
        self.assertNotIn("Medical report", page)
        page = self.url_open(f"{url}/withdraw").text
        self.assertIn("Back to the request", page)
        self.assertNotIn("Keep it", page)
        # A second click does nothing.
        self.post(f"{url}/withdraw", {"reason": "Again"})
        self.assertEqual(self.request.stop_reason, "My son pays")

    def test_a_foreign_request_is_not_taken_back(self):
        url = f"/my/requests/{self.foreign_request.id}/withdraw"
        self.assertEqual(self.url_open(url).status_code, 404)
        response = self.post(url, {"reason": "Not mine"})
        self.assertEqual(response.status_code, 404)
        self.assertEqual(self.foreign_request.status, "received")

    def test_what_is_decided_is_not_taken_back(self):
        approved = self.stages.filtered(lambda stage: stage.status == "approved")
        self.env.cr.execute(
            "UPDATE beneficiary_aid_request SET stage_id = %s, status = 'approved' "
            "WHERE id = %s",
            [approved.id, self.request.id],
        )
        self.request.invalidate_recordset()
        url = f"/my/requests/{self.request.id}/withdraw"
        self.assertNotIn("Take it back", self.url_open(url).text)
        response = self.post(url, {"reason": "Too late"})
        self.assertEqual(response.status_code, 422)
        self.assertIn("Please call us", response.text)
        self.assertEqual(self.request.status, "approved")

    def test_each_status_has_five_to_eight_steps_and_one_now(self):
        for stage in self.stages:
            with self.subTest(status=stage.status):
                self.env.cr.execute(
                    "UPDATE beneficiary_aid_request SET stage_id = %s, status = %s "
                    "WHERE id = %s",
                    [stage.id, stage.status, self.request.id],
                )
                self.request.invalidate_recordset()
                values = self.request._portal_values()[0]
                current = [step for step in values["steps"] if step["is_current"]]
                self.assertEqual(len(current), 1)
                if stage.status != "cancelled":
                    self.assertIn(len(values["steps"]), range(5, 9))
                self.assertTrue(values["title"] and values["text"] and values["todo"])
                page = self.url_open(f"/my/requests/{self.request.id}")
                self.assertEqual(page.status_code, 200)
                self.assertNotIn(INTERNAL_STAGE, page.text)

    def test_result_is_not_shown_before_it_is_told(self):
        for status in ("approved", "rejected"):
            stage = self.stages.filtered(lambda stage, s=status: stage.status == s)
            self.env.cr.execute(
                "UPDATE beneficiary_aid_request SET stage_id = %s, status = %s "
                "WHERE id = %s",
                [stage.id, status, self.request.id],
            )
            self.request.invalidate_recordset()
            values = self.request._portal_values()[0]
            self.assertEqual(values["title"], "The decision")
            self.assertNotIn(f"Public words of {status}", str(values))
            self.assertFalse(values["decision"] or values["payment"])

    def test_foreign_and_absent_requests_give_the_same_page(self):
        pages = set()
        for number in (self.foreign_request.id, 99999999, 0, 2**31, 10**20):
            for path in ("", "/sent"):
                response = self.url_open(f"/my/requests/{number}{path}")
                self.assertEqual(response.status_code, 404)
                self.assertNothingForeign(response)
                pages.add(self.own_part(response))
        self.assertEqual(len(pages), 1)
        self.assertEqual(self.url_open("/my/requests/-1").status_code, 404)
        self.assertEqual(self.url_open("/my/requests/abc").status_code, 404)

    def test_staff_see_only_what_they_act_for(self):
        self.log_in(self.officer)
        response = self.url_open(f"/my/requests/{self.request.id}")
        self.assertEqual(response.status_code, 404)
        self.assertEqual(self.url_open("/my/requests").status_code, 200)

    def test_visitor_is_asked_to_log_in(self):
        self.authenticate(None, None)
        for path in ("/my/requests", f"/my/requests/{self.request.id}"):
            response = self.url_open(path, allow_redirects=False)
            self.assertEqual(response.status_code, 303)

    def test_mandate_opens_and_ends_with_its_date(self):
        Access = self.env["beneficiary.portal.access"]
        path = f"/my/requests/{self.foreign_request.id}"
        Access._link(self.user, self.foreign, kind="mandate")
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        self.assertIn("For:", response.text)
        Access._link(self.user, self.foreign, kind="mandate", date_end="2020-01-01")
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_personal_data_are_kept_while_a_request_is_open(self):
        self.assertIn("a request is open", self.foreign._anonymise_obstacles())

    # ------------------------------------------------------------------
    # The same by remote calls
    # ------------------------------------------------------------------

    def test_remote_calls_see_own_requests_only(self):
        # The staff's own order stands on a field that people do not read.
        rows = self.call(
            "beneficiary.aid.request", "search_read", [], ["name"], order="id"
        )
        self.assertEqual([row["id"] for row in rows], self.request.ids)
        self.assertRefused(
            "beneficiary.aid.request", "read", self.foreign_request.ids, ["name"]
        )

    def test_remote_calls_read_named_fields_only(self):
        Request = self.env["beneficiary.aid.request"]
        self.assertEqual(
            set(self.call("beneficiary.aid.request", "fields_get")),
            Request._portal_fields,
        )
        for name in set(Request._fields) - Request._portal_fields:
            with self.subTest(field=name):
                self.assertRefused(
                    "beneficiary.aid.request", "read", self.request.ids, [name]
                )

    def test_remote_calls_reach_no_hidden_field_by_search_order_or_group(self):
        for arguments in (
            {"domain": [("status", "=", "received")]},
            {"domain": [("stage_id.name", "ilike", "a")]},
            {"domain": [("decision_ids", "!=", False)]},
            {"domain": [], "order": "amount_approved"},
        ):
            with self.subTest(arguments=arguments):
                arguments = {"fields": ["name"], "order": "id", **arguments}
                self.assertRefused(
                    "beneficiary.aid.request", "search_read", **arguments
                )
        self.assertRefused(
            "beneficiary.aid.request",
            "formatted_read_group",
            [],
            ["stage_id"],
            ["__count"],
        )

    def test_other_models_are_closed(self):
        for model in sorted(self.env.registry):
            if self.env[model]._abstract or self.env[model]._original_module not in (
                "beneficiary_relations",
                "beneficiary_aid",
            ):
                continue
            if self.env[model].with_user(self.user).has_access("read"):
                self.assertIn(
                    model,
                    {
                        "beneficiary.aid.request",
                        "beneficiary.area",
                        "beneficiary.beneficiary",
                        "beneficiary.category",
                        "beneficiary.document",
                        "beneficiary.document.page",
                        "beneficiary.document.type",
                    },
                )
            for operation in ("write", "create", "unlink"):
                self.assertFalse(
                    self.env[model].with_user(self.user).has_access(operation),
                    f"{operation} on {model}",
                )

    def assertHarmless(self, method):
        """Assert that a button is refused, or opens a window and does nothing."""
        try:
            window = self.call("beneficiary.aid.request", method, self.request.ids)
        except JsonRpcException:
            return
        self.assertEqual(window["type"], "ir.actions.act_window")

    def test_remote_calls_change_nothing(self):
        self.assertRefused(
            "beneficiary.aid.request",
            "create",
            [{"beneficiary_id": self.own.id, "aid_type_id": self.aid_type.id}],
        )
        self.assertRefused(
            "beneficiary.aid.request", "write", self.request.ids, {"reason": "X"}
        )
        for name, method in inspect.getmembers(
            type(self.env["beneficiary.aid.request"]), inspect.isfunction
        ):
            if name.startswith("action_") and "beneficiary" in method.__module__:
                with self.subTest(method=name):
                    self.assertHarmless(name)
        self.assertRefused("beneficiary.aid.request", "_portal_submit", {}, [], {})
        self.request.invalidate_recordset()
        self.assertEqual(self.request.status, "received")


@tagged("-at_install", "post_install")
class TestPortalNewRequest(AidPortalCommon):
    """Writing a request page by page, and sending it once."""

    def test_whole_way_of_a_new_request(self):
        start = self.url_open("/my/requests/new")
        self.assertIn("Treatment", start.text)
        self.assertIn("ten minutes", start.text)
        draft, url = self.open_draft()
        self.post(f"{url}/need", {"reason": "أحتاج إلى علاج", "amount": "١٬٥٠٠"})
        self.post(
            f"{url}/documents/{self.report_type.id}",
            files=[("files", PDF_UPLOAD), ("files", ("two.pdf", PDF))],
        )
        self.post(f"{url}/documents")
        self.post(
            f"{url}/declaration",
            {"signer_name": "سارة الغامدي", "signature": self.signature},
        )
        check = self.url_open(f"{url}/check")
        self.assertIn("Check your answers", check.text)
        self.assertIn("Send my request", check.text)
        self.assertIn("1,500.00", check.text)
        sent = self.post(f"{url}/send", {"form_key": self.form_key(url)})
        self.assertEqual(sent.status_code, 200)

        record = self.requests_of(self.own)
        self.assertEqual(len(record), 1)
        self.assertIn(record.name, sent.text)
        self.assertIn("What happens next", sent.text)
        self.assertIn("خلال مدة لا تقل عن شهر", sent.text)
        self.assertRecordValues(
            record,
            [
                {
                    "company_id": self.company.id,
                    "aid_type_id": self.aid_type.id,
                    "reason": "أحتاج إلى علاج",
                    "amount_requested": 1500.0,
                    "entered_by_id": self.user.id,
                    "status": "received",
                    "is_declared": True,
                }
            ],
        )
        declaration = record.declaration_ids
        self.assertEqual(declaration.text, "I declare that all of this is true.")
        self.assertEqual(declaration.text_version, "2")
        self.assertEqual(declaration.signer_name, "سارة الغامدي")
        self.assertEqual(declaration.method, "drawn")
        self.assertTrue(declaration.address)
        self.assertEqual(
            base64.b64decode(declaration.signature),
            base64.b64decode(self.signature.partition(",")[2]),
        )
        document = self.own.document_ids
        self.assertEqual(document.type_id, self.report_type)
        self.assertEqual(document.state, "submitted")
        self.assertEqual(len(document.page_ids), 2)
        self.assertFalse(draft.exists())

    def test_acknowledgement_tells_number_way_and_window(self):
        draft, url = self.write_request()
        self.post(f"{url}/send", {"form_key": draft.form_key})
        record = self.requests_of(self.own)
        message = self.env["beneficiary.message"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )
        self.assertEqual(len(message), 1)
        self.assertEqual(message.partner_id, self.own.partner_id)
        self.assertIn(record.name, message.body)
        self.assertIn("خلال مدة لا تقل عن شهر", message.body)
        for word in ("Treatment", "1500", "1,500", "I need a treatment"):
            self.assertNotIn(word, message.body)
        self.assertIn(record.name, str(record.message_ids.mapped("body")))
        self.assertNotIn(self.user.partner_id, record.message_partner_ids)
        self.assertNotIn(self.user.partner_id, record.message_ids.author_id)

    def test_sending_twice_gives_the_first_request(self):
        draft, url = self.write_request()
        key = draft.form_key
        first = self.post(f"{url}/send", {"form_key": key})
        second = self.post(f"{url}/send", {"form_key": key})
        self.assertEqual(second.status_code, 200)
        self.assertEqual(first.url, second.url)
        self.assertEqual(len(self.requests_of(self.own)), 1)

    def test_key_of_another_user_sends_and_shows_nothing(self):
        draft, url = self.write_request()
        key = draft.form_key
        self.log_in(self.foreign_user)
        self.assertEqual(self.post(f"{url}/send", {"form_key": key}).status_code, 404)
        self.log_in(self.user)
        self.post(f"{url}/send", {"form_key": key})
        record = self.requests_of(self.own)
        self.log_in(self.foreign_user)
        response = self.post(f"{url}/send", {"form_key": key})
        self.assertEqual(response.status_code, 404)
        self.assertNotIn(record.name, response.text)
        self.start()
        own = self.draft_of(self.foreign_user)
        response = self.post(f"/my/requests/new/{own.id}/send", {"form_key": key})
        self.assertEqual(response.status_code, 404)
        self.assertFalse(self.requests_of(self.foreign))

    def test_bad_keys_send_nothing(self):
        draft, url = self.write_request()
        for key in ("", "x" * 32, "é" * 12, "a\x00b", "' OR 1=1 --"):
            with self.subTest(key=key):
                response = self.post(f"{url}/send", {"form_key": key})
                self.assertEqual(response.status_code, 404)
                self.assertCalm(response)
        self.assertFalse(self.requests_of(self.own))

    def test_drafts_of_others_are_not_there(self):
        draft, url = self.write_request()
        self.log_in(self.foreign_user)
        for path in ("need", "documents", "declaration", "check"):
            response = self.url_open(f"{url}/{path}")
            self.assertEqual(response.status_code, 404)
        for path in (
            "need",
            "documents",
            f"documents/{self.report_type.id}",
            "declaration",
            "send",
            "discard",
            f"files/{draft.id}/remove",
        ):
            response = self.post(f"{url}/{path}", {"reason": "X", "amount": "1"})
            self.assertEqual(response.status_code, 404)
        self.assertTrue(draft.exists())
        self.assertEqual(draft.reason, "I need a treatment")

    def test_begun_request_is_taken_up_again(self):
        draft, url = self.open_draft()
        self.post(f"{url}/need", {"reason": "My words", "amount": "100"})
        self.assertIn(f"{url}/documents", self.url_open("/my/requests").text)
        self.assertEqual(self.start().status_code, 200)
        self.assertEqual(self.draft_of(self.user), draft)
        self.assertIn("My words", self.url_open(f"{url}/need").text)

    def test_discarded_request_is_gone_with_its_files(self):
        draft, url = self.open_draft()
        self.post(
            f"{url}/documents/{self.report_type.id}", files=[("files", PDF_UPLOAD)]
        )
        file = draft.file_ids
        attachments = [
            ("res_model", "=", file._name),
            ("res_field", "=", "content"),
            ("res_id", "in", file.ids),
        ]
        self.assertTrue(self.env["ir.attachment"].sudo().search(attachments))
        self.post(f"{url}/discard")
        self.assertFalse(draft.exists() | draft.browse())
        self.assertFalse(self.env["ir.attachment"].sudo().search(attachments))

    # ------------------------------------------------------------------
    # Which help, and for whom
    # ------------------------------------------------------------------

    def test_only_offered_help_can_be_asked_for(self):
        other = self._create_association("Other")
        refused = [
            self._create_aid_type(name="Hidden help", is_requestable=False).id,
            self._create_aid_type(name="Archived help", active=False).id,
            self._create_aid_type(other, name="Their help").id,
            99999999,
            -1,
            "",
            "abc",
            "9" * 30,
            "١",
        ]
        page = self.url_open("/my/requests/new")
        for name in ("Hidden help", "Archived help", "Their help"):
            self.assertNotIn(name, page.text)
        for number in refused:
            with self.subTest(number=number):
                response = self.post("/my/requests/new", {"aid_type_id": number})
                self.assertEqual(response.status_code, 422)
                self.assertIn("Choose the kind of help", response.text)
                self.assertNotIn("Their help", response.text)
        self.assertFalse(self.draft_of(self.user))

    def test_help_withdrawn_meanwhile_is_said_and_nothing_is_lost(self):
        draft, url = self.write_request()
        self.aid_type.is_requestable = False
        response = self.post(f"{url}/send", {"form_key": draft.form_key})
        self.assertEqual(response.status_code, 422)
        self.assertIn("cannot be asked for at the moment", response.text)
        self.assertIn("I need a treatment", response.text)
        self.assertTrue(draft.exists())
        self.assertFalse(self.requests_of(self.own))

    def test_nobody_asks_for_somebody_else(self):
        response = self.start(beneficiary_id=self.foreign.id)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(self.draft_of(self.user).beneficiary_id, self.own)

    def test_acting_for_two_one_chooses_for_whom(self):
        self.env["beneficiary.portal.access"]._link(
            self.user, self.beneficiary, kind="mandate"
        )
        self.assertIn("For whom do you ask?", self.url_open("/my/requests/new").text)
        for number in ("", self.foreign.id, "abc"):
            response = self.start(beneficiary_id=number)
            self.assertEqual(response.status_code, 422)
            self.assertIn("Choose the person", response.text)
        self.start(beneficiary_id=self.beneficiary.id)
        draft = self.draft_of(self.user)
        self.assertEqual(draft.beneficiary_id, self.beneficiary)
        # Who acts for another signs in the own name.
        page = self.url_open(f"/my/requests/new/{draft.id}/declaration")
        self.assertIn(f'value="{self.user.name}"', page.text)

    # ------------------------------------------------------------------
    # Bad input: said in plain words, nothing entered is lost
    # ------------------------------------------------------------------

    def test_bad_amounts_are_refused_and_words_are_kept(self):
        draft, url = self.open_draft()
        for amount in ("-5", "0", "", "abc", "NaN", "inf", "1e9", "1.234", "9" * 12):
            with self.subTest(amount=amount):
                response = self.post(
                    f"{url}/need", {"reason": "My own words", "amount": amount}
                )
                self.assertEqual(response.status_code, 422)
                self.assertIn("number above zero", response.text)
                self.assertIn("My own words", response.text)
                self.assertFalse(draft.amount)

    def test_amounts_are_read_as_people_write_them(self):
        Draft = self.env["beneficiary.aid.draft"]
        for text, amount in (
            ("1500", 1500.0),
            (" 1,500.50 ", 1500.5),
            ("١٬٥٠٠", 1500.0),
            ("١٥٠٠٫٥", 1500.5),
            ("12 000", 12000.0),
        ):
            with self.subTest(text=text):
                self.assertEqual(Draft._parse_amount(text), amount)
        for text in ("1,5", "1.5.0", "1,50,000", "٫", "--", "1500 SR"):
            with self.subTest(text=text):
                self.assertIsNone(Draft._parse_amount(text))

    def test_amount_may_be_unknown(self):
        draft, url = self.open_draft()
        response = self.post(
            f"{url}/need", {"reason": "Words", "amount": "", "amount_unknown": "1"}
        )
        self.assertEqual(response.status_code, 200)
        self.assertEqual(draft._first_open_step(), "documents")

    def test_bad_words_are_refused_and_the_amount_is_kept(self):
        draft, url = self.open_draft()
        for reason in ("", "   ", "\u200b\u202e", "x" * 5001):
            response = self.post(f"{url}/need", {"reason": reason, "amount": "700"})
            self.assertEqual(response.status_code, 422)
            self.assertIn('value="700"', response.text)
            self.assertCalm(response)
        self.assertFalse(draft.reason)

    def test_words_are_shown_as_text(self):
        draft, url = self.write_request(reason="<script>alert(1)</script>{{7*7}}")
        response = self.url_open(f"{url}/check")
        self.assertNotIn("<script>alert(1)</script>", response.text)
        self.assertIn("{{7*7}}", response.text)

    def test_program_named_as_a_paper_is_refused(self):
        draft, url = self.open_draft()
        large = ("large.pdf", b"%PDF-1.4" + b"0" * (10 * 1024 * 1024))
        for upload in (EXE_AS_PDF, large, ("empty.pdf", b"")):
            response = self.post(
                f"{url}/documents/{self.report_type.id}", files=[("files", upload)]
            )
            self.assertEqual(response.status_code, 422)
            self.assertIn(upload[0], response.text)
            self.assertCalm(response)
        self.assertFalse(draft.file_ids)

    def test_papers_not_asked_for_are_not_taken(self):
        draft, url = self.open_draft()
        kind = self.env["beneficiary.document.type"].create(
            {"name": "Not asked for", "company_id": self.company.id}
        )
        for number in (kind.id, 99999999):
            response = self.post(
                f"{url}/documents/{number}", files=[("files", PDF_UPLOAD)]
            )
            self.assertEqual(response.status_code, 404)
        self.assertFalse(draft.file_ids)

    def test_added_file_can_be_removed(self):
        draft, url = self.open_draft()
        self.post(
            f"{url}/documents/{self.report_type.id}", files=[("files", PDF_UPLOAD)]
        )
        page = self.url_open(f"{url}/documents")
        self.assertIn("card.pdf", page.text)
        self.post(f"{url}/files/{draft.file_ids.id}/remove")
        self.assertFalse(draft.file_ids)

    def test_declaration_needs_name_and_signature(self):
        draft, url = self.open_draft()
        self.post(f"{url}/need", {"reason": "Words", "amount": "5"})
        self.post(f"{url}/documents")
        page = self.url_open(f"{url}/declaration")
        self.assertIn("I declare that all of this is true.", page.text)
        missing = self.post(
            f"{url}/declaration", {"signer_name": "سارة الغامدي", "signature": ""}
        )
        self.assertEqual(missing.status_code, 422)
        self.assertIn("Sign with your finger", missing.text)
        self.assertIn("سارة الغامدي", missing.text)
        nameless = self.post(
            f"{url}/declaration", {"signer_name": " ", "signature": self.signature}
        )
        self.assertEqual(nameless.status_code, 422)
        self.assertIn("Write your full name", nameless.text)
        self.assertIn(self.signature, nameless.text)
        self.assertFalse(draft._is_declared())

    def test_bad_signatures_are_refused(self):
        draft, url = self.open_draft()
        self.post(f"{url}/need", {"reason": "Words", "amount": "5"})
        self.post(f"{url}/documents")
        for signature in (
            make_data_url(make_png(drawn=False)),
            make_data_url(make_png(3000, 10)),
            make_data_url(b"\x89PNG\r\n\x1a\n broken"),
            "data:image/png;base64,@@@",
            "data:image/svg+xml;base64,PHN2Zy8+",
            "hello",
            make_data_url(b"0" * 400_000),
        ):
            with self.subTest(signature=signature[:40]):
                response = self.post(
                    f"{url}/declaration",
                    {"signer_name": "سارة الغامدي", "signature": signature},
                )
                self.assertEqual(response.status_code, 422)
                self.assertCalm(response)
                self.assertFalse(draft.signature)

    def test_changed_declaration_must_be_signed_again(self):
        draft, url = self.write_request()
        self.patch(type(draft), "_declaration", lambda self: ("New words to sign", "3"))
        response = self.post(f"{url}/send", {"form_key": draft.form_key})
        self.assertEqual(response.status_code, 422)
        self.assertFalse(self.requests_of(self.own))
        self.assertIn("New words to sign", self.url_open(f"{url}/check").text)

    def test_pages_are_reached_in_order(self):
        draft, url = self.open_draft()
        response = self.url_open(f"{url}/check")
        self.assertTrue(response.url.endswith("/need"))
        response = self.post(f"{url}/send", {"form_key": draft.form_key})
        self.assertEqual(response.status_code, 422)
        self.assertFalse(self.requests_of(self.own))

    def test_failure_while_sending_saves_nothing_and_loses_nothing(self):
        draft, url = self.write_request()
        self.post(
            f"{url}/documents/{self.report_type.id}", files=[("files", PDF_UPLOAD)]
        )

        def fail(*args, **kwargs):
            raise UserError("The last step failed.")

        self.patch(type(self.env["beneficiary.aid.request"]), "_acknowledge", fail)
        with mute_logger("odoo.addons.beneficiary_aid.controllers.portal"):
            response = self.post(f"{url}/send", {"form_key": draft.form_key})
        self.assertEqual(response.status_code, 422)
        self.assertIn("Nothing you wrote is lost.", response.text)
        self.assertNotIn("The last step failed.", response.text)
        self.assertFalse(self.requests_of(self.own))
        self.assertFalse(self.own.document_ids)
        self.assertTrue(draft.exists())
        self.assertTrue(draft.file_ids)

    def test_unexpected_failure_while_sending_saves_nothing(self):
        draft, url = self.write_request()

        def fail(*args, **kwargs):
            raise ZeroDivisionError("secret detail")

        self.patch(type(self.env["beneficiary.aid.request"]), "_acknowledge", fail)
        with mute_logger("odoo.addons.beneficiary_relations.controllers.portal"):
            response = self.post(f"{url}/send", {"form_key": draft.form_key})
        self.assertEqual(response.status_code, 500)
        self.assertCalm(response)
        self.assertNotIn("secret detail", response.text)
        self.assertFalse(self.requests_of(self.own))

    def test_more_fields_than_the_form_has_change_nothing(self):
        draft, url = self.write_request()
        extra = {
            "amount_approved": "99999",
            "status": "approved",
            "stage_id": self.stages[4].id,
            "beneficiary_id": self.foreign.id,
            "fund_id": "1",
            "user_id": self.officer.id,
            "company_id": "1",
            "reason": "Other words",
        }
        self.post(f"{url}/send", {"form_key": draft.form_key, **extra})
        record = self.requests_of(self.own)
        self.assertEqual(record.status, "received")
        self.assertFalse(record.amount_approved)
        self.assertFalse(record.user_id)
        self.assertEqual(record.reason, "I need a treatment")
        self.assertFalse(self.requests_of(self.foreign))

    # ------------------------------------------------------------------
    # Tokens, methods and the model's own guards
    # ------------------------------------------------------------------

    def test_forms_need_their_token_and_their_method(self):
        draft, url = self.write_request()
        paths = (
            "/my/requests/new",
            *(
                f"{url}/{path}"
                for path in ("need", "documents", "declaration", "send", "discard")
            ),
        )
        with mute_logger("odoo.http"):
            for path in paths:
                response = self.url_open(path, data={"form_key": draft.form_key})
                self.assertEqual(response.status_code, 400)
        for path in ("send", "discard", f"documents/{self.report_type.id}"):
            self.assertEqual(self.url_open(f"{url}/{path}").status_code, 405)
        self.assertTrue(draft.exists())

    def test_form_sent_after_the_session_was_over_leads_back_to_its_page(self):
        """The login leads to a page, not to the address of the form."""
        _draft, url = self.write_request()
        self.user.password = "a-long-pass-phrase"
        pages = {
            f"{url}/send": "/check",
            f"{url}/documents/{self.report_type.id}": "/documents",
            f"{url}/need": "/need",
        }
        for path, page in pages.items():
            with self.subTest(path=path):
                self.authenticate(None, None)
                login = self.url_open(path, data={"form_key": "x"})
                self.assertIn("/web/login", login.url)
                redirect = parse_qs(urlsplit(login.url).query)["redirect"][0]
                response = self.url_open(
                    "/web/login",
                    data={
                        "login": self.user.login,
                        "password": "a-long-pass-phrase",
                        "redirect": redirect,
                        "csrf_token": self.csrf_token_of(login),
                    },
                )
                self.assertEqual(response.status_code, 200)
                self.assertEqual(urlsplit(response.url).path, url + page)

    def test_way_back_to_a_page_keeps_the_language_and_stays_here(self):
        _draft, url = self.write_request()
        self.user.password = "a-long-pass-phrase"
        for redirect, location in (
            (f"/en{url}/send", f"/en{url}"),
            (f"{url}/check?x=1", f"{url}/check?x=1"),
            ("/my/nowhere/at/all", "/my"),
            ("/odoo/my/send", "/odoo/my/send"),
        ):
            with self.subTest(redirect=redirect):
                self.authenticate(None, None)
                response = self.url_open(
                    "/web/login",
                    data={
                        "login": self.user.login,
                        "password": "a-long-pass-phrase",
                        "redirect": redirect,
                        "csrf_token": self.csrf_token_of(self.url_open("/web/login")),
                    },
                    allow_redirects=False,
                )
                self.assertEqual(response.status_code, 303)
                path = (
                    response.headers["Location"].partition("://")[2]
                    or (response.headers["Location"])
                )
                self.assertTrue(path.endswith(location), path)

    def test_routes_that_write_accept_posts_only(self):
        for name, method in inspect.getmembers(
            BeneficiaryAidPortal, inspect.isfunction
        ):
            routing = getattr(method, "original_routing", None)
            if not routing or "beneficiary" not in method.__module__:
                continue
            with self.subTest(route=name):
                self.assertNotEqual(routing.get("csrf"), False)
                self.assertEqual(routing["auth"], "user")
                self.assertEqual(routing["type"], "http")
                self.assertIn(routing["methods"], (["GET"], ["POST"]))

    def test_submit_method_checks_everything_itself(self):
        draft, _url = self.write_request()
        Request = self.env["beneficiary.aid.request"]
        declaration = {
            "text": "Words",
            "signer_name": "Sara",
            "signature": self.signature.partition(",")[2],
        }
        values = {
            "form_key": draft.form_key,
            "beneficiary_id": self.own.id,
            "aid_type_id": self.aid_type.id,
            "reason": "Words",
            "amount_requested": 100.0,
        }

        def submit(user, **changes):
            return Request.with_user(user)._portal_submit(
                {**values, **changes}, [], declaration
            )

        for changes in (
            {"beneficiary_id": self.foreign.id},
            {"aid_type_id": self._create_aid_type(name="Other").id},
            {"form_key": "unknown-key-unknown"},
            {"form_key": None},
        ):
            with self.subTest(changes=changes), self.assertRaises(AccessError):
                submit(self.user, **changes)
        with self.assertRaises(AccessError):
            submit(self.foreign_user)
        for amount in (-1.0, float("nan"), float("inf"), 1e12):
            with self.subTest(amount=amount), self.assertRaises(ValidationError):
                submit(self.user, amount_requested=amount)
        with self.assertRaises(ValidationError):
            submit(self.user, reason=" ")
        declaration["signature"] = False
        with self.assertRaises(ValidationError):
            submit(self.user)
        self.assertFalse(self.requests_of(self.own))

    def test_drafts_are_swept_with_their_files(self):
        draft, url = self.open_draft()
        self.post(
            f"{url}/documents/{self.report_type.id}", files=[("files", PDF_UPLOAD)]
        )
        draft._transient_vacuum()
        self.assertTrue(draft.exists())
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE beneficiary_aid_draft "
            "SET create_date = now() - interval '15 days', "
            "write_date = now() - interval '15 days' WHERE id = %s",
            [draft.id],
        )
        files = draft.file_ids
        draft._transient_vacuum()
        self.assertFalse(draft.exists())
        self.assertFalse(files.exists())


@tagged("-at_install", "post_install")
class TestPortalDecision(AidCommon, PortalCommon):
    """What a person reads of a decision: nothing before it is told, all of it then."""

    PUBLIC = "Words of the committee for the applicant"

    def decide(self, **motion):
        request = self._create_request(self.own)
        self._refer(request)
        return self._decide(request, public_text=self.PUBLIC, **motion)

    def tell(self, request):
        request = request.with_user(self.officer)
        request.early_reason = "The operation is next week"
        request.action_tell_applicant()

    def page(self, request):
        response = self.url_open(f"/my/requests/{request.id}")
        self.assertEqual(response.status_code, 200)
        self.assertNothingForeign(response)
        for inside in (
            "Needs the operation",
            "The operation is next week",
            self.fund.code,
            self.chair.name,
            self.researcher.name,
            self.committee.member_ids[:1].user_id.name,
        ):
            self.assertNotIn(inside, response.text)
        return response.text

    def test_approval_is_read_only_after_it_was_told(self):
        request = self.decide()
        self.assertEqual(request.status, "approved")
        page = self.page(request)
        for words in (self.PUBLIC, "2,000", "accepted."):
            self.assertNotIn(words, page)
        self.tell(request)
        page = self.page(request)
        for words in (self.PUBLIC, "2,000.00", "Your request was accepted."):
            self.assertIn(words, page)
        self.assertIn("We prepare your help", page)
        # It is less than was asked for, and may be appealed.
        self.assertEqual(request.amount_requested, 3000)
        self.assertIn("If you do not agree", page)

    def test_refusal_tells_reason_and_appeal(self):
        request = self.decide(
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        self.assertEqual(request.status, "rejected")
        self.assertNotIn(self.reason_declined.name, self.page(request))
        self.tell(request)
        page = self.page(request)
        for words in (
            self.PUBLIC,
            "Your request could not be accepted.",
            self.reason_declined.name,
            "If you do not agree",
            "You can ask us to look at the decision again.",
        ):
            self.assertIn(words, page)
        request.with_user(self.officer).action_close()
        self.assertIn("Your request could not be accepted.", self.page(request))

    def test_payment_is_told_in_plain_words(self):
        request = self.decide()
        words = {
            "due": "We prepare the payment",
            "sent": "The payment is sent",
            "paid": "The bank confirmed the payment.",
            "reversed": "The payment came back",
        }
        self.env.flush_all()
        for told in (False, True):
            if told:
                self.tell(request)
                self.env.flush_all()
            for state, text in words.items():
                # The state is the ledger's; how it comes about has tests of its own.
                self.env.cr.execute(
                    "UPDATE beneficiary_aid_request SET payment_state = %s "
                    "WHERE id = %s",
                    [state, request.id],
                )
                self.env.invalidate_all()
                with self.subTest(state=state, told=told):
                    self.assertEqual(text in self.page(request), told)

    def test_waiting_for_the_person_says_so(self):
        request = self._create_request(self.own)
        self._complete_papers(request)
        self.assertIn("Nothing. You can wait.", self.page(request))
        request.with_user(self.officer).action_return()
        page = self.page(request)
        self.assertIn("We asked you for something.", page)
        self.assertIn("We go on as soon as we have what we asked you for.", page)
        request.with_user(self.officer).action_resume()
        self.assertIn("Nothing. You can wait.", self.page(request))
