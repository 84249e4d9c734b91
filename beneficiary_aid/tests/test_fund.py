from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .finance_common import FinanceCommon

LOGGER = "odoo.addons.beneficiary_aid.models.beneficiary_fund"


@tagged("post_install", "-at_install")
class TestFund(FinanceCommon):
    def test_balance_is_the_ledger(self):
        self._donate(100)
        self.assertFund(100, 0)
        self._take(30)
        self.assertFund(70, 0)
        self.assertFund(0, 0, self.other_fund)

    def test_draft_entry_does_not_count(self):
        entry = self._take(30, post=False)
        self.assertFund(0, 0)
        self._donate(100)
        entry.action_post()
        self.assertFund(70, 0)
        entry.button_draft()
        self.assertFund(100, 0)
        entry.button_cancel()
        self.assertFund(100, 0)

    def test_reversal_is_followed(self):
        self._donate(100)
        entry = self._take(30)
        entry._reverse_moves([{"date": fields.Date.today()}], cancel=True)
        self.assertFund(100, 0)

    def test_forced_deletion_is_followed(self):
        self._donate(100)
        entry = self._take(30)
        entry.sudo().with_context(force_delete=True).unlink()
        self.assertFund(100, 0)

    def test_transfer_between_funds(self):
        self._donate(100)
        income = self.company.beneficiary_donation_account_id
        self._entry([(income, 40, 0, self.fund), (income, 0, 40, self.other_fund)])
        self.assertFund(60, 0)
        self.assertFund(40, 0, self.other_fund)

    def test_commit_and_release(self):
        self._donate(100)
        self._approve(60)
        self.assertFund(100, 60)
        request = self._approve(40)
        self.assertFund(100, 100)
        self._set_stage(request, "cancelled")
        self.assertFund(100, 60)

    def test_commit_above_free_is_refused(self):
        self._donate(100)
        self.fund._commit(60)
        with self.assertRefused("Treatment", "40"):
            self.fund._commit(60)
        self.assertEqual(self.fund.committed, 60)

    def test_release_above_committed_is_refused(self):
        self._donate(100)
        self.fund._commit(60)
        with self.assertRaises(UserError):
            self.fund._release(60.01)

    def test_bad_amounts_are_refused(self):
        self._donate(100)
        bad = (0, -5, 0.001, float("nan"), float("inf"), "x", None, 1e12)
        for amount in bad:
            with self.subTest(amount=amount):
                with self.assertRaises(UserError):
                    self.fund._commit(amount)
                with self.assertRaises(UserError):
                    self.fund._release(amount)
        self.assertFund(100, 0)

    def test_amounts_are_rounded_to_the_currency(self):
        self._donate(0.3)
        for _time in range(3):
            self.fund._commit(0.1)
        self.assertEqual(self.fund.free, 0)

    def test_accountant_overdraws_and_fund_heals(self):
        self._donate(100)
        self._approve(80)
        self._take(50)
        self.assertFund(50, 80, overdrawn=True)
        self.assertIn(
            self.fund, self.env["beneficiary.fund"].search([("overdrawn", "=", True)])
        )
        with self.assertRefused("overdrawn"):
            self.fund._commit(1)
        self._donate(30)
        self.assertFund(80, 80)
        self._donate(1)
        self.fund._commit(1)

    def test_overdrawn_is_logged(self):
        self._donate(100)
        self._approve(80)
        messages = self.fund.message_ids
        self._take(50)
        self.assertIn("overdrawn", (self.fund.message_ids - messages)[0].body)

    def test_check_holds_against_sql(self):
        self._donate(100)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE beneficiary_fund_counter SET committed = 101"
                " WHERE fund_id = %s",
                [self.fund.id],
            )
        for value in ("NaN", "-1"):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self.env.cr.execute(
                    "UPDATE beneficiary_fund_counter SET overdrawn = true,"
                    " committed = %s WHERE fund_id = %s",
                    [value, self.fund.id],
                )

    def test_recount_corrects_and_tells(self):
        self._donate(100)
        self._approve(60)
        self.env.cr.execute(
            "UPDATE beneficiary_fund_counter SET balance = 90, committed = 10"
            " WHERE fund_id = %s",
            [self.fund.id],
        )
        self.env.invalidate_all()
        messages = self.fund.message_ids
        funds = self.fund | self.other_fund
        with self.assertLogs(LOGGER, "WARNING"):
            self.assertEqual(funds._recount(), self.fund)
        self.assertEqual(len(self.fund.message_ids - messages), 1)
        self.assertFund(100, 60)
        self.assertFalse(funds._recount())

    def test_cron_recounts(self):
        self._donate(100)
        self.env.cr.execute(
            "UPDATE beneficiary_fund_counter SET balance = 90 WHERE fund_id = %s",
            [self.fund.id],
        )
        self.env.invalidate_all()
        with self.enter_registry_test_mode(), self.assertLogs(LOGGER, "WARNING"):
            self.env.ref("beneficiary_aid.ir_cron_fund_recount").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFund(100, 0)

    def test_money_in_the_fund_forbids_archiving_and_deletion(self):
        self._donate(100)
        with self.assertRaises(ValidationError):
            self.fund.active = False
        with self.assertRaises(UserError):
            self.fund.unlink()

    def test_empty_fund_goes_with_its_account(self):
        account = self.other_fund.analytic_account_id
        self.other_fund.active = False
        self.assertFalse(account.active)
        self.other_fund.unlink()
        self.assertFalse(account.exists())

    def test_fund_and_account_share_name(self):
        self.fund.name = "Medicine"
        self.assertEqual(self.fund.analytic_account_id.name, "Medicine")
        self.assertEqual(
            self.fund.analytic_account_id.plan_id,
            self.env.ref("beneficiary_aid.analytic_plan_funds"),
        )

    def test_copied_fund_starts_empty(self):
        self._donate(100)
        copy = self.fund.copy()
        self.assertNotEqual(copy.analytic_account_id, self.fund.analytic_account_id)
        self.assertFund(0, 0, copy)

    # === What it may pay for === #

    def test_conditions(self):
        other_type = self._create_aid_type(name="Rent", code="rent")
        category = self.env["beneficiary.category"].create(
            {"name": "Widows", "code": "widows", "company_id": self.company.id}
        )
        self.fund._check_may_pay(self.aid_type, self.beneficiary)
        cases = {
            "type": {"aid_type_ids": other_type.ids},
            "category": {"category_ids": category.ids},
            "deadline": {"date_deadline": "2020-01-01"},
        }
        for case, values in cases.items():
            with self.subTest(case=case):
                fund = self._create_fund(name=case, code=case, **values)
                with self.assertRaises(UserError):
                    fund._check_may_pay(self.aid_type, self.beneficiary)
        self.aid_type.fund_ids = self.other_fund
        with self.assertRaises(UserError):
            self.fund._check_may_pay(self.aid_type, self.beneficiary)
        self.other_fund._check_may_pay(self.aid_type, self.beneficiary)


