from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .finance_common import FinanceCommon


@tagged("post_install", "-at_install")
class TestDisbursement(FinanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_releaser = cls._create_finance_user(
            "other_releaser", "beneficiary_aid.group_finance_releaser"
        )
        cls._donate(1000)
        cls.request = cls._approve(300)

    # === Preparing and posting === #

    def test_defaults_come_from_the_request(self):
        disbursement = self._disburse(self.request, post=False)
        self.assertRecordValues(
            disbursement,
            [
                {
                    "amount": 300,
                    "fund_id": self.fund.id,
                    "payee_id": self.beneficiary.partner_id.id,
                    "decision_id": self.request.decision_id.id,
                    "instalment_no": 1,
                    "prepared_by_id": self.clerk.id,
                    "state": "draft",
                }
            ],
        )
        self.assertTrue(disbursement.name)
        second = self._disburse(self._approve(10), post=False)
        self.assertNotEqual(second.name, disbursement.name)

    def test_nothing_more_to_prepare_when_all_is_disbursed(self):
        request = self.request.with_user(self.clerk)
        self.assertFalse(request.is_fully_disbursed)
        disbursement = self._disburse(self.request, post=False)
        self.assertTrue(request.is_fully_disbursed)
        disbursement.action_cancel()
        self.assertFalse(request.is_fully_disbursed)

    def test_posting_moves_the_promise_into_the_ledger(self):
        self.assertFund(1000, 300)
        disbursement = self._disburse(self.request, 100)
        self.assertState(disbursement, "due")
        self.assertFund(900, 200)
        self.assertRecordValues(
            self.request,
            [{"amount_committed": 200, "amount_paid": 0, "payment_state": "due"}],
        )
        self._disburse(self.request, 200)
        self.assertFund(700, 0)

    def test_entry(self):
        disbursement = self._disburse(self.request, 100)
        self.assertRecordValues(
            disbursement.move_id.line_ids.sorted("credit"),
            [
                {
                    "account_id": self.company.beneficiary_aid_account_id.id,
                    "debit": 100,
                    "credit": 0,
                    "partner_id": False,
                    "analytic_distribution": {
                        str(self.fund.analytic_account_id.id): 100
                    },
                },
                {
                    "account_id": self.company.beneficiary_payable_account_id.id,
                    "debit": 0,
                    "credit": 100,
                    "partner_id": self.beneficiary.partner_id.id,
                    "analytic_distribution": False,
                },
            ],
        )
        self.assertEqual(
            disbursement.move_id.journal_id, self.company.beneficiary_aid_journal_id
        )

    def test_words_of_the_entry_are_neutral(self):
        disbursement = self._disburse(self.request, 100)
        entry = disbursement.move_id
        words = {entry.ref, *entry.line_ids.mapped("name")}
        words |= set(entry.line_ids.analytic_line_ids.mapped("name"))
        self.assertEqual(words, {disbursement.name})

    def test_expense_account_of_the_aid_type(self):
        account = self.env["account.account"].create(
            {"name": "Medicine", "code": "659123", "account_type": "expense"}
        )
        self.aid_type.expense_account_id = account
        disbursement = self._disburse(self.request, 100)
        self.assertIn(account, disbursement.move_id.line_ids.account_id)

    def test_batch_of_several_funds(self):
        self._donate(500, self.other_fund)
        other = self._approve(200, self.other_fund)
        disbursements = (
            self._disburse(self.request, 100, post=False)
            + self._disburse(other, 200, post=False)
            + self._disburse(self.request, 50, post=False)
        )
        disbursements.action_post()
        self.assertEqual(set(disbursements.mapped("state")), {"due"})
        self.assertFund(850, 150)
        self.assertFund(300, 0, self.other_fund)

    # === Refusals === #

    def test_bad_amounts_are_refused(self):
        for amount in (0, -5, 0.001, float("nan"), float("inf"), 1e12):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                self._disburse(self.request, amount)
        disbursement = self._disburse(self.request, 10, post=False)
        for amount in (0, -5, float("nan")):
            with self.subTest(write=amount), self.assertRaises(UserError):
                disbursement.amount = amount
        self.assertFund(1000, 300)

    def test_sql_refuses_what_python_missed(self):
        disbursement = self._disburse(self.request, 10, post=False)
        for value in ("NaN", "Infinity", "0", "-1"):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                self.env.cr.execute(
                    "UPDATE beneficiary_disbursement SET amount = %s WHERE id = %s",
                    [value, disbursement.id],
                )

    def test_above_approved_is_refused(self):
        with self.assertRaises(ValidationError):
            self._disburse(self.request, 300.01, post=False)
        self._disburse(self.request, 200)
        draft = self._disburse(self.request, 100, post=False)
        with self.assertRaises(ValidationError):
            self._disburse(self.request, 0.01, post=False)
        draft.action_cancel()
        self._disburse(self.request, 100)
        self.assertFund(700, 0)

    def test_more_than_the_fund_holds_is_refused(self):
        self._take(900)
        self.assertFund(100, 300, overdrawn=True)
        disbursement = self._disburse(self.request, 200, post=False)
        with self.assertRefused("Treatment"):
            disbursement.action_post()
        self.assertFund(100, 300, overdrawn=True)
        self.assertState(disbursement, "draft")
        # What is promised may still be paid from what is there.
        disbursement.amount = 100
        disbursement.action_post()
        self.assertFund(0, 200, overdrawn=True)

    def test_without_decision_is_refused(self):
        request = self._create_request(fund_id=self.fund.id)
        with self.assertRaises(ValidationError):
            self._disburse(request, 10, post=False)
        with self.assertRaises(UserError):
            request.with_user(self.clerk).action_create_disbursement()

    def test_closed_request_is_refused(self):
        disbursement = self._disburse(self.request, 10, post=False)
        self._set_stage(self.request, "closed")
        with self.assertRaises(UserError):
            disbursement.action_post()
        self.assertFund(1000, 0)

    def test_fund_conditions_are_asked_again(self):
        disbursement = self._disburse(self.request, 10, post=False)
        self.fund.date_deadline = "2020-01-01"
        with self.assertRaises(UserError):
            disbursement.action_post()

    def test_fund_is_the_approved_one(self):
        with self.assertRaises(ValidationError):
            self._disburse(self.request, 10, post=False, fund_id=self.other_fund.id)

    def test_instalment_is_paid_once(self):
        self._disburse(self.request, 10, instalment_no=1)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._disburse(self.request, 10, post=False, instalment_no=1)

    def test_posting_twice_is_refused(self):
        disbursement = self._disburse(self.request, 10)
        with self.assertRaises(UserError):
            disbursement.action_post()
        self.assertFund(990, 290)

    def test_posted_is_frozen(self):
        disbursement = self._disburse(self.request, 10)
        for values in (
            {"amount": 5},
            {"payee_id": self.donor.id},
            {"instalment_no": 7},
            {"state": "paid"},
            {"released_by_id": self.releaser.id},
            {"move_id": False},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                disbursement.write(values)
        with self.assertRaises(UserError):
            disbursement.unlink()
        with self.assertRaises(UserError):
            disbursement.action_cancel()

    def test_bank_account_is_the_payees(self):
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "1234", "partner_id": self.donor.id}
        )
        with self.assertRaises(ValidationError):
            self._disburse(self.request, 10, post=False, payee_bank_id=bank.id)

    def test_entry_is_not_reset_deleted_or_edited(self):
        disbursement = self._disburse(self.request, 10)
        entry = disbursement.move_id.with_user(self.accountant)
        for method in ("button_draft", "button_cancel", "unlink"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(entry, method)()
        line = disbursement.move_line_id.with_user(self.accountant)
        for values in ({"partner_id": self.donor.id}, {"credit": 5}):
            with self.subTest(values=values), self.assertRaises(UserError):
                line.write(values)

    # === Releasing: who === #

    def test_releaser_pays(self):
        disbursement = self._disburse(self.request, 100)
        payment = self._release(disbursement)
        self.assertEqual(disbursement.released_by_id, self.releaser)
        self.assertEqual(payment.memo, disbursement.name)
        self.assertEqual(payment.partner_id, self.beneficiary.partner_id)
        self.assertEqual(payment.amount, 100)

    def test_only_a_releaser_releases(self):
        disbursement = self._disburse(self.request, 100)
        for user in (self.clerk, self.accountant, self.aid_manager, self.officer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._release(disbursement, user)

    def test_payment_screen_of_accounting_is_no_way_around(self):
        disbursement = self._disburse(self.request, 100)
        for user in (self.clerk, self.accountant):
            wizard = (
                self.env["account.payment.register"]
                .with_user(user)
                .with_context(
                    active_model="account.move.line",
                    active_ids=disbursement.move_line_id.ids,
                )
                .create({"journal_id": self.bank.id})
            )
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard._create_payments()
        self.assertState(disbursement, "due")

    def test_preparer_does_not_release(self):
        self.clerk.group_ids += self.env.ref("beneficiary_aid.group_finance_releaser")
        disbursement = self._disburse(self.request, 100)
        with self.assertRefused("prepared"):
            self._release(disbursement, self.clerk)

    def test_poster_does_not_release(self):
        disbursement = self._disburse(self.request, 100, post=False)
        self.releaser.group_ids += self.env.ref("beneficiary_aid.group_finance_clerk")
        disbursement.with_user(self.releaser).action_post()
        for user in (self.releaser, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self._release(disbursement, user)
        self._release(disbursement, self.other_releaser)

    def test_voter_does_not_release(self):
        self._vote(self.request, self.voter)
        disbursement = self._disburse(self.request, 100)
        with self.assertRefused("voted"):
            self._release(disbursement, self.voter)
        own = disbursement.with_user(self.voter)
        own.invalidate_recordset()
        self.assertIn("voted", own.release_refusal)
        other_request = self._approve(50)
        self._release(self._disburse(other_request, 50), self.voter)

    def test_draft_is_not_released(self):
        disbursement = self._disburse(self.request, 100, post=False)
        with self.assertRaises(UserError):
            self._release(disbursement)

    def test_released_twice_is_refused(self):
        disbursement = self._disburse(self.request, 100)
        self._release(disbursement)
        with self.assertRaises(UserError):
            self._release(disbursement)

    def test_two_windows_of_the_payment_screen(self):
        disbursement = self._disburse(self.request, 100)
        action = disbursement.with_user(self.releaser).action_register_payment()
        wizards = [
            self.env["account.payment.register"]
            .with_user(self.releaser)
            .with_context(**action["context"])
            .create({"journal_id": self.bank.id})
            for _window in range(2)
        ]
        wizards[0]._create_payments()
        with self.assertRaises(UserError):
            wizards[1]._create_payments()

    # === What the ledger says === #

    def test_payment_without_bank_line_is_sent(self):
        disbursement = self._disburse(self.request, 100)
        self._release(disbursement)
        self.assertState(disbursement, "sent")
        self.assertRecordValues(
            self.request, [{"payment_state": "sent", "amount_paid": 0}]
        )
        self.assertFund(900, 200)

    def test_bank_line_makes_it_paid_and_undoing_sent(self):
        disbursement = self._disburse(self.request, 100)
        payment = self._release(disbursement)
        bank_line = self._bank_line(-100)
        liquidity, _counterpart, _writeoff = payment._seek_for_lines()
        self._match(bank_line, liquidity)
        self.assertState(disbursement, "paid")
        self.assertRecordValues(
            self.request, [{"payment_state": "paid", "amount_paid": 100}]
        )
        bank_line.action_undo_reconciliation()
        self.assertState(disbursement, "sent")
        self.assertEqual(self.request.amount_paid, 0)

    def test_bank_line_on_the_payable_is_paid(self):
        disbursement = self._disburse(self.request, 100)
        bank_line = self._bank_line(-100)
        self._match(bank_line, disbursement.move_line_id)
        self.assertState(disbursement, "paid")

    def test_one_bank_line_for_many(self):
        disbursements = self._disburse(self.request, 100) + self._disburse(
            self.request, 50
        )
        payments = self.env["account.payment"].union(
            *(self._release(disbursement) for disbursement in disbursements)
        )
        bank_line = self._bank_line(-150)
        outstanding = payments.move_id.line_ids.filtered(
            lambda line: line.account_id == payments.outstanding_account_id
        )
        self._match(bank_line, outstanding)
        self.assertEqual(disbursements.mapped("state"), ["paid", "paid"])

    def test_outstanding_cleared_by_an_entry_is_not_paid(self):
        disbursement = self._disburse(self.request, 100)
        payment = self._release(disbursement)
        liquidity, _counterpart, _writeoff = payment._seek_for_lines()
        income = self.company.beneficiary_donation_account_id
        entry = self._entry(
            [(liquidity.account_id, 100, 0, False), (income, 0, 100, False)]
        )
        (entry.line_ids.filtered("debit") + liquidity).reconcile()
        self.assertTrue(payment.is_matched)
        self.assertState(disbursement, "sent")

    def test_validated_payment_is_not_paid(self):
        disbursement = self._disburse(self.request, 100)
        payment = self._release(disbursement)
        payment.action_validate()
        self.assertEqual(payment.state, "paid")
        self.assertState(disbursement, "sent")

    def test_cancelled_payment_is_due_again(self):
        disbursement = self._disburse(self.request, 100)
        payment = self._release(disbursement)
        payment.action_draft()
        self.assertState(disbursement, "due")
        payment.action_cancel()
        self.assertState(disbursement, "due")
        self._release(disbursement)
        self.assertState(disbursement, "sent")
        self.assertFund(900, 200)

    def test_rejected_payment_in_the_middle_is_paid_again(self):
        """Its entry has a number others follow: it is reversed, not deleted."""
        first = self._disburse(self.request, 100)
        payment = self._release(first)
        self._release(self._disburse(self.request, 50))
        payment.action_reject()
        again = self._release(first)
        self.assertState(first, "sent")
        self.assertEqual(payment.state, "rejected")
        self.assertNotEqual(again, payment)

    def test_rejected_payment_is_due_and_paid_again_without_new_promise(self):
        disbursement = self._disburse(self.request, 100)
        payment = self._release(disbursement)
        payment.action_reject()
        self.assertState(disbursement, "due")
        self.assertFund(900, 200)
        again = self._release(disbursement)
        self.assertEqual(payment.state, "rejected")
        self.assertNotEqual(again, payment)
        self.assertState(disbursement, "sent")
        self.assertFund(900, 200)

    def test_partial_payment_stays_due(self):
        disbursement = self._disburse(self.request, 100)
        bank_line = self._bank_line(-60)
        self._match(bank_line, disbursement.move_line_id)
        self.assertState(disbursement, "due")
        bank_line = self._bank_line(-40)
        self._match(bank_line, disbursement.move_line_id)
        self.assertState(disbursement, "paid")

    # === Reversing === #

    def test_reverse_frees_the_instalment(self):
        disbursement = self._disburse(self.request, 300, instalment_no=1)
        self.assertFund(700, 0)
        disbursement.action_reverse()
        self.assertState(disbursement, "reversed")
        self.assertEqual(self.request.payment_state, "reversed")
        # The money is free again, and the new disbursement takes it from there.
        self.assertFund(1000, 0)
        again = self._disburse(self.request, 300, instalment_no=1)
        self.assertState(again, "due")
        self.assertFund(700, 0)

    def test_reversed_money_may_be_promised_to_others(self):
        disbursement = self._disburse(self.request, 300)
        disbursement.action_reverse()
        self._approve(900)
        again = self._disburse(self.request, 300, post=False)
        with self.assertRefused("Treatment"):
            again.action_post()
        self.assertFund(1000, 900)

    def test_reversal_by_an_accountant_is_not_blocked(self):
        disbursement = self._disburse(self.request, 300)
        self._release(disbursement)
        disbursement.move_id.with_user(self.accountant)._reverse_moves(
            [{"date": fields.Date.today()}], cancel=True
        )
        self.assertState(disbursement, "reversed")
        self.assertFund(1000, 0)

    def test_undone_reversal_is_due_again(self):
        disbursement = self._disburse(self.request, 300)
        disbursement.action_reverse()
        reversal = disbursement.move_id.reversal_move_ids
        reversal.with_user(self.accountant).button_draft()
        self.assertState(disbursement, "due")
        self.assertFund(700, 0)

    def test_reversal_stays_when_the_aid_was_paid_again(self):
        disbursement = self._disburse(self.request, 300)
        disbursement.action_reverse()
        self._disburse(self.request, 300)
        with self.assertRefused("again"):
            disbursement.move_id.reversal_move_ids.button_draft()

    def test_sent_is_not_reversed_by_button(self):
        disbursement = self._disburse(self.request, 300)
        self._release(disbursement)
        with self.assertRaises(UserError):
            disbursement.action_reverse()

    # === Promise of the request === #

    def test_remainder_returns_when_the_request_ends(self):
        request = self._approve(100)
        self._disburse(request, 40)
        self.assertFund(960, 360)
        self._set_stage(request, "closed")
        self.assertFund(960, 300)
        self.assertEqual(request.amount_committed, 0)
        request.active = False
        self.assertFund(960, 300)

    def test_promise_returns_when_the_request_is_cancelled(self):
        self._set_stage(self.request, "cancelled")
        self.assertFund(1000, 0)

    def test_reopened_request_pays_from_what_is_free(self):
        self._set_stage(self.request, "closed")
        self.assertFund(1000, 0)
        self._set_stage(self.request, "follow_up")
        self._disburse(self.request, 300)
        self.assertFund(700, 0)

    def test_later_decision_promises_only_the_difference(self):
        self._disburse(self.request, 100)
        self._approve(500, request=self.request)
        self.assertEqual(self.request.amount_committed, 400)
        self.assertFund(900, 400)
        self._approve(120, request=self.request)
        self.assertFund(900, 20)

    def test_later_decision_takes_another_fund(self):
        self._donate(500, self.other_fund)
        self._approve(300, self.other_fund, request=self.request)
        self.assertFund(1000, 0)
        self.assertFund(500, 300, self.other_fund)

    def test_fund_is_not_exchanged_under_a_promise(self):
        with self.assertRaises(UserError):
            self.request.fund_id = self.other_fund

    def test_approved_is_not_less_than_disbursed(self):
        self._disburse(self.request, 200)
        with self.assertRaises(ValidationError):
            self.request.amount_approved = 199

    # === Roles and companies === #

    def test_who_may_do_what(self):
        table = {
            self.clerk: "read write create unlink",
            self.releaser: "read write",
            self.aid_manager: "read",
            self.officer: "read",
            self.researcher: "read",
            self.auditor: "read",
            self.accountant: "read",
            self.employee: "",
            self.quality: "",
            self.representative: "",
        }
        for user, allowed in table.items():
            disbursements = self.env["beneficiary.disbursement"].with_user(user)
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertEqual(
                        disbursements.has_access(operation),
                        operation in allowed.split(),
                    )

    def test_releaser_does_not_post(self):
        disbursement = self._disburse(self.request, 100, post=False)
        with self.assertRaises(AccessError):
            disbursement.with_user(self.releaser).action_post()

    def test_button_of_the_request_is_the_clerks(self):
        action = self.request.with_user(self.clerk).action_create_disbursement()
        self.assertEqual(action["context"]["default_request_id"], self.request.id)
        for user in (self.releaser, self.aid_manager, self.officer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.request.with_user(user).action_create_disbursement()

    def test_payee_of_other_company_is_refused(self):
        other = self._create_association("Other")
        payee = self.env["res.partner"].create({"name": "X", "company_id": other.id})
        with self.assertRaises(UserError):
            self._disburse(self.request, 10, post=False, payee_id=payee.id)

    def test_other_company_sees_nothing(self):
        self._disburse(self.request, 10)
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(env["beneficiary.disbursement"].search([]))

    def test_payee_is_no_follower(self):
        disbursement = self._disburse(self.request, 10)
        self._release(disbursement)
        self.assertNotIn(self.beneficiary.partner_id, disbursement.message_partner_ids)

    def test_query_count_of_the_state_is_constant(self):
        requests = [self._approve(10) for _number in range(6)]
        disbursements = self.env["beneficiary.disbursement"].union(
            *(self._disburse(request, 10) for request in requests)
        )
        counts = []
        for records in (disbursements[:2], disbursements):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records._compute_state()
            counts.append(self.env.cr.sql_log_count - before)
            self.env.invalidate_all(flush=False)
        self.assertEqual(counts[0], counts[1])

    # === Helpers === #
