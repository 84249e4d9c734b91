import base64
import csv
import hashlib
import io

import openpyxl
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .batch_common import BatchCommon


class BankCommon(BatchCommon):
    """A batch of three families that is paid, and the sheets of two banks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain_sheet = cls._create_sheet(
            "Plain",
            [
                ("Reference", "reference"),
                ("Name", "payee"),
                ("IBAN", "account"),
                ("Amount", "amount"),
            ],
            file_format="csv",
        )
        # Another order, no header, another encoding, other formats and words.
        cls.arabic_sheet = cls._create_sheet(
            "Arabic",
            [
                (False, "number"),
                (False, "date"),
                (False, "amount"),
                (False, "account"),
                (False, "payee"),
                (False, "text"),
                (False, "reference"),
            ],
            file_format="csv",
            has_header=False,
            encoding="windows-1256",
            separator="semicolon",
            date_format="%d/%m/%Y",
            amount_format="comma",
            result_has_header=False,
            result_reference="A",
            result_status="B",
            result_amount="C",
            result_reason="D",
            paid_words="نُفذت، منفذ",
            rejected_words="مرفوض",
        )
        cls.arabic_sheet.column_ids.filtered(
            lambda column: column.content == "text"
        ).text = "SAL"
        cls._donate(1000)
        cls.due = cls._create_due(3)

    @classmethod
    def _create_sheet(cls, name, columns, **values):
        return cls.env["beneficiary.bank.sheet"].create(
            {
                "name": name,
                "company_id": cls.company.id,
                "column_ids": [
                    Command.create(
                        {"sequence": number, "header": header, "content": content}
                    )
                    for number, (header, content) in enumerate(columns)
                ],
                **values,
            }
        )

    @classmethod
    def _export(cls, batch):
        """The bytes of the bank file."""
        own = batch.with_user(cls.releaser)
        own.action_export()
        return base64.b64decode(own.with_context(bin_size=False).export_file)

    @classmethod
    def _at_bank(cls, disbursements=None, sheet=None, **values):
        sheet = sheet or cls.plain_sheet
        batch = cls._pay(disbursements or cls.due, sheet_id=sheet.id, **values)
        cls._export(batch)
        return batch

    @classmethod
    def _answer(cls, rows, header="Reference,Status,Amount,Reason"):
        """A file of the bank in the words of the plain sheet."""
        lines = [header, *(",".join(str(cell) for cell in row) for row in rows)]
        return "\r\n".join(lines).encode()

    @classmethod
    def _import(cls, batch, content, user=None, check=True, **values):
        """Take an answer as the screen does."""
        user = user or cls.clerk
        screen = (
            cls.env["beneficiary.bank.result.import"]
            .with_user(user)
            .create(
                {
                    "batch_id": batch.id,
                    "file": base64.b64encode(content),
                    "filename": "answer.csv",
                    **values,
                }
            )
        )
        if check:
            screen.action_check()
        screen.action_import()
        return screen


@tagged("post_install", "-at_install")
class TestBankSheet(BankCommon):
    def test_plain_sheet(self):
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        content = self._export(batch)
        rows = list(csv.reader(io.StringIO(content.decode())))
        self.assertEqual(rows[0], ["Reference", "Name", "IBAN", "Amount"])
        self.assertEqual(
            rows[1:],
            [
                [
                    one.name,
                    one.payee_id.name,
                    one.sudo().payee_bank_id.sanitized_acc_number,
                    "100.00",
                ]
                for one in self.due
            ],
        )

    def test_sheet_with_another_order_header_and_encoding(self):
        self.due[0].payee_id.sudo().name = "فاطمة الزهراني"
        batch = self._pay(self.due, sheet_id=self.arabic_sheet.id, date="2026-11-21")
        content = self._export(batch)
        rows = list(
            csv.reader(io.StringIO(content.decode("windows-1256")), delimiter=";")
        )
        self.assertEqual(len(rows), 3)
        self.assertEqual(
            rows[0],
            [
                "1",
                "21/11/2026",
                "100,00",
                self.due[0].sudo().payee_bank_id.sanitized_acc_number,
                "فاطمة الزهراني",
                "SAL",
                self.due[0].name,
            ],
        )

    def test_excel_sheet(self):
        self.plain_sheet.file_format = "xlsx"
        self.due[0].payee_id.sudo().name = "=1+1"
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        book = openpyxl.load_workbook(io.BytesIO(self._export(batch)))
        rows = list(book.active.iter_rows())
        self.assertEqual([cell.value for cell in rows[0]][3], "Amount")
        self.assertEqual(rows[1][3].value, 100.0)
        self.assertEqual((rows[1][1].value, rows[1][1].data_type), ("=1+1", "s"))
        self.assertEqual(rows[1][2].data_type, "s")

    def test_halalas(self):
        self.plain_sheet.amount_format = "minor"
        self.assertEqual(self.plain_sheet._format_amount(1234.5), "123450")
        self.assertEqual(self.plain_sheet._parse_amount("123450"), 1234.5)

    def test_no_formula_in_a_text_file(self):
        batch = self._gather(self.due)
        for name in ("=cmd()", "+1", "-1", "@x"):
            self.due[0].payee_id.sudo().name = name
            content = self.plain_sheet._write(batch)
            self.assertIn(f",'{name},", content.decode())

    def test_letters_the_encoding_does_not_know_name_the_payee(self):
        self.due[1].payee_id.sudo().name = "李明"
        batch = self._pay(self.due, sheet_id=self.arabic_sheet.id)
        with self.assertRefused(self.due[1].name, "encoding"):
            self._export(batch)
        self.assertEqual(batch.state, "released")

    def test_file_says_nothing_of_the_aid(self):
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        content = self._export(batch).decode()
        self.assertNotIn(self.aid_type.name, content)
        self.assertNotIn(self.due[0].request_id.name, content)

    def test_texts_are_cut(self):
        column = self.plain_sheet.column_ids[1]
        column.max_length = 4
        self.due[0].payee_id.sudo().name = "Longest name"
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        rows = list(csv.reader(io.StringIO(self._export(batch).decode())))
        self.assertEqual(rows[1][1], "Long")

    def test_sheet_without_columns(self):
        self.plain_sheet.column_ids.unlink()
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        with self.assertRefused("Plain", "no columns"):
            self._export(batch)

    def test_sheet_follows_the_bank(self):
        self.arabic_sheet.journal_ids = self.bank
        self.assertEqual(self._gather(self.due[0]).sheet_id, self.arabic_sheet)
        other = self.env["account.journal"].create(
            {
                "name": "Other",
                "code": "OTHB",
                "type": "bank",
                "company_id": self.company.id,
            }
        )
        batch = self._gather(self.due[1], journal_id=other.id)
        self.assertEqual(batch.sheet_id, self.plain_sheet)

    def test_set_up_brings_one_plain_list(self):
        company = self._create_association("Fresh")
        company._beneficiary_setup_accounting()
        company._beneficiary_setup_accounting()
        sheet = self.env["beneficiary.bank.sheet"].search(
            [("company_id", "=", company.id)]
        )
        self.assertEqual(len(sheet), 1)
        self.assertEqual(
            sheet.column_ids.mapped("content"),
            ["reference", "payee", "account", "amount", "currency", "date"],
        )

    def test_a_word_means_one_thing(self):
        with self.assertRaises(ValidationError):
            self.plain_sheet.rejected_words = "FAILED, paid"

    # === Export === #

    def test_totals_and_fingerprint_are_kept(self):
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        content = self._export(batch)
        self.assertEqual(batch.state, "exported")
        self.assertEqual((batch.export_count, batch.export_amount), (3, 300))
        self.assertEqual(batch.export_hash, hashlib.sha256(content).hexdigest())
        self.assertEqual(batch.exported_by_id, self.releaser)

    def test_second_export_is_the_same_file(self):
        self.plain_sheet.file_format = "xlsx"
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        first = self._export(batch)
        self.due[0].payee_id.sudo().name = "Renamed"
        self.plain_sheet.has_header = False
        self.assertEqual(self._export(batch), first)

    def test_changed_file_is_not_handed_out(self):
        batch = self._at_bank()
        batch.sudo().export_file = base64.b64encode(b"other")
        with self.assertRefused(batch.name, "changed"):
            self._export(batch)

    def test_not_before_two_signatures(self):
        batch = self._prepare(self.due, sheet_id=self.plain_sheet.id)
        with self.assertRefused(batch.name, "two people"):
            self._export(batch)

    def test_who_exports_and_who_reads_the_file(self):
        batch = self._pay(self.due, sheet_id=self.plain_sheet.id)
        for user in (self.clerk, self.auditor, self.aid_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                batch.with_user(user).action_export()
        self._export(batch)
        self.assertTrue(batch.with_user(self.auditor).export_file)
        for user in (self.aid_manager, self.manager, self.accountant):
            with self.subTest(user.login), self.assertRaises(AccessError):
                batch.with_user(user).read(["export_file"])

    def test_who_sets_sheets_up(self):
        own = self.plain_sheet.with_user(self.aid_manager)
        # He sees no accounting, and chooses the banks of a sheet all the same.
        with Form(own) as form:
            form.name = "New"
            form.journal_ids.add(self.bank.with_user(self.aid_manager))
        self.assertEqual(own.journal_ids, self.bank)
        for user in (self.clerk, self.releaser, self.auditor):
            own = self.plain_sheet.with_user(user)
            self.assertTrue(own.name)
            with self.subTest(user.login), self.assertRaises(AccessError):
                own.name = "Mine"
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "stranger", "beneficiary_aid.group_aid_manager", other
        )
        own = self.plain_sheet.with_user(stranger)
        with self.assertRaises(AccessError):
            own.with_context(allowed_company_ids=other.ids).read(["name"])


@tagged("post_install", "-at_install")
class TestBankResult(BankCommon):
    def setUp(self):
        super().setUp()
        self.batch = self._at_bank()
        self.names = self.due.mapped("name")

    def test_executed_and_rejected(self):
        self._import(
            self.batch,
            self._answer(
                [
                    (self.names[0], "PAID", "100.00", ""),
                    (self.names[1].lower(), "rejected", "100", "Account closed"),
                ]
            ),
        )
        self.assertEqual(self.due.mapped("state"), ["sent", "due", "sent"])
        lines = self.batch.line_ids
        self.assertEqual(lines.mapped("bank_answer"), ["paid", "rejected", False])
        self.assertEqual(lines[1].rejection_reason, "Account closed")
        self.assertEqual(self.batch.answered_count, 2)
        result = self.batch.result_ids
        self.assertEqual((result.paid_count, result.rejected_count), (1, 1))
        self.assertFund(700, 0)

    def test_executed_is_not_paid_before_the_statement(self):
        self._import(
            self.batch, self._answer([(name, "PAID", 100, "") for name in self.names])
        )
        self.assertEqual(set(self.due.mapped("state")), {"sent"})
        self.assertEqual(self.batch.state, "exported")
        self._on_bank(self.batch)
        self.assertEqual(set(self.due.mapped("state")), {"paid"})

    def test_same_file_twice_changes_nothing(self):
        content = self._answer([(self.names[0], "REJECTED", 100, "Closed")])
        self._import(self.batch, content)
        moves = self.env["account.move"].search_count([])
        with self.assertRefused("taken already"):
            self._import(self.batch, content)
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        self.assertEqual(len(self.batch.result_ids), 1)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.batch.result_ids.sudo().copy()

    def test_same_answers_in_another_file_change_nothing(self):
        row = (self.names[0], "REJECTED", 100, "Closed")
        self._import(self.batch, self._answer([row]))
        moves = self.env["account.move"].search_count([])
        screen = self._import(
            self.batch, self._answer([row, (self.names[1], "PAID", 100, "")])
        )
        self.assertEqual((screen.known_count, screen.paid_count), (1, 1))
        self.assertEqual(screen.rejected_count, 0)
        self.assertEqual(self.env["account.move"].search_count([]), moves)

    def test_faults_are_listed_and_nothing_is_taken(self):
        content = self._answer(
            [
                (self.names[0], "REJECTED", 100, "Closed"),
                ("DIS/1999/1", "PAID", 100, ""),
                (self.names[1], "PAID", 99, ""),
                (self.names[2], "PAID", 101, ""),
                (self.names[0], "PAID", 100, ""),
                (self.names[2], "PERHAPS", 100, ""),
                (self.names[2], "PAID", "much", ""),
                (self.names[2], "PAID", "nan", ""),
            ]
        )
        with self.assertRaises(UserError) as refused:
            self._import(self.batch, content)
        message = str(refused.exception)
        for words in (
            "Row 3: DIS/1999/1 is not in this batch",
            f"Row 4: {self.names[1]}",
            "is less than",
            f"Row 5: {self.names[2]}",
            "is more than",
            f"Row 6: {self.names[0]} is answered twice",
            "Row 7: “PERHAPS” is no answer",
            "Row 8: the amount is no number",
            "Row 9: the amount is no number",
        ):
            self.assertIn(words, message)
        self.assertEqual(set(self.due.mapped("state")), {"sent"})
        self.assertFalse(self.batch.result_ids)
        self.assertFalse(any(self.batch.line_ids.mapped("bank_answer")))

    def test_rejected_does_not_become_executed(self):
        self._import(
            self.batch, self._answer([(self.names[0], "REJECTED", 100, "Closed")])
        )
        with self.assertRefused("rejected by an earlier file"):
            self._import(self.batch, self._answer([(self.names[0], "PAID", 100, "")]))

    def test_tampered_file_is_refused(self):
        content = self._answer([(self.names[0], "PAID", 100, "")])
        digest = hashlib.sha256(content).hexdigest()
        with self.assertRefused("changed on its way"):
            self._import(self.batch, content + b"\r\n", expected_hash=digest)
        self._import(self.batch, content, expected_hash=f" {digest.upper()} ")

    def test_another_file_than_the_one_looked_at(self):
        content = self._answer([(self.names[0], "PAID", 100, "")])
        screen = (
            self.env["beneficiary.bank.result.import"]
            .with_user(self.clerk)
            .create({"batch_id": self.batch.id, "file": base64.b64encode(content)})
        )
        screen.action_check()
        self.assertTrue(screen.is_ready)
        other = self._answer([(self.names[0], "REJECTED", 100, "")])
        screen.file = base64.b64encode(other)
        with self.assertRefused("not the file you looked at"):
            screen.action_import()

    def test_files_that_cannot_be_read(self):
        for content, words in (
            (b"\xff\xfe\x00", "encoding"),
            (b"PK\x03\x04 no workbook", "neither an Excel file"),
            (b"Reference,Status\r\n", "no answers"),
            (b"Name,Status\r\nA,B\r\n", "no column “Reference”"),
            (b"a" * (21 * 1024 * 1024), "too large"),
            (b"", "Choose the file"),
        ):
            with self.subTest(words), self.assertRefused(words):
                self._import(self.batch, content)
        self.assertFalse(self.batch.result_ids)

    def test_answer_of_the_other_bank(self):
        again = self._create_due(2, 50)
        batch = self._at_bank(again, sheet=self.arabic_sheet)
        content = "\r\n".join(
            [
                f"{again[0].name};منفذ;50,00;",
                f"{again[1].name};مرفوض;50,00;الحساب مغلق",
            ]
        ).encode("windows-1256")
        self._import(batch, content)
        self.assertEqual(again.mapped("state"), ["sent", "due"])
        self.assertEqual(again[1].rejection_reason, "الحساب مغلق")

    def test_answer_in_excel(self):
        book = openpyxl.Workbook()
        book.active.append(["Reference", "Status", "Amount", "Reason"])
        book.active.append([self.names[0], "RETURNED", 100, None])
        buffer = io.BytesIO()
        book.save(buffer)
        self._import(self.batch, buffer.getvalue())
        self.assertState(self.due[0], "due")
        self.assertEqual(self.due[0].rejection_reason, "No reason given")

    def test_nothing_to_answer_before_the_export(self):
        batch = self._pay(self._create_due(1, 10), sheet_id=self.plain_sheet.id)
        with self.assertRefused(batch.name, "nothing to answer"):
            self._import(batch, self._answer([("X", "PAID", 10, "")]))

    def test_who_takes_answers(self):
        content = self._answer([(self.names[0], "PAID", 100, "")])
        for user in (self.releaser, self.auditor, self.aid_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._import(self.batch, content, user=user)
        self._import(self.batch, content)
        with self.assertRefused("kept as it came"):
            self.batch.result_ids.with_user(self.clerk).sudo(False).write(
                {"paid_count": 9}
            )
        with self.assertRaises(AccessError):
            self.batch.result_ids.with_user(self.clerk).unlink()

    def test_screen(self):
        action = self.batch.action_import_result()
        screen = self.env[action["res_model"]].with_user(self.clerk)
        with Form(screen.with_context(**action["context"])) as form:
            form.file = base64.b64encode(self._answer([(self.names[0], "PAID", 1, "")]))
        record = form.save()
        record.action_check()
        self.assertFalse(record.is_ready)
        self.assertIn("less than", record.faults)


@tagged("post_install", "-at_install")
class TestRejectedAgain(BankCommon):
    def test_three_of_a_hundred_are_paid_again(self):
        """Without a second promise: the money left the fund once."""
        self._donate(9700)
        many = self._create_due(97)
        due = self.due | many
        self.assertFund(10700, 10000)
        batch = self._at_bank(due)
        self.assertFund(700, 0)
        rejected = due[10] | due[50] | due[99]
        self._import(
            batch,
            self._answer(
                [
                    (one.name, "REJECTED" if one in rejected else "PAID", 100, "Closed")
                    for one in due
                ]
            ),
        )
        self.assertFund(700, 0)
        follow_up = self.env["beneficiary.disbursement"].search(
            [("is_rejected", "=", True), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(follow_up, rejected.sorted("id", reverse=True))
        self.assertEqual(set(rejected.mapped("rejection_reason")), {"Closed"})
        committed = sum(due.request_id.mapped("amount_committed"))
        again = self._at_bank(rejected)
        self.assertFund(700, 0)
        self.assertEqual(sum(due.request_id.mapped("amount_committed")), committed)
        self.assertEqual(set(due.mapped("state")), {"sent"})
        items = self.env["account.move.line"].search(
            [
                ("move_id.ref", "like", batch.name),
                ("account_id", "=", batch.move_line_id.account_id.id),
            ]
        )
        self._on_bank(batch, items=items)
        self._on_bank(again)
        self.assertEqual(set(due.mapped("state")), {"paid"})
        self.assertEqual({batch.state, again.state}, {"settled"})
        self.assertEqual(batch.paid_amount + again.paid_amount, 10000)
        self.assertFund(700, 0)
