from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common import CITIZENS

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestRequestWindow(AidCommon):
    """Reminders before an answer is late, and how the answers kept to the window.

    The policy: not before one month, at the latest after 60 days.
    """

    def _refer_on(self, day):
        with freeze_time(f"{day} 09:00:00"):
            request = self._refer()
        return request

    def _escalate_on(self, day):
        with freeze_time(f"{day} 09:00:00"):
            self.env["beneficiary.aid.request"]._cron_escalate_replies()

    def _reminded(self, request):
        kind = self.env.ref("beneficiary_aid.mail_activity_type_reply_due")
        return (
            request.sudo()
            .activity_ids.filtered(lambda one: one.activity_type_id == kind)
            .user_id
        )

    def test_the_officer_is_reminded_first_then_the_manager(self):
        self.policy.user_id = self.manager
        request = self._refer_on("2026-01-01")
        request.user_id = self.officer
        self._escalate_on("2026-02-14")
        self.assertEqual(request.escalation, "none")
        self._escalate_on("2026-02-15")
        self.assertEqual(request.escalation, "officer")
        self.assertEqual(self._reminded(request), self.officer)
        self._escalate_on("2026-02-16")
        self.assertEqual(len(request.sudo().activity_ids), 1, "Once a step.")
        self._escalate_on("2026-03-02")
        self.assertEqual(request.escalation, "manager")
        self.assertEqual(self._reminded(request), self.officer | self.manager)

    def test_a_request_that_waits_does_not_escalate_and_a_pause_moves_the_day(self):
        request = self._refer_on("2026-01-01")
        with freeze_time("2026-02-10 09:00:00"):
            request.with_user(self.officer).action_return()
        self._escalate_on("2026-02-20")
        self.assertEqual(request.escalation, "none")
        floor = request.reply_not_before
        with freeze_time("2026-02-20 09:00:00"):
            request.with_user(self.officer).action_resume()
        self.assertEqual(request.reply_due, date(2026, 3, 12))
        self.assertEqual(request.reply_not_before, floor, "A pause moves no floor.")
        self._escalate_on("2026-02-20")
        self.assertEqual(request.escalation, "none")
        self._escalate_on("2026-02-23")
        self.assertEqual(request.escalation, "officer")

    def test_the_reminder_goes_when_the_answer_is_given(self):
        with freeze_time("2026-01-01 09:00:00"):
            request = self._decide()
        self._escalate_on("2026-02-20")
        self.assertTrue(self._reminded(request))
        with freeze_time("2026-02-21 09:00:00"):
            request.with_user(self.officer).action_tell_applicant()
        self.assertFalse(self._reminded(request))

    def test_reminders_are_made_in_one_batch(self):
        for _number in range(3):
            self._refer_on("2026-01-01")
        self.env.flush_all()
        self.env.invalidate_all()
        created = []
        Activity = type(self.env["mail.activity"])
        original = Activity.create

        def create(records, vals_list):
            created.append(len(vals_list))
            return original(records, vals_list)

        self.patch(Activity, "create", create)
        self._escalate_on("2026-02-20")
        self.assertEqual(len(created), 1)
        self.assertGreaterEqual(created[0], 3)

    def test_answers_by_window(self):
        results = {}
        for day, result in (
            ("2026-01-15", "before_floor"),
            ("2026-02-10", "inside"),
            ("2026-03-20", "after_max"),
        ):
            with freeze_time("2026-01-01 09:00:00"):
                request = self._decide()
            request.early_reason = "Cannot wait"
            with freeze_time(f"{day} 09:00:00"):
                request.with_user(self.officer).action_tell_applicant()
            results[result] = request
        late = self._refer_on("2026-01-01")
        with freeze_time("2026-03-20 09:00:00"):
            self.env["beneficiary.aid.request"]._cron_late_replies()
        results["unanswered"] = late
        for result, request in results.items():
            self.assertEqual(request.window_result, result)
        self.assertEqual(results["inside"].reply_days, 40)
        self.assertFalse(self._create_request().window_result, "No clock, no result.")
        action = self.env.ref("beneficiary_aid.beneficiary_aid_request_action_window")
        found = self.env["beneficiary.aid.request"].search(
            [("company_id", "=", self.company.id), ("window_result", "!=", False)]
        )
        self.assertEqual(set(found), set(results.values()))
        self.assertEqual(action.view_mode.split(",")[0], "graph")

    def test_the_acknowledgement_has_the_wording_and_then_the_days(self):
        request = self._create_request()
        words = request._portal_acknowledgement()
        self.assertIn("خلال مدة لا تقل عن شهر", words)
        self.assertIn(request.name, words)
        self.assertNotIn("At the latest", words)
        with freeze_time("2026-01-01 09:00:00"):
            request = self._refer()
        words = request._portal_acknowledgement()
        self.assertIn("Not before 1 February 2026", words)
        self.assertIn("At the latest on 2 March 2026", words)

    def test_days_to_the_answer_leave_out_who_was_not_answered(self):
        self.policy.early_reply = "allow"
        request = self._decide(self._refer_on("2026-01-01"))
        with freeze_time("2026-02-10 09:00:00"):
            request.with_user(self.officer).action_tell_applicant()
        silent = self._create_request(beneficiary=self._create_other_beneficiary())
        self.assertFalse(silent.reply_days)
        [[days, count]] = self.env["beneficiary.aid.request"]._read_group(
            [("id", "in", (request | silent).ids)],
            [],
            ["reply_days:avg", "__count"],
        )
        self.assertEqual((days, count), (request.reply_days, 2))
        self.assertTrue(days)

    def test_the_day_is_that_of_each_association(self):
        other = self._create_association("Kiritimati")
        other.partner_id.tz = "Pacific/Kiritimati"
        self.company.partner_id.tz = "Asia/Riyadh"
        policy = self._create_policy(other)
        person = self._create_beneficiary(
            name="سالم", identity_number=CITIZENS[4], company_id=other.id
        )
        kind = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", other.id), ("code", "=", "treatment")]
        )
        theirs = self.env["beneficiary.aid.request"].create(
            {"beneficiary_id": person.id, "aid_type_id": kind.id}
        )
        self.assertEqual(theirs.policy_id, policy)
        ours = self._create_request()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE beneficiary_aid_request SET reply_start = '2026-03-11',"
            " reply_due = '2026-05-10', reply_state = 'on_time' WHERE id = ANY(%s)",
            [(theirs | ours).ids],
        )
        self.env.invalidate_all()
        # Already the eleventh there, still the tenth here.
        with freeze_time("2026-05-10 12:00:00"):
            self.env["beneficiary.aid.request"]._cron_late_replies()
            self.assertEqual(theirs.reply_state, "late")
            self.assertEqual(ours.reply_state, "on_time")
