from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import AidCommon

LOGGER = "odoo.addons.beneficiary_aid.models.beneficiary_decision"


@tagged("post_install", "-at_install")
class TestSealCheck(AidCommon):
    """What was changed behind the program's back is found and told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._decide()
        cls.item = cls.request.sudo().agenda_item_ids
        cls.item.meeting_id.with_user(cls.secretary).action_close()
        cls.minutes = cls.item.meeting_id.minutes_ids
        cls.Check = cls.env["beneficiary.seal.check"]

    def _tamper(self, table, change, record):
        self.env.flush_all()
        self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.cr.execute(f"UPDATE {table} SET {change} WHERE id = %s", [record.id])
        self.env.invalidate_all()

    def _checks(self):
        return self.Check.search([("company_id", "=", self.company.id)])

    def test_each_night_leaves_a_record(self):
        before = self._checks()
        self.env["beneficiary.decision"]._cron_check_seals()
        check = self._checks() - before
        self.assertEqual((check.state, check.broken_count), ("ok", 0))
        self.assertEqual(check.decision_count, 1)
        # Three votes and the minutes.
        self.assertEqual(check.seal_count, 4)
        self.assertFalse(check.activity_ids)

    def test_every_change_is_an_alarm(self):
        vote = self.item.vote_ids[0]
        seal = self.env["beneficiary.seal"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        for table, change, record, named in (
            ("beneficiary_vote", "value = 'no'", vote, f"vote {vote.id}"),
            ("beneficiary_minutes", "sign_due = NULL", self.minutes, "minutes"),
            (
                "beneficiary_minutes",
                "content = jsonb_set(content::jsonb, '{title}', '\"X\"')",
                self.minutes,
                "minutes",
            ),
            (
                "beneficiary_minutes",
                'words = \'{"x": {"text": "y", "salt": "z"}}\'',
                self.minutes,
                "minutes",
            ),
            ("beneficiary_seal", "digest = 'x'", seal, seal.res_model),
            ("beneficiary_decision", "amount = 1", self.request.decision_id, "D2"),
        ):
            with self.subTest(change=change), self.cr.savepoint() as savepoint:
                self._tamper(table, change, record)
                check = self.Check._run(self.company)
                self.assertEqual(check.state, "broken")
                self.assertIn(named, check.note)
                self.env.flush_all()
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(self.Check._run(self.company).state, "ok")

    def test_vote_beside_the_chain_is_an_alarm(self):
        self.env.flush_all()
        self.cr.execute(
            "INSERT INTO beneficiary_vote"
            " (item_id, company_id, round, version, member_id, value)"
            " VALUES (%s, %s, 7, 1, %s, 'yes')",
            [self.item.id, self.company.id, self.seats["chair"].id],
        )
        self.env.invalidate_all()
        check = self.Check._run(self.company)
        self.assertEqual((check.state, check.broken_count), ("broken", 1))

    def test_alarm_reaches_auditors_and_administrators_once(self):
        self._tamper("beneficiary_decision", "amount = 1", self.request.decision_id)
        with self.assertLogs(LOGGER, "ERROR"):
            self.env["beneficiary.decision"]._cron_check_seals()
        first = self._checks()[0]
        told = first.activity_ids.user_id
        self.assertLessEqual(self.auditor | self.administrator, told)
        self.assertFalse(told & (self.officer | self.chair | self.clerk))
        mail = first.message_ids.filtered("partner_ids") or self.env[
            "mail.message"
        ].search([("model", "=", first._name), ("res_id", "=", first.id)])
        self.assertLessEqual(
            (self.auditor | self.administrator).partner_id,
            mail.notification_ids.res_partner_id | mail.partner_ids,
        )
        for text in (*mail.mapped("body"), first.note):
            self.assertNotIn(self.beneficiary.name, text)
        second = self.Check._run(self.company)
        self.assertFalse(second.activity_ids)

    def test_who_sees_and_makes_checks(self):
        check = self.Check._run(self.company)
        for name in ("auditor", "administrator"):
            own = self.Check.with_user(getattr(self, name)).with_company(self.company)
            self.assertTrue(own.browse(check.id).has_access("read"))
            action = own.action_check_now()
            self.assertEqual(action["res_model"], "beneficiary.seal.check")
            with self.assertRaises(AccessError):
                own.browse(check.id).write({"state": "ok"})
        for name in ("officer", "secretary", "chair", "manager", "aid_manager"):
            own = self.Check.with_user(getattr(self, name))
            with self.subTest(user=name), self.assertRaises(AccessError):
                own.action_check_now()
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "auditor", other)
        seen = (
            self.Check.with_user(stranger)
            .with_context(allowed_company_ids=other.ids)
            .search([])
        )
        self.assertNotIn(check, seen)
