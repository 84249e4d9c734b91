from odoo.tests import tagged
from odoo.tests.common import warmup

from odoo.addons.beneficiary_relations.tools.write_each import write_each

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

    # === Batches === #

    def test_batch_costs_the_same_queries_for_many_payees(self):
        """Beyond what every batch needs, a payee costs hardly a statement."""
        self._donate(10000)
        queries = []
        for count in (10, 60):
            batch = self._gather(self._create_due(count))
            prepared, _none = self._count(batch.action_prepare)
            signed, _none = self._count(self._sign, batch)
            queries.append((prepared, signed))
            self.assertEqual(set(batch.line_ids.mapped("outcome")), {"sent"})
        (few_prepared, few_signed), (many_prepared, many_signed) = queries
        self.assertLessEqual(many_prepared, 220)
        self.assertLessEqual(many_signed, 300)
        self.assertLessEqual(many_prepared - few_prepared, 25)
        self.assertLessEqual(many_signed - few_signed, 25)

    def _write_log(self, records):
        records.env.flush_all()
        self.cr.precommit.run()

    def test_log_of_a_batch_tells_no_single_payee(self):
        self._donate(1000)
        due = self._create_due(3)
        # As in a session of people: the log is not switched off.
        batch = self._gather(due).with_context({})
        self._write_log(batch)
        before = due.message_ids
        batch.action_prepare()
        self._write_log(batch)
        self._sign(batch)
        self._write_log(batch)
        self.assertEqual(set(due.mapped("state")), {"sent"})
        self.assertEqual(due.message_ids, before)
        # Whoever pays need not read what single values were.
        told = batch.sudo().message_ids.tracking_value_ids
        self.assertIn("Released", told.mapped("new_value_char"))

    def test_bank_lines_of_payees_are_matched_together(self):
        self._donate(10000)
        queries = []
        for count in (5, 30):
            batch = self._pay(self._create_due(count), booking="line")
            lines = self.env["account.bank.statement.line"].create(
                [
                    {
                        "journal_id": self.bank.id,
                        "payment_ref": f"Transfer {one.name}",
                        "amount": -one.amount,
                        "date": batch.date,
                    }
                    for one in batch.line_ids.disbursement_id
                ]
            )
            lines = lines.with_user(self.accountant)
            found, _none = self._count(lines.action_beneficiary_match)
            queries.append(found)
            self.assertEqual(batch.state, "settled")
        # Odoo reads and writes the entry of each bank line.
        self.assertLessEqual(queries[1] - queries[0], 4 * 25)

    # === Links stored at once === #

    def test_write_each_stores_and_computes(self):
        self._donate(1000)
        due = self._create_due(2, post=True)
        first, second = due.move_line_id
        write_each(due.sudo(), "move_line_id", [None, None])
        self.assertEqual(due.mapped("state"), ["draft", "draft"])
        write_each(due.sudo(), "move_line_id", [first.id, second.id])
        self.assertEqual(due.move_line_id, first | second)
        self.assertEqual(due.mapped("state"), ["due", "due"])
