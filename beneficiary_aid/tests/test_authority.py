from datetime import datetime, timedelta

from lxml import html
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestAuthority(AidCommon):
    """The authority matrix: who decides which amount, and no splitting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.committee.copy({"name": "Board", "code": "board"})
        cls.rules = cls.env["beneficiary.approval.rule"].create(
            [
                {
                    "policy_id": cls.policy.id,
                    "amount_to": 2000,
                    "committee_id": cls.committee.id,
                },
                {
                    "policy_id": cls.policy.id,
                    "amount_from": 2000,
                    "no_upper": True,
                    "committee_id": cls.board.id,
                },
            ]
        )
        cls.day = datetime(2026, 3, 1, 9)

    def ask(self, amount, days=0, **values):
        return self._create_request(
            amount_requested=amount,
            date_received=self.day + timedelta(days=days),
            **values,
        )

    def test_band_names_the_committee(self):
        for amount, committee in (
            (1999.99, self.committee),
            (2000, self.board),
            (0, self.committee),
        ):
            with self.subTest(amount=amount):
                request = self.ask(amount, days=-int(amount))
                self.assertEqual(request.authority_committee_id, committee)
                self.assertIn(committee.name, request.authority_note)

    def test_recommended_amount_goes_before_the_asked_one(self):
        request = self.ask(5000)
        self.assertEqual(request.authority_committee_id, self.board)
        request.amount_recommended = 1500
        self.assertEqual(request.authority_committee_id, self.committee)

    def test_three_small_requests_are_one_large(self):
        first, second, third = (self.ask(900, days=day) for day in (0, 10, 20))
        self.assertEqual(third.authority_committee_id, self.board)
        self.assertIn(first.name, third.authority_note)
        self.assertIn(second.name, third.authority_note)
        self._refer(third)
        meeting = self._open_meeting()
        with self.assertRaisesRegex(UserError, "Board"):
            self._put_on_agenda(meeting, third, amount=900)

    def test_what_does_not_add_up(self):
        self.ask(900)
        self.ask(900, days=35)
        other = self.ask(900, days=1, aid_type_id=self.aid_type.copy({"code": "x"}).id)
        cancelled = self.ask(900, days=2)
        cancelled.with_user(self.officer)._stop("By mistake")
        stranger = self.ask(900, days=3, beneficiary=self._create_other_beneficiary())
        request = self.ask(900, days=4)
        self.assertEqual(request.authority_committee_id, self.committee)
        self.assertEqual(other.authority_committee_id, self.committee)
        self.assertEqual(stranger.authority_committee_id, self.committee)
        self.policy.split_days = 60
        request.invalidate_recordset(["authority_committee_id", "authority_note"])
        self.assertEqual(request.authority_committee_id, self.board)
        self.policy.split_days = 0
        request.invalidate_recordset(["authority_committee_id", "authority_note"])
        self.assertEqual(request.authority_committee_id, self.committee)

    def test_motion_above_the_band_is_refused(self):
        request = self.ask(5000, amount_recommended=1500)
        self._refer(request)
        item = self._put_on_agenda(self._open_meeting(), request, amount=2000)
        with self.assertRaisesRegex(UserError, "may not approve"):
            item.action_open_vote()
        item.amount = 1999
        item.action_open_vote()
        self.assertEqual(item.state, "voting")

    def test_specific_rule_goes_before_the_general_one(self):
        self.env["beneficiary.approval.rule"].create(
            {
                "policy_id": self.policy.id,
                "aid_type_ids": [Command.link(self.aid_type.id)],
                "no_upper": True,
                "committee_id": self.board.id,
            }
        )
        self.assertEqual(self.ask(10).authority_committee_id, self.board)

    def test_urgent_route(self):
        self.rules[0].route = "normal"
        self.env["beneficiary.approval.rule"].create(
            {
                "policy_id": self.policy.id,
                "route": "urgent",
                "amount_to": 2000,
                "committee_id": self.board.id,
            }
        )
        self.assertEqual(
            self.ask(10, urgency="urgent").authority_committee_id, self.board
        )
        self.assertEqual(self.ask(10, days=90).authority_committee_id, self.committee)

    def test_amount_no_rule_covers_is_said(self):
        request = self.ask(2500)
        self._refer(request)
        # Taken away afterwards: the agenda holds the line as well.
        self.rules[1].unlink()
        self.assertFalse(request.authority_committee_id)
        self.assertIn("No approval rule", request.authority_note)
        with self.assertRaisesRegex(UserError, "No approval rule"):
            self._put_on_agenda(self._open_meeting(), request)

    def test_request_without_a_rule_is_not_referred(self):
        """Before the agenda: the words name what is missing and where it is added."""
        self.rules[1].unlink()
        request = self.ask(2500)
        self.assertIn(self.aid_type.name, request.authority_gap)
        with self.assertRaisesRegex(
            UserError, r"(?s)Nobody is named.*Policy > Policies.*Approval Rules"
        ):
            self._refer(request)
        self.assertEqual(request.status, "study")
        # Whoever adds the rule lets it go on.
        self.env["beneficiary.approval.rule"].create(
            {
                "policy_id": self.policy.id,
                "amount_from": 2000,
                "no_upper": True,
                "committee_id": self.board.id,
            }
        )
        self.assertFalse(request.authority_gap)
        request.with_user(self.researcher).action_refer()
        self.assertEqual(request.status, "decision")

    def test_one_request_without_a_rule_stops_none_of_the_others(self):
        self.rules[1].unlink()
        large, small = self.ask(2500), self.ask(900, days=90)
        self.assertTrue(large.authority_gap)
        self.assertFalse(small.authority_gap)
        self._refer(small)
        self.assertEqual(small.status, "decision")

    def test_policy_without_rules_has_no_gap(self):
        self.rules.unlink()
        self.assertFalse(self.ask(2500).authority_gap)

    def test_requests_added_up_fall_into_the_gap(self):
        """What counts is the sum of the household, also for the gap."""
        self.rules[1].unlink()
        first, second = (self.ask(1500, days=day) for day in (0, 10))
        self.assertIn("3,000", second.authority_gap)
        self.assertIn(first.name, second.authority_gap)

    def test_overlapping_rules_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "both decide the same amount"):
            self.rules[1].amount_from = 1999
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.rules[0].amount_to = 0
            self.env.flush_all()

    def test_new_version_keeps_the_rules(self):
        self.assertEqual(len(self.policy.copy().approval_rule_ids), 2)

    def test_rules_are_printed_compared_and_published(self):
        newer = self.policy.browse(self.policy.action_new_version()["res_id"])
        section = next(
            one for one in newer._document_sections() if one["key"] == "approval_rules"
        )
        decides = [row["cells"][0] for row in section["rows"]]
        self.assertEqual(decides, [self.committee.name, "Board"])
        self.assertIn("2,000", section["rows"][0]["cells"][4])
        self.assertIn("No difference", newer.difference)
        newer.approval_rule_ids[0].amount_to = 1500
        newer.invalidate_recordset(["difference"])
        words = html.fromstring(newer.difference).text_content()
        self.assertIn("1,500", words)
        self.assertIn("Who decides on which request", words)
        self.assertIn("approval_rules", newer._public_values()["by_key"])

    def test_without_rules_every_committee_decides(self):
        self.rules.unlink()
        request = self._decide(self._refer(self.ask(9000)), amount=2000)
        self.assertEqual(request.status, "approved")
        self.assertFalse(request.authority_note)

    def test_roles(self):
        with self.assertRaises(AccessError):
            self.rules.with_user(self.officer).write({"split_days": 1, "route": "any"})
        self.rules.with_user(self.administrator).write({"route": "any"})
        self.assertTrue(self.rules.with_user(self.auditor).mapped("committee_id.name"))

    def test_queries_do_not_grow(self):
        requests = self.env["beneficiary.aid.request"]
        for day in range(6):
            requests |= self.ask(100, days=day * 40)
        counts = []
        # The first reading fills what the registry keeps.
        for chosen in (requests, requests[:2], requests):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            chosen.mapped("authority_note")
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1])
