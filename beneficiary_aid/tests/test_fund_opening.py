from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestFundOpening(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls._create_finance_user(
            "opening_admin", "beneficiary_relations.group_administrator"
        )
        cls.equity = cls.env["account.account"].search(
            [
                *cls.env["account.account"]._check_company_domain(cls.company),
                ("account_type", "=", "equity_unaffected"),
            ],
            limit=1,
        )
        cls.waqf = cls._create_fund(name="Waqf", code="WAQF", kind="endowment")
        cls.fund.kind = "restricted"

    def _open(self, amounts, user=None):
        opening = (
            self.env["beneficiary.fund.opening"]
            .with_user(user or self.admin)
            .create({"counterpart_id": self.equity.id})
        )
        for line in opening.line_ids:
            line.amount = amounts.get(line.fund_id, 0)
        opening.action_post()
        return opening

    def _balance(self, account):
        [[balance]] = self.env["account.move.line"]._read_group(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")],
            [],
            ["balance:sum"],
        )
        return balance or 0.0

    def test_funds_open_with_what_they_held_and_the_total_ties(self):
        opening = self._open({self.fund: 500, self.other_fund: 30.05, self.waqf: 1000})
        self.assertEqual(opening.total, 1530.05)
        self.assertFund(500, 0)
        self.assertFund(30.05, 0, self.other_fund)
        self.assertFund(1000, 0, self.waqf)
        company = self.company
        self.assertEqual(self._balance(company.beneficiary_restricted_account_id), -500)
        self.assertEqual(
            self._balance(company.beneficiary_net_assets_account_id), -30.05
        )
        self.assertEqual(self._balance(company.beneficiary_endowment_account_id), -1000)
        self.assertEqual(self._balance(self.equity), 1530.05)
        self._approve(500)
        self.assertFund(500, 500)

    def test_fund_opens_once(self):
        self._open({self.fund: 500})
        with self.assertRefused("Treatment"):
            self._open({self.fund: 1})
        self._donate(5, self.other_fund)
        with self.assertRefused("Housing"):
            self._open({self.other_fund: 1})
        self.assertFund(500, 0)

    def test_nothing_entered_posts_nothing(self):
        with self.assertRaises(UserError):
            self._open({})

    def test_clerk_opens_no_fund(self):
        with self.assertRaises(AccessError):
            self._open({self.fund: 500}, self.clerk)

    def test_set_up_again_changes_nothing(self):
        names = [
            f"beneficiary_{key}_account_id"
            for key in (
                "net_assets",
                "restricted",
                "endowment",
                "goods",
                "vendor",
                "in_kind",
                "recurring",
                "payable",
            )
        ]
        before = [self.company[name] for name in names]
        self.company._beneficiary_setup_accounting()
        self.assertEqual([self.company[name] for name in names], before)
        self.assertTrue(all(before))
        self.assertEqual(len(set(before)), len(before))

    def test_aid_costs_the_account_of_its_nature(self):
        company = self.company
        for nature, account in (
            ("cash", company.beneficiary_aid_account_id),
            ("vendor", company.beneficiary_vendor_account_id),
            ("in_kind", company.beneficiary_in_kind_account_id),
            ("recurring", company.beneficiary_recurring_account_id),
        ):
            with self.subTest(nature=nature):
                self.aid_type.nature = nature
                self.assertEqual(
                    company._beneficiary_expense_account(self.aid_type), account
                )
        self.aid_type.expense_account_id = company.beneficiary_aid_account_id
        self.assertEqual(
            company._beneficiary_expense_account(self.aid_type),
            company.beneficiary_aid_account_id,
        )

    def test_aid_is_owed_apart_from_bills(self):
        self._donate(100)
        disbursement = self._disburse(self._approve(60))
        own = self.company.beneficiary_payable_account_id
        self.assertEqual(disbursement.move_line_id.account_id, own)
        self._release(disbursement)
        self.assertState(disbursement, "sent")
        vendor = self.env["res.partner"].create(
            {"name": "Hospital", "is_company": True}
        )
        bill = self._disburse(self._approve(20), payee_id=vendor.id)
        self.assertEqual(
            bill.move_line_id.account_id,
            vendor.with_company(self.company).property_account_payable_id,
        )
        self.assertNotEqual(bill.move_line_id.account_id, own)