@tagged("post_install", "-at_install")
class TestFundLedgerGuards(FinanceCommon):
    """Nobody moves the money of a fund past the journal entries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.column = cls.env["beneficiary.fund"]._plan_column()
        cls.income = cls.company.beneficiary_donation_account_id
        cls.expense = cls.company.beneficiary_aid_account_id
        # A plan adds a column: once for the class.
        cls.projects = cls.env["account.analytic.plan"].create({"name": "Projects"})
        cls._donate(100)
        cls.entry = cls._take(30)
        cls.line = cls.entry.line_ids.filtered("debit")

    def test_line_by_hand_is_refused(self):
        for move_line in (self.env["account.move.line"], self.line):
            with self.subTest(move_line=move_line), self.assertRaises(UserError):
                self.env["account.analytic.line"].with_user(self.accountant).create(
                    {
                        "name": "by hand",
                        "amount": 50,
                        self.column: self.fund.analytic_account_id.id,
                        "move_line_id": move_line.id,
                        "company_id": self.company.id,
                    }
                )
        self.assertFund(70, 0)

    def test_magic_account_by_hand_is_refused(self):
        with self.assertRaises(UserError):
            self.env["account.analytic.line"].with_context(
                analytic_plan_id=self.env["beneficiary.fund"]._plan().id
            ).create(
                {
                    "name": "by hand",
                    "amount": 50,
                    "auto_account_id": self.fund.analytic_account_id.id,
                    "company_id": self.company.id,
                }
            )

    def test_posted_line_is_not_edited(self):
        analytic_line = self.line.analytic_line_ids.with_user(self.accountant)
        other = self.other_fund.analytic_account_id
        changes = (
            {"amount": -1},
            {self.column: other.id},
            {self.column: False},
            {"date": "2020-01-01"},
            {"analytic_distribution": {str(other.id): 100}},
        )
        for values in changes:
            for context in ({}, {"skip_analytic_sync": True}):
                with (
                    self.subTest(values=values, context=context),
                    self.assertRaises(UserError),
                ):
                    analytic_line.with_context(**context).write(values)
        with self.assertRaises(UserError):
            analytic_line.unlink()
        self.assertFund(70, 0)

    def test_forged_context_opens_nothing(self):
        line = self.line.analytic_line_ids.with_context(beneficiary_fund_entry=True)
        with self.assertRaises(UserError):
            line.write({"amount": -1})

    def test_distribution_of_posted_line_is_frozen(self):
        other = str(self.other_fund.analytic_account_id.id)
        mine = str(self.fund.analytic_account_id.id)
        for distribution in ({other: 100}, False, {mine: 50}, {mine: 50, other: 50}):
            for context in ({}, {"skip_analytic_sync": True}):
                with (
                    self.subTest(distribution=distribution, context=context),
                    self.assertRaises(UserError),
                ):
                    self.line.with_user(self.accountant).with_context(**context).write(
                        {"analytic_distribution": distribution}
                    )
        self.assertFund(70, 0)

    def test_fund_is_not_added_to_a_posted_line(self):
        line = self.entry.line_ids - self.line
        with self.assertRaises(UserError):
            line.analytic_distribution = {str(self.fund.analytic_account_id.id): 100}

    def test_other_plans_stay_free(self):
        plan = self.projects
        account = self.env["account.analytic.account"].create(
            {"name": "Clinic", "plan_id": plan.id, "company_id": self.company.id}
        )
        fund_account = self.fund.analytic_account_id
        self.line.with_user(self.accountant).analytic_distribution = {
            f"{fund_account.id},{account.id}": 100
        }
        self.assertFund(70, 0)
        self.assertEqual(self.line.analytic_line_ids[plan._column_name()], account)

    def test_distribution_model_does_not_move_posted_money(self):
        self.env["account.analytic.distribution.model"].create(
            {
                "account_prefix": self.income.code,
                "company_id": self.company.id,
                "analytic_distribution": {
                    str(self.other_fund.analytic_account_id.id): 100
                },
            }
        )
        self.line.with_user(self.accountant).account_id = self.income
        self.assertFund(70, 0)
        self.assertFund(0, 0, self.other_fund)

    def test_split_between_funds_is_refused_at_posting(self):
        mine = str(self.fund.analytic_account_id.id)
        other = str(self.other_fund.analytic_account_id.id)
        for distribution in (
            {mine: 50},
            {mine: 50, other: 50},
            {f"{mine},{other}": 100},
        ):
            entry = self._take(10, post=False)
            entry.line_ids.filtered("debit").analytic_distribution = distribution
            with self.subTest(distribution=distribution), self.assertRaises(UserError):
                entry.action_post()
        self.assertFund(70, 0)

    def test_fund_of_other_company_is_refused_at_posting(self):
        other = self._create_association("Other")
        fund = self.env["beneficiary.fund"].create(
            {"name": "Foreign", "code": "F", "company_id": other.id}
        )
        entry = self._take(10, post=False)
        entry.line_ids.filtered("debit").analytic_distribution = {
            str(fund.analytic_account_id.id): 100
        }
        with self.assertRaises(UserError):
            entry.action_post()

    def test_accounts_and_plan_belong_to_funds(self):
        plan = self.env.ref("beneficiary_aid.analytic_plan_funds")
        account = self.fund.analytic_account_id.with_user(self.accountant)
        with self.assertRaises(UserError):
            account.plan_id = self.projects
        with self.assertRaises(UserError):
            account.active = False
        with self.assertRaises(UserError):
            self.env["account.analytic.account"].create(
                {"name": "No fund", "plan_id": plan.id}
            )
        with self.assertRaises(UserError):
            plan.parent_id = self.projects
        with self.assertRaises(UserError):
            plan.unlink()


@tagged("post_install", "-at_install")
class TestFundAccess(FinanceCommon):
    def test_counter_is_read_only_for_everybody(self):
        counter = self.fund.counter_ids
        everybody = (self.clerk, self.releaser, self.aid_manager, self.administrator)
        for user in everybody:
            with self.subTest(user=user.login):
                own = counter.with_user(user)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(own.has_access(operation))
                with self.assertRaises(AccessError):
                    own.write({"balance": 1000})

    def test_who_may_do_what(self):
        table = {
            self.aid_manager: "read write create unlink",
            self.administrator: "read write create unlink",
            self.clerk: "read",
            self.releaser: "read",
            self.accountant: "read",
            self.officer: "read",
            self.researcher: "read",
            self.auditor: "read",
            self.employee: "",
            self.quality: "",
            self.representative: "",
        }
        for user, allowed in table.items():
            funds = self.env["beneficiary.fund"].with_user(user)
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertEqual(
                        funds.has_access(operation), operation in allowed.split()
                    )

    def test_manager_creates_a_fund_without_accounting_rights(self):
        fund = (
            self.env["beneficiary.fund"]
            .with_user(self.aid_manager)
            .create({"name": "Winter", "code": "WINTER"})
        )
        fund.name = "Winter Clothes"
        self.assertEqual(fund.balance, 0)
        self.assertFund(0, 0, fund)

    def test_officer_sees_figures_without_accounting(self):
        self._donate(100)
        fund = self.fund.with_user(self.officer)
        fund.invalidate_recordset()
        self.assertEqual((fund.balance, fund.free), (100, 100))

    def test_other_company_sees_nothing(self):
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        for model in ("beneficiary.fund", "beneficiary.donation"):
            self.assertFalse(env[model].search([]))
        with self.assertRaises(AccessError):
            self.fund.with_env(env).read(["name"])

    def test_code_is_unique_in_a_company(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_fund(name="Again", code="TREAT")


@tagged("post_install", "-at_install")
class TestAccountingSetup(FinanceCommon):
    def _assert_set_up(self, company):
        self.assertEqual(company.beneficiary_donation_account_id.account_type, "income")
        self.assertEqual(company.beneficiary_aid_account_id.account_type, "expense")
        self.assertEqual(company.beneficiary_aid_journal_id.code, "AID")
        banks = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank")]
        )
        self.assertTrue(banks)
        for direction in ("inbound", "outbound"):
            accounts = banks[f"{direction}_payment_method_line_ids"].payment_account_id
            self.assertTrue(accounts and all(accounts.mapped("reconcile")))
            self.assertNotIn("asset_cash", accounts.mapped("account_type"))

    def _get_all(self, company):
        return [
            company.beneficiary_donation_account_id,
            company.beneficiary_aid_account_id,
            company.beneficiary_aid_journal_id,
            self.env["account.account"].search_count(
                [("company_ids", "in", company.ids)]
            ),
            self.env["account.journal"].search_count([("company_id", "=", company.id)]),
        ]

    def test_setup_is_repeatable_with_any_chart(self):
        templates = self.env["account.chart.template"]
        mapping = templates._get_chart_template_mapping()
        for code in ("generic_coa", "sa"):
            if not mapping.get(code, {}).get("installed"):
                continue
            with self.subTest(chart=code):
                company = self._create_association(f"Chart {code}")
                templates.try_loading(code, company, install_demo=False)
                company._beneficiary_setup_accounting()
                self._assert_set_up(company)
                before = self._get_all(company)
                company._beneficiary_setup_accounting()
                self.assertEqual(self._get_all(company), before)

    def test_setup_loads_a_chart_when_there_is_none(self):
        company = self._create_association("No chart")
        company._beneficiary_setup_accounting()
        self._assert_set_up(company)

    def test_setup_keeps_what_was_chosen(self):
        chosen = self.env["account.account"].create(
            {"name": "Gifts", "code": "499123", "account_type": "income"}
        )
        self.company.beneficiary_donation_account_id = chosen
        self.company._beneficiary_setup_accounting()
        self.assertEqual(self.company.beneficiary_donation_account_id, chosen)

    def test_setup_finds_its_account_again(self):
        account = self.company.beneficiary_aid_account_id
        self.company.beneficiary_aid_account_id = False
        self.company._beneficiary_setup_accounting()
        self.assertEqual(self.company.beneficiary_aid_account_id, account)

    def test_button_is_for_administrators(self):
        settings = self.env["res.config.settings"].create({})
        settings.with_user(self.env.user).action_beneficiary_setup_accounting()
        with self.assertRaises(AccessError):
            settings.with_user(self.clerk).action_beneficiary_setup_accounting()

    def test_missing_setup_is_explained(self):
        self.company.beneficiary_donation_account_id = False
        with self.assertRefused("Set Up Accounts"):
            self._donate(10)
