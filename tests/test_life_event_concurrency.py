"""Life events recorded at the same moment: real cursors and real commits."""

import sys
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import BeneficiaryCommon

sys.path.insert(0, str(Path(__file__).resolve().parent))

from committed import CommittedCase  # noqa: E402

QUIET = ("odoo.sql_db", "odoo.service.model")


class Steps(BeneficiaryCommon):
    """The set-up of :class:`BeneficiaryCommon` on an environment given from outside."""

    allow_inherited_tests_method = False


@tagged("post_install", "-at_install", "beneficiary_race")
class TestLifeEventConcurrency(CommittedCase):
    """One household, one head, one change at a time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls.environment() as env:
            Steps.env = env(context={**env.context, "tracking_disable": True})
            Steps._set_up_association.__func__(Steps)
            cls.company_id = Steps.company.id
            cls.officer_id = Steps.officer.id
        cls.context = {"allowed_company_ids": [cls.company_id]}

    def setUp(self):
        super().setUp()
        with self.environment() as env:
            household = env["beneficiary.household"].create(
                {"company_id": self.company_id}
            )
            people = env["beneficiary.beneficiary"].create(
                [
                    {
                        "name": relationship,
                        "company_id": self.company_id,
                        "household_id": household.id,
                        "relationship": relationship,
                    }
                    for relationship in ("head", "spouse", "son")
                ]
            )
            self.household_id = household.id
            self.head_id, self.wife_id, self.son_id = people.ids

    def _event(self, kind, person_id, **values):
        with self.environment(self.officer_id) as env:
            return (
                env["beneficiary.life.event"]
                .create(
                    {
                        "kind": kind,
                        "household_id": self.household_id,
                        "beneficiary_id": person_id,
                        **values,
                    }
                )
                .id
            )

    def _race(self, *event_ids):
        def record(event_id):
            return lambda env: (
                env["beneficiary.life.event"].browse(event_id).action_record()
            )

        with mute_logger(*QUIET):
            return self.race(
                [(record(event_id), self.officer_id) for event_id in event_ids]
            )

    def _assert_one_head(self):
        with self.environment() as env:
            household = env["beneficiary.household"].browse(self.household_id)
            heads = household.member_ids.filtered(
                lambda member: member.relationship == "head"
            )
            self.assertEqual(len(heads), 1)
            self.assertEqual(household.head_id, heads)
            for member in household.member_ids:
                row = member.membership_ids.filtered(lambda one: not one.date_to)
                self.assertEqual(row.relationship, member.relationship)

    def test_two_clicks_record_once(self):
        event_id = self._event("death", self.head_id, new_head_id=self.wife_id)
        results = self._race(event_id, event_id)
        refused = [one for one in results if isinstance(one, Exception)]
        self.assertEqual(len(refused), 1)
        self.assertIsInstance(refused[0], UserError)
        self.assertIn("recorded already", str(refused[0]))
        with self.environment() as env:
            event = env["beneficiary.life.event"].browse(event_id)
            self.assertEqual(len(event.line_ids), 2)
        self._assert_one_head()

    def test_two_new_heads_leave_one(self):
        self._race(
            self._event("new_head", self.wife_id), self._event("new_head", self.son_id)
        )
        self._assert_one_head()

    def test_new_head_who_leaves_at_the_same_moment(self):
        results = self._race(
            self._event("death", self.head_id, new_head_id=self.wife_id),
            self._event("move_out", self.wife_id),
        )
        self.assertEqual(
            len([one for one in results if isinstance(one, UserError)]), 1, results
        )
        if isinstance(results[0], UserError):
            with self.environment() as env:
                head = env["beneficiary.beneficiary"].browse(self.head_id)
                self.assertEqual(head.relationship, "head")
        self._assert_one_head()
