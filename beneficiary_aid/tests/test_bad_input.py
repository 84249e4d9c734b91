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
        self.due[0].action_post()
        # Odoo moves the day of an entry behind the lock: it is never in the period.
        self.assertGreater(self.due[0].move_id.date, fields.Date.to_date("2020-12-31"))
        self.assertEqual(self._count(), before + 1)

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
