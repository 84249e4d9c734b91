from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.text import clean_text

from ..tools import bank_sheet

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MAX_WORDS = 200


class BeneficiaryBankSheetMixin(models.AbstractModel):
    """The words of a bank sheet are one line each, and not too long."""

    _name = "beneficiary.bank.sheet.mixin"
    _description = "Words of a Bank Sheet"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._cleaned(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._cleaned(vals))

    @api.model
    def _cleaned(self, vals):
        vals = dict(vals)
        for name, value in vals.items():
            if self._fields[name].type != "char" or not value:
                continue
            try:
                vals[name] = clean_text(value, MAX_WORDS)
            except ValueError:
                raise UserError(
                    self.env._(
                        "%(field)s is too long. Write at most %(count)s letters.",
                        field=self._fields[name]._description_string(self.env),
                        count=MAX_WORDS,
                    )
                ) from None
        return vals


class BeneficiaryBankSheet(models.Model):
    """How one bank wants its payment file, and how it answers.

    Each bank has columns, an order, words and formats of its own; here they are
    configuration.
    """

    _name = "beneficiary.bank.sheet"
    _description = "Bank Sheet"
    _inherit = ["beneficiary.bank.sheet.mixin", "beneficiary.company.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    journal_ids = fields.Many2many(
        comodel_name="account.journal",
        string="Banks",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        help="Batches of these banks use the sheet. Empty: of every bank.",
    )
    column_ids = fields.One2many(
        comodel_name="beneficiary.bank.sheet.column",
        inverse_name="sheet_id",
        copy=True,
    )

    # The file for the bank
    file_format = fields.Selection(
        selection=[("xlsx", "Excel (XLSX)"), ("csv", "Text (CSV)")],
        required=True,
        default="xlsx",
    )
    has_header = fields.Boolean(string="Header Row", default=True)
    encoding = fields.Selection(
        selection=[
            ("utf-8", "UTF-8"),
            ("utf-8-sig", "UTF-8 with mark (for Excel)"),
            ("windows-1256", "Arabic Windows (1256)"),
        ],
        required=True,
        default="utf-8",
    )
    separator = fields.Selection(
        selection=[
            ("comma", "Comma"),
            ("semicolon", "Semicolon"),
            ("tab", "Tab"),
            ("pipe", "Upright stroke"),
        ],
        required=True,
        default="comma",
    )
    date_format = fields.Selection(
        selection=[
            ("%Y-%m-%d", "2026-01-31"),
            ("%d/%m/%Y", "31/01/2026"),
            ("%d-%m-%Y", "31-01-2026"),
            ("%Y%m%d", "20260131"),
            ("%d%m%Y", "31012026"),
        ],
        required=True,
        default="%Y-%m-%d",
    )
    amount_format = fields.Selection(
        selection=[
            ("number", "1234.50"),
            ("comma", "1234,50"),
            ("minor", "123450 (halalas)"),
        ],
        required=True,
        default="number",
    )

    # The answer of the bank
    result_has_header = fields.Boolean(string="Answer Has a Header Row", default=True)
    result_reference = fields.Char(
        string="Column of Our Reference",
        required=True,
        default="Reference",
        help="Header of the column, or its letter.",
    )
    result_amount = fields.Char(string="Column of the Amount", default="Amount")
    result_status = fields.Char(
        string="Column of the Answer", required=True, default="Status"
    )
    result_reason = fields.Char(string="Column of the Reason", default="Reason")
    paid_words = fields.Char(
        string="Words for Executed",
        required=True,
        default="PAID, EXECUTED, ACCEPTED, ACSC",
        help="Separated by commas.",
    )
    rejected_words = fields.Char(
        string="Words for Rejected",
        required=True,
        default="REJECTED, RETURNED, FAILED, RJCT",
        help="Separated by commas.",
    )

    # === Constraints === #

    @api.constrains("paid_words", "rejected_words")
    def _check_words(self):
        for sheet in self:
            both = sheet._get_words("paid_words") & sheet._get_words("rejected_words")
            if both:
                raise ValidationError(
                    self.env._(
                        "%(sheet)s: “%(word)s” cannot mean both executed and rejected.",
                        sheet=sheet.name,
                        word=min(both),
                    )
                )

    # === Writing === #

    def _may_serve(self, batch):
        """Tell whether a batch may be written on the sheet, whatever its bank."""
        self.ensure_one()
        return self.company_id == batch.company_id

    def _get_separator(self):
        return SEPARATORS[self.separator]

    def _write(self, batch):
        """Return the file of a batch for the bank.

        :param batch: ``beneficiary.disbursement.batch``
        :rtype: bytes
        :raise UserError: when the sheet has no columns, or a name cannot be written
        """
        self.ensure_one()
        if not self.column_ids:
            raise UserError(
                self.env._(
                    "The bank sheet %(sheet)s has no columns. Add them first.",
                    sheet=self.name,
                )
            )
        rows = []
        if self.has_header:
            rows.append([column.header or "" for column in self.column_ids])
        lines = batch.line_ids.sorted("id")
        # Payees and their accounts, also those the person may not read one by one;
        # who may export is checked by the batch.
        for number, line in enumerate(lines.sudo(), start=1):
            rows.append([column._get_value(number, line) for column in self.column_ids])
        if self.file_format == "xlsx":
            return bank_sheet.write_xlsx(rows)
        try:
            return bank_sheet.write_csv(rows, self.encoding, self._get_separator())
        except UnicodeEncodeError:
            raise self._get_encoding_error(rows, lines) from None

    def _get_encoding_error(self, rows, lines):
        """The refusal that names the payee whose name cannot be written."""
        skipped = len(rows) - len(lines)
        for row, line in zip(rows[skipped:], lines, strict=True):
            try:
                bank_sheet.write_csv([row], self.encoding)
            except UnicodeEncodeError:
                return UserError(
                    self.env._(
                        "%(number)s: the name of the payee has letters that the "
                        "encoding %(encoding)s of the bank sheet does not know. "
                        "Choose UTF-8, if the bank takes it.",
                        number=line.disbursement_id.name,
                        encoding=self.encoding,
                    )
                )
        return UserError(
            self.env._(
                "A header of the bank sheet %(sheet)s has letters that its encoding "
                "does not know.",
                sheet=self.name,
            )
        )

    def _format_amount(self, amount):
        """An amount as the bank wants it: a number for Excel, a text for CSV."""
        if self.amount_format == "minor":
            text = str(round(amount * 100))
        else:
            text = f"{amount:.2f}"
        if self.file_format == "xlsx" and self.amount_format != "comma":
            return float(text) if "." in text else int(text)
        return text.replace(".", ",") if self.amount_format == "comma" else text

    # === Reading === #

    def _get_words(self, name):
        """Words of one kind of answer, to be compared in any case."""
        words = (self[name] or "").replace("،", ",").split(",")
        return {word.strip().casefold() for word in words} - {""}

    def _parse_amount(self, text):
        """The amount in a cell of the answer.

        :raise ValueError: when it is none
        """
        text = text.strip().replace(" ", "").replace(" ", "")
        if self.amount_format == "comma":
            text = text.replace(".", "").replace(",", ".")
        amount = float(text.replace(",", ""))
        if not abs(amount) < 1e12:  # neither endless nor "not a number"
            raise ValueError("amount")
        return amount / 100 if self.amount_format == "minor" else amount

    def _read(self, content):
        """Return the answers in a file of the bank, and what cannot be read in it.

        :param bytes content: the file
        :return: ``([{"row", "reference", "answer", "amount", "reason"}], [fault])``
        """
        self.ensure_one()
        try:
            rows = bank_sheet.read(content, self.encoding, self._get_separator())
        except ValueError as error:
            return [], [self._get_read_fault(str(error))]
        header = rows[0] if self.result_has_header and rows else []
        columns = {
            name: bank_sheet.column_number(self[f"result_{name}"], header)
            for name in ("reference", "status", "amount", "reason")
        }
        faults = [
            self.env._(
                "The file has no column “%(column)s”. Correct the bank sheet, or "
                "choose the right file.",
                column=self[f"result_{name}"],
            )
            for name in ("reference", "status")
            if columns[name] is None
        ]
        if faults:
            return [], faults
        answers = []
        first = 2 if self.result_has_header else 1
        for number, row in enumerate(rows[first - 1 :], start=first):
            if not any(cell.strip() for cell in row):
                continue
            cells = {
                name: row[position].strip()
                if position is not None and position < len(row)
                else ""
                for name, position in columns.items()
            }
            answer, fault = self._read_row(number, cells)
            if fault:
                faults.append(fault)
            else:
                answers.append(answer)
        if not answers and not faults:
            faults.append(self.env._("The file holds no answers."))
        return answers, faults

    def _get_read_fault(self, code):
        return {
            "too_large": self.env._("The file is too large to be an answer of a bank."),
            "encoding": self.env._(
                "The file is not written in the encoding of the bank sheet. Correct "
                "the encoding there."
            ),
            "unreadable": self.env._(
                "The file is neither an Excel file nor a text with columns."
            ),
        }[code]

    def _read_row(self, number, cells):
        """One answer, or the fault of its row."""
        word = cells["status"].casefold()
        answer = (
            "paid"
            if word in self._get_words("paid_words")
            else "rejected"
            if word in self._get_words("rejected_words")
            else None
        )
        if not answer:
            return None, self.env._(
                "Row %(row)s: “%(word)s” is no answer the bank sheet knows.",
                row=number,
                word=cells["status"][:40],
            )
        amount = None
        if cells["amount"]:
            try:
                amount = self._parse_amount(cells["amount"])
            except ValueError:
                return None, self.env._(
                    "Row %(row)s: the amount is no number.", row=number
                )
        return {
            "row": number,
            # A sheet may have kept our numbers from being formulas.
            "reference": cells["reference"].lstrip("'").upper(),
            "answer": answer,
            "amount": amount,
            "reason": self._clean_reason(cells["reason"]),
        }, None

    def _clean_reason(self, reason):
        return clean_text(reason[:MAX_WORDS], multiline=False) or False


