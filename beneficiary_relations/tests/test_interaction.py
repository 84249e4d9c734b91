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

    def test_contact_keeps_the_policy_it_was_received_under(self):
        complaint = self._create(self.complaints, type_id=self.complaint.id)
        self.assertEqual(complaint.policy_id, self.policy)
        newer = self.policy.browse(self.policy.action_new_version()["res_id"])
        newer._put_in_force()
        self.env.invalidate_all()
        self.assertEqual(complaint.policy_id, self.policy)
        self.assertEqual(self._create().policy_id, newer)
        for user in (self.complaints, self.officer, self.quality):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                complaint.with_user(user).write({"policy_id": newer.id})
        with self.assertRaisesRegex(AccessError, "not typed in"):
            self._create(policy_id=self.policy.id)

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

    def test_contact_is_kept_over_each_channel_of_the_policy(self):
        channels = self.env["beneficiary.policy"]._adopt("HY", self.company).channel_ids
        self.assertLessEqual(
            {"interview", "phone", "social", "letter", "website"},
            set(channels.mapped("code")),
        )
        contacts = self.env["beneficiary.interaction"].union(
            *[self._create(channel_id=channel.id) for channel in channels]
        )
        contacts.answer = "Tomorrow."
        contacts.action_close()
        self.assertEqual(contacts.channel_id, channels)
        self.assertEqual(set(contacts.mapped("state")), {"closed"})

    def test_letters_in_and_out_are_numbered(self):
        letters = self.env["beneficiary.interaction"].union(
            *[
                self._create(type_id=self.inquiry.copy({"kind": kind}).id)
                for kind in ("letter_in", "letter_out")
            ]
        )
        self.assertEqual(set(letters.mapped("kind")), {"letter_in", "letter_out"})
        self.assertEqual(len(set(letters.mapped("name"))), 2)
        self.assertTrue(all(letters.mapped("date")))

    def test_referred_person_gets_the_answer_of_the_researcher(self):
        referral = self.inquiry.copy({"name": "Referral", "kind": "referral"})
        referred = self._create(type_id=referral.id, user_id=self.researcher.id)
        mine = referred.with_user(self.researcher)
        self.assertEqual(mine.kind, "referral")
        with self.assertRaisesRegex(UserError, "no answer"):
            mine.action_close()
        mine.answer = "Explained step by step."
        mine.action_close()
        self.assertEqual(
            referred.with_user(self.officer).answer, "Explained step by step."
        )
