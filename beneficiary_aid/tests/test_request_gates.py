from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestRequestGates(AidCommon):
    """Asking for what is missing, the urgent route, the registration."""

    def _verify_all(self, request):
        self._complete_papers(request)
        request.invalidate_recordset()

    # ------------------------------------------------------------------
    # Asking for what is missing
    # ------------------------------------------------------------------

    def test_one_click_asks_and_the_answer_goes_on(self):
        request = self._create_request()
        missing = request.missing_document_type_ids
        request.action_ask_missing()
        self.assertEqual(request.waiting_for, "applicant")
        self.assertTrue(request.waiting_since)
        self.assertEqual(request.asked_document_type_ids, missing)
        self.assertTrue(request.asked_declaration)
        self._sign(request)
        self.assertTrue(request.waiting_since)
        self._verify_all(request)
        self.assertFalse(request.waiting_since)
        self.assertTrue(request.answered_on)
        activity = request.activity_ids.filtered(
            lambda one: (
                one.activity_type_id
                == self.env.ref("beneficiary_aid.mail_activity_type_answered")
            )
        )
        self.assertEqual(activity.user_id, self.officer)

    def test_days_of_waiting_are_added(self):
        self.policy.window_start = "submission"
        request = self._create_request()
        request.action_ask_missing()
        with freeze_time(fields.Datetime.now() + timedelta(days=5)):
            self._sign(request)
            self._verify_all(request)
            self.assertEqual(request.paused_days, 5)

    def test_notice_names_no_paper(self):
        request = self._create_request()
        request.action_ask_missing()
        notice = (
            self.env["beneficiary.message"]
            .sudo()
            .search([("res_model", "=", request._name), ("res_id", "=", request.id)])
        )
        self.assertEqual(len(notice), 1)
        for kind in request.missing_document_type_ids:
            self.assertNotIn(kind.name, notice.body)

    def test_second_click_sends_nothing_again(self):
        request = self._create_request()
        request.action_ask_missing()
        count = self.env["beneficiary.message"].sudo().search_count([])
        request.action_ask_missing()
        self.assertEqual(self.env["beneficiary.message"].sudo().search_count([]), count)

    def test_papers_that_came_in_are_not_asked_for(self):
        request = self._create_request()
        kind = request.missing_document_type_ids[0]
        self.env["beneficiary.document"].create(
            {
                "beneficiary_id": request.beneficiary_id.id,
                "type_id": kind.id,
                "state": "submitted",
            }
        )
        request.invalidate_recordset()
        request.action_ask_missing()
        self.assertNotIn(kind, request.asked_document_type_ids)

    def test_nothing_missing_is_refused(self):
        request = self._create_request()
        self._sign(request)
        self._verify_all(request)
        with self.assertRaisesRegex(UserError, "nothing is missing"):
            request.action_ask_missing()

    def test_only_those_who_work_on_it_ask(self):
        request = self._create_request()
        for user in (self.representative, self.secretary, self.clerk, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                request.with_user(user).action_ask_missing()

    def test_decided_request_asks_for_nothing(self):
        request = self._decide().with_user(self.officer)
        with self.assertRaisesRegex(UserError, "nothing to ask for"):
            request.action_ask_missing()

    # ------------------------------------------------------------------
    # Urgent route
    # ------------------------------------------------------------------

    def _urgent(self, **values):
        request = self._create_request(
            urgency="urgent", urgent_reason="The operation is tomorrow", **values
        )
        request.action_verify()
        return request

    def test_urgent_route_passes_with_name_reason_and_day(self):
        request = self._urgent()
        with self.assertRaisesRegex(UserError, "cannot be studied yet"):
            request.action_study()
        request.with_user(self.manager).action_approve_urgent()
        self.assertEqual(request.urgent_approved_by_id, self.manager)
        self.assertEqual(
            request.regularise_due,
            request._business_day() + timedelta(days=self.aid_type.urgent_days),
        )
        self.assertIn("signed declaration", request.regularise_note)
        request.action_study()
        self.assertEqual(request.status, "study")
        self.assertIn("To regularise", request.missing_note)

    def test_day_of_regularising_is_a_managers(self):
        request = self._urgent()
        day = request._business_day() + timedelta(days=3)
        with self.assertRaises(AccessError):
            request.regularise_due = day
        request.with_user(self.manager).regularise_due = day
        request.with_user(self.manager).action_approve_urgent()
        self.assertEqual(request.regularise_due, day)

    def test_urgent_decision_may_lack_what_was_waived_and_nothing_else(self):
        request = self._urgent()
        request.with_user(self.manager).action_approve_urgent()
        request.action_study()
        with self.assertRaisesRegex(UserError, "no finished assessment"):
            request.action_refer()
        self._assess(request)
        request.action_refer()
        self._decide(request)
        self.assertEqual(request.status, "approved")

    def _assess(self, request):
        assessment = (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "request_id": request.id,
                    "beneficiary_id": request.beneficiary_id.id,
                    "mechanism_id": self.mechanism.id,
                    "report": "Needs it",
                    "recommendation": "approve",
                }
            )
        )
        assessment.line_ids.filtered(lambda line: line.result == "unknown").write(
            {"result": "met"}
        )
        assessment.action_done()

    def test_urgent_request_is_regularised_before_it_is_closed_as_served(self):
        request = self._urgent()
        request.with_user(self.manager).action_approve_urgent()
        request.action_study()
        self._assess(request)
        request.action_refer()
        self._decide(request)
        request.action_deliver()
        request.action_follow_up()
        request.outcome = "served"
        with self.assertRaisesRegex(UserError, "to be regularised"):
            request.action_close()
        self._sign(request)
        self.assertFalse(request.regularised_on)
        self._verify_all(request)
        self.assertTrue(request.regularised_on)
        self.assertNotIn("regularised", request._gate_closed(request, {}) or "")

    def test_overdue_regularising_reminds_once(self):
        request = self._urgent()
        request.with_user(self.manager).action_approve_urgent()
        request.action_study()
        Request = self.env["beneficiary.aid.request"]
        kind = self.env.ref("beneficiary_aid.mail_activity_type_regularise")
        overdue = [
            ("regularise_due", "<", "2100-01-01"),
            ("regularised_on", "=", False),
            ("id", "=", request.id),
        ]
        Request._cron_regularise()
        self.assertFalse(request.activity_ids)
        with freeze_time(fields.Datetime.now() + timedelta(days=40)):
            self.assertEqual(Request.search(overdue), request)
            job = self.env.ref("beneficiary_aid.ir_cron_regularise")
            for _time in range(2):
                with self.enter_registry_test_mode():
                    job.method_direct_trigger()
        activity = request.sudo().activity_ids.filtered(
            lambda one: one.activity_type_id == kind
        )
        self.assertEqual(activity.user_id, self.manager)

    def test_motion_on_an_incomplete_file_is_refused(self):
        request = self._refer()
        request.assessment_ids.sudo().state = "cancelled"
        with self.assertRaisesRegex(UserError, "finished assessment"):
            self._decide(request)

    # ------------------------------------------------------------------
    # Registration after the decision
    # ------------------------------------------------------------------

    def test_registration_is_completed_after_the_decision(self):
        request = self._create_request()
        with self.assertRaisesRegex(UserError, "after the decision"):
            request.action_register()
        request = self._decide(self._refer(request)).with_user(self.officer)
        with self.assertRaises(AccessError):
            request.with_user(self.researcher).action_register()
        request.action_register()
        self.assertEqual(request.registered_by_id, self.officer)
        day = request.registered_on
        request.action_register()
        self.assertEqual(request.registered_on, day)

    def test_nothing_is_given_before_the_registration_is_complete(self):
        request = self._decide().with_user(self.officer)
        request.beneficiary_id._change_state(
            "suspended",
            self.env["beneficiary.state.reason"].search(
                [("target_state", "=", "suspended")], limit=1
            ),
        )
        self.assertIn("an active file", request.missing_note)
        for step in ("action_register", "action_deliver"):
            with (
                self.subTest(step=step),
                self.assertRaisesRegex(UserError, "an active file"),
            ):
                getattr(request, step)()

    def test_money_needs_an_account(self):
        self.aid_type.nature = "cash"
        request = self._decide().with_user(self.officer)
        self.beneficiary.partner_id.bank_ids.unlink()
        with self.assertRaisesRegex(UserError, "a bank account"):
            request.action_deliver()
        self.beneficiary.partner_id.write(
            {"bank_ids": [Command.create({"acc_number": "SA0380000000608010167519"})]}
        )
        request.action_deliver()
        self.assertTrue(request.registered_on)
