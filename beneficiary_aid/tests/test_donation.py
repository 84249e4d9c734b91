from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestDonation(FinanceCommon):
    def _create_donation(self, **values):
        return (
            self.env["beneficiary.donation"]
            .with_user(self.clerk)
            .create(
                {
                    "donor_id": self.donor.id,
                    "amount": 100,
                    "fund_id": self.fund.id,
                    "journal_id": self.bank.id,
                    **values,
                }
            )
        )

    def test_posting_books_income_on_the_fund(self):
        donation = self._donate(100, reference="TRX-1")
        entry = donation.move_id
        self.assertEqual(entry.state, "posted")
        self.assertRecordValues(
            entry.line_ids.sorted("debit"),
            [
                {
                    "account_id": self.company.beneficiary_donation_account_id.id,
                    "credit": 100,
                    "debit": 0,
                    "analytic_distribution": {
                        str(self.fund.analytic_account_id.id): 100
                    },
                },
                {
                    "account_id": donation.move_line_id.account_id.id,
                    "credit": 0,
                    "debit": 100,
                    "analytic_distribution": False,
                },
            ],
        )
        self.assertTrue(donation.move_line_id.account_id.reconcile)
        self.assertEqual(entry.ref, donation.name)
        self.assertFund(100, 0)

    def test_receipts_have_no_gaps(self):
        first = self._donate(10)
        draft = self._create_donation()
        self.assertFalse(draft.name)
        self.company.beneficiary_donation_account_id = False
        with self.assertRaises(UserError):
            draft.action_post()
        self.company._beneficiary_setup_accounting()
        draft.action_post()
        prefix, number = first.name.rsplit("/", 1)
        self.assertEqual(draft.name, f"{prefix}/{int(number) + 1:06d}")

    def test_batch_is_posted_at_once(self):
        donations = self._create_donation() + self._create_donation(amount=50)
        donations.action_post()
        self.assertEqual(len(set(donations.mapped("name"))), 2)
        self.assertFund(150, 0)

    def test_bad_amounts_are_refused(self):
        for amount in (0, -5, 0.001, float("nan"), float("inf"), 1e12):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                self._create_donation(amount=amount)
        donation = self._create_donation()
        with self.assertRaises(UserError):
            donation.amount = -1

    def test_cash_is_no_channel(self):
        channels = dict(self.env["beneficiary.donation"]._fields["channel"].selection)
        self.assertNotIn("cash", channels)
        cash = self.env["account.journal"].create(
            {
                "name": "Cash",
                "code": "CSHX",
                "type": "cash",
                "company_id": self.company.id,
            }
        )
        with self.assertRaises(ValidationError):
            self._create_donation(journal_id=cash.id)

    def test_donor_is_not_a_beneficiary(self):
        with self.assertRaises(ValidationError):
            self._create_donation(donor_id=self.beneficiary.partner_id.id)

    def test_fund_of_other_company_is_refused(self):
        other = self._create_association("Other")
        fund = self.env["beneficiary.fund"].create(
            {"name": "Foreign", "code": "F", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self._create_donation(fund_id=fund.id)

    def test_posting_twice_is_refused(self):
        donation = self._donate(100)
        with self.assertRaises(UserError):
            donation.action_post()
        self.assertFund(100, 0)

    def test_money_that_is_yet_to_come_is_not_posted(self):
        tomorrow = fields.Date.add(fields.Date.context_today(self.fund), days=2)
        donation = self._create_donation(date=tomorrow)
        with self.assertRaisesRegex(UserError, "yet to come"):
            donation.action_post()
        self.assertFalse(donation.move_id or donation.name)

    def test_posted_donation_is_frozen(self):
        donation = self._donate(100)
        for values in (
            {"amount": 5},
            {"fund_id": self.other_fund.id},
            {"date": "2020-01-01"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                donation.write(values)
        with self.assertRaises(UserError):
            donation.unlink()
        for values in ({"state": "posted"}, {"name": "REC/1"}, {"is_matched": True}):
            with self.subTest(values=values), self.assertRaises(UserError):
                donation.write(values)

    def test_entry_is_not_reset_or_deleted(self):
        donation = self._donate(100)
        for method in ("button_draft", "button_cancel", "unlink"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(donation.move_id.with_user(self.accountant), method)()
        with self.assertRaises(UserError):
            donation.move_id.with_context(force_delete=True).unlink()
        self.assertFund(100, 0)

    def test_cancel_reverses(self):
        donation = self._donate(100)
        number = donation.name
        donation.action_cancel()
        self.assertEqual((donation.state, donation.name), ("cancelled", number))
        self.assertFalse(donation.is_matched)
        self.assertFund(0, 0)
        with self.assertRaises(UserError):
            donation.action_cancel()

    def test_cancel_of_a_draft_leaves_no_number(self):
        donation = self._create_donation()
        donation.action_cancel()
        self.assertEqual((donation.state, donation.name), ("cancelled", False))
        with self.assertRaises(UserError):
            donation.action_post()

    def test_reversal_by_an_accountant_cancels(self):
        donation = self._donate(100)
        donation.move_id.with_user(self.accountant)._reverse_moves(cancel=True)
        self.assertEqual(donation.state, "cancelled")
        self.assertFund(0, 0)

    def test_cancelling_promised_money_overdraws(self):
        donation = self._donate(100)
        self._approve(80)
        donation.action_cancel()
        self.assertFund(0, 80, overdrawn=True)

    def test_matched_only_by_the_bank(self):
        donation = self._donate(100)
        self.assertFalse(donation.is_matched)
        bank_line = self._bank_line(100)
        self._match(bank_line, donation.move_line_id)
        self.assertTrue(donation.is_matched)
        with self.assertRaises(UserError):
            donation.action_cancel()
        bank_line.action_undo_reconciliation()
        self.assertFalse(donation.is_matched)
        self.assertEqual(donation.state, "posted")

    def test_one_bank_line_for_many(self):
        donations = self._donate(60) + self._donate(40)
        bank_line = self._bank_line(100)
        self._match(bank_line, donations.move_line_id)
        self.assertEqual(donations.mapped("is_matched"), [True, True])

    # === Roles === #

    def test_who_may_do_what(self):
        donation = self._create_donation()
        for user in (self.releaser, self.aid_manager, self.auditor, self.accountant):
            with self.subTest(user=user.login):
                own = donation.with_user(user)
                self.assertTrue(own.has_access("read"))
                with self.assertRaises(AccessError):
                    own.action_post()
                with self.assertRaises(AccessError):
                    own.write({"purpose": "x"})
        for user in (self.officer, self.researcher, self.employee, self.representative):
            with self.subTest(user=user.login):
                self.assertFalse(donation.with_user(user).has_access("read"))

    def test_anonymous_donor_is_hidden_from_others(self):
        donation = self._donate(100, is_anonymous=True)
        for user in (self.auditor, self.aid_manager):
            with self.subTest(user=user.login):
                own = donation.with_user(user)
                own.invalidate_recordset()
                self.assertEqual(own.donor_name, "Anonymous donor")
                self.assertNotIn("Generous", own.display_name)
                with self.assertRaises(AccessError):
                    own.read(["donor_id"])
                with self.assertRaises(AccessError):
                    own.search([("donor_id.name", "ilike", "Generous")])
        own = donation.with_user(self.releaser)
        self.assertEqual(own.donor_name, "A Generous Donor")

    def test_named_donor_is_shown(self):
        donation = self._donate(100).with_user(self.auditor)
        self.assertEqual(donation.donor_name, "A Generous Donor")
        self.assertIn("Generous", donation.display_name)

    def test_donor_is_no_follower(self):
        donation = self._donate(100)
        self.assertNotIn(self.donor, donation.message_partner_ids)

    def test_views_open_for_each_role(self):
        for user in (self.clerk, self.releaser, self.auditor, self.aid_manager):
            for view in ("form", "list", "search", "pivot", "graph"):
                with self.subTest(user=user.login, view=view):
                    self.env["beneficiary.donation"].with_user(user).get_view(
                        view_type=view
                    )
