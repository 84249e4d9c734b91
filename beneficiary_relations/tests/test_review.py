from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CITIZENS, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestReview(BeneficiaryCommon):
    """Yearly reviews: reminders, temporary closing, reopening with a reason."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beneficiary.phone = "0501234567"
        cls.beneficiary.branch_id = cls.branch
        cls.beneficiary._activate()
        cls.today = fields.Date.today()

    def _due_in(self, days):
        self.beneficiary.next_review_date = self.today + timedelta(days=days)

    def _messages(self):
        return self.env["beneficiary.message"].search(
            [("partner_id", "=", self.beneficiary.partner_id.id)]
        )

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_relations.ir_cron_review_files"
            ).method_direct_trigger()

    def test_policy_sets_the_next_review(self):
        self.policy.review_months = 6
        file = self._create_beneficiary(identity_number=CITIZENS[1])
        file._activate()
        self.assertEqual(file.next_review_date, fields.Date.add(self.today, months=6))

    def test_reminders_come_once_each(self):
        for days, sent in ((61, 0), (60, 1), (45, 1), (30, 2), (7, 3), (0, 3)):
            with self.subTest(days=days):
                # Another day, not another date of review.
                self.beneficiary.write(
                    {
                        "next_review_date": self.today + timedelta(days=days),
                        "review_reminders": self.beneficiary.review_reminders,
                    }
                )
                self._run()
                self._run()
                self.assertEqual(len(self._messages()), sent)
        activity = self.beneficiary._review_activities()
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.representative)

    def test_late_first_run_sends_one_reminder_only(self):
        self._due_in(5)
        self._run()
        self.assertEqual(len(self._messages()), 1)
        self.assertEqual(self.beneficiary.review_reminders, 3)

    def test_reminder_tells_nothing_of_what_the_association_does(self):
        self._due_in(7)
        self._run()
        body = self._messages().body
        self.assertIn("Hope", body)
        self.assertNotIn(self.beneficiary.file_number, body)
        self.assertNotIn("beneficiar", body.lower())

    def test_reminder_days_come_from_the_policy(self):
        self.policy.first_reminder_days = 90
        self._due_in(80)
        self._run()
        self.assertEqual(self.beneficiary.review_reminders, 1)

    def test_file_is_closed_for_a_while_after_the_grace(self):
        self._due_in(-30)
        self._run()
        self.assertEqual(self.beneficiary.state, "active")
        self._due_in(-31)
        self._run()
        self._run()
        self.assertEqual(self.beneficiary.state, "suspended")
        self.assertEqual(self.beneficiary.state_reason_id.code, "not_updated")
        self.assertEqual(self.beneficiary.review_ids.mapped("outcome"), ["suspended"])

    def test_grace_comes_from_the_policy(self):
        self.policy.grace_days = 60
        self._due_in(-31)
        self._run()
        self.assertEqual(self.beneficiary.state, "active")

    def test_review_done_plans_the_next_one(self):
        self._due_in(7)
        self._run()
        self.beneficiary.with_user(self.researcher).action_review_done()
        self.assertEqual(
            self.beneficiary.next_review_date, fields.Date.add(self.today, years=1)
        )
        self.assertEqual(self.beneficiary.review_reminders, 0)
        self.assertFalse(self.beneficiary._review_activities())
        self.assertEqual(self.beneficiary.review_ids.user_id, self.researcher)

    def test_review_of_a_file_not_active_is_refused(self):
        with self.assertRaisesRegex(UserError, "not active"):
            self._create_beneficiary().with_user(self.officer).action_review_done()

    def test_review_by_others_is_refused(self):
        for user in (self.auditor, self.employee, self.representative):
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    self.beneficiary.with_user(user).action_review_done()

    def test_reopening_asks_for_a_reason_and_plans_a_review(self):
        self._due_in(-31)
        self._run()
        file = self.beneficiary.with_user(self.manager)
        action = file.action_reopen()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"note": "Papers brought"})
        )
        wizard.action_apply()
        self.assertEqual(file.state, "active")
        self.assertEqual(file.state_note, "Papers brought")
        self.assertFalse(file.state_reason_id)
        self.assertGreater(file.next_review_date, self.today)
        self.assertEqual(file.review_ids[0].outcome, "reopened")

    def test_reopening_without_reason_or_role_is_refused_by_any_route(self):
        self._due_in(-31)
        self._run()
        with self.assertRaisesRegex(UserError, "Say why"):
            self.beneficiary.with_user(self.manager).write({"state": "active"})
        with self.assertRaisesRegex(UserError, "role"):
            self.beneficiary.with_user(self.officer).write(
                {"state": "active", "state_note": "x"}
            )
        with self.assertRaises(UserError):
            self.beneficiary.with_user(self.officer).action_reopen()

    def test_trail_is_not_written_by_hand(self):
        for user in (self.officer, self.manager, self.administrator):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["beneficiary.review"].with_user(user).create(
                    {"beneficiary_id": self.beneficiary.id, "outcome": "done"}
                )

    def test_reminders_in_the_wrong_order_are_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.policy.second_reminder_days = 90
            self.policy.flush_recordset()
