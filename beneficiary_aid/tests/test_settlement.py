from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestSettlement(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fees = cls.company.beneficiary_aid_account_id.copy({"name": "Bank fees"})
        cls.platform = cls.env["res.partner"].create({"name": "Platform"})

    def _platform_donation(self, amount, **values):
        return self._donate(amount, channel="platform", **values)

    def _settlement(self, amount, donations=None, fee=0.0, user=None, **values):
        return (
            self.env["beneficiary.settlement"]
            .with_user(user or self.clerk)
            .create(
                {
                    "bank_line_id": self._bank_line(amount, "Platform week 7").id,
                    "company_id": self.company.id,
                    "fee": fee,
                    "fee_account_id": self.fees.id,
                    "donation_ids": donations and [fields.Command.set(donations.ids)],
                    **values,
                }
            )
        )

    def _three(self):
        donations = self.env["beneficiary.donation"]
        for amount in (100.1, 50, 20.05):
            donations |= self._platform_donation(amount)
        return donations

    def test_one_line_proves_all_donations_less_the_fee(self):
        donations = self._three()
        settlement = self._settlement(165.05, donations, fee=5.1)
        self.assertFalse(settlement.difference)
        settlement.action_settle()
        self.env.flush_all()
        self.assertEqual(settlement.state, "done")
        self.assertTrue(settlement.bank_line_id.is_reconciled)
        self.assertEqual(donations.mapped("is_matched"), [True] * 3)
        self.assertEqual(set(donations.mapped("state")), {"posted"})
        self.assertTrue(all(donations.move_line_id.mapped("reconciled")))
        items = settlement.bank_line_id.move_id.line_ids
        self.assertEqual(sorted(items.mapped("balance")), [-170.15, 5.1, 165.05])
        [fee] = items.filtered(lambda item: item.account_id == self.fees)
        self.assertEqual(fee.balance, 5.1)
        # The donors gave to the fund what they gave; the fee is no cost of it.
        self.assertFund(170.15, 0)

    def test_without_fee(self):
        donations = self._three()
        settlement = self._settlement(170.15, donations)
        settlement.action_settle()
        self.assertEqual(settlement.state, "done")

    def test_total_that_differs_is_refused(self):
        settlement = self._settlement(165.05, self._three(), fee=5)
        with self.assertRefused("170.15", "0.10"):
            settlement.action_settle()
        self.assertEqual(settlement.state, "draft")
        self.assertFalse(settlement.bank_line_id.is_reconciled)

    def test_second_click_and_second_settlement(self):
        donations = self._three()
        settlement = self._settlement(165.05, donations, fee=5.1)
        settlement.action_settle()
        with self.assertRefused("settled"):
            settlement.action_settle()
        with self.assertRefused("settled"):
            settlement.fee = 0
        with self.assertRefused("settled"):
            settlement.unlink()
        other = self._settlement(165.05, donations, fee=5.1)
        with self.assertRefused("bank statement"):
            other.action_settle()

    def test_undone_reconciliation_opens_it_again(self):
        donations = self._three()
        settlement = self._settlement(165.05, donations, fee=5.1)
        settlement.action_settle()
        settlement.bank_line_id.with_user(self.accountant).action_undo_reconciliation()
        self.env.flush_all()
        self.assertEqual(settlement.state, "draft")
        self.assertEqual(donations.mapped("is_matched"), [False] * 3)
        settlement.action_settle()
        self.assertEqual(settlement.state, "done")

    def test_cancelled_donation_is_refused(self):
        donations = self._three()
        settlement = self._settlement(165.05, donations, fee=5.1)
        donations[0].action_cancel()
        with self.assertRefused(donations[0].name):
            settlement.action_settle()

    def test_rows_find_receipts_and_enter_the_others(self):
        known = self._platform_donation(100.1, reference="P-1")
        settlement = self._settlement(
            165.05,
            fee=5.1,
            platform_id=self.platform.id,
            fund_id=self.fund.id,
            rows="P-1\t١٠٠٫١\nP-2;50.00\n\nP,3\t20.05\n",
        )
        settlement.action_take_rows()
        self.assertEqual(len(settlement.donation_ids), 3)
        self.assertIn(known, settlement.donation_ids)
        self.assertFalse(settlement.rows)
        new = settlement.donation_ids - known
        self.assertEqual(new.donor_id, self.platform)
        self.assertEqual(set(new.mapped("state")), {"posted"})
        settlement.action_settle()
        self.assertEqual(settlement.state, "done")

    def test_bad_rows_are_named_and_enter_nothing(self):
        self._platform_donation(100.1, reference="P-1")
        before = self.env["beneficiary.donation"].search_count([])
        values = {"platform_id": self.platform.id, "fund_id": self.fund.id}
        for rows, word in (
            ("P-9;50\nnonsense", "Line 2"),
            ("P-9;50\nP-9;50", "twice"),
            ("P-9;50\nP-1;99", "P-1"),
            ("P-9;0", "above zero"),
            ("P-9;250,00", "Line 1"),
            ("", "first"),
        ):
            settlement = self._settlement(50, rows=rows, **values)
            with self.subTest(rows=rows), self.assertRefused(word):
                settlement.action_take_rows()
        settlement = self._settlement(50, rows="P-9;50")
        with self.assertRefused("P-9"):
            settlement.action_take_rows()
        self.assertEqual(self.env["beneficiary.donation"].search_count([]), before)

    def test_closed_period_is_named(self):
        settlement = self._settlement(165.05, self._three(), fee=5.1)
        # Odoo would ask for the bank lines to be matched first: closed behind it.
        self.env.flush_all()
        self.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = %s WHERE id = %s",
            [fields.Date.today(), self.company.id],
        )
        self.env.invalidate_all()
        with self.assertRefused("closed until"):
            settlement.action_settle()
        self.assertFalse(settlement.bank_line_id.is_reconciled)

    def test_state_is_not_typed(self):
        settlement = self._settlement(165.05, self._three(), fee=5.1)
        with self.assertRaises(UserError):
            settlement.state = "done"

    def test_roles_and_other_company(self):
        settlement = self._settlement(165.05, self._three(), fee=5.1)
        for user in (self.releaser, self.aid_manager):
            with self.assertRaises(AccessError):
                settlement.with_user(user).action_settle()
            settlement.with_user(user).read(["fee"])
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "settlement_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["beneficiary.settlement"].search([]))
        with self.assertRaises(AccessError):
            settlement.with_env(env).action_settle()
