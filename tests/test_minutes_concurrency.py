"""Parallel sessions at the minutes of one meeting, and at one decision."""

import sys
from pathlib import Path

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.common import AidCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, REFUSALS, CommittedCase  # noqa: E402


class Steps(AidCommon):
    """The steps of :class:`AidCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestMinutesConcurrency(CommittedCase):
    """Every signature is kept once, the chain has no fork, one correction begins."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_aid(Steps, env)
            cls.users = {name: getattr(Steps, name).id for name in AidCommon.AID_ROLES}
            cls.company_id = Steps.company.id
            request = Steps._decide()
            item = request.sudo().agenda_item_ids
            cls.decision_id = request.sudo().decision_id.id
            item.meeting_id.with_user(Steps.secretary).action_close()
            cls.minutes_id = item.meeting_id.minutes_ids.id

    def _sign(self, name):
        def work(env):
            env["beneficiary.minutes"].browse(self.minutes_id)._sign("code")

        return work, self.users[name]

    def _correct(self):
        def work(env):
            env["beneficiary.decision"].browse(self.decision_id)._correct("Wrong")

        return work, self.users["secretary"]

    @mute_logger(*QUIET)
    def test_members_sign_in_the_same_second(self):
        names = ("chair", "member_a", "member_b", "researcher_member")
        results = self.race([self._sign(name) for name in (*names, "chair")])
        refused = [one for one in results if isinstance(one, Exception)]
        self.assertEqual(len(refused), 1)
        self.assertIsInstance(refused[0], REFUSALS)
        with self.environment() as env:
            minutes = env["beneficiary.minutes"].browse(self.minutes_id)
            self.assertEqual(len(minutes.signature_ids), 4)
            self.assertEqual(minutes.state, "signed")
            self.assertEqual(minutes.meeting_id.minutes_state, "signed")
            self.assertEqual(len(minutes.file_ids), 1)
            company = env["res.company"].browse(self.company_id)
            self.assertFalse(env["beneficiary.seal"]._broken(company))

    @mute_logger(*QUIET)
    def test_one_of_two_corrections_begins(self):
        results = self.race([self._correct()] * 2)
        refused = [one for one in results if isinstance(one, Exception)]
        self.assertEqual(len(refused), 1)
        self.assertIsInstance(refused[0], REFUSALS)
