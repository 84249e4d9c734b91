import base64
from datetime import date, datetime, timedelta

from lxml import etree, html
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.beneficiary_relations.tests.common import PDF

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestRequest(AidCommon):
    """The steps of a request and what each asks for."""

    # ------------------------------------------------------------------
    # Entering
    # ------------------------------------------------------------------

    def test_request_takes_number_policy_stage_and_household(self):
        request = self._create_request()
        self.assertTrue(request.name)
        self.assertEqual(request.policy_id, self.policy)
        self.assertEqual(request.status, "received")
        self.assertEqual(request.household_id, self.household)
        self.assertEqual(request.entered_by_id, self.officer)
        self.assertNotEqual(self._create_request().name, request.name)

    def test_refused_step_names_the_columns_and_what_comes_next(self):
        """The words of the board, not those of the program (dragging a card)."""
        request = self._create_request().with_user(self.officer)
        Stage = self.env["beneficiary.aid.stage"]
        place = (self.company, self.policy)
        delivery = Stage._of_status("delivery", *place)
        study = Stage._of_status("study", *place)
        with self.assertRaises(UserError) as refused:
            request.stage_id = delivery
        words = str(refused.exception)
        for stage in (request.stage_id, delivery, study):
            self.assertIn(stage.name, words)
        self.assertNotIn(Stage._of_status("closed", *place).name, words)
        self.assertEqual(request.status, "received")

    def test_no_field_stands_beside_groups_where_its_label_is_not_drawn(self):
        """The reason of an urgent approval had to be typed into an unnamed line."""
        forms = self.env["ir.ui.view"].search(
            [("type", "=", "form"), ("arch_fs", "=like", "beneficiary_aid/%")]
        )
        self.assertTrue(forms)
        for form in forms:
            fields_beside = etree.fromstring(form.arch).xpath(
                "//group[group]/field[not(@invisible='1') and not(@nolabel)]/@name"
            )
            self.assertFalse(fields_beside, form.name)

    def test_figures_lead_to_a_list_with_a_name(self):
        """Without a name of the view the list behind a figure is “Untitled”."""
        for model in ("beneficiary.aid.request", "beneficiary.decision"):
            for kind in ("pivot", "graph"):
                view = self.env["ir.ui.view"].default_view(model, kind)
                if not view:
                    continue
                with self.subTest(model=model, kind=kind):
                    arch = self.env[model].get_view(view, kind)["arch"]
                    self.assertTrue(html.fromstring(arch).get("string"))

    def test_entering_makes_nobody_a_follower(self):
        request = self._create_request()
        self.assertFalse(request.message_partner_ids & self.beneficiary.partner_id)

    def test_results_are_not_typed_in(self):
        values = {
            "amount_approved": 100,
            "told_on": date(2026, 1, 1),
            "name": "X",
            "status": "approved",
            "is_declared": True,
            "reply_due": date(2030, 1, 1),
            "paused_days": 500,
            "payment_state": "paid",
            "policy_id": self.policy.id,
            "form_key": "x",
        }
        request = self._create_request()
        for name, value in values.items():
            with self.subTest(field=name):
                with self.assertRaises(AccessError):
                    request.write({name: value})
                with self.assertRaises(AccessError):
                    self._create_request(**{name: value})

    def test_amounts_are_numbers_from_zero_up(self):
        for amount in (-1, 1e12, float("nan"), float("inf"), -float("inf")):
            with (
                self.subTest(amount=amount),
                self.assertRaisesRegex(ValidationError, "must be a number"),
            ):
                self._create_request(amount_requested=amount)

    def test_a_new_request_begins_at_the_first_stage(self):
        stage = self.env["beneficiary.aid.stage"]._of_status("approved", self.company)
        with self.assertRaisesRegex(UserError, "begins at its first stage"):
            self._create_request(stage_id=stage.id)
        with self.assertRaisesRegex(UserError, "begins at its first stage"):
            self.env["beneficiary.aid.request"].with_user(self.officer).with_context(
                default_stage_id=stage.id
            ).create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "aid_type_id": self.aid_type.id,
                }
            )

    def test_without_stages_the_remedy_is_named(self):
        self.env["beneficiary.aid.stage"].search(
            [("company_id", "=", self.company.id)]
        ).active = False
        with self.assertRaisesRegex(UserError, "Adopt a policy"):
            self._create_request()

    def test_long_words_are_refused_and_signs_of_direction_removed(self):
        request = self._create_request(reason="a\u202eb\nc")
        self.assertEqual(request.reason, "ab\nc")
        with self.assertRaisesRegex(ValidationError, "Shorten it"):
            request.reason = "x" * 6000

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def test_study_needs_papers_and_declaration(self):
        request = self._create_request()
        request.action_verify()
        with self.assertRaisesRegex(UserError, "signed declaration"):
            request.action_study()
        self.assertIn("Quotation", request.missing_note)
        self._complete_papers(request)
        request.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Missing: signed declaration"):
            request.action_study()
        self._sign(request)
        request.action_study()
        self.assertEqual(request.status, "study")

    def test_a_paper_must_have_been_valid_when_the_request_came(self):
        request = self._create_request(date_received=datetime(2026, 6, 15, 9))
        self._complete_papers(request)
        paper = request.document_ids[:1].sudo()
        paper.expiry_date = "2026-06-14"
        request.invalidate_recordset()
        self.assertEqual(request.missing_document_type_ids, paper.type_id)
        paper.expiry_date = "2026-06-15"
        request.invalidate_recordset()
        self.assertFalse(request.missing_document_type_ids)

    def test_a_day_is_the_day_of_the_association(self):
        request = self._create_request()
        self.company.partner_id.tz = "Asia/Riyadh"
        self.assertEqual(
            request._business_day(datetime(2026, 6, 14, 21, 30)), date(2026, 6, 15)
        )

    def test_day_received_is_corrected_by_an_administrator_only(self):
        request = self._create_request()
        day = datetime(2026, 6, 15, 9)
        for user in (self.officer, self.researcher, self.aid_manager, self.manager):
            with (
                self.subTest(user=user.login),
                self.assertRaises(UserError),
            ):
                request.with_user(user).date_received = day
        received = request.date_received
        request.with_user(self.officer).date_received = received
        self.env.flush_all()
        request = request.with_user(self.administrator).with_context(
            tracking_disable=False, mail_notrack=False
        )
        request.date_received = day
        self.env.flush_all()
        self.env.cr.precommit.run()
        tracked = request.sudo().message_ids.tracking_value_ids
        self.assertEqual(tracked.field_id.name, "date_received")

    def test_request_is_not_received_on_a_day_to_come(self):
        tomorrow = datetime.now() + timedelta(days=2)
        with self.assertRaisesRegex(ValidationError, "a day to come"):
            self._create_request(date_received=tomorrow)
        request = self._create_request()
        with self.assertRaisesRegex(ValidationError, "a day to come"):
            request.with_user(self.administrator).date_received = tomorrow

    def test_earlier_day_of_a_new_request_is_said_in_its_history(self):
        request = self._create_request(date_received=datetime(2026, 6, 15, 9))
        self.assertIn("received on", request._creation_message())
        today = self._create_request()
        self.assertEqual(today._creation_message(), "Request received")

    def test_search_and_form_count_the_same_day(self):
        self.company.partner_id.tz = "Asia/Riyadh"
        # Half past midnight of the fifteenth in Riyadh.
        request = self._create_request(date_received=datetime(2026, 6, 14, 21, 30))
        self._complete_papers(request)
        request.document_ids.sudo().expiry_date = "2026-06-14"
        self.env.invalidate_all()
        self.assertTrue(request.has_missing_documents)
        self.assertEqual(
            request.search(
                [("id", "=", request.id), ("has_missing_documents", "=", True)]
            ),
            request,
        )

    def test_papers_of_the_submission_are_kept(self):
        request = self._create_request()
        request.action_verify()
        self._complete_papers(request)
        self._sign(request)
        request.action_study()
        papers = request.accepted_document_ids
        self.assertEqual(papers.type_id, request.required_document_type_ids)
        self.assertEqual(set(papers.mapped("state")), {"verified"})
        papers[0].sudo().expiry_date = "2026-06-14"
        papers[1:].sudo()._reject("Another one came")
        self.env.invalidate_all()
        self.assertEqual(request.accepted_document_ids, papers)
        with self.assertRaisesRegex(AccessError, "Papers at Submission"):
            request.with_user(self.officer).accepted_document_ids = False

    def test_checklist_of_the_file_asks_for_the_help_asked_for(self):
        request = self._create_request()
        asked = request.aid_type_id.document_type_ids
        self.assertIn(request.aid_type_id, asked.aid_type_ids)
        self.env.flush_all()
        file = request.beneficiary_id.with_user(self.researcher)
        self.assertLessEqual(asked, file.document_requirement_ids.type_id)
        self._complete_papers(request)
        self._sign(request)
        request.action_verify()
        request.action_study()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(asked & file.document_requirement_ids.type_id)

    def test_search_for_missing_documents_says_what_the_form_says(self):
        complete = self._create_request()
        self._complete_papers(complete)
        other = self._create_request(self._create_other_beneficiary())
        self.env.invalidate_all()
        Request = self.env["beneficiary.aid.request"].with_user(self.officer)
        both = complete | other
        mine = [("id", "in", both.ids)]
        self.assertEqual(
            Request.search([*mine, ("has_missing_documents", "=", True)]), other
        )
        self.assertEqual(
            Request.search([*mine, ("has_missing_documents", "=", False)]), complete
        )
        self.assertEqual(
            Request.search([*mine, ("has_missing_documents", "!=", True)]), complete
        )

    def test_committee_needs_a_finished_assessment(self):
        request = self._create_request()
        self._complete_papers(request)
        self._sign(request)
        request.action_study()
        with self.assertRaisesRegex(UserError, "no finished assessment"):
            request.action_refer()

    def test_assessment_that_wants_more_information_does_not_count(self):
        request = self._create_request()
        self._study(request, recommendation="more_information")
        with self.assertRaisesRegex(UserError, "no finished assessment"):
            request.action_refer()

    def test_assessment_is_about_the_person_of_the_request(self):
        request = self._create_request()
        with self.assertRaisesRegex(ValidationError, "different people"):
            self.env["beneficiary.assessment"].create(
                {
                    "request_id": request.id,
                    "beneficiary_id": self._create_other_beneficiary().id,
                    "mechanism_id": self.mechanism.id,
                }
            )

    def test_conditions_of_another_kind_of_help_are_not_asked(self):
        criterion = self.policy.criterion_ids[:1]
        medicine = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", self.company.id), ("code", "=", "medicine")]
        )
        medicine.criterion_ids = criterion
        Assessment = self.env["beneficiary.assessment"]
        values = {
            "beneficiary_id": self.beneficiary.id,
            "mechanism_id": self.mechanism.id,
        }
        treatment = self._create_request()
        asked = Assessment.create({**values, "request_id": treatment.id})
        self.assertNotIn(criterion, asked.line_ids.criterion_id)
        request = self._create_request(aid_type_id=medicine.id)
        asked = Assessment.create({**values, "request_id": request.id})
        self.assertIn(criterion, asked.line_ids.criterion_id)

    def test_conditions_of_one_kind_of_help_score_nobody_and_stay_with_it(self):
        criterion = self.policy._scoring_criteria()[:1]
        self.aid_type.criterion_ids = criterion
        self.assertTrue(self.policy.score_rule_changed)
        self.assertNotIn(criterion, self.policy._scoring_criteria())
        newer = self.policy.copy({"name": "Newer"})
        copied = newer.criterion_ids.filtered(lambda one: one.name == criterion.name)
        self.assertEqual(copied.aid_type_ids, self.aid_type)
        self.assertNotIn(copied, newer._scoring_criteria())

    def test_drag_meets_the_same_gates(self):
        request = self._create_request()
        Stage = self.env["beneficiary.aid.stage"]
        for status in ("study", "decision", "approved", "rejected", "delivery"):
            with self.subTest(status=status), self.assertRaises(UserError):
                request.stage_id = Stage._of_status(status, self.company)
        request.stage_id = Stage._of_status("verification", self.company)
        self.assertEqual(request.status, "verification")

    def test_approval_comes_from_the_committee_only(self):
        request = self._refer()
        stage = self.env["beneficiary.aid.stage"]._of_status("approved", self.company)
        for user in (self.officer, self.manager, self.administrator):
            with self.assertRaisesRegex(UserError, "no decision that approves"):
                request.with_user(user).stage_id = stage

    def test_second_click_does_nothing(self):
        request = self._create_request()
        request.action_verify()
        stage = request.stage_id
        request.action_verify()
        self.assertEqual(request.stage_id, stage)

    def test_stages_of_one_status_are_free(self):
        request = self._refer()
        stages = self.env["beneficiary.aid.stage"].search(
            [("company_id", "=", self.company.id), ("status", "=", "decision")]
        )
        self.assertEqual(len(stages), 2)
        request.with_user(self.officer).stage_id = stages[1]
        self.assertEqual(request.status, "decision")

    def test_what_was_asked_stays_as_the_committee_sees_it(self):
        request = self._refer()
        with self.assertRaisesRegex(UserError, "before the committee"):
            request.with_user(self.officer).amount_requested = 9000
        request.with_user(self.officer).amount_requested = 3000
        request.with_user(self.officer).action_back_to_study()
        request.with_user(self.officer).amount_requested = 2500

    def test_a_closed_file_gets_no_request(self):
        self.beneficiary._change_state(
            "closed", self.env.ref("beneficiary_relations.state_reason_moved")
        )
        with self.assertRaisesRegex(ValidationError, "closed"):
            self._create_request()

    def test_nothing_closes_without_an_outcome(self):
        request = self._decide().with_user(self.officer)
        request.action_deliver()
        request.action_follow_up()
        self.assertTrue(request.delivered_on)
        with self.assertRaisesRegex(UserError, "no outcome"):
            request.action_close()
        request.outcome = "served"
        request.receipt = base64.b64encode(PDF)
        request.action_close()
        self.assertEqual(request.status, "closed")
        self.assertFalse(request.is_open)
        with self.assertRaises(AccessError):
            request._reopen("By mistake")
        request.with_user(self.manager)._reopen("By mistake")
        self.assertEqual(request.status, "follow_up")

    def test_cancelled_request_is_taken_up_again(self):
        request = self._create_request()
        request._stop("By mistake")
        self.assertFalse(request.is_open)
        request._reopen("It is needed")
        self.assertEqual(request.status, "received")

    def test_cancelling_after_the_decision_gives_the_promise_back(self):
        request = self._decide()
        self.assertEqual(self.fund.committed, 2000)
        request.with_user(self.officer)._stop("Help came from elsewhere")
        self.assertEqual(self.fund.committed, 0)

    def test_request_that_was_worked_on_is_not_deleted(self):
        request = self._create_request()
        self._sign(request)
        with self.assertRaisesRegex(UserError, "is kept"):
            request.with_user(self.administrator).unlink()
        self._create_request().with_user(self.administrator).unlink()

    # ------------------------------------------------------------------
    # Roles and associations
    # ------------------------------------------------------------------

    def test_steps_by_role(self):
        request = self._create_request()
        for name in ("auditor", "member_a", "secretary", "clerk", "employee"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                request.with_user(getattr(self, name)).action_verify()
        request.with_user(self.researcher).action_verify()
        self.assertEqual(request.status, "verification")
        with self.assertRaises(AccessError):
            request.with_user(self.researcher).action_cancel()

    def test_role_matrix_cell_by_cell(self):
        request = self._create_request()
        matrix = {
            "officer": "rwc",
            "researcher": "rwc",
            "representative": "",
            "complaints": "r",
            "quality": "",
            "auditor": "r",
            "manager": "rwc",
            "administrator": "rwcd",
            "secretary": "r",
            "member_a": "r",
            "clerk": "r",
            "releaser": "r",
            "employee": "",
        }
        self.assertAccess(request, matrix)

    def test_representative_enters_for_the_own_branch(self):
        own = self._create_other_beneficiary(branch_id=self.branch.id)
        request = (
            self.env["beneficiary.aid.request"]
            .with_user(self.representative)
            .create({"beneficiary_id": own.id, "aid_type_id": self.aid_type.id})
        )
        self.assertEqual(request.branch_id, self.branch)
        self.assertTrue(request.has_access("write"))
        foreign = self._create_request()
        self.assertFalse(foreign.with_user(self.representative).has_access("read"))
        with self.assertRaises(AccessError):
            request.action_cancel()

    def test_other_association_sees_nothing(self):
        request = self._decide()
        other = self._create_association("Other")
        stranger = new_test_user(
            self.env,
            "aid_stranger",
            groups="beneficiary_relations.group_administrator,"
            "beneficiary_aid.group_committee_secretary",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        item = request.sudo().agenda_item_ids
        for record in (
            request,
            request.stage_id,
            self.aid_type,
            request.declaration_ids,
            self.committee,
            self.committee.member_ids,
            item.meeting_id,
            item.meeting_id.attendance_ids,
            item,
            item.vote_ids,
            request.decision_id,
        ):
            with self.subTest(model=record._name):
                self.assertTrue(record)
                seen = record.with_user(stranger).with_context(
                    allowed_company_ids=other.ids
                )
                self.assertFalse(seen[:1].has_access("read"))

    def test_request_keeps_its_association(self):
        request = self._create_request()
        other = self._create_association("Other")
        with self.assertRaises(UserError):
            request.sudo().company_id = other

    def test_aid_type_of_another_association_is_refused(self):
        other = self._create_association("Other")
        foreign = self.env["beneficiary.aid.type"].create(
            {"name": "Foreign", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self._create_request(aid_type_id=foreign.id)

    def test_one_foreign_link_in_a_batch_is_refused_by_name(self):
        other = self._create_association("Other")
        foreign = self.env["beneficiary.channel"].create(
            {"name": "Foreign counter", "code": "foreign", "company_id": other.id}
        )
        values = {
            "beneficiary_id": self.beneficiary.id,
            "aid_type_id": self.aid_type.id,
        }
        with self.assertRaisesRegex(UserError, "Foreign counter"):
            self.env["beneficiary.aid.request"].create(
                [values, {**values, "channel_id": foreign.id}]
            )

    # ------------------------------------------------------------------
    # Declaration
    # ------------------------------------------------------------------

    def test_declaration_keeps_the_words_that_were_signed(self):
        request = self._create_request()
        declaration = self._sign(request)
        self.assertEqual(declaration.text, self.policy.declaration_text)
        self.assertEqual(declaration.text_version, self.policy.declaration_version)
        self.assertEqual(declaration.user_id, self.officer)
        self.assertTrue(request.is_declared)

    def test_who_enters_a_request_is_responsible_if_it_is_that_role(self):
        request = self._create_request()
        self.assertEqual(request.user_id, self.officer)
        request = self.env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": self.beneficiary.id,
                "aid_type_id": self.aid_type.id,
                "reason": "An operation",
            }
        )
        self.assertFalse(request.user_id)

    @mute_logger("odoo.sql_db")
    def test_declaration_is_written_once(self):
        declaration = self._sign(self._create_request())
        for user in (self.officer, self.administrator, self.env.user):
            with self.assertRaises(UserError):
                declaration.with_user(user).write({"text": "Other"})
            with self.assertRaises(UserError):
                declaration.with_user(user).unlink()
        self.env.flush_all()
        for query in (
            "UPDATE beneficiary_declaration SET text = 'x' WHERE id = %s",
            "DELETE FROM beneficiary_declaration WHERE id = %s",
        ):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self.cr.execute(query, [declaration.id])

    def test_drawn_declaration_needs_a_signature(self):
        request = self._create_request()
        with self.assertRaisesRegex(UserError, "not signed"):
            self.env["beneficiary.declaration"].with_user(self.officer).create(
                {
                    "request_id": request.id,
                    "text": "Words",
                    "signer_name": "Name",
                    "method": "drawn",
                }
            )

    # ------------------------------------------------------------------
    # Board
    # ------------------------------------------------------------------

    def test_board_shows_the_stages_of_the_own_association_only(self):
        other = self._create_association("Other")
        foreign = self.env["beneficiary.aid.stage"].create(
            {"name": "Foreign", "status": "received", "company_id": other.id}
        )
        self._create_request()
        self.manager.company_ids |= other
        Request = (
            self.env["beneficiary.aid.request"]
            .with_user(self.manager)
            .with_context(
                allowed_company_ids=(self.company | other).ids, read_group_expand=True
            )
        )
        groups = Request.formatted_read_group(
            [], groupby=["stage_id"], aggregates=["__count"]
        )
        stages = [group["stage_id"][0] for group in groups]
        self.assertNotIn(foreign.id, stages)
        self.assertGreaterEqual(len(stages), 10)

    def test_stage_in_use_keeps_its_status(self):
        stage = self._create_request().stage_id
        with self.assertRaisesRegex(UserError, "holds requests"):
            stage.with_user(self.aid_manager).status = "study"
        with self.assertRaisesRegex(UserError, "holds requests"):
            stage.with_user(self.aid_manager).unlink()


@tagged("post_install", "-at_install")
class TestReplyWindow(AidCommon):
    """When an applicant is told, read from the policy (C42, C43)."""

    def _refer_on(self, day, **values):
        with freeze_time(f"{day} 09:00:00"):
            return self._refer(**values)

    def test_floor_of_a_month_and_proposed_deadline(self):
        request = self._refer_on("2026-01-31")
        self.assertEqual(request.reply_start, date(2026, 1, 31))
        self.assertEqual(request.reply_not_before, date(2026, 2, 28))
        self.assertEqual(request.reply_due, date(2026, 4, 1))

    def test_clock_waits_for_the_event_of_the_policy(self):
        request = self._create_request()
        self.assertFalse(request.reply_due)
        self.assertEqual(request.reply_state, "none")
        self.assertIn("لا تقل عن شهر", request.reply_note)
        self.policy.window_start = "submission"
        second = self._create_request(date_received=datetime(2026, 6, 14, 21, 30))
        self.assertEqual(second.reply_start, date(2026, 6, 15))

    def test_waiting_stops_the_clock(self):
        request = self._refer_on("2026-01-01").with_user(self.officer)
        due = request.reply_due
        with freeze_time("2026-01-10 09:00:00"):
            request.action_return()
            self.assertEqual(request.reply_state, "waiting")
            request.action_return()
        self.assertEqual(self._notices(request), 1)
        with freeze_time("2026-01-15 09:00:00"):
            request.action_resume()
            self.assertEqual(request.reply_state, "on_time")
        self.assertEqual(request.paused_days, 5)
        self.assertEqual((request.reply_due - due).days, 5)
        self.assertEqual(request.reply_not_before, date(2026, 2, 1))

    def _notices(self, request):
        return self.env["beneficiary.message"].search_count(
            [("res_model", "=", request._name), ("res_id", "=", request.id)]
        )

    def test_late_is_marked_by_the_nightly_job(self):
        with freeze_time("2026-01-01 09:00:00"):
            request = self._refer()
            self.assertEqual(request.reply_state, "on_time")
        with freeze_time("2026-06-01 09:00:00"):
            self.env["beneficiary.aid.request"]._cron_late_replies()
        self.assertEqual(request.reply_state, "late")

    def test_telling_before_the_floor_asks_for_a_reason(self):
        request = self._decide().with_user(self.officer)
        action = request.action_tell_applicant()
        self.assertEqual(action["res_model"], "beneficiary.aid.request.tell")
        self.assertFalse(request.told_on)
        wizard = (
            self.env["beneficiary.aid.request.tell"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({"early_reason": "The operation is tomorrow"})
        )
        wizard.action_tell()
        self.assertTrue(request.told_on)
        self.assertEqual(request.early_reason, "The operation is tomorrow")
        self.assertEqual(request.reply_state, "early")
        self.assertEqual(request.told_by_id, self.officer)

    def test_telling_in_time_asks_nothing_and_happens_once(self):
        with freeze_time("2026-01-01 09:00:00"):
            request = self._decide().with_user(self.officer)
        with freeze_time("2026-02-10 09:00:00"):
            self.assertFalse(request.action_tell_applicant())
            request.action_tell_applicant()
        self.assertEqual(request.told_on, date(2026, 2, 10))
        self.assertEqual(request.reply_state, "on_time")
        self.assertEqual(self._notices(request), 1)

    def test_the_approved_urgent_route_does_not_wait(self):
        request = self._decide(self._refer(urgency="urgent"))
        managed = request.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "enter the reason"):
            managed.action_approve_urgent()
        request = request.with_user(self.officer)
        self.assertTrue(request.action_tell_applicant(), "Not approved: it asks why.")
        request.urgent_reason = "The operation cannot wait"
        with self.assertRaises(AccessError):
            request.action_approve_urgent()
        managed.action_approve_urgent()
        self.assertEqual(request.urgent_approved_by_id, self.manager)
        self.assertFalse(request.action_tell_applicant())
        self.assertTrue(request.told_on)

    def test_an_approval_of_the_urgent_route_goes_with_its_reason(self):
        request = self._create_request(urgency="urgent", urgent_reason="Operation")
        request.with_user(self.manager).action_approve_urgent()
        request.urgent_reason = "Another reason"
        self.assertFalse(request.urgent_approved_by_id or request.urgent_approved_on)

    def test_policy_may_allow_or_block_early_answers(self):
        request = self._decide().with_user(self.officer)
        self.policy.early_reply = "block"
        with self.assertRaisesRegex(UserError, "from .* on"):
            request.action_tell_applicant()
        self.policy.early_reply = "allow"
        self.assertFalse(request.action_tell_applicant())
        self.assertTrue(request.told_on)

    def test_nothing_to_tell_before_the_decision(self):
        request = self._refer()
        with self.assertRaisesRegex(UserError, "no decision to tell"):
            request.with_user(self.officer).action_tell_applicant()
        with self.assertRaises(AccessError):
            request.with_user(self.researcher).action_tell_applicant()

    def test_notices_say_neither_need_nor_money_nor_result(self):
        self.policy.early_reply = "allow"
        request = self._decide(self._refer(urgency="urgent")).with_user(self.officer)
        request.action_tell_applicant()
        message = self.env["beneficiary.message"].search(
            [("res_model", "=", request._name), ("res_id", "=", request.id)]
        )
        self.assertIn(request.name, message.body)
        for word in ("approved", "declined", "2,000", "2000", "operation", "Treatment"):
            self.assertNotIn(word, message.body)

    def test_acknowledgement_is_sent_once(self):
        request = self._create_request()
        request.action_acknowledge()
        request.action_acknowledge()
        self.assertEqual(self._notices(request), 1)
        self.assertTrue(request.acknowledged_on)

    def test_deadline_without_floor(self):
        self.policy.write(
            {
                "window_reading": "deadline",
                "study_min": 0,
                "reply_max": 2,
                "reply_max_unit": "week",
            }
        )
        request = self._refer_on("2026-01-01")
        self.assertFalse(request.reply_not_before)
        self.assertEqual(request.reply_due, date(2026, 1, 15))

    def test_event_driven_policy_has_no_dates(self):
        self.policy.window_reading = "event"
        request = self._refer_on("2026-01-01")
        self.assertFalse(request.reply_not_before or request.reply_due)
        self.assertEqual(request.reply_state, "on_time")
