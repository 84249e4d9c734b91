"""The committee opens its vote on an urgent decision while its days run out."""

import sys
from datetime import timedelta
from pathlib import Path

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.test_authority_steps import AuthorityCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402


class Steps(AuthorityCommon):
    """The steps of :class:`AuthorityCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestRatificationConcurrency(CommittedCase):
    """Either the committee votes, or the days have passed: never both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_aid(Steps, env)
            Steps.committee.write({"urgent_cap": 1500, "ratify_days": 7})
            cls.users = {name: getattr(Steps, name).id for name in Steps.AID_ROLES}
            request = Steps._refer(Steps._create_request(urgency="urgent"))
            request.with_user(Steps.chair)._decide_in_person(
                {
                    "outcome": "approve",
                    "amount": 1000,
                    "fund_id": Steps.fund.id,
                    "urgent_reason": "Cannot wait",
                },
                1,
            )
            ratification = request.sudo().decision_id.ratification_ids
            ratification.due_on -= timedelta(days=20)
            meeting = Steps._open_meeting()
            meeting.action_fill_agenda()
            cls.ratification_id = ratification.id
            cls.item_id = ratification.item_ids.id

    def _open_vote(self):
        def work(env):
            env["beneficiary.agenda.item"].browse(self.item_id).action_open_vote()

        return work, self.users["secretary"]

    def _expire(self):
        def work(env):
            env["beneficiary.ratification"].browse(self.ratification_id)._expire()

        return work, self.uid

    @mute_logger(*QUIET)
    def test_vote_and_expiry_at_the_same_moment(self):
        opened, expired = self.race([self._open_vote(), self._expire()])
        self.assertIsNone(expired)
        with self.environment() as env:
            ratification = env["beneficiary.ratification"].browse(self.ratification_id)
            item = env["beneficiary.agenda.item"].browse(self.item_id)
            if opened is None:
                self.assertEqual(
                    (ratification.state, item.state), ("pending", "voting")
                )
            else:
                self.assertIsInstance(opened, (UserError, ValidationError))
                self.assertEqual(
                    (ratification.state, item.state), ("not_ratified", "postponed")
                )
