from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestPolicy(BeneficiaryCommon):
    """Versions of the policy and its reply window."""

    def test_new_version_ends_the_one_before(self):
        action = self.policy.with_user(self.administrator).action_new_version()
        newer = self.env["beneficiary.policy"].browse(action["res_id"])
        self.assertEqual(newer.version, 2)
        newer.with_user(self.administrator).action_put_in_force()
        self.assertEqual(self.policy.state, "superseded")
        self.assertEqual(self.env["beneficiary.policy"]._in_force(self.company), newer)

    def test_second_policy_in_force_is_refused_by_the_database(self):
        newer = self.policy.copy()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            newer.state = "in_force"
            self.env.flush_all()

    def test_superseded_version_does_not_come_back(self):
        newer = self.policy.copy()
        newer._put_in_force()
        with self.assertRaisesRegex(UserError, "not a draft"):
            self.policy._put_in_force()

    def test_lines_of_a_version_that_is_over_stay_as_they_were(self):
        own = {"policy_id": self.policy.id, "name": "Line"}
        criterion = self.env["beneficiary.criterion"].create(
            {**own, "kind": "automatic", "value_field": "age", "mandatory": False}
        )
        self.env["beneficiary.criterion.band"].create(
            {"criterion_id": criterion.id, "no_lower": True, "upper": 5, "points": 1}
        )
        self.env["beneficiary.need.band"].create({**own, "no_upper": True})
        self.env["beneficiary.policy.reference"].create(own)
        self.env["beneficiary.policy.statement"].create(own)
        self.env["beneficiary.mechanism.rule"].create(
            {
                "policy_id": self.policy.id,
                "mechanism_id": self.env["beneficiary.mechanism"]
                .create({"name": "Visit", "code": "x", "company_id": self.company.id})
                .id,
            }
        )
        newer = self.policy.copy()
        newer._put_in_force()
        for parts in (
            "criterion_ids",
            "criterion_ids.band_ids",
            "need_band_ids",
            "reference_ids",
            "statement_ids",
            "mechanism_rule_ids",
        ):
            line = self.policy.mapped(parts)[:1].with_user(self.administrator)
            self.assertTrue(line, parts)
            for change in (
                lambda line=line: line.write({"company_id": line.company_id.id}),
                lambda line=line: line.unlink(),
            ):
                with (
                    self.subTest(parts=parts),
                    self.assertRaisesRegex(UserError, "is over and stays as it was"),
                    self.cr.savepoint(),
                ):
                    change()
        line = newer.statement_ids[:1].with_user(self.administrator)
        line.name = "Another sentence"
        with self.assertRaisesRegex(UserError, "is over"):
            line.policy_id = self.policy
        with self.assertRaisesRegex(UserError, "is over"), self.cr.savepoint():
            self.policy.statement_ids[:1].with_user(self.administrator).copy()

    def test_approval_is_not_copied_to_a_new_version(self):
        self.policy.write({"approval_reference": "4/2026", "approval_body": "Board"})
        newer = self.policy.copy()
        self.assertFalse(newer.approval_reference)
        self.assertFalse(newer.approval_body)

    def test_officer_does_not_change_the_policy(self):
        with self.assertRaises(AccessError):
            self.policy.with_user(self.officer).reply_max = 10
        with self.assertRaises(AccessError):
            self.policy.with_user(self.officer).action_put_in_force()

    def test_reply_window_of_the_policy(self):
        self.assertEqual(
            self.policy._reply_window(date(2027, 1, 31)),
            (date(2027, 2, 28), date(2027, 4, 1)),
        )

    def test_floor_behind_the_deadline_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "before it may be given"):
            self.policy.write({"reply_max": 10, "reply_max_unit": "day"})

    def test_a_month_may_be_longer_than_thirty_days(self):
        policy = self.policy
        self.assertEqual((policy.study_min, policy.study_min_unit), (1, "month"))
        for day in ("2026-02-01", "2026-11-21"):
            with (
                self.subTest(day=day),
                freeze_time(day),
                self.assertRaisesRegex(ValidationError, "before it may be given"),
            ):
                policy.write({"reply_max": 30, "reply_max_unit": "day"})
        policy.write({"reply_max": 31, "reply_max_unit": "day"})

    def test_two_associations_have_two_policies(self):
        other = self._create_association("Other")
        policy = self._create_policy(other, reply_max=40)
        in_force = self.env["beneficiary.policy"]._in_force
        self.assertEqual(in_force(other), policy)
        self.assertEqual(in_force(self.company), self.policy)
