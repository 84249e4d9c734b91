from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestDuty(AidCommon):
    """Duties that do not go together, their exceptions, and substitutes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._beneficiary_day(fields.Datetime.now())
        cls.other_manager = cls._create_user("second_manager", "manager")

    def _exception(self, pair, user, approve=True, **values):
        exception = (
            self.env["beneficiary.duty.exception"]
            .with_user(self.manager)
            .create(
                {
                    "pair": pair,
                    "user_id": user.id,
                    "date_from": self.today - timedelta(days=1),
                    "date_to": self.today + timedelta(days=30),
                    "reason": "Nobody else is there",
                    **values,
                }
            )
        )
        if approve:
            exception.with_user(self.other_manager).action_approve()
        return exception

    def _substitute(self, duty, user, substitute, approve=True, **values):
        one = (
            self.env["beneficiary.substitute"]
            .with_user(self.manager)
            .create(
                {
                    "duty": duty,
                    "user_id": user.id,
                    "substitute_id": substitute.id,
                    "date_from": self.today - timedelta(days=1),
                    "date_to": self.today + timedelta(days=30),
                    "reason": "Leave",
                    **values,
                }
            )
        )
        if approve:
            one.with_user(self.other_manager).action_approve()
        return one

    def _due(self):
        """A disbursement that is due, of a request the chair voted on."""
        request = self._decide()
        disbursement = (
            self.env["beneficiary.disbursement"]
            .with_user(self.clerk)
            .create({"request_id": request.id, "amount": 500})
        )
        disbursement.action_post()
        return disbursement

    def _uses(self, record):
        return self.env["beneficiary.duty.use"]._of(record)

    # ------------------------------------------------------------------
    # Study and vote
    # ------------------------------------------------------------------

    def _item_of_researcher(self):
        request = self._refer(user=self.researcher_member)
        return self._put_on_agenda(self._open_meeting(), request)

    def test_author_of_the_study_votes_by_exception_only(self):
        seat = self.seats["researcher_member"]
        self.assertIn(seat, self._item_of_researcher().recused_member_ids)

    def test_author_of_the_study_votes_by_exception(self):
        exception = self._exception("study_vote", self.researcher_member)
        seat = self.seats["researcher_member"]
        item = self._item_of_researcher()
        self.assertNotIn(seat, item.recused_member_ids)
        item.action_open_vote()
        self._vote(item, researcher_member="yes", chair="yes", member_a="yes")
        use = self._uses(item)
        self.assertEqual(use.exception_id, exception)
        self.assertEqual(use.user_id, self.researcher_member)
        item.action_close_vote()
        item.meeting_id.action_close()
        body = item.meeting_id.minutes_ids.with_user(self.chair).body
        self.assertIn(self.researcher_member.name, body)
        self.assertEqual(exception.use_count, 1)

    def test_exception_of_another_pair_person_or_time_does_not_help(self):
        self._exception("vote_release", self.researcher_member)
        self._exception("study_vote", self.member_a)
        self._exception("study_vote", self.researcher_member, approve=False)
        self._exception(
            "study_vote",
            self.researcher_member,
            date_from=self.today - timedelta(days=30),
            date_to=self.today - timedelta(days=3),
        )
        ended = self._exception("study_vote", self.researcher_member)
        ended.action_end()
        refused = self._exception("study_vote", self.researcher_member, approve=False)
        refused.with_user(self.other_manager).action_refuse()
        self.assertIn(
            self.seats["researcher_member"],
            self._item_of_researcher().recused_member_ids,
        )

    # ------------------------------------------------------------------
    # Releasing
    # ------------------------------------------------------------------

    def test_release_by_exception_is_recorded(self):
        disbursement = self._due()
        releaser_group = self.env.ref("beneficiary_aid.group_finance_releaser")
        for user in (self.clerk, self.chair):
            user.group_ids += releaser_group
            self.assertTrue(disbursement._get_release_refusals(user))
        self._exception("prepare_release", self.clerk)
        self.assertFalse(disbursement._get_release_refusals(self.clerk))
        self._exception("prepare_release", self.chair)
        self.assertTrue(disbursement._get_release_refusals(self.chair))
        exception = self._exception("vote_release", self.chair)
        self.assertFalse(disbursement._get_release_refusals(self.chair))
        disbursement.sudo()._note_release(self.chair)
        self.assertEqual(self._uses(disbursement).exception_id, exception)
        self.assertEqual(disbursement.sudo().released_by_id, self.chair)

    def test_release_without_need_of_the_exception_is_no_use(self):
        disbursement = self._due()
        self._exception("vote_release", self.releaser)
        disbursement.sudo()._note_release(self.releaser)
        self.assertFalse(self._uses(disbursement))

    def test_substitute_releases_on_behalf_and_meets_both_duties(self):
        disbursement = self._due()
        group = "beneficiary_aid.group_finance_releaser"
        stranger = self._create_aid_user(
            "helper", "beneficiary_aid.group_finance_clerk"
        )
        with self.assertRaises(AccessError):
            disbursement._check_releaser(stranger)
        one = self._substitute("releaser", self.releaser, stranger)
        self.assertEqual(one.state, "live")
        self.assertTrue(stranger.has_group(group))
        self.assertFalse(disbursement._get_release_refusals(stranger))
        disbursement.sudo()._note_release(stranger)
        use = self._uses(disbursement)
        self.assertEqual((use.user_id, use.on_behalf_id), (stranger, self.releaser))
        self.assertIn("on behalf of", disbursement.sudo().message_ids[:1].body)
        one.action_end()
        self.assertFalse(stranger.has_group(group))

    def test_substitute_of_a_voter_does_not_release(self):
        disbursement = self._due()
        self.chair.group_ids += self.env.ref("beneficiary_aid.group_finance_releaser")
        helper = self._create_aid_user("helper", "beneficiary_aid.group_finance_clerk")
        self._substitute("releaser", self.chair, helper)
        self.assertIn("voted", disbursement._get_release_refusals(helper)[disbursement])

    # ------------------------------------------------------------------
    # Approving
    # ------------------------------------------------------------------

    @mute_logger("odoo.sql_db")
    def test_nobody_approves_for_himself(self):
        exception = self._exception("study_vote", self.manager, approve=False)
        with self.assertRaisesRegex(UserError, "another manager"):
            exception.action_approve()
        one = self._substitute("researcher", self.researcher, self.manager, False)
        with self.assertRaisesRegex(UserError, "another manager"):
            one.action_approve()
        for user in (self.officer, self.chair, self.secretary, self.releaser):
            for record in (exception, one):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).action_approve()
        with self.assertRaises(AccessError):
            exception.write({"state": "approved"})
        with self.assertRaises(AccessError):
            self._exception("study_vote", self.chair, False, state="approved")
        with self.assertRaisesRegex(Exception, "other_approves"), self.cr.savepoint():
            exception.sudo().approved_by_id = self.manager
            self.env.flush_all()

    def test_what_was_decided_stays(self):
        exception = self._exception("study_vote", self.chair)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            exception.date_to = self.today + timedelta(days=300)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            exception.unlink()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            exception.with_user(self.other_manager).action_approve()
        one = self._substitute("officer", self.officer, self.employee)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            one.substitute_id = self.chair
        item = self.env["beneficiary.duty.use"]._log(exception, self.fund, "Test")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            item.name = "x"
        with self.assertRaises(AccessError):
            item.with_user(self.manager).unlink()

    def test_kin_has_no_exception(self):
        pairs = self.env["beneficiary.duty.exception"]._fields["pair"]
        self.assertNotIn("kin", " ".join(pairs.get_values(self.env)))

    # ------------------------------------------------------------------
    # Substitutes
    # ------------------------------------------------------------------

    def test_only_a_duty_one_has_is_lent(self):
        with self.assertRaisesRegex(ValidationError, "does not have this duty"):
            self._substitute("releaser", self.officer, self.employee)
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "manager", other)
        with self.assertRaises(UserError):
            self._substitute("officer", self.officer, stranger)

    def test_substitution_begins_and_ends_by_its_days(self):
        group = "beneficiary_relations.group_relations_officer"
        one = self._substitute(
            "officer",
            self.officer,
            self.employee,
            date_from=self.today + timedelta(days=5),
            date_to=self.today + timedelta(days=9),
        )
        Substitute = self.env["beneficiary.substitute"]
        for days, state, has_role in (
            (0, "approved", False),
            (5, "live", True),
            (9, "live", True),
            (10, "ended", False),
        ):
            with freeze_time(f"{self.today + timedelta(days=days)} 09:00:00"):
                Substitute._cron_begin_and_end()
            with self.subTest(days=days):
                self.assertEqual(one.state, state)
                self.assertEqual(self.employee.has_group(group), has_role)

    def test_role_one_had_before_stays(self):
        one = self._substitute("officer", self.officer, self.manager, False)
        one.with_user(self.other_manager).action_approve()
        had = not one.sudo().has_granted
        one.action_end()
        group = "beneficiary_relations.group_relations_officer"
        self.assertEqual(self.manager.has_group(group), had)

    def _substitute_in_room(self, user=None):
        """The substitute of a member who is away, at a meeting with the others."""
        helper = self._create_aid_user("helper", "base.group_user")
        type(self).helper = helper
        one = self._substitute("committee", user or self.member_a, helper)
        meeting = self._open_meeting("chair", "member_b", "researcher_member")
        own = meeting.attendance_ids.filtered(
            lambda attendance: attendance.member_id.user_id == helper
        )
        own.presence = "present"
        return one, meeting

    def test_substitute_votes_visibly_on_behalf(self):
        one, meeting = self._substitute_in_room()
        seat = one.seat_ids
        self.assertEqual(seat.alternate_for_id, self.seats["member_a"])
        self.assertIn("on behalf of", seat.display_name)
        item = self._put_on_agenda(meeting, self._refer())
        item.action_open_vote()
        self._vote(item, helper="yes", chair="yes", member_b="yes")
        use = self._uses(item)
        self.assertEqual((use.user_id, use.on_behalf_id), (self.helper, self.member_a))
        item.action_close_vote()
        self.assertEqual(item.decision_ids.yes_count, 3)
        meeting.action_close()
        body = meeting.minutes_ids.with_user(self.chair).body
        self.assertIn(seat.display_name, body)
        one.action_end()
        self.assertLessEqual(seat.date_to, self.today)
        self.assertFalse(
            self.helper.has_group("beneficiary_aid.group_committee_member")
        )

    def test_substitute_of_the_author_does_not_vote(self):
        helper = self._create_aid_user("helper", "base.group_user")
        one = self._substitute("committee", self.researcher_member, helper)
        request = self._refer(user=self.researcher_member)
        item = self._put_on_agenda(self._open_meeting(), request)
        self.assertIn(one.seat_ids, item.recused_member_ids)

    def test_substitute_does_not_fill_a_seat_in_conflict(self):
        one, meeting = self._substitute_in_room()
        item = self._put_on_agenda(
            meeting,
            self._refer(),
            recused_member_ids=self.seats["member_a"].ids,
        )
        item.action_open_vote()
        self.assertNotIn(one.seat_ids, item.eligible_member_ids)

    def test_member_of_the_committee_is_no_substitute_on_it(self):
        with self.assertRaisesRegex(UserError, "already"):
            self._substitute("committee", self.member_a, self.member_b)

    def test_two_stand_in_for_one_person_at_different_times_only(self):
        self._substitute("officer", self.officer, self.employee)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "one_at_a_time"),
            self.cr.savepoint(),
        ):
            self._substitute("officer", self.officer, self.clerk)
            self.env.flush_all()

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_who_sees_exceptions_and_substitutes(self):
        exception = self._exception("study_vote", self.chair)
        one = self._substitute("officer", self.officer, self.employee)
        use = self.env["beneficiary.duty.use"]._log(exception, self.fund, "Test")
        names = ("manager", "auditor", "aid_manager", "administrator")
        others = ("officer", "secretary", "chair", "clerk", "releaser", "complaints")
        for record in (exception, one, use):
            for name in (*names, *others):
                with self.subTest(record=record._name, user=name):
                    own = record.with_user(getattr(self, name))
                    self.assertEqual(own.has_access("read"), name in names)
            self.assertFalse(record.with_user(self.auditor).has_access("write"))
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "manager", other)
        for record in (exception, one, use):
            own = record.with_user(stranger).with_context(allowed_company_ids=other.ids)
            self.assertNotIn(record, own.search([]))
