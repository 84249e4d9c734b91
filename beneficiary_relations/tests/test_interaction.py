from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestInteraction(BeneficiaryCommon):
    """Asked, answered, closed; complaints stay away from whom they are about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inquiry = cls.env["beneficiary.interaction.type"].create(
            {
                "name": "Inquiry",
                "kind": "inquiry",
                "reply_days": 2,
                "company_id": cls.company.id,
            }
        )
        cls.complaint = cls.env["beneficiary.interaction.type"].create(
            {
                "name": "Complaint",
                "kind": "complaint",
                "reply_days": 5,
                "confidential": True,
                "company_id": cls.company.id,
            }
        )

    def _create(self, user=None, **values):
        return (
            self.env["beneficiary.interaction"]
            .with_user(user or self.officer)
            .create(
                {
                    "type_id": self.inquiry.id,
                    "beneficiary_id": self.beneficiary.id,
                    "company_id": self.company.id,
                    "subject": "When?",
                    **values,
                }
            )
        )

    def test_reply_date_comes_from_the_type(self):
        interaction = self._create(date="2026-11-01 10:00:00")
        self.assertEqual(str(interaction.date_due), "2026-11-03")
        self.assertTrue(interaction.is_late)

    def test_waiting_moves_the_reply_date(self):
        with freeze_time("2026-11-01 10:00:00"):
            interaction = self._create(date="2026-11-01 10:00:00")
            interaction.action_wait()
        with freeze_time("2026-11-05 10:00:00"):
            interaction.action_resume()
        self.assertEqual(str(interaction.date_due), "2026-11-07")

    def test_closing_needs_an_answer_by_any_route(self):
        interaction = self._create()
        with self.assertRaisesRegex(UserError, "no answer"):
            interaction.action_close()
        with self.assertRaisesRegex(UserError, "no answer"):
            interaction.write({"state": "closed"})
        interaction.answer = "Tomorrow."
        interaction.action_close()
        self.assertEqual(interaction.state, "closed")

    def test_complaint_is_seen_by_complaints_officer_only(self):
        complaint = self._create(self.complaints, type_id=self.complaint.id)
        self.assertTrue(complaint.with_user(self.complaints).has_access("read"))
        self.assertTrue(complaint.with_user(self.manager).has_access("read"))
        for user in (self.officer, self.researcher, self.auditor, self.employee):
            with self.subTest(user=user.login):
                self.assertFalse(complaint.with_user(user).has_access("read"))

    def test_person_complained_about_sees_nothing_also_as_manager(self):
        complaint = self._create(
            self.complaints,
            type_id=self.complaint.id,
            complained_user_id=self.manager.id,
        )
        with self.assertRaises(AccessError):
            complaint.with_user(self.manager).read(["subject"])
        self.assertFalse(
            self.env["beneficiary.interaction"]
            .with_user(self.manager)
            .search([("id", "=", complaint.id)])
        )

    def test_person_complained_about_is_not_made_responsible(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create(
                self.complaints,
                type_id=self.complaint.id,
                complained_user_id=self.manager.id,
                user_id=self.manager.id,
            )

    def test_quality_officer_reads_suggestions_only(self):
        suggestion_type = self.inquiry.copy(
            {"name": "Suggestion", "kind": "suggestion"}
        )
        suggestion = self._create(type_id=suggestion_type.id)
        inquiry = self._create()
        self.assertTrue(suggestion.with_user(self.quality).has_access("read"))
        self.assertFalse(inquiry.with_user(self.quality).has_access("read"))
        with self.assertRaises(AccessError):
            suggestion.with_user(self.quality).read(["beneficiary_id"])
