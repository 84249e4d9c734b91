import base64

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from odoo.addons.beneficiary_relations.tests.common_portal import make_png

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestDelivery(FinanceCommon):
    """Goods leave the stock once, and the ledger says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aid_type.nature = "in_kind"
        cls._donate(1000)
        cls.goods = cls._donate(
            100,
            kind="in_kind",
            goods="3 blankets",
            valuation="Price in the shop",
            journal_id=False,
        )
        cls.lot = (
            cls.env["beneficiary.goods.lot"]
            .with_user(cls.clerk)
            .create(
                {
                    "name": "Blanket",
                    "donation_id": cls.goods.id,
                    "quantity": 3,
                    "value": 100,
                    "company_id": cls.company.id,
                }
            )
        )
        cls.request = cls._approve(200)

    def _prepare(self, quantity=1, lot=None, request=None):
        return (
            self.env["beneficiary.delivery"]
            .with_user(self.officer)
            .create(
                {
                    "request_id": (request or self.request).id,
                    "line_ids": [
                        Command.create(
                            {"lot_id": (lot or self.lot).id, "quantity": quantity}
                        )
                    ],
                }
            )
        )

    def _deliver(self, quantity=1, **values):
        delivery = self._prepare(quantity, **values)
        delivery.action_deliver()
        return delivery

    def test_entry_on_the_fund_leaves_its_balance(self):
        balance = self.fund.balance
        delivery = self._deliver()
        move = delivery.sudo().move_id
        self.assertEqual(delivery.state, "delivered")
        debit = move.line_ids.filtered("debit")
        self.assertEqual(
            (debit.account_id, debit.debit),
            (self.company.beneficiary_in_kind_account_id, 33.33),
        )
        credit = move.line_ids - debit
        self.assertEqual(credit.account_id, self.company.beneficiary_goods_account_id)
        account = str(self.fund.analytic_account_id.id)
        for line in move.line_ids:
            self.assertEqual(line.analytic_distribution, {account: 100})
        self.fund.invalidate_recordset()
        self.assertEqual(self.fund.balance, balance)
        self.assertFalse(self.fund._recount())

    def test_words_of_the_entry_are_neutral(self):
        delivery = self._deliver()
        move = delivery.sudo().move_id
        self.assertEqual({move.ref, *move.line_ids.mapped("name")}, {delivery.name})

    def test_the_last_piece_takes_what_is_left(self):
        values = [self._deliver().value for _number in range(3)]
        self.assertEqual(values, [33.33, 33.33, 33.34])
        self.assertEqual((self.lot.left, self.lot.value_given), (0, 100))

    def test_never_more_than_there_is(self):
        self._deliver(2)
        with self.assertRefused("Blanket"):
            self._deliver(2)
        self._deliver(1)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE beneficiary_goods_lot SET given = 4 WHERE id = %s",
                [self.lot.id],
            )

    def test_second_click(self):
        delivery = self._deliver()
        with self.assertRefused(delivery.name):
            delivery.action_deliver()
        with self.assertRaises(UserError):
            delivery.line_ids.quantity = 2
        self.assertEqual(self.lot.given, 1)

    def test_reverse_puts_back(self):
        delivery = self._deliver(3)
        delivery.with_user(self.clerk).action_reverse()
        self.assertEqual(delivery.state, "reversed")
        self.assertEqual((self.lot.given, self.lot.value_given), (0, 0))
        with self.assertRefused(delivery.name):
            delivery.with_user(self.clerk).action_reverse()
        self._deliver(3)

    def test_goods_and_money_stay_within_the_approval(self):
        request = self._approve(60)
        self._deliver(request=request)
        with self.assertRefused(request.name):
            self._deliver(1, request=request)

    def test_money_after_goods_stays_within_the_approval(self):
        request = self._approve(60)
        delivery = self._deliver(request=request)
        with self.assertRefused(request.name):
            self._disburse(request, 60.01 - delivery.value, post=False)
        if delivery.value < 60:
            self._disburse(request, 60 - delivery.value, post=False)

    # === The promise of the fund === #

    def test_goods_free_the_promise(self):
        self.assertFund(1000, 200)
        delivery = self._deliver()
        self.assertEqual(delivery.promise_freed, 33.33)
        self.assertEqual(self.request.amount_committed, 166.67)
        self.assertEqual(self.request.amount_delivered, 33.33)
        self.assertFund(1000, 166.67)
        self.assertFalse(self.fund._recount())

    def test_what_is_left_may_be_paid(self):
        self._deliver()
        payment = self._disburse(self.request)
        self.assertEqual(payment.amount, 166.67)
        self.assertTrue(self.request.is_fully_disbursed)
        self.assertEqual(self.request.amount_committed, 0)
        self.assertFund(833.33, 0)
        with self.assertRefused("disbursed already"):
            self.request.with_user(self.clerk).action_create_disbursement()

    def test_reversal_puts_the_promise_back(self):
        delivery = self._deliver(3)
        self.assertFund(1000, 100)
        delivery.with_user(self.clerk).action_reverse()
        self.assertEqual((delivery.promise_freed, delivery.is_cancelled), (0, True))
        self.assertEqual(self.request.amount_committed, 200)
        self.assertFund(1000, 200)
        self._deliver(3)
        self.assertFund(1000, 100)

    def test_reversal_when_the_fund_has_promised_elsewhere(self):
        delivery = self._deliver(3)
        other = self._approve(900)
        self.assertFund(1000, 1000)
        delivery.with_user(self.clerk).action_reverse()
        self.assertEqual(delivery.state, "reversed")
        self.assertEqual(self.request.amount_committed, 100)
        self.assertIn("not promised", delivery.message_ids[0].body)
        self.assertFund(1000, 1000)
        self._set_stage(other, "closed")
        # Goods need no money of the fund.
        self._deliver(3)
        self.assertFund(1000, 0)

    def test_reversal_after_the_end_promises_nothing(self):
        delivery = self._deliver(3)
        self._set_stage(self.request, "closed")
        self.assertFund(1000, 0)
        delivery.with_user(self.clerk).action_reverse()
        self.assertEqual(self.request.amount_committed, 0)
        self.assertFund(1000, 0)

    def test_new_decision_counts_the_goods(self):
        self._deliver(3)
        with self.assertRefused(self.request.name):
            self._approve(99, request=self.request)
        self._approve(150, request=self.request)
        self.assertEqual(self.request.amount_committed, 50)
        self.assertFund(1000, 50)

    def test_accountant_reverses_the_entry(self):
        delivery = self._deliver(2)
        move = delivery.sudo().move_id.with_user(self.accountant)
        move._reverse_moves([{"date": move.date}], cancel=True)
        self.assertEqual(delivery.state, "reversed")
        self.assertEqual((self.lot.given, self.lot.value_given), (0, 0))
        self.assertFund(1000, 200)
        # Reversed once more by hand, the goods do not come back twice.
        self._deliver(1)
        move._reverse_moves([{"date": move.date}], cancel=True)
        self.assertEqual(self.lot.given, 1)

    def test_entry_and_reversal_are_not_reset(self):
        delivery = self._deliver()
        move = delivery.sudo().move_id.with_user(self.accountant)
        with self.assertRefused(delivery.name):
            move.button_draft()
        draft = move._reverse_moves([{"date": move.date}])
        draft.unlink()
        delivery.with_user(self.clerk).action_reverse()
        with self.assertRefused(delivery.name):
            move.reversal_move_ids.button_draft()

    def test_freed_promise_is_not_typed_in(self):
        delivery = self._prepare()
        with self.assertRaises(UserError):
            delivery.promise_freed = 5

    def test_nothing_without_a_decision(self):
        request = self._create_request()
        with self.assertRefused(request.name):
            self._deliver(request=request)

    def test_fund_that_may_not_give_it(self):
        self.fund.aid_type_ids = self._create_aid_type(name="Rent", code="rent")
        with self.assertRefused(self.fund.name):
            self._deliver()

    def test_goods_of_zakat_need_the_word_of_the_person(self):
        """Also where the kind of help is money: what is handed out counts."""
        self.aid_type.nature = "cash"
        zakat = self._create_fund(name="Zakat", code="ZAKAT", kind="zakat")
        goods = self._donate(
            10, zakat, kind="in_kind", goods="Rice", valuation="Shop", journal_id=False
        )
        lot = self.lot.create(
            {
                "name": "Rice",
                "donation_id": goods.id,
                "quantity": 1,
                "value": 10,
                "company_id": self.company.id,
            }
        )
        self.request.zakat_channel_id = self.env.ref(
            "beneficiary_aid.zakat_channel_poor"
        )
        with self.assertRefused("authorisation", self.request.name):
            self._deliver(lot=lot)
        self.request.zakat_authorised_on = "2026-01-01"
        self.assertEqual(self._deliver(lot=lot).state, "delivered")

    def test_lot_is_not_above_its_source(self):
        values = {
            "name": "More",
            "donation_id": self.goods.id,
            "quantity": 1,
            "value": 1,
            "company_id": self.company.id,
        }
        with self.assertRaises(ValidationError):
            self.lot.create(values)
        money = self._donate(10)
        with self.assertRaises(ValidationError):
            self.lot.create({**values, "donation_id": money.id})

    def test_bought_goods(self):
        goods = self.company.beneficiary_goods_account_id
        income = self.company.beneficiary_donation_account_id
        entry = self._entry([(goods, 90, 0, self.fund), (income, 0, 90, False)])
        item = entry.line_ids.filtered("debit")
        lot = self.lot.create(
            {
                "name": "Heater",
                "move_line_id": item.id,
                "fund_id": self.fund.id,
                "quantity": 3,
                "value": 90,
                "company_id": self.company.id,
            }
        )
        self.assertEqual(self._deliver(2, lot=lot).value, 60)
        with self.assertRaises(ValidationError):
            lot.copy({"value": 1})

    def test_counters_are_not_typed_in(self):
        for values in ({"given": 1}, {"value_given": 5}):
            with self.assertRaises(UserError):
                self.lot.write(values)
        delivery = self._deliver()
        with self.assertRaises(UserError):
            self.lot.quantity = 9
        with self.assertRaises(UserError):
            delivery.write({"delivered_by_id": self.clerk.id})

    def test_receipt(self):
        delivery = self._prepare()
        with self.assertRefused(delivery.name):
            delivery.action_confirm_receipt()
        delivery.action_deliver()
        action = delivery.action_confirm_receipt()
        self.env["beneficiary.receipt.confirm"].with_user(self.officer).with_context(
            **action["context"]
        ).create(
            {"taker_name": "Himself", "signature": base64.b64encode(make_png())}
        ).action_confirm()
        self.assertEqual(delivery.receipt_state, "received")

    def test_not_received_opens_a_complaint(self):
        delivery = self._deliver()
        receipt = delivery._record_receipt("not_received", "call")
        self.assertEqual(receipt.interaction_id.kind, "complaint")
        self.assertIn(delivery.name, receipt.interaction_id.subject)

    def test_not_received_holds_only_the_next_delivery(self):
        second, third = self._prepare(), self._prepare()
        other = self._prepare(request=self._approve(50))
        payment = self._disburse(self.request, 10)
        complaint = self._deliver()._record_receipt("not_received", "call")
        complaint = complaint.sudo().interaction_id
        held = second | third | other
        held.invalidate_recordset(["is_held"])
        self.assertEqual(held.filtered("is_held"), second)
        for value, expected in ((True, second), (False, third | other)):
            found = held.search([("is_held", "=", value), ("id", "in", held.ids)])
            self.assertEqual(found, expected)
        with self.assertRefused(second.name, "complaint"):
            second.action_deliver()
        third.action_deliver()
        self._release(payment)
        complaint.write({"answer": "It was found", "state": "closed"})
        second.action_deliver()
        self.assertEqual(second.state, "delivered")

    # === Call-backs === #

    def _draw(self):
        self.company.beneficiary_callback_share = 100
        with self.enter_registry_test_mode():
            self.env.ref("beneficiary_aid.ir_cron_receipt_draw").method_direct_trigger()

    def test_deliveries_are_drawn_once(self):
        delivery, waiting = self._deliver(), self._prepare()
        self._draw()
        call = delivery.sudo().call_ids
        self.assertEqual((call.number, call.amount), (delivery.name, 33.33))
        self.assertEqual(call.request_id, self.request)
        self.assertFalse(waiting.sudo().call_ids)
        self._draw()
        self.assertEqual(delivery.sudo().call_ids, call)

    def test_call_speaks_against_a_signature(self):
        delivery = self._deliver()
        delivery._record_receipt(
            "received", "signature", signature=base64.b64encode(make_png())
        )
        self._draw()
        call = delivery.sudo().call_ids.with_user(self.officer)
        call.write({"outcome": "not_received", "note": "Nothing came"})
        call.action_done()
        self.assertEqual(delivery.receipt_state, "not_received")
        self.assertTrue(delivery.receipt_ids.interaction_id)

    def test_roles(self):
        delivery = self._prepare()
        for user in (self.clerk, self.releaser, self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                delivery.with_user(user).action_deliver()
        delivery.action_deliver()
        for user in (self.officer, self.releaser):
            with self.subTest(reverse=user.login), self.assertRaises(AccessError):
                delivery.with_user(user).action_reverse()

    def test_other_company(self):
        delivery = self._deliver()
        company = self._create_association("Other")
        stranger = self._create_user("stranger", "relations_officer", company)
        for record in (delivery, self.lot, delivery.line_ids):
            found = record.with_user(stranger).with_context(
                allowed_company_ids=company.ids
            )
            self.assertFalse(found.search([("id", "in", record.ids)]))


@tagged("post_install", "-at_install")
class TestDevice(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._donate(1000)
        cls.request = cls._approve(100)
        cls.device = (
            cls.env["beneficiary.device"]
            .with_user(cls.officer)
            .create(
                {
                    "name": "Bed",
                    "serial_number": "SN-1",
                    "company_id": cls.company.id,
                }
            )
        )

    def test_device_is_chosen_before_the_request(self):
        """Found on the screen: while the request, and with it the company, was not
        chosen, no device was offered."""
        loans = self.env["beneficiary.device.loan"]
        field = loans._fields["device_id"]
        offered = safe_eval(
            field.get_description(self.env)["domain"],
            {"company_id": "", "allowed_company_ids": self.company.ids, "uid": 1},
        )
        self.assertIn(self.device, self.env["beneficiary.device"].search(offered))

    def _lend(self, request=None, user=None):
        return (
            self.env["beneficiary.device.loan"]
            .with_user(user or self.officer)
            .create(
                {
                    "device_id": self.device.id,
                    "request_id": (request or self.request).id,
                }
            )
        )

    def test_lent_once_until_it_comes_back(self):
        loan = self._lend()
        self.assertTrue(self.device.is_lent)
        with self.assertRefused("condition"):
            loan.action_return()
        loan.condition_back = "worn"
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self._lend()
        loan.action_return()
        self.assertFalse(self.device.is_lent)
        self.assertEqual(self.device.condition, "worn")
        with self.assertRefused("came back"):
            loan.action_return()
        self._lend()
        with self.assertRaises(UserError):
            loan.unlink()

    def test_what_is_broken_is_not_lent(self):
        loan = self._lend()
        loan.condition_back = "broken"
        loan.action_return()
        with self.assertRefused(self.device.name, "broken"):
            self._lend()
        self.device.condition = "good"
        self._lend()

    # === Overdue === #

    def _remind(self, day):
        with freeze_time(day), self.enter_registry_test_mode():
            self.env.ref("beneficiary_aid.ir_cron_device_loan").method_direct_trigger()

    def _messages(self, loan):
        return self.env["beneficiary.message"].search(
            [("res_model", "=", loan._name), ("res_id", "=", loan.id)]
        )

    def _lend_until(self, day):
        self.beneficiary.phone = "+966501234567"
        loan = self._lend().sudo()
        loan.write({"date_out": "2026-01-01", "date_due": day})
        return loan

    def test_overdue_reminds_once_in_so_many_days(self):
        loan = self._lend_until("2026-01-10")
        self._remind("2026-01-10 12:00:00")
        self.assertFalse(self._messages(loan))
        for day in ("2026-01-11 06:00:00", "2026-01-11 18:00:00", "2026-01-17"):
            self._remind(day)
            self.assertEqual(len(self._messages(loan)), 1, day)
            self.assertEqual(len(loan.activity_ids), 1)
        self.assertEqual(loan.activity_ids.user_id, self.officer)
        self._remind("2026-01-18")
        self.assertEqual(len(self._messages(loan)), 2)
        self.assertEqual(len(loan.activity_ids), 1)

    def test_words_of_the_reminder_are_neutral(self):
        loan = self._lend_until("2026-01-10")
        self._remind("2026-01-12")
        body = self._messages(loan).body
        self.assertIn(self.request.name, body)
        for word in (self.device.name, self.device.serial_number, self.aid_type.name):
            self.assertNotIn(word, body)

    def test_more_time_or_the_return_ends_it(self):
        loan = self._lend_until("2026-01-10")
        self._remind("2026-01-12")
        loan.with_user(self.officer).date_due = "2026-01-20"
        self.assertFalse(loan.activity_ids)
        self._remind("2026-01-20")
        self.assertEqual(len(self._messages(loan)), 1)
        self._remind("2026-01-21")
        self.assertEqual(len(self._messages(loan)), 2)
        loan.with_user(self.officer).condition_back = "good"
        loan.with_user(self.officer).action_return()
        self.assertFalse(loan.activity_ids)
        self._remind("2026-03-01")
        self.assertEqual(len(self._messages(loan)), 2)

    def test_nobody_writes_to_a_closed_file(self):
        loan = self._lend_until("2026-01-10")
        self.env.cr.execute(
            "UPDATE beneficiary_beneficiary SET state = 'closed' WHERE id = %s",
            [self.beneficiary.id],
        )
        self.beneficiary.invalidate_recordset(["state"])
        self._remind("2026-01-12")
        self.assertFalse(self._messages(loan))
        self.assertTrue(loan.activity_ids)

    def test_overdue_is_found(self):
        loan = self._lend_until("2026-01-10")
        for day, expected in (("2026-01-10", False), ("2026-01-11", True)):
            with freeze_time(day):
                loan.invalidate_recordset(["is_overdue"])
                self.assertEqual(loan.is_overdue, expected)
                found = loan.search([("is_overdue", "=", True), ("id", "=", loan.id)])
                self.assertEqual(bool(found), expected)

    def test_days_between_reminders_are_bounded(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.company.beneficiary_loan_reminder_days = 0
            self.env.flush_all()

    def test_serial_number_once(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.device.copy()

    def test_only_for_an_approved_request(self):
        with self.assertRefused("not approved"):
            self._lend(self._create_request())

    def test_return_is_not_typed_in(self):
        loan = self._lend()
        with self.assertRaises(UserError):
            loan.returned_on = "2026-01-01"
        with self.assertRaises(UserError):
            loan.date_out = "2026-01-01"

    def test_roles(self):
        for user in (self.clerk, self.releaser, self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._lend(user=user)


@tagged("post_install", "-at_install")
class TestBill(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._donate(1000)
        cls.request = cls._approve(300)

    def test_bill_with_its_bank_receipt(self):
        bill = self._disburse(
            self.request, 50, biller="Electricity", bill_number="٣٠٠١"
        )
        self.assertEqual(bill.bill_number, "3001")
        bill.bank_receipt = "R-1"
        with self.assertRefused(bill.name):
            bill.bill_number = "3002"

    def test_same_bill_is_not_paid_twice(self):
        self._disburse(self.request, 50, biller="Electricity", bill_number="3001")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self._disburse(self.request, 50, biller="electricity", bill_number="3001")
        self._disburse(self.request, 50, biller="Water", bill_number="3001")

    def test_bill_is_whole(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._disburse(self.request, 50, biller="Electricity")

    def test_bank_receipt_belongs_to_a_bill(self):
        with self.assertRaises(ValidationError):
            self._disburse(self.request, 50, bank_receipt="R-1")
