from datetime import timedelta

from odoo.tests import tagged
from odoo.tests.common import warmup

from .common import AidCommon

FEW, MANY = 20, 200
CHUNKS = 12


@tagged("post_install", "-at_install")
class TestRequestStepQueries(AidCommon):
    """A step of many requests costs as many statements as a step of a few."""

    @classmethod
    def default_env_context(cls):
        # With chatter and tracking, as people work.
        return {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.beneficiary
        for number in range(1, 5):
            cls.people |= cls._create_other_beneficiary(number)
        first = cls._create_request()
        cls._complete_papers(first)
        for person in cls.people - cls.beneficiary:
            cls._complete_papers(cls._create_request(beneficiary=person))
        people = cls.people.ids
        cls.requests = (
            cls.env["beneficiary.aid.request"]
            .with_user(cls.officer)
            .create(
                [
                    {
                        "beneficiary_id": people[number % len(people)],
                        "aid_type_id": cls.aid_type.id,
                        "amount_requested": 100 + number,
                    }
                    for number in range(FEW + MANY)
                ]
            )
        )
        cls.env.flush_all()
        cls.env.cr.precommit.run()
        # How a declaration is signed is tested elsewhere.
        cls.env.cr.execute(
            "UPDATE beneficiary_aid_request SET is_declared = TRUE WHERE id = ANY(%s)",
            [cls.requests.ids],
        )
        cls.env.invalidate_all()

    def _put_at(self, status, **columns):
        """Put all requests where weeks of work would have put them."""
        stage = self.env["beneficiary.aid.stage"]._of_status(
            status, self.company, self.policy
        )
        self.env.flush_all()
        values = {"stage_id": stage.id, "status": status, **columns}
        for column, value in values.items():
            self.env.cr.execute(
                f"UPDATE beneficiary_aid_request SET {column} = %s WHERE id = ANY(%s)",
                [value, self.requests.ids],
            )
        self.env.invalidate_all()

    def _count(self, requests, step, user=None, **values):
        """Return how many statements a step takes, its log included."""
        wizard = (
            self.env["beneficiary.aid.request.step"]
            .with_user(user or self.officer)
            .create({"request_ids": requests.ids, "step": step, **values})
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        wizard.action_apply()
        self.env.flush_all()
        self.env.cr.precommit.run()
        count = self.env.cr.sql_log_count - before
        self.assertFalse(wizard.is_done, wizard.left_note)
        return count

    def _assert_flat(self, step, budget, **values):
        """The same for few and for many, and within a budget."""
        few, many = self.requests[:FEW], self.requests[FEW:]
        # Once for caches that are filled on the way.
        with self.env.cr.savepoint() as savepoint:
            self._count(few, step, **values)
            self.env.cr.precommit.clear()
            savepoint.rollback()
            self.env.invalidate_all()
        counts = self._count(few, step, **values), self._count(many, step, **values)
        # An INSERT takes a hundred rows: many have a second one in some tables.
        self.assertLessEqual(counts[1] - counts[0], CHUNKS, counts)
        self.assertLessEqual(counts[1], budget, counts)
        return few + many

    @warmup
    def test_verify(self):
        moved = self._assert_flat("verify", 45)
        self.assertEqual(set(moved.mapped("status")), {"verification"})
        for request in moved[:3] + moved[-3:]:
            changes = request.sudo().message_ids.tracking_value_ids
            self.assertIn("stage_id", changes.field_id.mapped("name"))

    @warmup
    def test_study(self):
        self._put_at("verification")
        moved = self._assert_flat("study", 70)
        self.assertTrue(all(request.accepted_document_ids for request in moved))

    @warmup
    def test_refer(self):
        self._put_at("study")
        self.env["beneficiary.assessment"].create(
            [
                {
                    "request_id": request.id,
                    "beneficiary_id": request.beneficiary_id.id,
                    "mechanism_id": self.mechanism.id,
                    "researcher_id": self.researcher.id,
                    "report": "Needs it",
                    "recommendation": "approve",
                }
                for request in self.requests
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE beneficiary_assessment SET state = 'done'"
            " WHERE request_id = ANY(%s)",
            [self.requests.ids],
        )
        self.env.invalidate_all()
        self._assert_flat("refer", 60)

    @warmup
    def test_assign(self):
        self._assert_flat("assign", 40, researcher_id=self.researcher.id)

    @warmup
    def test_ask(self):
        self._assert_flat("ask", 60)

    @warmup
    def test_postpone(self):
        day = self.requests._business_day() + timedelta(days=9)
        self._assert_flat("postpone", 70, day=day, reason="Later")

    @warmup
    def test_cancel(self):
        self._put_at("received")
        self._assert_flat("cancel", 60, reason="Entered twice")

    @warmup
    def test_tell(self):
        decided = self._decide(self._refer(self._create_request()))
        self.policy.early_reply = "allow"
        self._put_at("approved", decision_id=decided.decision_id.id)
        told = self._assert_flat("tell", 90)
        self.assertTrue(all(told.mapped("told_on")))

    @warmup
    def test_close(self):
        decided = self._decide(self._refer(self._create_request()))
        self._put_at("follow_up", decision_id=decided.decision_id.id)
        self._assert_flat("close", 75, outcome="moved")
