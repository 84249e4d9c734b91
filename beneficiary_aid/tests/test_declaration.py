import base64
import re

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.beneficiary_relations.tests.common import PDF
from odoo.addons.beneficiary_relations.tests.common_portal import make_png

from .common import AidCommon
from .common_portal import AidPortalCommon

_CODE = re.compile(r"\b(\d{6})\b")


@tagged("post_install", "-at_install")
class TestDeclaration(AidCommon):
    """Signed on paper, by drawing or by a code; kept with its proof (C40)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._create_request()
        cls.beneficiary.partner_id.phone = "+966500000567"

    def _declare(self, user=None, **values):
        return (
            self.env["beneficiary.declaration"]
            .with_user(user or self.officer)
            .with_context(default_request_id=self.request.id)
            .create({"signer_name": "A Person", **values})
        )

    def _wizard(self, user=None):
        request = self.request.with_user(user or self.officer)
        action = request.action_sign_by_code()
        return (
            self.env["beneficiary.declaration.sign"]
            .with_user(user or self.officer)
            .with_context(**action["context"])
            .create({})
        )

    def _last_code(self):
        message = (
            self.env["beneficiary.message"]
            .sudo()
            .search([("kind", "=", "code")], order="id desc", limit=1)
        )
        self.assertEqual(message.partner_id, self.beneficiary.partner_id)
        return _CODE.search(message.body).group(1)

    def test_paper_comes_with_its_scan(self):
        with self.assertRaisesRegex(ValidationError, "scan or picture"):
            self._declare()
        with self.assertRaises(ValidationError):
            self._declare(scan=base64.b64encode(b"MZ no paper"))
        paper = self._declare(
            scan=base64.b64encode(PDF), scan_filename="declaration.pdf"
        )
        self.assertEqual(len(paper.fingerprint), 64)
        drawn = self._declare(method="drawn", signature=base64.b64encode(make_png()))
        self.assertNotEqual(paper.fingerprint, drawn.fingerprint)

    def test_facts_are_not_typed_in(self):
        declaration = self._declare(
            scan=base64.b64encode(PDF),
            fingerprint="f" * 64,
            address="192.0.2.1",
            phone_hint="•••111",
        )
        self.assertNotEqual(declaration.fingerprint, "f" * 64)
        self.assertFalse(declaration.address or declaration.phone_hint)
        with self.assertRaisesRegex(UserError, "confirmed by the code"):
            self._declare(method="code")

    def test_code_signs_once(self):
        wizard = self._wizard()
        self.assertEqual(wizard.text, self.policy.declaration_text)
        wizard.code = "123456"
        wizard.action_confirm()
        self.assertFalse(self.request.is_declared)
        wizard.action_send_code()
        code = self._last_code()
        self.assertEqual(wizard.phone_hint, "•••567")
        wizard.code = f"{(int(code) + 1) % 10**6:06d}"
        wizard.action_confirm()
        self.assertTrue(wizard.message)
        self.assertFalse(self.request.declaration_ids)
        wizard.code = code
        wizard.action_confirm()
        declaration = self.request.declaration_ids
        self.assertEqual(declaration.method, "code")
        self.assertEqual(declaration.user_id, self.officer)
        self.assertEqual(declaration.phone_hint, "•••567")
        wizard.action_confirm()
        self.assertEqual(len(self.request.declaration_ids), 1)

    def test_code_is_good_for_ten_minutes_and_five_tries(self):
        wizard = self._wizard()
        wizard.action_send_code()
        code = self._last_code()
        now = fields.Datetime.now()
        with freeze_time(fields.Datetime.add(now, minutes=11)):
            self.assertFalse(wizard._try_code(code))
        for _time in range(5):
            wizard._try_code("x")
        self.assertFalse(wizard._try_code(code))
        for _time in range(2):
            wizard.action_send_code()
        with self.assertRaisesRegex(UserError, "Enough codes"):
            wizard.action_send_code()

    def test_code_is_nobodys_to_read_or_to_write(self):
        wizard = self._wizard()
        wizard.action_send_code()
        with self.assertRaises(AccessError):
            wizard.read(["code_digest"])
        for name in ("code_digest", "tries", "is_code_sent", "request_id"):
            with self.subTest(field=name), self.assertRaises(UserError):
                wizard.write({name: 0})

    def test_without_phone_the_other_ways_are_named(self):
        self.beneficiary.partner_id.phone = False
        with self.assertRaisesRegex(UserError, "by drawing or on paper"):
            self._wizard().action_send_code()

    def test_roles(self):
        for user in (self.secretary, self.clerk, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.request.with_user(user).action_sign_by_code()

    def test_decided_request_is_not_signed(self):
        self._decide(self._refer(self.request))
        with self.assertRaisesRegex(UserError, "nothing is to be signed"):
            self._wizard().action_send_code()

    def test_pdf_is_kept_with_its_digest(self):
        declaration = self._sign(self.request)
        action = declaration.with_user(self.officer).action_print()
        kept = declaration.file_ids
        self.assertIn(str(kept.id), action["url"])
        self.assertTrue(base64.b64decode(kept.file).startswith(b"%PDF"))
        self.assertTrue(kept._is_unchanged())
        declaration.with_user(self.officer).action_print()
        self.assertEqual(len(declaration.file_ids), 1)
        for step in (lambda: kept.write({"sha256": "x"}), kept.unlink):
            with self.assertRaises(UserError):
                step()
        with self.assertRaises(AccessError):
            declaration.with_user(self.clerk).action_print()
        with self.assertRaises(UserError):
            self.env["beneficiary.declaration.file"].with_user(self.officer).create(
                {"declaration_id": declaration.id, "filename": "x", "sha256": "x"}
            )

    def test_words_on_paper_say_who_and_how(self):
        declaration = self._sign(self.request).with_user(self.officer)
        paper = re.sub(r"<[^>]+>", "", str(declaration._declaration_html()))
        self.assertIn(declaration.fingerprint, paper)


@tagged("post_install", "-at_install")
class TestPortalSign(AidPortalCommon):
    """A request entered at the desk is signed and completed by the person at home."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._create_request(cls.own)
        cls.foreign_request = cls._create_request(cls.foreign)
        cls.request.sudo()._ask_missing()

    def _url(self, path="", request=None):
        return f"/my/requests/{(request or self.request).id}{path}"

    def _post(self, path, files=None, request=None, **values):
        page = self.url_open(self._url("", self.request)).text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
        return self.url_open(
            self._url(path, request),
            data={"csrf_token": token, **values},
            files=files,
        )

    def test_page_asks_and_takes_paper_and_signature(self):
        page = self.url_open(self._url()).text
        self.assertIn("Please sign the declaration.", page)
        self.assertIn("Sign the declaration", page)
        self.assertIn(self._url(f"/documents/{self.report_type.id}"), page)
        for kind in self.request.asked_document_type_ids:
            response = self._post(
                f"/documents/{kind.id}", files={"files": ("p.pdf", PDF)}
            )
            self.assertEqual(response.status_code, 200)
        self.request.invalidate_recordset()
        self.assertTrue(self.request.waiting_since)
        self._post("/declaration", signer_name="سارة", signature=self.signature)
        self.request.invalidate_recordset()
        self.assertTrue(self.request.is_declared)
        self.assertFalse(self.request.waiting_since)
        declaration = self.request.declaration_ids
        self.assertEqual(declaration.method, "drawn")
        self.assertTrue(declaration.address)
        self._post("/declaration", signer_name="سارة", signature=self.signature)
        self.assertEqual(len(self.request.declaration_ids), 1)

    def test_person_signs_by_code(self):
        self.own.partner_id.phone = "+966500000567"
        self.assertIn("The code we sent", self._post("/declaration/code").text)
        message = self.env["beneficiary.message"].search(
            [("kind", "=", "code")], order="id desc", limit=1
        )
        code = _CODE.search(message.body).group(1)
        wrong = self._post("/declaration", signer_name="سارة", code="x")
        self.assertEqual(wrong.status_code, 422)
        self.assertFalse(self.request.declaration_ids)
        self._post("/declaration", signer_name="سارة", code=code)
        self.request.invalidate_recordset()
        self.assertEqual(self.request.declaration_ids.method, "code")
        self.assertEqual(self.request.declaration_ids.signer_name, "سارة")

    def test_last_code_may_be_typed_in_when_no_more_are_sent(self):
        self.own.partner_id.phone = "+966500000567"
        for _time in range(20):
            response = self._post("/declaration/code")
            if response.status_code == 422:
                break
        self.assertIn("Enough codes", response.text)
        self.assertIn("The code we sent", response.text)
        code = self.request.sudo()._portal_code().search([], order="id desc", limit=1)
        code.code_until = fields.Datetime.now()
        self.env.flush_all()
        response = self._post("/declaration/code")
        self.assertNotIn("The code we sent", response.text)

    def test_what_is_wrong_is_said(self):
        for values in (
            {"signer_name": "سارة"},
            {"signer_name": "", "signature": self.signature},
            {"signer_name": "سارة", "signature": "data:image/png;base64,AAAA"},
        ):
            with self.subTest(**values):
                response = self._post("/declaration", **values)
                self.assertEqual(response.status_code, 422)
        self.assertFalse(self.request.declaration_ids)

    def test_foreign_and_absent_look_the_same(self):
        for path in ("/declaration", "/declaration/code"):
            response = self._post(
                path,
                request=self.foreign_request,
                signer_name="سارة",
                signature=self.signature,
            )
            self.assertEqual(response.status_code, 404)
        response = self._post(
            f"/documents/{self.report_type.id}",
            request=self.foreign_request,
            files={"files": ("p.pdf", PDF)},
        )
        self.assertEqual(response.status_code, 404)
        self.assertFalse(self.foreign_request.declaration_ids)
        self.assertFalse(self.foreign_request.document_ids)
