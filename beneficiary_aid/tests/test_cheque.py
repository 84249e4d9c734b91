import base64
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common_portal import make_png

from .batch_common import BatchCommon


class ChequeCommon(BatchCommon):
    """A request that is paid by cheque."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._donate(1000)
        cls.request = cls._approve(300)

    def _write_cheque(self, disbursements, number="000117", user=None, **values):
        """Release as a releaser does, with the number of the cheque."""
        user = user or self.releaser
        action = disbursements.with_user(user).action_register_payment()
        wizard = (
            self.env["account.payment.register"]
            .with_user(user)
            .with_context(**action["context"])
        )
        with Form(wizard) as form:
            form.journal_id = self.bank.with_user(user)
            if number:
                form.beneficiary_cheque_number = number
        register = form.save()
        register.write(values)
        payments = register._create_payments()
        return disbursements.cheque_ids.filtered(
            lambda cheque: cheque.payment_id in payments
        )

    def _by_cheque(self, amount=300, request=None, **values):
        return self._disburse(
            request or self.request, amount, pay_method="cheque", **values
        )

    def _hand(self, cheque, user=None, **values):
        window = (
            self.env["beneficiary.cheque.hand.over"]
            .with_user(user or self.clerk)
            .create(
                {
                    "cheque_ids": [fields.Command.set(cheque.ids)],
                    "taker_name": "Mohammed",
                    "signature": base64.b64encode(make_png()),
                    **values,
                }
            )
        )
        window.action_hand_over()

    def _void(self, cheque, user=None, kind="lost"):
        window = (
            self.env["beneficiary.cheque.void"]
            .with_user(user or self.releaser)
            .create({"cheque_id": cheque.id, "kind": kind, "reason": "In the bus"})
        )
        window.action_void()

    def _clear(self, cheque):
        outstanding, *_others = cheque.payment_id._seek_for_lines()
        self._match(self._bank_line(-cheque.amount), outstanding)

    def assertCheque(self, cheque, state):
        self.env.flush_all()
        cheque.invalidate_recordset()
        self.assertEqual(cheque.state, state)


@tagged("post_install", "-at_install")
class TestCheque(ChequeCommon):
    def test_written_handed_out_and_cleared(self):
        disbursement = self._by_cheque()
        self.assertFund(700, 0)
        cheque = self._write_cheque(disbursement, "٠٠٠١١٧")
        self.assertRecordValues(
            cheque,
            [
                {
                    "number": "000117",
                    "amount": 300,
                    "payee_id": self.beneficiary.partner_id.id,
                    "journal_id": self.bank.id,
                    "state": "written",
                }
            ],
        )
        method = cheque.payment_id.payment_method_line_id
        self.assertEqual(method.beneficiary_pay_method, "cheque")
        self.assertState(disbursement, "sent")
        self._hand(cheque)
        self.assertCheque(cheque, "handed")
        self.assertEqual(cheque.handed_to, "Mohammed")
        self.assertEqual(disbursement.receipt_state, "received")
        # Handed out is not paid: the bank statement says so.
        self.assertState(disbursement, "sent")
        self.assertEqual(self.request.amount_paid, 0)
        self._clear(cheque)
        self.assertCheque(cheque, "cleared")
        self.assertState(disbursement, "paid")
        self.assertEqual(self.request.amount_paid, 300)

    def test_lost_cheque_is_paid_again_from_the_same_promise(self):
        disbursement = self._by_cheque()
        cheque = self._write_cheque(disbursement)
        self._hand(cheque)
        self._void(cheque)
        self.assertCheque(cheque, "void")
        self.assertState(disbursement, "due")
        self.assertFund(700, 0)
        self.assertEqual(self.request.amount_committed, 0)
        again = self._write_cheque(disbursement, "000118")
        self.assertState(disbursement, "sent")
        self._clear(again)
        self.assertState(disbursement, "paid")
        self.assertCheque(cheque, "void")
        self.assertFund(700, 0)
        self.assertEqual(sum(self.request.disbursement_ids.mapped("amount")), 300)

    def test_void_cheque_may_be_paid_by_transfer(self):
        disbursement = self._by_cheque()
        self._void(self._write_cheque(disbursement), kind="spoilt")
        disbursement.with_user(self.clerk).pay_method = "transfer"
        self._release(disbursement)
        self.assertState(disbursement, "sent")

    def test_void_only_before_it_is_cleared_and_once(self):
        disbursement = self._by_cheque()
        cheque = self._write_cheque(disbursement)
        self._clear(cheque)
        with self.assertRefused("000117"):
            self._void(cheque)
        other = self._write_cheque(self._by_cheque(50, self._approve(50)), "5")
        self._void(other)
        with self.assertRefused("5"):
            self._void(other)
        with self.assertRefused("5"):
            self._hand(other)

    def test_payment_rejected_elsewhere_makes_it_void(self):
        cheque = self._write_cheque(self._by_cheque())
        cheque.payment_id.action_reject()
        self.assertCheque(cheque, "void")

    def test_number_is_needed_and_used_once(self):
        first = self._by_cheque(100)
        for number in ("12a", "1 " * 21):
            with self.subTest(number=number), self.assertRefused("digits"):
                self._write_cheque(first, number)
        # The form asks for it; a call over RPC meets the same rule.
        with self.assertRefused("digits"):
            self._write_cheque(first, "1", beneficiary_cheque_number=False)
        self._write_cheque(first, "7")
        second = self._by_cheque(100)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._write_cheque(second, "7")

    def test_one_cheque_for_one_payee(self):
        other = self._create_due(1, post=True)
        other.sudo().pay_method = "cheque"
        both = self._by_cheque(100) | other
        with self.assertRefused("one payee"):
            self._write_cheque(both)
        other.sudo().pay_method = "transfer"
        with self.assertRefused("apart"):
            self._write_cheque(both, None)

    def test_bill_of_a_vendor_by_cheque(self):
        self.aid_type.nature = "vendor"
        shop = self.env["res.partner"].create({"name": "Hospital"})
        requests = self.request + self._approve(200)
        wizard = (
            self.env["beneficiary.vendor.bill"]
            .with_user(self.clerk)
            .with_context(bill_request_ids=requests.ids)
            .create({"vendor_id": shop.id, "reference": "H-9"})
        )
        wizard.action_post()
        disbursements = requests.disbursement_ids
        disbursements.with_user(self.clerk).write({"pay_method": "cheque"})
        cheque = self._write_cheque(disbursements[0])
        self.assertEqual(cheque.amount, 500)
        self.assertEqual(cheque.disbursement_ids, disbursements)
        self._hand(cheque)
        # The hospital took it; that is no word of the persons.
        self.assertEqual(set(disbursements.mapped("receipt_state")), {"none"})
        self._clear(cheque)
        self.assertEqual(set(disbursements.mapped("state")), {"paid"})

    def test_what_a_vendor_takes_is_no_receipt_of_the_person(self):
        self.aid_type.nature = "vendor"
        shop = self.env["res.partner"].create({"name": "Pharmacy"})
        disbursement = self._by_cheque(100, payee_id=shop.id)
        self._hand(self._write_cheque(disbursement))
        self.assertEqual(disbursement.receipt_state, "none")

    def test_second_click_hands_over_once(self):
        cheque = self._write_cheque(self._by_cheque())
        self._hand(cheque)
        with self.assertRefused("000117"):
            self._hand(cheque)
        with self.assertRaises(UserError):
            self._write_cheque(cheque.disbursement_ids, "8")

    def test_cheques_of_one_payee_are_handed_over_together(self):
        first, second = (
            self._write_cheque(self._by_cheque(amount), number)
            for amount, number in ((100, "21"), (200, "22"))
        )
        action = (first + second).with_user(self.clerk).action_hand_over()
        self.assertEqual(
            action["context"], {"default_cheque_ids": (first + second).ids}
        )
        window = (
            self.env["beneficiary.cheque.hand.over"]
            .with_user(self.clerk)
            .with_context(**action["context"])
            .create({"taker_name": "Mohammed"})
        )
        self.assertEqual((window.amount, window.payee_id), (300, first.payee_id))
        self._hand(first + second)
        self.assertCheque(first, "handed")
        self.assertCheque(second, "handed")
        self.assertEqual(
            set((first + second).disbursement_ids.mapped("receipt_state")),
            {"received"},
        )
        # One of them again: nothing of the other is recorded either.
        third = self._write_cheque(self._by_cheque(50, self._approve(50)), "23")
        with self.assertRefused("21"):
            self._hand(first + third)
        self.assertCheque(third, "written")

    def test_cheques_of_several_payees_are_not_handed_over_together(self):
        self.aid_type.nature = "vendor"
        cheques = self.env["beneficiary.cheque"]
        for number in ("31", "32"):
            shop = self.env["res.partner"].create({"name": f"Shop {number}"})
            cheques += self._write_cheque(
                self._by_cheque(100, payee_id=shop.id), number
            )
        with self.assertRefused("one payee"):
            cheques.with_user(self.clerk).action_hand_over()
        with self.assertRefused("one payee"):
            self._hand(cheques)
        self.assertEqual(set(cheques.mapped("state")), {"written"})

    def test_slips_are_printed_for_those_to_hand_over(self):
        cheques = self._write_cheque(self._by_cheque(100), "41")
        cheques += self._write_cheque(self._by_cheque(200), "42")
        self.bank.name = "Zakat"
        for user in (self.clerk, self.releaser):
            slips = cheques.with_user(user)._slips_html()
            for word in (">41<", ">42<", *self.beneficiary.name.split()):
                self.assertIn(word, slips)
            # Our name of the account may say what the money is for.
            for word in (self.aid_type.name, self.request.name, "Zakat"):
                self.assertNotIn(word, slips)
        if self.env["res.lang"]._get_data(code="ar_001"):
            self.assertIn('dir="rtl"', slips)
        with self.assertRaises(AccessError):
            cheques.with_user(self.officer)._slips_html()
        self._hand(cheques[0])
        with self.assertRefused("41"):
            cheques.with_user(self.clerk)._slips_html()

    def test_proof_is_needed(self):
        cheque = self._write_cheque(self._by_cheque())
        with self.assertRaises(ValidationError):
            self._hand(cheque, signature=False)
        with self.assertRefused("who took"):
            self._hand(cheque, taker_name="   ")
        self._hand(cheque, signature=False, photo=base64.b64encode(make_png()))

    def test_roles(self):
        disbursement = self._by_cheque()
        for user in (self.clerk, self.aid_manager, self.officer):
            with self.subTest(write=user.login), self.assertRaises(AccessError):
                self._write_cheque(disbursement, user=user)
        disbursement.sudo().prepared_by_id = self.second
        with self.assertRefused("whoever prepared"):
            self._write_cheque(disbursement, user=self.second)
        cheque = self._write_cheque(disbursement)
        for user in (self.releaser, self.aid_manager, self.officer):
            with self.subTest(hand=user.login), self.assertRaises(AccessError):
                self._hand(cheque, user)
        for user in (self.clerk, self.aid_manager, self.officer):
            with self.subTest(void=user.login), self.assertRaises(AccessError):
                self._void(cheque, user)
        for user in (self.clerk, self.releaser, self.aid_manager, self.officer):
            self.assertEqual(cheque.with_user(user).amount, 300)

    def test_nothing_of_a_cheque_is_typed_in(self):
        cheque = self._write_cheque(self._by_cheque())
        for values in (
            {"number": "9"},
            {"state": "cleared"},
            {"handed_on": "2026-01-01"},
            {"void_kind": "lost"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                cheque.with_user(self.clerk).write(values)
        with self.assertRaises(UserError):
            self.env["beneficiary.cheque"].with_user(self.releaser).create(
                {"number": "1", "date": "2026-01-01"}
            )
        with self.assertRaises(UserError):
            cheque.with_user(self.clerk).unlink()

    def test_another_company_sees_none(self):
        cheque = self._write_cheque(self._by_cheque())
        other = self.env["res.company"].create({"name": "Other Association"})
        stranger = self._create_finance_user(
            "stranger", "beneficiary_aid.group_finance_clerk", other
        )
        with self.assertRaises(AccessError):
            cheque.with_user(stranger).with_context(allowed_company_ids=other.ids).read(
                ["number"]
            )

    def test_old_ones_are_found(self):
        cheque = self._write_cheque(self._by_cheque())
        find = [("is_old", "=", True), ("id", "=", cheque.id)]
        self.assertFalse(cheque.search(find))
        cheque.sudo().date = fields.Date.today() - timedelta(days=200)
        self.assertEqual(cheque.search(find), cheque)
        self.assertTrue(cheque.is_old)
        self._clear(cheque)
        self.assertFalse(cheque.search(find))

    def test_method_stays_once_it_is_paid(self):
        disbursement = self._by_cheque()
        self._write_cheque(disbursement)
        with self.assertRefused(disbursement.name):
            disbursement.with_user(self.clerk).pay_method = "transfer"


@tagged("post_install", "-at_install")
class TestAidCard(ChequeCommon):
    """Prepaid cards are loaded by a sheet like that of a bank, without an IBAN."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = cls.env["res.partner"].create({"name": "Card Company"})
        cls.sheet = cls.env["beneficiary.bank.sheet"].create(
            {
                "name": "Load file",
                "company_id": cls.company.id,
                "pay_method": "card",
                "file_format": "csv",
                "column_ids": [
                    fields.Command.create({"header": header, "content": content})
                    for header, content in (
                        ("Reference", "reference"),
                        ("Card", "card"),
                        ("Last", "card_last"),
                        ("Amount", "amount"),
                    )
                ],
            }
        )

    @classmethod
    def _card(cls, beneficiary=None, reference="TOKEN-1", last_digits="4321"):
        return (
            cls.env["beneficiary.aid.card"]
            .with_user(cls.clerk)
            .create(
                {
                    "beneficiary_id": (beneficiary or cls.beneficiary).id,
                    "issuer_id": cls.issuer.id,
                    "reference": reference,
                    "last_digits": last_digits,
                }
            )
        )

    def test_batch_of_cards_makes_the_load_file(self):
        due = self._create_due(2)
        for number, one in enumerate(due, start=1):
            self._card(one.beneficiary_id, f"TOKEN-{number}", f"000{number}")
            one.sudo().payee_bank_id = False
        due.with_user(self.clerk).write({"pay_method": "card"})
        self.assertEqual(due.card_id.mapped("last_digits"), ["0001", "0002"])
        plain = self._create_due(1)
        batch = self._gather(pay_method="card")
        self.assertEqual(batch.line_ids.disbursement_id, due)
        self.assertEqual(batch.sheet_id, self.sheet)
        batch.action_prepare()
        self._sign(batch)
        batch.with_user(self.releaser).action_export()
        content = batch.sudo().with_context(bin_size=False).export_file
        rows = self._decode(content)
        self.assertEqual(rows[0], "Reference,Card,Last,Amount")
        self.assertIn(f"{due[0].name},TOKEN-1,0001,100.00", rows)
        self.assertIn(f"{due[1].name},TOKEN-2,0002,100.00", rows)
        self.assertEqual(set(due.mapped("state")), {"sent"})
        self._on_bank(batch)
        self.assertEqual(set(due.mapped("state")), {"paid"})
        with self.assertRefused(plain.name):
            self._gather(plain, pay_method="card").action_prepare()

    def _decode(self, content):
        return base64.b64decode(content).decode().splitlines()

    def test_other_card_after_signing_is_refused(self):
        due = self._create_due(1)
        self._card(due.beneficiary_id)
        due.with_user(self.clerk).pay_method = "card"
        batch = self._gather(due, pay_method="card")
        batch.action_prepare()
        due.with_user(self.clerk).card_id = self._card(
            due.beneficiary_id, "TOKEN-2", "9999"
        )
        with self.assertRefused("changed since"):
            batch.with_user(self.releaser).action_release()

    def test_card_is_loaded_by_a_single_payment(self):
        card = self._card()
        disbursement = self._disburse(self.request, 100, pay_method="card")
        self.assertEqual(disbursement.card_id, card)
        payment = self._release(disbursement)
        self.assertEqual(payment.payment_method_line_id.beneficiary_pay_method, "card")
        self.assertState(disbursement, "sent")

    def test_blocked_or_missing_card_is_not_loaded(self):
        disbursement = self._disburse(self.request, 100, pay_method="card")
        with self.assertRefused("has no card"):
            self._release(disbursement)
        card = self._card()
        disbursement.with_user(self.clerk).card_id = card
        card.action_block()
        with self.assertRefused("4321"):
            self._release(disbursement)
        batch = self._gather(disbursement, pay_method="card")
        with self.assertRefused("blocked"):
            batch.action_prepare()
        with self.assertRaises(AccessError):
            card.action_unblock()
        batch.action_cancel()
        card.with_user(self.releaser).action_unblock()
        self._release(disbursement)

    def test_card_of_somebody_else_is_refused(self):
        other = self._create_due(1)
        card = self._card(other.beneficiary_id)
        with self.assertRaises(ValidationError):
            self._disburse(
                self.request, 100, pay_method="card", card_id=card.id, post=False
            )

    def test_number_of_a_card_is_not_kept(self):
        for reference in (
            "4111111111111111",
            "4111 1111 1111 1111",
            "5500-0055-5555-5559",
        ):
            with self.subTest(reference=reference), self.assertRaises(ValidationError):
                self._card(reference=reference)
        for digits in ("12a4", "123"):
            with (
                self.subTest(digits=digits),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
            ):
                self._card(last_digits=digits)

    def test_reference_is_for_finance_only(self):
        card = self._card()
        self.assertEqual(card.with_user(self.releaser).reference, "TOKEN-1")
        with self.assertRaises(AccessError):
            card.with_user(self.officer).read(["reference"])
        self.assertEqual(card.with_user(self.officer).last_digits, "4321")
        with self.assertRaises(AccessError):
            card.with_user(self.officer).last_digits = "1111"
        with self.assertRaises(UserError):
            card.state = "blocked"

    def test_loaded_card_stays(self):
        card = self._card()
        self._disburse(self.request, 100, pay_method="card")
        with self.assertRefused("loaded already"):
            card.reference = "TOKEN-9"
