import base64
from datetime import timedelta

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import PDF

from .common import AidCommon

DECIDER = "beneficiary_aid.group_decider"


class AuthorityCommon(AidCommon):
    """Departments, managers and outside authorities that decide in order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._create_aid_user("head", DECIDER)
        cls.deputy_head = cls._create_aid_user("deputy_head", DECIDER)
        cls.clerk_outside = cls._create_aid_user("clerk_outside", DECIDER)
        cls.department = cls._create_authority("Care Department", cls.head)
        cls.department.user_ids |= cls.deputy_head
        cls.management = cls._create_authority("Director", kind="manager")
        cls.ministry = cls._create_authority(
            "Ministry", cls.clerk_outside, kind="outside"
        )

    @classmethod
    def _create_authority(cls, name, users=(), kind="department", company=None):
        return cls.env["beneficiary.authority"].create(
            {
                "name": name,
                "kind": kind,
                "user_ids": [Command.link(user.id) for user in users],
                "company_id": (company or cls.company).id,
            }
        )

    @classmethod
    def _create_rule(cls, *bodies, **values):
        """A rule by which these decide in order: committees and authorities."""
        return cls.env["beneficiary.approval.rule"].create(
            {
                "policy_id": cls.policy.id,
                "no_upper": "amount_to" not in values,
                "step_ids": [
                    Command.create(
                        {
                            "sequence": number,
                            "committee_id"
                            if body._name == "beneficiary.committee"
                            else "authority_id": body.id,
                        }
                    )
                    for number, body in enumerate(bodies)
                ],
                **values,
            }
        )

    def _decide_as(self, user, request, **motion):
        """Decide in the dialog as a user does; returns the decision."""
        action = request.with_user(user).action_decide()
        values = {
            "outcome": "approve",
            "fund_id": self.fund.id,
            "amount": 2000,
            **motion,
        }
        dialog = (
            self.env["beneficiary.aid.request.decide"]
            .with_user(user)
            .with_context(**action["context"])
            .create(values)
        )
        dialog.action_decide()
        return request.decision_ids.sorted("id")[-1:]


@tagged("post_install", "-at_install")
class TestAuthoritySteps(AuthorityCommon):
    """Several authorities in order: committee, department, manager, outside."""

    # ------------------------------------------------------------------
    # Configuration
    # ------------------------------------------------------------------

    def test_one_committee_is_one_step(self):
        rule = self.env["beneficiary.approval.rule"].create(
            {
                "policy_id": self.policy.id,
                "no_upper": True,
                "committee_id": self.committee.id,
            }
        )
        self.assertEqual(rule.step_ids.committee_id, self.committee)
        rule.step_ids = [
            Command.create({"sequence": 20, "authority_id": self.management.id})
        ]
        self.assertFalse(rule.committee_id)
        self.assertEqual(rule.decides, f"{self.committee.name}, then Director")

    def test_rules_of_before_the_steps_get_theirs(self):
        rule = self._create_rule(self.committee)
        self.env.flush_all()
        self.cr.execute("DELETE FROM beneficiary_approval_rule_step")
        self.env.invalidate_all()
        self.env["beneficiary.approval.rule.step"].init()
        self.assertEqual(rule.step_ids.committee_id, self.committee)
        self.env["beneficiary.approval.rule.step"].init()
        self.assertEqual(len(rule.step_ids), 1)

    @mute_logger("odoo.sql_db")
    def test_circular_order_is_refused(self):
        for body in (self.committee, self.department):
            with (
                self.subTest(body=body.name),
                self.assertRaises(UniqueViolation),
                self.cr.savepoint(),
            ):
                self._create_rule(body, self.management, body)
                self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_a_step_names_one_authority(self):
        rule = self._create_rule(self.committee)
        for values in (
            {},
            {"committee_id": self.committee.id, "authority_id": self.ministry.id},
        ):
            with self.assertRaises(CheckViolation), self.cr.savepoint():
                rule.step_ids.create({"rule_id": rule.id, **values})
                self.env.flush_all()

    def test_a_rule_names_somebody(self):
        with (
            self.assertRaisesRegex(ValidationError, "names nobody"),
            self.cr.savepoint(),
        ):
            self._create_rule()
        rule = self._create_rule(self.committee)
        with self.assertRaisesRegex(ValidationError, "names nobody"):
            rule.step_ids = [Command.clear()]

    def test_deciders_have_the_role_and_work_here(self):
        with self.assertRaisesRegex(ValidationError, "at least one"):
            self._create_authority("Nobody")
        with self.assertRaisesRegex(ValidationError, "role"):
            self._create_authority("Officers", self.officer)
        other = self._create_company(name="Other")
        stranger = self._create_aid_user("stranger", DECIDER, company=other)
        with self.assertRaisesRegex(ValidationError, "works for"):
            self._create_authority("Strangers", stranger)

    def test_steps_are_copied_with_a_version_and_locked_with_it(self):
        self._create_rule(self.department, self.committee)
        newer = self.policy.copy()
        self.assertEqual(
            newer.approval_rule_ids.decides,
            f"Care Department, then {self.committee.name}",
        )
        step = self.policy.approval_rule_ids.step_ids[0].with_user(self.administrator)
        # Another version in force ends this one.
        self.env.cr.execute(
            "UPDATE beneficiary_policy SET state = 'superseded' WHERE id = %s",
            [self.policy.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "new version"):
            step.sequence = 50

    def test_roles_of_the_configuration(self):
        rule = self._create_rule(self.department)
        for user in (self.officer, self.head, self.secretary, self.auditor):
            self.assertEqual(
                rule.with_user(user).step_ids.authority_id, self.department
            )
            with self.assertRaises(AccessError):
                rule.step_ids.with_user(user).sequence = 3
            with self.assertRaises(AccessError):
                self.department.with_user(user).name = "Mine"
        self.department.with_user(self.aid_manager).note = "Room 3"
        rule.step_ids.with_user(self.administrator).sequence = 3

    def test_other_association_sees_nothing(self):
        self._create_rule(self.department)
        other = self._create_company(name="Other")
        stranger = self._create_aid_user("stranger", DECIDER, company=other)
        request = self._refer()
        there = self.env(user=stranger, context={"allowed_company_ids": other.ids})
        self.assertFalse(
            there["beneficiary.authority"].search([("id", "=", self.department.id)])
        )
        self.assertFalse(there["beneficiary.approval.rule.step"].search([]))
        with self.assertRaises(AccessError):
            request.with_env(there).action_decide()

    def test_rule_form(self):
        rule = self._create_rule(self.department)
        with Form(rule.with_user(self.administrator)) as form:
            with form.step_ids.new() as line:
                line.sequence = 30
                line.committee_id = self.committee
            form.no_upper = False
            form.amount_to = 500
        self.assertEqual(len(rule.step_ids), 2)

    # ------------------------------------------------------------------
    # One step: the competent department (BR-46)
    # ------------------------------------------------------------------

    def test_department_decides_alone(self):
        self._create_rule(self.department)
        request = self._refer()
        self.assertEqual(request.authority_id, self.department)
        self.assertFalse(request.authority_committee_id)
        before = self.fund.free
        decision = self._decide_as(self.head, request, public_text="Welcome.")
        self.assertEqual(request.status, "approved")
        self.assertEqual(request.decision_id, decision)
        self.assertEqual(request.amount_approved, 2000)
        self.assertEqual(self.fund.free, before - 2000)
        self.assertRecordValues(
            decision,
            [
                {
                    "power": "department",
                    "authority_id": self.department.id,
                    "decided_by_id": self.head.id,
                    "tier": 1,
                    "is_final": True,
                    "committee_id": False,
                    "public_text": "Welcome.",
                }
            ],
        )
        self.assertTrue(decision.dossier_hash)
        self.assertIn("Care Department", decision.explanation)

    def test_dialog_begins_with_what_the_study_recommends(self):
        self._create_rule(self.department)
        request = self._create_request()
        self._study(request, conditions="Brings the bill")
        request.with_user(self.officer).action_refer()
        context = request.with_user(self.head).action_decide()["context"]
        Dialog = self.env["beneficiary.aid.request.decide"].with_user(self.head)
        with Form(Dialog.with_context(**context)) as form:
            self.assertEqual(form.condition, "Brings the bill")
            self.assertEqual(form.outcome, "approve_condition")
            form.fund_id = self.fund
        form.record.action_decide()
        decision = request.decision_id
        self.assertEqual(decision.condition, "Brings the bill")
        self.assertEqual(
            decision.reason_id, self.env.ref("beneficiary_aid.decision_reason_entitled")
        )

    def test_every_approval_has_a_reason(self):
        self._create_rule(self.department)
        usual = self.env.ref("beneficiary_aid.decision_reason_entitled")
        usual.active = False
        own = usual.create({"name": "Our rule", "outcome": "approve", "sequence": 99})
        elsewhere = usual.create(
            {
                "name": "Theirs",
                "outcome": "approve",
                "sequence": 1,
                "company_id": self._create_association("Elsewhere").id,
            }
        )
        decision = self._decide_as(self.head, self._refer())
        self.assertEqual(decision.reason_id, own)
        self.assertNotEqual(decision.reason_id, elsewhere)
        self.assertTrue(decision._check_seal())

    def test_department_declines(self):
        self._create_rule(self.department)
        request = self._refer()
        with self.assertRaisesRegex(UserError, "reason"):
            self._decide_as(self.head, request, outcome="decline")
        self._decide_as(
            self.head, request, outcome="decline", reason_id=self.reason_declined.id
        )
        self.assertEqual(request.status, "rejected")
        self.assertEqual(request.outcome, "declined")
        self.assertEqual(request.decision_id.amount, 0)

    def test_same_guards_as_a_motion(self):
        self._create_rule(self.department, amount_to=2500)
        self.aid_type.ceiling = 2200
        request = self._refer(amount_requested=2400)
        for motion, word in (
            ({"amount": 2300}, "ceiling"),
            ({"amount": 2450}, "ceiling"),
            ({"amount": 0}, "enter the amount"),
            ({"fund_id": False}, "choose the fund"),
            ({"outcome": "approve_condition"}, "condition"),
            ({"outcome": "refer"}, "reason"),
        ):
            with self.subTest(motion=motion), self.assertRaisesRegex(UserError, word):
                self._decide_as(self.head, request, **motion)
        self.aid_type.ceiling = 0
        with self.assertRaisesRegex(UserError, "asked for"):
            self._decide_as(self.head, request, amount=2450)
        self.fund.aid_type_ids = self.aid_type.copy({"code": "other"})
        with self.assertRaises(UserError):
            self._decide_as(self.head, request)
        self.assertFalse(request.decision_ids)

    def test_band_holds_for_a_person_too(self):
        self._create_rule(self.department, amount_to=2000)
        self._create_rule(self.committee, amount_from=2000)
        request = self._create_request(amount_requested=3000)
        request.amount_recommended = 1500
        self._refer(request)
        with self.assertRaisesRegex(UserError, "Care Department may not approve"):
            self._decide_as(self.head, request, amount=2000)
        self._decide_as(self.head, request, amount=1999)
        self.assertEqual(request.amount_approved, 1999)

    def test_who_may_not_decide(self):
        self._create_rule(self.department)
        request = self._refer()
        for user in (self.clerk_outside, self.manager, self.chair):
            with self.assertRaisesRegex(AccessError, "Care Department"):
                request.with_user(user).action_decide()
        with self.assertRaises(AccessError):
            request.with_user(self.officer).action_decide()
        # Not by the dialog's back door either.
        dialog = (
            self.env["beneficiary.aid.request.decide"]
            .with_user(self.manager)
            .create({"request_id": request.id, "tier": 1, "outcome": "approve"})
        )
        with self.assertRaises(AccessError):
            dialog.action_decide()

    def test_author_kin_and_ward_keep_out(self):
        self._create_rule(self.department)
        request = self._refer()
        researcher_group = self.env.ref("beneficiary_relations.group_social_researcher")
        self.researcher.group_ids |= self.env.ref(DECIDER)
        self.assertIn(researcher_group, self.researcher.all_group_ids)
        self.department.user_ids |= self.researcher
        with self.assertRaisesRegex(UserError, "studied"):
            request.with_user(self.researcher).action_decide()
        household = self.env["beneficiary.household"].create(
            {"company_id": self.company.id, "head_id": self.beneficiary.id}
        )
        relative = self._create_other_beneficiary()
        relative.household_id = household
        self.beneficiary.household_id = household
        self.head.partner_id = relative.partner_id
        with self.assertRaisesRegex(UserError, "household"):
            request.with_user(self.head).action_decide()
        self.assertFalse(request.sudo()._concerns(self.deputy_head))
        self.env["beneficiary.mandate"].create(
            {
                "beneficiary_id": self.beneficiary.id,
                "holder_id": self.deputy_head.partner_id.id,
                "kind": "agent",
            }
        ).state = "active"
        with self.assertRaisesRegex(UserError, "household"):
            request.with_user(self.deputy_head).action_decide()

    def test_incomplete_file_is_not_decided(self):
        self._create_rule(self.department)
        request = self._refer()
        kind = self.env["beneficiary.document.type"].create(
            {
                "name": "New Paper",
                "company_id": self.company.id,
                "required_for_all": True,
            }
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "New Paper"):
            self._decide_as(self.head, request)
        kind.required_for_all = False
        self.env.invalidate_all()
        request.assessment_ids.sudo().write({"state": "cancelled"})
        with self.assertRaisesRegex(UserError, "finished assessment"):
            self._decide_as(self.head, request)

    def test_waiting_request_is_not_decided(self):
        self._create_rule(self.department)
        request = self._refer()
        request.with_user(self.officer).action_return()
        with self.assertRaisesRegex(UserError, "waits for"):
            request.with_user(self.head).action_decide()
        self.assertFalse(request.with_user(self.head).can_decide)

    def test_second_click_decides_nothing(self):
        self._create_rule(self.department)
        request = self._refer()
        self._decide_as(self.head, request)
        with self.assertRaisesRegex(UserError, "no decision"):
            self._decide_as(self.deputy_head, request)
        self.assertEqual(len(request.decision_ids), 1)

    def test_what_waits_for_me(self):
        self._create_rule(self.department)
        request = self._refer()
        other = self._create_request(self._create_other_beneficiary())
        Request = self.env["beneficiary.aid.request"]
        for user, expected in (
            (self.head, request),
            (self.clerk_outside, Request),
            (self.manager, Request),
            (self.officer, Request),
        ):
            own = Request.with_user(user)
            self.assertEqual(own.search([("can_decide", "=", True)]), expected)
        rest = Request.with_user(self.head).search([("can_decide", "=", False)])
        self.assertIn(other, rest)
        self.assertNotIn(request, rest)

    # ------------------------------------------------------------------
    # Several steps
    # ------------------------------------------------------------------

    def test_department_then_committee_then_manager(self):
        self._create_rule(self.department, self.committee, self.management)
        request = self._refer()
        self.assertEqual((request.authority_tier, request.authority_tiers), (1, 3))
        before = self.fund.free
        first = self._decide_as(self.head, request, amount=2500)
        self.assertEqual(request.status, "decision")
        self.assertFalse(request.decision_id)
        self.assertFalse(first.is_final)
        self.assertEqual(self.fund.free, before)
        self.assertEqual(request.amount_approved, 0)
        self.assertEqual(request.authority_committee_id, self.committee)
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, request, amount=2200)
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        second = item.decision_ids
        self.assertEqual((second.tier, second.is_final), (2, False))
        self.assertEqual(request.status, "decision")
        self.assertEqual(request.authority_id, self.management)
        self.assertEqual(request._amount_to_decide(), 2200)
        third = self._decide_as(self.manager, request, amount=2100)
        self.assertEqual((third.tier, third.is_final), (3, True))
        self.assertEqual(third.power, "manager")
        self.assertEqual(request.decision_id, third)
        self.assertEqual(request.amount_approved, 2100)
        self.assertEqual(self.fund.free, before - 2100)
        self.assertFalse(third._broken_seals(self.company))

    def test_a_decline_on_the_way_ends_it(self):
        self._create_rule(self.department, self.committee)
        request = self._refer()
        decision = self._decide_as(
            self.head, request, outcome="decline", reason_id=self.reason_declined.id
        )
        self.assertTrue(decision.is_final)
        self.assertEqual(request.status, "rejected")

    def test_not_before_its_turn(self):
        self._create_rule(self.department, self.committee)
        request = self._refer()
        with self.assertRaisesRegex(UserError, "is not for"):
            self._put_on_agenda(self._open_meeting(), request)

    def test_agenda_is_filled_with_what_is_before_the_committee(self):
        self._create_rule(self.department, self.committee)
        request = self._refer()
        meeting = self._open_meeting()
        with self.assertRaisesRegex(UserError, "No request waits"):
            meeting.action_fill_agenda()
        self._decide_as(self.head, request)
        meeting.action_fill_agenda()
        self.assertEqual(meeting.item_ids.request_id, request)
        self.assertEqual(meeting.item_ids.amount, 2000)

    def test_a_later_step_keeps_to_the_band(self):
        self._create_rule(self.department, self.management, amount_to=2000)
        self._create_rule(self.committee, amount_from=2000)
        request = self._create_request(amount_requested=3000)
        request.amount_recommended = 1500
        self._refer(request)
        self._decide_as(self.head, request, amount=1500)
        with self.assertRaisesRegex(UserError, "Director may not approve"):
            self._decide_as(self.manager, request, amount=2000)
        self._decide_as(self.manager, request, amount=1999)
        self.assertEqual(request.amount_approved, 1999)

    def test_nobody_decides_twice(self):
        self.manager.group_ids |= self.env.ref(DECIDER)
        self.department.user_ids |= self.manager
        self._create_rule(self.department, self.management)
        request = self._refer()
        self._decide_as(self.manager, request)
        with self.assertRaisesRegex(UserError, "decided about it before"):
            request.with_user(self.manager).action_decide()

    def test_a_member_who_decided_before_is_recused(self):
        self.chair.group_ids |= self.env.ref(DECIDER)
        self.department.user_ids |= self.chair
        self._create_rule(self.department, self.committee)
        request = self._refer()
        self._decide_as(self.chair, request)
        item = self._put_on_agenda(self._open_meeting(), request)
        item.action_open_vote()
        self.assertIn(self.seats["chair"], item.recused_member_ids)

    def test_back_to_the_study_begins_again(self):
        self._create_rule(self.department, self.committee)
        request = self._refer()
        first = self._decide_as(self.head, request)
        request.with_user(self.officer).action_back_to_study()
        request.with_user(self.officer).action_refer()
        self.assertEqual(request.authority_tier, 1)
        self.assertEqual(request.tiers_done, 0)
        again = self._decide_as(self.deputy_head, request, amount=1800)
        self.assertEqual(again.replaces_id, first)
        self.assertEqual(request.authority_tier, 2)

    def test_stale_dialog_is_told(self):
        self._create_rule(self.department, self.management)
        self.manager.group_ids |= self.env.ref(DECIDER)
        self.department.user_ids |= self.manager
        request = self._refer()
        action = request.with_user(self.manager).action_decide()
        dialog = (
            self.env["beneficiary.aid.request.decide"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"outcome": "approve", "amount": 2000, "fund_id": self.fund.id})
        )
        self._decide_as(self.head, request)
        with self.assertRaisesRegex(UserError, "in the meantime"):
            dialog.action_decide()

    def test_three_small_requests_go_to_the_next_authority(self):
        self._create_rule(self.department, amount_to=2000)
        self._create_rule(self.department, self.committee, amount_from=2000)
        first, second, third = (
            self._create_request(
                amount_requested=900,
                date_received=fields.Datetime.now() - timedelta(days=days),
            )
            for days in (9, 5, 1)
        )
        self.assertEqual(third.authority_tiers, 2)
        self.assertIn(first.name, third.authority_note)
        self.assertIn(second.name, third.authority_note)

    # ------------------------------------------------------------------
    # Outside
    # ------------------------------------------------------------------

    def test_answer_of_an_outside_authority(self):
        self._create_rule(self.committee, self.ministry)
        request = self._decide()
        self.assertEqual(request.status, "decision")
        scan = base64.b64encode(PDF)
        answer = {
            "outside_reference": "M/77",
            "outside_date": request._business_day(),
            "outside_answer": scan,
            "outside_filename": "answer.pdf",
        }
        for missing in ("outside_reference", "outside_date", "outside_answer"):
            with self.assertRaisesRegex(UserError, "reference and the date"):
                self._decide_as(
                    self.clerk_outside, request, **{**answer, missing: False}
                )
        for days in (-1, 1):
            day = answer["outside_date"] + timedelta(days=days)
            with self.assertRaisesRegex(UserError, "dated"):
                self._decide_as(
                    self.clerk_outside, request, **{**answer, "outside_date": day}
                )
        with self.assertRaises(ValidationError):
            self._decide_as(
                self.clerk_outside,
                request,
                **{**answer, "outside_answer": base64.b64encode(b"MZ program")},
            )
        decision = self._decide_as(self.clerk_outside, request, **answer)
        self.assertEqual(decision.power, "outside")
        self.assertEqual(decision.outside_reference, "M/77")
        self.assertEqual(decision.outside_answer, scan)
        self.assertEqual(request.status, "approved")

    # ------------------------------------------------------------------
    # Seals
    # ------------------------------------------------------------------

    def test_seal_covers_who_decided(self):
        self._create_rule(self.department)
        request = self._refer()
        decision = self._decide_as(self.head, request)
        self.assertEqual(decision.seal_version, 2)
        self.assertFalse(decision._broken_seals(self.company))
        for name, value in (
            ("decided_by_id", self.deputy_head.id),
            ("tier", 2),
            ("power", "manager"),
            ("seal_version", 0),
        ):
            with self.subTest(name=name), self.cr.savepoint() as savepoint:
                self.cr.execute("ALTER TABLE beneficiary_decision DISABLE TRIGGER USER")
                self.cr.execute(
                    f"UPDATE beneficiary_decision SET {name} = %s WHERE id = %s",
                    [value, decision.id],
                )
                self.env.invalidate_all()
                self.assertEqual(decision._broken_seals(self.company), decision)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_decisions_of_the_first_seal_still_hold(self):
        request = self._decide()
        decision = request.decision_id
        vals = {
            name: decision[name].id
            if decision._fields[name].relational
            else decision[name]
            for name in decision._sealed_names(0)
        }
        vals["word_digests"] = decision._word_digests()
        old = decision._seal({**vals, "seal_version": False})
        self.cr.execute("ALTER TABLE beneficiary_decision DISABLE TRIGGER USER")
        self.cr.execute(
            "UPDATE beneficiary_decision SET hash = %s, seal_version = NULL,"
            " power = NULL WHERE id = %s",
            [old, decision.id],
        )
        self.env.invalidate_all()
        self.assertTrue(decision._check_seal())
        self.cr.execute(
            "UPDATE beneficiary_decision SET amount = 1 WHERE id = %s", [decision.id]
        )
        self.env.invalidate_all()
        self.assertFalse(decision._check_seal())

    def test_backdated_decision_is_refused(self):
        request = self._decide()
        values = request.decision_id.copy_data()[0]
        day = fields.Datetime.now() - timedelta(days=3)
        Decision = self.env["beneficiary.decision"].sudo()
        with self.assertRaisesRegex(UserError, "another date"):
            Decision._record({**values, "decided_on": day})
        with self.assertRaisesRegex(UserError, "day to come"):
            Decision._record(
                {
                    **values,
                    "kind": "brought",
                    "decided_on": fields.Datetime.now() + timedelta(days=2),
                }
            )
