from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestVendorBill(FinanceCommon):
    """One bill of a hospital for several patients."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aid_type.nature = "vendor"
        cls.hospital = cls.env["res.partner"].create({"name": "Hospital"})
        cls.tax = cls._create_tax()
        cls._donate(5000)
        cls._donate(5000, cls.other_fund)
        cls.requests = (
            cls._approve(100) + cls._approve(200) + cls._approve(300, cls.other_fund)
        )

    # === Set-up === #

    @classmethod
    def _create_tax(cls, **values):
        """A purchase tax of 15 % that the association cannot reclaim."""
        return cls.env["account.tax"].create(
            {
                "name": "15% in the price",
                "amount": 15.0,
                "type_tax_use": "purchase",
                "price_include_override": "tax_included",
                "company_id": cls.company.id,
                **values,
            }
        )

    def _create_reclaimed_tax(self):
        account = self.env["account.account"].create(
            {"name": "Input Tax", "code": "119123", "account_type": "asset_current"}
        )
        lines = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": account.id}),
        ]
        return self._create_tax(
            name="15% reclaimed",
            invoice_repartition_line_ids=lines,
            refund_repartition_line_ids=lines,
        )

    def _enter(self, amounts=(100, 200, 300), user=None, **values):
        """The window of the clerk, filled in."""
        return (
            self.env["beneficiary.vendor.bill"]
            .with_user(user or self.clerk)
            .create(
                {
                    "company_id": self.company.id,
                    "vendor_id": self.hospital.id,
                    "reference": "H-77",
                    "line_ids": [
                        Command.create({"request_id": request.id, "amount": amount})
                        for request, amount in zip(self.requests, amounts, strict=False)
                    ],
                    **values,
                }
            )
        )

    def _bill(self, *args, **values):
        """A posted bill and its disbursements."""
        wizard = self._enter(*args, **values)
        wizard.action_post()
        bill = wizard.move_id
        return bill, self.env["beneficiary.disbursement"].search(
            [("move_id", "=", bill.id)], order="id"
        )

    def _pay(self, bill, amount, user=None):
        """A part of the bill, from Odoo's payment screen on the bill itself."""
        wizard = (
            self.env["account.payment.register"]
            .with_user(user or self.releaser)
            .with_context(active_model="account.move", active_ids=bill.ids)
        )
        with Form(wizard) as form:
            form.journal_id = self.bank.with_user(user or self.releaser)
            form.amount = amount
        return form.save()._create_payments()

    def _credit(self, bill, amounts=None):
        """A credit note as the clerk makes it on the bill."""
        note = bill.with_user(self.clerk)._reverse_moves(
            [{"invoice_date": fields.Date.today(), "ref": "H-77 back"}]
        )
        for line, amount in zip(note.invoice_line_ids, amounts or (), strict=False):
            line.price_unit = amount
        note.action_post()
        return note

    def assertSettled(self, disbursements, *amounts):
        self.env.flush_all()
        disbursements.invalidate_recordset()
        self.assertEqual(disbursements.mapped("amount_settled"), list(amounts))

    # === Posting === #

    def test_one_bill_a_line_for_each_request(self):
        bill, disbursements = self._bill()
        self.assertRecordValues(
            bill,
            [
                {
                    "move_type": "in_invoice",
                    "state": "posted",
                    "ref": "H-77",
                    "partner_id": self.hospital.id,
                    "amount_total": 600,
                }
            ],
        )
        payable = bill.line_ids.filtered(
            lambda line: line.account_id.account_type == "liability_payable"
        )
        self.assertEqual(len(payable), 1)
        self.assertEqual(disbursements.move_line_id, payable)
        self.assertEqual(disbursements.request_id, self.requests)
        self.assertEqual(disbursements.bill_line_id, bill.invoice_line_ids)
        self.assertEqual(set(disbursements.mapped("state")), {"due"})
        self.assertTrue(all(disbursements.mapped("is_billed")))
        # The promises are used, fund by fund.
        self.assertFund(4700, 0)
        self.assertFund(4700, 0, self.other_fund)
        # Nothing of the persons stands on what the vendor reads.
        self.assertEqual(
            bill.invoice_line_ids.mapped("name"), disbursements.mapped("name")
        )

    def test_tax_is_within_the_amount_and_costs_the_fund(self):
        amounts = (99.99, 100.01, 33.33)
        bill, disbursements = self._bill(amounts, tax_id=self.tax.id)
        self.assertAlmostEqual(bill.amount_total, 233.33)
        self.assertAlmostEqual(bill.amount_tax, 30.43, delta=0.02)
        self.assertEqual(disbursements.mapped("amount"), list(amounts))
        self.fund.invalidate_recordset()
        self.assertAlmostEqual(self.fund.balance, 5000 - 200)
        self.assertAlmostEqual(self.other_fund.balance, 5000 - 33.33)

    def test_tax_the_fund_would_not_pay_is_refused(self):
        with self.assertRefused("reclaim"):
            self._bill(tax_id=self._create_reclaimed_tax().id)
        added = self._create_tax(
            name="15% on top", price_include_override="tax_excluded"
        )
        with self.assertRaises(ValidationError):
            self._enter(tax_id=added.id)
        self.assertFund(5000, 300)

    def test_amounts_are_proposed_from_what_is_open(self):
        action = self.requests.with_user(self.clerk).action_enter_bill()
        wizard = self.env[action["res_model"]].with_user(self.clerk)
        with Form(wizard.with_context(**action["context"])) as form:
            form.vendor_id = self.hospital
            form.reference = "  H-78 "
        wizard = form.save()
        self.assertEqual(wizard.line_ids.mapped("amount"), [100, 200, 300])
        self.assertEqual(wizard.total, 600)
        wizard.action_post()
        self.assertEqual(wizard.move_id.ref, "H-78")

    # === Refusals === #

    def test_over_the_approved_amount_is_refused(self):
        with self.assertRaises(ValidationError):
            self._bill((100, 200.01, 300))
        self.assertFund(5000, 300)
        self.assertFalse(self.requests.disbursement_ids)

    def test_amounts_that_are_no_money_are_refused(self):
        with self.assertRefused(self.requests[0].display_name, "above zero"):
            self._bill((0, 200, 300))
        for amount in (-1, float("nan"), 1e12):
            with (
                self.subTest(amount=amount),
                self.assertRaisesRegex(ValidationError, "must be a number"),
            ):
                self._enter((amount, 200, 300))

    def test_amounts_are_guarded_over_rpc_in_both_windows(self):
        """The lines of a bill and of prepared vouchers, created and changed."""
        clerk = self.env(user=self.clerk)
        line = {"request_id": self.requests[0].id, "amount": 5}
        for model, values, name in (
            (
                "beneficiary.vendor.bill",
                {"vendor_id": self.hospital.id, "reference": "H-1"},
                "line_ids",
            ),
            (
                "beneficiary.voucher.prepare",
                {"vendor_id": self.hospital.id},
                "line_ids",
            ),
        ):
            [window_id] = call_kw(
                clerk[model], "create", [[{**values, name: [[0, 0, line]]}]], {}
            )
            [line_id] = clerk[model].browse(window_id)[name].ids
            for amount in (float("nan"), -1, 1e12):
                wrong = {**line, "amount": amount}
                for args in (
                    ("create", [[{**values, name: [[0, 0, wrong]]}]]),
                    (
                        "write",
                        [[window_id], {name: [[1, line_id, {"amount": amount}]]}],
                    ),
                ):
                    with (
                        self.subTest(model=model, args=args),
                        self.assertRaisesRegex(ValidationError, "must be a number"),
                    ):
                        call_kw(clerk[model], *args, {})

    def test_second_click_and_second_entry_are_refused(self):
        wizard = self._enter((50, 50, 50))
        wizard.action_post()
        with self.assertRefused(wizard.move_id.name):
            wizard.action_post()
        with self.assertRefused("H-77", wizard.move_id.name):
            self._bill((50, 50, 50), reference="h-77")
        self._bill((50, 50, 50), reference="H-78")

    def test_aid_for_the_person_is_not_billed(self):
        self.hospital.is_company = True
        self.aid_type.nature = "cash"
        with self.assertRefused(self.requests[0].display_name):
            self._bill()

    def test_one_vendor_only(self):
        other = self.env["res.partner"].create({"name": "Pharmacy"})
        drafts = self._disburse(
            self.requests[0], post=False, payee_id=self.hospital.id
        ) + self._disburse(self.requests[1], post=False, payee_id=other.id)
        with self.assertRefused("one vendor"):
            drafts._post_bill("H-1", self.env["account.tax"])

    def test_only_clerks_enter_bills(self):
        for user in (self.releaser, self.accountant, self.aid_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._enter(user=user)
        with self.assertRaises(AccessError):
            self.requests.with_user(self.releaser).action_enter_bill()

    def test_requests_of_another_company_are_refused(self):
        other = self.env["res.company"].create({"name": "Other Association"})
        with self.assertRaises(UserError):
            self._enter(company_id=other.id)

    def test_two_disbursements_share_an_item_only_on_a_bill(self):
        _bill, disbursements = self._bill()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE beneficiary_disbursement SET bill_line_id = NULL"
                " WHERE id = ANY(%s)",
                [disbursements.ids],
            )

    def test_one_line_carries_one_disbursement(self):
        _bill, disbursements = self._bill()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE beneficiary_disbursement SET bill_line_id = %s"
                " WHERE id = ANY(%s)",
                [disbursements[0].bill_line_id.id, disbursements.ids],
            )

    def test_links_are_not_typed_in(self):
        _bill, disbursements = self._bill()
        with self.assertRaises(UserError):
            disbursements[0].with_user(self.clerk).bill_line_id = False

    # === Paying === #

    def test_partial_payment_counts_for_each_pro_rata(self):
        bill, disbursements = self._bill()
        self._pay(bill, 100.01)
        self.assertSettled(disbursements, 16.67, 33.34, 50)
        self.assertEqual(set(disbursements.mapped("state")), {"due"})
        self.assertEqual(disbursements.released_by_id, self.releaser)
        payment = self._pay(bill, 499.99)
        self.assertSettled(disbursements, 100, 200, 300)
        self.assertEqual(set(disbursements.mapped("state")), {"sent"})
        payment.action_reject()
        self.assertSettled(disbursements, 16.67, 33.34, 50)
        self.assertEqual(set(disbursements.mapped("state")), {"due"})

    def test_shares_add_up_and_stay_within_each_amount(self):
        bill, disbursements = self._bill((0.01, 0.02, 0.07))
        for step in range(1, 11):
            paid = step / 100
            shares = disbursements._share(paid)
            self.assertAlmostEqual(sum(shares.values()), paid)
            for disbursement, share in shares.items():
                self.assertGreaterEqual(share, 0)
                self.assertLessEqual(share, disbursement.amount)
        self._pay(bill, 0.05)
        self.assertAlmostEqual(sum(disbursements.mapped("amount_settled")), 0.05)

    def test_paid_on_the_bank_statement(self):
        bill, disbursements = self._bill()
        payment = self._pay(bill, 600)
        outstanding, *_others = payment._seek_for_lines()
        self._match(self._bank_line(-600), outstanding)
        for disbursement in disbursements:
            self.assertState(disbursement, "paid")
        self.assertEqual(self.requests.mapped("amount_paid"), [100, 200, 300])

    def test_part_of_a_bill_on_the_bank_statement_counts(self):
        bill, disbursements = self._bill()
        payment = self._pay(bill, 100.01)
        self.assertEqual(self.requests.mapped("amount_paid"), [0, 0, 0])
        outstanding, *_others = payment._seek_for_lines()
        bank_line = self._bank_line(-100.01)
        self._match(bank_line, outstanding)
        self.assertEqual(self.requests.mapped("amount_paid"), [16.67, 33.34, 50])
        self.assertEqual(set(disbursements.mapped("state")), {"due"})
        bank_line.action_undo_reconciliation()
        self.assertEqual(self.requests.mapped("amount_paid"), [0, 0, 0])

    def test_released_from_one_disbursement_pays_the_bill(self):
        bill, disbursements = self._bill()
        payment = self._release(disbursements[0])
        self.assertEqual(payment.amount, 600)
        self.assertEqual(bill.amount_residual, 0)
        self.assertNotIn(disbursements[0].name, payment.memo or "")

    def test_wrong_people_do_not_pay(self):
        bill, disbursements = self._bill()
        for user in (self.clerk, self.accountant):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._pay(bill, 600, user)
        # Whoever prepared it does not pay it, a releaser or not.
        disbursements.sudo().prepared_by_id = self.releaser
        with self.assertRefused("whoever prepared"):
            self._pay(bill, 600)

    def test_bill_is_not_paid_in_a_batch(self):
        _bill, disbursements = self._bill((100,))
        batch = (
            self.env["beneficiary.disbursement.batch"]
            .with_user(self.clerk)
            .create({"company_id": self.company.id})
        )
        with self.assertRefused("No disbursement is ready"):
            batch.action_gather()
        batch._add(disbursements.with_user(self.clerk))
        with self.assertRefused(disbursements.move_id.name):
            batch.action_prepare()

    # === Taking back === #

    def test_credit_note_frees_all_of_them(self):
        bill, disbursements = self._bill(tax_id=self.tax.id)
        self._credit(bill)
        for disbursement in disbursements:
            self.assertState(disbursement, "reversed")
        self.assertSettled(disbursements, 0, 0, 0)
        self.assertFund(5000, 0)
        self.assertFund(5000, 0, self.other_fund)
        # The same bill may be entered again.
        again, others = self._bill((100, 200, 250))
        self.assertEqual(set(others.mapped("state")), {"due"})
        self.assertEqual(again.amount_total, 550)

    def test_credit_note_for_a_part_is_refused(self):
        bill, _disbursements = self._bill()
        with self.assertRefused(bill.name):
            self._credit(bill, (50, 200, 300))

    def test_credit_note_of_a_paid_bill_is_refused(self):
        bill, disbursements = self._bill()
        self._pay(bill, 100.01)
        with self.assertRefused(bill.name):
            self._credit(bill)
        self.assertSettled(disbursements, 16.67, 33.34, 50)

    def test_bill_is_neither_reset_nor_reversed_line_by_line(self):
        bill, disbursements = self._bill()
        with self.assertRefused(bill.name):
            bill.with_user(self.clerk).button_draft()
        with self.assertRefused(disbursements[0].name, bill.name):
            disbursements[0].with_user(self.clerk).action_reverse()

    def test_queries_do_not_grow_with_the_lines(self):
        _bill, disbursements = self._bill()
        disbursements.mapped("amount_settled")
        disbursements.invalidate_recordset()
        with self.assertQueryCount(12):
            disbursements.mapped("amount_settled")
