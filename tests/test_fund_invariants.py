"""Any sequence of donating, promising, paying, reversing leaves the funds right."""

import os

from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon

REFUSALS = (UserError, ValidationError)
AMOUNTS = strategies.decimals("0.01", "100", places=2).map(float)
SMALL = strategies.decimals("0.01", "60", places=2).map(float)
# A few on every run; FUND_EXAMPLES=200 looks longer, each time elsewhere.
EXAMPLES = int(os.environ.get("FUND_EXAMPLES", "8"))
STEPS = 12 if EXAMPLES <= 8 else 30


class FundMachine(RuleBasedStateMachine):
    """Steps of the roles on one fund; ``steps`` is the test case."""

    steps = None
    requests = Bundle("requests")
    disbursements = Bundle("disbursements")

    def __init__(self):
        super().__init__()
        self.savepoint = self.steps.cr.savepoint(flush=True)
        self.fund = None

    def teardown(self):
        self.savepoint.close(rollback=True)
        self.steps.env.invalidate_all(flush=False)

    @initialize(amount=strategies.sampled_from([80.0, 250.0, 1000.0]))
    def start(self, amount):
        self.fund = self.steps._create_fund(name="Any", code="ANY")
        self.steps._donate(amount, self.fund)

    def attempt(self, work):
        """Run a step; a refusal leaves nothing behind."""
        try:
            with self.steps.cr.savepoint():
                return work()
        except REFUSALS:
            self.steps.env.invalidate_all(flush=False)
            return None

    @rule(amount=AMOUNTS)
    def donate(self, amount):
        self.steps._donate(amount, self.fund)

    @rule(target=requests, amount=SMALL)
    def approve(self, amount):
        free, overdrawn = self.fund.free, self.fund.overdrawn
        request = self.attempt(lambda: self.steps._approve(amount, self.fund))
        fits = not overdrawn and self.compare(amount, free) <= 0
        assert bool(request) == fits, (amount, free, overdrawn)
        return request

    @rule(
        target=disbursements,
        request=requests,
        share=strategies.sampled_from([1.0, 0.4, 1.01]),
        until=strategies.sampled_from(["due", "sent", "paid", "rejected"]),
    )
    def disburse(self, request, share, until):
        if not request:
            return None
        amount = request.amount_approved * share
        disbursement = self.attempt(lambda: self.steps._disburse(request, amount))
        if disbursement:
            assert disbursement.state == "due"
            self.carry_on(disbursement, until)
        return disbursement

    @rule(
        disbursement=disbursements,
        until=strategies.sampled_from(["sent", "paid", "rejected"]),
    )
    def carry_on_later(self, disbursement, until):
        if disbursement and disbursement.state == "due":
            self.carry_on(disbursement, until)

    def carry_on(self, disbursement, until):
        """Pay, and let the bank take or reject it."""
        if until == "due" or not self.attempt(
            lambda: self.steps._release(disbursement)
        ):
            return
        assert disbursement.state == "sent"
        lines = disbursement.move_line_id.matched_debit_ids.debit_move_id
        payment = lines.payment_id
        if until == "rejected":
            payment.action_reject()
            assert disbursement.state == "due"
        if until == "paid":
            liquidity, _counterparts, _writeoffs = payment._seek_for_lines()
            self.steps._match(self.steps._bank_line(-disbursement.amount), liquidity)
            assert disbursement.state == "paid"

    @rule(disbursement=disbursements)
    def reverse(self, disbursement):
        if disbursement:
            self.attempt(disbursement.action_reverse)

    @rule(request=requests)
    def close(self, request):
        if request:
            self.attempt(lambda: self.steps._set_stage(request, "closed"))

    @rule(amount=AMOUNTS)
    def book_an_expense(self, amount):
        self.steps._take(amount, self.fund)

    # === What always holds === #

    def compare(self, one, other):
        return self.fund.currency_id.compare_amounts(one, other)

    @precondition(lambda self: self.fund)
    @invariant()
    def counter_is_the_ledger(self):
        self.steps.env.flush_all()
        self.fund.invalidate_recordset()
        assert not self.fund._recount()
        column = self.fund._plan_column()
        lines = self.steps.env["account.analytic.line"].search(
            [(column, "=", self.fund.analytic_account_id.id)]
        )
        assert not self.compare(self.fund.balance, sum(lines.mapped("amount")))
        assert set(lines.move_line_id.mapped("parent_state")) <= {"posted"}

    @precondition(lambda self: self.fund)
    @invariant()
    def promises_are_covered(self):
        if not self.fund.overdrawn:
            assert self.compare(self.fund.committed, self.fund.balance) <= 0

    @precondition(lambda self: self.fund)
    @invariant()
    def requests_stay_within_their_approval(self):
        requests = self.steps.env["beneficiary.aid.request"].search(
            [("fund_id", "=", self.fund.id)]
        )
        for request in requests:
            disbursed = request._get_disbursed_amount()
            assert self.compare(disbursed, request.amount_approved) <= 0
            assert self.compare(request.amount_paid, disbursed) <= 0
            for disbursement in request.disbursement_ids:
                if disbursement.state == "paid":
                    payments = (
                        disbursement.move_line_id.matched_debit_ids.debit_move_id
                    ).payment_id
                    assert all(payment.is_matched for payment in payments)


@tagged("post_install", "-at_install")
class TestFundInvariants(FinanceCommon):
    def test_any_sequence_of_steps(self):
        machine = type("Machine", (FundMachine,), {"steps": self})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=EXAMPLES <= 8,
                suppress_health_check=list(HealthCheck),
                database=None,
            ),
        )
