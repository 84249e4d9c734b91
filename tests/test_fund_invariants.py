"""Any sequence of donating, promising, passing on, paying, rejecting, reversing and
reconciling, in two years, with vouchers that are issued, used, taken back, settled,
cancelled and over, leaves the funds right: counter, ledger and statement."""

import os
from datetime import date, timedelta

from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tests.batch_common import BatchCommon

# The database refuses, too: a debt is in one batch at a time.
REFUSALS = (UserError, ValidationError, IntegrityError)
AMOUNTS = strategies.decimals("0.01", "100", places=2).map(float)
SMALL = strategies.decimals("0.01", "60", places=2).map(float)
# A few on every run; FUND_EXAMPLES=200 looks longer, each time elsewhere.
EXAMPLES = int(os.environ.get("FUND_EXAMPLES", "8"))
STEPS = 14 if EXAMPLES <= 8 else 30
OVER = ("draft", "expired", "cancelled")
GOODS = {"kind": "in_kind", "goods": "Blankets", "valuation": "Invoice"}


PICK = strategies.integers(0, 11)
FLAG = strategies.booleans()
SHARE = strategies.sampled_from([1.0, 0.5, 1.01])


def step(name, **values):
    """One kind of step and what it is done with."""
    return strategies.fixed_dictionaries({"name": strategies.just(name), **values})


def until(*states):
    return strategies.sampled_from(states)


# One rule for all of them: as rules of their own, each run would leave many out.
ANY_STEP = strategies.one_of(
    step("donate", amount=AMOUNTS, in_kind=FLAG, last_year=FLAG),
    step("cancel_donation", pick=PICK),
    step("match_donation", pick=PICK),
    step("transfer", amount=SMALL, back=FLAG),
    step("take_transfer_back", pick=PICK),
    step("approve", amount=SMALL, bought=FLAG),
    step(
        "disburse",
        pick=PICK,
        share=strategies.sampled_from([1.0, 0.4, 1.01]),
        until=until("draft", "due", "sent", "paid", "rejected"),
    ),
    step("carry_on_later", pick=PICK, until=until("sent", "paid", "rejected")),
    step("undo_reconciliation", pick=PICK),
    step("batch", picks=strategies.lists(PICK, min_size=1, max_size=3)),
    step("pay_batch", pick=PICK, until=until("prepared", "sent", "paid", "rejected")),
    step("cancel", pick=PICK),
    step("reverse", pick=PICK),
    step("close", pick=PICK),
    step("deliver", pick=PICK, pieces=strategies.integers(1, 2)),
    step("take_delivery_back", pick=PICK, by_accountant=FLAG),
    step("book_an_expense", amount=AMOUNTS, last_year=FLAG),
    step("issue_voucher", pick=PICK, share=SHARE, uses=strategies.integers(1, 3)),
    step("buy", pick=PICK, share=SHARE),
    step("take_purchase_back", pick=PICK),
    step("settle_purchases", pick=PICK),
    step("cancel_voucher", pick=PICK, then=until("release", "keep", "replace")),
    step("voucher_is_over", pick=PICK),
)


