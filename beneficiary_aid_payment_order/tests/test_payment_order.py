import base64

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.batch_common import iban
from odoo.addons.beneficiary_aid.tests.test_bank_sheet import BankCommon


@tagged("post_install", "-at_install")
class TestPaymentOrder(BankCommon):
    """A batch that a payment order pays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write({"city": "Riyadh", "zip": "11564"})
        bank = cls.env["res.bank"].create({"name": "Bank", "bic": "RJHISARI"})
        cls.bank.bank_account_id = cls.env["res.partner.bank"].create(
            {
                "acc_number": iban(77),
                "partner_id": cls.company.partner_id.id,
                "bank_id": bank.id,
                "company_id": cls.company.id,
            }
        )
        accounts = cls.due.sudo().payee_bank_id
        accounts.with_user(cls.releaser).sudo().write(
            {"bank_id": bank.id, "allow_out_payment": True}
        )
        cls.mode = cls._create_mode(
            cls.env.ref("account.account_payment_method_manual_out")
        )

    @classmethod
    def _create_mode(cls, method):
        lines = cls.bank.outbound_payment_method_line_ids
        if method not in lines.payment_method_id:
            cls.bank.outbound_payment_method_line_ids = [
                Command.create(
                    {
                        "payment_method_id": method.id,
                        "payment_account_id": lines.payment_account_id[:1].id,
                    }
                )
            ]
        return cls.env["account.payment.mode"].create(
            {
                "name": "Transfer",
                "company_id": cls.company.id,
                "payment_method_id": method.id,
                "payment_order_ok": True,
                "bank_account_link": "fixed",
                "fixed_journal_id": cls.bank.id,
            }
        )

    def _order(self, mode=None):
        return self._pay(
            self.due,
            payment_mode_id=(mode or self.mode).id,
            sheet_id=self.plain_sheet.id,
        )

    def test_order_from_the_batch(self):
        batch = self._order()
        order = batch.payment_order_id
        self.assertEqual((batch.state, order.state), ("released", "open"))
        self.assertFalse(batch.move_id)
        lines = order.payment_line_ids
        self.assertEqual(lines.move_line_id, self.due.move_line_id)
        self.assertEqual(
            set(lines.mapped("communication")), set(self.due.mapped("name"))
        )
        self.assertEqual(lines.partner_bank_id, self.due.sudo().payee_bank_id)
        self.assertEqual(sum(lines.mapped("amount_currency")), 300)
        self.assertEqual(set(self.due.mapped("state")), {"due"})

    def test_file_sends_the_payees(self):
        batch = self._order()
        content = self._export(batch)
        self.assertIn(self.due[0].name, content.decode())
        self.assertEqual(batch.payment_order_id.state, "uploaded")
        self.assertEqual(set(self.due.mapped("state")), {"sent"})
        self.assertEqual(batch.line_ids.mapped("outcome"), ["sent"] * 3)
        self.assertEqual(batch.state, "exported")
        self.assertEqual(self._export(batch), content)
        self.assertFund(700, 0)

    def test_paid_when_the_bank_shows_it(self):
        batch = self._order()
        self._export(batch)
        for one in self.due:
            item = one.move_line_id.matched_debit_ids.debit_move_id
            liquidity = item.payment_id._seek_for_lines()[0]
            self._match(self._bank_line(-100, one.name), liquidity)
        self.assertEqual(set(self.due.mapped("state")), {"paid"})
        self.assertEqual(batch.state, "settled")

    def test_rejected_is_due_again(self):
        batch = self._order()
        self._export(batch)
        self._import(
            batch, self._answer([(self.due[1].name, "REJECTED", 100, "Closed")])
        )
        self.assertEqual(self.due.mapped("state"), ["sent", "due", "sent"])
        self.assertTrue(self.due[1].is_rejected)
        again = self._pay(self.due[1])
        self.assertEqual(self.due[1].state, "sent")
        self.assertEqual(again.state, "released")
        self.assertFund(700, 0)

    def test_order_alone_does_not_pay(self):
        """Whoever manages payment orders does not go around the batch."""
        batch = self._order()
        order = batch.payment_order_id.sudo()
        order.open2generated()
        with self.assertRaises(AccessError):
            order.with_user(self.accountant).sudo().with_user(
                self.accountant
            ).generated2uploaded()
        self.assertEqual(set(self.due.mapped("state")), {"due"})

    def _order_of_cards(self, mode):
        """A batch that loads the cards of people who have bank accounts, too."""
        issuer = self.env["res.partner"].create({"name": "Card Company"})
        for number, one in enumerate(self.due, start=1):
            self.env["beneficiary.aid.card"].with_user(self.clerk).create(
                {
                    "beneficiary_id": one.beneficiary_id.id,
                    "issuer_id": issuer.id,
                    "reference": f"TOKEN-{number}",
                    "last_digits": f"000{number}",
                }
            )
        self.due.with_user(self.clerk).write({"pay_method": "card"})
        sheet = self._create_sheet(
            "Load file",
            [("Reference", "reference"), ("Card", "card"), ("Amount", "amount")],
            file_format="csv",
            pay_method="card",
        )
        return self._pay(
            self.due,
            pay_method="card",
            payment_mode_id=mode.id,
            sheet_id=sheet.id,
        )

    def test_order_of_cards_makes_the_load_file(self):
        batch = self._order_of_cards(self.mode)
        self.assertEqual(
            (batch.state, batch.payment_order_id.state), ("released", "open")
        )
        rows = self._export(batch).decode().splitlines()
        self.assertEqual(rows[0].lstrip("\ufeff"), "Reference,Card,Amount")
        self.assertIn(f"{self.due[0].name},TOKEN-1,100.00", rows)
        for account in self.due.sudo().payee_bank_id.mapped("acc_number"):
            self.assertNotIn(account, "".join(rows))
        self.assertFalse(batch.payment_order_id.payment_line_ids.partner_bank_id)
        self.assertEqual(set(self.due.mapped("state")), {"sent"})
        self.assertFund(700, 0)
        self._import(
            batch, self._answer([(self.due[1].name, "REJECTED", 100, "Blocked")])
        )
        self.assertEqual(self.due.mapped("state"), ["sent", "due", "sent"])

    def test_cards_are_not_paid_to_bank_accounts(self):
        """A mode whose file needs accounts would send the money there."""
        method = self.mode.payment_method_id
        method.bank_account_required = True
        with self.assertRefused("loads cards", "bank accounts"):
            self._order_of_cards(self.mode)
        self.assertEqual(set(self.due.mapped("state")), {"draft"})

    def test_too_many_payees(self):
        from odoo.addons.beneficiary_aid_payment_order.models import (
            beneficiary_disbursement_batch as module,
        )

        self.patch(module, "MOST_PAYEES", 2)
        with self.assertRefused("up to 2 payees"):
            self._order()

    def test_order_is_not_typed_in(self):
        batch = self._gather(self.due)
        with self.assertRefused("not typed in"):
            batch.write({"payment_order_id": False})

    def test_the_file_of_the_order_goes_with_the_file_of_the_batch(self):
        batch = self._order()
        content = self._export(batch)
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": raw,
                    "res_model": "account.payment.order",
                    "res_id": batch.payment_order_id.id,
                }
                for name, raw in (("bank.xml", content), ("note.txt", b"Called them"))
            ]
        )
        batch._remove_bank_files()
        self.assertEqual(attachments.exists().mapped("name"), ["note.txt"])
        self.assertFalse(batch.sudo().export_file)
        self.assertTrue(batch.export_hash)

    def test_pain_001(self):
        method = self.env.ref(
            "account_banking_sepa_credit_transfer.sepa_credit_transfer",
            raise_if_not_found=False,
        )
        if not method:
            self.skipTest("account_banking_sepa_credit_transfer is not installed")
        self.aid_type.name = "Qaidtype"
        batch = self._order(self._create_mode(method))
        self.assertNotIn("Qaidtype", self._export(batch).decode())
        tree = etree.fromstring(self._export(batch))
        space = {"p": tree.nsmap[None]}
        self.assertEqual(tree.xpath("string(//p:CtrlSum)", namespaces=space), "300.00")
        self.assertEqual(tree.xpath("string(//p:NbOfTxs)", namespaces=space), "3")
        accounts = tree.xpath("//p:CdtrAcct/p:Id/p:IBAN/text()", namespaces=space)
        own = self.due.sudo().payee_bank_id.mapped("sanitized_acc_number")
        self.assertEqual(sorted(accounts), sorted(own))
        self.assertEqual(
            base64.b64decode(batch.with_user(self.auditor).export_file)[:5], b"<?xml"
        )
        self.assertEqual(set(self.due.mapped("state")), {"sent"})
