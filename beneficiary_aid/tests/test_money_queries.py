from odoo.tests import tagged
from odoo.tests.common import warmup

from .batch_common import BatchCommon


@tagged("post_install", "-at_install")
class TestMoneyQueries(BatchCommon):
    """What money costs in queries, as budgets: flat, or so many a payee."""

    # === Donations === #

    def _donation_values(self, count):
        """Donations without a bank: the fund says which one."""
        return [
            {
                "donor_id": self.donor.id,
                "amount": 10,
                "company_id": self.company.id,
                "fund_id": fund.id,
            }
            for _number in range(count // 2)
            for fund in (self.fund, self.other_fund)
        ]

    def _count(self, work, *args):
        """Statements of some work, from an empty cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        result = work(*args)
        self.env.flush_all()
        return self.cr.sql_log_count - before, result

    @warmup
    def test_donations_are_entered_in_a_fixed_number_of_queries(self):
        Donation = self.env["beneficiary.donation"].with_user(self.clerk)
        for count in (20, 200):
            values = self._donation_values(count)
            self.env.invalidate_all()
            with self.subTest(count=count), self.assertQueryCount(32):
                Donation.create(values)
                self.env.flush_all()

    def test_posting_donations_asks_each_fund_once(self):
        Donation = self.env["beneficiary.donation"].with_user(self.clerk)
        Donation.create(self._donation_values(2)).action_post()
        few = Donation.create(self._donation_values(20))
        many = Donation.create(self._donation_values(200))
        few_queries, _none = self._count(few.action_post)
        many_queries, _none = self._count(many.action_post)
        # What Odoo asks to number and balance an entry, and nothing of ours.
        self.assertLessEqual(many_queries - few_queries, 6 * 180)
        self.assertEqual(len(many.journal_id), 1)
        self.assertFund(1110, 0)

    def test_receipts_drawn_together_have_no_gaps(self):
        Sequence = self.env["ir.sequence"]
        first = self._donate(10).name
        numbers = Sequence._next_numbers("beneficiary.donation", self.company, 3)
        after = self._donate(10).name
        counters = [int(name.rsplit("/", 1)[1]) for name in (first, *numbers, after)]
        self.assertEqual(counters, list(range(counters[0], counters[0] + 5)))