class BeneficiaryBankSheetColumn(models.Model):
    """One column of the file for a bank."""

    _name = "beneficiary.bank.sheet.column"
    _description = "Column of a Bank Sheet"
    _inherit = ["beneficiary.bank.sheet.mixin"]
    _order = "sheet_id, sequence, id"

    sheet_id = fields.Many2one(
        comodel_name="beneficiary.bank.sheet",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="sheet_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10)
    header = fields.Char()
    content = fields.Selection(
        selection=[
            ("number", "Running number"),
            ("reference", "Our reference"),
            ("payee", "Name of the payee"),
            ("account", "IBAN"),
            ("bank", "Name of the payee's bank"),
            ("bic", "Code of the payee's bank (BIC)"),
            ("amount", "Amount"),
            ("currency", "Currency"),
            ("date", "Payment date"),
            ("batch", "Number of the batch"),
            ("text", "Fixed text"),
        ],
        required=True,
        default="text",
    )
    text = fields.Char(string="Fixed Text")
    max_length = fields.Integer(
        string="At Most",
        help="Longer texts are cut. Zero: as they are.",
    )

    _max_length_positive = models.Constraint(
        "CHECK(max_length >= 0)",
        "The length of a column cannot be negative.",
    )

    def _get_value(self, number, line):
        """The cell of a payee.

        Words are names and numbers only: a bank learns nothing of what it is for.

        :param int number: running number from 1
        :param line: ``beneficiary.disbursement.batch.line`` as superuser
        """
        if self.content == "number":
            return number
        if self.content == "amount":
            return self.sheet_id._format_amount(line.amount)
        value = self._get_texts(line)[self.content]
        value = clean_text(str(value or ""))
        return value[: self.max_length] if self.max_length else value

    def _get_texts(self, line):
        """The words a column may hold, by its content.

        :param line: ``beneficiary.disbursement.batch.line`` as superuser
        """
        sheet, batch, account = self.sheet_id, line.batch_id, line.payee_bank_id
        return {
            "reference": line.disbursement_id.name,
            "payee": account.acc_holder_name or line.payee_id.name,
            "account": account.sanitized_acc_number,
            "bank": account.bank_id.name,
            "bic": account.bank_id.bic,
            "currency": batch.currency_id.name,
            "date": batch.date.strftime(sheet.date_format),
            "batch": batch.name,
            "text": self.text,
        }
