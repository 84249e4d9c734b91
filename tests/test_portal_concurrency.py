"""One form sent several times at once makes one request: real cursors and commits."""

import base64
import sys
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_aid.tests.common_portal import AidPortalCommon
from odoo.addons.beneficiary_relations.tests.common import CITIZENS
from odoo.addons.beneficiary_relations.tests.common_portal import make_png

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import CommittedCase  # noqa: E402

QUIET = ("odoo.sql_db", "odoo.service.model")


class Steps(AidPortalCommon):
    """The set-up of :class:`AidPortalCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestPortalConcurrency(CommittedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            env = env(context={**env.context, "tracking_disable": True})
            company = Steps._create_association.__func__(
                type("World", (), {"env": env}), "Race"
            )
            Steps.env = env(context={"allowed_company_ids": company.ids})
            Steps.company = company.with_env(Steps.env)
            Steps._create_policy(Steps.company)
            Steps._create_stages(Steps.company)
            aid_type = Steps._create_aid_type(name="Treatment")
            people = [
                Steps._create_beneficiary(
                    identity_number=CITIZENS[number], email=f"race{number}@example.org"
                )
                for number in (1, 2)
            ]
            cls.own_id = people[0].id
            cls.aid_type_id = aid_type.id
            cls.user_id, cls.foreign_user_id = [
                person._grant_portal().id for person in people
            ]

    def setUp(self):
        super().setUp()
        with self.environment(self.user_id) as env:
            own = env["beneficiary.beneficiary"]._portal_own()
            draft = env["beneficiary.aid.draft"]._portal_start(own, self.aid_type_id)
            draft.write(
                {
                    "reason": "Words",
                    "amount": 100,
                    "documents_seen": True,
                    "signer_name": "Sara",
                    "signature": base64.b64encode(make_png()),
                    "signed_on": "2026-01-01 10:00:00",
                    "declaration_text": draft._declaration()[0],
                    "declaration_version": draft._declaration()[1],
                }
            )
            self.form_key = draft.form_key

    def send(self, env):
        """Send the form as the route does."""
        first = env["beneficiary.aid.request"]._portal_by_form_key(self.form_key)
        if first:
            return first.id
        draft = env["beneficiary.aid.draft"]._portal_find(
            [("form_key", "=", self.form_key)]
        )
        if not draft:
            raise AccessError("absent")
        return draft._send().id

    def sent(self):
        """Return the requests made from the form, and what hangs on them."""
        with self.environment() as env:
            requests = env["beneficiary.aid.request"].search(
                [("form_key", "=", self.form_key)]
            )
            notices = env["beneficiary.message"].search_count(
                [("res_model", "=", requests._name), ("res_id", "in", requests.ids)]
            )
            return requests.ids, len(requests.declaration_ids), notices

    @mute_logger(*QUIET)
    def test_five_at_once_give_one_request(self):
        results = self.race([(self.send, self.user_id)] * 5)
        requests, declarations, notices = self.sent()
        self.assertEqual(len(requests), 1)
        self.assertEqual(results, requests * 5)
        self.assertEqual((declarations, notices), (1, 1))

    @mute_logger(*QUIET)
    def test_another_user_at_the_same_moment_gets_nothing(self):
        own, foreign = self.race(
            [(self.send, self.user_id), (self.send, self.foreign_user_id)]
        )
        self.assertEqual([own], self.sent()[0])
        self.assertIsInstance(foreign, AccessError)
