from odoo import fields, models
from odoo.exceptions import UserError

# The importer of OCA, when it is installed.
_IMPORT_DIALOG = "account_statement_import_file.account_statement_import_action"


class BeneficiaryStatementImport(models.TransientModel):
    """Which bank the statement is of, before its file is asked for.

    OCA's importer reads the file (sheets, CAMT, OFX and what else is installed); it
    needs to know the bank first, which its own button on a dashboard tells.
    """

    _name = "beneficiary.statement.import"
    _description = "Bank Statement to Import"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Bank",
        required=True,
        check_company=True,
        default=lambda self: self._default_journal_id(),
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
    )

    file_kind = fields.Selection(
        selection=[
            ("sheet", "A spreadsheet (CSV or Excel)"),
            ("bank", "A bank format such as CAMT (XML)"),
        ],
        string="File of the Bank",
        required=True,
        default="sheet",
        help="The columns set for the bank are used for a spreadsheet only.",
    )

    def _default_journal_id(self):
        """The bank, when there is only one."""
        banks = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=2
        )
        return banks if len(banks) == 1 else False

    def action_import(self):
        """Ask for the file of the bank's statement.

        :return: the dialog of OCA's importer
        :raise AccessError: when the user is no accountant
        :raise UserError: when no importer is installed
        """
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group("account.group_account_user")
        if not self.env.ref(_IMPORT_DIALOG, raise_if_not_found=False):
            raise UserError(
                self.env._(
                    "No importer of bank statements is installed. Install the addon "
                    "account_statement_import_sheet_file for spreadsheets, or enter "
                    "the lines of the statement by hand in accounting."
                )
            )
        action = self.env["ir.actions.actions"]._for_xml_id(_IMPORT_DIALOG)
        action["context"] = {"journal_id": self.journal_id.id}
        if self.file_kind == "bank":
            # With columns set the importer takes every file for a spreadsheet.
            action["context"]["default_sheet_mapping_id"] = False
        return action
