import base64
import json

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import (
    CITIZENS,
    IBAN,
    PDF,
    columns_with,
)
from odoo.addons.beneficiary_relations.tests.common_portal import make_png

from ..tools.append_only import cutting
from .common import AidCommon

CANARY = "قناريةقناري"
TABLES = (
    "beneficiary%",
    "mail%",
    "account%",
    "res_partner%",
    "res_users",
    "ir_attachment",
    "ir_model_data",
    "survey%",
)


class AidPrivacyCommon(AidCommon):
    """A person whose request was decided, paid to the last, and told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.privacy.group_ids = [
            Command.link(cls.env.ref("beneficiary_relations.group_sensitive").id)
        ]
        cls.person = cls._create_beneficiary(
            name=CANARY,
            identity_number=CITIZENS[1],
            phone="0501234567",
            email="canary@example.org",
            iban=IBAN,
            household_id=cls.household.id,
            relationship="spouse",
        )
        cls.request = cls._create_request(beneficiary=cls.person, reason=CANARY)
        assessment = cls._study(cls.request)
        # Written before it was finished, as researchers do.
        cls.env.cr.execute(
            "UPDATE beneficiary_assessment SET report = %s WHERE id = %s",
            [CANARY, assessment.id],
        )
        assessment.invalidate_recordset()
        cls.request.with_user(cls.officer).action_refer()
        cls._decide(
            cls.request,
            motion=f"Help {CANARY}",
            public_text=f"{CANARY}: your request was accepted",
            condition=f"{CANARY} brings the bill",
            outcome="approve_condition",
            votes={"chair": "yes", "member_a": "yes", "member_b": "no"},
        )
        cls.decision = cls.request.decision_id
        cls.meeting = cls.decision.meeting_id
        cls.meeting.with_user(cls.secretary).action_close()
        cls.env["beneficiary.declaration"].sudo().create(
            {
                "request_id": cls.request.id,
                "text": f"I, {CANARY}, declare.",
                "signer_name": CANARY,
                "signature": base64.b64encode(make_png()),
                "method": "drawn",
                "address": "192.0.2.77",
            }
        )
        cls.env["ir.attachment"].create(
            {
                "name": f"{CANARY}.pdf",
                "raw": PDF,
                "res_model": cls.request._name,
                "res_id": cls.request.id,
            }
        )
        cls.request.message_post(body=CANARY, subject=CANARY)

    @classmethod
    def _tell(cls):
        # How a result is told is tested elsewhere.
        cls.request.sudo().told_on = fields.Date.today()


@tagged("post_install", "-at_install")
class TestAidAnonymise(AidPrivacyCommon):
    """Words about a person go; amounts, dates, counts and seals stay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._tell()

    def _pay(self):
        """Pay what was approved, up to the bank statement."""
        disbursement = (
            self.env["beneficiary.disbursement"]
            .with_user(self.clerk)
            .create({"request_id": self.request.id})
        )
        disbursement.action_post()
        bank = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("code", "=", "ABK")]
        )
        action = disbursement.with_user(self.releaser).action_register_payment()
        payment = (
            self.env["account.payment.register"]
            .with_user(self.releaser)
            .with_context(**action["context"])
            .create({"journal_id": bank.id})
            ._create_payments()
        )
        return disbursement.with_env(self.env), payment.with_env(self.env), bank

    def _match(self, payment, bank):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": bank.id,
                "date": fields.Date.today(),
                "payment_ref": "bank",
                "amount": -payment.amount,
            }
        )
        liquidity, _counterpart, _others = payment._seek_for_lines()
        _own, suspense, _rest = line._seek_for_lines()
        suspense.account_id = liquidity.account_id
        (suspense + liquidity).reconcile()

    def _close(self):
        officer = self.request.with_user(self.officer)
        officer.action_deliver()
        officer.action_follow_up()
        officer.write(
            {
                "outcome": "served",
                "close_note": CANARY,
                "receipt": base64.b64encode(PDF),
                "receipt_filename": f"{CANARY}.pdf",
            }
        )
        officer.action_close()
        reason = self.env.ref("beneficiary_relations.state_reason_moved")
        self.person._change_state("closed", reason)

    def _destroy(self):
        action = self.person.with_user(self.privacy).action_anonymise()
        destruction = self.env["beneficiary.destruction"].search(action["domain"])
        destruction.with_user(self.manager).action_confirm()

    def test_open_work_is_named(self):
        with self.assertRaisesRegex(UserError, "a request is open"):
            self.person.with_user(self.privacy).action_anonymise()

    def test_open_appeal_is_named(self):
        self.request.sudo().is_appeal = True
        self.assertIn("an appeal is open", self.person._anonymise_obstacles())

    def test_payment_under_way_is_named(self):
        disbursement, payment, bank = self._pay()
        self._close()
        words = "a payment is not on the bank statement yet"
        self.assertIn(words, self.person._anonymise_obstacles())
        self._match(payment, bank)
        self.env.flush_all()
        disbursement.invalidate_recordset()
        self.assertEqual(disbursement.state, "paid")
        self.assertFalse(self.person._anonymise_obstacles())

    def test_no_word_about_the_person_is_left(self):
        _disbursement, payment, bank = self._pay()
        self._match(payment, bank)
        self.env["beneficiary.aid.draft"].create(
            {
                "user_id": self.env.uid,
                "beneficiary_id": self.person.id,
                "aid_type_id": self.aid_type.id,
                "reason": CANARY,
            }
        )
        self._close()
        self.assertTrue(columns_with(self.env, TABLES, CANARY))
        self._destroy()
        for word in (CANARY, "canary@example.org", IBAN, CITIZENS[1], "192.0.2.77"):
            with self.subTest(word=word):
                self.assertEqual(columns_with(self.env, TABLES, word), [])
        for declaration in self.request.declaration_ids:
            self.assertFalse(declaration.signature)

    def test_what_the_accounts_need_stays(self):
        disbursement, payment, bank = self._pay()
        self._match(payment, bank)
        entry = disbursement.move_id.line_ids.mapped("balance")
        votes = len(self.decision.item_id.sudo().vote_ids)
        number = self.request.name
        self._close()
        self._destroy()
        self.env.invalidate_all()
        self.assertEqual(self.request.name, number)
        self.assertEqual((self.decision.amount, self.request.amount_paid), (2000, 2000))
        self.assertEqual(self.decision.outcome, "approve_condition")
        self.assertEqual(disbursement.move_id.line_ids.mapped("balance"), entry)
        self.assertEqual(len(self.decision.item_id.sudo().vote_ids), votes)
        self.assertIn(number, self.meeting.sudo().minutes)

    def test_seals_hold_when_words_are_gone(self):
        Decision = self.env["beneficiary.decision"].sudo()
        _disbursement, payment, bank = self._pay()
        self._match(payment, bank)
        self._close()
        self._destroy()
        self.env.invalidate_all()
        self.assertEqual(self.decision.public_text, "—")
        self.assertFalse(Decision._broken_seals(self.company))
        self.assertFalse(self.decision.sudo().seal_salt)
        words = self.meeting.sudo().minutes_ids.words
        self.assertTrue(words)
        self.assertEqual({word["text"] for word in words.values()}, {"—"})
        self.assertFalse(self.env["beneficiary.seal"].sudo()._broken(self.company))

    def test_other_columns_stay_written_once_while_words_are_cut(self):
        cut = "UPDATE beneficiary_decision SET %s WHERE id = %s"
        for change in ("amount = 1", "public_text = '—'"):
            with (
                self.subTest(change=change, cutting=False),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(Exception, "written once"),
                self.cr.savepoint(),
            ):
                self.cr.execute(cut % (change, self.decision.id))
        for statement in (
            cut % ("amount = 1", self.decision.id),
            cut % ("public_text = '—', amount = 1", self.decision.id),
            f"DELETE FROM beneficiary_decision WHERE id = {self.decision.id}",
        ):
            with (
                self.subTest(statement=statement),
                mute_logger("odoo.sql_db"),
                self.assertRaisesRegex(Exception, "written once"),
                self.cr.savepoint(),
                cutting(self.cr),
            ):
                self.cr.execute(statement)


@tagged("post_install", "-at_install")
class TestAidExport(AidPrivacyCommon):
    """The copy says what was decided, never who voted how, and nothing too early."""

    def _copy(self):
        return self.person.with_user(self.privacy)._person_data()

    def test_result_is_not_told_by_the_copy(self):
        data = self._copy()
        self.assertNotIn("beneficiary.decision", data)
        (request,) = data["beneficiary.aid.request"]
        self.assertNotIn("amount_approved", request)
        self.assertNotIn("stage_id", request)
        self.assertEqual(request["reason"], CANARY)

    def test_votes_and_members_are_not_in_the_copy(self):
        self._tell()
        data = self._copy()
        (decision,) = data["beneficiary.decision"]
        self.assertEqual(decision["amount"], 2000)
        self.assertIn("your request was accepted", decision["public_text"])
        secret = {"yes_count", "ballot_snapshot", "explanation"}
        self.assertFalse(secret & set(decision))
        for model in ("beneficiary.vote", "beneficiary.agenda.item"):
            self.assertNotIn(model, data)
        text = json.dumps(data, ensure_ascii=False, default=str)
        people = self.chair | self.member_a | self.member_b | self.officer
        for name in people.mapped("name"):
            self.assertNotIn(name, text)
