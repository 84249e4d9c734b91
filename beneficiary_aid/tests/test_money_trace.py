from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged

from ..tools.fifo import Event, allocate
from .batch_common import BatchCommon


class TestFifo(BaseCase):
    """The order alone, without a database."""

    def test_oldest_first(self):
        events = [
            Event("in", 1, "a", 50),
            Event("in", 1, "b", 50),
            Event("out", 1, "x", 70),
            Event("out", 1, "y", 20),
        ]
        self.assertEqual(allocate(events), {"x": {"a": 50, "b": 20}, "y": {"b": 20}})

    def test_funds_do_not_mix(self):
        events = [
            Event("in", 1, "a", 50),
            Event("in", 2, "b", 50),
            Event("out", 2, "x", 30),
        ]
        self.assertEqual(allocate(events), {"x": {"b": 30}})

    def test_transfers_keep_the_source(self):
        events = [
            Event("in", 1, "a", 50),
            Event("in", 1, "b", 50),
            Event("move", 1, None, 60, 2),
            Event("out", 2, "x", 60),
            Event("out", 1, "y", 40),
        ]
        self.assertEqual(allocate(events), {"x": {"a": 50, "b": 10}, "y": {"b": 40}})

    def test_changed_purpose_takes_its_own_donation(self):
        events = [
            Event("in", 1, "a", 50),
            Event("in", 1, "b", 50),
            Event("move", 1, "b", 50, 2),
            Event("out", 2, "x", 50),
            Event("out", 1, "y", 50),
        ]
        self.assertEqual(allocate(events), {"x": {"b": 50}, "y": {"a": 50}})

    def test_paid_before_it_came(self):
        events = [
            Event("out", 1, "x", 30),
            Event("in", 1, "a", 20),
            Event("in", 1, "b", 20),
            Event("out", 1, "y", 20),
        ]
        self.assertEqual(allocate(events), {"x": {"a": 20, "b": 10}, "y": {"b": 10}})


@tagged("post_install", "-at_install")
class TestMoneyTrace(BatchCommon):
    def _trace(self):
        return self.env["beneficiary.money.trace"]._trace(self.company)

    def _transfer(self, amount):
        transfer = (
            self.env["beneficiary.fund.transfer"]
            .with_user(self.clerk)
            .create(
                {
                    "from_fund_id": self.fund.id,
                    "to_fund_id": self.other_fund.id,
                    "amount": amount,
                    "reason": "Rent",
                    "company_id": self.company.id,
                }
            )
        )
        transfer.with_user(self.releaser).action_approve()
        return transfer

    def test_request_was_paid_from_the_oldest_donations(self):
        today = fields.Date.today()
        second = self._donate(50.5, date=today)
        first = self._donate(20.25, date=today - timedelta(days=3))
        self._donate(30).action_cancel()
        disbursement = self._disburse(self._approve(60), 40)
        self.assertEqual(
            self._trace(), {disbursement.id: {first.id: 20.25, second.id: 19.75}}
        )
        self.assertEqual(self._trace(), self._trace())

    def test_reversed_aid_gives_the_donation_back(self):
        donation = self._donate(100)
        request = self._approve(60)
        self._disburse(request, 40).action_reverse()
        again = self._disburse(request, 60)
        self.assertEqual(self._trace(), {again.id: {donation.id: 60}})

    def test_through_transfer_batch_and_share(self):
        self.fund.write(
            {
                "admin_share": 10,
                "admin_fund_id": self._create_fund(name="Costs", code="COST").id,
            }
        )
        donation = self._donate(200)
        self._transfer(150)
        due = self._create_due(2, amount=60, fund=self.other_fund)
        self._pay(due)
        self.assertEqual(self._trace(), {one.id: {donation.id: 60} for one in due})

    def test_reversed_payee_of_a_batch_counts_as_nothing(self):
        donation = self._donate(200)
        due = self._create_due(2, amount=60)
        batch = self._prepare(due)
        batch.action_back_to_draft()
        batch.action_cancel()
        due[0].action_reverse()
        self.assertEqual(self._trace(), {due[1].id: {donation.id: 60}})

    def test_other_money_is_named_as_such(self):
        expense = self.company.beneficiary_aid_account_id
        income = self.company.beneficiary_donation_account_id
        self._entry([(expense, 50, 0, False), (income, 0, 50, self.fund)])
        disbursement = self._disburse(self._approve(40), 40)
        self.assertEqual(self._trace(), {disbursement.id: {None: 40}})

    def test_screens_of_request_and_donation(self):
        donation = self._donate(100)
        request = self._approve(60)
        self._disburse(request, 40)
        action = request.with_user(self.aid_manager).action_open_cost()
        trace = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((trace.amount, trace.traced), (40, 40))
        self.assertEqual(trace.line_ids.donation_id, donation)
        action = donation.with_user(self.clerk).action_open_use()
        trace = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((trace.amount, trace.traced), (100, 40))

    def test_paper_for_the_donor_names_nobody(self):
        donation = self._donate(100)
        request = self._approve(60)
        disbursement = self._disburse(request, 40)
        text = str(donation.with_user(self.clerk)._use_html())
        self.assertIn(self.aid_type.name, text)
        for word in (
            self.beneficiary.name,
            self.beneficiary.file_number,
            request.name,
            disbursement.name,
        ):
            self.assertNotIn(word, text)

    def test_roles_and_other_company(self):
        donation = self._donate(100)
        request = self._approve(60)
        self._disburse(request, 40)
        researcher = self._create_finance_user(
            "trace_researcher", "beneficiary_relations.group_social_researcher"
        )
        with self.assertRaises(AccessError):
            request.with_user(researcher).action_open_cost()
        other = self._create_association("Other")
        stranger = self._create_finance_user(
            "trace_stranger", "beneficiary_aid.group_finance_clerk", other
        )
        env = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        with self.assertRaises(AccessError):
            donation.with_env(env).action_open_use()

    def test_queries_do_not_grow(self):
        self._donate(5000)

        def queries():
            self.env.flush_all()
            before = self.cr.sql_log_count
            self._trace()
            return self.cr.sql_log_count - before

        self._disburse(self._approve(10), 10)
        queries()
        few = queries()
        self._create_due(6, post=True)
        self.assertEqual(queries(), few)
