from odoo import fields, models
from odoo.tools import format_list


class TableXlsx(models.AbstractModel):
    """Records as sheets of a spreadsheet; words are written as words.

    A report says with :meth:`_write_table` which fields of which records it holds.
    """

    _name = "report.beneficiary_aid.table_xlsx"
    _inherit = "report.report_xlsx.abstract"
    _description = "Table (Spreadsheet)"

    def _write_table(self, workbook, title, heads, lines, names, total=True):
        """Write a sheet: what it is, a head, a row a line, the sums.

        :param str title: name of the sheet
        :param list heads: lines above the table: the association, the days
        :param lines: recordset whose fields are named
        :param bool total: whether amounts are added up
        """
        sheet = workbook.add_worksheet(title)
        language = self.env["res.lang"]._get_data(code=self.env.lang)
        if language.direction == "rtl":
            sheet.right_to_left()
        bold = workbook.add_format({"bold": True})
        formats = {
            "monetary": workbook.add_format({"num_format": "#,##0.00"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "total": workbook.add_format({"num_format": "#,##0.00", "bold": True}),
        }
        sheet.set_column(0, 0, 36)
        sheet.set_column(1, len(names), 16)
        for row, head in enumerate(heads):
            sheet.write_string(row, 0, head or "", None if row else bold)
        row = len(heads) + 1
        labels = lines.fields_get(names)
        for column, name in enumerate(names):
            sheet.write_string(row, column, labels[name]["string"], bold)
        for line in lines:
            row += 1
            for column, name in enumerate(names):
                self._write_cell(sheet, row, column, line, name, formats)
        if not total:
            return
        row += 1
        sheet.write_string(row, 0, self.env._("Total"), bold)
        for column, name in enumerate(names):
            if lines._fields[name].type == "monetary":
                # Column by column: adding up floats leaves no trace of a halala.
                amount = lines.env.company.currency_id.round(sum(lines.mapped(name)))
                sheet.write_number(row, column, amount, formats["total"])

    def _write_cell(self, sheet, row, column, line, name, formats):
        field = line._fields[name]
        value = line[name]
        if field.type == "monetary":
            sheet.write_number(row, column, value, formats["monetary"])
        elif field.type == "integer":
            sheet.write_number(row, column, value)
        elif field.type == "date" and value:
            sheet.write_datetime(row, column, value, formats["date"])
        elif field.type == "many2one":
            sheet.write_string(row, column, value.display_name or "")
        elif field.type == "selection":
            words = dict(field._description_selection(self.env))
            sheet.write_string(row, column, words.get(value, ""))
        else:
            sheet.write_string(row, column, str(value or ""))

    def _today_heads(self, lines):
        """Return whose lines these are, and of which day.

        :rtype: list of str
        """
        day = fields.Date.context_today(self)
        companies = lines.company_id or self.env.company
        # The names of one's own associations are no secret.
        names = format_list(self.env, companies.sudo().mapped("name"))
        return [names, self.env._("As of %(day)s", day=day)]
