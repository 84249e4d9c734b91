import base64

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.beneficiary_relations.exceptions import PortalError
from odoo.addons.beneficiary_relations.tests.common import CITIZENS, PDF

from .common import AidCommon
from .common_portal import AidPortalCommon
from .finance_common import FinanceCommon


def create_mandate(case, beneficiary, holder, **values):
    """An active mandate that lets its holder only read, unless told otherwise."""
    mandate = (
        case.env["beneficiary.mandate"]
        .with_user(case.officer)
        .create(
            {
                "beneficiary_id": beneficiary.id,
                "holder_id": holder.id,
                "kind": "agent",
                "can_apply": False,
                "proof": base64.b64encode(PDF),
                "proof_filename": "deed.pdf",
                **values,
            }
        )
    )
    mandate.action_activate()
    return mandate.with_env(case.env)


@tagged("post_install", "-at_install")
class TestMandateScopePortal(AidPortalCommon):
    """Who asks and signs for another in the portal needs a paper that says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls._create_beneficiary(
            name="خالد العتيبي", identity_number=CITIZENS[3]
        )

    def _mandate(self, **values):
        return create_mandate(self, self.person, self.user.partner_id, **values)

    def _start(self):
        Draft = self.env["beneficiary.aid.draft"].with_user(self.user)
        person = self.person.with_user(self.user)
        return Draft._portal_start(person, self.aid_type.id)

    def test_holder_without_scope_is_refused_at_the_start(self):
        for scopes in ({}, {"can_apply": True}, {"can_sign": True}):
            with self.subTest(scopes=scopes):
                mandate = self._mandate(**scopes)
                with self.assertRaisesRegex(PortalError, "does not cover"):
                    self._start()
                mandate.with_user(self.officer).action_end()

    def test_refusal_is_a_page_in_plain_words(self):
        self._mandate()
        response = self.start(beneficiary_id=self.person.id)
        self.assertEqual(response.status_code, 422)
        self.assertIn("Your mandate for", response.text)
        self.assertCalm(response)
        self.assertFalse(self.draft_of(self.user))

    def test_request_and_declaration_keep_both_names(self):
        mandate = self._mandate(can_apply=True, can_sign=True)
        self.start(beneficiary_id=self.person.id)
        draft = self.draft_of(self.user)
        url = f"/my/requests/new/{draft.id}"
        self.post(f"{url}/need", {"reason": "A need", "amount": "10"})
        self.post(f"{url}/documents")
        self.post(
            f"{url}/declaration",
            {"signer_name": "سارة الغامدي", "signature": self.signature},
        )
        self.post(f"{url}/send", {"form_key": self.form_key(url)})
        request = self.requests_of(self.person)
        self.assertEqual(request.mandate_id, mandate)
        self.assertEqual(request.entered_by_id, self.user)
        self.assertEqual(request.declaration_ids.mandate_id, mandate)
        for thread in (mandate, request):
            bodies = " ".join(thread.message_ids.mapped("body"))
            self.assertIn(f"{self.user.name} for {self.person.name}", bodies)

    def test_scope_lost_on_the_way_stops_the_sending(self):
        mandate = self._mandate(can_apply=True, can_sign=True)
        draft = self._start()
        self._sign_and_fill(draft)
        mandate.with_user(self.officer).action_end()
        self._mandate(can_apply=True)
        with self.assertRaisesRegex(PortalError, "does not cover"):
            draft._send()
        errors = draft._sign("سارة الغامدي", self.signature, "127.0.0.1")
        self.assertIn("does not cover", errors["signature"])
        self.assertFalse(self.requests_of(self.person))

    def _sign_and_fill(self, draft):
        draft._save_need("A need", "10", False)
        draft.documents_seen = True
        self.assertFalse(draft._sign("سارة الغامدي", self.signature, "127.0.0.1"))

    def test_person_himself_needs_no_mandate(self):
        draft, url = self.write_request()
        self.post(f"{url}/send", {"form_key": draft.form_key})
        request = self.requests_of(self.own)
        self.assertTrue(request)
        self.assertFalse(request.mandate_id)


@tagged("post_install", "-at_install")
class TestMandateScopeStaff(AidCommon):
    """A colleague who represents a person acts by his paper as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beneficiary.branch_id = cls.branch

    def _mandate(self, **values):
        return create_mandate(
            self,
            self.beneficiary,
            self.representative.partner_id,
            kind="branch_representative",
            **values,
        )

    def _enter(self):
        return (
            self.env["beneficiary.aid.request"]
            .with_user(self.representative)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "aid_type_id": self.aid_type.id,
                }
            )
        )

    def test_representative_asks_by_his_mandate(self):
        mandate = self._mandate(can_apply=True)
        request = self._enter()
        self.assertEqual(request.mandate_id, mandate)
        bodies = " ".join(request.sudo().message_ids.mapped("body"))
        self.assertIn(f"{self.representative.name} for {self.beneficiary.name}", bodies)

    def test_representative_without_scope_is_refused(self):
        self._mandate()
        with self.assertRaisesRegex(UserError, "does not cover"):
            self._enter()

    def test_declaration_needs_the_scope_to_sign(self):
        request = self._create_request()
        Declaration = self.env["beneficiary.declaration"].with_context(
            default_request_id=request.id
        )
        mandate = self._mandate(can_apply=True)
        with self.assertRaisesRegex(ValidationError, "does not cover"):
            Declaration.with_user(self.officer).create(
                {
                    "request_id": request.id,
                    "signer_name": "Nasser",
                    "mandate_id": mandate.id,
                    "scan": base64.b64encode(PDF),
                }
            )
        # An officer who represents the person signs by his paper, too.
        self.officer.group_ids = [
            Command.link(
                self.env.ref("beneficiary_relations.group_branch_representative").id
            )
        ]
        self.branch.user_ids |= self.officer
        create_mandate(self, self.beneficiary, self.officer.partner_id, can_apply=True)
        with self.assertRaisesRegex(UserError, "does not cover"):
            Declaration.with_user(self.officer).create(
                {
                    "request_id": request.id,
                    "signer_name": "Nasser",
                    "scan": base64.b64encode(PDF),
                }
            )

    def test_mandate_of_another_person_is_refused(self):
        other = self._create_other_beneficiary(branch_id=self.branch.id)
        mandate = create_mandate(
            self, other, self.env["res.partner"].create({"name": "X"}), can_apply=True
        )
        with self.assertRaisesRegex(ValidationError, "does not cover"):
            self._create_request(mandate_id=mandate.id)


