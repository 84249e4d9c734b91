"""Bank statements in the files banks send, through the importers that are installed."""

import base64
import io

from openpyxl import Workbook

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon

WIZARD = "account.statement.import"
MAPPING = "account.statement.import.sheet.mapping"
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId><CreDtTm>{day}T10:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>{day}T10:00:00</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>SAR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="SAR">0.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="SAR">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>
<Ntry><Amt Ccy="SAR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>
<NtryDtls><TxDtls><Refs><EndToEndId>{words}</EndToEndId></Refs>
<AmtDtls><TxAmt><Amt Ccy="SAR">{amount}</Amt></TxAmt></AmtDtls>
<RmtInf><Ustrd>{words}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
IBAN = "SA4420000001234567891234"


@tagged("post_install", "-at_install")
class TestStatementImport(FinanceCommon):
    """A donation is proved by the statement, whatever file the bank sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.donation = cls._donate(1500.75, reference="TRF-9001")
        cls.day = fields.Date.to_string(cls.donation.date)

    def _installed(self, name):
        modules = self.env["ir.module.module"].sudo()
        if not modules.search_count([("name", "=", name), ("state", "=", "installed")]):
            self.skipTest(f"{name} is not installed")

    def _import(self, content, filename, file_kind="sheet", **values):
        """Import a file as the clerk does, from the dialog of our screens."""
        dialog = (
            self.env["beneficiary.statement.import"]
            .with_user(self.clerk)
            .create({"journal_id": self.bank.id, "file_kind": file_kind})
        )
        action = dialog.action_import()
        wizard = self.env[WIZARD].with_user(self.clerk)
        result = (
            wizard.with_context(**action["context"])
            .create(
                {
                    "statement_file": base64.b64encode(content),
                    "statement_filename": filename,
                    **values,
                }
            )
            ._import_file()
        )
        statements = self.env["account.bank.statement"].browse(result["statement_ids"])
        return statements.line_ids

    def _mapping(self):
        return (
            self.env[MAPPING]
            .create(
                {
                    "name": "The bank's sheet",
                    "header_lines_skip_count": 1,
                    "timestamp_format": "%Y-%m-%d",
                    "timestamp_column": "Date",
                    "amount_column": "Amount",
                    "description_column": "Words",
                    "transaction_id_column": "Number",
                    "float_thousands_sep": "none",
                    "float_decimal_sep": "dot",
                }
            )
            .id
        )

    def _check_proved(self, lines):
        self.assertEqual(lines.mapped("amount"), [1500.75])
        self.assertEqual(lines.journal_id, self.bank)
        lines.with_user(self.clerk).action_beneficiary_match()
        self.env.flush_all()
        self.assertTrue(lines.is_reconciled)
        self.assertTrue(self.donation.is_matched)

    def _rows(self):
        return [
            ["Number", "Date", "Amount", "Words"],
            ["F1", self.day, "1500.75", "Incoming TRF-9001"],
        ]

    def test_csv(self):
        self._installed("account_statement_import_sheet_file")
        text = "\n".join(",".join(row) for row in self._rows())
        self._check_proved(
            self._import(text.encode(), "bank.csv", sheet_mapping_id=self._mapping())
        )

    def test_xlsx(self):
        self._installed("account_statement_import_sheet_file_xlsx")
        book, file = Workbook(), io.BytesIO()
        for row in self._rows():
            book.active.append(row)
        book.save(file)
        mapping = self._mapping()
        self._check_proved(
            self._import(file.getvalue(), "bank.xlsx", sheet_mapping_id=mapping)
        )

    def test_camt(self):
        self._installed("account_statement_import_camt")
        self.bank.bank_account_id = self.env["res.partner.bank"].create(
            {"partner_id": self.company.partner_id.id, "acc_number": IBAN}
        )
        text = CAMT.format(
            day=self.day, iban=IBAN, amount="1500.75", words="Incoming TRF-9001"
        )
        self._check_proved(self._import(text.encode(), "bank.xml"))

    def test_camt_at_a_bank_that_also_sends_sheets(self):
        self._installed("account_statement_import_camt")
        self._installed("account_statement_import_sheet_file")
        self.bank.default_sheet_mapping_id = self._mapping()
        self.bank.bank_account_id = self.env["res.partner.bank"].create(
            {"partner_id": self.company.partner_id.id, "acc_number": IBAN}
        )
        text = CAMT.format(
            day=self.day, iban=IBAN, amount="1500.75", words="Incoming TRF-9001"
        )
        with self.assertRaisesRegex(UserError, "mapping"):
            self._import(text.encode(), "bank.xml")
        self._check_proved(self._import(text.encode(), "bank.xml", file_kind="bank"))

    def test_the_same_file_twice_enters_nothing_twice(self):
        self._installed("account_statement_import_sheet_file")
        text = "\n".join(",".join(row) for row in self._rows()).encode()
        mapping = self._mapping()
        self._import(text, "bank.csv", sheet_mapping_id=mapping)
        with self.assertRaises(Exception) as refused:
            self._import(text, "bank.csv", sheet_mapping_id=mapping)
        self.assertIn("already imported", str(refused.exception))
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", self.bank.id)]
        )
        self.assertEqual(lines.mapped("amount"), [1500.75])
