import io
from datetime import date, timedelta

from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .batch_common import BatchCommon


class ReportCommon(BatchCommon):
    """What the reports on money have in common: who reads them, and as what."""

    def _report(self, model, domain=(), user=None):
        self.env.flush_all()
        return self.env[model].with_user(user or self.clerk).search(list(domain))

    def _sheets(self, xmlid, records, user=None):
        """Render a spreadsheet and return it as it is read back."""
        report = self.env.ref(f"beneficiary_aid.{xmlid}").with_user(user or self.clerk)
        content, kind = report.with_context(active_model=records._name)._render_xlsx(
            report.report_name, records.ids, {}
        )
        self.assertEqual(kind, "xlsx")
        return load_workbook(io.BytesIO(content))

    def _stranger(self):
        """A finance clerk of another association, in that association."""
        other = self._create_association("Other")
        user = self._create_finance_user(
            "report_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        return self.env(user=user, context={"allowed_company_ids": other.ids})

    def _researcher(self):
        return self._create_finance_user(
            "report_researcher", "beneficiary_relations.group_social_researcher"
        )


@tagged("post_install", "-at_install")
class TestAidReport(ReportCommon):
    MODEL = "beneficiary.aid.report"

    def test_only_live_disbursements_are_counted(self):
        self._donate(1000)
        request = self._approve(100)
        self._disburse(request, 40.05)
        self._disburse(request, 20).action_reverse()
        self._disburse(request, 30, post=False)
        [line] = self._report(self.MODEL)
        self.assertEqual(line.amount, 40.05)
        self.assertEqual(line.state, "due")
        statement = (
            self.env["beneficiary.fund.movement"]
            .with_user(self.clerk)
            .search([("origin", "in", ("aid", "reversal"))])
        )
        self.assertAlmostEqual(sum(statement.mapped("amount")), -40.05)

    def test_what_people_ask_about(self):
        self._donate(1000)
        today = fields.Date.today()
        self.beneficiary.write(
            {"birth_date": today - timedelta(days=365 * 10), "gender": "female"}
        )
        self._disburse(self._approve(100), 40)
        [line] = self._report(self.MODEL)
        self.assertEqual((line.age_band, line.gender), ("child", "female"))
        self.assertEqual(line.fund_id, self.fund)
        self.beneficiary.birth_date = date(today.year - 36, 1, 1)
        line.invalidate_recordset()
        [line] = self._report(self.MODEL)
        self.assertEqual(line.age_band, "adult")

    def test_people_and_households_count_once(self):
        self._donate(1000)
        self._disburse(self._approve(100), 40)
        self._disburse(self._approve(50), 50)
        self._create_due(2, post=True)
        self.env.flush_all()
        [[amount, persons, households]] = (
            self.env[self.MODEL]
            .with_user(self.clerk)
            ._read_group(
                [],
                [],
                [
                    "amount:sum",
                    "person_key:count_distinct",
                    "household_key:count_distinct",
                ],
            )
        )
        self.assertEqual((amount, persons, households), (290, 3, 3))

    def test_roles_and_other_company(self):
        self._donate(1000)
        self._disburse(self._approve(100), 40)
        for user in (self.releaser, self.aid_manager):
            self.assertTrue(self._report(self.MODEL, user=user))
        with self.assertRaises(AccessError):
            self._report(self.MODEL, user=self._researcher())
        self.assertFalse(self._stranger()[self.MODEL].search([]))

    def test_queries_do_not_grow(self):
        self._donate(5000)

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._report(self.MODEL).read(["amount", "fund_id", "aid_type_id"])
            return self.cr.sql_log_count - before

        self._create_due(1, post=True)
        queries()
        few = queries()
        self._create_due(8, post=True)
        queries()
        self.assertEqual(queries(), few)


@tagged("post_install", "-at_install")
class TestAidPublish(ReportCommon):
    XLSX = "action_report_aid_publish_xlsx"

    def _wizard(self, feature="gender", user=None, **values):
        return (
            self.env["beneficiary.aid.publish"]
            .with_user(user or self.clerk)
            .create({"company_id": self.company.id, "feature": feature, **values})
        )

    def _help(self, count, gender):
        due = self._create_due(count, post=True)
        due.request_id.beneficiary_id.sudo().gender = gender
        return due

    def test_small_groups_are_added_up(self):
        self._donate(5000)
        self._help(9, "male")
        self._help(6, "female")
        self._help(5, False)
        groups = self._wizard()._get_groups()
        self.assertEqual(
            groups,
            [
                ("Male", 900, 9, 9),
                ("Female", 600, 6, 6),
                ("Not known", 500, 5, 5),
            ],
        )

    def test_difference_to_the_total_tells_nobody(self):
        """Two people alone in a group take the next smallest group with them."""
        self._donate(5000)
        self._help(9, "male")
        self._help(6, "female")
        self._help(2, False)
        groups = self._wizard()._get_groups()
        self.assertEqual(
            groups, [("Male", 900, 9, 9), ("Small groups together", 800, 8, 8)]
        )

    def test_too_few_people_are_not_published(self):
        self._donate(5000)
        self._help(4, "male")
        with self.assertRefused("Fewer than 5"):
            self._wizard().action_export()

    def test_setting_asks_for_more_never_for_less(self):
        self.company.beneficiary_smallest_group = 7
        self.assertEqual(self._wizard().smallest_group, 7)
        self._donate(5000)
        self._help(9, "male")
        self._help(6, "female")
        groups = self._wizard()._get_groups()
        self.assertEqual(groups, [("Small groups together", 1500, 15, 15)])

    def test_months_are_whole(self):
        wizard = self._wizard(date_from="2026-02-10", date_to="2026-03-03")
        self.assertEqual(wizard._get_days(), (date(2026, 2, 1), date(2026, 3, 31)))

    def test_spreadsheet(self):
        self._donate(5000)
        self.aid_type.name = "=1+1"
        self._help(6, "male")
        wizard = self._wizard("aid_type_id")
        wizard.action_export()
        [sheet] = self._sheets(self.XLSX, wizard).worksheets
        cell = sheet["A6"]
        self.assertEqual((cell.value, cell.data_type), ("=1+1", "s"))
        self.assertEqual([one.value for one in sheet[6]][1:], [600, 6, 6])

    def test_roles(self):
        with self.assertRaises(AccessError):
            self._wizard(user=self._researcher())
        wizard = self._wizard()
        with self.assertRaises(AccessError):
            wizard.with_user(self._researcher()).action_export()


@tagged("post_install", "-at_install")
class TestZakatRegister(ReportCommon):
    MODEL = "beneficiary.zakat.register"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.beneficiary_zakat_own_bank = False
        cls.channel = cls.env["beneficiary.zakat.channel"].search([], limit=1)
        cls.zakat = cls._create_fund(
            name="Zakat",
            code="ZK",
            kind="zakat",
            zakat_channel_ids=[fields.Command.set(cls.channel.ids)],
        )

    def _give(self, amount):
        request = self._create_request(zakat_channel_id=self.channel.id)
        return self._disburse(self._approve(amount, self.zakat, request), amount)

    def test_register_holds_zakat_by_number(self):
        self._donate(500)
        self._donate(500, self.zakat)
        self._disburse(self._approve(50), 50)
        paid = self._give(70.5)
        self._release(paid)
        self._give(30).action_reverse()
        [line] = self._report(self.MODEL)
        self.assertEqual(line.file_number, self.beneficiary.file_number)
        self.assertEqual(line.zakat_channel_id, self.channel)
        self.assertEqual((line.amount, line.receipt), (70.5, "sent"))
        self.assertEqual(line.decision_id, paid.decision_id)

    def test_spreadsheet_names_nobody(self):
        self._donate(500, self.zakat)
        self._give(70.5)
        [sheet] = self._sheets(
            "action_report_zakat_register_xlsx", self._report(self.MODEL)
        ).worksheets
        cells = [str(cell.value) for row in sheet for cell in row]
        self.assertIn(self.beneficiary.file_number, cells)
        self.assertIn("70.5", cells)
        self.assertFalse([text for text in cells if self.beneficiary.name in text])

    def test_arabic_sheet_runs_from_right_to_left(self):
        self._donate(500, self.zakat)
        self._give(70.5)
        self.env["res.lang"]._activate_lang("ar_001")
        self.clerk.lang = "ar_001"
        lines = self._report(self.MODEL).with_context(lang="ar_001")
        report = self.env.ref("beneficiary_aid.action_report_zakat_register_xlsx")
        content, _kind = (
            report.with_user(self.clerk)
            .with_context(active_model=self.MODEL, lang="ar_001")
            ._render_xlsx(report.report_name, lines.ids, {})
        )
        [sheet] = load_workbook(io.BytesIO(content)).worksheets
        self.assertTrue(sheet.sheet_view.rightToLeft)

    def test_roles_and_other_company(self):
        self._donate(500, self.zakat)
        self._give(70.5)
        lines = self._report(self.MODEL)
        with self.assertRaises(AccessError):
            self._report(self.MODEL, user=self._researcher())
        with self.assertRaises(AccessError):
            self._sheets("action_report_zakat_register_xlsx", lines, self._researcher())
        env = self._stranger()
        self.assertFalse(env[self.MODEL].search([]))
        with self.assertRaises(AccessError):
            lines.with_env(env).read(["amount"])
        lines.with_user(self.releaser).action_open_disbursement()


@tagged("post_install", "-at_install")
class TestAidPayable(ReportCommon):
    MODEL = "beneficiary.aid.payable"

    def test_days_are_counted_in_bands(self):
        self._donate(1000)
        today = fields.Date.today()
        due = self._create_due(4)
        for number, days in enumerate((0, 31, 61, 91)):
            due[number].date = today - timedelta(days=days)
        due.action_post()
        lines = self._report(self.MODEL)
        self.assertEqual(lines.mapped("days"), [91, 61, 31, 0])
        self.assertEqual(lines.mapped("band"), ["4", "3", "2", "1"])
        self.assertEqual(sum(lines.mapped("amount")), 400)

    def test_open_amounts_are_those_of_the_ledger(self):
        self._donate(1000)
        due = self._create_due(3, post=True)
        self._release(due[0])
        due[1].action_reverse()
        lines = self._report(self.MODEL)
        self.assertEqual(lines.disbursement_id, due[2])
        [[residual]] = self.env["account.move.line"]._read_group(
            [
                ("account_id", "in", lines.account_id.ids),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ],
            [],
            ["amount_residual:sum"],
        )
        self.assertEqual(sum(lines.mapped("amount")), -residual)

    def test_spreadsheet_roles_and_other_company(self):
        self._donate(1000)
        self._create_due(2, post=True)
        lines = self._report(self.MODEL)
        [sheet] = self._sheets("action_report_aid_payable_xlsx", lines).worksheets
        self.assertEqual(sheet.cell(sheet.max_row, 8).value, 200)
        with self.assertRaises(AccessError):
            self._report(self.MODEL, user=self._researcher())
        self.assertFalse(self._stranger()[self.MODEL].search([]))


@tagged("post_install", "-at_install")
class TestStatementByClass(ReportCommon):
    def test_classes_tie_with_the_funds(self):
        endowment = self._create_fund(name="Waqf", code="WQF", kind="endowment")
        restricted = self._create_fund(name="Cancer", code="CAN", kind="restricted")
        self.company.beneficiary_zakat_own_bank = False
        zakat = self._create_fund(name="Zakat", code="ZK", kind="zakat")
        self._donate(100.1)
        self._donate(50, restricted)
        self._donate(30.3, zakat)
        self._donate(1000, endowment)
        self._donate(5, restricted).action_cancel()
        request = self._approve(40)
        self._disburse(request, 15)
        transfer = (
            self.env["beneficiary.fund.transfer"]
            .with_user(self.clerk)
            .create(
                {
                    "from_fund_id": self.fund.id,
                    "to_fund_id": restricted.id,
                    "amount": 20.01,
                    "reason": "Rent",
                    "company_id": self.company.id,
                }
            )
        )
        transfer.with_user(self.releaser).action_approve()
        today = fields.Date.today()
        statement = (
            self.env["beneficiary.fund.statement"]
            .with_user(self.clerk)
            .create(
                {
                    "company_id": self.company.id,
                    "date_from": today,
                    "date_to": today,
                }
            )
        )
        statement.action_compute()
        statement.action_compute()
        lines = {line.restriction: line for line in statement.class_ids}
        self.assertEqual(len(statement.class_ids), 3)
        free, tied = lines["unrestricted"], lines["restricted"]
        self.assertEqual((free.income, free.aid), (100.1, 15))
        self.assertEqual((free.transfers, free.closing), (-20.01, 65.09))
        self.assertEqual((tied.income, tied.other), (85.3, -5))
        self.assertEqual((tied.closing, tied.zakat), (100.31, 30.3))
        self.assertEqual(lines["endowment"].closing, 1000)
        self.assertAlmostEqual(
            sum(statement.class_ids.mapped("closing")),
            sum(statement.line_ids.mapped("closing")),
        )
        book = self._sheets("action_report_fund_statement_xlsx", statement)
        self.assertEqual(len(book.worksheets), 3)
        with self.assertRaises(AccessError):
            statement.class_ids.with_user(self._researcher()).read(["closing"])