@tagged("post_install", "-at_install")
class TestMandateScopePayee(FinanceCommon):
    """Money for a person goes to a representative who may receive it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.guardian = cls.env["res.partner"].create(
            {"name": "Nasser", "company_id": cls.company.id}
        )
        cls._donate(1000)
        cls.request = cls._approve(300)

    def test_holder_without_scope_is_no_payee(self):
        create_mandate(self, self.beneficiary, self.guardian, can_sign=True)
        with self.assertRefused("does not cover receiving"):
            self._disburse(self.request, 50, payee_id=self.guardian.id)

    def test_holder_with_scope_receives_under_both_names(self):
        mandate = create_mandate(
            self, self.beneficiary, self.guardian, can_receive=True
        )
        disbursement = self._disburse(self.request, 50, payee_id=self.guardian.id)
        self.assertEqual(disbursement.mandate_id, mandate)
        bodies = " ".join(mandate.message_ids.mapped("body"))
        self.assertIn(f"Nasser for {self.beneficiary.name}", bodies)
        self.assertIn(disbursement.name, bodies)

    def test_mandate_that_ended_stops_the_payment(self):
        mandate = create_mandate(
            self, self.beneficiary, self.guardian, can_receive=True
        )
        disbursement = self._disburse(self.request, 50, payee_id=self.guardian.id)
        draft = self._disburse(self.request, 50, payee_id=self.guardian.id, post=False)
        mandate.with_user(self.officer).action_end()
        with self.assertRefused(disbursement.name, "does not cover receiving"):
            self._release(disbursement)
        with self.assertRefused(draft.name, "does not cover receiving"):
            draft.action_post()

    def test_mandate_of_later_does_not_count_today(self):
        create_mandate(
            self,
            self.beneficiary,
            self.guardian,
            can_receive=True,
            date_start=fields.Date.add(fields.Date.today(), days=9),
        )
        with self.assertRefused("does not cover receiving"):
            self._disburse(self.request, 50, payee_id=self.guardian.id)

    def test_stranger_is_no_payee(self):
        for nature in ("cash", "recurring"):
            with self.subTest(nature=nature):
                self.aid_type.nature = nature
                with self.assertRefused("neither the person"):
                    self._disburse(self.request, 50, payee_id=self.guardian.id)
        other = self._create_beneficiary(name="A Neighbour")
        with self.assertRefused("neither the person"):
            self._disburse(self.request, 50, payee_id=other.partner_id.id)

    def test_vendor_who_is_a_person_is_paid_where_vendors_are(self):
        doctor = self.env["res.partner"].create({"name": "Doctor"})
        self.aid_type.nature = "vendor"
        disbursement = self._disburse(self.request, 50, payee_id=doctor.id)
        self.assertEqual(disbursement.payee_id, doctor)

    def test_vendor_needs_no_mandate(self):
        hospital = self.env["res.partner"].create(
            {"name": "Hospital", "is_company": True}
        )
        disbursement = self._disburse(self.request, 50, payee_id=hospital.id)
        self.assertFalse(disbursement.mandate_id)
