from odoo import models
from odoo.tools import format_date


class AidPublishXlsx(models.AbstractModel):
    """Aid figures for publishing as a spreadsheet."""

    _name = "report.beneficiary_aid.aid_publish_xlsx"
    _inherit = "report.report_xlsx.abstract"
    _description = "Aid Figures for Publishing (Spreadsheet)"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the groups that are large enough, and what the others add up to."""
        objs._check_reader()
        for wizard in objs:
            sheet = workbook.add_worksheet(self.env._("Aid"))
            language = self.env["res.lang"]._get_data(code=self.env.lang)
            if language.direction == "rtl":
                sheet.right_to_left()
            bold = workbook.add_format({"bold": True})
            money = workbook.add_format({"num_format": "#,##0.00"})
            sheet.set_column(0, 0, 36)
            sheet.set_column(1, 3, 16)
            start, end = wizard._get_days()
            period = self.env._(
                "%(start)s to %(end)s",
                start=format_date(self.env, start),
                end=format_date(self.env, end),
            )
            sheet.write_string(0, 0, wizard.company_id.name or "", bold)
            sheet.write_string(1, 0, period)
            note = self.env._(
                "Groups of fewer than %(count)s people are added up in one line.",
                count=wizard.smallest_group,
            )
            sheet.write_string(2, 0, note)
            features = dict(wizard._fields["feature"]._description_selection(self.env))
            heads = (
                features[wizard.feature],
                self.env._("Amount"),
                self.env._("Persons"),
                self.env._("Households"),
            )
            for column, head in enumerate(heads):
                sheet.write_string(4, column, head, bold)
            for row, group in enumerate(wizard._get_groups(), start=5):
                label, amount, persons, households = group
                sheet.write_string(row, 0, label)
                sheet.write_number(row, 1, amount, money)
                sheet.write_number(row, 2, persons)
                sheet.write_number(row, 3, households)
