import base64

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common import CITIZENS, IBAN, PDF

from .finance_common import FinanceCommon
from .test_mandate_scope import create_mandate

OTHER_IBAN = "SA4420000001234567891234"


@tagged("post_install", "-at_install")
class TestPaymentHold(FinanceCommon):
    """While a bank account is being changed, nobody pays to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_user("colleague", "relations_officer")
        cls.beneficiary.iban = IBAN
        cls._donate(1000)
        cls.request = cls._approve(300)
        cls.disbursement = cls._disburse(cls.request, 100)

    def _ask(self, file=None):
        return (
            self.env["beneficiary.iban.change"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_id": (file or self.beneficiary).id,
                    "new_iban": OTHER_IBAN,
                    "holder_name": (file or self.beneficiary).name,
                    "proof": base64.b64encode(PDF),
                    "proof_filename": "bank.pdf",
                }
            )
        )

    def _register(self):
        """Register the payment as an accountant does over RPC."""
        return (
            self.env["account.payment.register"]
            .with_user(self.releaser)
            .with_context(
                active_model="account.move.line",
                active_ids=self.disbursement.move_line_id.ids,
            )
            .create({"journal_id": self.bank.id})
        )

    def test_release_waits_for_the_second_person(self):
        self._ask()
        own = self.disbursement.with_user(self.releaser)
        self.assertIn("being changed", own.release_refusal)
        with self.assertRefused(self.disbursement.name, "being changed"):
            own.action_register_payment()

    def test_refusal_names_nobody(self):
        self._ask()
        with self.assertRaises(UserError) as refused:
            self._release(self.disbursement)
        self.assertNotIn(self.beneficiary.name, str(refused.exception))
        self.assertNotIn(OTHER_IBAN, str(refused.exception))

    def test_payment_screen_that_was_open_before_is_refused(self):
        screen = self._register()
        self._ask()
        with self.assertRefused("being changed"):
            screen._create_payments()
        self.assertState(self.disbursement, "due")

    def test_payment_written_by_hand_is_refused(self):
        self._ask()
        payment = (
            self.env["account.payment"]
            .with_user(self.accountant)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": self.beneficiary.partner_id.id,
                    "amount": 100,
                    "journal_id": self.bank.id,
                    "date": fields.Date.today(),
                }
            )
        )
        with self.assertRefused("being changed"):
            payment.action_post()

    def test_odoo_itself_waits_as_well(self):
        self._ask()
        with self.assertRefused("being changed"):
            self.disbursement._check_may_release(self.env.user)

    def test_guardian_is_held_by_a_change_of_his_own_account(self):
        guardian = self._create_beneficiary(
            name="سعيد الغامدي", identity_number=CITIZENS[3], iban=IBAN
        )
        create_mandate(self, self.beneficiary, guardian.partner_id, can_receive=True)
        disbursement = self._disburse(self.request, 50, payee_id=guardian.partner_id.id)
        self._ask()
        self.assertFalse(disbursement.is_held)
        self._ask(guardian)
        disbursement.invalidate_recordset(["is_held"])
        self.assertTrue(disbursement.is_held)
        with self.assertRefused(disbursement.name, "being changed"):
            self._release(disbursement)

    def test_payee_without_a_file_is_never_held(self):
        self._ask()
        vendor = self.env["res.partner"].create(
            {"name": "Hospital", "is_company": True}
        )
        disbursement = self._disburse(self.request, 50, payee_id=vendor.id)
        self._release(disbursement)
        self.assertState(disbursement, "sent")

    def test_answer_lets_the_payment_go_to_the_confirmed_account(self):
        change = self._ask().with_user(self.colleague)
        change.action_confirm()
        self.assertEqual(
            self.disbursement.payee_bank_id.sanitized_acc_number, OTHER_IBAN
        )
        payment = self._release(self.disbursement)
        self.assertEqual(payment.partner_bank_id.sanitized_acc_number, OTHER_IBAN)
        self.assertState(self.disbursement, "sent")

    def test_refused_change_lets_the_payment_go_to_the_old_account(self):
        change = self._ask().with_user(self.colleague)
        change.refuse_reason = "Not the bank's paper"
        change.action_refuse()
        payment = self._release(self.disbursement)
        self.assertEqual(payment.partner_bank_id.sanitized_acc_number, IBAN)

    def test_what_was_paid_keeps_its_account(self):
        self._release(self.disbursement)
        self._ask().with_user(self.colleague).action_confirm()
        self.assertEqual(self.disbursement.payee_bank_id.sanitized_acc_number, IBAN)

    def test_list_of_what_is_held(self):
        Disbursement = self.env["beneficiary.disbursement"].with_user(self.releaser)
        self.assertFalse(Disbursement.search([("is_held", "=", True)]))
        self._ask()
        self.assertEqual(
            Disbursement.search([("is_held", "=", True)]), self.disbursement
        )
        free = [("is_held", "=", False), ("id", "=", self.disbursement.id)]
        self.assertFalse(Disbursement.search(free))

    def test_number_of_queries_is_fixed(self):
        disbursements = self.disbursement | self._disburse(self.request, 20)
        disbursements |= self._disburse(self.request, 30)
        self._ask()
        disbursements.mapped("payee_bank_id.partner_id")
        self.env.flush_all()
        with self.assertQueryCount(2):
            self.assertEqual(disbursements._get_held(), disbursements)
