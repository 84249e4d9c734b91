import base64

from dateutil.relativedelta import relativedelta
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..exceptions import PortalError
from .common import CITIZENS, PDF, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestMandate(BeneficiaryCommon):
    """Who acts for whom, with what proof, and until when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.child = cls._create_beneficiary(
            name="خالد العتيبي",
            identity_number=CITIZENS[1],
            birth_date=fields.Date.today() - relativedelta(years=10),
        )
        cls.holder = cls.env["res.partner"].create(
            {
                "name": "Nasser",
                "email": "nasser@example.org",
                "company_id": cls.company.id,
            }
        )

    def _create_mandate(self, **values):
        return (
            self.env["beneficiary.mandate"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_id": self.child.id,
                    "holder_id": self.holder.id,
                    "proof": base64.b64encode(PDF),
                    "proof_filename": "deed.pdf",
                    **values,
                }
            )
        )

    def _activated(self, **values):
        mandate = self._create_mandate(**values)
        mandate.action_activate()
        mandate.action_grant_portal()
        return mandate, mandate.holder_user_id

    def test_activating_opens_the_file_and_ending_closes_it(self):
        mandate, user = self._activated()
        files = self.env["beneficiary.beneficiary"].with_user(user)
        self.assertEqual(files._portal_own(), self.child)
        access = self.child.portal_access_ids
        self.assertEqual((access.kind, access.date_end), ("mandate", mandate.last_day))
        mandate.action_end()
        self.assertFalse(self.child.portal_access_ids)
        self.assertFalse(files._portal_own())
        mandate.action_end()
        self.assertEqual(mandate.state, "ended")

    def test_activating_twice_gives_one_access(self):
        mandate, _user = self._activated()
        mandate.action_activate()
        self.assertEqual(len(self.child.portal_access_ids), 1)

    def test_mandate_without_proof_is_refused(self):
        mandate = self._create_mandate(proof=False)
        with self.assertRaisesRegex(UserError, "no proof"):
            mandate.action_activate()

    def test_program_named_as_pdf_is_no_proof(self):
        with self.assertRaisesRegex(ValidationError, "no picture"):
            self._create_mandate(proof=base64.b64encode(b"MZ" + b"\0" * 80))

    def test_paper_in_the_wallet_is_proof(self):
        document = self._create_document(self.child)
        mandate = self._create_mandate(proof=False, document_id=document.id)
        mandate.action_activate()
        self.assertEqual(mandate.state, "active")

    def test_guardian_needs_the_birth_date_of_the_child(self):
        self.child.birth_date = False
        mandate = self._create_mandate()
        with self.assertRaisesRegex(UserError, "birth date"):
            mandate.action_activate()

    def test_mandate_ends_by_itself_at_majority(self):
        mandate, user = self._activated()
        birthday = self.child.birth_date + relativedelta(years=18)
        self.assertEqual(mandate.last_day, birthday - relativedelta(days=1))
        with freeze_time(birthday - relativedelta(days=1)):
            self.env["beneficiary.mandate"]._cron_end()
            self.assertEqual(mandate.state, "active")
        with freeze_time(birthday), self.enter_registry_test_mode():
            self.assertFalse(
                self.env["beneficiary.mandate"]._acting_for(self.child, user)
            )
            self.env.ref(
                "beneficiary_relations.ir_cron_end_mandates"
            ).method_direct_trigger()
        self.assertEqual(mandate.state, "ended")
        self.assertFalse(self.child.portal_access_ids)

    def test_age_of_majority_comes_from_the_policy(self):
        mandate, _user = self._activated()
        self.policy.majority_age = 15
        last_day = self.child.birth_date + relativedelta(years=15, days=-1)
        self.assertEqual(mandate.last_day, last_day)
        self.assertEqual(self.child.portal_access_ids.date_end, last_day)

    def test_corrected_birth_date_moves_the_end(self):
        mandate, _user = self._activated()
        self.child.birth_date -= relativedelta(years=1)
        last_day = self.child.birth_date + relativedelta(years=18, days=-1)
        self.assertEqual(mandate.last_day, last_day)
        self.assertEqual(self.child.portal_access_ids.date_end, last_day)

    def test_agent_of_an_adult_ends_on_the_date_of_the_paper(self):
        today = fields.Date.today()
        mandate = self._create_mandate(
            kind="agent",
            beneficiary_id=self.beneficiary.id,
            date_end=today + relativedelta(days=3),
        )
        self.assertFalse(mandate.ends_at_majority)
        self.assertEqual(mandate.last_day, today + relativedelta(days=3))

    def test_mandate_that_has_run_out_is_not_activated(self):
        mandate = self._create_mandate(date_start="2020-01-01", date_end="2020-02-01")
        with self.assertRaisesRegex(UserError, "run out"):
            mandate.action_activate()

    def test_mandate_of_tomorrow_opens_nothing_today(self):
        tomorrow = fields.Date.today() + relativedelta(days=1)
        _mandate, user = self._activated(date_start=tomorrow)
        self.assertFalse(self.child.portal_access_ids)
        with freeze_time(tomorrow + relativedelta(days=1)):
            self.env["beneficiary.mandate"]._cron_end()
        self.assertEqual(self.child.portal_access_ids.user_id, user)

    def test_mandates_in_a_circle_are_refused(self):
        third = self._create_beneficiary(identity_number=CITIZENS[2])
        self._create_mandate(
            kind="agent",
            beneficiary_id=self.beneficiary.id,
            holder_id=self.child.partner_id.id,
        )
        self._create_mandate(
            kind="agent",
            beneficiary_id=self.child.id,
            holder_id=third.partner_id.id,
        )
        for beneficiary, holder in (
            (self.child, self.beneficiary),
            (third, self.beneficiary),
        ):
            with (
                self.subTest(holder=holder),
                self.assertRaisesRegex(ValidationError, "circle"),
            ):
                self._create_mandate(
                    kind="agent",
                    beneficiary_id=beneficiary.id,
                    holder_id=holder.partner_id.id,
                )

    def test_two_active_mandates_between_two_people_are_refused(self):
        self._activated()
        second = self._create_mandate(kind="agent")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            second.action_activate()

    def test_nobody_holds_a_mandate_for_himself(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_mandate(holder_id=self.child.partner_id.id)

    def test_representative_of_another_branch_is_refused(self):
        values = {
            "kind": "branch_representative",
            "holder_id": self.representative.partner_id.id,
        }
        with self.assertRaisesRegex(ValidationError, "branch"):
            self._create_mandate(**values)
        self.child.branch_id = self.branch
        mandate = self._create_mandate(**values)
        mandate.action_activate()
        self.assertFalse(self.child.portal_access_ids)
        self.assertEqual(
            self.env["beneficiary.mandate"]._acting_for(
                self.child, self.representative
            ),
            mandate,
        )

    def test_what_an_active_mandate_says_is_kept(self):
        mandate, _user = self._activated()
        for vals in ({"can_sign": True}, {"kind": "agent"}, {"proof": False}):
            with self.assertRaisesRegex(UserError, "no draft any more"):
                mandate.write(vals)
        with self.assertRaisesRegex(UserError, "kept"):
            mandate.unlink()

    def test_state_is_not_typed_by_any_route(self):
        mandate = self._create_mandate()
        with self.assertRaisesRegex(UserError, "buttons"):
            mandate.state = "active"
        with self.assertRaisesRegex(UserError, "buttons"):
            self._create_mandate(state="active")
        with self.assertRaisesRegex(UserError, "buttons"):
            self.env["beneficiary.mandate"].with_user(self.officer).with_context(
                default_state="active"
            ).create({"beneficiary_id": self.child.id, "holder_id": self.holder.id})

    def test_roles(self):
        mandate = self._create_mandate()
        for user in (self.auditor, self.researcher, self.privacy, self.complaints):
            seen = mandate.with_user(user)
            self.assertTrue(seen.has_access("read"))
            self.assertFalse(seen.has_access("write"))
            with self.assertRaises(AccessError):
                seen.action_activate()
        for user in (self.quality, self.employee, self.representative):
            self.assertFalse(mandate.with_user(user).has_access("read"))
        self.child.branch_id = self.branch
        own = mandate.with_user(self.representative)
        self.assertTrue(own.has_access("write"))
        with self.assertRaisesRegex(UserError, "role"):
            own.action_activate()

    def test_other_association_and_portal_user_see_no_mandate(self):
        mandate, user = self._activated()
        self.assertFalse(mandate.with_user(user).has_access("read"))
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "administrator", other)
        self.assertFalse(
            mandate.with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .has_access("read")
        )

    def test_portal_act_shows_both_names(self):
        mandate, user = self._activated()
        document = (
            self.env["beneficiary.document"]
            .with_user(user)
            ._portal_upload(
                self.child.with_user(user), self.identity_type.id, [("id.pdf", PDF)]
            )
        )
        for thread in (mandate, document.with_user(self.officer)):
            body = thread.message_ids[:1].body
            self.assertIn("Nasser for خالد العتيبي", body)
        self.assertFalse(
            mandate.sudo().message_partner_ids & (self.holder | self.child.partner_id)
        )

    def test_holder_who_may_only_look_hands_in_nothing(self):
        _mandate, user = self._activated(can_apply=False)
        with self.assertRaisesRegex(PortalError, "does not cover"):
            self.env["beneficiary.document"].with_user(user)._portal_upload(
                self.child.with_user(user), self.identity_type.id, [("id.pdf", PDF)]
            )
