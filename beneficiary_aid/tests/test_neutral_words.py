from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from .test_bank_sheet import BankCommon

# Words on the records of a person which nobody outside may read. They hold no digits,
# so that none is found by chance.
CATEGORY = "Qcategory"
AID_TYPE = "Qaidtype"
ILLNESS = "Qillness"
REASON = "Qreason"
WORDS = (CATEGORY, AID_TYPE, ILLNESS, REASON)


@tagged("post_install", "-at_install")
class TestNeutralWords(BankCommon, HttpCase):
    """What a payee, a vendor or a bank sees says nothing of why somebody is helped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.before = cls.env["account.move"].search([], order="id desc", limit=1).id
        cls.aid_type.name = AID_TYPE
        cls.category = cls.env["beneficiary.category"].create(
            {"name": CATEGORY, "company_id": cls.company.id}
        )
        cls.due = cls._create_due(4)
        cls.requests_of_due = cls.due.request_id
        # In the words of the person; the guard of decided requests is not at issue.
        cls._put(cls.requests_of_due, "reason", REASON)
        people = cls.requests_of_due.beneficiary_id
        people.sudo().category_id = cls.category
        # As it stands on a file; the consent it needs is not at issue.
        cls._put(people, "health_condition", ILLNESS)
        text_sheet = cls._create_sheet(
            "Everything",
            [
                (label, content)
                for content, label in cls.env["beneficiary.bank.sheet.column"]
                ._fields["content"]
                ._description_selection(cls.env)
            ],
            file_format="csv",
        )
        cls.sheet = text_sheet

    @classmethod
    def _put(cls, records, name, text):
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id IN %s",
                SQL.identifier(records._table),
                SQL.identifier(name),
                text,
                tuple(records.ids),
            )
        )
        records.invalidate_recordset([name])

    def _run_flows(self):
        """One paid alone and reversed, a batch, a rejection, and paid again."""
        alone, *rest = self.due
        alone.action_post()
        payments = self._release(alone)
        self._match(self._bank_line(-100, alone.name), payments._seek_for_lines()[0])
        self.assertState(alone, "paid")
        batch = self._at_bank(
            self.env["beneficiary.disbursement"].union(*rest), sheet=self.sheet
        )
        self._import(batch, self._answer([(rest[0].name, "REJECTED", 100, "Closed")]))
        self._on_bank(batch, amount=-300)
        again = self._pay(rest[0])
        self.assertEqual(rest[0].state, "sent")
        late = self._create_due(1)
        self._put(late.request_id, "reason", REASON)
        late.action_post()
        late.action_reverse()
        return batch, again, payments

    def _texts_of(self, records):
        """Everything written on records, as fields of text: ``{(field, text)}``."""
        names = [
            name
            for name, field in records._fields.items()
            if field.type in ("char", "text", "html") and field.store
        ]
        return {
            (f"{records._name}.{name}", str(text))
            for values in records.sudo().read(names)
            for name in names
            if (text := values[name])
        }

    def assertNeutral(self, texts):
        told = {
            (where, text) for where, text in texts for word in WORDS if word in text
        }
        self.assertFalse(told)

    def test_entries_payments_and_files(self):
        batch, again, payments = self._run_flows()
        moves = self.env["account.move"].search([("id", ">", self.before or 0)])
        lines = moves.line_ids
        # The flows wrote all of these: an empty search would prove nothing.
        for records in (
            batch.entry_id,
            batch.move_id,
            batch.line_ids.rejection_line_id.move_id,
            again.move_id,
            payments.move_id,
        ):
            self.assertTrue(records)
            self.assertLessEqual(records, moves)
        texts = self._texts_of(moves) | self._texts_of(lines)
        texts |= self._texts_of(lines.analytic_line_ids)
        texts |= self._texts_of(payments)
        texts |= self._texts_of(lines.partner_id)
        self.assertGreater(len(texts), 30)
        content = self._files_of(batch)
        self.assertIn(batch.line_ids[0].payee_id.name, content)
        texts.add(("file", content))
        texts.add(("file name", batch.export_filename))
        self.assertNeutral(texts)

    def _files_of(self, batch):
        return self._export(batch).decode("utf-8-sig")

    def test_messages_to_the_payee(self):
        """What leaves by mail in the course of a payment is neutral, too."""
        before = self.env["mail.mail"].sudo().search([], order="id desc", limit=1).id
        self._run_flows()
        mails = self.env["mail.mail"].sudo().search([("id", ">", before or 0)])
        payees = self.due.payee_id
        self.assertNeutral(
            {
                ("mail", f"{mail.subject} {mail.body_html}")
                for mail in mails
                if mail.recipient_ids & payees
            }
        )

    def test_portal_of_accounting_shows_nothing_of_it(self):
        batch, _again, _payments = self._run_flows()
        payee = self.due[0].payee_id
        user = new_test_user(
            self.env,
            "ba_payee",
            groups="base.group_portal",
            partner_id=payee.id,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
            password="ba_payee_secret",
        )
        moves = self.env["account.move"].with_user(user)
        self.assertFalse(moves.search([("id", "in", batch.entry_id.ids)]))
        with self.assertRaises(AccessError):
            self.due[0].move_id.with_user(user).read(["ref"])
        self.authenticate("ba_payee", "ba_payee_secret")
        entry = self.due[0].move_id
        for path in (
            "/my",
            "/my/invoices",
            f"/my/invoices/{entry.id}",
            f"/my/invoices/{batch.entry_id.id}?report_type=pdf",
        ):
            with self.subTest(path=path):
                answer = self.url_open(path)
                self.assertEqual(answer.status_code, 200)
                for word in WORDS:
                    self.assertNotIn(word, answer.text)
                self.assertNotIn(entry.name, answer.text)
