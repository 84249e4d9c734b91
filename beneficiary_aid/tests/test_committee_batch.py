from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import warmup

from .common import AidCommon

VOTERS = ("chair", "member_a", "member_b")


@tagged("post_install", "-at_install")
class TestCommitteeBatch(AidCommon):
    """Many items voted on and closed at once: as one by one, in fewer statements."""

    # Statements of a batch of any length, and what each item adds.
    VOTE, CLOSING, CLOSING_EACH = 26, 70, 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls._open_meeting()

    def _items(self, count, first=1, **motion):
        items = self.meeting.item_ids.browse()
        for number in range(first, first + count):
            person = self._create_beneficiary(
                name=f"Person {number}",
                identity_kind="other",
                identity_number=f"B{number:05}",
            )
            items |= self._item_of(person, **motion)
        return items

    def _item_of(self, person, **motion):
        request = self._refer(self._create_request(person))
        values = {"amount": 100, **motion}
        item = self._put_on_agenda(self.meeting, request, **values)
        item.action_open_vote()
        return item

    def _vote_on(self, items, value="yes"):
        for name in VOTERS:
            own = items.with_user(getattr(self, name))
            getattr(own, f"action_vote_{value}")()

    def _close(self, items):
        items.with_user(self.secretary).action_close_vote()

    # ------------------------------------------------------------------
    # Rules
    # ------------------------------------------------------------------

    def test_all_are_decided_and_every_chain_holds(self):
        items = self._items(3)
        self._vote_on(items)
        self._close(items)
        self.assertEqual(items.mapped("state"), ["decided"] * 3)
        decisions = items.decision_ids.sorted("id")
        self.assertEqual(decisions.mapped("passed"), [True] * 3)
        self.assertEqual(len(set(decisions.mapped("name"))), 3)
        self.assertEqual(decisions[1].previous_hash, decisions[0].hash)
        self.assertEqual(decisions[2].previous_hash, decisions[1].hash)
        Decision = self.env["beneficiary.decision"].sudo()
        Seal = self.env["beneficiary.seal"].sudo()
        self.assertFalse(Decision._broken_seals(self.company))
        self.assertFalse(Seal._broken(self.company))
        self.assertFalse(Seal._unsealed_votes(self.company))

    def test_results_of_each_kind_in_one_closing(self):
        items = self._items(3)
        carried, lost, nothing = items
        self._vote_on(carried)
        self._vote_on(lost, "no")
        self._vote(nothing, chair="abstain", member_a="abstain", member_b="abstain")
        self._close(items)
        self.assertEqual(items.mapped("state"), ["decided", "decided", "postponed"])
        self.assertEqual(
            items.request_id.mapped("status"), ["approved", "rejected", "decision"]
        )
        self.assertEqual(carried.request_id.amount_committed, 100)
        self.assertFalse(lost.request_id.amount_committed)

    def test_one_that_cannot_be_closed_stops_all(self):
        items = self._items(2)
        self._vote_on(items[0])
        with self.assertRaisesRegex(UserError, "no quorum"):
            self._close(items)

    def test_money_is_promised_once_for_all_and_not_beyond_the_fund(self):
        items = self._items(2, amount=2000)
        self.fund._commit(self.fund.free - 3000)
        committed = self.fund.committed
        self._vote_on(items)
        with self.assertRaisesRegex(UserError, "3,000"), self.env.cr.savepoint():
            self._close(items)
        self.assertEqual(self.fund.committed, committed)
        self._close(items[0])
        self.assertEqual(self.fund.free, 1000)

    def test_limits_count_what_the_same_closing_decided(self):
        """The one decided first stops the other of the person, as one by one."""
        long_ago = fields.Datetime.now() - timedelta(days=9)
        earlier, later = (
            self._refer(self._create_request(**values))
            for values in ({"date_received": long_ago}, {})
        )
        motion = {"amount": 100}
        items = self._put_on_agenda(self.meeting, later, **motion)
        items |= self._put_on_agenda(self.meeting, earlier, **motion)
        items.action_open_vote()
        self.aid_type.write({"person_limit": 1})
        later.with_user(self.officer).repeat_reason = "A second operation"
        later.with_user(self.manager).action_allow_repeat()
        self._vote_on(items)
        with self.assertRaisesRegex(UserError, "may not be given again yet"):
            self._close(items)

    def test_people_of_one_household_are_decided_one_after_the_other(self):
        sister = self._create_other_beneficiary()
        sister.household_id = self.household
        first = self._item_of(self.beneficiary)
        second = self._item_of(sister)
        strangers = self._items(2)
        groups = list((first | second | strangers)._apart())
        self.assertEqual(groups, [first | strangers, second])

    def test_somebody_without_a_vote_on_one_votes_on_none(self):
        items = self._items(2)
        items[1].sudo().eligible_member_ids -= self.seats["chair"]
        with self.assertRaises(AccessError):
            items.with_user(self.chair).action_vote_yes()

    def test_second_vote_of_a_batch_is_refused(self):
        items = self._items(2)
        self._vote_on(items)
        with self.assertRaisesRegex(UserError, "in the same way"):
            items.with_user(self.chair).action_vote_yes()

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @warmup
    def test_a_batch_costs_hardly_more_than_one(self):
        self._vote_on(self._items(1, first=1))
        self._close(self.meeting.item_ids)
        costs = []
        for count in (2, 12):
            items = self._items(count, first=count * 10)
            vote = self._count(items.with_user(self.chair).action_vote_yes)
            for name in VOTERS[1:]:
                items.with_user(getattr(self, name)).action_vote_yes()
            close = items.with_user(self.secretary).action_close_vote
            costs.append((vote, self._count(close)))
        (short_vote, short), (long_vote, long) = costs
        self.assertLessEqual(long_vote, self.VOTE, costs)
        self.assertLessEqual(long_vote - short_vote, 2, costs)
        self.assertLessEqual(short, self.CLOSING, costs)
        self.assertLessEqual(long - short, self.CLOSING_EACH * 10, costs)