class FundMachine(RuleBasedStateMachine):
    """Steps of the roles on one fund, beside one that covers costs and one that gives
    and takes; ``steps`` is the test case."""

    steps = None

    def __init__(self):
        super().__init__()
        self.savepoint = self.steps.cr.savepoint(flush=True)
        self.fund = self.costs = self.other = None
        self.bank_lines = {}
        self.donations, self.transfers, self.requests = [], [], []
        self.disbursements, self.batches, self.deliveries = [], [], []
        self.vouchers = self.steps.env["beneficiary.voucher"]
        self.lot = None
        self.last_year = date(fields.Date.today().year - 1, 12, 31)

    def teardown(self):
        self.savepoint.close(rollback=True)
        self.steps.env.invalidate_all(flush=False)

    @initialize(
        amount=strategies.sampled_from([80.0, 250.0, 1000.0]),
        share=strategies.sampled_from([0.0, 12.5]),
    )
    def start(self, amount, share):
        self.costs = self.steps._create_fund(name="Costs", code="COSTS")
        self.other = self.steps._create_fund(name="Next", code="NEXT")
        self.fund = self.steps._create_fund(
            name="Any", code="ANY", admin_share=share, admin_fund_id=self.costs.id
        )
        self.donations.append(self.steps._donate(amount, self.fund))
        self.lot = self.steps._create_lot(self.fund, 30.02, 6)
        for _time in range(2):
            self.approve(20.01, False)
            self.disburse(-1, 1.0, "due")
        self.approve(20.01, True)
        self.issue_voucher(-1, 1.0, 2)

    @rule(step=ANY_STEP)
    def do(self, step):
        values = dict(step)
        getattr(self, values.pop("name"))(**values)

    def pick(self, records, number):
        return records[number % len(records)] if records else None

    def attempt(self, work):
        """Run a step; a refusal leaves nothing behind."""
        try:
            with self.steps.cr.savepoint():
                return work()
        except REFUSALS:
            self.steps.env.invalidate_all(flush=False)
            return None

    # === Money in, and from fund to fund === #

    def donate(self, amount, in_kind, last_year):
        values = dict(GOODS, journal_id=False) if in_kind else {}
        if last_year:
            values["date"] = self.last_year
        self.donations.append(self.steps._donate(amount, self.fund, **values))

    def cancel_donation(self, pick):
        donation = self.pick(self.donations, pick)
        was_posted = donation.state == "posted" and not donation.is_matched
        done = self.attempt(lambda: donation.action_cancel() or True)
        assert bool(done) == was_posted

    def match_donation(self, pick):
        donation = self.pick(self.donations, pick)
        if donation.state == "posted" and donation.kind == "money":
            if not donation.is_matched:
                line = self.steps._bank_line(donation.amount)
                line._match_beneficiary_item(donation.move_line_id)
            assert donation.is_matched

    def transfer(self, amount, back):
        source, target = self.fund, self.other
        if back:
            source, target = target, source
        free = source.free
        transfer = (
            self.steps.env["beneficiary.fund.transfer"]
            .with_user(self.steps.clerk)
            .create(
                {
                    "from_fund_id": source.id,
                    "to_fund_id": target.id,
                    "amount": amount,
                    "reason": "Rent",
                    "company_id": self.steps.company.id,
                }
            )
        )
        transfer = transfer.with_user(self.steps.releaser)
        done = self.attempt(lambda: transfer.action_approve() or True)
        assert bool(done) == (self.compare(amount, free) <= 0), (amount, free)
        self.transfers.append(transfer)

    def take_transfer_back(self, pick):
        transfer = self.pick(self.transfers, pick)
        if not transfer:
            return
        target = transfer.sudo().to_fund_id
        may = (
            transfer.state == "posted"
            and self.compare(transfer.amount, target.free) <= 0
        )
        done = self.attempt(lambda: transfer.action_reverse() or True)
        assert bool(done) == may

    # === Aid === #

    def approve(self, amount, bought):
        free, overdrawn = self.fund.free, self.fund.overdrawn
        kind = self.steps.bought if bought else self.steps.aid_type
        request = self.attempt(
            lambda: self.steps._approve(
                amount, self.fund, self.steps._create_request(aid_type_id=kind.id)
            )
        )
        fits = not overdrawn and self.compare(amount, free) <= 0
        assert bool(request) == fits, (amount, free, overdrawn)
        if request:
            self.requests.append(request)

    def disburse(self, pick, share, until):
        request = self.pick(self.requests, pick)
        if not request:
            return
        amount = request.amount_approved * share
        values = {}
        if request.aid_type_id == self.steps.bought:
            values["payee_id"] = self.steps.shop.id
        disbursement = self.attempt(
            lambda: self.steps._disburse(
                request, amount, post=until != "draft", **values
            )
        )
        if not disbursement:
            return
        self.disbursements.append(disbursement)
        if until != "draft":
            assert disbursement.state == "due"
            self.carry_on(disbursement, until)

    def carry_on_later(self, pick, until):
        disbursement = self.pick(self.disbursements, pick)
        if not disbursement:
            return
        if disbursement.state == "due":
            self.carry_on(disbursement, until)
        else:
            assert not self.attempt(lambda: self.steps._release(disbursement))

    def carry_on(self, disbursement, until):
        """Pay, and let the bank take or reject it."""
        if until == "due" or not self.attempt(
            lambda: self.steps._release(disbursement)
        ):
            # Whoever waits in a batch is paid with it.
            assert until == "due" or disbursement.batch_id
            return
        assert disbursement.state == "sent"
        lines = disbursement.move_line_id.matched_debit_ids.debit_move_id
        payment = lines.payment_id
        if until == "rejected":
            payment.action_reject()
            assert disbursement.state == "due"
        if until == "paid":
            liquidity, _counterparts, _writeoffs = payment._seek_for_lines()
            bank_line = self.steps._bank_line(-disbursement.amount)
            self.steps._match(bank_line, liquidity)
            assert disbursement.state == "paid"
            self.bank_lines[disbursement] = bank_line

    def undo_reconciliation(self, pick):
        disbursement = self.pick(self.disbursements, pick)
        bank_line = self.bank_lines.pop(disbursement, None)
        if bank_line:
            bank_line.action_undo_reconciliation()
            self.steps.env.flush_all()
            assert disbursement.state == "sent"

    def batch(self, picks):
        chosen = [self.pick(self.disbursements, pick) for pick in picks]
        due = self.steps.env["beneficiary.disbursement"].union(*filter(None, chosen))
        batch = due and self.attempt(lambda: self.steps._gather(due))
        if batch:
            self.batches.append(batch)

    def pay_batch(self, pick, until):
        batch = self.pick(self.batches, pick)
        if not batch or batch.state not in ("draft", "prepared"):
            return
        due = batch.line_ids.disbursement_id
        if batch.state == "draft" and not self.attempt(
            lambda: batch.action_prepare() or True
        ):
            return
        assert batch.state == "prepared"
        if until == "prepared":
            return
        self.steps._sign(batch)
        self.steps.env.flush_all()
        assert set(due.mapped("state")) == {"sent"}
        if until == "paid":
            self.steps._on_bank(batch)
            self.steps.env.flush_all()
            assert set(due.mapped("state")) == {"paid"}
        if until == "rejected":
            committed = self.fund.committed
            batch._reject({batch.line_ids[0]: "Account closed"})
            self.steps.env.flush_all()
            self.fund.invalidate_recordset()
            assert not self.compare(committed, self.fund.committed)
            assert due[0].state == "due", due[0].state

    def cancel(self, pick):
        disbursement = self.pick(self.disbursements, pick)
        if disbursement:
            self.attempt(disbursement.action_cancel)

    def reverse(self, pick):
        disbursement = self.pick(self.disbursements, pick)
        if disbursement:
            self.attempt(disbursement.action_reverse)

    def close(self, pick):
        request = self.pick(self.requests, pick)
        if request:
            self.attempt(lambda: self.steps._set_stage(request, "closed"))

    # === Vouchers === #

    def issue_voucher(self, pick, share, uses):
        bought = [one for one in self.requests if one.aid_type_id == self.steps.bought]
        request = self.pick(bought, pick)
        amount = request and request.currency_id.round(
            request._get_open_amounts()[request] * share
        )
        if not amount:
            return
        voucher = self.steps._prepare_voucher(request, amount, uses)
        issued = self.attempt(
            lambda: voucher.with_user(self.steps.releaser).action_issue() or True
        )
        if issued:
            assert share <= 1
            assert voucher.state == "issued"
        self.vouchers |= voucher

    def buy(self, pick, share):
        voucher = self.pick(self.vouchers, pick)
        if not voucher:
            return
        amount = voucher.currency_id.round(voucher.amount_left * share) or 0.01
        may = (
            voucher.state in ("issued", "partly")
            and self.compare(amount, voucher.amount_left) <= 0
            and voucher.use_count < voucher.use_limit
            and voucher.date_until >= voucher._today()
        )
        done = self.attempt(lambda: voucher.with_user(self.steps.clerk)._redeem(amount))
        assert bool(done) == may, (voucher.state, amount, voucher.amount_left)

    def take_purchase_back(self, pick):
        use = self.pick(self.vouchers.use_ids.sorted("id"), pick)
        if not use:
            return
        may = use.kind == "use" and use.standing == "open"
        done = self.attempt(
            lambda: use.with_user(self.steps.releaser)._void("Wrong till")
        )
        assert bool(done) == may, use.standing

    def settle_purchases(self, pick):
        voucher = self.pick(self.vouchers, pick)
        uses = voucher and voucher.use_ids.filtered(lambda one: one.standing == "open")
        if not uses:
            return
        bill = self.attempt(lambda: self.steps._settle(uses))
        # What the shop gave is promised until its bill is posted.
        assert bill, voucher.state
        self.disbursements += list(uses.disbursement_ids.sorted("id"))

    def cancel_voucher(self, pick, then):
        voucher = self.pick(self.vouchers, pick)
        if not voucher:
            return
        may = voucher.state in ("draft", "issued", "partly")
        new = self.attempt(
            lambda: (voucher.with_user(self.steps.releaser)._cancel("No", then), True)
        )
        assert bool(new) == may
        if new:
            self.vouchers |= new[0].with_env(voucher.env)

    def voucher_is_over(self, pick):
        voucher = self.pick(self.vouchers, pick)
        if voucher and voucher.state in ("issued", "partly"):
            over = voucher._today() - timedelta(days=1)
            voucher.sudo().write({"date_from": over, "date_until": over})
            voucher.sudo()._expire()
            assert voucher.state == "expired"

    # === Goods === #

    def deliver(self, pick, pieces):
        request = self.pick(self.requests, pick)
        if not request:
            return
        delivery = self.steps._prepare_delivery(request, self.lot, pieces)
        if self.attempt(lambda: delivery.action_deliver() or True):
            assert not self.compare(
                delivery.value, sum(delivery.line_ids.mapped("value"))
            )
            assert self.compare(delivery.promise_freed, delivery.value) <= 0
            self.deliveries.append(delivery)

    def take_delivery_back(self, pick, by_accountant):
        delivery = self.pick(self.deliveries, pick)
        if not delivery:
            return
        if by_accountant:
            move = delivery.sudo().move_id.with_user(self.steps.accountant)
            self.attempt(
                lambda: move._reverse_moves([{"date": move.date}], cancel=True)
            )
        else:
            one = delivery.with_user(self.steps.clerk)
            was = one.state
            done = self.attempt(lambda: one.action_reverse() or True)
            assert bool(done) == (was == "delivered")
        assert delivery.state == "reversed"

    def book_an_expense(self, amount, last_year):
        values = {"date": self.last_year} if last_year else {}
        self.steps._take(amount, self.fund, **values)

    # === What always holds === #

    def compare(self, one, other):
        return self.fund.currency_id.compare_amounts(one, other)

    @precondition(lambda self: self.fund)
    @invariant()
    def counter_is_the_ledger(self):
        self.steps.env.flush_all()
        column = self.fund._plan_column()
        for fund in self.fund | self.costs | self.other:
            fund.invalidate_recordset()
            assert not fund._recount()
            lines = self.steps.env["account.analytic.line"].search(
                [(column, "=", fund.analytic_account_id.id)]
            )
            assert not self.compare(fund.balance, sum(lines.mapped("amount")))
            assert set(lines.move_line_id.mapped("parent_state")) <= {"posted"}

    @precondition(lambda self: self.fund)
    @invariant()
    def statement_is_the_ledger(self):
        """Each year opens with the closing of the last one, to the halala."""
        opening = {}
        for year in (self.last_year.year, self.last_year.year + 1):
            statement = self.steps._statement(year)
            assert statement.is_tied, (year, statement.difference)
            for line in statement.line_ids:
                assert not self.compare(line.opening, opening.get(line.fund_id, 0.0))
                assert not self.compare(
                    line.opening + line.amount_in - line.amount_out, line.closing
                )
                opening[line.fund_id] = line.closing
        for fund in self.fund | self.costs | self.other:
            assert not self.compare(opening[fund], fund.balance)
        [line] = statement.line_ids.filtered(lambda one: one.fund_id == self.fund)
        if not self.fund.overdrawn:
            taken, given = line.amount_out, line.opening + line.amount_in
            assert self.compare(line.committed + taken, given) <= 0

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
            given = request._get_given_amount()
            assert self.compare(given, request.amount_approved) <= 0
            posted = request._get_given_amount(("due", "sent", "paid"))
            promised = posted + request.amount_committed
            assert self.compare(promised, request.amount_approved) <= 0
            assert self.compare(request.amount_paid, disbursed) <= 0
            for disbursement in request.disbursement_ids:
                settled = disbursement._get_settlement()
                total = sum(settled.values())
                assert self.compare(total, disbursement.amount) <= 0
                if disbursement.state == "paid":
                    assert not self.compare(settled["paid"], disbursement.amount)

    @precondition(lambda self: self.vouchers)
    @invariant()
    def vouchers_are_what_was_bought(self):
        self.steps.env.flush_all()
        self.vouchers.invalidate_recordset()
        for voucher in self.vouchers:
            uses = voucher.use_ids.filtered(lambda use: use.standing != "void")
            billed = uses.filtered(lambda use: use.standing == "billed")
            owed = sum((uses - billed).mapped("amount"))
            assert not self.compare(voucher.amount_used, sum(uses.mapped("amount")))
            assert voucher.use_count == len(uses)
            assert not self.compare(voucher.amount_owed, owed)
            assert self.compare(voucher.amount_used, voucher.amount) <= 0
            assert bool(voucher.sudo().code) <= (voucher.state not in OVER)
            if voucher.state in OVER:
                assert not voucher.amount_left
        for (
            request,
            reserve,
        ) in self.vouchers.request_id._get_voucher_reserves().items():
            promised = request.amount_committed
            assert self.compare(reserve, promised) <= 0, (reserve, promised)

    @precondition(lambda self: self.lot)
    @invariant()
    def stock_is_what_was_not_delivered(self):
        delivered = [one for one in self.deliveries if one.state == "delivered"]
        pieces = sum(sum(one.line_ids.mapped("quantity")) for one in delivered)
        assert self.lot.given == pieces
        assert not self.compare(
            self.lot.value_given, sum(one.value for one in delivered)
        )


