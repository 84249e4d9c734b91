from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .lists_common import ListsCommon


@tagged("post_install", "-at_install")
class TestOutreach(ListsCommon):
    """Who qualifies and has not asked gets a request, and is invited to sign it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.poor = cls._create_family(1, phone="0505555555", marital_status="widowed")
        cls.rich = cls._create_family(2, income=9000, marital_status="married")
        cls.criterion, cls.question = cls.env["beneficiary.criterion"].create(
            [
                {
                    "name": "Widowed",
                    "policy_id": cls.policy.id,
                    "kind": "automatic",
                    "domain": "[('marital_status', '=', 'widowed')]",
                    "value_field": "marital_status",
                },
                {"name": "Needs it", "policy_id": cls.policy.id, "kind": "manual"},
            ]
        )
        cls.kind = cls.env["beneficiary.aid.type"].create(
            {
                "name": "School bag",
                "company_id": cls.company.id,
                "nature": "in_kind",
                "criterion_ids": [Command.set((cls.criterion | cls.question).ids)],
            }
        )
        cls.outreach = (
            cls.env["beneficiary.outreach"]
            .with_user(cls.officer)
            .create({"name": "School bags", "aid_type_id": cls.kind.id})
        )

    def _line_of(self, person):
        return self.outreach.line_ids.filtered(lambda one: one.beneficiary_id == person)

    def test_list_says_why(self):
        self.outreach.action_make_list()
        poor, rich = self._line_of(self.poor), self._line_of(self.rich)
        self.assertEqual((poor.result, rich.result), ("in", "out"))
        self.assertEqual(poor.reason, "Widowed: met (Widowed)\nNeeds it: to be asked")
        self.assertIn("Widowed: not met (Married)", rich.reason)

    def test_requests_are_opened_and_not_declared(self):
        self.outreach.action_make_list()
        self.outreach.action_open_requests()
        request = self._line_of(self.poor).request_id
        self.assertEqual(
            (request.origin, request.outreach_id, request.status),
            ("outreach", self.outreach, "received"),
        )
        self.assertFalse(request.is_declared)
        self.assertEqual(request.user_id, self.officer)
        with self.assertRaisesRegex(UserError, "declaration"):
            request.with_user(self.officer).action_study()
        message = self.env["beneficiary.message"].search(
            [("partner_id", "=", self.poor.partner_id.id)]
        )
        self.assertIn(request.name, message.body)
        self.assertNotIn("School", message.body)
        self.assertFalse(self._line_of(self.rich).request_id)

    def test_second_click(self):
        self.outreach.action_make_list()
        self.outreach.action_open_requests()
        with self.assertRaises(UserError):
            self.outreach.action_open_requests()
        with self.assertRaises(UserError):
            self.outreach.action_make_list()
        self.assertEqual(len(self.outreach.request_ids), 1)

    def test_who_asked_is_left_out_with_the_number(self):
        request = self._create_request(self.poor, aid_type_id=self.kind.id)
        self.outreach.action_make_list()
        line = self._line_of(self.poor)
        self.assertEqual(line.result, "out")
        self.assertIn(request.name, line.reason)

    def test_who_asked_after_the_list_was_made_is_left_out(self):
        other = self._create_family(3, marital_status="widowed")
        self.outreach.action_make_list()
        self._create_request(self.poor, aid_type_id=self.kind.id)
        self.outreach.action_open_requests()
        self.assertFalse(self._line_of(self.poor).request_id)
        self.assertTrue(self._line_of(other).request_id)

    def test_as_often_as_allowed(self):
        self.kind.write({"person_limit": 1, "person_unit": "lifetime"})
        request = self._create_request(self.poor, aid_type_id=self.kind.id)
        stage = self.env["beneficiary.aid.stage"]._of_status(
            "closed", self.company, self.policy
        )
        request.sudo().write({"stage_id": stage.id, "outcome": "served"})
        self.outreach.action_make_list()
        line = self._line_of(self.poor)
        self.assertEqual(line.result, "out")
        self.assertIn("as often as allowed", line.reason)

    def test_left_out_by_hand(self):
        other = self._create_family(3, marital_status="widowed")
        self.outreach.action_make_list()
        self._line_of(self.poor).with_user(self.officer).leave_out = "Moved away"
        self.outreach.action_open_requests()
        self.assertEqual(self.outreach.request_ids.beneficiary_id, other)

    def test_nobody_qualifies(self):
        self.poor.marital_status = "single"
        self.outreach.action_make_list()
        with self.assertRaises(UserError):
            self.outreach.action_open_requests()

    def test_typed_in(self):
        self.outreach.action_make_list()
        line = self._line_of(self.rich).with_user(self.officer)
        with self.assertRaises(AccessError):
            line.result = "in"
        with self.assertRaises(AccessError):
            self.outreach.state = "done"
        request = self._create_request(self.poor)
        with self.assertRaises(AccessError):
            request.origin = "outreach"

    def test_roles(self):
        self.outreach.action_make_list()
        for user in (self.auditor, self.researcher, self.secretary):
            own = self.outreach.with_user(user)
            self.assertTrue(own.line_ids)
            with self.assertRaises(AccessError):
                own.action_open_requests()
        for user in (self.representative, self.employee):
            with self.assertRaises(AccessError):
                self.outreach.with_user(user).read(["name"])

    def test_other_company(self):
        other = self._other_company_officer()
        own = self.outreach.with_user(other).with_context(
            allowed_company_ids=other.company_ids.ids
        )
        self.assertFalse(own.search([]))
        with self.assertRaises(AccessError):
            own.action_make_list()

    def _queries_to_open(self, count):
        """Open requests for so many new families; return how many queries it took."""
        area = self.env["beneficiary.area"].create(
            {"name": f"Area {count}", "company_id": self.company.id}
        )
        for number in range(count):
            person = self._create_family(
                f"{count}{number}", marital_status="widowed", phone="0505555555"
            )
            person.area_id = area
        outreach = self.outreach.create(
            {"name": "N", "aid_type_id": self.kind.id, "area_ids": area.ids}
        )
        outreach.action_make_list()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        outreach.action_open_requests()
        self.env.flush_all()
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(len(outreach.request_ids), count)
        return queries

    def test_queries_do_not_grow_with_the_list(self):
        self._queries_to_open(2)
        few = self._queries_to_open(5)
        self.assertLessEqual(self._queries_to_open(60), few)
