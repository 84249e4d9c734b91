"""Two urgent approvals at once: help for one household is given once."""

import sys
from pathlib import Path

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.test_emergency import EmergencyCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402


class Steps(EmergencyCommon):
    """The steps of :class:`EmergencyCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestEmergencyConcurrency(CommittedCase):
    """How often holds between two who approve in the same second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_aid(Steps, env)
            cls.approver_id = Steps.manager.id
            Steps.emergency = (
                Steps.env["beneficiary.emergency"]
                .with_user(Steps.manager)
                .create(
                    {
                        "name": "Flood",
                        "area_ids": Steps.area.ids,
                        "committee_id": Steps.committee.id,
                        "urgent_cap": 500,
                        "approver_ids": [Command.set(Steps.manager.ids)],
                    }
                )
            )
            Steps.basket_type.household_limit = 1
            requests = Steps._open(Steps._assess(2))
            mother, son = requests.beneficiary_id
            son.write({"relationship": "son", "household_id": mother.household_id.id})
            cls.request_ids = requests.ids
            cls.emergency_id = Steps.emergency.id

    def _approve(self, request_id):
        def work(env):
            env["beneficiary.emergency.approve"].create(
                {
                    "emergency_id": self.emergency_id,
                    "request_ids": [Command.set([request_id])],
                    "reason": "Homes under water",
                }
            ).action_approve()

        return work, self.approver_id

    @mute_logger(*QUIET)
    def test_one_household_is_approved_once(self):
        results = self.race([self._approve(one) for one in self.request_ids])
        self.assertDone(results, done=1)
        with self.environment() as env:
            requests = env["beneficiary.aid.request"].browse(self.request_ids)
            self.assertEqual(len(requests.decision_id), 1)
            self.assertEqual(
                sorted(requests.mapped("status")), ["approved", "received"]
            )
