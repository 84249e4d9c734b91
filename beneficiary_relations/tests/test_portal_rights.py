import base64
import json

from odoo import fields
from odoo.tests import tagged

from .common import CITIZENS, PDF
from .common_portal import CANARY, EXE_AS_PDF, PDF_UPLOAD, PortalCommon

PAGES = (
    "data",
    "consents",
    "consents/photo",
    "corrections",
    "corrections/street",
    "copy",
)


@tagged("post_install", "-at_install")
class TestPortalRights(PortalCommon):
    """What the law lets a person do with his data, in the portal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own.write({"street": "Old Street", "marital_status": "married"})
        cls.own.household_id = cls.household
        cls.notice = cls.env["beneficiary.privacy.notice"].create(
            {"name": "Our notice", "text": "We keep little.\nAnd not for long."}
        )
        cls.notice.action_put_in_force()
        cls.child = cls._create_beneficiary(
            name="خالد الغامدي",
            identity_number=CITIZENS[3],
            birth_date=fields.Date.add(fields.Date.today(), years=-10),
        )

    def _guard(self, **scopes):
        """Let the person act for the child."""
        mandate = (
            self.env["beneficiary.mandate"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_id": self.child.id,
                    "holder_id": self.user.partner_id.id,
                    "can_apply": False,
                    "proof": base64.b64encode(PDF),
                    "proof_filename": "deed.pdf",
                    **scopes,
                }
            )
        )
        mandate.action_activate()
        return mandate.with_env(self.env)

    def _url(self, path, file=None):
        return f"/my/beneficiary/{(file or self.own).id}/{path}"

    def _consents(self, file=None):
        return self.env["beneficiary.consent"].search(
            [("beneficiary_id", "=", (file or self.own).id)]
        )

    def _corrections(self, file=None):
        return self.env["beneficiary.correction"].search(
            [("beneficiary_id", "=", (file or self.own).id)]
        )

    # ------------------------------------------------------------------
    # Whose
    # ------------------------------------------------------------------

    def test_every_page_shows_the_own_file(self):
        for path in PAGES:
            with self.subTest(page=path):
                response = self.url_open(self._url(path))
                self.assertEqual(response.status_code, 200)
                self.assertNothingForeign(response)

    def test_foreign_and_absent_look_the_same(self):
        for path in PAGES:
            with self.subTest(page=path):
                foreign = self.url_open(self._url(path, self.foreign))
                absent = self.url_open(f"/my/beneficiary/99999999/{path}")
                self.assertEqual((foreign.status_code, absent.status_code), (404, 404))
                self.assertEqual(self.own_part(foreign), self.own_part(absent))
                self.assertNothingForeign(foreign)

    def test_foreign_and_absent_forms_look_the_same_and_change_nothing(self):
        for path, data in (
            ("consents/photo", {"answer": "give"}),
            ("corrections/street", {"value": "New"}),
            ("copy/json", {}),
        ):
            with self.subTest(form=path):
                foreign = self.post(self._url(path, self.foreign), data)
                absent = self.post(f"/my/beneficiary/99999999/{path}", data)
                self.assertEqual((foreign.status_code, absent.status_code), (404, 404))
                self.assertEqual(self.own_part(foreign), self.own_part(absent))
        self.assertFalse(self._consents(self.foreign))
        self.assertFalse(self._corrections(self.foreign))

    def test_bad_input_gets_a_calm_page(self):
        for number in ("0", "2147483648", "99999999999999999999"):
            response = self.url_open(f"/my/beneficiary/{number}/data")
            self.assertEqual(response.status_code, 404)
            self.assertCalm(response)
        for path, data in (
            ("consents/nothing", {"answer": "give"}),
            ("consents/photo", {"answer": "perhaps"}),
            ("consents/photo", {}),
            ("corrections/iban", {"value": "x"}),
            ("corrections/health_condition", {"value": "x"}),
            ("corrections/__class__", {"value": "x"}),
            ("copy/exe", {}),
        ):
            with self.subTest(form=path):
                response = self.post(self._url(path), data)
                self.assertEqual(response.status_code, 404)
                self.assertCalm(response)
        self.assertFalse(self._consents())
        self.assertFalse(self._corrections())

    def test_visitors_and_calls_get_nothing(self):
        for method in ("_portal_copy", "_portal_change", "_portal_ask"):
            self.assertRefused("beneficiary.beneficiary", method, [self.own.id])
        for model in ("beneficiary.consent", "beneficiary.correction"):
            self.assertRefused(model, "search_read", [])
        self.authenticate(None, None)
        response = self.url_open(self._url("data"), allow_redirects=False)
        self.assertEqual(response.status_code, 303)

    # ------------------------------------------------------------------
    # My data
    # ------------------------------------------------------------------

    def test_own_data_and_no_name_of_the_household(self):
        text = self.url_open(self._url("data")).text
        for word in ("Old Street", "Married", self.own.file_number, CITIZENS[1]):
            self.assertIn(word, text)
        self.assertIn("My household", text)
        self.assertNotIn(self.beneficiary.name, text)

    # ------------------------------------------------------------------
    # Consents
    # ------------------------------------------------------------------

    def test_notice_in_force_is_shown(self):
        text = self.url_open(self._url("consents")).text
        for word in ("Our notice", "We keep little.", "And not for long."):
            self.assertIn(word, text)

    def test_consent_is_given_once_and_withdrawn(self):
        for _twice in range(2):
            self.post(self._url("consents/photo"), {"answer": "give"})
        consent = self._consents()
        self.assertRecordValues(
            consent,
            [
                {
                    "purpose": "photo",
                    "notice_id": self.notice.id,
                    "recorded_by_id": self.user.id,
                    "is_given": True,
                    "mandate_id": False,
                }
            ],
        )
        self.assertIn("You agreed on", self.url_open(self._url("consents")).text)
        for _twice in range(2):
            self.post(self._url("consents/photo"), {"answer": "withdraw"})
        consent.invalidate_recordset()
        self.assertFalse(consent.is_given)
        self.assertEqual(len(self._consents()), 1)

    def test_without_a_notice_nobody_agrees(self):
        self.env.cr.execute("UPDATE beneficiary_privacy_notice SET state = 'draft'")
        self.env.invalidate_all()
        response = self.post(self._url("consents/photo"), {"answer": "give"})
        self.assertEqual(response.status_code, 422)
        self.assertIn("no privacy notice", response.text)

    def test_guardian_needs_the_scope_to_sign(self):
        mandate = self._guard()
        url = self._url("consents/photo", self.child)
        self.assertNotIn("Yes, I agree", self.url_open(url).text)
        response = self.post(url, {"answer": "give"})
        self.assertEqual(response.status_code, 422)
        self.assertIn("does not cover", response.text)
        mandate.with_user(self.officer).action_end()
        self.assertEqual(self.url_open(url).status_code, 404)
        mandate = self._guard(can_sign=True)
        self.post(url, {"answer": "give"})
        self.assertEqual(self._consents(self.child).mandate_id, mandate)
        self.post(url, {"answer": "withdraw"})
        bodies = " ".join(mandate.message_ids.mapped("body"))
        self.assertIn("withdrew the consent", bodies)

    def test_child_itself_does_not_agree(self):
        self.own.birth_date = fields.Date.add(fields.Date.today(), years=-12)
        response = self.post(self._url("consents/photo"), {"answer": "give"})
        self.assertEqual(response.status_code, 422)
        self.assertIn("your guardian", response.text)

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    def test_correction_with_proof_and_its_answer(self):
        response = self.post(
            self._url("corrections/street"),
            {"value": "شارع الأمير", "explanation": "We moved"},
            files=[("proof", PDF_UPLOAD)],
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("We received your request", response.text)
        correction = self._corrections()
        self.assertEqual(correction.value_before, "Old Street")
        self.assertEqual(base64.b64decode(correction.proof), PDF)
        self.assertEqual(correction.activity_ids.user_id, self.privacy)
        self.assertNotIn(self.user.partner_id, correction.message_partner_ids)
        page = self.url_open(self._url("corrections"))
        self.assertIn("We are looking at it", page.text)
        self.assertEqual(self.own.street, "Old Street")
        again = self.post(self._url("corrections/street"), {"value": "Other"})
        self.assertIn("You asked for this already", again.text)
        correction.with_user(self.officer).refuse_reason = "The deed says otherwise"
        correction.with_user(self.officer).action_refuse()
        page = self.url_open(self._url("corrections"))
        self.assertIn("The deed says otherwise", page.text)

    def test_correction_that_does_not_fit_is_said_beside_it(self):
        for name, value in (
            ("birth_date", "yesterday"),
            ("gender", "x"),
            ("street", ""),
            ("street", "x" * 501),
        ):
            with self.subTest(field=name, value=value[:9]):
                response = self.post(self._url(f"corrections/{name}"), {"value": value})
                self.assertEqual(response.status_code, 422)
                self.assertCalm(response)
        response = self.post(
            self._url("corrections/street"),
            {"value": "New", "explanation": "kept words"},
            files=[("proof", EXE_AS_PDF)],
        )
        self.assertEqual(response.status_code, 422)
        self.assertIn("kept words", response.text)
        self.assertFalse(self._corrections())

    def test_choice_is_kept_and_shown_in_words(self):
        self.post(self._url("corrections/marital_status"), {"value": "widowed"})
        self.assertEqual(self._corrections().value_after, "widowed")
        self.assertIn("Widowed", self.url_open(self._url("corrections")).text)

    def test_guardian_needs_the_scope_to_ask(self):
        mandate = self._guard()
        url = self._url("corrections/street", self.child)
        self.assertNotIn("Send the request", self.url_open(url).text)
        self.assertEqual(self.post(url, {"value": "New"}).status_code, 422)
        mandate.with_user(self.officer).action_end()
        mandate = self._guard(can_apply=True)
        self.post(url, {"value": "New"})
        self.assertEqual(self._corrections(self.child).mandate_id, mandate)

    # ------------------------------------------------------------------
    # The copy
    # ------------------------------------------------------------------

    def test_copy_is_handed_out_and_logged(self):
        response = self.post(self._url("copy/json"))
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        data = json.loads(response.content)
        self.assertEqual(data["res.partner"][0]["name"], self.own.name)
        self.assertNotIn(self.beneficiary.name, response.text)
        self.assertNotIn(CANARY, response.text)
        log = self.env["beneficiary.access.log"].search(
            [("kind", "=", "export"), ("file_number", "=", self.own.file_number)]
        )
        self.assertEqual(log.user_id, self.user)
        text = self.post(self._url("copy/text")).content.decode()
        self.assertIn("Old Street", text)

    def test_copy_is_never_taken_by_a_link(self):
        response = self.url_open(self._url("copy/json"))
        self.assertEqual(response.status_code, 405)

    def test_guardian_needs_the_scope_to_sign_for_the_copy(self):
        mandate = self._guard(can_apply=True)
        response = self.post(self._url("copy/json", self.child))
        self.assertEqual(response.status_code, 422)
        self.assertNotIn(CITIZENS[3], response.text)
        mandate.with_user(self.officer).action_end()
        self._guard(can_sign=True)
        response = self.post(self._url("copy/json", self.child))
        self.assertIn(CITIZENS[3], response.text)
