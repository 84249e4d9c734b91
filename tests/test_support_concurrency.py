"""Parallel sessions on runs of sponsorships and on goods: real cursors and commits."""

import sys
from pathlib import Path

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.batch_common import BatchCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402

REFUSALS = (UserError, ValidationError, IntegrityError)


class Steps(BatchCommon):
    """The steps of the money tests on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestSupportConcurrency(CommittedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_finance(Steps, env)
            officer = Steps._create_user("officer", "relations_officer")
            cls.users["officer"] = officer.id
            Steps.aid_type = Steps._create_aid_type(
                name="Monthly", code="race", nature="recurring"
            )
            Steps.fund = Steps._create_fund(name="Race", code="RACE")
            Steps._donate(10000)
            due = Steps._create_due(2, amount=1200)
            cls.request_ids = due.request_id.ids
            due.action_cancel()
            plans = Steps.env["beneficiary.sponsorship"].create(
                [
                    {
                        "request_id": request.id,
                        "amount": 100,
                        "date_start": "2026-01-01",
                        "date_end": "2026-12-31",
                    }
                    for request in due.sudo().request_id.with_env(Steps.env)
                ]
            )
            plans.with_user(Steps.aid_manager).action_start()
            cls.plan_ids = plans.ids
            goods = Steps._donate(
                140,
                kind="in_kind",
                goods="3 heaters",
                valuation="Price in the shop",
                journal_id=False,
            )
            lots = Steps.env["beneficiary.goods.lot"].create(
                [
                    {
                        "name": name,
                        "donation_id": goods.id,
                        "quantity": quantity,
                        "value": value,
                        "company_id": Steps.company.id,
                    }
                    for name, quantity, value in (
                        ("Heater", 3, 84),
                        ("Bed", 1, 10),
                        ("Lamp", 1, 6),
                        ("Sofa", 1, 30),
                    )
                ]
            )
            cls.lot_id, cls.last_lot_id, cls.lamp_id, cls.sofa_id = lots.ids
            cls.fund_id = Steps.fund.id
            cls.company_id = Steps.company.id

    @mute_logger(*QUIET)
    def test_two_runs_make_each_instalment_once(self):
        def work(env):
            run = env["beneficiary.sponsorship.run"].create(
                {"date": "2026-02-15", "company_id": self.company_id}
            )
            run.action_run()
            return run.id

        results = self.race([(work, self.users["clerk"])] * 3)
        errors = [result for result in results if isinstance(result, Exception)]
        self.assertEqual(len(errors), 2, results)
        for error in errors:
            self.assertIsInstance(error, REFUSALS)
        with self.environment() as env:
            plans = env["beneficiary.sponsorship"].browse(self.plan_ids)
            for plan in plans:
                self.assertEqual(len(plan.disbursement_ids), 2)

    @mute_logger(*QUIET)
    def test_goods_are_given_once(self):
        with self.environment() as env:
            deliveries = env["beneficiary.delivery"].create(
                [
                    {
                        "request_id": self.request_ids[number % 2],
                        "line_ids": [
                            Command.create({"lot_id": self.lot_id, "quantity": 1})
                        ],
                    }
                    for number in range(5)
                ]
            )
            ids = deliveries.ids

        def deliver(number):
            return lambda env: (
                env["beneficiary.delivery"].browse(number).action_deliver()
            )

        results = self.race([(deliver(one), self.users["officer"]) for one in ids])
        done = [result for result in results if not isinstance(result, Exception)]
        self.assertLessEqual(len(done), 3, results)
        with self.environment() as env:
            lot = env["beneficiary.goods.lot"].browse(self.lot_id)
            delivered = env["beneficiary.delivery"].search(
                [("id", "in", ids), ("state", "=", "delivered")]
            )
            self.assertEqual(lot.given, len(delivered))
            self.assertEqual(lot.given, len(done))
            self.assertAlmostEqual(lot.value_given, sum(delivered.mapped("value")))

    def _prepare(self, env, request, lot_id, quantity=1):
        line = Command.create({"lot_id": lot_id, "quantity": quantity})
        return (
            env["beneficiary.delivery"]
            .create({"request_id": request.id, "line_ids": [line]})
            .id
        )

    def _approve(self, env, amount):
        Steps.env, fund = env, env["beneficiary.fund"].browse(self.fund_id)
        Steps.aid_type = Steps.aid_type.with_env(env)
        Steps.company = Steps.company.with_env(env)
        Steps.beneficiary = (
            env["beneficiary.aid.request"].browse(self.request_ids[0]).beneficiary_id
        )
        return Steps._approve(amount, fund)

    def _committed(self, env):
        fund = env["beneficiary.fund"].browse(self.fund_id)
        self.assertFalse(fund._recount())
        return fund.committed

    @mute_logger(*QUIET)
    def test_goods_against_money_for_the_last_of_an_approval(self):
        with self.environment() as env:
            before = self._committed(env)
            request = self._approve(env, 30)
            request_id = request.id
            delivery_id = self._prepare(env, request, self.sofa_id)

        def deliver(env):
            env["beneficiary.delivery"].browse(delivery_id).action_deliver()

        def disburse(env):
            payment = env["beneficiary.disbursement"].create(
                {"request_id": request_id, "amount": 0.01}
            )
            payment.action_post()

        for _time in range(2):
            results = self.race(
                [(deliver, self.users["officer"]), (disburse, self.users["clerk"])]
            )
            for result in results:
                if result is not None:
                    self.assertIsInstance(result, REFUSALS)
            with self.environment() as env:
                request = env["beneficiary.aid.request"].browse(request_id)
                value = env["beneficiary.delivery"].browse(delivery_id).value
                given = request._get_given_amount()
                self.assertIn(round(given, 2), (0.01, value))
                self.assertAlmostEqual(request.amount_committed, 30 - given)
                committed = self._committed(env)
                self.assertAlmostEqual(committed, before + 30 - given)

    @mute_logger(*QUIET)
    def test_two_people_take_the_last_piece(self):
        with self.environment() as env:
            before = self._committed(env)
            requests = [self._approve(env, 50) for _one in range(2)]
            ids = [self._prepare(env, one, self.last_lot_id) for one in requests]

        def deliver(number):
            return lambda env: (
                env["beneficiary.delivery"].browse(number).action_deliver()
            )

        results = self.race([(deliver(one), self.users["officer"]) for one in ids])
        self.assertEqual(results.count(None), 1, results)
        [error] = [result for result in results if result is not None]
        self.assertIsInstance(error, UserError)
        with self.environment() as env:
            delivered = env["beneficiary.delivery"].browse(ids)
            self.assertEqual(sorted(delivered.mapped("state")), ["delivered", "draft"])
            self.assertEqual(
                env["beneficiary.goods.lot"].browse(self.last_lot_id).given, 1
            )
            self.assertAlmostEqual(self._committed(env), before + 90)

    @mute_logger(*QUIET)
    def test_taken_back_twice_at_once(self):
        with self.environment() as env:
            before = self._committed(env)
            request = self._approve(env, 100)
            delivery_id = self._prepare(env, request, self.lamp_id)
        officer, clerk = self.users["officer"], self.users["clerk"]
        self.session(
            lambda env: (
                env["beneficiary.delivery"].browse(delivery_id).action_deliver()
            ),
            officer,
        )

        def reverse(env):
            env["beneficiary.delivery"].browse(delivery_id).action_reverse()

        results = self.race([(reverse, clerk)] * 3)
        self.assertEqual(results.count(None), 1, results)
        with self.environment() as env:
            lamp = env["beneficiary.goods.lot"].browse(self.lamp_id)
            self.assertEqual((lamp.given, lamp.value_given), (0, 0))
            self.assertAlmostEqual(self._committed(env), before + 100)

    @mute_logger(*QUIET)
    def test_two_lots_share_the_last_piece_in_the_warehouse(self):
        with self.environment() as env:
            if "product_id" not in env["beneficiary.goods.lot"]._fields:
                self.skipTest("beneficiary_aid_stock is not installed")
            company = env["res.company"].browse(self.company_id)
            product = env["product.product"].create(
                {"name": "Fan", "is_storable": True, "standard_price": 0}
            )
            store = company._beneficiary_stock_location()
            company._beneficiary_stock_given()
            env["stock.quant"]._update_available_quantity(product, store, 1)
            sofa = env["beneficiary.goods.lot"].browse(self.sofa_id)
            lots = env["beneficiary.goods.lot"].create(
                [
                    {
                        "name": f"Fan {number}",
                        "donation_id": sofa.donation_id.id,
                        "product_id": product.id,
                        "quantity": 1,
                        "value": 5,
                        "company_id": self.company_id,
                    }
                    for number in range(2)
                ]
            )
            requests = [self._approve(env, 50) for _lot in lots]
            ids = [
                self._prepare(env, request, lot.id)
                for request, lot in zip(requests, lots, strict=True)
            ]
            product_id, store_id = product.id, store.id

        def deliver(number):
            return lambda env: (
                env["beneficiary.delivery"].browse(number).action_deliver()
            )

        results = self.race([(deliver(one), self.users["officer"]) for one in ids])
        self.assertEqual(results.count(None), 1, results)
        with self.environment() as env:
            quants = env["stock.quant"].search(
                [("product_id", "=", product_id), ("location_id", "=", store_id)]
            )
            self.assertEqual(sum(quants.mapped("quantity")), 0)
            self.assertFalse(quants.filtered(lambda quant: quant.quantity < 0))
            states = env["beneficiary.delivery"].browse(ids).mapped("state")
            self.assertEqual(sorted(states), ["delivered", "draft"])
