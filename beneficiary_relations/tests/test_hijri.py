from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.hijri import format_hijri, parse_hijri
from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestHijri(BeneficiaryCommon):
    """Dates typed as papers carry them, and the national address."""

    def test_hijri_dates_are_read_in_the_ways_people_write_them(self):
        for text in (
            "1446/08/28",
            "1446-8-28",
            "28-8-1446",
            "28/08/1446 هـ",
            "٢٨/٨/١٤٤٦",
            "١٤٤٦/٠٨/٢٨ هـ",
            "\u200f1446-08-28 AH",
        ):
            with self.subTest(text=text):
                self.assertEqual(parse_hijri(text), date(2025, 2, 27))
        self.assertEqual(format_hijri(date(2025, 2, 27)), "1446-08-28")

    def test_dates_that_do_not_exist_are_refused(self):
        # Sha'ban 1446 has 29 days.
        for text, fault in (
            ("1446/08/30", "day"),
            ("1446/13/01", "month"),
            ("1200/01/01", "year"),
            ("28-8", "format"),
            ("2025-02-27", "year"),
            ("28/8/1446/2", "format"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(ValueError, fault):
                parse_hijri(text)

    def test_officer_types_the_hijri_birth_date(self):
        with Form(self.beneficiary.with_user(self.officer)) as form:
            form.birth_date_hijri = "٢٨/٨/١٤١٠"
            self.assertEqual(form.birth_date, date(1990, 3, 25))
            form.identity_expiry_hijri = "1450/01/01"
        self.assertEqual(self.beneficiary.birth_date, date(1990, 3, 25))
        self.assertIn("1410-08-28", self.beneficiary.birth_date_hijri)
        self.assertTrue(self.beneficiary.identity_expiry)

    def test_day_thirty_of_a_short_month_is_refused_with_its_length(self):
        with self.assertRaisesRegex(ValidationError, "29 days"):
            self.beneficiary.birth_date_hijri = "1446/08/30"

    def test_hijri_dates_can_be_imported(self):
        result = (
            self.env["beneficiary.beneficiary"]
            .with_user(self.officer)
            .load(["name", "birth_date_hijri"], [["Ali", "1410/08/28"]])
        )
        file = self.env["beneficiary.beneficiary"].browse(result["ids"])
        self.assertEqual(file.birth_date, date(1990, 3, 25))

    def test_an_empty_hijri_date_does_not_erase_the_gregorian_one(self):
        file = self._create_beneficiary(
            birth_date=date(1900, 5, 1), birth_date_hijri=False
        )
        self.assertEqual(file.birth_date, date(1900, 5, 1))
        self.assertFalse(file.birth_date_hijri)

    def test_short_address_is_stored_in_one_form_and_gives_the_building(self):
        file = self.beneficiary.with_user(self.officer)
        file.short_address = " rrrd ٢٩٢٩ "
        self.assertEqual(file.short_address, "RRRD2929")
        self.assertEqual(file.building_number, "2929")

    def test_short_address_of_another_building_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "building"):
            self.beneficiary.write(
                {"short_address": "RRRD2929", "building_number": "1234"}
            )

    def test_short_address_of_another_form_is_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.beneficiary.short_address = "RRD29299"
            self.env.flush_all()