@tagged("post_install", "-at_install")
class TestFundInvariants(BatchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._give_accounts(cls.beneficiary)
        cls.bought = cls._create_aid_type(
            name="Medicine", code="medicine", nature="vendor"
        )
        cls.shop = cls.env["res.partner"].create({"name": "Corner Shop"})

    @classmethod
    def _statement(cls, year):
        statement = (
            cls.env["beneficiary.fund.statement"]
            .with_user(cls.clerk)
            .create(
                {
                    "company_id": cls.company.id,
                    "date_from": date(year, 1, 1),
                    "date_to": date(year, 12, 31),
                }
            )
        )
        statement.action_compute()
        return statement

    @classmethod
    def _create_lot(cls, fund, value, quantity):
        goods = cls._donate(value, fund, journal_id=False, **GOODS)
        return cls.env["beneficiary.goods.lot"].create(
            {
                "name": "Blanket",
                "donation_id": goods.id,
                "quantity": quantity,
                "value": value,
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def _prepare_voucher(cls, request, amount, uses):
        today = cls.company._beneficiary_day(fields.Datetime.now())
        return (
            cls.env["beneficiary.voucher"]
            .with_user(cls.clerk)
            .create(
                {
                    "request_id": request.id,
                    "vendor_id": cls.shop.id,
                    "amount": amount,
                    "use_limit": uses,
                    "date_from": today,
                    "date_until": today + timedelta(days=30),
                }
            )
            .with_env(cls.env)
        )

    @classmethod
    def _settle(cls, uses):
        """The bill of the shop, entered by the clerk."""
        action = uses.with_user(cls.clerk).action_bill()
        window = (
            cls.env["beneficiary.vendor.bill"]
            .with_user(cls.clerk)
            .with_context(**action["context"])
            .create({"reference": f"S-{uses[0].id}-{len(uses[0].disbursement_ids)}"})
        )
        window.action_post()
        return window.move_id

    @classmethod
    def _prepare_delivery(cls, request, lot, pieces):
        line = Command.create({"lot_id": lot.id, "quantity": pieces})
        return (
            cls.env["beneficiary.delivery"]
            .with_user(cls.officer)
            .create({"request_id": request.id, "line_ids": [line]})
        )

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
