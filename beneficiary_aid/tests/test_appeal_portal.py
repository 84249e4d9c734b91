from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common_portal import PortalCommon

from .common import AidCommon

WORDS = "My situation has changed since"


@tagged("-at_install", "post_install")
class TestAppealPortal(AidCommon, PortalCommon):
    """An appeal sent by the applicant from his page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy.appeal_days = 30
        cls.request = cls._decide(
            cls._refer(cls._create_request(cls.own)),
            outcome="decline",
            reason_id=cls.reason_declined.id,
            amount=0,
            fund_id=False,
        )
        cls.url = f"/my/requests/{cls.request.id}"

    def tell(self, days_ago=0):
        request = self.request.sudo()
        request.told_on = request._business_day() - timedelta(days=days_ago)
        self.env.flush_all()

    def appeals(self):
        self.env.invalidate_all()
        return self.request.sudo().appeal_ids

    def test_not_before_it_was_told(self):
        self.assertNotIn("/appeal", self.url_open(self.url).text)
        self.assertEqual(self.url_open(f"{self.url}/appeal").status_code, 404)
        response = self.post(f"{self.url}/appeal", {"grounds": WORDS})
        self.assertEqual(response.status_code, 422)
        self.assertFalse(self.appeals())

    def test_the_way_of_an_appeal(self):
        self.tell()
        page = self.url_open(self.url).text
        self.assertIn(f"{self.url}/appeal", page)
        self.assertIn("You may ask until", page)
        form = self.url_open(f"{self.url}/appeal")
        self.assertEqual(form.status_code, 200)
        self.assertIn("What should we know?", form.text)
        empty = self.post(f"{self.url}/appeal", {"grounds": "  "})
        self.assertEqual(empty.status_code, 422)
        self.assertIn("Write why", empty.text)
        long = self.post(f"{self.url}/appeal", {"grounds": "x" * 5001})
        self.assertEqual(long.status_code, 422)
        self.assertFalse(self.appeals())
        sent = self.post(f"{self.url}/appeal", {"grounds": WORDS})
        self.assertEqual(sent.status_code, 200)
        appeal = self.appeals()
        self.assertEqual(appeal.grounds, WORDS)
        self.assertEqual(appeal.via, "portal")
        self.assertEqual(appeal.filed_by_id, self.user)
        self.assertEqual(self.request.status, "decision")
        # What was decided the first time is told no more, and nothing is sent twice.
        self.assertNotIn("If you do not agree", self.url_open(self.url).text)
        again = self.post(f"{self.url}/appeal", {"grounds": WORDS})
        self.assertEqual(again.status_code, 422)
        self.assertEqual(len(self.appeals()), 1)

    def test_when_the_answer_comes_and_what_stays(self):
        self.policy.appeal_answer_days = 20
        self.tell()
        self.request.sudo()._portal_appeal(WORDS)
        self.env.flush_all()
        page = self.url_open(self.url).text
        due = self.request._portal_date(self.appeals().answer_due)
        self.assertIn(f"You hear from us by {due}.", page)
        self.assertNotIn("What was granted", page)
        granted = self._decide(
            self._refer(self._create_request(self.own)),
            outcome="approve_less",
            amount=1200,
        )
        granted.sudo().told_on = granted._business_day()
        granted.sudo()._portal_appeal(WORDS)
        self.env.flush_all()
        page = self.url_open(f"/my/requests/{granted.id}").text
        self.assertIn("What was granted to you stays.", page)

    def test_too_late(self):
        self.tell(days_ago=31)
        page = self.url_open(self.url).text
        self.assertNotIn(f"{self.url}/appeal", page)
        self.assertIn("The time to ask that the decision be looked at again", page)
        self.assertEqual(self.url_open(f"{self.url}/appeal").status_code, 404)
        response = self.post(f"{self.url}/appeal", {"grounds": WORDS})
        self.assertEqual(response.status_code, 422)
        self.assertIn("Call us", response.text)
        self.assertFalse(self.appeals())

    def test_a_stranger_sees_and_files_nothing(self):
        self.tell()
        self.log_in(self.foreign_user)
        self.assertEqual(self.url_open(f"{self.url}/appeal").status_code, 404)
        response = self.post(f"{self.url}/appeal", {"grounds": WORDS})
        self.assertEqual(response.status_code, 404)
        self.assertFalse(self.appeals())

    def test_not_by_a_call(self):
        self.tell()
        self.assertRefused(
            "beneficiary.aid.request", "action_appeal", [self.request.id]
        )
        self.assertRefused(
            "beneficiary.aid.request",
            "_portal_appeal",
            [self.request.id],
            WORDS,
        )
        self.assertRefused("beneficiary.appeal", "search_read", [])
        self.assertRefused(
            "beneficiary.appeal",
            "create",
            [{"request_id": self.request.id, "grounds": WORDS}],
        )
