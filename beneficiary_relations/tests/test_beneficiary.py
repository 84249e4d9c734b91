from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged, warmup
from odoo.tools import mute_logger

from .common import CITIZENS, IBAN, RESIDENT, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestBeneficiary(BeneficiaryCommon):
    """The file of a person: identity, contact, life."""

    def test_registering_opens_one_contact_of_the_association(self):
        partner = self.beneficiary.partner_id
        self.assertEqual(partner.company_id, self.company)
        self.assertTrue(partner.is_beneficiary)
        self.assertTrue(self.beneficiary.file_number)

    def test_officer_registers_on_the_form(self):
        form = Form(self.env["beneficiary.beneficiary"].with_user(self.officer))
        form.name = "سارة القحطاني"
        form.identity_number = "١٠١٠١٠١٠١٠"
        form.phone = "٠٥٠١٢٣٤٥٦٧"
        beneficiary = form.save()
        self.assertEqual(beneficiary.identity_number, CITIZENS[1])
        self.assertEqual(beneficiary.phone, "+966501234567")
        self.assertEqual(beneficiary.policy_id, self.policy)

    def test_invalid_identity_number_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "check digit"):
            self._create_beneficiary(identity_number="1000000000")

    def test_resident_number_as_citizen_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "first digit"):
            self._create_beneficiary(identity_number=RESIDENT)

    def test_second_file_for_one_identity_is_refused(self):
        with (
            self.assertRaises(IntegrityError) as error,
            mute_logger("odoo.sql_db"),
        ):
            self._create_beneficiary(identity_number=" ١٠٠٠٠٠٠٠٠٨ ")
        message = self.env["beneficiary.beneficiary"]._sql_error_to_message(
            error.exception
        )
        self.assertIn("file with this identity already", message)
        self.assertNotIn(CITIZENS[0], message)

    def test_closed_and_archived_file_still_holds_its_identity(self):
        reason = self.env.ref("beneficiary_relations.state_reason_own_request")
        self.beneficiary._change_state("closed", reason)
        self.beneficiary.active = False
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_beneficiary(identity_number=CITIZENS[0])

    def test_one_identity_may_have_a_file_in_each_association(self):
        other = self._create_association("Other")
        file = self.env["beneficiary.beneficiary"].create(
            {
                "name": "محمد",
                "company_id": other.id,
                "identity_number": CITIZENS[0],
            }
        )
        self.assertNotEqual(file.partner_id, self.beneficiary.partner_id)

    def test_invalid_phone_email_and_iban_are_refused(self):
        for values, words in (
            ({"phone": "12"}, "phone number"),
            ({"email": "no-address"}, "e-mail address"),
            ({"iban": "SA0380000000608010167510"}, "IBAN"),
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, words),
            ):
                self._create_beneficiary(**values)

    def test_iban_is_kept_on_the_contacts_bank_account(self):
        self.beneficiary.iban = "sa03 8000 0000 6080 1016 7519"
        account = self.beneficiary.partner_id.bank_ids
        self.assertEqual(account.sanitized_acc_number, IBAN)
        self.assertEqual(account.acc_type, "iban")
        self.beneficiary.invalidate_recordset(["iban"])
        self.assertEqual(self.beneficiary.iban, IBAN)

    def test_country_of_a_national_number_makes_no_second_person(self):
        kuwait = self.env.ref("base.kw")
        for country in (kuwait.id, False):
            with (
                self.subTest(country=country),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self._create_beneficiary(
                    identity_number=CITIZENS[0], identity_country_id=country
                )
                self.env.flush_all()

    def test_other_kinds_of_identity_are_told_apart_by_country(self):
        kuwait, sudan = self.env.ref("base.kw"), self.env.ref("base.sd")
        for kind in ("gcc", "passport", "other"):
            with self.subTest(kind=kind):
                values = {"identity_kind": kind, "identity_number": " ٧٨٤ 12-a"}
                file = self._create_beneficiary(identity_country_id=kuwait.id, **values)
                self.assertEqual(file.identity_number, "78412A")
                self._create_beneficiary(identity_country_id=sudan.id, **values)
                with self.assertRaisesRegex(ValidationError, "issuing country"):
                    self._create_beneficiary(**values)

    def test_border_number_comes_from_the_kingdom(self):
        file = self._create_beneficiary(
            identity_kind="border", identity_number="4263431178"
        )
        self.assertEqual(file.identity_country_id, self.env.ref("base.sa"))

    def test_name_that_hides_characters_is_refused(self):
        for name in ("محمد\u202eدمحم", "Ali\x00", "Ali\u2066"):
            for write in (
                lambda name=name: self._create_beneficiary(name=name),
                lambda name=name: self.beneficiary.write({"name": name}),
                lambda name=name: self.beneficiary.partner_id.write({"name": name}),
                lambda name=name: self.beneficiary.write({"state_note": name}),
            ):
                with self.assertRaisesRegex(ValidationError, "control characters"):
                    write()
        # What only separates letters is left out without a word.
        self.beneficiary.name = "\u200fعلي\u200b\nحسن"
        self.assertEqual(self.beneficiary.name, "علي حسن")

    def test_numbers_pasted_with_marks_are_stored_plain(self):
        self.beneficiary.write(
            {
                "identity_number": f"\u202a{CITIZENS[1]}\u202c",
                "phone": "\u202a٠٥٠١٢٣٤٥٦٧",
            }
        )
        self.assertEqual(self.beneficiary.identity_number, CITIZENS[1])
        self.assertEqual(self.beneficiary.phone, "+966501234567")

    def test_empty_and_overlong_names_are_refused_by_any_route(self):
        for name in ("", "  ", "\u200b"):
            with self.assertRaisesRegex(ValidationError, "needs the person's name"):
                self._create_beneficiary(name=name)
        with self.assertRaisesRegex(ValidationError, "200 characters"):
            self.beneficiary.partner_id.name = "ا" * 10_000

    def test_future_birth_date_is_refused(self):
        tomorrow = fields.Date.add(fields.Date.today(), days=2)
        with self.assertRaisesRegex(ValidationError, "future"):
            self.beneficiary.birth_date = tomorrow

    def test_overlong_name_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "200 characters"):
            self._create_beneficiary(name="ا" * 10_000)

    def test_file_is_found_by_number_and_by_name_in_any_spelling(self):
        Beneficiary = self.env["beneficiary.beneficiary"].with_user(self.officer)
        for words in (
            CITIZENS[0],
            "١٠٠٠٠٠٠٠٠٨",
            self.beneficiary.file_number,
            "احمد العتيبى",
        ):
            with self.subTest(words=words):
                found = Beneficiary.name_search(words)
                self.assertEqual([row[0] for row in found], self.beneficiary.ids)
        self.assertFalse(Beneficiary.name_search("لا أحد"))

    def test_age_is_searched_by_birth_date(self):
        self.beneficiary.birth_date = fields.Date.subtract(
            fields.Date.today(), years=18
        )
        Beneficiary = self.env["beneficiary.beneficiary"]
        me = [("id", "=", self.beneficiary.id)]
        self.assertEqual(self.beneficiary.age, 18)
        for operator, value, found in (
            (">=", 18, True),
            (">", 18, False),
            (">", 17, True),
            ("<", 18, False),
            ("<=", 18, True),
            ("<", 19, True),
        ):
            with self.subTest(operator=operator, value=value):
                count = Beneficiary.search_count([("age", operator, value), *me])
                self.assertEqual(bool(count), found)

    def test_life_of_a_file(self):
        file = self.beneficiary.with_user(self.officer)
        file.action_submit()
        self.assertEqual(file.state, "verification")
        file._activate()
        self.assertEqual(file.state, "active")
        self.assertTrue(file.next_review_date)
        reason = self.env.ref("beneficiary_relations.state_reason_moved")
        file._change_state("suspended", reason, "Moved to Riyadh")
        self.assertEqual(file.state, "suspended")
        self.beneficiary.with_user(self.manager)._reopen("Came back")
        self.assertEqual(file.state, "active")

    def test_file_without_identity_number_is_not_verified(self):
        file = self._create_beneficiary(identity_kind="other")
        with self.assertRaisesRegex(UserError, "no identity number"):
            file.action_submit()

    def test_suspending_without_reason_is_refused_by_any_route(self):
        self.beneficiary.action_submit()
        with self.assertRaisesRegex(UserError, "choose a reason"):
            self.beneficiary.with_user(self.officer).write({"state": "suspended"})

    def test_unknown_state_move_is_refused(self):
        with self.assertRaisesRegex(UserError, "cannot become"):
            self.beneficiary.write({"state": "suspended"})

    def test_deciding_does_not_reopen_a_closed_file(self):
        reason = self.env.ref("beneficiary_relations.state_reason_death")
        self.beneficiary._change_state("closed", reason)
        self.assertFalse(self.beneficiary._activate())
        self.assertEqual(self.beneficiary.state, "closed")

    def test_state_wizard_closes_with_a_reason(self):
        wizard = (
            self.env["beneficiary.state.change"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_ids": [fields.Command.set(self.beneficiary.ids)],
                    "target_state": "closed",
                    "reason_id": self.env.ref(
                        "beneficiary_relations.state_reason_death"
                    ).id,
                }
            )
        )
        wizard.action_apply()
        self.assertEqual(self.beneficiary.state, "closed")

    def test_file_past_draft_cannot_be_deleted(self):
        self.beneficiary.action_submit()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.beneficiary.unlink()

    def test_contact_and_association_of_a_file_are_kept(self):
        other = self._create_association("Other")
        with self.assertRaisesRegex(UserError, "for good"):
            self.beneficiary.company_id = other

    def test_contacts_of_files_are_not_merged(self):
        other = self._create_beneficiary(identity_number=CITIZENS[1])
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaisesRegex(UserError, "beneficiary's file"):
            wizard._merge((self.beneficiary + other).partner_id.ids)

    def test_copy_is_another_person_with_another_contact(self):
        copy = self.beneficiary.copy()
        self.assertNotEqual(copy.partner_id, self.beneficiary.partner_id)
        self.assertFalse(copy.identity_number)
        self.assertFalse(copy.relationship)

    def test_import_names_the_faulty_row_and_keeps_nothing_half(self):
        rows = [
            ["Ali", "citizen", CITIZENS[2]],
            ["Wrong", "citizen", "1234567890"],
        ]
        result = (
            self.env["beneficiary.beneficiary"]
            .with_user(self.officer)
            .load(["name", "identity_kind", "identity_number"], rows)
        )
        self.assertFalse(result["ids"])
        faulty = [row for row in result["messages"] if row["rows"]["from"] == 1]
        self.assertIn("check digit", faulty[0]["message"])

    @warmup
    def test_registering_many_takes_a_fixed_number_of_queries(self):
        def register(count):
            return self.env["beneficiary.beneficiary"].create(
                [
                    {"name": f"Person {number}", "company_id": self.company.id}
                    for number in range(count)
                ]
            )

        register(1)
        before = self.env.cr.sql_log_count
        register(20)
        self.env.flush_all()
        few = self.env.cr.sql_log_count - before
        before = self.env.cr.sql_log_count
        register(200)
        self.env.flush_all()
        many = self.env.cr.sql_log_count - before
        # Rows are inserted by hundreds: a few statements more, none for a person.
        self.assertLess(many, few + 20)
