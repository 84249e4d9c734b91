from datetime import timedelta

from lxml import html
from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import BeneficiaryCommon

STAFF = (
    "officer",
    "researcher",
    "representative",
    "complaints",
    "privacy",
    "auditor",
    "manager",
    "administrator",
)


@tagged("post_install", "-at_install")
class TestPolicyCirculation(BeneficiaryCommon):
    """The staff reads the policy and says so; the policy is reviewed in time."""

    def _circulate(self):
        self.policy.with_user(self.administrator).action_circulate()
        return self.policy.acknowledgement_ids

    def test_everybody_who_works_by_the_policy_gets_it_to_read(self):
        rows = self._circulate()
        expected = self.env["res.users"].union(*(getattr(self, n) for n in STAFF))
        self.assertEqual(rows.user_id & expected, expected)
        self.assertNotIn(self.employee, rows.user_id)
        self.assertEqual(self.policy.activity_ids.user_id, rows.user_id)
        self.assertEqual(self.policy.acknowledgement_count, 0)
        self._circulate()
        self.assertEqual(self.policy.acknowledgement_ids, rows, "Nobody twice.")
        self.assertEqual(len(self.policy.activity_ids), len(rows))

    def test_a_member_of_the_staff_confirms_for_himself_only(self):
        rows = self._circulate()
        policy = self.policy.with_user(self.representative)
        self.assertTrue(policy.is_mine_to_read)
        policy.action_acknowledge()
        mine = rows.filtered(lambda row: row.user_id == self.representative)
        self.assertEqual(mine.state, "done")
        self.assertEqual(mine.acknowledged_on, fields.Date.context_today(mine))
        self.assertEqual(self.policy.acknowledgement_count, 1)
        self.assertNotIn(self.representative, self.policy.activity_ids.user_id)
        policy.invalidate_recordset()
        self.assertFalse(policy.is_mine_to_read)
        with self.assertRaisesRegex(UserError, "confirmed it already"):
            policy.action_acknowledge()

    def test_who_sees_the_list(self):
        rows = self._circulate()
        Row = self.env["beneficiary.policy.acknowledgement"]
        for user in (self.manager, self.auditor, self.administrator):
            self.assertEqual(
                Row.with_user(user).search([("policy_id", "=", self.policy.id)]), rows
            )
        seen = Row.with_user(self.officer).search([])
        self.assertEqual(seen.user_id, self.officer)
        with self.assertRaises(AccessError):
            Row.with_user(self.employee).search([])
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "administrator", other)
        self.assertFalse(
            Row.with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([("policy_id", "=", self.policy.id)])
        )

    def test_nobody_types_an_acknowledgement_in(self):
        row = self._circulate()[0].with_user(self.administrator)
        with self.assertRaises(AccessError):
            row.acknowledged_on = fields.Date.today()
        with self.assertRaises(AccessError):
            row.unlink()

    def test_only_the_administrator_circulates_and_only_what_is_in_force(self):
        with self.assertRaises(AccessError):
            self.policy.with_user(self.manager).action_circulate()
        draft = self.policy.copy()
        with self.assertRaisesRegex(UserError, "not in force"):
            draft.with_user(self.administrator).action_circulate()

    def test_reminders(self):
        rows = self._circulate()
        rows.circulated_on = fields.Date.today() - timedelta(days=20)
        rows.reminded_on = False
        self.policy.activity_ids.unlink()
        self.policy.with_user(self.officer).action_acknowledge()
        self.env["beneficiary.policy"]._cron_circulation()
        waiting = rows.filtered(lambda row: row.state == "waiting")
        self.assertEqual(
            self.policy.activity_ids.filtered(
                lambda activity: "read" in activity.activity_type_id.name
            ).user_id,
            waiting.user_id,
        )
        self.assertTrue(all(waiting.mapped("reminded_on")))
        action = self.policy.with_user(self.manager).action_remind()
        self.assertIn("0", action["params"]["message"], "Once a day.")
        with self.assertRaisesRegex(UserError, "needs the role"):
            self.policy.with_user(self.officer).action_remind()

    def test_the_review_of_the_policy_comes_due(self):
        today = fields.Date.context_today(self.policy)
        self.policy.write({"user_id": self.manager.id, "next_review_date": today})
        for _run in range(2):
            self.env["beneficiary.policy"]._cron_circulation()
        review = self.policy.activity_ids
        self.assertEqual(len(review), 1)
        self.assertEqual(review.user_id, self.manager)
        self.assertEqual(review.date_deadline, today)


