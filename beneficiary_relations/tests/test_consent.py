import base64

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CITIZENS, PDF, BeneficiaryCommon
from .common_portal import make_png

PNG = base64.b64encode(make_png())


class ConsentCommon(BeneficiaryCommon):
    """A privacy notice in force, and a child with a guardian."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.notice = cls.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "What we do with your data."}
        )
        cls.notice.action_put_in_force()
        cls.child = cls._create_beneficiary(
            name="خالد العتيبي",
            identity_number=CITIZENS[1],
            birth_date=fields.Date.today() - relativedelta(years=10),
        )
        cls.guardian = cls.env["beneficiary.mandate"].create(
            {
                "beneficiary_id": cls.child.id,
                "holder_id": cls.beneficiary.partner_id.id,
                "can_sign": True,
                "proof": base64.b64encode(PDF),
            }
        )
        cls.guardian.action_activate()

    def _consent(self, beneficiary=None, **values):
        return (
            self.env["beneficiary.consent"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_id": (beneficiary or self.beneficiary).id,
                    "notice_id": self.notice.id,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestConsent(ConsentCommon):
    """What people are told, what they agree to, and how they withdraw it."""

    def test_new_notice_ends_the_one_before(self):
        newer = self.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "Something new."}
        )
        self.assertEqual((self.notice.version, newer.version), (1, 2))
        newer.action_put_in_force()
        self.assertEqual(self.notice.state, "superseded")
        self.assertEqual(
            self.env["beneficiary.privacy.notice"]._in_force(self.company), newer
        )

    def test_words_in_force_are_kept(self):
        with self.assertRaisesRegex(UserError, "keeps its words"):
            self.notice.text = "Something else."
        with self.assertRaisesRegex(UserError, "is kept"):
            self.notice.unlink()
        with self.assertRaisesRegex(UserError, "button"):
            self.notice.with_user(self.privacy).state = "draft"
        copy = self.env["beneficiary.privacy.notice"].browse(
            self.notice.action_new_version()["res_id"]
        )
        copy.text = "Something else."

    def test_notice_is_written_by_privacy_officer_only(self):
        draft = self.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "Something new."}
        )
        with self.assertRaises(AccessError):
            draft.with_user(self.officer).action_put_in_force()
        draft.with_user(self.privacy).action_put_in_force()
        self.assertEqual(draft.state, "in_force")

    def test_consent_holds_until_it_is_withdrawn(self):
        self.assertFalse(self.beneficiary._has_consent("photo"))
        consent = self._consent(purpose="photo")
        self.assertTrue(self.beneficiary._has_consent("photo"))
        self.assertFalse(self.beneficiary._has_consent("donor"))
        consent.action_withdraw()
        consent.action_withdraw()
        self.assertFalse(self.beneficiary._has_consent("photo"))
        self.assertTrue(self._consent(purpose="photo").is_given)

    def test_consents_of_many_are_asked_in_one_query(self):
        self._consent(purpose="photo")
        people = self.beneficiary | self.child
        people._with_consent("photo")
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(people._with_consent("photo"), self.beneficiary)

    def test_same_consent_twice_is_refused(self):
        self._consent()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._consent()

    def test_consent_is_never_edited_or_deleted(self):
        consent = self._consent()
        for vals in ({"purpose": "donor"}, {"withdrawn_on": "2020-01-01"}):
            with self.assertRaisesRegex(UserError, "not edited"):
                consent.write(vals)
        with self.assertRaisesRegex(UserError, "evidence"):
            consent.sudo().unlink()

    def test_guardian_agrees_for_a_child(self):
        with (
            self.assertRaisesRegex(ValidationError, "under age"),
            self.env.cr.savepoint(),
        ):
            self._consent(self.child)
        consent = self._consent(self.child, mandate_id=self.guardian.id)
        self.assertTrue(consent.is_given)
        self.assertIn("for خالد العتيبي", self.guardian.message_ids[0].body)

    def test_mandate_for_another_person_or_without_signing_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "does not cover"):
            self._consent(self.beneficiary, mandate_id=self.guardian.id)
        self.guardian.action_end()
        with self.assertRaisesRegex(ValidationError, "does not cover"):
            self._consent(
                self.child,
                mandate_id=self.guardian.id,
                given_on=fields.Date.today() - relativedelta(days=1),
            )

    def test_notice_nobody_was_told_is_refused(self):
        draft = self.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "Something new."}
        )
        with self.assertRaisesRegex(ValidationError, "draft"):
            self._consent(notice_id=draft.id)

    def test_roles(self):
        consent = self._consent()
        with self.assertRaises(AccessError):
            consent.with_user(self.auditor).action_withdraw()
        with self.assertRaises(AccessError):
            self.env["beneficiary.consent"].with_user(self.auditor).create(
                {"beneficiary_id": self.beneficiary.id, "notice_id": self.notice.id}
            )
        for user in (self.employee, self.quality, self.representative):
            self.assertFalse(consent.with_user(user).has_access("read"))
        consent.with_user(self.privacy).action_withdraw()
        self.assertFalse(consent.is_given)

    def test_withdrawal_asks_the_privacy_officer_in_neutral_words(self):
        consent = self._consent()
        self.beneficiary.health_condition = "Asthma"
        consent.action_withdraw()
        activity = self.beneficiary.activity_ids
        self.assertEqual(activity.user_id, self.privacy)
        self.assertNotRegex(activity.summary.lower(), "health|sensitive|prison")


@tagged("post_install", "-at_install")
class TestAgreement(ConsentCommon):
    """The texts people sign, and what stays of their signature (C02)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = cls.env["beneficiary.agreement.text"].create(
            {"name": "Service agreement", "text": "We serve, you tell the truth."}
        )
        cls.text.action_put_in_force()

    def _sign(self, beneficiary=None, user=None, **values):
        return (
            self.env["beneficiary.agreement"]
            .with_user(user or self.officer)
            .create(
                {
                    "beneficiary_id": (beneficiary or self.beneficiary).id,
                    "text_id": self.text.id,
                    "signature": PNG,
                    **values,
                }
            )
        )

    def test_signature_keeps_the_words(self):
        agreement = self._sign()
        self.assertEqual(agreement.signer_name, self.beneficiary.name)
        self.assertEqual(agreement.user_id, self.officer)
        for words in (
            self.text.text,
            self.text.duties,
            self.text.consequences,
            self.text.dispute_route,
        ):
            self.assertIn(words, agreement.full_text)
        self.assertEqual(len(agreement.text_hash), 64)

    def test_typed_words_and_signer_are_not_taken(self):
        agreement = self._sign(
            full_text="Nothing", signer_name="Somebody", user_id=self.manager.id
        )
        self.assertIn(self.text.text, agreement.full_text)
        self.assertEqual(agreement.signer_name, self.beneficiary.name)
        self.assertEqual(agreement.user_id, self.officer)

    def test_agreement_is_append_only_by_any_route(self):
        agreement = self._sign()
        for record in (agreement, agreement.sudo()):
            with self.assertRaises(UserError):
                record.write({"signer_name": "Somebody"})
            with self.assertRaises(UserError):
                record.with_context(beneficiary_anonymising=True).write(
                    {"signer_name": "Somebody"}
                )
        with self.assertRaisesRegex(UserError, "evidence"):
            agreement.sudo().unlink()

    def test_empty_signature_and_false_scan_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "empty"):
            self._sign(signature=False)
        with self.assertRaisesRegex(ValidationError, "scan"):
            self._sign(method="paper")
        with self.assertRaisesRegex(ValidationError, "no picture"):
            self._sign(
                method="paper",
                scan=base64.b64encode(b"PK\3\4" + b"\0" * 60),
                scan_filename="signed.pdf",
            )
        paper = self._sign(
            method="paper", scan=base64.b64encode(PDF), scan_filename="signed.pdf"
        )
        self.assertTrue(paper)

    def test_draft_and_superseded_texts_are_not_signed(self):
        newer = self.text.copy({"name": "Service agreement"})
        with self.assertRaisesRegex(UserError, "not in force"):
            self._sign(text_id=newer.id)
        newer.action_put_in_force()
        with self.assertRaisesRegex(UserError, "not in force"):
            self._sign()

    def test_texts_of_two_kinds_are_in_force_together(self):
        declaration = self.env["beneficiary.agreement.text"].create(
            {"name": "Declaration", "kind": "declaration", "text": "It is true."}
        )
        declaration.action_put_in_force()
        self.assertEqual(self.text.state, "in_force")
        self.assertEqual(declaration.version, 1)

    def test_guardian_signs_for_a_child(self):
        with self.assertRaisesRegex(ValidationError, "under age"):
            self._sign(self.child)
        agreement = self._sign(self.child, mandate_id=self.guardian.id)
        self.assertEqual(agreement.signer_name, self.beneficiary.name)

    def test_roles(self):
        agreement = self._sign()
        for user in (self.auditor, self.privacy, self.complaints):
            self.assertTrue(agreement.with_user(user).has_access("read"))
            with self.assertRaises(AccessError):
                self._sign(user=user)
        for user in (self.employee, self.representative, self.quality):
            self.assertFalse(agreement.with_user(user).has_access("read"))
        with self.assertRaises(AccessError):
            self.text.with_user(self.manager).action_new_version()
