"""Parallel desks at one distribution: a code fetches once, the last piece goes once."""

import sys
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.lists_common import SIGNATURE, ListsCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, REFUSALS, CommittedCase  # noqa: E402


class Steps(ListsCommon):
    """The steps of :class:`ListsCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestDistributionConcurrency(CommittedCase):
    """Exactly one pick-up, stock never below nothing, a clear word to the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_aid(Steps, env)
            cls.desks = [Steps.officer.id, Steps.manager.id]
            people = [Steps._create_family(number) for number in range(1, 5)]
            distribution = Steps._opened()
            cls.distribution_id = distribution.id
            cls.item_id = distribution.item_ids.id
            cls.lines = [
                (line.id, line.sudo().code)
                for line in (Steps._line(distribution, person) for person in people)
            ]

    def _fetch(self, line_id, code, desk=0):
        def work(env):
            pickup = (
                env["beneficiary.distribution.pickup"]
                .with_context(default_distribution_id=self.distribution_id)
                .create({"code": code, "signature": SIGNATURE})
            )
            pickup.action_hand_out()
            return line_id

        return work, self.desks[desk]

    def _figures(self, line_id):
        with self.environment() as env:
            line = env["beneficiary.distribution.line"].browse(line_id)
            item = env["beneficiary.distribution.item"].browse(self.item_id)
            return line.state, len(line.handout_ids), item.given

    @mute_logger(*QUIET)
    def test_one_code_at_two_desks_is_fetched_once(self):
        line_id, code = self.lines[0]
        before = self._figures(line_id)[2]
        results = self.race(
            [self._fetch(line_id, code), self._fetch(line_id, code, 1)] * 2
        )
        self.assertDone(results, done=1)
        self.assertEqual(self._figures(line_id), ("handed", 1, before + 1))

    @mute_logger(*QUIET)
    def test_desk_with_old_figures_is_refused(self):
        line_id, code = self.lines[1]
        work, uid = self._fetch(line_id, code, 1)

        def late(env):
            # What this session sees is from before the other desk's commit.
            env["beneficiary.distribution.line"].browse(line_id).mapped("state")
            if not first:
                first.append(self.session(*self._fetch(line_id, code)))
            return work(env)

        first = []
        with self.assertRaises(REFUSALS):
            self.session(late, uid)
        self.assertEqual(self._figures(line_id)[:2], ("handed", 1))

    @mute_logger(*QUIET)
    def test_last_piece_goes_to_one_desk(self):
        with self.environment() as env:
            item = env["beneficiary.distribution.item"].browse(self.item_id)
            item.stocked = item.given + 1
        results = self.race(
            [
                self._fetch(*self.lines[2]),
                self._fetch(*self.lines[3], desk=1),
            ]
        )
        self.assertDone(results, done=1)
        with self.environment() as env:
            item = env["beneficiary.distribution.item"].browse(self.item_id)
            self.assertEqual(item.given, item.stocked)
            item.stocked = 100
