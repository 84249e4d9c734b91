from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.beneficiary_relations.exceptions import PortalError

from .common import AidCommon


class ExitCommon(AidCommon):
    """The dialog of the steps, as a user opens it."""

    @classmethod
    def _step(cls, requests, step, user=None, **values):
        return (
            cls.env["beneficiary.aid.request.step"]
            .with_user(user or cls.officer)
            .create({"request_ids": requests.ids, "step": step, **values})
        )

    @classmethod
    def _take(cls, requests, step, user=None, **values):
        return cls._step(requests, step, user, **values).action_apply()

    def assertLogged(self, request, word):
        self.assertTrue(
            request.sudo().message_ids.filtered(lambda one: word in (one.body or ""))
        )


@tagged("post_install", "-at_install")
class TestRequestExit(ExitCommon):
    """Stopped, referred elsewhere, put off, reopened: each with its reason."""

    def test_stopping_asks_why_by_every_way(self):
        request = self._create_request()
        action = request.action_cancel()
        self.assertEqual(action["context"]["default_step"], "cancel")
        self.assertEqual(request.status, "received")
        stage = self.env["beneficiary.aid.stage"]._of_status(
            "cancelled", self.company, self.policy
        )
        with self.assertRaisesRegex(UserError, "say why"):
            request.stage_id = stage
        with self.assertRaisesRegex(UserError, "Say why"):
            self._take(request, "cancel", reason="  ")
        self._take(request, "cancel", reason="Entered by mistake")
        self.assertEqual(request.status, "cancelled")
        self.assertEqual(request.stop_reason, "Entered by mistake")
        self.assertLogged(request, "Entered by mistake")

    def test_dialog_begins_with_the_step_that_is_next_for_all(self):
        received, studied = self._create_request(), self._create_request()
        self._study(studied)

        def begins_with(requests):
            return (
                self.env["beneficiary.aid.request.step"]
                .with_user(self.officer)
                .with_context(active_model=requests._name, active_ids=requests.ids)
                .default_get(["request_ids", "step"])["step"]
            )

        self.assertEqual(begins_with(received), "verify")
        self.assertEqual(begins_with(studied), "refer")
        self.assertFalse(begins_with(received | studied))

    def test_many_are_not_taken_back_by_a_step_forward(self):
        before = self._refer()
        ready = self._create_request(self._create_other_beneficiary())
        self._complete_papers(ready)
        self._sign(ready)
        item = self._put_on_agenda(self._open_meeting(), before)
        for step in ("study", "verify"):
            with self.subTest(step=step), self.assertRaisesRegex(UserError, "later"):
                self._take(before, step)
        self._take(before | ready, "study")
        self.assertEqual((before | ready).mapped("status"), ["decision", "study"])
        self.assertEqual(item.state, "pending")

    def test_withdrawn_by_the_person_at_the_counter(self):
        request = self._create_request()
        self._take(request, "withdraw", reason="Called us")
        self.assertEqual((request.status, request.outcome), ("cancelled", "withdrawn"))
        self.assertFalse(request.withdrawn_by_person)
        with self.assertRaisesRegex(UserError, "already"):
            self._take(request, "withdraw", reason="Again")

    def test_referred_elsewhere_keeps_body_and_letter(self):
        request = self._create_request()
        with self.assertRaisesRegex(UserError, "to whom"):
            self._take(request, "refer_elsewhere", reason="Not our area")
        self._take(
            request,
            "refer_elsewhere",
            reason="Not our area",
            referred_to="The hospital's office",
            referral_text="Please receive the bearer.",
        )
        self.assertEqual(request.outcome, "referred")
        self.assertEqual(request.referred_to, "The hospital's office")
        words = request._portal_values()[0]
        self.assertIn("another body", words["title"])
        self.assertIn("The hospital's office", words["text"])

    def test_results_of_an_exit_are_not_typed_in(self):
        request = self._create_request()
        other = self._create_request()
        for values in (
            {"referred_to": "X"},
            {"postponed_until": "2099-01-01"},
            {"duplicate_of_id": other.id},
            {"whole_id": other.id},
            {"withdrawn_by_person": True},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                request.write(values)

    def test_reopening_asks_why_and_forgets_the_end(self):
        request = self._create_request()
        self._take(
            request, "refer_elsewhere", reason="Not ours", referred_to="Somebody"
        )
        stage = self.env["beneficiary.aid.stage"]._of_status(
            "received", self.company, self.policy
        )
        with self.assertRaisesRegex(UserError, "reopened"):
            request.stage_id = stage
        self._take(request, "reopen", reason="They sent him back")
        self.assertEqual(request.status, "received")
        self.assertEqual(request.reopen_reason, "They sent him back")
        self.assertFalse(request.outcome or request.referred_to or request.stop_reason)
        self.assertLogged(request, "They sent him back")
        with self.assertRaisesRegex(UserError, "neither stopped nor closed"):
            self._take(request, "reopen", reason="Once more")

    def test_who_may_take_side_exits(self):
        request = self._create_request()
        for name in ("auditor", "member_a", "secretary", "clerk", "employee"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self._step(request, "cancel", getattr(self, name), reason="No")
        with self.assertRaises(AccessError):
            self._take(request, "cancel", self.researcher, reason="No")
        with self.assertRaises(AccessError):
            request.with_user(self.auditor).action_cancel()
        self.assertEqual(request.status, "received")

    def test_other_association_cannot(self):
        request = self._create_request()
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "exit_stranger", "beneficiary_relations.group_manager", company=other
        )
        with self.assertRaises(AccessError):
            self._take(request, "cancel", stranger, reason="No")

    # ------------------------------------------------------------------
    # Putting off
    # ------------------------------------------------------------------

    def test_put_off_comes_back_by_itself(self):
        request = self._create_request()
        request.action_verify()
        day = request._business_day() + timedelta(days=10)
        self._take(request, "postpone", reason="Travels", day=day)
        self.assertEqual(request.postponed_until, day)
        self.assertFalse(request.waiting_since)
        kind = self.env.ref("beneficiary_aid.mail_activity_type_take_up")
        activity = request.activity_ids.filtered(
            lambda one: one.activity_type_id == kind
        )
        self.assertEqual(activity.date_deadline, day)
        self.assertEqual(activity.user_id, request.user_id)
        cron = self.env.ref("beneficiary_aid.ir_cron_take_up_postponed")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(request.postponed_until, day)
        request.sudo().postponed_until = request._business_day()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertFalse(request.postponed_until)
        # The reminder stays until somebody does it.
        self.assertTrue(request.activity_ids & activity)

    def test_the_clock_rests_only_for_the_person(self):
        request = self._create_request()
        request.sudo().reply_start = request._business_day() - timedelta(days=3)
        day = request._business_day() + timedelta(days=10)
        self._take(request, "postpone", reason="Asked us", day=day, by_person=True)
        self.assertEqual(request.reply_state, "waiting")
        request.sudo().waiting_since = request._business_day() - timedelta(days=2)
        request.action_resume()
        self.assertFalse(request.postponed_until or request.waiting_since)
        self.assertEqual(request.paused_days, 2)

    def test_moving_on_ends_the_rest(self):
        request = self._create_request()
        day = request._business_day() + timedelta(days=10)
        self._take(request, "postpone", reason="Later", day=day)
        request.action_verify()
        self.assertFalse(request.postponed_until)
        self.assertFalse(request.activity_ids)

    def test_putting_off_takes_it_off_the_agenda(self):
        request = self._refer()
        meeting = self._open_meeting()
        item = self._put_on_agenda(meeting, request)
        day = request._business_day() + timedelta(days=10)
        self._take(request, "postpone", reason="The expert is away", day=day)
        self.assertEqual(item.state, "postponed")
        with self.assertRaisesRegex(UserError, "No request waits"):
            meeting.action_fill_agenda()

    def test_not_put_off_during_a_vote_nor_into_the_past(self):
        request = self._refer()
        item = self._put_on_agenda(self._open_meeting(), request)
        item.action_open_vote()
        day = request._business_day() + timedelta(days=10)
        with self.assertRaisesRegex(UserError, "voting"):
            self._take(request, "postpone", reason="Later", day=day)
        other = self._create_request(beneficiary=self._create_other_beneficiary())
        with self.assertRaisesRegex(UserError, "to come"):
            self._take(other, "postpone", reason="No", day=other._business_day())

    # ------------------------------------------------------------------
    # By the person
    # ------------------------------------------------------------------

    def test_nothing_is_withdrawn_during_a_vote(self):
        request = self._refer()
        item = self._put_on_agenda(self._open_meeting(), request)
        self.assertTrue(request._portal_can_withdraw())
        item.action_open_vote()
        with self.assertRaises(PortalError):
            request._portal_withdraw("No longer needed")
        self.assertEqual(request.status, "decision")


@tagged("post_install", "-at_install")
class TestRequestParts(ExitCommon):
    """One request, several decisions: together never more than was asked."""

    def _divide(self, request, *amounts, user=None):
        return request.with_user(user or self.officer)._divide(
            [
                {"aid_type_id": self.aid_type.id, "amount_requested": amount}
                for amount in amounts
            ],
            "Two bodies decide",
        )

    def test_parts_are_decided_apart(self):
        request = self._refer()
        first, second = self._divide(request, 1000, 2000)
        self.assertEqual((request.status, request.outcome), ("cancelled", "divided"))
        self.assertEqual(first.status, "decision")
        self.assertEqual(first.reply_due, request.reply_due)
        self.assertTrue(first.is_declared)
        self.assertEqual(first.accepted_document_ids, request.accepted_document_ids)
        self.assertEqual(request.part_count, 2)
        self._decide(first, amount=1000)
        self._decide(
            second,
            outcome="decline",
            amount=0,
            fund_id=False,
            reason_id=self.reason_declined.id,
        )
        self.assertEqual((first.status, second.status), ("approved", "rejected"))
        self.assertEqual(self.fund.committed, 1000)

    def test_dialog_knows_whose_kinds_a_new_part_may_have(self):
        request = self._refer()
        Dialog = self.env["beneficiary.aid.request.divide"].with_user(self.officer)
        with Form(Dialog.with_context(default_request_id=request.id)) as form:
            form.reason = "Two bodies decide"
            with form.line_ids.edit(0) as line:
                line.amount = 1000
            with form.line_ids.new() as line:
                self.assertEqual(line.company_id, self.company)
                self.assertEqual(line.currency_id, self.company.currency_id)
                line.aid_type_id = self.aid_type
                line.amount = 2000
        form.record.action_divide()
        self.assertEqual(request.part_count, 2)

    def test_author_of_the_study_does_not_vote_on_a_part(self):
        request = self._create_request()
        self._study(request, user=self.researcher_member)
        request.with_user(self.officer).action_refer()
        parts = self._divide(request, 1000, 2000)
        item = self._put_on_agenda(self._open_meeting(), parts[0], amount=1000)
        self.assertIn(self.seats["researcher_member"], item.recused_member_ids)

    def test_dossier_of_a_part_holds_the_study(self):
        request = self._refer()
        part = self._divide(request, 1000, 2000)[0]
        item = self._put_on_agenda(self._open_meeting(), part, amount=1000)
        before = item._hash_dossier()
        self.env.cr.execute(
            "UPDATE beneficiary_assessment SET report = 'x' WHERE request_id = %s",
            [request.id],
        )
        self.env.invalidate_all()
        self.assertNotEqual(item._hash_dossier(), before)

    def test_parts_are_not_more_than_was_asked(self):
        request = self._refer()
        with self.assertRaisesRegex(ValidationError, "more than was"):
            self._divide(request, 2000, 1000.01)
        request.with_user(self.officer).action_back_to_study()
        first, _second = self._divide(request, 1000, 1000)
        with self.assertRaisesRegex(ValidationError, "more than was"):
            first.with_user(self.officer).amount_requested = 2500

    def test_what_is_not_divided(self):
        request = self._create_request()
        with self.assertRaisesRegex(UserError, "not divided"):
            self._divide(request, 1000, 2000)
        self._refer(request)
        with self.assertRaisesRegex(UserError, "two parts"):
            self._divide(request, 1000)
        with self.assertRaisesRegex(UserError, "amount of each"):
            self._divide(request, 1000, 0)
        with self.assertRaises(AccessError):
            self._divide(request, 1000, 2000, user=self.auditor)
        item = self._put_on_agenda(self._open_meeting(), request)
        item.action_open_vote()
        with self.assertRaisesRegex(UserError, "voting"):
            self._divide(request, 1000, 2000)

    def test_a_divided_request_stays_divided(self):
        request = self._refer()
        first = self._divide(request, 1000, 2000)[0]
        with self.assertRaisesRegex(UserError, "not divided"):
            self._divide(request, 1000, 2000)
        with self.assertRaisesRegex(UserError, "its parts go on"):
            self._take(request, "reopen", reason="Again")
        with self.assertRaisesRegex(UserError, "not divided"):
            first.with_user(self.officer).action_divide()

    def test_dividing_does_not_go_around_a_limit(self):
        self.policy.split_days = 0
        request = self._refer()
        kind = self.aid_type.copy({"code": "other"})
        first, second = request.with_user(self.officer)._divide(
            [
                {"aid_type_id": self.aid_type.id, "amount_requested": 1000},
                {"aid_type_id": kind.id, "amount_requested": 2000},
            ],
            "Two kinds",
        )
        self.assertIn(second, first._earlier_of_household()[first])

    def test_parts_of_one_request_are_not_help_given_again(self):
        self.aid_type.write({"person_limit": 1, "household_limit": 1})
        first, second = self._divide(self._refer(), 1000, 2000)
        self.assertFalse(first.repeat_note or second.repeat_note)
        self._decide(first, amount=1000)
        self._decide(second, amount=2000)
        self.assertEqual((first.status, second.status), ("approved", "approved"))
        self.assertTrue(self._create_request().repeat_note)

    def test_a_divided_request_counts_once(self):
        self.aid_type.person_limit = 2
        self._divide(self._refer(), 1000, 2000)
        self.assertFalse(self._create_request().repeat_note)
        self.assertTrue(self._create_request().repeat_note)

    def test_parts_of_an_urgent_request_are_regularised_too(self):
        request = self._create_request()
        self.aid_type.urgent_allowed = True
        request.write({"urgency": "urgent", "urgent_reason": "It cannot wait"})
        request.with_user(self.manager).action_approve_urgent()
        request.with_user(self.officer).action_verify()
        self.assertTrue(request.regularise_note)
        parts = self._divide(request, 1000, 2000)
        for part in parts:
            self.assertEqual(part.regularise_note, request.regularise_note)
            self.assertEqual(part.regularise_due, request.regularise_due)
            self.assertTrue(part._is_to_regularise())

    def test_dividing_does_not_raise_the_ceiling(self):
        self.aid_type.ceiling = 2500
        first, second = self._divide(self._refer(), 1000, 2000)
        self._decide(first, amount=1000)
        with self.assertRaisesRegex(UserError, "above the ceiling"):
            self._decide(second, amount=1501)
        self.assertEqual(second.status, "decision")

    def test_dialog_begins_with_the_whole(self):
        request = self._refer()
        context = request.with_user(self.officer).action_divide()["context"]
        wizard = (
            self.env["beneficiary.aid.request.divide"]
            .with_user(self.officer)
            .with_context(**context)
            .create({"reason": "Two bodies"})
        )
        self.assertEqual(wizard.line_ids.amount, 3000)
        wizard.line_ids.amount = 1000
        wizard.line_ids = [
            fields.Command.create({"aid_type_id": self.aid_type.id, "amount": 2000})
        ]
        self.assertFalse(wizard.amount_left)
        action = wizard.action_divide()
        self.assertEqual(len(request.part_ids), 2)
        self.assertEqual(action["domain"], [("id", "in", request.part_ids.ids)])


@tagged("post_install", "-at_install")
class TestRequestDuplicates(ExitCommon):
    """The same need sent twice is found, and stopped by somebody."""

    def test_found_by_person_and_household_within_the_days(self):
        first = self._create_request()
        second = self._create_request()
        kind = self.aid_type.copy({"code": "other"})
        self._create_request(aid_type_id=kind.id)
        self._create_request(beneficiary=self._create_other_beneficiary())
        self.assertEqual(second.similar_request_ids, first)
        Request = self.env["beneficiary.aid.request"].with_user(self.officer)
        found = Request.search([("has_similar", "=", True)])
        self.assertEqual(found & (first | second), first | second)
        self.assertEqual(
            found, Request.search([]).filtered("has_similar"), "as the form says"
        )
        self.assertFalse(
            Request.search([("has_similar", "=", False)]) & (first | second)
        )
        far = self._create_request(
            date_received=first.date_received - timedelta(days=91)
        )
        self.assertFalse(far.similar_request_ids)

    def test_stopped_as_a_duplicate_of_the_other(self):
        first, second = self._create_request(), self._create_request()
        self._take(second, "duplicate", reason="Sent twice", original_id=first.id)
        self.assertEqual((second.status, second.outcome), ("cancelled", "duplicate"))
        self.assertEqual(second.duplicate_of_id, first)
        self.assertLogged(first, second.name)
        self.assertFalse(first.similar_request_ids)
        with self.assertRaisesRegex(UserError, "no duplicate"):
            first._stop_duplicates(second, "Not each of the other")
        self._take(second, "reopen", reason="It was another operation")
        self.assertFalse(second.duplicate_of_id)

    def test_another_person_is_no_duplicate(self):
        first = self._create_request()
        other = self._create_request(beneficiary=self._create_other_beneficiary())
        with self.assertRaisesRegex(UserError, "no duplicate"):
            self._take(other, "duplicate", reason="?", original_id=first.id)


@tagged("post_install", "-at_install")
class TestRequestSteps(ExitCommon):
    """One step with many requests: those that can, and a list of those that cannot."""

    def test_nothing_is_left_out_silently(self):
        ready = self._create_request()
        self._complete_papers(ready)
        self._sign(ready)
        missing = self._create_request(beneficiary=self._create_other_beneficiary())
        wizard = self._step(ready | missing, "study")
        self.assertEqual((wizard.ready_count, wizard.refused_count), (1, 1))
        self.assertIn(missing.name, wizard.refused_note)
        self.assertIn("signed declaration", wizard.refused_note)
        action = wizard.action_apply()
        self.assertEqual((ready.status, missing.status), ("study", "received"))
        self.assertEqual(action["res_id"], wizard.id)
        self.assertTrue(wizard.is_done)
        self.assertIn(missing.name, wizard.left_note)
        # A second click finds nothing to do any more.
        with self.assertRaisesRegex(UserError, "already"):
            self._take(ready | missing, "study")

    def test_every_refusal_is_said_at_once(self):
        first = self._create_request()
        second = self._create_request(beneficiary=self._create_other_beneficiary())
        with self.assertRaises(UserError) as caught:
            (first | second).action_follow_up()
        self.assertIn(first.name, str(caught.exception))
        self.assertIn(second.name, str(caught.exception))

    def test_assign(self):
        requests = self._create_request() | self._create_request()
        with self.assertRaisesRegex(UserError, "who takes"):
            self._take(requests, "assign")
        self._take(requests, "assign", researcher_id=self.researcher.id)
        self.assertEqual(requests.researcher_id, self.researcher)

    def test_close_many_with_one_outcome(self):
        first = self._decide().with_user(self.officer)
        first.action_deliver()
        first.action_follow_up()
        other = self._create_request(beneficiary=self._create_other_beneficiary())
        wizard = self._step(first | other, "close", outcome="moved")
        self.assertEqual((wizard.ready_count, wizard.refused_count), (1, 1))
        wizard.action_apply()
        self.assertEqual((first.status, first.outcome), ("closed", "moved"))
        self.assertEqual(other.status, "received")

    def test_ask_and_tell(self):
        waiting = self._create_request()
        decided = self._decide(
            self._refer(
                self._create_request(beneficiary=self._create_other_beneficiary())
            )
        )
        self._take(waiting | decided, "ask")
        self.assertTrue(waiting.waiting_since)
        self.assertFalse(decided.waiting_since)
        self.policy.early_reply = "allow"
        wizard = self._step(waiting | decided, "tell")
        wizard.action_apply()
        self.assertTrue(decided.told_on)
        self.assertIn(waiting.name, wizard.left_note)
