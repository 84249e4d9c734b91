from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_bank_sheet import BankCommon


@tagged("post_install", "-at_install")
class TestBankMatch(BankCommon):
    def _line(self, amount, words):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": fields.Date.today(),
                "payment_ref": words,
                "amount": amount,
            }
        )

    def _match_as(self, line, user=None):
        line.with_user(user or self.clerk).action_beneficiary_match()

    def test_batch_in_any_spelling(self):
        batch = self._pay(self.due)
        number = batch.name
        for words in (
            f"Transfer {number} salaries",
            number.replace("/", "").lower(),
            number.replace("/", " "),
            f"TRF-{number.replace('/', '-')}-X",
        ):
            line = self._line(-300, words)
            self.assertEqual(
                (line.beneficiary_reference, line.beneficiary_match),
                (number, "exact"),
                words,
            )
        self._match_as(line)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(set(self.due.mapped("state")), {"paid"})
        # The request says what the bank proves, also of a batch.
        for one in self.due:
            self.assertEqual(one.request_id.amount_paid, one.amount)
        self.assertEqual(batch.state, "settled")

    def test_less_and_more_are_said_and_not_matched(self):
        batch = self._pay(self.due)
        for amount, words in ((-299, "less"), (-301, "more")):
            line = self._line(amount, batch.name)
            self.assertEqual(line.beneficiary_match, words)
            self.assertEqual(line.beneficiary_open_amount, -300)
            with self.assertRefused(batch.name, "is open under"):
                self._match_as(line)
        self.assertEqual(set(self.due.mapped("state")), {"sent"})

    def test_batch_less_what_was_rejected(self):
        batch = self._at_bank()
        self._import(
            batch, self._answer([(self.due[0].name, "REJECTED", 100, "Closed")])
        )
        line = self._line(-200, batch.name)
        self.assertEqual(line.beneficiary_match, "exact")
        self._match_as(line)
        self.assertEqual(self.due.mapped("state"), ["due", "paid", "paid"])
        self.assertEqual(batch.state, "settled")

    def test_batch_and_what_came_back(self):
        batch = self._at_bank()
        self._import(
            batch, self._answer([(self.due[0].name, "REJECTED", 100, "Closed")])
        )
        out, back = self._line(-300, batch.name), self._line(100, batch.name)
        self.assertEqual((out | back).mapped("beneficiary_match"), ["exact"] * 2)
        self._match_as(out | back)
        self.assertEqual(self.due.mapped("state"), ["due", "paid", "paid"])

    def test_line_by_line_in_one_go(self):
        batch = self._pay(self.due, booking="line")
        lines = self.env["account.bank.statement.line"].union(
            *(self._line(-100, one.name) for one in self.due)
        )
        self._match_as(lines[:2])
        self.assertEqual(self.due.mapped("state"), ["paid", "paid", "sent"])
        self._match_as(lines[2])
        self.assertEqual(batch.state, "settled")

    def test_payment_and_receipt(self):
        single = self._create_due(1, 40)
        single.action_post()
        self._release(single)
        donation = self._donate(60)
        lines = self._line(-40, single.name) | self._line(60, donation.name)
        self.assertEqual(lines.mapped("beneficiary_match"), ["exact", "exact"])
        self._match_as(lines)
        self.assertState(single, "paid")
        self.assertTrue(donation.move_line_id.reconciled)

    def test_receipt_by_the_number_of_the_transfer(self):
        donation = self._donate(60, reference="FT26X99")
        line = self._line(60, "Incoming transfer FT26X99")
        self.assertEqual(
            (line.beneficiary_reference, line.beneficiary_match), ("FT26X99", "exact")
        )
        less = self._line(59, "FT26X99")
        self.assertEqual(less.beneficiary_match, "less")
        for nothing in (self._line(60, "FT26X9"), self._line(-60, "FT26X99")):
            self.assertFalse(nothing.beneficiary_match)
        self._match_as(line)
        self.assertTrue(donation.is_matched)
        less.invalidate_recordset(["beneficiary_reference"])
        self.assertFalse(less.beneficiary_reference)

    def test_receipts_of_one_transfer_come_together(self):
        donations = self._donate(60, reference="PLAT-7") | self._donate(
            40, reference="PLAT-7"
        )
        line = self._line(100, "Platform PLAT-7")
        self._match_as(line)
        self.assertEqual(donations.mapped("is_matched"), [True, True])

    def test_one_that_does_not_fit_stops_all(self):
        batch = self._pay(self.due)
        lines = self._line(-300, batch.name) | self._line(-5, "coffee")
        with self.assertRefused("coffee", "no open payment"):
            self._match_as(lines)
        self.assertFalse(any(lines.mapped("is_reconciled")))

    def test_second_click(self):
        batch = self._pay(self.due)
        line = self._line(-300, batch.name)
        self._match_as(line)
        with self.assertRefused("matched already"):
            self._match_as(line)
        again = self._line(-300, batch.name)
        self.assertFalse(again.beneficiary_match)

    def test_wrong_side(self):
        batch = self._pay(self.due)
        self.assertFalse(self._line(300, batch.name).beneficiary_match)

    def test_other_company(self):
        batch = self._pay(self.due)
        other = self._create_association("Other")
        other._beneficiary_setup_accounting()
        bank = self.env["account.journal"].create(
            {"name": "B", "code": "OBNK", "type": "bank", "company_id": other.id}
        )
        line = (
            self.env["account.bank.statement.line"]
            .with_company(other)
            .create(
                {
                    "journal_id": bank.id,
                    "date": fields.Date.today(),
                    "payment_ref": batch.name,
                    "amount": -300,
                }
            )
        )
        self.assertFalse(line.beneficiary_reference)

    def test_roles(self):
        batch = self._pay(self.due)
        line = self._line(-300, batch.name)
        for user in (self.aid_manager, self.auditor, self.officer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._match_as(line, user)
        self._match_as(line, self.accountant)

    def test_queries_do_not_follow_the_number_of_lines(self):
        batch = self._pay(self.due)
        few = self._line(-1, batch.name)
        many = few.union(*(self._line(-1, batch.name) for _number in range(20)))
        counts = []
        for lines in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            lines.mapped("beneficiary_match")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 2)

    def test_reconciliation_screen_when_installed(self):
        line = self._line(-5, "coffee").with_user(self.clerk)
        if "account_reconcile_oca" in self.env["ir.module.module"]._installed():
            action = line.action_beneficiary_open_reconcile()
            self.assertEqual(action["domain"], [("id", "=", line.id)])
            # Without it OCA shows a form in which nothing can be matched.
            form = action["context"]["view_ref"]
            self.assertEqual(self.env.ref(form).model, line._name)
            self.assertEqual(
                action["context"]["default_journal_id"], line.journal_id.id
            )
        else:
            with self.assertRefused("not installed"):
                line.action_beneficiary_open_reconcile()
