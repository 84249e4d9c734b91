from odoo import models
from odoo.tools import format_date


class FundStatementXlsx(models.AbstractModel):
    """The statement of the funds as a spreadsheet: funds, classes, trial balance."""

    _name = "report.beneficiary_aid.fund_statement_xlsx"
    _inherit = "report.beneficiary_aid.table_xlsx"
    _description = "Fund Statement (Spreadsheet)"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write a sheet with the funds, one with the classes of restriction and one
        with the accounts of the ledger."""
        objs._check_reader()
        figures = ("amount_in", "amount_out", "closing", "committed")
        for statement in objs:
            heads = [statement.company_id.name, self._get_period(statement)]
            self._write_table(
                workbook,
                self.env._("Funds"),
                heads,
                statement.line_ids,
                (
                    "fund_id",
                    "kind",
                    "opening",
                    "donations",
                    "aid",
                    "transfers",
                    *figures,
                ),
            )
            self._write_table(
                workbook,
                self.env._("Classes of Restriction"),
                heads,
                statement.class_ids,
                (
                    "restriction",
                    "opening",
                    "income",
                    "aid",
                    "transfers",
                    "other",
                    "closing",
                    "zakat",
                ),
            )
            self._write_table(
                workbook,
                self.env._("Trial Balance"),
                heads,
                statement.account_ids,
                (
                    "account_id",
                    "in_ledger",
                    "on_funds",
                    "on_no_fund",
                    "untagged_count",
                    "difference",
                ),
            )

    def _get_period(self, statement):
        return self.env._(
            "%(start)s to %(end)s",
            start=format_date(self.env, statement.date_from),
            end=format_date(self.env, statement.date_to),
        )
