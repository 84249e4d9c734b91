import base64
from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import CITIZENS, PDF, BeneficiaryCommon


@tagged("post_install", "-at_install")
class LifeEventCase(BeneficiaryCommon):
    """A father, a mother, a son and a daughter; a household beside theirs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.start = cls.today - timedelta(days=400)
        cls.beneficiary.write(
            {
                "gender": "male",
                "marital_status": "married",
                "household_since": cls.start,
                "branch_id": cls.branch.id,
                "state": "verification",
            }
        )
        cls.household.branch_id = cls.branch
        cls.mother = cls._member("هند القحطاني", "spouse", "female")
        cls.mother.marital_status = "married"
        cls.son = cls._member("سعد بن محمد العتيبي", "son", "male")
        cls.daughter = cls._member("نورة بنت محمد العتيبي", "daughter", "female")
        cls.son.birth_date = cls.today - timedelta(days=365 * 10)
        cls.daughter.birth_date = cls.today - timedelta(days=365 * 20)
        cls.other = cls.env["beneficiary.household"].create(
            {"company_id": cls.company.id, "branch_id": cls.branch.id}
        )
        cls.neighbour = cls._member("خالد الشهري", "head", "male", cls.other)

    @classmethod
    def _member(cls, name, relationship, gender, household=None):
        return cls._create_beneficiary(
            name=name,
            relationship=relationship,
            gender=gender,
            household_id=(household or cls.household).id,
            household_since=cls.start,
            branch_id=cls.branch.id,
        )

    def _event(self, kind, person=None, user=None, **values):
        return (
            self.env["beneficiary.life.event"]
            .with_user(user or self.officer)
            .create(
                {
                    "kind": kind,
                    "household_id": self.household.id,
                    "beneficiary_id": person.id if person else False,
                    "date": self.today - timedelta(days=3),
                    **values,
                }
            )
        )

    def _record(self, *args, **kwargs):
        event = self._event(*args, **kwargs)
        event.action_record()
        return event

    def _take_back(self, event, note="A mistake"):
        counter = (
            self.env["beneficiary.life.event"]
            .with_user(self.manager)
            .create({"kind": event.kind, "reverses_id": event.id, "note": note})
        )
        counter.action_record()
        return counter

    def _mandate(self, holder, person, **values):
        mandate = self.env["beneficiary.mandate"].create(
            {
                "beneficiary_id": person.id,
                "holder_id": holder.partner_id.id,
                "can_receive": True,
                "proof": base64.b64encode(PDF),
                "proof_filename": "deed.pdf",
                **values,
            }
        )
        mandate.with_user(self.officer).action_activate()
        return mandate


@tagged("post_install", "-at_install")
class TestLifeEvent(LifeEventCase):
    """Each kind of event changes the household, on its day and once."""

    # ------------------------------------------------------------------
    # Death
    # ------------------------------------------------------------------

    def test_death_of_the_head_names_the_new_head(self):
        event = self._record("death", self.beneficiary, new_head_id=self.mother.id)
        self.assertEqual(self.household.head_id, self.mother)
        self.assertEqual(self.beneficiary.death_date, event.date)
        self.assertEqual(self.beneficiary.state, "closed")
        self.assertEqual(self.beneficiary.state_reason_id.code, "death")
        self.assertFalse(self.beneficiary.household_id)
        self.assertEqual(self.mother.marital_status, "widowed")
        self.assertEqual(self.son.relationship, "son")
        self.assertEqual(self.household.member_count, 3)
        self.assertEqual(event.state, "done")
        self.assertEqual(event.done_by_id, self.officer)

    def test_death_of_the_head_without_new_head_is_refused(self):
        event = self._event("death", self.beneficiary)
        with self.assertRaisesRegex(UserError, "Name the new head"):
            event.action_record()
        self.assertEqual(event.state, "draft")
        self.assertFalse(self.beneficiary.death_date)

    def test_new_head_is_another_member(self):
        for head in (self.beneficiary, self.neighbour):
            event = self._event("death", self.beneficiary, new_head_id=head.id)
            with (
                self.subTest(head=head),
                self.assertRaisesRegex(UserError, "cannot head"),
            ):
                event.action_record()

    def test_death_ends_and_passes_on_mandates(self):
        held = self._mandate(self.beneficiary, self.son, ends_at_majority=False)
        own = self._mandate(self.neighbour, self.beneficiary, kind="agent")
        event = self._event("death", self.beneficiary, new_head_id=self.mother.id)
        self.assertTrue(event.needs_new_holder)
        with self.assertRaisesRegex(UserError, "under a mandate"):
            event.action_record()
        event.new_holder_id = self.beneficiary.partner_id
        with self.assertRaisesRegex(UserError, "cannot act for others"):
            event.action_record()
        event.new_holder_id = self.mother.partner_id
        event.action_record()
        self.assertEqual((held | own).mapped("state"), ["ended", "ended"])
        self.assertEqual(event.ended_mandates, 2)
        prepared = self.son.mandate_ids - held
        self.assertEqual(prepared.holder_id, self.mother.partner_id)
        self.assertEqual(prepared.state, "draft")
        self.assertTrue(prepared.can_receive)
        self.assertTrue(prepared.activity_ids)

    def test_circle_of_mandates_refuses_the_event(self):
        self._mandate(self.beneficiary, self.son, ends_at_majority=False)
        self._mandate(self.mother, self.daughter, kind="agent")
        self._mandate(self.son, self.mother, kind="agent")
        event = self._event(
            "death",
            self.beneficiary,
            new_head_id=self.mother.id,
            new_holder_id=self.daughter.partner_id.id,
        )
        with self.assertRaisesRegex(ValidationError, "circle"):
            event.action_record()

    def test_death_of_a_person_without_household(self):
        alone = self._create_beneficiary(branch_id=self.branch.id)
        self._record("death", alone, household_id=False)
        self.assertTrue(alone.death_date)
        with self.assertRaisesRegex(UserError, "Choose the household"):
            self._record("death", self.son, household_id=False)

    def test_dead_person_has_no_further_event_and_no_open_file(self):
        self._record("death", self.son)
        with self.assertRaisesRegex(UserError, "died"):
            self._record("move_in", self.son)
        with self.assertRaisesRegex(UserError, "death of"):
            self.son.with_user(self.manager).write(
                {"state": "active", "state_note": "Back"}
            )

    def test_date_of_death_is_not_typed(self):
        with self.assertRaisesRegex(UserError, "Administrator"):
            self.son.with_user(self.officer).death_date = self.today
        with self.assertRaisesRegex(ValidationError, "future"):
            self.son.death_date = self.today + timedelta(days=1)
        with self.assertRaisesRegex(ValidationError, "before the birth"):
            self.son.death_date = self.son.birth_date - timedelta(days=1)

    # ------------------------------------------------------------------
    # Birth
    # ------------------------------------------------------------------

    def test_birth_opens_the_file_of_the_child(self):
        event = self._record(
            "birth",
            child_name="ريم بنت محمد العتيبي",
            child_gender="female",
            child_identity_number="١٠١٠١٠١٠١٠",
        )
        child = event.beneficiary_id
        self.assertEqual(child.household_id, self.household)
        self.assertEqual(child.relationship, "daughter")
        self.assertEqual(child.birth_date, event.date)
        self.assertEqual(child.identity_number, CITIZENS[1])
        self.assertEqual(child.state, "draft")
        self.assertEqual(child.household_since, event.date)
        self.assertEqual(self.household.member_count, 5)

    def test_birth_searches_before_it_opens_a_file(self):
        twin = self._create_beneficiary(
            name="ريم بنت محمد العتيبي", birth_date=self.today - timedelta(days=3)
        )
        event = self._event(
            "birth", child_name="ريم بنت محمد العتيبى", child_gender="female"
        )
        self.assertIn(twin.file_number, event.child_matches_note)
        with self.assertRaisesRegex(UserError, "may be this child"):
            event.action_record()
        event.is_new_person = True
        event.action_record()
        self.assertNotEqual(event.beneficiary_id, twin)

    def test_birth_never_doubles_an_identity_number(self):
        self._create_beneficiary(identity_number=CITIZENS[2], active=False)
        event = self._event(
            "birth",
            child_name="ريم",
            child_gender="female",
            child_identity_number=CITIZENS[2],
            is_new_person=True,
        )
        with self.assertRaisesRegex(UserError, "may be this child"):
            event.action_record()

    def test_birth_links_a_file_there_is_already(self):
        child = self._create_beneficiary(gender="male", branch_id=self.branch.id)
        event = self._record("birth", child)
        self.assertEqual(child.relationship, "son")
        self.assertEqual(child.birth_date, event.date)
        with self.assertRaisesRegex(UserError, "born on another day"):
            older = self._create_beneficiary(
                gender="male",
                birth_date=self.today - timedelta(days=30),
                branch_id=self.branch.id,
            )
            self._record("birth", older)

    def test_birth_needs_a_name_and_is_not_to_come(self):
        with self.assertRaisesRegex(UserError, "full name of the child"):
            self._record("birth")
        with self.assertRaisesRegex(ValidationError, "future"):
            self._event("birth", date=self.today + timedelta(days=1))

    def test_officer_types_the_hijri_day(self):
        with Form(self.env["beneficiary.life.event"].with_user(self.officer)) as form:
            form.kind = "birth"
            form.household_id = self.household
            form.date_hijri = "١٤٤٦/٨/٢٨"
            self.assertEqual(form.date, date(2025, 2, 27))

    # ------------------------------------------------------------------
    # Marriage, divorce, custody, moves
    # ------------------------------------------------------------------

    def test_marriage_brings_a_spouse(self):
        bride = self._create_beneficiary(gender="female", branch_id=self.branch.id)
        event = self._record("marriage", bride, household_id=self.other.id)
        self.assertEqual(event.relationship, "spouse")
        self.assertEqual(bride.household_id, self.other)
        self.assertEqual(bride.relationship, "spouse")
        self.assertEqual(bride.marital_status, "married")
        self.assertEqual(self.neighbour.marital_status, "married")

    def test_marriage_moves_a_member_out_into_a_new_household(self):
        event = self._record("marriage", self.daughter, is_new_household=True)
        new = event.to_household_id
        self.assertEqual(self.daughter.household_id, new)
        self.assertEqual(new.head_id, self.daughter)
        self.assertEqual(new.branch_id, self.branch)
        self.assertEqual(self.household.member_count, 3)

    def test_divorce_of_the_only_wife_changes_both(self):
        self._record("divorce", self.mother)
        self.assertFalse(self.mother.household_id)
        self.assertEqual(self.mother.marital_status, "divorced")
        self.assertEqual(self.beneficiary.marital_status, "divorced")

    def test_divorce_of_a_husband_with_two_wives_changes_his_own_status(self):
        second = self._member("الثانية", "spouse", "female")
        self._record("divorce", self.beneficiary, new_head_id=self.mother.id)
        self.assertFalse(self.mother.marital_status == "divorced")
        self.assertFalse(second.marital_status)
        self.assertEqual(self.beneficiary.marital_status, "divorced")

    def test_custody_moves_the_child_and_names_who_acts(self):
        guard = self._mandate(self.beneficiary, self.son, ends_at_majority=False)
        event = self._event("custody", self.son, to_household_id=self.other.id)
        with self.assertRaisesRegex(UserError, "under a mandate"):
            event.action_record()
        event.new_holder_id = self.neighbour.partner_id
        event.action_record()
        self.assertEqual(self.son.household_id, self.other)
        self.assertEqual(self.son.relationship, "son")
        self.assertEqual(guard.state, "ended")

    def test_holder_who_leaves_may_go_on_acting(self):
        mandate = self._mandate(self.mother, self.son, ends_at_majority=False)
        event = self._event("divorce", self.mother)
        self.assertTrue(event.needs_new_holder)
        event.new_holder_id = self.mother.partner_id
        event.action_record()
        self.assertEqual(mandate.state, "active")

    def test_moving_in_leaves_the_former_household(self):
        event = self._event("move_in", self.neighbour, relationship="other")
        self.assertEqual(event.left_household_id, self.other)
        event.action_record()
        self.assertEqual(self.neighbour.household_id, self.household)
        self.assertFalse(self.other.head_id)
        self.assertEqual(self.other.member_count, 0)

    def test_joining_needs_a_relationship_and_one_head(self):
        with self.assertRaisesRegex(UserError, "Say what the person is"):
            self._record("move_in", self.neighbour)
        with self.assertRaisesRegex(UserError, "has a head already"):
            self._record("move_in", self.neighbour, relationship="head")

    def test_only_members_move_out(self):
        with self.assertRaisesRegex(UserError, "no member"):
            self._record("move_out", self.neighbour)
        with self.assertRaisesRegex(UserError, "cannot move to the household"):
            self._record("move_out", self.son, to_household_id=self.household.id)

    def test_person_of_another_household_is_not_born_here(self):
        with self.assertRaisesRegex(UserError, "belongs to one household"):
            self._record("birth", self.neighbour)

    # ------------------------------------------------------------------
    # New head
    # ------------------------------------------------------------------

    def test_new_head_swaps_all_relationships(self):
        self._record("new_head", self.daughter)
        self.assertEqual(self.household.head_id, self.daughter)
        self.assertEqual(self.beneficiary.relationship, "parent")
        self.assertEqual(self.mother.relationship, "parent")
        self.assertEqual(self.son.relationship, "sibling")

    def test_wife_becomes_head_beside_her_husband(self):
        self._record("new_head", self.mother)
        self.assertEqual(self.beneficiary.relationship, "spouse")
        self.assertEqual(self.son.relationship, "son")

    def test_head_does_not_become_head(self):
        with self.assertRaisesRegex(UserError, "heads the household already"):
            self._record("new_head", self.beneficiary)

    # ------------------------------------------------------------------
    # On record
    # ------------------------------------------------------------------

    def test_second_click_is_refused(self):
        event = self._record("move_out", self.son)
        with self.assertRaisesRegex(UserError, "recorded already"):
            event.action_record()

    def test_recorded_event_is_neither_rewritten_nor_deleted(self):
        event = self._record("move_out", self.son)
        for change in (
            lambda: event.write({"note": "Other words"}),
            lambda: event.with_user(self.administrator).write({"state": "draft"}),
            event.unlink,
            lambda: event.line_ids.sudo().unlink(),
            lambda: self.son.membership_ids.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        self.assertTrue(self._event("move_out", self.mother).unlink())

    def test_state_is_not_typed(self):
        for values in ({"state": "done"}, {"done_by_id": self.officer.id}):
            with self.assertRaisesRegex(UserError, "Use the buttons"):
                self._event("move_out", self.son, **values)
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            self._event("move_out", self.son).state = "done"
        Event = self.env["beneficiary.life.event"].with_user(self.officer)
        with self.assertRaisesRegex(UserError, "Use the buttons"):
            Event.with_context(default_state="done").create(
                {"kind": "birth", "household_id": self.household.id}
            )

    def test_household_is_told_in_neutral_words(self):
        self._record("divorce", self.mother)
        said = self.household.message_ids[:1].body
        self.assertIn("A life event of", said)
        self.assertNotIn("ivorce", said)

    def test_event_lists_what_it_changed(self):
        event = self._record("death", self.beneficiary, new_head_id=self.mother.id)
        lines = {line.beneficiary_id: line for line in event.line_ids}
        self.assertEqual(set(lines), {self.beneficiary, self.mother})
        self.assertEqual(lines[self.beneficiary].old_household_id, self.household)
        self.assertEqual(lines[self.beneficiary].new_state, "closed")
        self.assertEqual(lines[self.mother].old_relationship, "spouse")
        self.assertEqual(lines[self.mother].new_relationship, "head")

    def test_assessment_keeps_its_frozen_figures(self):
        self.household.line_ids = [Command.create({"kind": "income", "amount": 4000})]
        assessment = self.env["beneficiary.assessment"].create(
            {
                "beneficiary_id": self.beneficiary.id,
                "mechanism_id": self.mechanism.id,
                "recommendation": "approve",
                "report": "Seen",
            }
        )
        assessment.with_user(self.researcher).action_done()
        note = assessment.figures_note
        self._record("death", self.beneficiary, new_head_id=self.mother.id)
        self._record(
            "birth", child_name="ريم بنت محمد", child_gender="female", date=self.today
        )
        self.assertEqual(self.household.counted_members, 4)
        self._record("move_out", self.son)
        self.assertEqual(self.household.counted_members, 3)
        self.assertEqual(assessment.counted_members, 4)
        self.assertEqual(assessment.per_capita_income, 1000)
        self.assertEqual(assessment.figures_note, note)
        self.assertEqual(assessment.household_id, self.household)

    # ------------------------------------------------------------------
    # Taking back
    # ------------------------------------------------------------------

    def test_counter_event_puts_everything_back(self):
        held = self._mandate(self.beneficiary, self.son, ends_at_majority=False)
        event = self._record(
            "death",
            self.beneficiary,
            new_head_id=self.mother.id,
            new_holder_id=self.mother.partner_id.id,
        )
        counter = self._take_back(event)
        self.assertEqual(event.state, "undone")
        self.assertEqual(counter.state, "done")
        self.assertEqual(event.reversed_by_ids, counter)
        self.assertEqual(self.household.head_id, self.beneficiary)
        self.assertEqual(self.mother.relationship, "spouse")
        self.assertEqual(self.mother.marital_status, "married")
        self.assertEqual(self.beneficiary.state, "verification")
        self.assertFalse(self.beneficiary.death_date)
        self.assertFalse(self.beneficiary.state_reason_id)
        self.assertEqual(held.state, "ended")
        self.assertTrue(self.beneficiary.activity_ids)
        for day in (event.date, self.today):
            self.assertIn(self.beneficiary, self.household._members_on(day))

    def test_event_is_taken_back_once_and_with_words(self):
        event = self._record(
            "move_out", self.son, to_household_id=self.other.id, relationship="other"
        )
        with self.assertRaisesRegex(UserError, "why"):
            self._take_back(event, note=False)
        counter = self._take_back(event)
        with self.assertRaisesRegex(UserError, "only once"):
            self._take_back(event)
        with self.assertRaisesRegex(UserError, "only once"):
            self._take_back(counter)
        with self.assertRaisesRegex(UserError, "only once"):
            event.with_user(self.manager).action_take_back()

    def test_event_under_later_changes_is_not_taken_back(self):
        event = self._record("move_out", self.son)
        self._record("move_in", self.son, relationship="son", date=self.today)
        with self.assertRaisesRegex(UserError, "changed since"):
            self._take_back(event)

    def test_new_household_is_archived_with_its_event(self):
        event = self._record("move_out", self.daughter, is_new_household=True)
        self._take_back(event)
        self.assertEqual(self.daughter.household_id, self.household)
        self.assertFalse(event.to_household_id.active)

    def test_button_opens_the_counter_event(self):
        event = self._record("move_out", self.son)
        action = event.with_user(self.manager).action_take_back()
        with Form(
            self.env["beneficiary.life.event"]
            .with_user(self.manager)
            .with_context(**action["context"])
        ) as form:
            form.note = "A mistake"
        form.record.action_record()
        self.assertEqual(self.son.household_id, self.household)
        self.assertEqual(event.state, "undone")


@tagged("post_install", "-at_install")
class TestMembershipHistory(LifeEventCase):
    """Who belonged to a household on a day; corrections leave rows as well."""

    def test_members_on_a_day(self):
        family = self.household.member_ids
        event = self._record(
            "move_out", self.son, to_household_id=self.other.id, relationship="other"
        )
        before = event.date - timedelta(days=1)
        self.assertEqual(self.household._members_on(before), family)
        self.assertEqual(self.household._members_on(event.date), family - self.son)
        self.assertIn(self.son, self.other._members_on(event.date))
        long_ago = self.start - timedelta(days=1)
        self.assertFalse(self.household._members_on(long_ago))

    def test_event_rows_carry_day_and_event(self):
        event = self._record("new_head", self.mother)
        row, first = self.mother.membership_ids
        self.assertEqual(row.event_id, event)
        self.assertEqual(row.date_from, event.date)
        self.assertEqual(row.relationship, "head")
        self.assertEqual(first.date_to, event.date)
        self.assertEqual(first.kind, "start")
        self.assertEqual(self.mother.household_since, self.start)

    def test_direct_edit_leaves_a_correction(self):
        self.son.with_user(self.officer).write({"relationship": "other"})
        row, first = self.son.membership_ids
        self.assertEqual(row.kind, "correction")
        self.assertEqual(row.date_from, self.today)
        self.assertEqual(first.date_to, self.today)
        self.son.with_user(self.officer).write({"education": "primary"})
        self.assertEqual(len(self.son.membership_ids), 2)

    def test_household_typed_on_the_file_is_a_correction(self):
        with Form(self.son.with_user(self.officer)) as form:
            form.household_id = self.other
            form.relationship = "other"
        self.assertEqual(self.son.household_id, self.other)
        self.assertEqual(self.son.household_since, self.today)
        with Form(self.son.with_user(self.officer)) as form:
            form.household_id = self.env["beneficiary.household"]
        self.assertFalse(self.son.household_since)
        self.assertFalse(self.son.membership_ids.filtered(lambda row: not row.date_to))

    def test_forged_context_leaves_a_correction(self):
        son = self.son.with_user(self.officer).with_context(
            beneficiary_membership_change=["2020-01-01", 1]
        )
        son.household_id = False
        self.assertEqual(self.son.membership_ids.date_to, self.today)

    def test_first_day_is_corrected_before_anything_changed(self):
        earlier = self.start - timedelta(days=30)
        son = self.son.with_user(self.officer)
        son.household_since = earlier
        self.assertEqual(self.son.membership_ids.date_from, earlier)
        with self.assertRaisesRegex(ValidationError, "day to come"):
            son.household_since = self.today + timedelta(days=1)
        self._record("new_head", self.daughter)
        with self.assertRaisesRegex(UserError, "only before it changes"):
            son.household_since = self.start

    def test_joining_with_a_day_on_the_file(self):
        day = self.today - timedelta(days=10)
        alone = self._create_beneficiary()
        alone.write(
            {
                "household_id": self.other.id,
                "relationship": "other",
                "household_since": day,
            }
        )
        self.assertEqual(alone.household_since, day)

    def test_event_does_not_lie_before_the_last_change(self):
        self._record("new_head", self.mother)
        early = self.start + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "changed on"):
            self._record("move_out", self.beneficiary, date=early)

    def test_import_brings_the_day(self):
        result = self.env["beneficiary.beneficiary"].load(
            ["name", "household_id/.id", "relationship", "household_since"],
            [["مريم", str(self.other.id), "Daughter", str(self.start)]],
        )
        self.assertFalse(result["messages"])
        person = self.env["beneficiary.beneficiary"].browse(result["ids"])
        self.assertEqual(person.membership_ids.date_from, self.start)

    def test_files_from_before_get_their_row(self):
        Membership = self.env["beneficiary.household.membership"]
        self.son.registered_on = date(2020, 5, 1)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM beneficiary_household_membership")
        self.env.invalidate_all()
        Membership.init()
        self.assertEqual(self.son.membership_ids.date_from, date(2020, 5, 1))
        self.assertEqual(self.son.membership_ids.company_id, self.company)
        Membership.init()
        self.assertEqual(len(self.son.membership_ids), 1)

    def test_database_keeps_one_household_a_person(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.son.membership_ids.copy({"household_id": self.other.id})

    def test_member_list_does_not_take_from_another_household(self):
        for commands in ([Command.link(self.son.id)], [Command.set(self.son.ids)]):
            with self.assertRaisesRegex(UserError, "belongs to one household"):
                self.other.with_user(self.officer).member_ids = commands
        with self.assertRaisesRegex(UserError, "belongs to one household"):
            self.env["beneficiary.household"].with_user(self.officer).create(
                {"member_ids": [Command.link(self.son.id)]}
            )
        alone = self._create_beneficiary()
        self.other.with_user(self.officer).member_ids = [Command.link(alone.id)]
        self.assertEqual(alone.household_id, self.other)

    def test_head_and_household_are_not_archived_over_others(self):
        with self.assertRaisesRegex(UserError, "names the new head"):
            self.beneficiary.active = False
        with self.assertRaisesRegex(UserError, "has members"):
            self.household.active = False
        with self.assertRaisesRegex(UserError, "kept"):
            self.household.unlink()
        self.env["beneficiary.household"].create({}).unlink()

    def test_batch_of_files_costs_a_fixed_number_of_queries(self):
        def create(count):
            households = self.env["beneficiary.household"].create([{}] * count)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["beneficiary.beneficiary"].create(
                [
                    {
                        "name": f"Person {number}",
                        "household_id": household.id,
                        "relationship": "head",
                    }
                    for number, household in enumerate(households)
                ]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        create(2)
        self.assertLessEqual(create(30), create(3) + 3)

    def test_officer_is_asked_for_a_missing_head(self):
        Household = self.env["beneficiary.household"]
        self.beneficiary.relationship = "other"
        kind = self.env.ref("beneficiary_relations.mail_activity_type_household")
        Household._cron_ask_for_head()
        Household._cron_ask_for_head()
        activity = self.household.activity_ids
        self.assertEqual(activity.activity_type_id, kind)
        self.assertEqual(activity.user_id, self.representative)
        self.assertFalse(self.other.activity_ids)
        self._record("new_head", self.mother, date=self.today)
        Household._cron_ask_for_head()
        self.assertFalse(self.household.activity_ids)

    def test_officer_is_asked_who_receives_for_a_head_under_age(self):
        Household = self.env["beneficiary.household"]
        self.neighbour.birth_date = self.today - timedelta(days=365 * 12)
        Household._cron_ask_for_head()
        self.assertTrue(self.other.activity_ids)
        self._mandate(self.mother, self.neighbour)
        Household._cron_ask_for_head()
        self.assertFalse(self.other.activity_ids)


@tagged("post_install", "-at_install")
class TestLifeEventAccess(LifeEventCase):
    """Officers and representatives record, readers read, nobody else sees it."""

    MATRIX = {
        "officer": "rwcd",
        "researcher": "r",
        "representative": "rwcd",
        "complaints": "r",
        "quality": "",
        "privacy": "r",
        "auditor": "r",
        "manager": "rwcd",
        "administrator": "rwcd",
        "employee": "",
    }
    OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}

    def test_role_matrix_cell_by_cell(self):
        event = self._record("move_out", self.son)
        records = [
            (event, self.MATRIX),
            *(
                (one, {role: "r" if cell else "" for role, cell in self.MATRIX.items()})
                for one in (event.line_ids, self.son.membership_ids)
            ),
        ]
        for record, roles in records:
            for role, allowed in roles.items():
                seen = record.with_user(getattr(self, role))
                for letter, operation in self.OPERATIONS.items():
                    with self.subTest(
                        model=record._name, role=role, operation=operation
                    ):
                        self.assertEqual(seen.has_access(operation), letter in allowed)

    def test_representative_records_in_the_own_branch_only(self):
        self._record("move_out", self.son, user=self.representative)
        south = self.env["beneficiary.branch"].create(
            {"name": "South", "company_id": self.company.id}
        )
        self.other.branch_id = south
        with self.assertRaises(AccessError):
            self._event(
                "move_out",
                self.neighbour,
                user=self.representative,
                household_id=self.other.id,
            )
        with self.assertRaises(AccessError):
            self._record(
                "move_out",
                self.daughter,
                user=self.representative,
                to_household_id=self.other.id,
                relationship="other",
            )

    def test_researcher_does_not_record(self):
        with self.assertRaises(AccessError):
            self._event("move_out", self.son, user=self.researcher)
        event = self._event("move_out", self.son)
        with self.assertRaises(AccessError):
            event.with_user(self.researcher).action_record()
        for record in (self.household, self.son):
            with self.assertRaisesRegex(UserError, "needs the role"):
                record.with_user(self.researcher).action_record_life_event()
            action = record.with_user(self.officer).action_record_life_event()
            self.assertEqual(
                action["context"]["default_household_id"], self.household.id
            )

    def test_only_a_manager_takes_back(self):
        event = self._record("move_out", self.son)
        with self.assertRaisesRegex(UserError, "Manager"):
            event.action_take_back()
        counter = self._event("move_out", reverses_id=event.id, note="No")
        with self.assertRaisesRegex(UserError, "Manager"):
            counter.action_record()

    def test_another_association_sees_nothing(self):
        event = self._record("move_out", self.son)
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "administrator", other)
        for record in (event, event.line_ids, self.son.membership_ids):
            seen = record.with_user(stranger).with_context(
                allowed_company_ids=other.ids
            )
            self.assertFalse(seen.has_access("read"))
        household = self.env["beneficiary.household"].create({"company_id": other.id})
        with self.assertRaises(UserError):
            self._event("move_out", self.daughter, to_household_id=household.id)

    def test_portal_user_reaches_no_event(self):
        event = self._record("move_out", self.son)
        self.mother.email = "hind@example.org"
        user = self.mother._grant_portal()
        for record in (event, event.line_ids, self.mother.membership_ids):
            self.assertFalse(record.with_user(user).has_access("read"))
        for name in ("death_date", "household_since", "membership_ids"):
            with self.assertRaises(AccessError):
                self.mother.with_user(user).read([name])

    def test_proof_is_told_by_its_content(self):
        with self.assertRaises(ValidationError):
            self._event(
                "move_out",
                self.son,
                proof=base64.b64encode(b"MZ programme"),
                proof_filename="deed.pdf",
            )
        event = self._event(
            "move_out",
            self.son,
            proof=base64.b64encode(PDF),
            proof_filename="deed.pdf",
        )
        self.assertEqual(event.proof_filename, "deed.pdf")


@tagged("post_install", "-at_install")
class TestLifeEventPrivacy(LifeEventCase):
    """Merging, handing out and destroying data reach life events."""

    def test_merge_moves_the_events(self):
        double = self._member("سعد محمد العتيبي", "other", "male", self.other)
        event = self._record("move_out", double, household_id=self.other.id)
        merge = (
            self.env["beneficiary.merge"]
            .with_user(self.manager)
            .create(
                {"survivor_id": self.son.id, "double_id": double.id, "note": "Same"}
            )
        )
        merge.action_merge()
        self.assertEqual(event.beneficiary_id, self.son)
        self.assertEqual(event.line_ids.beneficiary_id, self.son)
        self.assertIn(self.son, self.other._members_on(self.start))
        merge.action_undo()
        self.assertEqual(event.beneficiary_id, double)

    def test_copy_for_the_person_holds_the_own_events(self):
        event = self._record(
            "death", self.beneficiary, new_head_id=self.mother.id, note="Told by him"
        )
        data = self.beneficiary._person_data()
        rows = data["beneficiary.life.event"]
        self.assertEqual([row["note"] for row in rows], ["Told by him"])
        self.assertEqual(rows[0]["new_head_id"], "—")
        self.assertEqual(rows[0]["household_id"], self.household.code)
        self.assertIn("beneficiary.household.membership", data)
        mine = self.mother._person_data()
        self.assertNotIn("beneficiary.life.event", mine)
        lines = mine["beneficiary.life.event.line"]
        self.assertEqual([row["new_relationship"] for row in lines], ["head"])
        self.assertEqual(event.state, "done")

    def test_destruction_clears_the_words(self):
        event = self._record(
            "birth",
            child_name="ريم بنت محمد العتيبي",
            child_gender="female",
            note="Told by the grandmother",
            proof=base64.b64encode(PDF),
            proof_filename="birth.pdf",
        )
        child = event.beneficiary_id
        reason = self.env.ref("beneficiary_relations.state_reason_own_request")
        child._change_state("closed", reason)
        child._anonymise()
        for name in ("child_name", "child_gender", "note", "proof", "relationship"):
            self.assertFalse(event[name])
        self.assertEqual(event.state, "done")
        self.assertFalse(child.membership_ids.relationship)
        self.assertTrue(child.membership_ids.date_to)

    def test_destruction_waits_for_drafts(self):
        self._event("move_out", self.son)
        reason = self.env.ref("beneficiary_relations.state_reason_own_request")
        self.son._change_state("closed", reason)
        self.assertIn(
            "a life event is not recorded yet", self.son._anonymise_obstacles()
        )


@tagged("post_install", "-at_install")
class TestLifeEventDay(LifeEventCase):
    """The day of an event is the association's day."""

    @freeze_time("2026-11-20 21:30:00")
    def test_evening_in_universal_time_is_tomorrow_in_riyadh(self):
        self.officer.tz = "Asia/Riyadh"
        event = (
            self.env["beneficiary.life.event"]
            .with_user(self.officer)
            .with_context(tz="Asia/Riyadh")
            .create({"kind": "birth", "household_id": self.household.id})
        )
        self.assertEqual(event.date, date(2026, 11, 21))
