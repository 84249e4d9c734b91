from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import warmup

from odoo.addons.beneficiary_relations.tests.common import CITIZENS

from .common import AidCommon

IBAN = "SA0380000000608010167519"


@tagged("post_install", "-at_install")
class TestConflict(AidCommon):
    """Ties between members and people: found, answered, and never decided for kin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._refer()
        cls.meeting = cls._open_meeting()
        cls.member = cls.seats["member_a"]

    def _item(self, meeting=None):
        return self._put_on_agenda(meeting or self.meeting, self.request)

    def _kinds(self, item, name="member_a"):
        return set(
            item.sudo()
            .conflict_ids.filtered(lambda one: one.member_id == self.seats[name])
            .mapped("kind")
        )

    def _give_file(self, **values):
        """The member has a file of his own."""
        self.member.own_identity_number = CITIZENS[2]
        return self._create_beneficiary(
            name="عضو اللجنة", identity_number=CITIZENS[2], **values
        )

    # ------------------------------------------------------------------
    # What is found
    # ------------------------------------------------------------------

    def test_nothing_is_proposed_between_strangers(self):
        self.assertFalse(self._item().sudo().conflict_ids)

    def test_own_details_of_a_member(self):
        person = self.beneficiary
        person.write({"phone": "0501234567", "short_address": "RRRD2929"})
        person.employer = "شركة الأمل للتجارة"
        person.iban = IBAN
        self.member.write(
            {
                "own_phone": "٠٥٠١٢٣٤٥٦٧",
                "own_short_address": "rrrd2929",
                "own_employer": "شركة الامل  للتجارة",
                "own_iban": "SA03 8000 0000 6080 1016 7519",
            }
        )
        self.assertEqual(
            self._kinds(self._item()), {"phone", "address", "employer", "iban"}
        )

    def test_contact_of_the_user(self):
        self.beneficiary.phone = "0501234567"
        self.member_a.partner_id.phone = "+966 50 123 4567"
        self.assertEqual(self._kinds(self._item()), {"phone"})

    def test_the_person_himself(self):
        self.member.own_identity_number = self.beneficiary.identity_number
        self.assertIn("self", self._kinds(self._item()))

    def test_same_household(self):
        own = self._give_file()
        household = self.env["beneficiary.household"].create(
            {"company_id": self.company.id}
        )
        self.beneficiary.write({"household_id": household.id, "relationship": "head"})
        own.write({"household_id": household.id, "relationship": "sibling"})
        kinds = self._kinds(self._item())
        self.assertIn("household", kinds)
        self.assertNotIn("former_household", kinds)

    def test_former_household(self):
        own = self._give_file()
        household = self.env["beneficiary.household"].create(
            {"company_id": self.company.id}
        )
        self.beneficiary.write({"household_id": household.id, "relationship": "head"})
        own.write({"household_id": household.id, "relationship": "son"})
        own.write({"household_id": False, "relationship": False})
        self.assertEqual(self._kinds(self._item()), {"former_household"})

    def test_mandate(self):
        own = self._give_file()
        mandate = self.env["beneficiary.mandate"].create(
            {
                "beneficiary_id": self.beneficiary.id,
                "holder_id": own.partner_id.id,
                "kind": "agent",
            }
        )
        # A draft binds nobody.
        self.assertFalse(self._kinds(self._item()))
        self.env.cr.execute(
            "UPDATE beneficiary_mandate SET state = 'active' WHERE id = %s",
            [mandate.id],
        )
        self.env.invalidate_all()
        self.meeting.item_ids.action_propose_conflicts()
        self.assertEqual(self._kinds(self.meeting.item_ids), {"mandate"})

    def test_phone_of_somebody_in_the_household(self):
        other = self._create_other_beneficiary()
        household = self.env["beneficiary.household"].create(
            {"company_id": self.company.id}
        )
        self.beneficiary.write({"household_id": household.id, "relationship": "head"})
        other.write(
            {
                "household_id": household.id,
                "relationship": "spouse",
                "phone": "0507654321",
            }
        )
        self.member.own_phone = "0507654321"
        self.assertEqual(self._kinds(self._item()), {"phone"})

    def test_author_of_the_study_is_confirmed_by_the_system(self):
        request = self._refer(
            self._create_request(self._create_other_beneficiary()),
            user=self.researcher_member,
        )
        item = self._put_on_agenda(self.meeting, request)
        conflict = item.sudo().conflict_ids
        self.assertEqual((conflict.kind, conflict.state), ("study", "confirmed"))
        with self.assertRaisesRegex(UserError, "studied the case"):
            conflict.with_user(self.secretary)._reject("Small association")

    def test_members_of_another_association_are_not_compared(self):
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_member", other
        )
        committee = self.env["beneficiary.committee"].create(
            {"name": "Other", "company_id": other.id}
        )
        self.beneficiary.phone = "0501234567"
        self.env["beneficiary.committee.member"].create(
            {
                "committee_id": committee.id,
                "user_id": stranger.id,
                "own_phone": "0501234567",
                "date_from": "2020-01-01",
            }
        )
        self.assertFalse(self._item().sudo().conflict_ids)

    def test_ties_are_looked_for_when_members_are_called(self):
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": self.committee.id})
        )
        item = self._item(meeting)
        self.assertFalse(item.sudo().conflict_ids)
        self.beneficiary.phone = "0501234567"
        self.member.own_phone = "0501234567"
        meeting.action_call()
        self.assertEqual(self._kinds(item), {"phone"})
        meeting.action_open()
        self.assertEqual(len(item.sudo().conflict_ids), 1)

    @warmup
    def test_forty_items_cost_as_much_as_one(self):
        items = self._item()
        for number in range(1, 5):
            person = self._create_other_beneficiary(number)
            items |= self._put_on_agenda(
                self.meeting, self._refer(self._create_request(person))
            )

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            records.sudo()._find_conflicts()
            return self.cr.sql_log_count - start

        count(items)
        self.assertLessEqual(count(items), count(items[:1]) + len(items))

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _kin_item(self):
        self.member.own_identity_number = self.beneficiary.identity_number
        item = self._item()
        return item, item.conflict_ids.with_user(self.secretary)

    def test_unanswered_kin_blocks_the_vote(self):
        item, conflict = self._kin_item()
        self.assertTrue(conflict.is_kin)
        with self.assertRaisesRegex(UserError, "answer first.*aid_member_a"):
            item.action_open_vote()
        conflict.action_confirm()
        self.assertEqual(item.recused_member_ids, self.member)
        item.action_open_vote()
        self.assertNotIn(self.member, item.eligible_member_ids)
        with self.assertRaisesRegex(UserError, "open or over"):
            conflict.action_confirm()

    def test_same_phone_does_not_block(self):
        self.beneficiary.phone = self.member.own_phone = "0501234567"
        item = self._item()
        item.action_open_vote()
        self.assertIn(self.member, item.eligible_member_ids)

    def test_kin_found_only_at_the_opening_blocks(self):
        item = self._item()
        self.member.own_identity_number = self.beneficiary.identity_number
        with self.assertRaisesRegex(UserError, "new ties"):
            item.action_open_vote()
        item.action_propose_conflicts()
        self.assertIn("self", self._kinds(item))

    def test_rejection_needs_a_reason_and_brings_the_member_back(self):
        item, conflict = self._kin_item()
        action = conflict.action_ask_reject()
        wizard = (
            self.env["beneficiary.conflict.reject"]
            .with_user(self.secretary)
            .with_context(**action["context"])
            .create({"reason": "  "})
        )
        with self.assertRaisesRegex(UserError, "Write down why"):
            wizard.action_reject()
        conflict.action_confirm()
        wizard.reason = "Another person of the same number was meant"
        wizard.action_reject()
        self.assertEqual(conflict.state, "rejected")
        self.assertEqual(conflict.decided_by_id, self.secretary)
        self.assertFalse(item.recused_member_ids)
        item.action_open_vote()
        self.assertIn(self.member, item.eligible_member_ids)

    def test_nobody_rejects_his_own(self):
        seat = self.seats["secretary"]
        seat.own_identity_number = self.beneficiary.identity_number
        conflict = self._item().conflict_ids.with_user(self.secretary)
        with self.assertRaisesRegex(UserError, "his own"):
            conflict._reject("It is fine")

    def test_confirmed_conflict_is_not_taken_back_by_hand(self):
        item, conflict = self._kin_item()
        conflict.action_confirm()
        with self.assertRaisesRegex(UserError, "is confirmed"):
            item.recused_member_ids = [Command.clear()]

    def test_declaring_answers_what_was_proposed(self):
        item, conflict = self._kin_item()
        item.with_user(self.member_a).action_recuse()
        self.assertEqual(self._kinds(item), {"self", "declared"})
        self.assertEqual(set(item.sudo().conflict_ids.mapped("state")), {"confirmed"})
        item.action_open_vote()

    # ------------------------------------------------------------------
    # Who sees and does what
    # ------------------------------------------------------------------

    def test_roles(self):
        item, conflict = self._kin_item()
        for user in (self.secretary, self.member_a, self.auditor):
            self.assertTrue(conflict.with_user(user).has_access("read"), user.login)
        for user in (self.member_b, self.officer, self.clerk, self.employee):
            self.assertFalse(conflict.with_user(user).has_access("read"), user.login)
        for user in (self.member_a, self.auditor, self.officer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                conflict.with_user(user).action_confirm()
        for user in (self.secretary, self.administrator):
            with self.assertRaises(AccessError):
                conflict.with_user(user).write({"state": "rejected", "reason": "x"})
        with self.assertRaises(AccessError):
            self.env["beneficiary.conflict"].with_user(self.secretary).create(
                {"item_id": item.id, "member_id": self.member.id, "kind": "phone"}
            )

    def test_own_details_are_for_the_administrator(self):
        self.member.own_phone = "0501234567"
        for user in (self.secretary, self.member_a, self.aid_manager, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.member.with_user(user).read(["own_phone"])
        own = self.member.with_user(self.administrator).read(["own_phone"])
        self.assertEqual(own[0]["own_phone"], "+966501234567")

    def test_another_association_sees_nothing(self):
        _item, conflict = self._kin_item()
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_secretary", other
        )
        seen = conflict.with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertFalse(seen.has_access("read"))
