"""Parallel sessions on one voucher: real cursors and commits."""

import sys
from pathlib import Path

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.finance_common import FinanceCommon
from odoo.addons.beneficiary_aid.tests.test_voucher import VoucherCommon
from odoo.addons.beneficiary_relations.tests.common import CITIZENS

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402


class Steps(VoucherCommon):
    """The steps of the voucher tests on an environment given from outside."""

    allow_inherited_tests_method = False
    FINANCE_ROLES = {
        **FinanceCommon.FINANCE_ROLES,
        "releaser2": FinanceCommon.FINANCE_ROLES["releaser"],
    }


@tagged("post_install", "-at_install", "beneficiary_race")
class TestVoucherConcurrency(CommittedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_finance(Steps, env)
            Steps.aid_type = Steps._create_aid_type(
                name="Food", code="race", nature="vendor"
            )
            Steps.shop = Steps.env["res.partner"].create({"name": "Race Shop"})
            Steps.fund = Steps._create_fund(name="Race", code="RACE")
            Steps.today = Steps.company._beneficiary_day(fields.Datetime.now())
            Steps.beneficiary = Steps._create_beneficiary(
                name="Race", identity_number=CITIZENS[0]
            )
            Steps._donate(10000)
            cls.ids = {
                name: getattr(Steps, name).id
                for name in ("company", "bank", "aid_type", "shop", "beneficiary")
            } | {"fund": Steps.fund.id}

    def prepared(self, *amounts, approved=100):
        """Drafts of the clerk for one approved request: their ids."""
        with self.environment() as env:
            self._move(env)
            request = Steps._approve(approved)
            drafts = [Steps._prepare(amount, request) for amount in amounts]
            return request.id, [draft.id for draft in drafts]

    def issued(self, amount=100, **values):
        """A voucher of the releaser: its id, and its code."""
        with self.environment() as env:
            self._move(env)
            voucher = Steps._issue(amount, Steps._approve(amount), **values)
            return voucher.id, voucher.sudo().code

    def _move(self, env):
        """Let the steps work on another cursor."""
        Steps.env = env
        models = {
            "company": "res.company",
            "bank": "account.journal",
            "aid_type": "beneficiary.aid.type",
            "shop": "res.partner",
            "beneficiary": "beneficiary.beneficiary",
            "fund": "beneficiary.fund",
        }
        for name, model in models.items():
            setattr(Steps, name, env[model].browse(self.ids[name]))
        for name, user in self.users.items():
            setattr(Steps, name, env["res.users"].browse(user))

    def buy(self, code, amount):
        """A clerk records a purchase; each shop telephones at the same second."""

        def work(env):
            voucher = env["beneficiary.voucher"]._of_code(code)
            return voucher._redeem(amount).id

        return work, self.users["clerk"]

    def assertVoucher(self, voucher_id, used, count, state):
        with self.environment() as env:
            voucher = env["beneficiary.voucher"].browse(voucher_id)
            self.assertEqual(
                (voucher.amount_used, voucher.use_count, voucher.state),
                (used, count, state),
            )
            self.assertEqual(sum(voucher.use_ids.mapped("amount")), used)
            self.assertFalse(voucher.fund_id._recount())

    @mute_logger(*QUIET)
    def test_two_shops_in_the_same_second(self):
        voucher, code = self.issued()
        self.assertDone(self.race([self.buy(code, 60)] * 2), done=1)
        self.assertVoucher(voucher, 60, 1, "partly")

    @mute_logger(*QUIET)
    def test_purchases_that_fit_all_pass(self):
        voucher, code = self.issued()
        self.assertDone(self.race([self.buy(code, 25)] * 4), done=4)
        self.assertVoucher(voucher, 100, 4, "used")

    @mute_logger(*QUIET)
    def test_last_use_is_taken_once(self):
        voucher, code = self.issued(use_limit=1)
        self.assertDone(self.race([self.buy(code, 10)] * 3), done=1)
        self.assertVoucher(voucher, 10, 1, "used")

    @mute_logger(*QUIET)
    def test_two_issues_stay_within_the_approval(self):
        request, drafts = self.prepared(60, 60)

        def issue(number):
            return lambda env: env["beneficiary.voucher"].browse(number).action_issue()

        results = self.race(
            [
                (issue(drafts[0]), self.users["releaser"]),
                (issue(drafts[1]), self.users["releaser2"]),
            ]
        )
        self.assertDone(results, done=1)
        with self.environment() as env:
            vouchers = env["beneficiary.aid.request"].browse(request).voucher_ids
            self.assertEqual(sum(vouchers.mapped("amount_reserved")), 60)

    @mute_logger(*QUIET)
    def test_voucher_or_payment(self):
        request, drafts = self.prepared(60)

        def issue(env):
            return env["beneficiary.voucher"].browse(drafts).action_issue()

        def pay(env):
            return (
                env["beneficiary.disbursement"]
                .create(
                    {
                        "request_id": request,
                        "payee_id": self.ids["shop"],
                        "amount": 60,
                    }
                )
                .action_post()
            )

        results = self.race(
            [(issue, self.users["releaser"]), (pay, self.users["clerk"])]
        )
        self.assertDone(results, done=1)

    @mute_logger(*QUIET)
    def test_purchase_or_last_day(self):
        voucher, code = self.issued()

        def cancel(env):
            return env["beneficiary.voucher"].browse(voucher)._cancel("Lost")

        results = self.race([self.buy(code, 40), (cancel, self.users["releaser"])])
        with self.environment() as env:
            after = env["beneficiary.voucher"].browse(voucher)
            self.assertEqual(after.state, "cancelled")
            # Bought before it was cancelled, or not at all.
            bought = 0 if isinstance(results[0], Exception) else 40
            self.assertEqual(after.amount_used, bought)
            self.assertEqual(after.request_id.amount_committed, bought)
            self.assertFalse(after.fund_id._recount())

    @mute_logger(*QUIET)
    def test_bill_or_cancelled_purchase(self):
        voucher, code = self.issued()
        with self.environment(self.users["clerk"]) as env:
            use = env["beneficiary.voucher"]._of_code(code)._redeem(40).id

        def bill(env):
            uses = env["beneficiary.voucher.use"].browse(use)
            context = uses.action_bill()["context"]
            wizard = env["beneficiary.vendor.bill"].with_context(**context)
            return wizard.create({"reference": "R-1"}).action_post()

        def void(env):
            return env["beneficiary.voucher.use"].browse(use)._void("Typed twice")

        results = self.race(
            [(bill, self.users["clerk"]), (void, self.users["releaser"])]
        )
        self.assertDone(results, done=1)
        with self.environment() as env:
            after = env["beneficiary.voucher.use"].browse(use)
            billed = bool(after.disbursement_ids)
            self.assertEqual(billed, not after.void_ids)
            self.assertFalse(after.fund_id._recount())

    @mute_logger(*QUIET)
    def test_two_bills_of_one_purchase(self):
        _voucher, code = self.issued()
        with self.environment(self.users["clerk"]) as env:
            use = env["beneficiary.voucher"]._of_code(code)._redeem(40).id

        def bill(reference):
            def work(env):
                uses = env["beneficiary.voucher.use"].browse(use)
                context = uses.action_bill()["context"]
                wizard = env["beneficiary.vendor.bill"].with_context(**context)
                return wizard.create({"reference": reference}).action_post()

            return work, self.users["clerk"]

        self.assertDone(self.race([bill("B-1"), bill("B-2")]), done=1)
        with self.environment() as env:
            disbursements = env["beneficiary.voucher.use"].browse(use).disbursement_ids
            self.assertEqual(disbursements.mapped("amount"), [40])
