from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestPapersSent(AidCommon):
    """Papers before the meeting: sent once, sealed, without a personal word."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._refer()
        cls.meeting = (
            cls.env["beneficiary.meeting"]
            .with_user(cls.secretary)
            .create({"committee_id": cls.committee.id, "date": "2027-03-10 09:00:00"})
        )
        cls.item = cls._put_on_agenda(cls.meeting, cls.request)

    def test_day_of_the_rule_sheet_and_a_reminder(self):
        self.committee.papers_days = 5
        self.assertEqual(self.meeting.papers_due, fields.Date.to_date("2027-03-05"))
        self.meeting.action_call()
        activity = self.meeting.activity_ids
        self.assertEqual(activity.date_deadline, self.meeting.papers_due)
        self.meeting.action_send_papers()
        self.assertFalse(self.meeting.activity_ids)

    def test_sent_after_the_call_and_once(self):
        with self.assertRaisesRegex(UserError, "after the members are called"):
            self.meeting.action_send_papers()
        self.meeting.action_call()
        self.meeting.action_send_papers()
        self.assertTrue(self.item.papers_seal)
        with self.assertRaisesRegex(UserError, "every item were sent"):
            self.meeting.action_send_papers()
        other = self._refer(self._create_request(self._create_other_beneficiary()))
        later = self._put_on_agenda(self.meeting, other)
        sent = self.item.papers_sent_on
        self.meeting.action_send_papers()
        self.assertTrue(later.papers_sent_on)
        self.assertEqual(self.item.papers_sent_on, sent)

    def test_for_the_secretary(self):
        self.meeting.action_call()
        for user in (self.chair, self.officer, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.meeting.with_user(user).action_send_papers()
        with self.assertRaises(AccessError):
            self.item.papers_seal = {}

    def test_notice_says_nothing_of_a_case(self):
        self.meeting.action_call()
        self.meeting.action_send_papers()
        notice = self.env["mail.message"].search(
            [
                ("model", "=", "beneficiary.meeting"),
                ("res_id", "=", self.meeting.id),
                ("message_type", "=", "user_notification"),
            ],
            order="id desc",
            limit=1,
        )
        self.assertIn(self.meeting.name, notice.body)
        self.assertEqual(len(notice.notified_partner_ids), 5)
        for word in (self.request.name, self.beneficiary.name, "operation"):
            self.assertNotIn(word, notice.body + notice.subject)

    def test_change_since_is_shown_by_part(self):
        self.meeting.action_call()
        self.meeting.action_send_papers()
        self.assertFalse(self.item.papers_change)
        # The motion is worded after the papers.
        self.item.motion = "Another wording"
        self.env.invalidate_all()
        self.assertFalse(self.item.papers_change)
        document = self.request.sudo().document_ids[:1]
        document.sudo().expiry_date = "2028-01-01"
        self.env.invalidate_all()
        self.assertEqual(self.item.papers_change, "Papers")
        state = self.meeting.with_user(self.chair).session_state(self.item.id)
        self.assertEqual(state["item"]["papers_change"], "Papers")

    def test_vote_has_its_own_seal(self):
        self.meeting.action_call()
        self.meeting.action_send_papers()
        self.meeting.date = fields.Datetime.now()
        self.meeting.action_open()
        self._mark_present(self.meeting, "chair", "member_a", "member_b")
        self.item.action_open_vote()
        self.assertTrue(self.item.dossier_hash)
        self.assertFalse(self.item.papers_change)
