from odoo import models
from odoo.tools import format_date


class FundStatementXlsx(models.AbstractModel):
    """The statement of the funds as a spreadsheet; words are written as words."""

    _name = "report.beneficiary_aid.fund_statement_xlsx"
    _inherit = "report.report_xlsx.abstract"
    _description = "Fund Statement (Spreadsheet)"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write one sheet with the funds and one with the accounts of the ledger."""
        objs._check_reader()
        for statement in objs:
            self._write(
                workbook,
                statement,
                self.env._("Funds"),
                statement.line_ids,
                (
                    "fund_id",
                    "kind",
                    "opening",
                    "donations",
                    "aid",
                    "transfers",
                    "amount_in",
                    "amount_out",
                    "closing",
                    "committed",
                ),
            )
            self._write(
                workbook,
                statement,
                self.env._("Trial Balance"),
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

    def _write(self, workbook, statement, title, lines, names):
        """Write a sheet: what it is, a head, a row a line, the sums.

        :param lines: recordset whose fields are named
        """
        sheet = workbook.add_worksheet(title)
        language = self.env["res.lang"]._get_data(code=self.env.lang)
        if language.direction == "rtl":
            sheet.right_to_left()
        bold = workbook.add_format({"bold": True})
        money = workbook.add_format({"num_format": "#,##0.00"})
        total = workbook.add_format({"num_format": "#,##0.00", "bold": True})
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(names), 16)
        sheet.write_string(0, 0, statement.company_id.name or "", bold)
        period = self.env._(
            "%(start)s to %(end)s",
            start=format_date(self.env, statement.date_from),
            end=format_date(self.env, statement.date_to),
        )
        sheet.write_string(1, 0, period)
        labels = lines.fields_get(names)
        for column, name in enumerate(names):
            sheet.write_string(3, column, labels[name]["string"], bold)
        row = 4
        for line in lines:
            for column, name in enumerate(names):
                self._write_cell(sheet, row, column, line, name, money)
            row += 1
        sheet.write_string(row, 0, self.env._("Total"), bold)
        for column, name in enumerate(names):
            if lines._fields[name].type == "monetary":
                sheet.write_number(row, column, sum(lines.mapped(name)), total)

    def _write_cell(self, sheet, row, column, line, name, money):
        field = line._fields[name]
        value = line[name]
        if field.type == "monetary":
            sheet.write_number(row, column, value, money)
        elif field.type == "integer":
            sheet.write_number(row, column, value)
        elif field.type == "many2one":
            sheet.write_string(row, column, value.display_name or "")
        elif field.type == "selection":
            words = dict(field._description_selection(self.env))
            sheet.write_string(row, column, words.get(value, ""))
        else:
            sheet.write_string(row, column, str(value or ""))
