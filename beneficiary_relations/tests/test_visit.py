import base64
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BeneficiaryCommon

PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    b"+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class VisitCommon(BeneficiaryCommon):
    """A field visit to the family, planned by the officer for the researcher."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.field_visit = cls.env["beneficiary.mechanism"].create(
            {
                "name": "Field visit",
                "code": "test_field_visit",
                "kind": "field_visit",
                "company_id": cls.company.id,
            }
        )
        cls.researcher.visiting_gender = "male"
        cls.officer.visiting_gender = "female"

    def _plan(self, user=None, **values):
        return (
            self.env["beneficiary.visit"]
            .with_user(user or self.officer)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "mechanism_id": self.field_visit.id,
                    "planned_on": fields.Datetime.now() - timedelta(hours=1),
                    "researcher_id": self.researcher.id,
                    **values,
                }
            )
        )

    def _record(self, visit, outcome="met", **values):
        visit = visit.with_user(self.researcher)
        visit.write({"outcome": outcome, "report": "A family of one.", **values})
        visit.action_done()
        return visit

    def _create_assessment(self, **values):
        return (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "mechanism_id": self.field_visit.id,
                    "report": "Seen",
                    "recommendation": "approve",
                    **values,
                }
            )
        )

    def _consent(self):
        notice = self.env["beneficiary.privacy.notice"].search(
            [("company_id", "=", self.company.id)], limit=1
        ) or self.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "What we keep."}
        )
        if notice.state == "draft":
            notice.action_put_in_force()
        return self.env["beneficiary.consent"].create(
            {
                "beneficiary_id": self.beneficiary.id,
                "purpose": "photo",
                "notice_id": notice.id,
            }
        )


@tagged("post_install", "-at_install")
class TestVisit(VisitCommon):
    """Planned by officer or researcher, recorded by the researcher, then kept."""

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    def test_planning_puts_a_private_neutral_entry_in_the_calendars(self):
        visit = self._plan(member_ids=[(6, 0, self.officer.ids)])
        event = visit.sudo().event_id
        self.assertEqual(event.privacy, "private")
        self.assertEqual(event.start, visit.planned_on)
        self.assertEqual(event.user_id, self.researcher)
        self.assertEqual(event.partner_ids, (self.researcher | self.officer).partner_id)
        text = f"{event.name} {event.description} {event.location}"
        self.assertNotIn(self.beneficiary.name, text)
        self.assertNotIn(self.beneficiary.file_number, text)
        mails = self.env["mail.mail"].search(
            [("recipient_ids", "in", event.partner_ids.ids)]
        )
        self.assertNotIn("calendar.event", mails.mapped("model"))
        for mail in mails:
            self.assertNotIn(self.beneficiary.name, f"{mail.subject} {mail.body_html}")

    def test_a_colleague_sees_only_that_somebody_is_busy(self):
        event = self._plan().sudo().event_id.with_user(self.employee)
        event.invalidate_recordset()
        self.assertNotIn("Appointment", event.display_name)

    def test_calendar_entry_and_reminder_follow_the_visit(self):
        visit = self._plan()
        later = fields.Datetime.now().replace(microsecond=0) + timedelta(days=3)
        visit.write({"planned_on": later, "duration": 2})
        event = visit.sudo().event_id
        self.assertEqual(event.start, later)
        self.assertEqual(event.stop, later + timedelta(hours=2))
        self.assertEqual(len(visit.activity_ids), 1)
        self.assertEqual(visit.activity_ids.date_deadline, visit._planned_day())
        self.assertEqual(visit.activity_ids.user_id, self.researcher)

    def test_visit_follows_its_calendar_entry(self):
        visit = self._plan()
        later = fields.Datetime.now().replace(microsecond=0) + timedelta(days=2)
        visit.sudo().event_id.with_user(self.researcher).write(
            {"start": later, "stop": later + timedelta(hours=1)}
        )
        self.assertEqual(visit.planned_on, later)
        self.assertEqual(visit.activity_ids.date_deadline, visit._planned_day())

    def test_calling_off_takes_it_out_of_the_calendars(self):
        visit = self._plan()
        event = visit.sudo().event_id
        visit.action_cancel()
        self.assertFalse(event.exists())
        self.assertFalse(visit.activity_ids)
        with self.assertRaisesRegex(UserError, "already"):
            visit.action_cancel()

    def test_team_must_be_as_asked(self):
        self._plan(team_composition="male")
        self._plan(team_composition="mixed", member_ids=[(6, 0, self.officer.ids)])
        for composition, members in (
            ("female", self.env["res.users"]),
            ("mixed", self.env["res.users"]),
            ("male", self.officer),
        ):
            with (
                self.subTest(composition=composition),
                self.assertRaisesRegex(ValidationError, "not as asked"),
            ):
                self._plan(
                    team_composition=composition, member_ids=[(6, 0, members.ids)]
                )

    def test_colleague_who_did_not_say_as_what_to_count_is_named(self):
        self.researcher.visiting_gender = False
        self._plan()
        with self.assertRaisesRegex(ValidationError, "has not said"):
            self._plan(team_composition="male")

    def test_everybody_says_it_about_oneself(self):
        user = self.researcher.with_user(self.researcher)
        user.write({"visiting_gender": "female"})
        self.assertEqual(user.visiting_gender, "female")

    def test_colleague_of_another_association_is_no_member(self):
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "social_researcher", other)
        with self.assertRaisesRegex(ValidationError, "colleagues of"):
            self._plan(member_ids=[(6, 0, stranger.ids)])

    def test_administrative_check_is_no_visit(self):
        check = self.env["beneficiary.mechanism"].create(
            {"name": "Papers", "code": "test_papers", "company_id": self.company.id}
        )
        with self.assertRaisesRegex(ValidationError, "no visit"):
            self._plan(mechanism_id=check.id)

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    def test_recorded_visit_is_kept_and_a_second_click_refused(self):
        visit = self._record(self._plan())
        self.assertEqual(visit.state, "done")
        self.assertEqual(visit.done_by_id, self.researcher)
        self.assertFalse(visit.activity_ids)
        with self.assertRaisesRegex(UserError, "already"):
            visit.action_done()
        with self.assertRaisesRegex(UserError, "stays as it was"):
            visit.outcome = "refused"
        with self.assertRaisesRegex(UserError, "kept"):
            visit.sudo().unlink()

    def test_recording_asks_for_outcome_report_and_a_day_that_came(self):
        visit = self._plan().with_user(self.researcher)
        with self.assertRaisesRegex(UserError, "choose the outcome"):
            visit.action_done()
        visit.outcome = "met"
        with self.assertRaisesRegex(UserError, "seen and heard"):
            visit.action_done()
        visit.write(
            {
                "report": "Seen",
                "planned_on": fields.Datetime.now() + timedelta(days=2),
            }
        )
        with self.assertRaisesRegex(UserError, "a day to come"):
            visit.action_done()

    def test_result_is_not_typed_in(self):
        visit = self._plan(user=self.researcher)
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            visit.write({"state": "done", "outcome": "met"})
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            self._plan(user=self.researcher, state="done")

    def test_officer_plans_and_does_not_record(self):
        visit = self._plan()
        with self.assertRaisesRegex(UserError, "needs the role"):
            visit.outcome = "met"
        with self.assertRaisesRegex(UserError, "needs the role"):
            visit.action_done()

    def test_half_a_position_is_refused(self):
        visit = self._plan(user=self.researcher)
        with self.assertRaisesRegex(ValidationError, "latitude and longitude"):
            visit.latitude = 24.7

    def test_position_outside_the_world_is_refused(self):
        visit = self._plan(user=self.researcher)
        for latitude, longitude in ((91, 46), (24, 181), (-90.5, 1)):
            with (
                self.subTest(latitude=latitude),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                visit.write({"latitude": latitude, "longitude": longitude})
                visit.flush_recordset()
        visit.invalidate_recordset()
        visit.write({"latitude": 24.7136, "longitude": 46.6753})
        self.assertIn("mlat=24.713600&mlon=46.675300", visit.map_url)

    # ------------------------------------------------------------------
    # Next attempt
    # ------------------------------------------------------------------

    def test_next_attempt_follows_when_nobody_was_there(self):
        visit = self._record(self._plan(), "not_home")
        action = visit.action_plan_next()
        following = (
            self.env["beneficiary.visit"]
            .with_user(self.officer)
            .with_context(**action["context"])
            .create({"planned_on": fields.Datetime.now()})
        )
        self.assertEqual(following.attempt, 2)
        self.assertEqual(following.mechanism_id, self.field_visit)
        self.assertEqual(visit.action_plan_next()["res_id"], following.id)
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._plan(previous_id=visit.id)

    def test_no_next_attempt_after_a_meeting(self):
        visit = self._record(self._plan())
        with self.assertRaisesRegex(UserError, "nobody was there"):
            visit.action_plan_next()
        with self.assertRaisesRegex(ValidationError, "nobody was there"):
            self._plan(previous_id=visit.id)

    # ------------------------------------------------------------------
    # Photos
    # ------------------------------------------------------------------

    def _add_photo(self, visit, **values):
        return (
            self.env["beneficiary.visit.photo"]
            .with_user(self.researcher)
            .create({"visit_id": visit.id, "image": PIXEL, **values})
        )

    def test_photo_needs_a_consent_in_force(self):
        visit = self._plan()
        with self.assertRaisesRegex(ValidationError, "No consent to photos"):
            self._add_photo(visit)
        consent = self._consent()
        photo = self._add_photo(visit)
        self.assertEqual(photo.consent_id, consent)
        consent.with_user(self.officer).action_withdraw()
        self.assertFalse(visit.may_photograph)
        with self.assertRaisesRegex(ValidationError, "No consent to photos"):
            self._add_photo(visit)
        with self.assertRaisesRegex(UserError, "not replaced"):
            photo.image = PIXEL

    def test_only_researchers_add_photos(self):
        visit = self._plan()
        self._consent()
        for user in (self.officer, self.auditor, self.representative, self.employee):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.env["beneficiary.visit.photo"].with_user(user).create(
                    {"visit_id": visit.id, "image": PIXEL}
                )

    def test_called_off_visit_takes_no_photo(self):
        visit = self._plan()
        self._consent()
        visit.action_cancel()
        with self.assertRaisesRegex(UserError, "called off"):
            self._add_photo(visit)

    def test_consent_is_not_borrowed(self):
        visit = self._plan()
        consent = self._consent()
        consent._withdraw()
        with self.assertRaisesRegex(ValidationError, "No consent to photos"):
            self._add_photo(visit, consent_id=consent.id)

    def test_picture_attached_without_consent_is_refused(self):
        visit = self._plan()
        values = {
            "name": "home.png",
            "datas": PIXEL,
            "res_model": "beneficiary.visit",
            "res_id": visit.id,
        }
        Attachment = self.env["ir.attachment"].with_user(self.researcher)
        with self.assertRaisesRegex(ValidationError, "No consent to photos"):
            Attachment.create(values)
        loose = Attachment.create({"name": "home.png", "datas": PIXEL})
        with self.assertRaisesRegex(ValidationError, "No consent to photos"):
            loose.write({"res_model": "beneficiary.visit", "res_id": visit.id})
        note = base64.b64encode(b"A list of furniture")
        self.assertTrue(Attachment.create({**values, "name": "a.txt", "datas": note}))
        self._consent()
        self.assertTrue(Attachment.create(values))

    # ------------------------------------------------------------------
    # Assessment
    # ------------------------------------------------------------------

    def test_field_visit_assessment_needs_a_meeting(self):
        assessment = self._create_assessment()
        with self.assertRaisesRegex(UserError, "no visit at which"):
            assessment.action_done()
        missed = self._plan(assessment_id=assessment.id)
        self._record(missed, "not_home")
        with self.assertRaisesRegex(UserError, "no visit at which"):
            assessment.action_done()
        self._record(self._plan(assessment_id=assessment.id))
        assessment.action_done()
        self.assertEqual(assessment.visit_count, 2)

    def test_visit_is_not_put_under_a_finished_or_foreign_assessment(self):
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        other = self._create_beneficiary()
        with self.assertRaisesRegex(ValidationError, "different people"):
            self._plan(assessment_id=assessment.id, beneficiary_id=other.id)
        assessment.action_done()
        with self.assertRaisesRegex(UserError, "is finished"):
            self._plan(assessment_id=assessment.id)

    # ------------------------------------------------------------------
    # Roles, branches, associations
    # ------------------------------------------------------------------

    def test_others_plan_nothing(self):
        for user in (
            self.representative,
            self.complaints,
            self.quality,
            self.privacy,
            self.auditor,
            self.employee,
        ):
            with (
                self.subTest(user=user.login),
                self.assertRaises(UserError),
            ):
                self._plan(user=user)

    def test_readers_read_and_others_do_not(self):
        visit = self._plan()
        for user in (self.auditor, self.officer, self.researcher):
            self.assertTrue(visit.with_user(user).name)
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "br_visit_portal",
                "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
            }
        )
        for user in (self.employee, self.quality, portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                visit.with_user(user).read(["name"])

    def test_representative_reads_the_visits_of_the_own_branch(self):
        visit = self._plan()
        Visit = self.env["beneficiary.visit"].with_user(self.representative)
        self.assertFalse(Visit.search([("id", "=", visit.id)]))
        self.beneficiary.branch_id = self.branch
        self.assertTrue(Visit.search([("id", "=", visit.id)]))

    def test_other_association_sees_nothing(self):
        visit = self._plan()
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "social_researcher", other)
        with self.assertRaises(AccessError):
            visit.with_user(stranger).with_context(allowed_company_ids=other.ids).read(
                ["name"]
            )

    # ------------------------------------------------------------------
    # The person's side
    # ------------------------------------------------------------------

    def test_portal_tells_day_and_time_of_what_is_to_come(self):
        self._plan(planned_on=fields.Datetime.now() - timedelta(days=2))
        visit = self._plan(planned_on=fields.Datetime.now() + timedelta(days=2))
        [row] = self.beneficiary._portal_values()
        self.assertEqual(row["appointments"], [visit._portal_moment()])
        self.assertNotIn("isit", row["appointments"][0])

    def test_merging_moves_visits_and_undoing_moves_them_back(self):
        double = self._create_beneficiary(identity_number="1010101010")
        visit = self._record(self._plan(beneficiary_id=double.id))
        merge = (
            self.env["beneficiary.merge"]
            .with_user(self.manager)
            .create(
                {
                    "survivor_id": self.beneficiary.id,
                    "double_id": double.id,
                    "note": "Same person",
                }
            )
        )
        merge.action_merge()
        self.assertEqual(visit.beneficiary_id, self.beneficiary)
        merge.action_undo()
        self.assertEqual(visit.beneficiary_id, double)

    def test_copy_for_the_person_holds_visits(self):
        self._record(self._plan())
        rows = self.beneficiary._person_data()["beneficiary.visit"]
        self.assertEqual(rows[0]["report"], "A family of one.")

    def test_destroying_cuts_report_place_photos_and_entry(self):
        self._consent()
        visit = self._plan()
        photo = self._add_photo(visit)
        self.assertIn("a visit is planned", self.beneficiary._anonymise_obstacles())
        self._record(visit, latitude=24.7, longitude=46.7)
        event = visit.sudo().event_id
        self.beneficiary._change_state(
            "closed", self.env.ref("beneficiary_relations.state_reason_moved")
        )
        self.beneficiary._anonymise()
        self.assertFalse(visit.sudo().report)
        self.assertFalse(visit.sudo().map_url)
        self.assertFalse(photo.exists())
        self.assertFalse(event.exists())

    def test_owed_of_many_takes_as_many_queries_as_of_few(self):
        people = self.env["beneficiary.beneficiary"].create(
            [
                {"name": f"Person {number}", "company_id": self.company.id}
                for number in range(20)
            ]
        )

        def queries(files):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            files.mapped("owed_mechanism_ids")
            files.mapped("visit_count")
            return self.env.cr.sql_log_count - before

        queries(people[:2])
        self.assertEqual(queries(people[:5]), queries(people))
