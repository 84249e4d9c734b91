from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.exceptions import PortalError

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestRequestLimits(AidCommon):
    """How much and how often a kind of help is given."""

    def _limit(self, **values):
        self.aid_type.write(values)

    def _request_of(self, beneficiary=None, days_ago=0, **values):
        received = fields.Datetime.now() - timedelta(days=days_ago)
        return self._create_request(beneficiary, date_received=received, **values)

    # ------------------------------------------------------------------
    # How often
    # ------------------------------------------------------------------

    def test_second_request_within_the_time_is_not_studied(self):
        self._limit(person_limit=1, person_period=6, person_unit="month")
        first = self._request_of(days_ago=30)
        second = self._request_of()
        self.assertFalse(first.repeat_note)
        self.assertIn(first.name, second.repeat_note)
        self._complete_papers(second)
        self._sign(second)
        second.action_verify()
        with self.assertRaisesRegex(UserError, "may not be given again") as refusal:
            second.action_study()
        self.assertIn(first.name, str(refusal.exception))
        self.assertIn("6 month", str(refusal.exception))
        self._study(first)
        self.assertEqual(first.status, "study")

    def test_after_the_time_it_may_be_given_again(self):
        self._limit(person_limit=1, person_period=1, person_unit="month")
        self._request_of(days_ago=40)
        self.assertFalse(self._request_of().repeat_note)

    def test_once_in_a_life_is_for_good(self):
        self._limit(person_limit=1, person_unit="lifetime")
        self._request_of(days_ago=3000)
        self.assertTrue(self._request_of().repeat_note)

    def test_twice_means_twice(self):
        self._limit(person_limit=2)
        first, second, third = (self._request_of(days_ago=day) for day in (9, 6, 3))
        self.assertFalse(first.repeat_note or second.repeat_note)
        self.assertIn(second.name, third.repeat_note)

    def test_declined_and_withdrawn_requests_do_not_count(self):
        self._limit(person_limit=1)
        declined = self._decide(
            self._refer(self._request_of(days_ago=9)),
            votes={"chair": "no", "member_a": "no", "member_b": "no"},
        )
        self.assertEqual(declined.status, "rejected")
        self._request_of(days_ago=5)._stop("By mistake")
        self.assertFalse(self._request_of().repeat_note)

    def test_another_kind_of_help_does_not_count(self):
        self._limit(person_limit=1)
        medicine = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", self.company.id), ("code", "=", "medicine")]
        )
        self._request_of(days_ago=5, aid_type_id=medicine.id)
        self.assertFalse(self._request_of().repeat_note)

    def test_household_is_counted_together(self):
        self._limit(household_limit=1)
        sister = self._create_other_beneficiary()
        stranger = self._create_other_beneficiary(2)
        sister.household_id = self.household
        first = self._request_of(sister, days_ago=5)
        self.assertIn(first.name, self._request_of().repeat_note)
        self.assertFalse(self._request_of(stranger).repeat_note)

    def test_requests_of_other_branches_count_and_are_not_named(self):
        self._limit(household_limit=1)
        north, south = self.env["beneficiary.branch"].create(
            [
                {"name": "North", "company_id": self.company.id},
                {"name": "South", "company_id": self.company.id},
            ]
        )
        north.user_ids = self.representative
        sister = self._create_other_beneficiary()
        sister.household_id = self.household
        far = self._request_of(sister, days_ago=5, branch_id=south.id)
        near = self._request_of(branch_id=north.id)
        self.assertIn(far.name, near.repeat_note)
        seen = near.with_user(self.representative).repeat_note
        self.assertNotIn(far.name, seen)
        self.assertIn("1 that you may not read", seen)

    def test_manager_allows_an_exception_with_a_reason(self):
        self._limit(person_limit=1)
        self._request_of(days_ago=5)
        second = self._request_of()
        manager = second.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "enter the reason"):
            manager.action_allow_repeat()
        second.repeat_reason = "A second operation"
        for user in (self.officer, self.researcher, self.secretary):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                second.with_user(user).action_allow_repeat()
        with self.assertRaises(AccessError):
            second.repeat_approved_on = second._business_day()
        manager.action_allow_repeat()
        self.assertEqual(second.repeat_approved_by_id, self.manager)
        self.assertIn(
            "A second operation", "".join(second.sudo().message_ids.mapped("body"))
        )
        self._study(second)
        self.assertEqual(second.status, "study")
        second.repeat_reason = "Something else"
        self.assertFalse(second.repeat_approved_on)
        with self.assertRaisesRegex(UserError, "may not be given again"):
            second.action_refer()

    def test_no_exception_where_no_rule_is_in_the_way(self):
        request = self._request_of(repeat_reason="Just so")
        with self.assertRaisesRegex(UserError, "no exception is needed"):
            request.with_user(self.manager).action_allow_repeat()

    def test_later_request_approved_meanwhile_stops_the_earlier_one(self):
        earlier = self._refer(self._request_of(days_ago=9))
        later = self._refer(self._request_of())
        self._limit(person_limit=1)
        later.with_user(self.officer).repeat_reason = "A second operation"
        later.with_user(self.manager).action_allow_repeat()
        self._decide(later)
        self.assertEqual(later.status, "approved")
        with self.assertRaisesRegex(UserError, "may not be given again"):
            self._decide(earlier)

    def test_motion_is_refused_above_the_rule(self):
        first = self._request_of(days_ago=9)
        second = self._refer(self._request_of())
        self._limit(person_limit=1)
        with self.assertRaisesRegex(UserError, first.name):
            self._decide(second)

    def test_many_requests_are_counted_at_once(self):
        self._limit(person_limit=1, household_limit=2)
        people = [self._create_other_beneficiary(number) for number in (2, 3)]
        requests = self.env["beneficiary.aid.request"]
        for person in people:
            requests |= self._request_of(person) | self._request_of(person)
        for some in (requests[:2], requests):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(9):
                some.sudo()._limit_breaches()

    def test_portal_names_the_day_and_nobody(self):
        self._limit(household_limit=1, household_period=1, household_unit="month")
        sister = self._create_other_beneficiary()
        sister.household_id = self.household
        earlier = self._request_of(sister, days_ago=5)
        Draft = self.env["beneficiary.aid.draft"]
        with self.assertRaises(PortalError) as refusal:
            Draft._check_limits(self.beneficiary, self.aid_type)
        self.assertIn("can be asked for again from", str(refusal.exception))
        self.assertNotIn(earlier.name, str(refusal.exception))
        self._limit(household_unit="lifetime")
        with self.assertRaisesRegex(PortalError, "cannot be asked for again here"):
            Draft._check_limits(self.beneficiary, self.aid_type)
        earlier._stop("By mistake")
        Draft._check_limits(self.beneficiary, self.aid_type)

    # ------------------------------------------------------------------
    # How much, and by which nature
    # ------------------------------------------------------------------

    def test_recommendation_keeps_to_the_ceiling_and_to_what_was_asked(self):
        request = self._create_request(amount_requested=3000)
        self._limit(ceiling=2000)
        with self.assertRaisesRegex(ValidationError, "ceiling"):
            request.amount_recommended = 2500
        self._limit(ceiling=0)
        with self.assertRaisesRegex(ValidationError, "Asked for was"):
            request.amount_recommended = 3500
        request.amount_recommended = 3000

    def test_kind_of_help_that_raises_funds_is_not_asked_for(self):
        waqf = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", self.company.id), ("code", "=", "health_waqf")]
        )
        self.assertEqual(waqf.nature, "fund")
        self.assertFalse(waqf.is_requestable)
        with self.assertRaisesRegex(ValidationError, "cannot be asked for"):
            self._create_request(aid_type_id=waqf.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            waqf.is_requestable = True
            waqf.flush_recordset()

    def test_urgent_route_is_for_kinds_of_help_that_have_one(self):
        self._limit(urgent_allowed=False)
        with self.assertRaisesRegex(ValidationError, "no urgent route"):
            self._create_request(urgency="urgent")
