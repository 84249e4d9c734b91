import base64

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.names import compare_names
from .common import CITIZENS, IBAN, PDF, BeneficiaryCommon

OTHER_IBAN = "SA4420000001234567891234"


@tagged("post_install", "-at_install")
class TestIbanChange(BeneficiaryCommon):
    """Another IBAN: proof, a second person, a name check, payments held."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beneficiary.iban = IBAN
        cls.colleague = cls._create_user("colleague", "relations_officer")

    def _ask(self, user=None, **values):
        return (
            self.env["beneficiary.iban.change"]
            .with_user(user or self.officer)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "new_iban": "sa44 2000 0001 2345 6789 1234",
                    "holder_name": "محمد احمد العتيبى",
                    "proof": base64.b64encode(PDF),
                    "proof_filename": "bank.pdf",
                    **values,
                }
            )
        )

    def test_names_are_compared_in_any_spelling(self):
        for first, second, result in (
            ("محمد بن أحمد العتيبي", "محمد احمد العتيبى", "same"),
            ("محمد العتيبي", "محمد بن أحمد العتيبي", "close"),
            ("محمد", "محمد بن أحمد العتيبي", "different"),
            ("أحمد محمد العتيبي", "محمد أحمد العتيبي", "different"),
            ("", "محمد", "different"),
        ):
            with self.subTest(first=first, second=second):
                self.assertEqual(compare_names(first, second), result)

    def test_first_iban_is_free(self):
        file = self._create_beneficiary().with_user(self.officer)
        file.iban = OTHER_IBAN
        file.invalidate_recordset()
        self.assertEqual(file.iban, OTHER_IBAN)
        self.assertFalse(file._payment_held())

    def test_another_iban_is_refused_on_the_file_and_by_import(self):
        file = self.beneficiary.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Change IBAN"):
            file.iban = OTHER_IBAN
        file.invalidate_recordset()
        result = file.load([".id", "iban"], [[str(file.id), OTHER_IBAN]])
        self.assertFalse(result["ids"])
        self.assertIn("Change IBAN", result["messages"][0]["message"])
        file.iban = IBAN

    def test_another_iban_is_refused_on_the_bank_account_itself(self):
        account = self.beneficiary.partner_id.bank_ids.with_user(self.officer)
        other = self._create_beneficiary().partner_id
        for act in (
            lambda: account.write({"acc_number": OTHER_IBAN}),
            lambda: account.write({"active": False}),
            lambda: account.write({"partner_id": other.id}),
            lambda: account.unlink(),
            lambda: account.create(
                {"acc_number": OTHER_IBAN, "partner_id": account.partner_id.id}
            ),
        ):
            with self.assertRaises(UserError):
                act()
        self.assertEqual(self.beneficiary._current_ibans()[self.beneficiary], IBAN)

    def test_payment_is_held_until_a_second_person_confirms(self):
        change = self._ask()
        self.assertEqual(change.old_iban, IBAN)
        self.assertEqual(change.name_check, "same")
        self.assertTrue(self.beneficiary._payment_held())
        with self.assertRaisesRegex(UserError, "colleague"):
            change.action_confirm()
        change.with_user(self.colleague).action_confirm()
        self.assertFalse(self.beneficiary._payment_held())
        self.assertEqual(self.beneficiary.iban, OTHER_IBAN)
        self.assertEqual(change.confirmed_by_id, self.colleague)

    def test_confirming_twice_is_refused(self):
        change = self._ask().with_user(self.colleague)
        change.action_confirm()
        with self.assertRaisesRegex(UserError, "answered already"):
            change.action_confirm()

    def test_an_old_iban_can_come_back(self):
        self._ask().with_user(self.colleague).action_confirm()
        self._ask(new_iban=IBAN).with_user(self.colleague).action_confirm()
        self.assertEqual(self.beneficiary.iban, IBAN)
        self.assertEqual(len(self.beneficiary.partner_id.bank_ids), 2)

    def test_another_name_needs_an_explanation(self):
        change = self._ask(holder_name="خالد القحطاني").with_user(self.colleague)
        self.assertEqual(change.name_check, "different")
        with self.assertRaisesRegex(UserError, "another name"):
            change.action_confirm()
        change.name_note = "His guardian"
        change.action_confirm()
        self.assertEqual(self.beneficiary.iban, OTHER_IBAN)

    def test_refusing_needs_a_reason_and_keeps_the_iban(self):
        change = self._ask().with_user(self.colleague)
        with self.assertRaisesRegex(UserError, "why you refuse"):
            change.action_refuse()
        change.refuse_reason = "The paper is old"
        change.action_refuse()
        self.assertEqual(self.beneficiary.iban, IBAN)
        self.assertFalse(self.beneficiary._payment_held())

    def test_proof_is_typed_by_its_content(self):
        with self.assertRaises(ValidationError):
            self._ask(proof=base64.b64encode(b"MZ program"))

    def test_what_was_asked_is_not_typed_over(self):
        change = self._ask(asked_by_id=self.manager.id, state="confirmed")
        self.assertEqual(change.asked_by_id, self.officer)
        self.assertEqual(change.state, "asked")
        for values in ({"state": "confirmed"}, {"new_iban": IBAN}):
            with self.assertRaises(UserError):
                change.with_user(self.colleague).write(values)

    def test_a_second_change_waits_for_the_first(self):
        self._ask()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._ask()

    def test_the_same_iban_or_a_first_one_is_no_change(self):
        with self.assertRaisesRegex(UserError, "nothing to change"):
            self._ask(new_iban=IBAN)
        other = self._create_beneficiary()
        with self.assertRaisesRegex(UserError, "first one on the file"):
            self._ask(beneficiary_id=other.id)

    def test_roles(self):
        change = self._ask()
        with self.assertRaises(AccessError):
            change.with_user(self.employee).read(["new_iban"])
        with self.assertRaises(AccessError):
            self._ask(user=self.researcher)
        with self.assertRaises(UserError):
            change.with_user(self.researcher).action_confirm()
        self.assertTrue(change.with_user(self.auditor).new_iban)
        self.beneficiary.branch_id = self.branch
        self.env["beneficiary.iban.change"].with_user(self.representative).browse(
            change.id
        ).read(["new_iban"])
        with self.assertRaises(UserError):
            change.with_user(self.representative).action_confirm()

    def test_representative_of_another_branch_and_company_see_nothing(self):
        change = self._ask()
        with self.assertRaises(AccessError):
            change.with_user(self.representative).read(["new_iban"])
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "manager", other)
        with self.assertRaises(AccessError):
            change.with_user(stranger).with_context(allowed_company_ids=other.ids).read(
                ["new_iban"]
            )

    def test_held_payments_of_many_are_asked_in_one_query(self):
        files = self.beneficiary + self._create_beneficiary(identity_number=CITIZENS[1])
        self._ask()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(files._with_held_payment(), self.beneficiary)

    def test_destroying_personal_data_reaches_the_changes(self):
        change = self._ask()
        reason = self.env.ref("beneficiary_relations.state_reason_death")
        self.beneficiary._change_state("closed", reason)
        self.assertIn("IBAN", " ".join(self.beneficiary._anonymise_obstacles()))
        change.with_user(self.colleague).action_confirm()
        self.beneficiary._anonymise()
        self.assertEqual(change.new_iban, "—")
        self.assertFalse(change.old_iban or change.proof)
