from odoo import models

from ..models.beneficiary_aid_report import AID_READERS


class ZakatRegisterXlsx(models.AbstractModel):
    """The zakat register as a spreadsheet."""

    _name = "report.beneficiary_aid.zakat_register_xlsx"
    _inherit = "report.beneficiary_aid.table_xlsx"
    _description = "Zakat Register (Spreadsheet)"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the chosen lines of the register."""
        self.env["beneficiary.beneficiary"]._require_group(*AID_READERS)
        self._write_table(
            workbook,
            self.env._("Zakat Register"),
            self._today_heads(objs),
            objs,
            (
                "file_number",
                "zakat_channel_id",
                "date",
                "fund_id",
                "aid_type_id",
                "amount",
                "decision_id",
                "disbursement_id",
                "receipt",
                "zakat_authorised_on",
            ),
        )


class AidPayableXlsx(models.AbstractModel):
    """What is owed for aid as a spreadsheet."""

    _name = "report.beneficiary_aid.aid_payable_xlsx"
    _inherit = "report.beneficiary_aid.table_xlsx"
    _description = "Aged Payables of Aid (Spreadsheet)"

    def generate_xlsx_report(self, workbook, data, objs):
        """Write the chosen lines."""
        self.env["beneficiary.beneficiary"]._require_group(*AID_READERS)
        self._write_table(
            workbook,
            self.env._("Aged Payables"),
            self._today_heads(objs),
            objs,
            (
                "disbursement_id",
                "payee_id",
                "fund_id",
                "account_id",
                "date",
                "days",
                "band",
                "amount",
            ),
        )
