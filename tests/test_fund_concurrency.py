"""Parallel sessions on one fund, one request, one payment: real cursors and commits."""

import sys
from pathlib import Path

from psycopg2.errors import SerializationFailure

from odoo import Command, api
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon
from odoo.addons.beneficiary_relations.tests.common import CITIZENS

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, REFUSALS, CommittedCase  # noqa: E402


class Steps(FinanceCommon):
    """The steps of :class:`FinanceCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestFundConcurrency(CommittedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_finance(Steps, env)
            second = Steps._create_finance_user(
                "releaser2", FinanceCommon.FINANCE_ROLES["releaser"]
            )
            cls.users["releaser2"] = second.id
            Steps.aid_type = Steps._create_aid_type(name="Treatment", code="race")
            Steps.beneficiary = Steps._create_beneficiary(
                name="Race", identity_number=CITIZENS[0]
            )
            cls.ids = {
                name: getattr(Steps, name).id
                for name in ("company", "bank", "aid_type", "donor", "beneficiary")
            }

    def setUp(self):
        super().setUp()
        number = self._testMethodName[-40:]
        with self.steps() as steps:
            fund = steps._create_fund(name=number, code=number)
            steps.fund = fund
            steps._donate(100)
            self.fund_id = fund.id

    def steps(self):
        """The steps of the finance tests, committed at the end of the block."""
        return _Steps(self)

    # === Helpers === #

    def fund(self, env):
        return env["beneficiary.fund"].browse(self.fund_id)

    def commit(self, amount):
        return lambda env: self.fund(env)._commit(amount)

    def assertFund(self, balance, committed, overdrawn=False):
        with self.environment() as env:
            fund = self.fund(env)
            figures = (fund.balance, fund.committed, fund.overdrawn)
            self.assertEqual(figures, (balance, committed, overdrawn))

    # === Promises === #

    @mute_logger(*QUIET)
    def test_two_at_once(self):
        self.assertDone(self.race([self.commit(60)] * 2), done=1)
        self.assertFund(100, 60)

    @mute_logger(*QUIET)
    def test_four_at_once_that_fit(self):
        self.assertDone(self.race([self.commit(25)] * 4), done=4)
        self.assertFund(100, 100)

    @mute_logger(*QUIET)
    def test_five_at_once_never_above(self):
        results = self.race([self.commit(30)] * 5)
        done = [result for result in results if not isinstance(result, Exception)]
        self.assertLessEqual(len(done), 3)
        self.assertFund(100, 30 * len(done))

    @mute_logger(*QUIET)
    def test_stale_snapshot_is_told_not_swallowed(self):
        with self.registry.cursor() as cr:
            cr.execute("SELECT sum(committed) FROM beneficiary_fund_counter")
            self.session(self.commit(60))
            env = self._environment(cr)
            with self.assertRaises(SerializationFailure):
                self.fund(env)._commit(60)
            cr.rollback()
        self.assertFund(100, 60)

    @mute_logger(*QUIET)
    def test_stale_snapshot_retried_is_refused(self):
        stale = []

        def work(env):
            env.cr.execute("SELECT sum(committed) FROM beneficiary_fund_counter")
            if not stale:
                stale.append(True)
                self.session(self.commit(60))
            self.fund(env)._commit(60)

        with self.assertRaises(UserError):
            self.session(work)
        self.assertFund(100, 60)

    @mute_logger(*QUIET)
    def test_promise_and_expense_at_once(self):
        """The accountant is never refused; the fund is marked when both came."""

        def spend(env):
            with self.steps_on(env) as steps:
                steps._take(80)

        results = self.race([self.commit(60), (spend, self.users["accountant"])])
        self.assertNotIsInstance(results[1], Exception)
        promised = 0 if isinstance(results[0], Exception) else 60
        self.assertFund(20, promised, overdrawn=bool(promised))

    @mute_logger(*QUIET)
    def test_recount_during_a_promise(self):
        def recount(env):
            self.fund(env)._recount()

        self.assertDone(self.race([self.commit(60), recount]), done=2)
        self.assertFund(100, 60)

    # === Transfers === #

    def _ask_transfer(self, amount):
        """A transfer that waits for approval, to a fund of its own."""
        with self.steps() as steps:
            target = steps._create_fund(
                name="Next", code=f"{self._testMethodName[-30:]}-N{amount}"
            )
            transfer = (
                steps.env["beneficiary.fund.transfer"]
                .with_user(steps.clerk)
                .create(
                    {
                        "from_fund_id": self.fund_id,
                        "to_fund_id": target.id,
                        "amount": amount,
                        "reason": "Rent",
                        "company_id": self.ids["company"],
                    }
                )
            )
            return transfer.id

    def _pass_on(self, transfer_id, user="releaser"):
        def work(env):
            env["beneficiary.fund.transfer"].browse(transfer_id).action_approve()

        return work, self.users[user]

    @mute_logger(*QUIET)
    def test_transfer_against_promise(self):
        transfer_id = self._ask_transfer(60)
        results = self.race([self.commit(60), self._pass_on(transfer_id)])
        self.assertDone(results, done=1)
        if isinstance(results[0], Exception):
            self.assertFund(40, 0)
        else:
            self.assertFund(100, 60)

    @mute_logger(*QUIET)
    def test_transfer_and_promise_that_fit(self):
        transfer_id = self._ask_transfer(40)
        results = self.race([self.commit(60), self._pass_on(transfer_id)])
        self.assertDone(results, done=2)
        self.assertFund(60, 60)

    @mute_logger(*QUIET)
    def test_two_approve_one_transfer(self):
        transfer_id = self._ask_transfer(30)
        results = self.race(
            [self._pass_on(transfer_id), self._pass_on(transfer_id, "releaser2")]
        )
        self.assertDone(results, done=1)
        self.assertFund(70, 0)

    @mute_logger(*QUIET)
    def test_two_transfers_never_above(self):
        works = [self._pass_on(self._ask_transfer(amount)) for amount in (60, 70)]
        self.assertDone(self.race(works), done=1)
        with self.environment() as env:
            self.assertGreaterEqual(self.fund(env).free, 0)

    # === Bills of vendors === #

    def _enter_bill(self, request_id, vendor_id, reference):
        def work(env):
            wizard = env["beneficiary.vendor.bill"].create(
                {
                    "company_id": self.ids["company"],
                    "vendor_id": vendor_id,
                    "reference": reference,
                    "line_ids": [
                        Command.create({"request_id": request_id, "amount": 30})
                    ],
                }
            )
            wizard.action_post()
            return wizard.move_id.id

        return work, self.users["clerk"]

    @mute_logger(*QUIET)
    def test_two_bills_for_one_request(self):
        """Two clerks, or two clicks: the approved amount pays one of the bills."""
        with self.steps() as steps:
            steps.aid_type.nature = "vendor"
            request_id = steps._approve(50, fund=steps.fund).id
            vendor_id = steps.env["res.partner"].create({"name": "Race Hospital"}).id
        try:
            works = [
                self._enter_bill(request_id, vendor_id, reference)
                for reference in ("R-1", "R-2")
            ]
            self.assertDone(self.race(works), done=1)
            self.assertFund(70, 20)
        finally:
            with self.steps() as steps:
                steps.aid_type.nature = "cash"

    # === Disbursements === #

    def _approve(self, amount):
        with self.steps() as steps:
            return steps._approve(amount, fund=steps.fund).id

    def _prepare(self, request_id, amount, post=False, instalment_no=1):
        def work(env):
            disbursement = env["beneficiary.disbursement"].create(
                {
                    "request_id": request_id,
                    "amount": amount,
                    "instalment_no": instalment_no,
                }
            )
            if post:
                disbursement.action_post()
            return disbursement.id

        return work, self.users["clerk"]

    @mute_logger(*QUIET)
    def test_two_sessions_disburse_one_request(self):
        request_id = self._approve(50)
        for numbers in ((1, 1), (2, 3)):
            works = [
                self._prepare(request_id, 30, post=True, instalment_no=number)
                for number in numbers
            ]
            with self.subTest(instalments=numbers):
                self.assertDone(self.race(works), done=int(numbers == (1, 1)))
                self.assertFund(70, 20)

    @mute_logger(*QUIET)
    def test_stale_session_disburses_above_approved(self):
        request_id = self._approve(50)
        stale = []
        # Another instalment: not the unique index, the request is to refuse it.
        other, clerk = self._prepare(request_id, 50, instalment_no=1)
        prepare, clerk = self._prepare(request_id, 50, instalment_no=2)

        def work(env):
            env["beneficiary.aid.request"].browse(request_id)._get_disbursed_amount()
            if not stale:
                stale.append(True)
                self.session(other, clerk)
            return prepare(env)

        with self.assertRaises(REFUSALS):
            self.session(work, clerk)
        with self.environment() as env:
            request = env["beneficiary.aid.request"].browse(request_id)
            self.assertEqual(request._get_disbursed_amount(), 50)

    @mute_logger(*QUIET)
    def test_double_click_posts_once(self):
        request_id = self._approve(50)
        disbursement_id = self.session(*self._prepare(request_id, 50))

        def post(env):
            env["beneficiary.disbursement"].browse(disbursement_id).action_post()

        results = self.race([(post, self.users["clerk"])] * 3)
        self.assertDone(results, done=1)
        self.assertFund(50, 0)
        with self.environment() as env:
            disbursement = env["beneficiary.disbursement"].browse(disbursement_id)
            entries = env["account.move"].search([("ref", "=", disbursement.name)])
            self.assertEqual(entries, disbursement.move_id)

    @mute_logger(*QUIET)
    def test_two_releasers_pay_once(self):
        request_id = self._approve(50)
        disbursement_id = self.session(*self._prepare(request_id, 50, post=True))

        def pay(env):
            disbursement = env["beneficiary.disbursement"].browse(disbursement_id)
            action = disbursement.action_register_payment()
            env["account.payment.register"].with_context(**action["context"]).create(
                {"journal_id": self.ids["bank"]}
            )._create_payments()

        results = self.race(
            [(pay, self.users["releaser"]), (pay, self.users["releaser2"])]
        )
        self.assertDone(results, done=1)
        with self.environment() as env:
            disbursement = env["beneficiary.disbursement"].browse(disbursement_id)
            self.assertEqual(disbursement.state, "sent")
            payments = env["account.payment"].search([("memo", "=", disbursement.name)])
            self.assertEqual(len(payments), 1)

    @mute_logger(*QUIET)
    def test_receipts_of_parallel_donations_have_no_gap(self):
        def donate(env):
            with self.steps_on(env) as steps:
                return steps._donate(10).name

        names = self.race([donate] * 3)
        numbers = sorted(int(name.rsplit("/", 1)[1]) for name in names)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))
        self.assertFund(130, 0)

    # === Environments === #

    def _environment(self, cr):
        return api.Environment(cr, self.uid, dict(self.context))

    def steps_on(self, env):
        """The steps of the finance tests in a running session."""
        return _Steps(self, env)


class _Steps:
    """Points a copy of the finance steps at an environment."""

    RECORDS = {
        "company": "res.company",
        "bank": "account.journal",
        "aid_type": "beneficiary.aid.type",
        "donor": "res.partner",
        "beneficiary": "beneficiary.beneficiary",
    }

    def __init__(self, case, env=None):
        self.case, self.env = case, env
        self.manager = None

    def __enter__(self):
        if self.env is None:
            self.manager = self.case.environment()
            self.env = self.manager.__enter__()
        steps = type("BoundSteps", (Steps,), {})
        steps.env = self.env
        for name, model in self.RECORDS.items():
            setattr(steps, name, self.env[model].browse(self.case.ids[name]))
        for name, user_id in self.case.users.items():
            setattr(steps, name, self.env["res.users"].browse(user_id))
        if getattr(self.case, "fund_id", None):
            steps.fund = self.case.fund(self.env)
        return steps

    def __exit__(self, *exception):
        if self.manager:
            return self.manager.__exit__(*exception)
        return False