@tagged("post_install", "-at_install")
class TestPolicyPublic(BeneficiaryCommon, HttpCase):
    """What everybody reads, without a login, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"phone": "+966500000000", "email": "hope@example.org"})
        cls.channel = cls.env["beneficiary.channel"].create(
            {"name": "The Counter", "code": "t_one", "company_id": cls.company.id}
        )
        cls.policy.channel_ids = cls.channel

    def _publish(self):
        policy = self.policy.with_user(self.administrator)
        policy.public_address = "test-hope"
        policy.action_publish()

    def _read(self, path):
        response = self.url_open(f"/charity/{path}")
        return response, html.fromstring(response.content)

    def test_only_what_is_in_force_and_published_is_open(self):
        self.policy.public_address = "test-hope"
        for path in ("test-hope", "test-hope/services", "test-hope/policy"):
            self.assertEqual(self._read(path)[0].status_code, 404, "Not published.")
        self._publish()
        for path in ("test-hope", "test-hope/services", "test-hope/policy"):
            self.assertEqual(self._read(path)[0].status_code, 200)
        self.assertEqual(self._read("nobody")[0].status_code, 404)
        self.policy.with_user(self.administrator).action_unpublish()
        self.assertEqual(self._read("test-hope")[0].status_code, 404)

    def test_a_changed_channel_changes_the_page(self):
        self._publish()
        _response, page = self._read("test-hope/policy")
        rows = page.xpath(
            "//*[@data-section='channels']//*[contains(@class, 'o_policy_row')]"
        )
        self.assertEqual([row.text_content().strip() for row in rows], ["The Counter"])
        self.channel.name = "The Hot Line"
        for path in ("test-hope", "test-hope/policy"):
            words = self._read(path)[1].text_content()
            self.assertIn("The Hot Line", words)
            self.assertNotIn("The Counter", words)

    def test_the_charter_tells_how_soon_an_inquiry_is_answered(self):
        self.env["beneficiary.interaction.type"].create(
            {
                "name": "Inquiry",
                "kind": "inquiry",
                "reply_days": 2,
                "company_id": self.company.id,
            }
        )
        self._publish()
        _response, page = self._read("test-hope")
        rows = page.xpath(
            "//*[@data-section='interactions']//*[contains(@class, 'o_policy_row')]"
        )
        self.assertIn("Inquiry: 2 days", [row.text_content().strip() for row in rows])

    def test_the_pages_name_no_person(self):
        self._publish()
        for path in ("test-hope", "test-hope/services", "test-hope/policy"):
            words = self._read(path)[0].text
            for secret in (self.beneficiary.name, self.administrator.name):
                self.assertNotIn(secret, words)

    def test_each_association_has_its_own_address(self):
        self._publish()
        other = self._create_association("Second")
        policy = self._create_policy(other)
        policy.public_address = "test-second"
        policy.action_publish()
        self.assertIn("Second", self._read("test-second")[1].text_content())
        self.assertNotIn("Second", self._read("test-hope")[1].text_content())

    def test_the_pages_follow_the_version_in_force(self):
        self._publish()
        newer = self.policy.copy({"reply_max": 50})
        self.assertFalse(newer.is_published)
        newer._put_in_force()
        self.assertTrue(newer.is_published)
        self.assertIn("50 days", self._read("test-hope/policy")[1].text_content())

    def test_an_address_is_needed_and_has_a_form(self):
        policy = self.policy.with_user(self.administrator)
        with self.assertRaisesRegex(UserError, "no public address"):
            policy.action_publish()
        with self.assertRaises(AccessError):
            self.policy.with_user(self.manager).action_publish()
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            policy.public_address = "Not Good!"
            self.env.flush_all()

    def test_the_beneficiary_finds_the_page(self):
        self._publish()
        self.beneficiary.email = "mohammed@example.org"
        user = self.beneficiary._grant_portal()
        user.write(
            {
                "company_ids": [Command.link(self.company.id)],
                "company_id": self.company.id,
                "password": "long-enough-for-a-test",
            }
        )
        self.authenticate(user.login, "long-enough-for-a-test")
        self.assertIn("/charity/test-hope", self.url_open("/my").text)
