"""Parallel sessions at one agenda item: votes, closing, and the fund behind it."""

import sys
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.common import AidCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, REFUSALS, CommittedCase  # noqa: E402


class Steps(AidCommon):
    """The steps of :class:`AidCommon` on an environment given from outside."""

    allow_inherited_tests_method = False

    @classmethod
    def _fill_fund(cls, amount, fund=None):
        # The decisions of all tests stay: each one takes 2,000.
        return super()._fill_fund(10 * amount, fund)


@tagged("post_install", "-at_install", "beneficiary_race")
class TestVoteConcurrency(CommittedCase):
    """Exactly one outcome, no vote lost, a clear word to whoever came second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_aid(Steps, env)
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
    def test_a_member_who_changes_his_vote_in_two_windows_has_one_that_counts(self):
        self.session(*self._vote("chair"))
        results = self.race([self._vote("chair", "no")] * 2)
        self.assertDone(results, done=1)
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            versions = item.vote_ids.sorted("version")
            self.assertEqual(versions.mapped("version"), [1, 2])
            self.assertEqual(item._round_votes().value, "no")

    @mute_logger(*QUIET)
    def test_secret_votes_in_the_same_second_are_all_in_the_box(self):
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            item.committee_id.ballot = "secret"
            item._postpone("Again, in secret")
            world = self._world(env)
            again = world._put_on_agenda(world._open_meeting(), item.request_id)
            again.action_open_vote()
            self.item_id = again.id
        values = {"chair": "yes", "member_a": "no", "member_b": "yes"}
        self.assertDone(
            self.race([self._vote(name, value) for name, value in values.items()]),
            done=3,
        )
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            tally = item._tally(item._round_votes())
            self.assertEqual(tally, {"yes": 2, "no": 1, "abstain": 0})
            # No hidden row version of a box leads to each vote: it has one row.
            env.cr.execute(
                "SELECT count(*) FROM beneficiary_vote vote"
                " JOIN beneficiary_ballot_box box ON box.item_id = vote.item_id"
                " AND box.xmin = vote.xmin WHERE vote.item_id = %s",
                [item.id],
            )
            self.assertLessEqual(env.cr.fetchone()[0], 1)
            item.committee_id.ballot = "after_close"
        self.session(*self._close())
        self.assertEqual(self._figures(), (3, 1, 2000))

    @mute_logger(*QUIET)
    def test_vote_by_circulation_ends_once_whoever_ends_it(self):
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            committee = item.committee_id
            committee.write(
                {
                    "circulation": "amount",
                    "circulation_amount": 5000,
                    "circulation_pass": "rule",
                }
            )
            item._postpone("By circulation")
            world = self._world(env)
            meeting = (
                env["beneficiary.meeting"]
                .with_user(self.users["secretary"])
                .create({"committee_id": committee.id, "kind": "circulation"})
            )
            again = world._put_on_agenda(meeting, item.request_id)
            meeting.action_circulate()
            self.item_id = again.id
        for name in ("chair", "member_a"):
            self.session(*self._vote(name))

        def end(env):
            env["beneficiary.agenda.item"].browse(self.item_id)._end_by_time()

        # The third yes and the end of the time, twice, at the same moment.
        results = self.race([self._vote("member_b"), (end, None), (end, None)])
        self.assertFalse([one for one in results[1:] if isinstance(one, Exception)])
        votes, decisions, approved = self._figures()
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            if votes == 3 and item.state == "decided":
                self.assertEqual((decisions, approved), (1, 2000))
            else:
                self.assertEqual(item.state, "postponed")
                self.assertEqual(decisions, 0)
            self.assertEqual(item.meeting_id.state, "closed")

    @mute_logger(*QUIET)
    def test_two_closings_make_one_decision(self):
        for name in ("chair", "member_a", "member_b"):
            self.session(*self._vote(name))
        self.assertDone(self.race([self._close()] * 2), done=1)
        self.assertEqual(self._figures(), (3, 1, 2000))

    @mute_logger(*QUIET)
    def test_two_closings_of_many_items_decide_each_once(self):
        """Two secretaries close overlapping items, each in an order of his own."""
        with self.environment() as env:
            number = env["beneficiary.beneficiary"].search_count([])
            ids = [self.item_id] + [
                self._open_item(env, number + place) for place in range(2)
            ]

        def vote(env):
            env["beneficiary.agenda.item"].browse(ids).action_vote_yes()

        def close(*places):
            def work(env):
                chosen = [ids[place] for place in places]
                env["beneficiary.agenda.item"].browse(chosen).action_close_vote()

            return work, self.users["secretary"]

        for name in ("chair", "member_a", "member_b"):
            self.session(vote, self.users[name])
        self.assertDone(self.race([close(0, 1), close(1, 0)]), done=1)
        self.session(*close(2))
        with self.environment() as env:
            items = env["beneficiary.agenda.item"].browse(ids)
            self.assertEqual([len(item.decision_ids) for item in items], [1, 1, 1])
            self.assertEqual(items.request_id.mapped("status"), ["approved"] * 3)
            company = items.company_id
            self.assertFalse(env["beneficiary.decision"]._broken_seals(company))
            self.assertFalse(env["beneficiary.seal"]._broken(company))

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

    # ------------------------------------------------------------------
    # Stale snapshots: what was read is over when it is used
    # ------------------------------------------------------------------

    def stale(self, work, uid, between):
        """Run ``work`` on a snapshot taken before another session did its work.

        :param tuple between: work and user of the other session
        :return: what it returned, or the refusal it raised
        """
        started = []

        def once(env):
            env.cr.execute("SELECT count(*) FROM res_company")
            if not started:
                started.append(True)
                self.session(*between)
            return work(env)

        try:
            return self.session(once, uid)
        except REFUSALS as error:
            return error

    def _stale(self, late, first):
        return self.stale(*late, first)

    def _all_vote(self):
        for name in ("chair", "member_a", "member_b"):
            self.session(*self._vote(name))

    @mute_logger(*QUIET)
    def test_a_vote_after_closing_is_refused(self):
        self._all_vote()
        late = self._stale(self._vote("researcher_member", "no"), self._close())
        self.assertIsInstance(late, UserError)
        self.assertIn("no vote is open", str(late))
        self.assertEqual(self._figures(), (3, 1, 2000))

    @mute_logger(*QUIET)
    def test_a_second_closing_of_what_was_closed_meanwhile_is_refused(self):
        self._all_vote()
        late = self._stale(self._close(), self._close())
        self.assertIsInstance(late, UserError)
        self.assertIn("closed already", str(late))
        self.assertEqual(self._figures(), (3, 1, 2000))

    @mute_logger(*QUIET)
    def test_a_closing_counts_the_vote_that_came_meanwhile(self):
        for name in ("chair", "member_a"):
            self.session(*self._vote(name))
        late = self._stale(self._close(), self._vote("member_b"))
        self.assertNotIsInstance(late, Exception)
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            self.assertEqual(item.decision_ids.yes_count, 3)

    @mute_logger(*QUIET)
    def test_a_fund_emptied_meanwhile_refuses_the_approval(self):
        self._all_vote()
        with self.environment() as env:
            free = env["beneficiary.fund"].browse(self.fund_id).free

        def empty(env):
            env["beneficiary.fund"].browse(self.fund_id)._commit(free - 1000)

        late = self._stale(self._close(), (empty, None))
        self.assertIsInstance(late, UserError)
        self.assertEqual(self._figures(), (3, 0, 0))
        with self.environment() as env:
            fund = env["beneficiary.fund"].browse(self.fund_id)
            self.assertEqual(fund.free, 1000)
            fund._release(free - 1000)

    # ------------------------------------------------------------------
    # Changes while a vote is opened or open
    # ------------------------------------------------------------------

    def _pending_item(self):
        """Commit a request on an agenda before its vote; return the item's id."""
        with self.environment() as env:
            number = env["beneficiary.beneficiary"].search_count([]) + 500
            world = self._world(env)
            person = world._create_beneficiary(
                name=f"Race {number}",
                identity_kind="other",
                identity_number=f"R{number:05}",
            )
            request = world._refer(world._create_request(person))
            return world._put_on_agenda(world._open_meeting(), request).id

    def _edit(self, item_id):
        def work(env):
            env["beneficiary.agenda.item"].browse(item_id).amount = 1500

        return work, self.users["secretary"]

    def _open(self, item_id):
        def work(env):
            env["beneficiary.agenda.item"].browse(item_id).action_open_vote()

        return work, self.users["secretary"]

    @mute_logger(*QUIET)
    def test_members_vote_on_the_motion_they_see(self):
        for race in (self.race, lambda works: [self._stale(*works)]):
            item_id = self._pending_item()
            for error in race([self._edit(item_id), self._open(item_id)]):
                if isinstance(error, Exception):
                    self.assertIsInstance(error, UserError)
            with self.environment() as env:
                item = env["beneficiary.agenda.item"].browse(item_id)
                self.assertEqual(item.state, "voting")
                self.assertEqual(item.dossier_hash, item._hash_dossier())

    @mute_logger(*QUIET)
    def test_two_secretaries_open_one_vote_once(self):
        item_id = self._pending_item()
        self.assertDone(self.race([self._open(item_id)] * 2), done=1)
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(item_id)
            self.assertEqual((item.state, item.round), ("voting", 1))

    @mute_logger(*QUIET)
    def test_a_request_is_not_stopped_under_an_open_vote(self):
        item_id = self._pending_item()
        with self.environment() as env:
            request_id = env["beneficiary.agenda.item"].browse(item_id).request_id.id

        def stop(env):
            env["beneficiary.aid.request"].browse(request_id)._stop("Withdrawn")

        results = self.race([(stop, self.users["officer"]), self._open(item_id)])
        self.assertDone(results, done=1)
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(item_id)
            self.assertIn(
                (item.state, item.request_id.status),
                (("voting", "decision"), ("postponed", "cancelled")),
            )

    @mute_logger(*QUIET)
    def test_a_member_removed_during_the_vote_keeps_the_vote_given(self):
        with self.environment() as env:
            world = self._world(env)
            member_id = world.seats["member_b"].id

        def remove(env):
            seat = env["beneficiary.committee.member"].browse(member_id)
            seat.date_to = "2020-12-31"

        for name in ("chair", "member_a"):
            self.session(*self._vote(name))
        results = self.race(
            [(remove, self.users["aid_manager"]), self._vote("member_b")]
        )
        for error in results:
            if isinstance(error, Exception):
                self.assertIsInstance(error, REFUSALS)
        self.session(*self._close())
        with self.environment() as env:
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            given = sum(not isinstance(one, Exception) for one in results[1:])
            self.assertEqual(item.decision_ids.yes_count, 2 + given)
            seat = env["beneficiary.committee.member"].browse(member_id)
            seat.date_to = False

    # ------------------------------------------------------------------
    # Parts, duplicates
    # ------------------------------------------------------------------

    def _studied(self, number):
        with self.environment() as env:
            world = self._world(env)
            person = world._create_beneficiary(
                name=f"Part {number}",
                identity_kind="other",
                identity_number=f"P{number:05}",
            )
            first = world._refer(world._create_request(person))
            return first.id, world._create_request(person).id

    @mute_logger(*QUIET)
    def test_a_request_is_divided_once(self):
        request_id = self._studied(1)[0]

        def divide(env):
            request = env["beneficiary.aid.request"].browse(request_id)
            kind = request.aid_type_id.id
            request._divide(
                [{"aid_type_id": kind, "amount_requested": 1000}] * 2, "Two bodies"
            )

        officer = self.users["officer"]
        self.assertDone(self.race([(divide, officer)] * 2), done=1)
        with self.environment() as env:
            request = env["beneficiary.aid.request"].browse(request_id)
            self.assertEqual(len(request.part_ids), 2)

    @mute_logger(*QUIET)
    def test_two_requests_are_not_each_the_duplicate_of_the_other(self):
        first, second = self._studied(2)

        def stop(one, other):
            def work(env):
                Request = env["beneficiary.aid.request"]
                Request.browse(one)._stop_duplicates(Request.browse(other), "Twice")

            return work, self.users["officer"]

        self.assertDone(self.race([stop(first, second), stop(second, first)]), done=1)
        with self.environment() as env:
            requests = env["beneficiary.aid.request"].browse([first, second])
            self.assertEqual(sorted(requests.mapped("status")).count("cancelled"), 1)

    # ------------------------------------------------------------------
    # The sweeper
    # ------------------------------------------------------------------

    def _sweep(self):
        def work(env):
            env["beneficiary.agenda.item"].browse(self.item_id)._sweep()

        return work, None

    def _close_by_itself(self, env, value):
        item = env["beneficiary.agenda.item"].browse(self.item_id)
        item.committee_id.auto_close = value

    @mute_logger(*QUIET)
    def test_sweeper_finishes_what_is_certain_once(self):
        self._all_vote()
        with self.environment() as env:
            self._close_by_itself(env, True)
        try:
            results = self.race([self._sweep()] * 2)
            self.assertDone(results, done=2)
            self.assertEqual(self._figures(), (3, 1, 2000))
            self.session(*self._sweep())
            self.assertEqual(self._figures(), (3, 1, 2000))
        finally:
            with self.environment() as env:
                self._close_by_itself(env, False)

    @mute_logger(*QUIET)
    def test_sweeper_and_secretary_make_one_decision(self):
        self._all_vote()
        with self.environment() as env:
            self._close_by_itself(env, True)
        try:
            for error in self.race([self._sweep(), self._close()]):
                if isinstance(error, Exception):
                    self.assertIsInstance(error, REFUSALS)
            self.assertEqual(self._figures(), (3, 1, 2000))
        finally:
            with self.environment() as env:
                self._close_by_itself(env, False)

    @mute_logger(*QUIET)
    def test_help_given_once_is_approved_once_by_two_committees_at_once(self):
        with self.environment() as env:
            world = self._world(env)
            first = env["beneficiary.agenda.item"].browse(self.item_id)
            later = world._refer(world._create_request(first.request_id.beneficiary_id))
            second = world._put_on_agenda(world._open_meeting(), later, amount=2000)
            second.action_open_vote()
            items = (self.item_id, second.id)
            for item in (first, second):
                world._vote(item.with_env(env), chair="yes", member_a="yes")
                world._vote(item.with_env(env), member_b="yes")
            # The rule came after both votes were opened.
            world.aid_type.sudo().person_limit = 1
        try:
            results = self.race([self._close_item(item) for item in items])
            self.assertDone(results, done=1)
            with self.environment() as env:
                done = env["beneficiary.agenda.item"].browse(items)
                self.assertEqual(done.mapped("state"), ["decided", "voting"])
        finally:
            with self.environment() as env:
                self._world(env).aid_type.sudo().person_limit = 0

    def _close_item(self, item_id):
        def work(env):
            env["beneficiary.agenda.item"].browse(item_id).action_close_vote()

        return work, self.users["secretary"]
