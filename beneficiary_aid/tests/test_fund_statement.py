import io
import re
from datetime import date

from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .finance_common import FinanceCommon

XLSX = "beneficiary_aid.action_report_fund_statement_xlsx"


@tagged("post_install", "-at_install")
class TestFundStatement(FinanceCommon):
    def _statement(self, date_from=None, date_to=None, user=None):
        today = fields.Date.today()
        statement = (
            self.env["beneficiary.fund.statement"]
            .with_user(user or self.clerk)
            .create(
                {
                    "company_id": self.company.id,
                    "date_from": date_from or today,
                    "date_to": date_to or today,
                }
            )
        )
        statement.action_compute()
        return statement

    def _line(self, statement, fund=None):
        return statement.line_ids.filtered(
            lambda line: line.fund_id == (fund or self.fund)
        )

    def assertTied(self, statement):
        """Opening, in and out make the closing of each fund, and the ledger agrees."""
        currency = self.company.currency_id
        for line in statement.line_ids:
            self.assertTrue(
                currency.is_zero(
                    line.opening + line.amount_in - line.amount_out - line.closing
                )
            )
        self.assertEqual(statement.difference, 0)
        self.assertTrue(statement.is_tied)

    def test_statement_is_printed_as_it_is_shown(self):
        self._donate(100.05)
        statement = self._statement(user=self.releaser)
        action = statement.action_print()
        self.assertEqual(action["report_name"], "beneficiary_aid.report_fund_statement")
        currency = self.company.currency_id
        account = self.company.beneficiary_donation_account_id
        paper = statement.with_context(lang=statement._paper_lang())
        for text in (
            self.fund.display_name,
            account.with_company(self.company).code,
            paper.env._("The statement ties with the ledger."),
            "100.05",
            paper._paper_currency(),
        ):
            self.assertIn(text, self._printed(statement))
        # An accountant's entry that the funds do not know is told on the paper.
        statement.sudo().write({"is_tied": False, "difference": 7.5})
        self.assertIn(currency.format(7.5), self._printed(statement))

    def _printed(self, statement):
        """The words of the paper; Arabic stands in a part of its own each."""
        return re.sub(r"<[^>]+>", "", str(statement._statement_html()))

    def test_statement_is_printed_for_its_readers_only(self):
        statement = self._statement()
        member = self._create_finance_user(
            "member", "beneficiary_aid.group_committee_member"
        )
        with self.assertRaises(AccessError):
            statement.with_user(member).action_print()

    def test_statement_follows_a_year_of_money(self):
        self._donate(100.05)
        self._donate(40).action_cancel()
        request = self._approve(60)
        disbursement = self._disburse(request, 35.55)
        self._disburse(request, 10).action_reverse()
        transfer = (
            self.env["beneficiary.fund.transfer"]
            .with_user(self.clerk)
            .create(
                {
                    "from_fund_id": self.fund.id,
                    "to_fund_id": self.other_fund.id,
                    "amount": 20.01,
                    "reason": "Rent",
                    "company_id": self.company.id,
                }
            )
        )
        transfer.with_user(self.releaser).action_approve()
        self._release(disbursement)
        statement = self._statement()
        self.assertTied(statement)
        line = self._line(statement)
        self.assertEqual(line.opening, 0)
        self.assertEqual(line.transfers, -20.01)
        self.assertEqual(line.aid, 45.55)
        self.assertAlmostEqual(line.closing, 100.05 - 35.55 - 20.01)
        self.assertEqual(line.closing, self.fund.balance)
        self.assertEqual(line.committed, self.fund.committed)
        self.assertEqual(self._line(statement, self.other_fund).closing, 20.01)

    def test_closing_of_a_year_opens_the_next(self):
        self._donate(100, date=date(2025, 12, 31))
        self._donate(11.11, date=date(2026, 1, 1))
        entry = self._take(30, date=date(2025, 12, 31))
        entry._reverse_moves([{"date": date(2026, 1, 2)}], cancel=True)
        last = self._statement(date(2025, 1, 1), date(2025, 12, 31))
        this = self._statement(date(2026, 1, 1), date(2026, 12, 31))
        self.assertTied(last)
        self.assertTied(this)
        self.assertEqual(self._line(last).closing, 70)
        self.assertEqual(self._line(this).opening, 70)
        self.assertEqual(self._line(this).closing, 111.11)
        self.assertEqual(self._line(this).closing, self.fund.balance)

    def test_items_on_no_fund_are_shown(self):
        self._donate(100)
        income = self.company.beneficiary_donation_account_id
        expense = self.company.beneficiary_aid_account_id
        self._entry([(expense, 7, 0, False), (income, 0, 7, False)])
        statement = self._statement()
        self.assertTied(statement)
        account = statement.account_ids.filtered(lambda one: one.account_id == income)
        self.assertEqual(
            (account.in_ledger, account.on_funds, account.on_no_fund), (107, 100, 7)
        )
        self.assertEqual(account.untagged_count, 1)

    def test_line_lost_behind_the_ledger_is_found(self):
        donation = self._donate(100)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_analytic_line SET amount = amount - 1"
            " WHERE move_line_id = ANY(%s)",
            [donation.move_id.line_ids.ids],
        )
        self.env.invalidate_all()
        statement = self._statement()
        self.assertFalse(statement.is_tied)
        self.assertEqual(statement.difference, 1)

    def test_movements_add_up_to_the_balance(self):
        self._donate(100)
        self._disburse(self._approve(60), 20)
        self.env.flush_all()
        movements = (
            self.env["beneficiary.fund.movement"]
            .with_user(self.releaser)
            .search([("fund_id", "=", self.fund.id)])
        )
        self.assertEqual(sum(movements.mapped("amount")), 80)
        self.assertEqual(set(movements.mapped("origin")), {"donation", "aid"})

    def test_spreadsheet_says_the_same(self):
        self.fund.name = "=1+1"
        self._donate(100.25)
        statement = self._statement()
        report = self.env.ref(XLSX).with_user(self.clerk)
        content, kind = report.with_context(active_model=statement._name)._render_xlsx(
            report.report_name, statement.ids, {}
        )
        self.assertEqual(kind, "xlsx")
        book = load_workbook(io.BytesIO(content))
        cells = {cell.value: cell for row in book.worksheets[0] for cell in row}
        self.assertIn(100.25, cells)
        [name] = [cell for value, cell in cells.items() if "=1+1" in str(value)]
        self.assertEqual(name.data_type, "s")

    def test_statement_is_for_the_readers_of_the_funds(self):
        with self.assertRaises(AccessError):
            self._statement(
                user=self._create_finance_user(
                    "statement_researcher",
                    "beneficiary_relations.group_social_researcher",
                )
            )
        self._statement(user=self.releaser)

    def test_other_company_sees_nothing(self):
        self._donate(100)
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "statement_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["beneficiary.fund.movement"].search([]))
        statement = self._statement()
        with self.assertRaises(AccessError):
            statement.with_env(env).read(["difference"])

    def test_queries_do_not_grow_with_the_lines(self):
        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._statement()
            return self.cr.sql_log_count - before

        self._donate(1)
        queries()
        few = queries()
        for _time in range(12):
            self._donate(1)
        queries()
        self.assertEqual(queries(), few)
