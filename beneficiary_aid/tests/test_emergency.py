from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import CITIZENS

from .lists_common import ListsCommon


class EmergencyCommon(ListsCommon):
    """A flood with two households, urgent power with the manager up to 500."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.emergency = (
            cls.env["beneficiary.emergency"]
            .with_user(cls.manager)
            .create(
                {
                    "name": "Flood",
                    "article": "12",
                    "area_ids": cls.area.ids,
                    "committee_id": cls.committee.id,
                    "urgent_cap": 500,
                    "approver_ids": [Command.set(cls.manager.ids)],
                    "confirm_days": 10,
                }
            )
        )
        cls.households = cls._assess(2)

    @classmethod
    def _assess(cls, count, user=None, first=0, **values):
        return (
            cls.env["beneficiary.emergency.household"]
            .with_user(user or cls.researcher)
            .create(
                [
                    {
                        "emergency_id": cls.emergency.id,
                        "person_name": f"Head {first + number}",
                        "area_id": cls.area.id,
                        "members": 4,
                        "needs": "Blankets",
                        **values,
                    }
                    for number in range(count)
                ]
            )
        )

    @classmethod
    def _open(cls, households=None, user=None, amount=300, **values):
        wizard = (
            cls.env["beneficiary.emergency.open"]
            .with_user(user or cls.officer)
            .create(
                {
                    "emergency_id": cls.emergency.id,
                    "household_ids": (households or cls.households).ids,
                    "aid_type_id": cls.basket_type.id,
                    "amount": amount,
                    **values,
                }
            )
        )
        wizard.action_open()
        return cls.emergency.request_ids

    @classmethod
    def _approve(cls, requests, user=None, **values):
        wizard = (
            cls.env["beneficiary.emergency.approve"]
            .with_user(user or cls.manager)
            .create(
                {
                    "emergency_id": cls.emergency.id,
                    "request_ids": requests.ids,
                    "reason": "Homes under water",
                    **values,
                }
            )
        )
        return wizard.action_approve()

    @classmethod
    def _confirm_item(cls, **values):
        return (
            cls.env["beneficiary.agenda.item"]
            .with_user(cls.secretary)
            .create(
                {
                    "meeting_id": cls._open_meeting().id,
                    "emergency_id": cls.emergency.id,
                    "reason_id": cls.reason_entitled.id,
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestEmergencyAssessment(EmergencyCommon):
    def test_quick_form_goes_on_with_the_same_area(self):
        action = self.emergency.with_user(self.researcher).action_assess()
        self.assertEqual(action["context"]["default_area_id"], self.area.id)
        action = self.households[0].action_save_next()
        self.assertEqual(action["context"]["default_emergency_id"], self.emergency.id)
        self.assertEqual(self.households[0].assessed_by_id, self.researcher)

    def test_registering_opens_files_or_finds_them(self):
        found, new = self.households
        found.write({"identity_number": CITIZENS[0]})
        new.write({"identity_number": CITIZENS[2], "phone": "٠٥٠١٢٣٤٥٦٧"})
        self.households.action_register()
        self.assertEqual(found.beneficiary_id, self.beneficiary)
        self.assertEqual(found.person_name, self.beneficiary.name)
        file = new.beneficiary_id
        self.assertEqual((file.state, file.name), ("draft", "Head 1"))
        self.assertEqual(file.phone, "+966501234567")
        self.assertEqual(file.household_id.head_id, file)
        self.assertFalse(new.identity_number or new.phone)

    def test_registering_twice(self):
        self.households.action_register()
        files = self.households.beneficiary_id
        self.households.action_register()
        self.assertEqual(self.households.beneficiary_id, files)

    def test_wrong_identity_and_the_same_twice(self):
        with self.assertRaises(ValidationError):
            self.households[0].identity_number = "1000000001"
        self.households[0].identity_number = CITIZENS[0]
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.households[1].identity_number = CITIZENS[0]
            self.households.flush_recordset()

    def test_bad_input(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._assess(1, members=0)
            self.env.flush_all()
        for values in ({"state": "requested"}, {"beneficiary_id": self.beneficiary.id}):
            with self.assertRaises(AccessError):
                self.households.write(values)

    def test_requests_for_all_at_once(self):
        requests = self._open(amount=50, per_member=True)
        self.assertEqual(len(requests), 2)
        self.assertEqual(set(requests.mapped("amount_requested")), {200})
        self.assertEqual(set(requests.mapped("origin")), {"emergency"})
        self.assertEqual(set(requests.mapped("urgency")), {"urgent"})
        self.assertEqual(set(self.households.mapped("state")), {"requested"})
        with self.assertRaisesRegex(UserError, "already"):
            self._open()

    def _queries_to_open(self, count):
        households = self._assess(count, first=count * 1000)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._open(households)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        self._queries_to_open(2)
        few = self._queries_to_open(5)
        self.assertLessEqual(self._queries_to_open(60), few)

    def test_closed_emergency(self):
        self.emergency.action_close()
        with self.assertRaises(UserError):
            self._assess(1)
        self.assertEqual(set(self.households.mapped("person_name")), {"—"})
        self.assertFalse(any(self.households.mapped("needs")))

    def test_representative_sees_what_he_assessed(self):
        own = self._assess(1, user=self.representative)
        seen = self.env["beneficiary.emergency.household"].with_user(
            self.representative
        )
        self.assertEqual(seen.search([]), own)
        with self.assertRaises(AccessError):
            self.households[0].with_user(self.representative).read(["person_name"])
        with self.assertRaises(AccessError):
            self._open(own, user=self.representative)

    def test_roles(self):
        for user in (self.auditor, self.secretary):
            with self.assertRaises(AccessError):
                self._assess(1, user=user)
            with self.assertRaises(AccessError):
                self._open(user=user)
        for user in (self.officer, self.researcher):
            with self.assertRaises(AccessError):
                self.emergency.with_user(user).write({"urgent_cap": 9999})
        with self.assertRaises(AccessError):
            self.emergency.with_user(self.employee).read(["name"])

    def test_other_company(self):
        other = self._other_company_officer()
        own = self.emergency.with_user(other).with_context(
            allowed_company_ids=other.company_ids.ids
        )
        self.assertFalse(own.search([]))
        households = self.households.with_env(own.env)
        self.assertFalse(households.search([]))
        with self.assertRaises(AccessError):
            own.action_close()


@tagged("post_install", "-at_install")
class TestUrgentPower(EmergencyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.households[0].identity_number = CITIZENS[2]
        cls.requests = cls._open()

    def test_one_decision_by_name_takes_effect_at_once(self):
        self._approve(self.requests)
        decision = self.requests.decision_id
        self.assertEqual(len(decision), 1)
        self.assertEqual(
            (decision.power, decision.decided_by_id, decision.emergency_id),
            ("urgent", self.manager, self.emergency),
        )
        self.assertEqual(decision.amount, 600)
        self.assertEqual(decision.urgent_reason, "Homes under water")
        self.assertFalse(self.env["beneficiary.decision"]._broken_seals(self.company))
        self.assertEqual(set(self.requests.mapped("status")), {"approved"})
        self.assertEqual(set(self.requests.mapped("amount_approved")), {300})
        self.assertEqual(set(self.requests.mapped("confirm_state")), {"to_confirm"})
        self.assertEqual(
            self.requests[0].confirm_due,
            self.emergency._business_day() + timedelta(days=10),
        )
        # Without an identity the file stays a draft, and help goes out all the same.
        self.assertEqual(
            self.requests.beneficiary_id.mapped("state"), ["active", "draft"]
        )
        self.requests.with_user(self.officer).action_deliver()
        self.assertEqual(set(self.requests.mapped("status")), {"delivery"})

    def test_money_is_promised_by_the_fund(self):
        self._approve(self.requests, outcome="approve", fund_id=self.fund.id)
        self.assertEqual(self.fund.committed, 600)
        self.assertEqual(set(self.requests.mapped("amount_committed")), {300})
        with self.assertRaises(UserError):
            self._approve(self.requests, outcome="approve", fund_id=self.fund.id)
        self.assertEqual(self.fund.committed, 600)

    def test_fund_that_is_empty(self):
        empty = self.env["beneficiary.fund"].create(
            {"name": "Empty", "code": "EMPTY", "company_id": self.company.id}
        )
        with self.assertRaises(UserError):
            self._approve(self.requests, outcome="approve", fund_id=empty.id)

    def test_money_without_a_fund(self):
        with self.assertRaisesRegex(UserError, "fund"):
            self._approve(self.requests, outcome="approve")

    def test_above_the_cap(self):
        self.emergency.urgent_cap = 299
        with self.assertRaisesRegex(UserError, self.requests[0].name):
            self._approve(self.requests)

    def test_not_more_often_than_its_rule_says(self):
        self.basket_type.write({"person_limit": 1, "person_period": 6})
        known = self.requests[0].beneficiary_id
        before = self._create_request(known, aid_type_id=self.basket_type.id)
        before.sudo().date_received -= timedelta(days=20)
        with self.assertRaisesRegex(UserError, self.requests[0].name) as refusal:
            self._approve(self.requests)
        self.assertIn("as often as its rule allows", str(refusal.exception))
        self.assertNotIn(self.requests[1].name, str(refusal.exception))
        self.assertFalse(self.requests.decision_id)
        first = self.requests[0]
        first.with_user(self.officer).repeat_reason = "The house is gone"
        first.with_user(self.manager).action_allow_repeat()
        self._approve(self.requests)
        self.assertEqual(set(self.requests.mapped("status")), {"approved"})

    def test_not_twice_to_a_household_in_one_approval(self):
        self.basket_type.household_limit = 1
        mother, son = self.requests.beneficiary_id
        son.write({"relationship": "son", "household_id": mother.household_id.id})
        with self.assertRaisesRegex(UserError, "as often as its rule allows"):
            self._approve(self.requests)
        self._approve(self.requests[0])
        self.assertEqual(self.requests.mapped("status"), ["approved", "received"])

    def test_only_who_is_named(self):
        self.aid_manager.group_ids = [
            Command.link(self.env.ref("beneficiary_relations.group_manager").id)
        ]
        for user in (self.aid_manager, self.officer, self.chair):
            with self.assertRaises(AccessError):
                self._approve(self.requests, user=user)
            with self.assertRaises(AccessError):
                self.emergency.with_user(user).action_approve()

    def test_no_urgent_power_without_a_cap(self):
        self.emergency.urgent_cap = 0
        with self.assertRaises(AccessError):
            self._approve(self.requests)

    def test_not_for_own_kin(self):
        self.requests[0].beneficiary_id.sudo().phone = "0501234567"
        self.manager.partner_id.phone = "+966501234567"
        with self.assertRaisesRegex(UserError, "kin"):
            self._approve(self.requests)

    def test_not_what_he_assessed_himself(self):
        own = self._assess(1, user=self.manager, first=9)
        requests = self._open(own) - self.requests
        with self.assertRaisesRegex(UserError, "assessed by you"):
            self._approve(requests)

    def test_requests_of_others(self):
        request = self._create_request()
        with self.assertRaises(UserError):
            self._approve(request)

    def test_second_click(self):
        self._approve(self.requests)
        with self.assertRaisesRegex(UserError, "decided"):
            self._approve(self.requests)

    def test_committee_confirms_as_one_list(self):
        self._approve(self.requests)
        urgent = self.requests.decision_id
        meeting = self._open_meeting()
        meeting.action_fill_agenda()
        item = meeting.item_ids
        self.assertEqual(item.emergency_id, self.emergency)
        item.reason_id = self.reason_entitled
        self._decide_list(item)
        self.assertEqual(set(self.requests.mapped("confirm_state")), {"confirmed"})
        self.assertEqual(self.requests.confirm_decision_id, item.decision_ids)
        self.assertEqual(self.requests.decision_id, urgent)
        self.assertFalse(self.emergency._list_waits())
        self.emergency.action_close()

    def test_what_comes_after_the_vote_was_opened_waits(self):
        self._approve(self.requests[0])
        item = self._confirm_item()
        item.action_open_vote()
        self._approve(self.requests[1])
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(
            self.requests.mapped("confirm_state"), ["confirmed", "to_confirm"]
        )

    def test_not_confirmed_stands_and_is_reported(self):
        self._approve(self.requests)
        item = self._confirm_item(outcome="decline", reason_id=self.reason_declined.id)
        self._decide_list(item)
        self.assertEqual(set(self.requests.mapped("confirm_state")), {"not_confirmed"})
        self.assertEqual(set(self.requests.mapped("status")), {"approved"})
        self.assertEqual(self.emergency.not_confirmed_count, 2)
        self.assertIn(
            "Requests approved urgently were not confirmed",
            self.emergency.activity_ids.mapped("summary"),
        )

    def test_who_approved_or_assessed_does_not_confirm(self):
        self.researcher_member.group_ids = [
            Command.link(
                self.env.ref("beneficiary_relations.group_relations_officer").id
            )
        ]
        own = self._assess(1, user=self.researcher_member, first=9)
        self._approve(self._open(own))
        item = self._confirm_item()
        item.action_open_vote()
        self.assertNotIn(self.seats["researcher_member"], item.eligible_member_ids)

    def test_waiting_emergency_is_not_closed(self):
        self._approve(self.requests)
        with self.assertRaises(UserError):
            self.emergency.action_close()

    def test_late_confirmation_is_reminded_once(self):
        self._approve(self.requests)
        Emergency = self.env["beneficiary.emergency"]
        Emergency._cron_late_confirmations()
        self.assertFalse(self.emergency.activity_ids)
        self.requests.sudo().confirm_due = fields.Date.today() - timedelta(days=2)
        Emergency._cron_late_confirmations()
        Emergency._cron_late_confirmations()
        self.assertEqual(len(self.emergency.activity_ids), 1)
        self.emergency.invalidate_recordset()
        self.assertTrue(self.emergency.is_overdue)
        self.assertIn(self.emergency, Emergency.search([("is_overdue", "=", True)]))

    def test_report(self):
        self._approve(self.requests[0])
        self.emergency.invalidate_recordset()
        self.assertEqual(self.emergency.household_count, 2)
        self.assertEqual(self.emergency.people_count, 8)
        self.assertEqual(self.emergency.amount_asked, 600)
        self.assertEqual(self.emergency.amount_approved, 300)
        self.assertEqual(self.emergency.waiting_count, 1)
        self.assertEqual(self.emergency.papers_missing_count, 2)

    def test_typed_in(self):
        request = self.requests[0].with_user(self.officer)
        for values in (
            {"confirm_state": "confirmed"},
            {"emergency_id": False},
            {"confirm_due": fields.Date.today()},
        ):
            with self.assertRaises(AccessError):
                request.write(values)

    def test_person_is_cut_from_the_emergency(self):
        household = self.households[0]
        data = household.beneficiary_id._person_data()
        self.assertEqual(len(data["beneficiary.emergency.household"]), 1)
        values = household.beneficiary_id._anonymise_values(household._name)
        self.assertEqual(values["person_name"], "—")
