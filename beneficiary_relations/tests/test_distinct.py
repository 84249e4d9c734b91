from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CITIZENS, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestDistinct(BeneficiaryCommon):
    """Two files that look alike and are two persons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls._create_beneficiary(
            name=cls.beneficiary.name, identity_number=CITIZENS[1]
        )

    def _tell_apart(self, user=None, first=None, second=None, **values):
        return (
            self.env["beneficiary.distinct"]
            .with_user(user or self.officer)
            .create(
                {
                    "first_id": (first or self.twin).id,
                    "second_id": (second or self.beneficiary).id,
                    "reason": "Both came to the desk",
                    **values,
                }
            )
        )

    def _proposed(self, file, other):
        file.invalidate_recordset(["duplicate_note"])
        return other.file_number in (file.duplicate_note or "")

    def test_pair_is_never_proposed_again_on_either_file(self):
        self.assertTrue(self._proposed(self.beneficiary, self.twin))
        self.assertTrue(self._proposed(self.twin, self.beneficiary))
        self._tell_apart()
        self.assertFalse(self._proposed(self.beneficiary, self.twin))
        self.assertFalse(self._proposed(self.twin, self.beneficiary))

    def test_third_file_is_still_proposed(self):
        third = self._create_beneficiary(
            name=self.beneficiary.name, identity_number=CITIZENS[2]
        )
        self._tell_apart()
        self.assertTrue(self._proposed(self.beneficiary, third))

    def test_undone_pair_is_proposed_again(self):
        pair = self._tell_apart()
        pair.action_undo()
        pair.action_undo()
        self.assertEqual(pair.undone_by_id, self.officer)
        self.assertTrue(self._proposed(self.beneficiary, self.twin))
        self.assertTrue(self._tell_apart())

    def test_order_does_not_count_and_a_pair_is_recorded_once(self):
        self._tell_apart()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._tell_apart(first=self.beneficiary, second=self.twin)
            self.env.flush_all()

    def test_nobody_is_told_apart_from_himself(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._tell_apart(second=self.twin)
            self.env.flush_all()

    def test_needs_a_reason(self):
        for reason in ("", "   ", False):
            with self.assertRaisesRegex(ValidationError, "how you know"):
                self._tell_apart(reason=reason)
        with self.assertRaisesRegex(ValidationError, "characters"):
            self._tell_apart(reason="x" * 501)

    def test_two_associations_are_refused(self):
        other = self._create_association("Other")
        stranger = self._create_beneficiary(
            name=self.beneficiary.name, company_id=other.id
        )
        with self.assertRaises(UserError):
            self._tell_apart(second=stranger)

    def test_merge_of_two_persons_is_refused_until_undone(self):
        pair = self._tell_apart()
        merge = (
            self.env["beneficiary.merge"]
            .with_user(self.manager)
            .create(
                {
                    "survivor_id": self.beneficiary.id,
                    "double_id": self.twin.id,
                    "note": "Look alike",
                }
            )
        )
        with self.assertRaisesRegex(UserError, "two persons"):
            merge.action_merge()
        pair.action_undo()
        merge.action_merge()
        self.assertEqual(self.twin.merged_into_id, self.beneficiary)
        with self.assertRaisesRegex(UserError, "merged into"):
            self._tell_apart()

    def test_search_before_registering_says_so(self):
        self._tell_apart()
        search = (
            self.env["beneficiary.search"]
            .with_user(self.officer)
            .create({"name": self.beneficiary.name})
        )
        search.action_search()
        notes = dict(
            search.line_ids.mapped(lambda one: (one.file_number, one.told_apart))
        )
        self.assertEqual(notes[self.twin.file_number], self.beneficiary.file_number)
        self.assertEqual(notes[self.beneficiary.file_number], self.twin.file_number)

    def test_who_and_when_are_not_typed_and_nothing_is_edited(self):
        pair = self._tell_apart(recorded_by_id=self.manager.id, undone_on="2020-01-01")
        self.assertEqual((pair.recorded_by_id, pair.undone_on), (self.officer, False))
        with self.assertRaisesRegex(UserError, "stays"):
            pair.reason = "Other"
        with self.assertRaises(UserError):
            pair.sudo().unlink()

    def test_roles(self):
        for user in (self.auditor, self.researcher, self.manager, self.administrator):
            if not user.has_group("beneficiary_relations.group_relations_officer"):
                with self.assertRaises(UserError):
                    self._tell_apart(user)
        for user in (self.employee, self.representative):
            with self.assertRaises(AccessError):
                self._tell_apart(user)
        pair = self._tell_apart()
        self.assertTrue(pair.with_user(self.auditor).has_access("read"))
        self.assertFalse(pair.with_user(self.employee).has_access("read"))
        with self.assertRaises(UserError):
            pair.with_user(self.auditor).action_undo()

    def test_words_go_with_the_personal_data(self):
        pair = self._tell_apart(reason="Secret of the family")
        reason = self.env.ref("beneficiary_relations.state_reason_moved")
        self.twin._change_state("closed", reason)
        self.twin._anonymise()
        self.assertEqual(pair.reason, "—")

    def test_screen_proposes_the_file_that_looks_alike(self):
        action = self.beneficiary.with_user(self.officer).action_tell_apart()
        self.assertEqual(action["context"]["default_second_id"], self.twin.id)

    def test_file_opens_whom_it_is_not(self):
        pair = self._tell_apart()
        for file in (self.beneficiary, self.twin):
            self.assertEqual(file.distinct_count, 1)
            action = file.with_user(self.officer).action_open_distinct()
            found = self.env["beneficiary.distinct"].search(action["domain"])
            self.assertEqual(found, pair)
