import base64
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import PDF

from ..models import (
    beneficiary_disbursement_batch_entry,
    beneficiary_sliced_mixin,
)
from .batch_common import BatchCommon


@tagged("post_install", "-at_install")
class TestBatch(BatchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._donate(1000)
        cls.due = cls._create_due(3)

    # === Gathering === #

    def test_gather_takes_what_is_ready(self):
        self.due[0].action_post()
        batch = self._gather()
        self.assertEqual(batch.line_ids.disbursement_id, self.due)
        self.assertEqual((batch.line_count, batch.amount_total), (3, 300))
        self.assertRegex(batch.name, r"^RUN/\d{4}/\d{5}$")
        self.assertTrue(all(self.due.mapped("is_in_batch")))

    def test_gather_follows_its_filters(self):
        treatment = self.aid_type
        self.addCleanup(setattr, type(self), "aid_type", treatment)
        type(self).aid_type = self._create_aid_type(name="Rent", code="rent")
        housing = self._create_due(1)
        batch = self._gather(aid_type_ids=self.aid_type.ids)
        self.assertEqual(batch.line_ids.disbursement_id, housing)
        late = self.due[2]
        late.date = fields.Date.add(fields.Date.today(), days=9)
        batch = self._gather(date_to=fields.Date.today())
        self.assertEqual(batch.line_ids.disbursement_id, self.due[:2])

    def test_gather_by_fund_and_branch(self):
        self.due[0].request_id.sudo().branch_id = self.branch
        batch = self._gather(branch_ids=self.branch.ids, fund_ids=self.fund.ids)
        self.assertEqual(batch.line_ids.disbursement_id, self.due[0])
        with self.assertRefused("No disbursement is ready"):
            self._gather(fund_ids=self.other_fund.ids)

    def test_who_cannot_be_paid_is_left_out_at_once(self):
        lost = self.due[1]
        lost.sudo().payee_bank_id = False
        batch = self._gather(self.due)
        with self.assertRefused(lost.name):
            batch.action_prepare()
        action = batch.action_leave_out()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual(batch.line_ids.disbursement_id, self.due - lost)
        self.assertIn(lost.name, batch.message_ids[0].body)
        self.assertFalse(lost.is_in_batch, "it is ready for a later batch")
        # The second click finds nobody more.
        action = batch.action_leave_out()
        self.assertEqual(action["params"]["type"], "info")
        batch.action_prepare()
        self.assertEqual(batch.control_count, 2)
        with self.assertRefused(batch.name):
            batch.action_leave_out()
        with self.assertRaises(AccessError):
            batch.with_user(self.releaser).action_leave_out()

    def test_one_batch_at_a_time(self):
        self._gather(self.due)
        with self.assertRefused("No disbursement is ready"):
            self._gather()
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._gather(self.due)

    def test_alone_no_more_while_in_a_batch(self):
        batch = self._gather(self.due)
        for method in ("action_post", "action_cancel", "action_add_to_batch"):
            with self.assertRefused(self.due[0].name, batch.name):
                getattr(self.due[0], method)()
        batch.action_prepare()
        with self.assertRefused(self.due[0].name, batch.name):
            self.due[0].action_reverse()
        with self.assertRefused(self.due[0].name, batch.name):
            self._release(self.due[0])

    def test_add_from_the_list(self):
        action = self.due.action_add_to_batch()
        batch = self.env["beneficiary.disbursement.batch"].browse(action["res_id"])
        self.assertEqual(batch.line_ids.disbursement_id, self.due)

    # === Preparing === #

    def test_one_entry_for_all(self):
        batch = self._prepare(self.due)
        self.assertEqual(batch.state, "prepared")
        entry = batch.entry_id
        self.assertEqual(self.due.move_id, entry)
        self.assertEqual(entry.state, "posted")
        payables = entry.line_ids.filtered("credit")
        self.assertEqual(self.due.move_line_id, payables)
        self.assertEqual(set(payables.mapped("name")), set(self.due.mapped("name")))
        [cost] = entry.line_ids.filtered("debit")
        self.assertEqual(cost.debit, 300)
        self.assertEqual(
            cost.analytic_distribution, {str(self.fund.analytic_account_id.id): 100}
        )
        for one in self.due:
            self.assertState(one, "due")
        self.assertFund(700, 0)
        self.assertEqual((batch.control_count, batch.control_amount), (3, 300))
        self.assertEqual(len(batch.content_hash), 64)

    def test_words_of_the_entries_are_numbers(self):
        batch = self._pay(self.due)
        allowed = {batch.name, *self.due.mapped("name")}
        for move in batch.entry_id | batch.move_id:
            self.assertEqual(move.ref, batch.name)
            self.assertLessEqual(set(move.line_ids.mapped("name")), allowed)

    def test_two_funds_in_one_entry(self):
        self._donate(500, fund=self.other_fund)
        housing = self._create_due(2, 50, fund=self.other_fund)
        batch = self._prepare(self.due | housing)
        costs = batch.entry_id.line_ids.filtered("debit")
        self.assertEqual(sorted(costs.mapped("debit")), [100, 300])
        self.assertFund(700, 0)
        self.assertFund(400, 0, fund=self.other_fund)

    def test_posted_alone_before_is_not_posted_again(self):
        self.due[0].action_post()
        batch = self._prepare(self.due)
        self.assertNotEqual(self.due[0].move_id, batch.entry_id)
        self.assertEqual(sum(batch.entry_id.line_ids.mapped("credit")), 200)
        self.assertEqual(batch.control_amount, 300)
        self.assertFund(700, 0)

    def test_empty_batch_is_refused(self):
        batch = self._gather(self.due[:0])
        with self.assertRefused(batch.name, "no payees"):
            batch.action_prepare()

    def test_every_bad_payee_is_named(self):
        batch = self._gather(self.due)
        self.due[0].payee_bank_id = False
        account = self.due[1].sudo().payee_bank_id
        account.acc_number = "SA0012345678901234567890"
        with self.assertRaises(UserError) as refused:
            batch.action_prepare()
        message = str(refused.exception)
        self.assertIn(f"{self.due[0].name}: the payee has no bank account", message)
        self.assertIn(f"{self.due[1].name}: the IBAN", message)
        self.assertNotIn(self.due[2].name, message)
        self.assertNotIn("SA00", message)

    def test_account_in_another_currency_is_refused(self):
        self.due[0].sudo().payee_bank_id.currency_id = self.env.ref("base.EUR")
        with self.assertRefused(self.due[0].name, "another currency"):
            self._prepare(self.due)

    def test_archived_account_is_refused(self):
        self.due[0].sudo().payee_bank_id.active = False
        with self.assertRefused(self.due[0].name, "archived"):
            self._prepare(self.due)

    def test_bank_in_another_currency_is_refused(self):
        bank = self._create_bank_of("EURO", currency_id=self.env.ref("base.EUR").id)
        with self.assertRefused("another currency"):
            self._prepare(self.due, journal_id=bank.id)

    def test_archived_journal_is_refused(self):
        bank = self._create_bank_of("OLDB")
        batch = self._gather(self.due, journal_id=bank.id)
        bank.active = False
        with self.assertRefused(batch.name, "archived"):
            batch.action_prepare()

    def test_fund_with_a_bank_of_its_own(self):
        self.fund.bank_journal_id = self._create_bank_of("ZKT")
        with self.assertRefused("ZKT"):
            self._prepare(self.due)
        with self.assertRefused("No disbursement is ready"):
            self._gather()
        batch = self._prepare(self.due, journal_id=self.fund.bank_journal_id.id)
        self.assertEqual(batch.state, "prepared")

    def _create_bank_of(self, code, **values):
        return self.env["account.journal"].create(
            {
                "name": code,
                "code": code,
                "type": "bank",
                "company_id": self.company.id,
                **values,
            }
        )

    def test_closed_period_is_refused(self):
        self.company.hard_lock_date = "2020-12-31"
        batch = self._gather(self.due, date="2020-06-30")
        with self.assertRefused(batch.name, "closed"):
            batch.action_prepare()
        self.assertFalse(batch.entry_id)
        self.assertFund(1000, 300)

    def test_partly_paid_is_refused(self):
        self.due.action_post()
        item = self.due[0].move_line_id
        entry = self._entry(
            [
                (item.account_id, 40, 0, False),
                (self.company.beneficiary_donation_account_id, 0, 40, False),
            ]
        )
        counterpart = entry.line_ids.filtered("debit")
        counterpart.with_user(self.accountant).partner_id = item.partner_id
        (item | counterpart).reconcile()
        with self.assertRefused(self.due[0].name, "a part of it is paid"):
            self._prepare(self.due)

    def test_fund_without_money_refuses_the_whole(self):
        self._take(950)
        with self.assertRefused("cannot be paid from the fund"):
            self._prepare(self.due)
        for one in self.due:
            self.assertState(one, "draft")

    def test_second_click_changes_nothing(self):
        batch = self._prepare(self.due)
        with self.assertRefused(batch.name, "already"):
            batch.action_prepare()
        self.assertFund(700, 0)

    def test_payees_are_fixed_after_preparing(self):
        batch = self._prepare(self.due[:2])
        with self.assertRefused(batch.name, "stay as they are"):
            batch._add(self.due[2])
        with self.assertRefused(batch.name, "stay as they are"):
            batch.line_ids[0].unlink()
        with self.assertRefused(batch.name, "Take it back"):
            batch.date = "2030-01-01"
        with self.assertRefused(batch.name, "Cancel it"):
            batch.unlink()

    def test_back_to_draft_and_again(self):
        batch = self._prepare(self.due[:2])
        batch.with_user(self.releaser).action_release()
        entry = batch.entry_id
        batch.action_back_to_draft()
        self.assertFalse(batch.first_releaser_id)
        batch._add(self.due[2])
        batch.action_prepare()
        self.assertNotEqual(batch.entry_id, entry)
        self.assertEqual(self.due.move_id, entry | batch.entry_id)
        self.assertFund(700, 0)

    def test_cancel_frees_the_disbursements(self):
        batch = self._prepare(self.due)
        batch.action_cancel()
        self.assertEqual(batch.state, "cancelled")
        again = self._prepare(self.due)
        self.assertEqual(again.state, "prepared")
        self.assertFund(700, 0)

    def test_nothing_is_typed_in(self):
        batch = self._gather(self.due)
        for values in (
            {"step": "released"},
            {"content_hash": "x"},
            {"first_releaser_id": self.releaser.id},
            {"control_amount": 5},
        ):
            with self.assertRefused("not typed in"):
                batch.write(values)
        for values in ({"is_live": False}, {"bank_answer": "paid"}):
            with self.assertRefused("not typed in"):
                batch.line_ids.write(values)

    # === Releasing === #

    def test_two_people_release_and_it_is_sent(self):
        batch = self._prepare(self.due)
        batch.with_user(self.releaser).action_release()
        self.assertEqual(batch.state, "prepared")
        self.assertState(self.due[0], "due")
        batch.with_user(self.second).action_release()
        self.assertEqual(batch.state, "released")
        for one in self.due:
            self.assertState(one, "sent")
            self.assertEqual(one.released_by_id, self.second)
        self.assertEqual(batch.move_line_id.credit, 300)
        self.assertEqual(batch.sent_amount, 300)
        self.assertFund(700, 0)

    def test_one_person_does_not_sign_twice(self):
        batch = self._prepare(self.due)
        batch.with_user(self.releaser).action_release()
        with self.assertRefused(batch.name, "signed already"):
            batch.with_user(self.releaser).action_release()
        self.assertIn("signed already", batch.with_user(self.releaser).release_refusal)

    def test_preparer_does_not_sign(self):
        self.clerk.sudo().group_ids += self.env.ref(
            "beneficiary_aid.group_finance_releaser"
        )
        batch = self._prepare(self.due)
        with self.assertRefused("prepared"):
            batch.action_release()

    def test_preparer_of_one_payee_does_not_sign(self):
        self.second.sudo().group_ids += self.env.ref(
            "beneficiary_aid.group_finance_clerk"
        )
        self.due[1].with_user(self.second).action_post()
        batch = self._prepare(self.due)
        with self.assertRefused(self.due[1].name, "prepared"):
            batch.with_user(self.second).action_release()
        batch.with_user(self.releaser).action_release()

    def test_voter_does_not_sign(self):
        request = self.due[1].request_id
        item = request.decision_id.item_id
        member = self.env["beneficiary.committee.member"].create(
            {"committee_id": item.committee_id.id, "user_id": self.voter.id}
        )
        # How one votes is tested elsewhere; that he did is what counts here.
        self.cr.execute(
            "INSERT INTO beneficiary_vote"
            " (item_id, company_id, round, version, member_id, value)"
            " VALUES (%s, %s, 1, 1, %s, 'yes')",
            [item.id, self.company.id, member.id],
        )
        batch = self._prepare(self.due)
        with self.assertRefused(self.due[1].name, "voted"):
            batch.with_user(self.voter).action_release()

    def test_system_does_not_sign(self):
        batch = self._prepare(self.due)
        with self.assertRefused("two people"):
            batch.sudo().with_user(self.env.ref("base.user_root")).action_release()

    def test_database_holds_the_two_signatures(self):
        batch = self._prepare(self.due).sudo()
        for values in (
            {
                "first_releaser_id": self.releaser.id,
                "second_releaser_id": self.releaser.id,
            },
            {"second_releaser_id": self.releaser.id},
            {"step": "released"},
        ):
            with (
                self.subTest(values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                batch.write(values)
                batch.flush_recordset()

    def test_account_changed_after_preparing_is_refused(self):
        batch = self._prepare(self.due)
        batch.with_user(self.releaser).action_release()
        other = self.env["res.partner.bank"].create(
            {
                "partner_id": self.due[0].payee_id.id,
                "acc_number": "SA4420000001234567891234",
            }
        )
        self.due[0].sudo().payee_bank_id = other
        with self.assertRefused(batch.name, "changed since"):
            batch.with_user(self.second).action_release()

    def test_held_payee_stops_the_release(self):
        batch = self._prepare(self.due)
        self.env["beneficiary.iban.change"].sudo().create(
            {
                "beneficiary_id": self.due[0].beneficiary_id.id,
                "old_iban": self.due[0].payee_bank_id.sanitized_acc_number,
                "new_iban": "SA4420000001234567891234",
                "holder_name": "Family",
                "proof": base64.b64encode(PDF),
                "proof_filename": "bank.pdf",
            }
        )
        with self.assertRefused(self.due[0].name, "being changed"):
            batch.with_user(self.releaser).action_release()
        self.assertState(self.due[0], "due")

    def test_after_the_release_nothing_goes_back(self):
        batch = self._pay(self.due)
        for method in ("action_back_to_draft", "action_cancel"):
            with self.assertRefused(batch.name):
                getattr(batch, method)()
        with self.assertRefused(batch.name, "nothing to release"):
            batch.with_user(self.releaser).action_release()
        with self.assertRefused(batch.name):
            batch.move_id.with_user(self.accountant).button_draft()
        with self.assertRefused(batch.name):
            batch.move_id.with_user(self.accountant)._reverse_moves(cancel=True)
        with self.assertRefused(f"is in the batch {batch.name}"):
            batch.entry_id.with_user(self.accountant)._reverse_moves(cancel=True)

    # === On the bank === #

    def test_one_bank_line_for_the_batch(self):
        batch = self._pay(self.due)
        self.assertEqual(batch.paid_amount, 0)
        self._on_bank(batch)
        for one in self.due:
            self.assertState(one, "paid")
        self.assertEqual(batch.state, "settled")
        self.assertEqual(batch.paid_amount, 300)
        self.assertEqual(self.due[0].request_id.payment_state, "paid")

    def test_less_on_the_bank_is_not_paid(self):
        batch = self._pay(self.due)
        self._on_bank(batch, amount=-299)
        for one in self.due:
            self.assertState(one, "sent")
        self.assertEqual(batch.state, "released")

    def test_undone_match_is_not_paid_any_more(self):
        batch = self._pay(self.due)
        line = self._on_bank(batch)
        line.action_undo_reconciliation()
        for one in self.due:
            self.assertState(one, "sent")
        self.assertEqual(batch.state, "released")

    def test_a_bank_line_for_each_payee(self):
        batch = self._pay(self.due, booking="line")
        self.assertFalse(batch.move_line_id)
        line = batch.line_ids.filtered(lambda line: line.disbursement_id == self.due[1])
        self._on_bank(batch, items=line.bank_item_id)
        self.assertEqual(self.due.mapped("state"), ["sent", "paid", "sent"])
        self.assertEqual(batch.state, "released")

    # === Rejected === #

    def test_rejected_is_due_and_paid_again(self):
        batch = self._pay(self.due)
        line = batch.line_ids[1]
        one = line.disbursement_id
        batch._reject({line: "Account closed"})
        self.assertState(one, "due")
        self.assertTrue(one.is_rejected)
        self.assertEqual(one.rejection_reason, "Account closed")
        self.assertEqual(line.outcome, "rejected")
        self.assertFund(700, 0)
        again = self._pay(one)
        self.assertState(one, "sent")
        self.assertFalse(one.is_rejected)
        self._on_bank(batch, items=self._open_items(), amount=-200)
        self._on_bank(again)
        self.assertEqual(set(self.due.mapped("state")), {"paid"})
        self.assertEqual({batch.state, again.state}, {"settled"})
        self.assertFund(700, 0)

    def test_returned_after_the_bank_line(self):
        batch = self._pay(self.due)
        self._on_bank(batch)
        batch._reject({batch.line_ids[0]: "Closed"})
        self.assertEqual(self.due.mapped("state"), ["due", "paid", "paid"])
        [returned] = self._open_items()
        self.assertEqual(returned.debit, 100)
        self._on_bank(batch, items=returned)
        self.assertEqual(batch.state, "settled")

    def test_rejected_line_by_line(self):
        batch = self._pay(self.due, booking="line")
        batch._reject({batch.line_ids[0]: "Closed"})
        self.assertEqual(self.due.mapped("state"), ["due", "sent", "sent"])
        self.assertEqual(sum(self._open_items().mapped("credit")), 200)

    def _open_items(self):
        return self.env["account.move.line"].search(
            [
                ("account_id", "=", self.bank_outstanding.id),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
                ("move_id.ref", "like", "RUN/"),
            ]
        )

    @property
    def bank_outstanding(self):
        return self.bank.outbound_payment_method_line_ids.payment_account_id

    def test_reversing_one_of_a_batch_leaves_the_others(self):
        batch = self._prepare(self.due)
        batch.action_cancel()
        self.due[0].action_reverse()
        self.assertEqual(self.due.mapped("state"), ["reversed", "due", "due"])
        self.assertFund(800, 0)
        again = self._disburse(self.due[0].request_id, 100)
        self.assertState(again, "due")
        self.assertFund(700, 0)

    def test_reversing_takes_the_account_first_charged(self):
        first = self._create_account("659301")
        self.aid_type.expense_account_id = first
        batch = self._prepare(self.due)
        batch.action_cancel()
        self.assertEqual(self.due.expense_account_id, first)
        self.aid_type.expense_account_id = self._create_account("659302")
        self.due[0].action_reverse()
        reversal = self.due[0].move_id.reversal_move_ids
        charged = reversal.line_ids.filtered("credit")
        self.assertEqual(charged.account_id, first)
        # Also where the account was not noted yet: the fund was charged on one only.
        self.due[1].sudo().expense_account_id = False
        self.assertEqual(self.due[1]._get_charged_account(), first)
        with self.assertRefused("typed"):
            self.due[1].expense_account_id = first

    def _create_account(self, code):
        return self.env["account.account"].create(
            {"name": f"Aid {code}", "code": code, "account_type": "expense"}
        )

    # === Large batches === #

    def _in_slices(self):
        """Batches of two payees are large, and two payees are a slice."""
        return (
            patch.object(beneficiary_sliced_mixin, "AT_ONCE", 1),
            patch.object(beneficiary_disbursement_batch_entry, "SLICE", 2),
        )

    def test_large_batch_goes_on_in_the_background(self):
        at_once, slices = self._in_slices()
        with at_once, slices:
            batch = self._prepare(self.due)
            self.assertEqual(batch.state, "posting")
            self.assertFalse(batch.entry_id)
            batch._get_worker()._work_slice()
            self.assertEqual(batch.entry_id.state, "draft")
            self.assertEqual(len(self.due.filtered("move_line_id")), 2)
            self.assertAlmostEqual(batch.progress, 66.67, 2)
            self.assertFund(1000, 300)
            # Half an entry does not balance, and nobody posts it.
            with self.assertRaises(UserError):
                batch.entry_id.with_user(self.accountant).action_post()
            self._run_cron()
            self.assertEqual(batch.state, "prepared")
            self._sign(batch)
            self.assertEqual(batch.state, "paying")
            self.assertState(self.due[0], "due")
            self._run_cron()
        self.assertEqual(batch.state, "released")
        self.assertEqual(set(self.due.mapped("state")), {"sent"})
        self.assertEqual(batch.entry_id.create_uid, self.clerk)
        self.assertEqual(batch.move_id.create_uid, self.second)

    def _run_cron(self):
        job = self.env.ref("beneficiary_aid.ir_cron_disbursement_batch")
        with self.enter_registry_test_mode():
            job.method_direct_trigger()
        # The job numbers entries on a cursor of its own.
        self.env["account.move"]._get_sequence_cache().clear()

    def test_stopped_posting_leaves_nothing(self):
        at_once, slices = self._in_slices()
        with at_once, slices:
            batch = self._prepare(self.due)
            batch._get_worker()._work_slice()
            entry = batch.entry_id
            batch.action_stop_posting()
        self.assertFalse(entry.exists())
        self.assertEqual(batch.state, "draft")
        self.assertFalse(self.due.move_line_id)
        self.assertFund(1000, 300)
        batch.action_prepare()
        self.assertFund(700, 0)

    def test_refusal_in_the_background_waits_for_a_person(self):
        at_once, slices = self._in_slices()
        with at_once, slices:
            batch = self._prepare(self.due)
            self._take(950)
            self._run_cron()
            self.assertEqual(batch.state, "posting")
            self.assertIn("cannot be paid from the fund", batch.problem)
            self._donate(950)
            batch.action_continue()
            self.assertFalse(batch.problem)
            self._run_cron()
        self.assertEqual(batch.state, "prepared")

    def test_debt_settled_otherwise_stops_the_payment(self):
        at_once, slices = self._in_slices()
        with at_once, slices:
            batch = self._sign_prepared(self.due)
            item = self.due[0].move_line_id
            entry = self._entry(
                [
                    (item.account_id, 100, 0, False),
                    (self.company.beneficiary_donation_account_id, 0, 100, False),
                ],
                post=False,
            )
            counterpart = entry.line_ids.filtered("debit")
            counterpart.partner_id = item.partner_id
            entry.action_post()
            (item | counterpart).reconcile()
            self._run_cron()
        self.assertEqual(batch.state, "paying")
        self.assertIn(self.due[0].name, batch.problem)

    def test_a_slice_does_not_walk_the_whole_entries(self):
        """Else paying takes the square of the time: all items for every slice."""
        at_once, slices = self._in_slices()
        with at_once, slices:
            batch = self._sign_prepared(self.due)
            worker = batch._get_worker()
            while batch.move_id.state != "posted":
                worker._work_slice()
            self.env.flush_all()
            self.env.invalidate_all()
            worker._work_slice()
            read = set(
                self.env["account.move.line"]._fields["balance"]._get_cache(self.env)
            )
        matched = self.due.filtered(lambda one: one.state == "sent")
        self.assertEqual(len(matched), 2)
        lines = batch.line_ids.filtered(lambda one: one.disbursement_id in matched)
        total = batch.move_line_id
        items = matched.move_line_id | lines.payment_line_id | total
        self.assertTrue(read)
        self.assertLessEqual(read, set(items.ids))

    def test_accounts_off_balance_stay_refused_in_slices(self):
        """The quicker question has the answer of Odoo's own check."""
        entry = self._entry(
            [
                (self._create_account("659303"), 100, 0, False),
                (self.company.beneficiary_donation_account_id, 0, 100, False),
            ],
            post=False,
        ).with_context(beneficiary_slice=True)
        off_balance = self._create_account("999301")
        off_balance.account_type = "off_balance"
        with self.assertRaisesRegex(UserError, "Off-Balance"):
            entry.line_ids[0].account_id = off_balance

    def _sign_prepared(self, disbursements):
        batch = self._prepare(disbursements)
        self._run_cron()
        return self._sign(batch)

    def test_queries_do_not_follow_the_number_of_payees(self):
        few, many = (
            self._count_queries(self._create_due(count, 1)) for count in (4, 24)
        )
        # Tables of many rows are written in a few more statements.
        self.assertLess(many - few, 20)

    def _count_queries(self, disbursements):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self._pay(disbursements)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    # === Roles === #

    def test_roles(self):
        batch = self._prepare(self.due)
        for user in (self.releaser, self.auditor, self.aid_manager, self.manager):
            with self.subTest(user.login):
                own = batch.with_user(user)
                self.assertEqual(own.line_ids.mapped("amount"), [100, 100, 100])
                for method in ("action_gather", "action_prepare", "action_cancel"):
                    with self.assertRaises(AccessError):
                        getattr(own, method)()
        for user in (self.clerk, self.auditor, self.aid_manager, self.accountant):
            with self.subTest(user.login), self.assertRaises(AccessError):
                batch.with_user(user).action_release()
        with self.assertRaises(AccessError):
            batch.with_user(self.officer).read(["name"])
        with self.assertRaises(AccessError):
            self.env["beneficiary.disbursement.batch"].with_user(self.releaser).create(
                {"company_id": self.company.id, "journal_id": self.bank.id}
            )

    def test_officer_reads_disbursements_without_batches(self):
        self._gather(self.due)
        own = self.due[0].with_user(self.officer)
        self.assertTrue(own.is_in_batch)
        found = own.search([("is_in_batch", "=", True), ("id", "in", self.due.ids)])
        self.assertEqual(len(found), 3)

    def test_other_company(self):
        batch = self._gather(self.due)
        other = self._create_association("Other")
        clerk = self._create_finance_user(
            "other_clerk", "beneficiary_aid.group_finance_clerk", other
        )
        own = batch.with_user(clerk).with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            own.read(["name"])
        with self.assertRaises(AccessError):
            own.line_ids.read(["amount"])
        self.assertFalse(own.search([]))
