"""Parallel sessions of people who decide alone: two deciders, a decider and a vote."""

import sys
from pathlib import Path

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.test_authority_steps import AuthorityCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import QUIET, CommittedCase  # noqa: E402

REFUSALS = (UserError, ValidationError, AccessError)


class Steps(AuthorityCommon):
    """The steps of :class:`AuthorityCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestAuthorityConcurrency(CommittedCase):
    """One decision a step, and a clear word to whoever came second."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            cls._set_up_aid(Steps, env)
            users = {
                name: Steps._create_aid_user(name, "beneficiary_aid.group_decider")
                for name in ("head", "deputy")
            }
            department = Steps._create_authority("Department", users["head"])
            department.user_ids |= users["deputy"]
            Steps._create_rule(department)
            cls.users = {name: user.id for name, user in users.items()}
            cls.fund_id = Steps.fund.id
            cls.request_id = Steps._refer().id

    def _decide(self, name, amount):
        def work(env):
            request = env["beneficiary.aid.request"].browse(self.request_id)
            motion = {"outcome": "approve", "amount": amount, "fund_id": self.fund_id}
            request._decide_in_person(motion, 1)

        return work, self.users[name]

    @mute_logger(*QUIET)
    def test_two_deciders_at_once_make_one_decision(self):
        with self.environment() as env:
            free = env["beneficiary.fund"].browse(self.fund_id).free
        results = self.race([self._decide("head", 1500), self._decide("deputy", 1700)])
        errors = [result for result in results if isinstance(result, Exception)]
        self.assertEqual(len(errors), 1)
        self.assertIsInstance(errors[0], REFUSALS)
        self.assertIn("decided already", str(errors[0]))
        with self.environment() as env:
            request = env["beneficiary.aid.request"].browse(self.request_id)
            self.assertEqual(len(request.decision_ids), 1)
            self.assertIn(request.amount_approved, (1500, 1700))
            self.assertEqual(request.fund_id.free, free - request.amount_approved)
            self.assertFalse(request.decision_ids._broken_seals(request.company_id))

    @mute_logger(*QUIET)
    def test_an_appeal_sent_twice_at_once_is_one(self):
        with self.environment() as env:
            reason = env.ref("beneficiary_aid.decision_reason_not_entitled")
            request = env["beneficiary.aid.request"].browse(self.request_id).copy()
            stage = request.stage_id._of_status(
                "rejected", request.company_id, request.policy_id
            )
            decision = env["beneficiary.decision"]._record(
                {
                    "company_id": request.company_id.id,
                    "request_id": request.id,
                    "round": 0,
                    "kind": "brought",
                    "outcome": "decline",
                    "reason_id": reason.id,
                    "public_text": "No",
                }
            )
            request.write({"stage_id": stage.id, "decision_id": decision.id})
            request_id = request.id

        def work(env):
            request = env["beneficiary.aid.request"].browse(request_id)
            request._file_appeal("Look again")

        results = self.race([work, work])
        errors = [result for result in results if isinstance(result, Exception)]
        self.assertEqual(len(errors), 1)
        self.assertIsInstance(errors[0], REFUSALS)
        with self.environment() as env:
            request = env["beneficiary.aid.request"].browse(request_id)
            self.assertEqual(len(request.appeal_ids), 1)
            self.assertEqual(request.status, "decision")
