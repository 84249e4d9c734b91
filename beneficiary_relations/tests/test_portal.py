import base64

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..controllers import portal as portal_controller
from .common import PDF
from .common_portal import CANARY, EXE_AS_PDF, PDF_UPLOAD, PortalCommon

PORTAL = "odoo.addons.beneficiary_relations.controllers.portal"


@tagged("-at_install", "post_install")
class TestPortalFile(PortalCommon):
    def upload(self, *files, beneficiary=None, kind=None):
        beneficiary = beneficiary or self.own
        kind = kind or self.identity_type
        return self.post(
            f"/my/beneficiary/{beneficiary.id}/document/{kind.id}",
            files=[("files", file) for file in files],
        )

    # ------------------------------------------------------------------
    # What one sees
    # ------------------------------------------------------------------

    def test_home_leads_to_the_own_file(self):
        self.assertIn("/my/beneficiary", self.url_open("/my").text)

    def test_own_file_is_shown_in_plain_words(self):
        response = self.url_open("/my/beneficiary")
        self.assertEqual(response.status_code, 200)
        self.assertIn("سارة الغامدي", response.text)
        self.assertIn(self.own.file_number, response.text)
        self.assertIn("Not finished yet", response.text)
        self.assertIn("National identity card", response.text)
        self.assertIn("We need this paper", response.text)
        self.assertNothingForeign(response)

    def test_page_states_its_direction(self):
        self.assertIn('dir="ltr"', self.url_open("/my/beneficiary").text)

    def test_after_the_login_one_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.user.write({"lang": "ar_001", "password": "a-long-pass-phrase"})
        self.authenticate(None, None)
        form = self.url_open("/web/login")
        response = self.url_open(
            "/web/login",
            {
                "csrf_token": self.csrf_token_of(form),
                "login": self.user.login,
                "password": "a-long-pass-phrase",
            },
        )
        self.assertIn('dir="rtl"', response.text)
        self.assertIn('dir="rtl"', self.url_open("/my/beneficiary").text)

    def test_without_a_file_the_page_says_whom_to_ask(self):
        nobody = new_test_user(
            self.env,
            "portal_nobody",
            groups="base.group_portal",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.log_in(nobody)
        response = self.url_open("/my/beneficiary")
        self.assertEqual(response.status_code, 200)
        self.assertIn("no file linked to your account", response.text)

    def test_visitor_is_asked_to_log_in(self):
        self.authenticate(None, None)
        response = self.url_open("/my/beneficiary", allow_redirects=False)
        self.assertEqual(response.status_code, 303)
        self.assertIn("/web/login", response.headers["Location"])

    def test_mandate_shows_for_whom_one_acts(self):
        self.env["beneficiary.portal.access"]._link(
            self.user, self.beneficiary, kind="mandate"
        )
        response = self.url_open("/my/beneficiary")
        self.assertIn(self.beneficiary.name, response.text)
        self.assertIn("You are acting for:", response.text)

    def test_ended_mandate_shows_nothing(self):
        self.env["beneficiary.portal.access"]._link(
            self.user, self.foreign, kind="mandate", date_end="2020-01-01"
        )
        self.assertNothingForeign(self.url_open("/my/beneficiary"))
        self.assertEqual(
            self.call("beneficiary.beneficiary", "search", []), self.own.ids
        )

    def test_rejected_paper_says_why_and_takes_a_new_one(self):
        document = self._create_document(self.own)
        document._reject("The picture is too dark.")
        self.assertIn("The picture is too dark.", self.url_open("/my/beneficiary").text)
        self.assertIn("We received it", self.upload(PDF_UPLOAD).text)
        self.assertEqual(len(self.own.document_ids), 2)
        self.assertEqual(document.state, "rejected")

    # ------------------------------------------------------------------
    # Handing in
    # ------------------------------------------------------------------

    def test_upload_is_received_and_waits_to_be_matched(self):
        response = self.upload(PDF_UPLOAD, ("page 2.pdf", PDF))
        self.assertEqual(response.status_code, 200)
        self.assertIn("Thank you. We received your paper.", response.text)
        document = self.own.document_ids
        self.assertEqual(document.state, "submitted")
        self.assertEqual(
            document.page_ids.mapped("filename"), ["card.pdf", "page 2.pdf"]
        )
        self.assertEqual(base64.b64decode(document.page_ids[0].file), PDF)

    def test_upload_leaves_no_trace_of_the_person_in_the_chatter(self):
        self.upload(PDF_UPLOAD)
        document = self.own.document_ids
        self.assertNotIn(self.user.partner_id, document.message_partner_ids)
        self.assertNotIn(self.user.partner_id, document.message_ids.author_id)

    def test_accepted_paper_is_left_as_it_is(self):
        document = self._create_document(self.own)
        document.sudo().write({"state": "verified"})
        self.assertNotIn("o_bp_upload", self.url_open("/my/beneficiary").text)
        self.upload(PDF_UPLOAD)
        self.assertEqual(document.state, "verified")
        self.assertEqual(len(document.page_ids), 1)

    def test_program_named_as_a_paper_is_refused(self):
        response = self.upload(EXE_AS_PDF)
        self.assertEqual(response.status_code, 422)
        self.assertIn("card.pdf", response.text)
        self.assertIn("o_bp_error", response.text)
        self.assertCalm(response)
        self.assertFalse(self.own.document_ids)

    def test_other_bad_files_are_refused_in_plain_words(self):
        large = b"%PDF-1.4" + b"0" * (10 * 1024 * 1024)
        active = b"%PDF-1.4 /OpenAction << /S /JavaScript /JS (x) >>"
        for name, content in (
            ("empty.pdf", b""),
            ("large.pdf", large),
            ("active.pdf", active),
            ("page.html", b"<html><script>1</script></html>"),
            ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            ("photo.png", PDF),
        ):
            with self.subTest(name=name):
                response = self.upload((name, content))
                self.assertEqual(response.status_code, 422)
                self.assertCalm(response)
                self.assertFalse(self.own.document_ids)

    def test_one_bad_file_among_good_ones_saves_nothing(self):
        self.assertEqual(self.upload(PDF_UPLOAD, EXE_AS_PDF).status_code, 422)
        self.assertFalse(self.own.document_ids)

    def test_no_file_and_too_many_files(self):
        response = self.post(
            f"/my/beneficiary/{self.own.id}/document/{self.identity_type.id}"
        )
        self.assertEqual(response.status_code, 422)
        self.assertIn("Choose a photo or a file first", response.text)
        self.assertEqual(self.upload(*[PDF_UPLOAD] * 6).status_code, 422)
        self.assertFalse(self.own.document_ids)

    def test_file_name_cannot_carry_a_path_or_invisible_characters(self):
        self.upload(("../../etc/\u202efdp.drac.pdf", PDF))
        self.assertEqual(self.own.document_ids.page_ids.filename, "fdp.drac.pdf")

    # ------------------------------------------------------------------
    # What is not one's own is not there
    # ------------------------------------------------------------------

    def test_foreign_and_absent_files_give_the_same_page(self):
        texts = set()
        for number in (self.foreign.id, 99999999, 0, 2**31, 10**20):
            response = self.post(
                f"/my/beneficiary/{number}/document/{self.identity_type.id}",
                files=[("files", PDF_UPLOAD)],
            )
            self.assertEqual(response.status_code, 404)
            self.assertNothingForeign(response)
            texts.add(self.own_part(response))
        self.assertEqual(len(texts), 1)
        self.assertIn("We cannot find this page", texts.pop())
        self.assertFalse(self.foreign.document_ids)

    def test_negative_number_is_no_address(self):
        for path in ("/my/beneficiary/-1/document/1", "/my/beneficiary/x/document/1"):
            self.assertEqual(self.post(path).status_code, 404)

    def test_kind_of_document_of_another_association_is_not_there(self):
        other = self._create_association("Other")
        kind = self.env["beneficiary.document.type"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        self.assertEqual(self.upload(PDF_UPLOAD, kind=kind).status_code, 404)
        self.assertFalse(self.own.document_ids)

    def test_form_needs_its_token_and_its_method(self):
        path = f"/my/beneficiary/{self.own.id}/document/{self.identity_type.id}"
        with mute_logger("odoo.http"):
            for token in ("", "0" * 40 + "o9999999999"):
                response = self.url_open(
                    path, data={"csrf_token": token}, files=[("files", PDF_UPLOAD)]
                )
                self.assertEqual(response.status_code, 400)
        self.assertEqual(self.url_open(path).status_code, 405)
        self.assertFalse(self.own.document_ids)

    # ------------------------------------------------------------------
    # The same by remote calls
    # ------------------------------------------------------------------

    def test_remote_calls_see_own_records_only(self):
        self._create_document(self.own)
        self._create_document(self.foreign)
        files = self.call(
            "beneficiary.beneficiary", "search_read", [], ["name", "state"]
        )
        self.assertEqual([file["id"] for file in files], self.own.ids)
        documents = self.call("beneficiary.document", "search_read", [], ["state"])
        self.assertEqual(
            [document["id"] for document in documents], self.own.document_ids.ids
        )
        self.assertRefused(
            "beneficiary.beneficiary", "read", [self.foreign.id], ["name"]
        )

    def test_remote_calls_read_named_fields_only(self):
        readable = {
            "beneficiary.beneficiary": self.own,
            "beneficiary.document": self._create_document(self.own),
        }
        for model, record in readable.items():
            allowed = self.env[model]._portal_fields
            self.assertEqual(set(self.call(model, "fields_get")), allowed)
            for name in set(self.env[model]._fields) - allowed:
                with self.subTest(model=model, field=name):
                    self.assertRefused(model, "read", record.ids, [name])

    def test_remote_calls_reach_no_hidden_field_by_search_order_or_group(self):
        for arguments in (
            {"domain": [("state_note", "ilike", "a")], "fields": ["name"]},
            {"domain": [("search_name", "ilike", "a")], "fields": ["name"]},
            {"domain": [("household_id.name", "ilike", "a")], "fields": ["name"]},
            {"domain": [], "fields": ["name"], "order": "next_review_date"},
        ):
            with self.subTest(arguments=arguments):
                self.assertRefused(
                    "beneficiary.beneficiary", "search_read", **arguments
                )
        self.assertRefused(
            "beneficiary.beneficiary",
            "formatted_read_group",
            [],
            ["category_id"],
            ["__count"],
        )

    def test_remote_calls_change_nothing(self):
        self.assertRefused(
            "beneficiary.beneficiary", "write", self.own.ids, {"state": "active"}
        )
        self.assertRefused("beneficiary.beneficiary", "create", [{"name": "X"}])
        document = self._create_document(self.own)
        self.assertRefused("beneficiary.document", "action_verify", document.ids)
        self.assertRefused(
            "beneficiary.document", "write", document.ids, {"state": "verified"}
        )
        self.assertRefused(
            "beneficiary.document.page",
            "create",
            [{"document_id": document.id, "file": base64.b64encode(PDF).decode()}],
        )
        self.assertRefused(
            "beneficiary.portal.access",
            "create",
            [{"user_id": self.user.id, "beneficiary_id": self.foreign.id}],
        )
        self.assertRefused("beneficiary.document", "_portal_upload", self.own.id, 1, [])
        self.assertEqual(document.state, "submitted")

    def test_other_models_are_closed(self):
        for model in (
            "beneficiary.assessment",
            "beneficiary.household",
            "beneficiary.interaction",
            "beneficiary.message",
            "beneficiary.policy",
            "beneficiary.portal.access",
        ):
            with self.subTest(model=model):
                self.assertRefused(model, "search_read", [], ["id"])

    def test_contact_of_another_is_not_there(self):
        names = self.call("res.partner", "search_read", [], ["name"])
        self.assertNotIn(CANARY, str(names))

    # ------------------------------------------------------------------
    # Guards of the model and of the frame
    # ------------------------------------------------------------------

    def test_upload_method_checks_the_owner_itself(self):
        Document = self.env["beneficiary.document"].with_user(self.user)
        with self.assertRaises(AccessError):
            Document._portal_upload(
                self.foreign.with_user(self.user),
                self.identity_type.id,
                [("card.pdf", PDF)],
            )
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.user)._portal_values()

    def test_unexpected_error_is_a_page_with_a_reference(self):
        def fail(*args, **kwargs):
            raise ZeroDivisionError("secret detail")

        self.patch(portal_controller.BeneficiaryPortal, "_render_my_beneficiary", fail)
        with self.assertLogs(PORTAL, "ERROR") as logs:
            response = self.url_open("/my/beneficiary?debug=1")
        self.assertEqual(response.status_code, 500)
        self.assertCalm(response)
        self.assertNotIn("secret detail", response.text)
        reference = logs.records[0].args[0]
        self.assertIn(reference, response.text)

    def test_staff_see_only_what_they_act_for(self):
        self.log_in(self.officer)
        response = self.url_open("/my/beneficiary")
        self.assertEqual(response.status_code, 200)
        self.assertNothingForeign(response)
        path = f"/my/beneficiary/{self.own.id}/document/{self.identity_type.id}"
        self.assertEqual(
            self.post(path, files=[("files", PDF_UPLOAD)]).status_code, 404
        )
