import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.beneficiary_relations.tests.common import PDF

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestFollowUp(AidCommon):
    """Help is followed up until it is received or the plan ends (ST-32)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.aid_type.follow_up_ids = [
            Command.clear(),
            Command.create(
                {
                    "subject": "Was the treatment received?",
                    "days": 14,
                    "times": 3,
                    "every_days": 30,
                }
            ),
            Command.create({"subject": "Visit at home", "kind": "visit", "days": 20}),
        ]

    def _delivered(self, **values):
        request = self._decide().with_user(self.officer)
        request.action_deliver()
        request.action_follow_up()
        request.write(values)
        return request

    def _record(self, follow_up, result="received", **values):
        follow_up.write({"result": result, "note": "Spoken with", **values})
        follow_up.action_done()

    def test_plan_makes_the_dated_follow_ups_once(self):
        request = self._delivered()
        day = request.delivered_on
        self.assertEqual(
            request.follow_up_ids.mapped("date_planned"),
            [day + timedelta(days=days) for days in (14, 20, 44, 74)],
        )
        self.assertEqual(request.follow_up_ids.user_id, self.officer)
        self.assertEqual(request.next_follow_up, day + timedelta(days=14))
        request.with_user(self.officer).stage_id = self.env[
            "beneficiary.aid.stage"
        ]._of_status("delivery", self.company, request.policy_id)
        request.action_follow_up()
        self.assertEqual(len(request.follow_up_ids), 4)

    def test_adopted_kinds_of_help_propose_a_plan(self):
        company = self._create_association("Another")
        policy = self.env["beneficiary.policy"]._adopt(
            "ST", company, fields.Date.to_date("2020-01-01")
        )
        types = self.env["beneficiary.aid.type"].search(
            [("policy_id", "=", policy.id), ("nature", "!=", "fund")]
        )
        for kind in types:
            with self.subTest(kind=kind.code):
                self.assertTrue(kind.follow_up_ids)

    def test_served_closes_on_proof_only(self):
        request = self._delivered(outcome="served")
        with self.assertRaisesRegex(UserError, "nothing shows"):
            request.action_close()
        self.assertIn("Proof of receipt", request.missing_note)
        with self.assertRaises(ValidationError):
            request.receipt = base64.b64encode(b"MZ no paper")
        request.receipt = base64.b64encode(PDF)
        request.action_close()
        self.assertEqual(request.status, "closed")
        self.assertEqual(set(request.follow_up_ids.mapped("state")), {"cancelled"})

    def test_follow_up_that_found_it_received_is_proof(self):
        request = self._delivered(outcome="served")
        first = request.follow_up_ids[0]
        self._record(first, "ongoing")
        with self.assertRaisesRegex(UserError, "nothing shows"):
            request.action_close()
        self._record(request.follow_up_ids[2])
        request.action_close()
        self.assertEqual(request.status, "closed")
        self.assertEqual(first.state, "done")

    def test_coded_reason_closes_without_proof(self):
        for outcome in ("recovered", "died", "refused", "moved"):
            with self.subTest(outcome=outcome):
                request = self._delivered_again(outcome)
                request.action_close()
                self.assertEqual(request.status, "closed")
                self.assertFalse(request.follow_up_count)

    def _delivered_again(self, outcome):
        request = self._decide(self._refer(), amount=100)
        request = request.with_user(self.officer)
        request.action_deliver()
        request.action_follow_up()
        request.outcome = outcome
        return request

    def test_what_was_recorded_stays(self):
        request = self._delivered()
        follow_up = request.follow_up_ids[0]
        with self.assertRaisesRegex(UserError, "choose the result"):
            follow_up.action_done()
        follow_up.result = "received"
        with self.assertRaisesRegex(UserError, "what was said"):
            follow_up.action_done()
        with self.assertRaises(AccessError):
            follow_up.state = "done"
        self._record(follow_up)
        self.assertEqual(follow_up.done_by_id, self.officer)
        with self.assertRaisesRegex(UserError, "stays as it was"):
            follow_up.note = "Something else"
        with self.assertRaisesRegex(UserError, "recorded or called off already"):
            follow_up.action_done()
        with self.assertRaises(UserError):
            follow_up.sudo().unlink()

    def test_call_is_kept_among_the_contacts_without_its_words(self):
        kind = self.env["beneficiary.interaction.type"].create(
            {"name": "Follow-up", "kind": "follow_up", "company_id": self.company.id}
        )
        follow_up = self._delivered().follow_up_ids[0]
        self._record(follow_up, note="Her kidney")
        contact = follow_up.sudo().interaction_id
        self.assertEqual(contact.type_id.kind, kind.kind)
        self.assertEqual(contact.state, "closed")
        self.assertNotIn("kidney", f"{contact.answer} {contact.description}")

    def test_visit_is_recorded_before_its_follow_up(self):
        request = self._delivered()
        follow_up = request.follow_up_ids.filtered(lambda one: one.kind == "visit")
        with self.assertRaisesRegex(UserError, "record the visit"):
            self._record(follow_up)
        action = follow_up.with_user(self.researcher).action_plan_visit()
        visit = (
            self.env["beneficiary.visit"]
            .with_user(self.researcher)
            .with_context(**action["context"])
            .create({"planned_on": fields.Datetime.now() - timedelta(hours=1)})
        )
        self.assertEqual(visit.request_id, request)
        visit.write({"outcome": "met", "report": "The device is there"})
        visit.action_done()
        self._record(follow_up.with_user(self.researcher))
        self.assertEqual(follow_up.state, "done")

    def test_next_attempt_belongs_to_the_follow_up(self):
        """Else the follow-up waits for a visit nobody can record for it."""
        request = self._delivered()
        follow_up = request.follow_up_ids.filtered(lambda one: one.kind == "visit")
        Visit = self.env["beneficiary.visit"].with_user(self.researcher)
        before = {"planned_on": fields.Datetime.now() - timedelta(hours=1)}
        action = follow_up.with_user(self.researcher).action_plan_visit()
        missed = Visit.with_context(**action["context"]).create(before)
        missed.outcome = "not_home"
        missed.action_done()
        action = missed.action_plan_next()
        visit = Visit.with_context(**action["context"]).create(before)
        self.assertEqual(visit.follow_up_id, follow_up)
        visit.write({"outcome": "met", "report": "The device is there"})
        visit.action_done()
        self._record(follow_up.with_user(self.researcher))
        self.assertEqual(follow_up.state, "done")

    def test_visit_is_proposed_in_the_morning_to_a_researcher(self):
        """Not at three in the night, not on a past day, not to who cannot record it."""
        request = self._delivered()
        follow_up = request.follow_up_ids.filtered(lambda one: one.kind == "visit")
        follow_up.user_id = self.officer
        request.researcher_id = self.researcher
        self.company.partner_id.tz = "Asia/Riyadh"
        planned = follow_up.date_planned
        for today, day in (
            (planned - timedelta(days=1), planned),
            (planned + timedelta(days=3),) * 2,
        ):
            with self.subTest(today=today), freeze_time(f"{today} 07:00:00"):
                context = follow_up.with_user(self.officer).action_plan_visit()[
                    "context"
                ]
                self.assertEqual(
                    context["default_planned_on"],
                    fields.Datetime.to_datetime(f"{day} 06:00:00"),
                )
                self.assertEqual(context["default_researcher_id"], self.researcher.id)

    def test_approved_request_does_not_end_as_declined(self):
        """The person would read a refusal, and nobody decided it."""
        request = self._delivered().with_user(self.officer)
        with self.assertRaisesRegex(UserError, "does not end as declined"):
            request.write({"outcome": "declined"})
            request.action_close()
        self.assertEqual(request.status, "follow_up")

    def test_declined_request_does_not_end_as_served(self):
        request = self._decide(
            votes={"chair": "no", "member_a": "no", "member_b": "no"}
        )
        self.assertEqual(request.status, "rejected")
        request = request.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "does not end as served"):
            request.write(
                {
                    "outcome": "served",
                    "receipt": base64.b64encode(PDF),
                    "receipt_filename": "receipt.pdf",
                }
            )
            request.action_close()

    def test_late_ones_are_listed_and_remind_once(self):
        request = self._delivered()
        FollowUp = self.env["beneficiary.follow.up"].with_user(self.officer)
        late = [("is_late", "=", True), ("request_id", "=", request.id)]
        self.assertFalse(FollowUp.search(late))
        job = self.env.ref("beneficiary_aid.ir_cron_follow_up")
        with freeze_time(fields.Datetime.now() + timedelta(days=21)):
            self.assertEqual(FollowUp.search(late), request.follow_up_ids[:2])
            for _time in range(2):
                with self.enter_registry_test_mode():
                    job.method_direct_trigger()
        request.invalidate_recordset()
        reminded = request.follow_up_ids.filtered("activity_ids")
        self.assertEqual(reminded, request.follow_up_ids[:2])
        self.assertEqual(reminded.activity_ids.user_id, self.officer)
        self.assertEqual(len(reminded.activity_ids), 2)

    def test_nothing_to_follow_up_before_a_decision(self):
        with self.assertRaisesRegex(UserError, "no help to follow up"):
            self.env["beneficiary.follow.up"].with_user(self.officer).create(
                {
                    "request_id": self._create_request().id,
                    "subject": "Already?",
                    "date_planned": fields.Date.today(),
                }
            )

    def test_role_matrix(self):
        follow_up = self._delivered().follow_up_ids[0]
        matrix = {
            "officer": "rwc",
            "researcher": "rwc",
            "representative": "",
            "quality": "",
            "auditor": "r",
            "administrator": "rwc",
            "secretary": "r",
            "member_a": "r",
            "clerk": "r",
            "employee": "",
        }
        self.assertAccess(follow_up, matrix)

    def test_other_association_sees_nothing(self):
        follow_up = self._delivered().follow_up_ids[0]
        other = self._create_association("Other")
        stranger = new_test_user(
            self.env,
            "follow_up_stranger",
            groups="beneficiary_relations.group_administrator,"
            "beneficiary_aid.group_aid_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for record in (follow_up, self.aid_type.follow_up_ids[0]):
            seen = record.with_user(stranger).with_context(
                allowed_company_ids=other.ids
            )
            self.assertFalse(seen.has_access("read"))
