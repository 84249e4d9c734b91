from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AidCommon
from .common_portal import AidPortalCommon

REPORT = "beneficiary_aid.report_decision_letter"


def words(markup):
    """Return the words of a paper without the elements that split them."""
    return " ".join(html.fromstring(str(markup)).text_content().split())


@tagged("post_install", "-at_install")
class TestLetter(AidCommon):
    """The request and the answer on paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._decide(
            outcome="approve_condition",
            condition="Bring the bill",
            motion="Helps with the illness",
        )

    def _tell(self, request=None):
        request = (request or self.request).with_user(self.officer)
        request.early_reason = "Asked for it"
        request.action_tell_applicant()
        return request

    def test_letter_says_what_was_decided_and_what_to_do(self):
        request = self._tell()
        text = words(request._letter_html())
        decision = self.request.decision_id
        for said in (
            request.name.split("/")[1],
            decision.name.split("/")[1],
            "2,000.00",
            "Bring the bill",
            decision.reason_id.name,
            f"{request.told_on:%Y/%m/%d}",
            # Less than was asked for, and under a condition: it may be appealed.
            "do not agree",
        ):
            self.assertIn(said, text)
        for hidden in (
            self.fund.name,
            "Helps with the illness",
            request.aid_type_id.name,
            request.reason,
        ):
            self.assertNotIn(hidden, text)

    def test_letter_is_in_the_language_of_the_person(self):
        if not self.env["res.lang"]._get_data(code="ar_001"):
            self.env["res.lang"]._activate_lang("ar_001")
        request = self._tell()
        for lang, direction in (("en_US", "ltr"), ("ar_001", "rtl")):
            self.beneficiary.partner_id.lang = lang
            root = html.fromstring(str(request._letter_html()))
            self.assertEqual(root.get("dir"), direction)
            self.assertEqual(root.get("data-oe-lang"), lang)

    def test_letter_waits_until_the_answer_is_told(self):
        request = self.request.with_user(self.officer)
        for call in (request.action_print_letter, request._letter_html):
            with self.assertRaisesRegex(UserError, "was not told yet"):
                call()
        self._tell()
        self.assertEqual(request.action_print_letter()["report_name"], REPORT)

    def test_letter_and_form_are_for_their_roles(self):
        self._tell()
        for user in (self.member_a, self.clerk, self.auditor, self.employee):
            own = self.request.with_user(user)
            for call in (
                own.action_print_letter,
                own._letter_html,
                own.action_print_form,
                own._request_form_html,
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_letter_of_another_association_is_refused(self):
        self._tell()
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "relations_officer", other)
        with self.assertRaises(AccessError):
            self.request.with_user(stranger).action_print_letter()

    def test_letter_of_a_refusal_tells_the_way_of_appeal(self):
        other = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide(
            other, outcome="decline", reason_id=self.reason_declined.id, amount=0
        )
        self.beneficiary.partner_id.lang = "en_US"
        other.beneficiary_id.partner_id.lang = "en_US"
        text = words(self._tell(other)._letter_html())
        self.assertIn("by other people than those who decided", text)
        if other.appeal_until:
            self.assertIn(f"{other.appeal_until:%Y/%m/%d}", text)
        self.assertIn(self.reason_declined.name, text)

    def test_letter_of_referral_names_the_person_and_nothing_of_the_file(self):
        request = self._create_request(self._create_other_beneficiary())
        own = request.with_user(self.officer)
        for call in (own.action_print_referral, own._referral_html):
            with self.assertRaisesRegex(UserError, "not referred"):
                call()
        own._refer_elsewhere("The hospital", "Please receive the bearer.", "Secret")
        text = words(own._referral_html())
        for said in (
            "The hospital",
            request.beneficiary_id.name,
            request.name.split("/")[1],
            "Please receive the bearer.",
            f"{request.closed_on:%Y/%m/%d}",
        ):
            self.assertIn(said, text)
        for hidden in ("Secret", request.aid_type_id.name, request.reason):
            self.assertNotIn(hidden, text)
        report = "beneficiary_aid.report_referral_letter"
        self.assertEqual(own.action_print_referral()["report_name"], report)
        for user in (self.member_a, self.clerk, self.auditor, self.employee):
            with self.assertRaises(AccessError):
                request.with_user(user).action_print_referral()
            with self.assertRaises(AccessError):
                request.with_user(user)._referral_html()

    def test_letters_are_printed_in_one_batch(self):
        other = self._refer(self._create_request(self._create_other_beneficiary()))
        self._decide(other)
        both = (self._tell() | self._tell(other)).with_user(self.officer)
        content, kind = (
            self.env["ir.actions.report"]
            .with_user(self.officer)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf(REPORT, both.ids)
        )
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))

    def test_request_form_has_number_papers_and_declaration(self):
        request = self.request.with_user(self.officer)
        text = words(request._request_form_html())
        declaration = self.request.declaration_ids[:1]
        for said in (
            self.beneficiary.file_number,
            declaration.signer_name,
            self.request.reason,
            "3,000.00",
        ):
            self.assertIn(said, text)
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.officer)
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("beneficiary_aid.report_request_form", request.ids)
        )
        self.assertTrue(content.startswith(b"%PDF"))

    def test_notice_goes_by_e_mail_without_a_word_on_the_case(self):
        self.beneficiary.partner_id.write({"email": "a@b.example", "lang": "en_US"})
        before = self.env["mail.mail"].search([])
        self._tell()
        mail = self.env["mail.mail"].search([]) - before
        mail = mail.filtered(
            lambda one: self.beneficiary.partner_id in one.recipient_ids
        )
        self.assertEqual(len(mail), 1)
        self.assertIn(self.request.name, f"{mail.subject}{mail.body_html}")
        for hidden in (self.aid_type.name, "accepted", "2,000", self.request.reason):
            self.assertNotIn(hidden, f"{mail.subject}{mail.body_html}")


@tagged("post_install", "-at_install")
class TestLetterPortal(AidPortalCommon):
    """A person takes his own letter, and nobody else's."""

    def _decided(self, beneficiary):
        request = self.env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": beneficiary.id,
                "aid_type_id": self.aid_type.id,
                "reason": "Private words",
            }
        )
        decision = self.env["beneficiary.decision"]._record(
            {
                "request_id": request.id,
                "company_id": request.company_id.id,
                "round": 0,
                "kind": "brought",
                "outcome": "decline",
                "passed": True,
                "public_text": "Your request could not be approved.",
                "reason_id": self.env.ref(
                    "beneficiary_aid.decision_reason_not_entitled"
                ).id,
                "explanation": "Brought",
                "rule_snapshot": {},
                "ballot_snapshot": [],
                "dossier_hash": "x",
            }
        )
        request.decision_id = decision
        return request

    def test_letter_is_there_when_the_answer_was_told(self):
        request = self._decided(self.own)
        url = f"/my/requests/{request.id}/letter"
        self.assertNotIn(url, self.url_open(f"/my/requests/{request.id}").text)
        request.told_on = "2026-01-05"
        # The page offers it, too.
        self.assertIn(url, self.url_open(f"/my/requests/{request.id}").text)
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_letter_of_referral_is_there_for_the_person(self):
        request = self._create_request(self.own)
        url = f"/my/requests/{request.id}/letter"
        self.assertNotIn(url, self.url_open(f"/my/requests/{request.id}").text)
        request._refer_elsewhere("The hospital", "Please help.", "Not our area")
        page = self.url_open(f"/my/requests/{request.id}").text
        self.assertIn(url, page)
        self.assertNotIn("Not our area", page)
        answer = self.url_open(url)
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        other = self._create_request(self.foreign)
        other._refer_elsewhere("The hospital", "Please help.", "Not our area")
        answer = self.url_open(f"/my/requests/{other.id}/letter")
        self.assertEqual(answer.status_code, 404)

    def test_letter_waits_for_the_telling(self):
        request = self._decided(self.own)
        self.assertEqual(
            self.url_open(f"/my/requests/{request.id}/letter").status_code, 404
        )

    def test_letter_of_somebody_else_is_not_there(self):
        request = self._decided(self.foreign)
        request.told_on = "2026-01-05"
        self.assertEqual(
            self.url_open(f"/my/requests/{request.id}/letter").status_code, 404
        )
        with self.assertRaises(AccessError):
            request.with_user(self.user)._portal_letter()
