"""Parallel sessions on one batch: real cursors and commits."""

import base64
import sys
from pathlib import Path
from unittest.mock import patch

from odoo import api
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.models import (
    beneficiary_disbursement_batch_entry,
    beneficiary_sliced_mixin,
)
from odoo.addons.beneficiary_aid.tests.test_bank_sheet import BankCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402


class Steps(BankCommon):
    """The steps of the bank tests on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestBatchConcurrency(CommittedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_finance(Steps, env)
            Steps.aid_type = Steps._create_aid_type(name="Treatment", code="race")
            Steps.fund = Steps._create_fund(name="Race", code="RACE")
            Steps.plain_sheet = Steps._create_sheet(
                "Plain",
                [("Reference", "reference"), ("Amount", "amount")],
                file_format="csv",
            )
            cls.records = {
                name: (getattr(Steps, name)._name, getattr(Steps, name).id)
                for name in (
                    "company",
                    "bank",
                    "policy",
                    "aid_type",
                    "fund",
                    "donor",
                    "plain_sheet",
                )
            }

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            steps = self.steps(env)
            steps._donate(300)
            self.due_ids = steps._create_due(3).ids

    def steps(self, env):
        """The steps of the bank tests in a running session."""
        steps = type("BoundSteps", (Steps,), {"env": env})
        for name, (model, record_id) in self.records.items():
            setattr(steps, name, env[model].browse(record_id))
        for name, user_id in self.users.items():
            setattr(steps, name, env["res.users"].browse(user_id))
        return steps

    def make(self, step):
        """Take a batch up to a step, committed; returns its id."""
        with self.environment() as env:
            steps = self.steps(env)
            due = env["beneficiary.disbursement"].browse(self.due_ids)
            batch = steps._gather(due, sheet_id=steps.plain_sheet.id)
            if step in ("prepared", "signed", "released", "exported"):
                batch.action_prepare()
            if step in ("signed", "released", "exported"):
                batch.with_user(steps.releaser).action_release()
            if step in ("released", "exported"):
                batch.with_user(steps.second).action_release()
            if step == "exported":
                steps._export(batch)
            return batch.id

    def call(self, batch_id, method):
        return lambda env: getattr(
            env["beneficiary.disbursement.batch"].browse(batch_id), method
        )()

    def assertOnce(self, batch_id, state):
        """Each disbursement stands on one item, and was paid once at most."""
        with self.environment() as env:
            batch = env["beneficiary.disbursement.batch"].browse(batch_id)
            due = env["beneficiary.disbursement"].browse(self.due_ids)
            self.assertEqual(set(due.mapped("state")), {state})
            items = env["account.move.line"].search(
                [
                    ("name", "in", due.mapped("name")),
                    ("parent_state", "=", "posted"),
                    ("account_id.account_type", "=", "liability_payable"),
                ]
            )
            paid = state in ("sent", "paid")
            self.assertEqual(len(items), 6 if paid else 3)
            self.assertEqual(batch.state in ("released", "exported"), paid)
            fund = env["beneficiary.fund"].browse(self.records["fund"][1])
            self.assertFalse(fund._recount())

    # === Two at once === #

    @mute_logger(*QUIET)
    def test_two_prepare(self):
        batch_id = self.make("draft")
        work = (self.call(batch_id, "action_prepare"), self.users["clerk"])
        self.assertDone(self.race([work, work]), done=1)
        self.assertOnce(batch_id, "due")

    @mute_logger(*QUIET)
    def test_batch_and_single_post(self):
        batch_id = self.make("draft")

        def alone(env):
            # As code that knows no batches would.
            env["beneficiary.disbursement"].browse(self.due_ids)._post_entries()

        results = self.race(
            [
                (self.call(batch_id, "action_prepare"), self.users["clerk"]),
                (alone, self.users["clerk"]),
            ]
        )
        done = [one for one in results if not isinstance(one, Exception)]
        self.assertGreaterEqual(len(done), 1)
        self.assertOnce(batch_id, "due")

    @mute_logger(*QUIET)
    def test_two_batches_of_the_same(self):
        def gather(env):
            batch = env["beneficiary.disbursement.batch"].create(
                {
                    "company_id": self.records["company"][1],
                    "journal_id": self.records["bank"][1],
                }
            )
            batch._add(env["beneficiary.disbursement"].browse(self.due_ids))

        work = (gather, self.users["clerk"])
        results = self.race([work, work])
        errors = [one for one in results if isinstance(one, Exception)]
        self.assertEqual(len(errors), 1)
        with self.environment() as env:
            lines = env["beneficiary.disbursement.batch.line"].search(
                [("disbursement_id", "in", self.due_ids)]
            )
            self.assertEqual(len(lines), 3)

    @mute_logger(*QUIET)
    def test_two_give_the_first_signature(self):
        """One is the first, the other finds himself the second: it is paid once."""
        batch_id = self.make("prepared")
        release = self.call(batch_id, "action_release")
        results = self.race(
            [(release, self.users["releaser"]), (release, self.users["second"])]
        )
        self.assertDone(results, done=2)
        self.assertOnce(batch_id, "sent")

    @mute_logger(*QUIET)
    def test_two_give_the_second_signature(self):
        batch_id = self.make("signed")
        release = self.call(batch_id, "action_release")
        results = self.race(
            [(release, self.users["second"]), (release, self.users["voter"])]
        )
        self.assertDone(results, done=1)
        self.assertOnce(batch_id, "sent")

    @mute_logger(*QUIET)
    def test_double_click_of_a_releaser(self):
        batch_id = self.make("signed")
        work = (self.call(batch_id, "action_release"), self.users["second"])
        self.assertDone(self.race([work, work]), done=1)
        self.assertOnce(batch_id, "sent")

    @mute_logger(*QUIET)
    def test_release_and_back_to_draft(self):
        batch_id = self.make("signed")
        results = self.race(
            [
                (self.call(batch_id, "action_release"), self.users["second"]),
                (self.call(batch_id, "action_back_to_draft"), self.users["clerk"]),
            ]
        )
        self.assertDone(results, done=1)
        paid = not isinstance(results[0], Exception)
        self.assertOnce(batch_id, "sent" if paid else "due")

    @mute_logger(*QUIET)
    def test_two_exports_give_one_file(self):
        batch_id = self.make("released")
        work = (self.call(batch_id, "action_export"), self.users["releaser"])
        other = (self.call(batch_id, "action_export"), self.users["second"])
        self.assertDone(self.race([work, other]), done=2)
        with self.environment() as env:
            batch = env["beneficiary.disbursement.batch"].browse(batch_id)
            files = env["ir.attachment"].search(
                [
                    ("res_model", "=", batch._name),
                    ("res_id", "=", batch_id),
                    ("res_field", "=", "export_file"),
                ]
            )
            self.assertEqual(len(files), 1)
            batch._check_export()

    @mute_logger(*QUIET)
    def test_two_take_the_same_answer(self):
        batch_id = self.make("exported")
        with self.environment() as env:
            name = env["beneficiary.disbursement"].browse(self.due_ids[0]).name
        content = Steps._answer([(name, "REJECTED", 100, "Closed")])

        def take(env):
            env["beneficiary.bank.result.import"].create(
                {"batch_id": batch_id, "file": base64.b64encode(content)}
            ).action_import()

        work = (take, self.users["clerk"])
        self.assertDone(self.race([work, work]), done=1)
        with self.environment() as env:
            due = env["beneficiary.disbursement"].browse(self.due_ids)
            self.assertEqual(due.mapped("state"), ["due", "sent", "sent"])
            batch = env["beneficiary.disbursement.batch"].browse(batch_id)
            self.assertEqual(len(batch.result_ids), 1)
            returned = env["account.move.line"].search(
                [("name", "=", name), ("move_id.ref", "like", "returned")]
            )
            self.assertEqual(len(returned), 1)

    # === Stopped in the middle === #

    @mute_logger(*QUIET)
    def test_killed_while_posting_and_paying(self):
        """The server is killed after every saved slice; each goes on from there."""
        with (
            patch.object(beneficiary_sliced_mixin, "AT_ONCE", 0),
            patch.object(beneficiary_disbursement_batch_entry, "SLICE", 1),
        ):
            batch_id = self.make("draft")
            self.session(self.call(batch_id, "action_prepare"), self.users["clerk"])
            self.work_with_losses(batch_id, "posting")
            release = self.call(batch_id, "action_release")
            self.session(release, self.users["releaser"])
            self.session(release, self.users["second"])
            self.work_with_losses(batch_id, "paying")
        self.assertOnce(batch_id, "sent")

    def work_with_losses(self, batch_id, step):
        """Do the slices of a step, losing the work of every second session."""
        slices = 0
        while True:
            # A session that ends before its commit.
            with self.registry.cursor() as cr:
                env = self.environment_on(cr)
                batch = env["beneficiary.disbursement.batch"].browse(batch_id)
                if batch.step != step:
                    break
                batch._get_worker()._work_slice()
                env.flush_all()
                cr.rollback()
            self.session(
                lambda env: (
                    env["beneficiary.disbursement.batch"]
                    .browse(batch_id)
                    ._get_worker()
                    ._work_slice()
                )
            )
            slices += 1
        self.assertGreaterEqual(slices, 3)

    def environment_on(self, cr):
        return api.Environment(cr, self.uid, dict(self.context))

    @mute_logger(*QUIET)
    def test_two_workers(self):
        with (
            patch.object(beneficiary_sliced_mixin, "AT_ONCE", 0),
            patch.object(beneficiary_disbursement_batch_entry, "SLICE", 1),
        ):
            batch_id = self.make("draft")
            self.session(self.call(batch_id, "action_prepare"), self.users["clerk"])

            def work(env):
                batch = env["beneficiary.disbursement.batch"].browse(batch_id)
                batch._get_worker()._work_slice()

            while self.step_of(batch_id) == "posting":
                self.race([work, work])
        self.assertOnce(batch_id, "due")

    def step_of(self, batch_id):
        with self.environment() as env:
            return env["beneficiary.disbursement.batch"].browse(batch_id).step
