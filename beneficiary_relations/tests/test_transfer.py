from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestTransfer(BeneficiaryCommon):
    """A file moves to another branch when that branch accepts it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls._create_user("receiver", "branch_representative")
        cls.other_branch = cls.env["beneficiary.branch"].create(
            {
                "name": "South",
                "company_id": cls.company.id,
                "user_ids": [Command.set(cls.receiver.ids)],
            }
        )
        cls.beneficiary.write({"branch_id": cls.branch.id, "state": "verification"})
        cls.household.branch_id = cls.branch
        cls.child = cls._create_beneficiary(
            household_id=cls.household.id,
            relationship="daughter",
            branch_id=cls.branch.id,
        )

    def _ask(self, user=None, **values):
        return (
            self.env["beneficiary.branch.transfer"]
            .with_user(user or self.representative)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "to_branch_id": self.other_branch.id,
                    "reason": "Moved",
                    **values,
                }
            )
        )

    def test_dialog_asks_for_nothing_that_it_does_not_show(self):
        action = self.beneficiary.with_user(self.representative).action_transfer()
        Transfer = self.env["beneficiary.branch.transfer"].with_user(
            self.representative
        )
        typed = {"to_branch_id", "reason"}
        required = {
            name
            for name, field in Transfer._fields.items()
            if field.required and name not in typed
        }
        values = Transfer.with_context(**action["context"]).default_get(list(required))
        self.assertEqual(set(values), required)

    def test_receiving_branch_accepts_the_household(self):
        transfer = self._ask()
        with self.assertRaises(AccessError):
            self.beneficiary.with_user(self.receiver).read(["name"])
        transfer.with_user(self.receiver).action_accept()
        self.assertEqual(self.beneficiary.branch_id, self.other_branch)
        self.assertEqual(self.child.branch_id, self.other_branch)
        self.assertEqual(self.household.branch_id, self.other_branch)
        self.assertEqual(transfer.state, "accepted")
        self.assertEqual(transfer.answered_by_id, self.receiver)
        self.beneficiary.with_user(self.receiver).read(["name"])
        with self.assertRaises(AccessError):
            self.beneficiary.with_user(self.representative).read(["name"])

    def test_one_person_moves_alone(self):
        self._ask(with_household=False).with_user(self.receiver).action_accept()
        self.assertEqual(self.beneficiary.branch_id, self.other_branch)
        self.assertEqual(self.child.branch_id, self.branch)

    def test_giving_branch_does_not_accept(self):
        with self.assertRaisesRegex(UserError, "role"):
            self._ask().action_accept()

    def test_second_click_is_refused(self):
        transfer = self._ask().with_user(self.receiver)
        transfer.action_accept()
        with self.assertRaisesRegex(UserError, "answered already"):
            transfer.action_accept()

    def test_refusing_needs_words(self):
        transfer = self._ask().with_user(self.receiver)
        with self.assertRaisesRegex(UserError, "why your branch"):
            transfer.action_refuse()
        transfer.answer_note = "Lives outside our area"
        transfer.action_refuse()
        self.assertEqual(self.beneficiary.branch_id, self.branch)

    def test_asking_again_after_withdrawing(self):
        transfer = self._ask()
        with self.assertRaises(UserError):
            transfer.with_user(self.receiver).action_withdraw()
        transfer.action_withdraw()
        self.assertTrue(self._ask())

    def test_file_does_not_leave_its_branch_past_the_transfer(self):
        with self.assertRaisesRegex(UserError, "Transfer"):
            self.beneficiary.with_user(self.officer).branch_id = self.other_branch
        self.beneficiary.with_user(self.manager).branch_id = self.other_branch
        self.assertEqual(self.beneficiary.branch_id, self.other_branch)

    def test_same_branch_and_foreign_files_are_refused(self):
        with self.assertRaises(ValidationError):
            self._ask(to_branch_id=self.branch.id)
        with self.assertRaises(AccessError):
            self._ask(user=self.receiver)
        with self.assertRaises(AccessError):
            self._ask(user=self.auditor)

    def test_what_was_asked_is_not_typed_over(self):
        transfer = self._ask()
        for values in ({"state": "accepted"}, {"to_branch_id": self.branch.id}):
            with self.assertRaises(UserError):
                transfer.with_user(self.receiver).write(values)

    def test_others_do_not_see_transfers(self):
        transfer = self._ask()
        stranger = self._create_user("third", "branch_representative")
        for user in (stranger, self.employee, self.quality):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                transfer.with_user(user).read(["reason"])
