from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestHousehold(BeneficiaryCommon):
    """Who lives together, on what, and in which need band."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["beneficiary.need.band"].create(
            [
                {
                    "name": name,
                    "policy_id": cls.policy.id,
                    "no_lower": lower is None,
                    "amount_from": lower or 0,
                    "no_upper": upper is None,
                    "amount_to": upper or 0,
                }
                for name, lower, upper in (
                    ("A", None, 250),
                    ("B", 250, 500),
                    ("C", 500, 750),
                    ("None", 750, None),
                )
            ]
        )

    def _set_income(self, income, obligations=0):
        lines = [Command.clear()]
        if income:
            lines.append(Command.create({"kind": "income", "amount": income}))
        if obligations:
            lines.append(Command.create({"kind": "obligation", "amount": obligations}))
        self.household.line_ids = lines

    def test_head_is_the_member_who_is_head(self):
        self.assertEqual(self.household.head_id, self.beneficiary)
        self.assertIn("العتيبي", self.household.name)

    def test_words_that_hide_characters_are_refused(self):
        for words in ("x\u202ey", "a\x00b"):
            with self.assertRaisesRegex(ValidationError, "control characters"):
                self.household.address_note = words
            with self.assertRaisesRegex(ValidationError, "control characters"):
                self.household.create({"address_note": words})

    def test_second_head_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_beneficiary(
                household_id=self.household.id, relationship="head"
            )

    def test_head_without_membership_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._create_beneficiary(relationship="head")

    def test_income_is_shared_among_weighted_members_who_count(self):
        self._create_beneficiary(household_id=self.household.id, household_weight=0.5)
        self._create_beneficiary(
            household_id=self.household.id, counts_in_household=False
        )
        self._set_income(1500, 300)
        self.assertEqual(self.household.member_count, 3)
        self.assertEqual(self.household.counted_members, 1.5)
        self.assertEqual(self.household.per_capita_income, 800)
        self.assertIn("800", self.household.figures_note)

    def test_line_that_does_not_count_changes_nothing(self):
        self._set_income(400)
        self.household.line_ids = [
            Command.create({"kind": "income", "amount": 5000, "counts": False})
        ]
        self.assertEqual(self.household.per_capita_income, 400)

    def test_each_income_lands_in_one_band(self):
        for income, obligations, band in (
            (0, 0, "A"),
            (0, 900, "A"),
            (249.99, 0, "A"),
            (250, 0, "B"),
            (499.99, 0, "B"),
            (500.50, 0, "C"),
            (750, 0, "None"),
            (90_000, 0, "None"),
        ):
            with self.subTest(income=income, obligations=obligations):
                self._set_income(income, obligations)
                self.assertEqual(self.household.need_band_id.name, band)

    def test_each_figure_says_how_it_was_made(self):
        self._create_beneficiary(household_id=self.household.id, household_weight=0.5)
        for income, obligations, result, band in (
            (750.75, 0, "500.50", "C"),
            (0, 0, "0.00", "A"),
            (300, 900, "-400.00", "A"),
        ):
            with self.subTest(income=income, obligations=obligations):
                self._set_income(income, obligations)
                note = self.household.figures_note.replace("\u2011", "-")
                for part in (f"{income:.2f}", f"{obligations:.2f}", "÷ 1.5", result):
                    self.assertIn(part, note.replace("\ufeff", ""))
                self.assertIn(f"Need band: {band}.", note)

    def test_overlapping_bands_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "overlap"):
            self.env["beneficiary.need.band"].create(
                {
                    "name": "D",
                    "policy_id": self.policy.id,
                    "amount_from": 700,
                    "amount_to": 800,
                }
            )

    def test_band_without_bounds_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["beneficiary.need.band"].create(
                {"name": "Nothing", "policy_id": self.policy.id}
            )
            self.env.flush_all()

    def test_amount_that_is_not_above_zero_is_refused(self):
        for amount in (-5, float("nan"), 0):
            with (
                self.subTest(amount=amount),
                # Nothing is a number, and no amount: the table says so.
                self.assertRaises(IntegrityError if amount == 0 else ValidationError),
                mute_logger("odoo.sql_db"),
            ):
                self.household.line_ids = [
                    Command.create({"kind": "income", "amount": amount})
                ]
                self.env.flush_all()

    def test_new_policy_sorts_households_into_its_bands(self):
        self._set_income(400)
        newer = self.policy.copy()
        newer.need_band_ids.filtered(lambda band: band.name == "B").name = "Bee"
        newer._put_in_force()
        self.assertEqual(self.household.need_band_id.name, "Bee")
