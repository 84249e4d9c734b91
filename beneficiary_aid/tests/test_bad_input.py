from odoo import fields
from odoo.tests import tagged

from .test_bank_sheet import BankCommon


@tagged("post_install", "-at_install")
class TestBadInput(BankCommon):
    """What cannot be booked is refused in plain words, and nothing is half posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls.due[0].request_id
        cls.foreign = cls.env["res.currency"].create(
            {"name": "QQQ", "symbol": "Q", "rounding": 0.01}
        )

    def _count(self):
        self.env.flush_all()
        return self.env["account.move"].search_count([])

    def assertNothingPosted(self, before):
        self.assertEqual(self._count(), before)
        self.assertFund(1000, 300)

    def test_one_payment_in_a_closed_period(self):
        self.company.hard_lock_date = "2020-12-31"
        self.due[0].date = "2020-06-30"
        before = self._count()
        # Odoo would move the entry behind the lock, away from the day of the paper.
        with self.assertRefused("closed", self.due[0].name):
            self.due[0].action_post()
        self.assertNothingPosted(before)

    def test_donation_in_a_closed_period(self):
        self.company.hard_lock_date = "2020-12-31"
        before = self._count()
        with self.assertRefused("closed", self.donor.name):
            self._donate(50, date="2020-06-30")
        self.assertNothingPosted(before)

    # === A single payment === #

    def _payment(self, **values):
        """Odoo's payment screen on a due disbursement, as its releaser fills it."""
        self.due[0].action_post()
        action = self.due[0].with_user(self.releaser).action_register_payment()
        return (
            self.env["account.payment.register"]
            .with_user(self.releaser)
            .with_context(**action["context"])
            .create({"journal_id": self.bank.id, **values})
        )

    def assertNotPaid(self, wizard, *words):
        before = self._count()
        with self.assertRefused(*words):
            wizard._create_payments()
        self.assertEqual(self._count(), before)
        self.assertEqual(self.due[0].state, "due")

    def test_payment_from_a_bank_in_a_currency_without_rate(self):
        bank = self._create_other_bank(currency_id=self.foreign.id)
        self.assertNotPaid(self._payment(journal_id=bank.id), "currency")

    def test_payment_in_a_currency_without_rate(self):
        wizard = self._payment(currency_id=self.foreign.id, amount=100)
        self.assertNotPaid(wizard, "currency")

    def test_payment_on_a_day_in_a_closed_period(self):
        wizard = self._payment(payment_date="2020-06-30")
        self.company.hard_lock_date = "2020-12-31"
        self.assertNotPaid(wizard, "closed", self.due[0].name)

    def test_payment_of_more_than_is_due(self):
        self.assertNotPaid(self._payment(amount=100.01), "due")

    def test_payment_of_nothing_or_less(self):
        wizard = self._payment()
        for amount in (0, -5):
            wizard.amount = amount
            with self.subTest(amount=amount):
                self.assertNotPaid(wizard, "due")

    def test_rest_of_a_payment_is_not_forgotten(self):
        account = self.company.beneficiary_aid_account_id
        wizard = self._payment(
            amount=60,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        self.assertNotPaid(wizard, "due")
        wizard.payment_difference_handling = "open"
        wizard._create_payments()
        self.assertEqual(self.due[0].state, "due", "the rest is still owed")
        self.assertEqual(self.due[0].move_line_id.amount_residual, -40)

    def test_payment_to_a_wrong_iban(self):
        account = self.due[0].payee_bank_id.sudo()
        wizard = self._payment()
        # As a spreadsheet of old accounts brings it, past every check.
        self.env.cr.execute(
            "UPDATE res_partner_bank SET sanitized_acc_number = %s WHERE id = %s",
            ("SA0000000000000000000000", account.id),
        )
        account.invalidate_recordset(["sanitized_acc_number"])
        self.assertNotPaid(wizard, "IBAN")

    # === Journals and currencies === #

    def test_archived_journal_of_aid(self):
        self.company.beneficiary_aid_journal_id.active = False
        before = self._count()
        with self.assertRefused("archived"):
            self.due[0].action_post()
        self.assertEqual(self.due[0].state, "draft")
        self.assertNothingPosted(before)

    def test_donation_to_an_archived_bank(self):
        bank = self._create_other_bank()
        before = self._count()
        donation = self._draft(journal_id=bank.id)
        bank.active = False
        with self.assertRefused("archived"):
            donation.action_post()
        self.assertFalse(donation.move_id)
        self.assertNothingPosted(before)

    def test_donation_to_a_bank_in_another_currency(self):
        bank = self._create_other_bank(currency_id=self.foreign.id)
        before = self._count()
        with self.assertRefused("currency"):
            self._draft(journal_id=bank.id).action_post()
        self.assertNothingPosted(before)

    def test_bank_line_in_a_currency_without_rate(self):
        self.foreign.active = True
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": fields.Date.today(),
                "payment_ref": "From abroad",
                "amount": 50,
                "foreign_currency_id": self.foreign.id,
                "amount_currency": 10,
            }
        )
        before = self._count()
        with self.assertRefused("another currency"):
            line.with_user(self.clerk).action_beneficiary_donation()
        self.assertNothingPosted(before)

    def test_entry_on_a_fund_in_a_currency_without_rate(self):
        expense = self.company.beneficiary_aid_account_id
        income = self.company.beneficiary_donation_account_id
        entry = self._entry(
            [(expense, 10, 0, self.fund), (income, 0, 10, False)], post=False
        )
        self.foreign.active = True
        with self.assertRefused("QQQ", "Enter its worth"):
            entry.line_ids.write({"currency_id": self.foreign.id})
            entry.action_post()
        self.assertFund(1000, 300)

    def _draft(self, **values):
        return (
            self.env["beneficiary.donation"]
            .with_user(self.clerk)
            .create(
                {
                    "donor_id": self.donor.id,
                    "amount": 25,
                    "fund_id": self.fund.id,
                    "journal_id": self.bank.id,
                    "company_id": self.company.id,
                    **values,
                }
            )
        )

    def _create_other_bank(self, **values):
        bank = self.env["account.journal"].create(
            {
                "name": "Other Bank",
                "code": "OTHB",
                "type": "bank",
                "company_id": self.company.id,
                **values,
            }
        )
        self.company._beneficiary_setup_accounting()
        return bank
