"""Parallel sessions at one agenda item: votes, closing, and the fund behind it."""

import sys
from pathlib import Path

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.common import AidCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import CommittedCase  # noqa: E402

QUIET = ("odoo.sql_db", "odoo.service.model")
REFUSALS = (UserError, ValidationError)


class Steps(AidCommon):
    """The steps of :class:`AidCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestVoteConcurrency(CommittedCase):
    """Exactly one outcome, no vote lost, a clear word to whoever came second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            Steps.env = env(context={**env.context, "tracking_disable": True})
            Steps._set_up_association()
            cls.context = {
                "allowed_company_ids": Steps.company.ids,
                "tracking_disable": True,
            }
            cls.users = {
                name: getattr(Steps, name).id
                for name in (*AidCommon.AID_ROLES, "officer", "researcher")
            }
            cls.fund_id = Steps.fund.id

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            number = env["beneficiary.beneficiary"].search_count([])
            self.item_id = self._open_item(env, number)

    def _open_item(self, env, number, amount=2000):
        """Commit a request of its own with an open vote; return the agenda item."""
        world = self._world(env)
        beneficiary = world._create_beneficiary(
            name=f"Race {number}",
            identity_kind="other",
            identity_number=f"R{number:05}",
        )
        request = world._refer(world._create_request(beneficiary))
        item = world._put_on_agenda(world._open_meeting(), request, amount=amount)
        item.action_open_vote()
        return item.id

    def _world(self, env):
        """Return the steps with all their records in this session."""
        names = {
            name: value.with_env(env)
            for name, value in vars(Steps).items()
            if hasattr(value, "with_env")
        }
        seats = {name: seat.with_env(env) for name, seat in Steps.seats.items()}
        return type("World", (Steps,), {**names, "env": env, "seats": seats})

    def _vote(self, name, value="yes"):
        def work(env):
            env["beneficiary.agenda.item"].browse(self.item_id)._vote(value)

        return work, self.users[name]

    def _close(self):
        def work(env):
            env["beneficiary.agenda.item"].browse(self.item_id).action_close_vote()

        return work, self.users["secretary"]

    def _figures(self):
        """Return the number of votes, of decisions, and the approved amount."""
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            return (
                len(item.vote_ids),
                len(item.decision_ids),
                item.request_id.amount_approved,
            )

    def assertDone(self, results, done):
        errors = [result for result in results if isinstance(result, Exception)]
        for error in errors:
            self.assertIsInstance(error, REFUSALS)
        self.assertEqual(len(results) - len(errors), done)

    @mute_logger(*QUIET)
    def test_members_who_vote_in_the_same_second_are_all_counted(self):
        names = ("chair", "member_a", "member_b")
        self.assertDone(self.race([self._vote(name) for name in names]), done=3)
        self.session(*self._close())
        self.assertEqual(self._figures(), (3, 1, 2000))

    @mute_logger(*QUIET)
    def test_a_member_in_two_windows_votes_once(self):
        results = self.race([self._vote("chair")] * 3)
        self.assertDone(results, done=1)
        self.assertEqual(self._figures()[0], 1)

    @mute_logger(*QUIET)
    def test_two_closings_make_one_decision(self):
        for name in ("chair", "member_a", "member_b"):
            self.session(*self._vote(name))
        self.assertDone(self.race([self._close()] * 2), done=1)
        self.assertEqual(self._figures(), (3, 1, 2000))

    @mute_logger(*QUIET)
    def test_a_vote_counts_or_is_refused_when_the_vote_is_being_closed(self):
        for name in ("chair", "member_a", "member_b"):
            self.session(*self._vote(name))
        late, closing = self.race(
            [self._vote("researcher_member", "no"), self._close()]
        )
        self.assertNotIsInstance(closing, Exception)
        votes, decisions, approved = self._figures()
        self.assertEqual((decisions, approved), (1, 2000))
        counted = not isinstance(late, Exception)
        self.assertEqual(votes, 3 + counted)
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            self.assertEqual(item.decision_ids.no_count, int(counted))

    @mute_logger(*QUIET)
    def test_approval_while_another_empties_the_fund_has_one_winner(self):
        for name in ("chair", "member_a", "member_b"):
            self.session(*self._vote(name))
        with self.environment() as env:
            free = env["beneficiary.fund"].browse(self.fund_id).free

        def empty(env):
            env["beneficiary.fund"].browse(self.fund_id)._commit(free - 1000)

        results = self.race([self._close(), (empty, None)])
        self.assertDone(results, done=1)
        decided = not isinstance(results[0], Exception)
        self.assertEqual(self._figures()[1:], (1, 2000) if decided else (0, 0))
        with self.environment() as env:
            fund = env["beneficiary.fund"].browse(self.fund_id)
            self.assertEqual(fund.free, free - 2000 if decided else 1000)
            self.assertFalse(fund.overdrawn)
            if not decided:
                fund._release(free - 1000)
