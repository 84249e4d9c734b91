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
            for key in ("net_assets", "restricted", "endowment", "goods")
        ]
        before = [self.company[name] for name in names]
        self.company._beneficiary_setup_accounting()
        self.assertEqual([self.company[name] for name in names], before)
        self.assertTrue(all(before))
