from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.files import check_upload
from ..tools.hijri import format_hijri
from ..tools.identity import check_identity
from ..tools.kinship import seen_from
from ..tools.text import (
    clean_text,
    has_hidden_characters,
    normalise_arabic,
    normalise_identity,
    to_latin_digits,
)
from ..tools.window import add_period, reply_window


@tagged("post_install", "-at_install")
class TestTools(BaseCase):
    """Pure functions: text, identity numbers, reply window, files."""

    def test_arabic_digits_become_latin(self):
        self.assertEqual(to_latin_digits("٠١٢٣٤٥٦٧٨٩۷"), "01234567897")

    def test_identity_number_loses_spaces_and_invisible_characters(self):
        self.assertEqual(normalise_identity(" ١٠٠٠ ٠٠٠‏ ٠٠٨\n"), "1000000008")

    def test_names_in_any_spelling_have_one_key(self):
        key = normalise_arabic("عبد الله بن أحمد آل علي")
        for spelling in (
            "عبدالله أحمد ال علي",
            "عَبدُ الله بن احمد آل على",
            "عبـدالله احمد آل علي",
        ):
            self.assertEqual(normalise_arabic(spelling), key, spelling)

    def test_teh_marbuta_and_heh_have_one_key(self):
        self.assertEqual(normalise_arabic("فاطمة"), normalise_arabic("فاطمه"))

    def test_different_names_have_different_keys(self):
        self.assertNotEqual(normalise_arabic("سعيد"), normalise_arabic("سعد"))

    def test_direction_overrides_and_controls_are_removed(self):
        self.assertEqual(clean_text("Ali\u202e\u0000 \u200bHassan\u2066"), "Ali Hassan")

    def test_hidden_characters_are_told_from_harmless_ones(self):
        for text in ("a\u202eb", "a\u2066", "a\x00", "a\x1b[2J", "a\ud800"):
            self.assertTrue(has_hidden_characters(text), repr(text))
        for text in ("علي\u200f", "a\u200cb", "a\r\nb\tc", "a\u200b", ""):
            self.assertFalse(has_hidden_characters(text), repr(text))

    def test_a_line_break_parts_two_words(self):
        self.assertEqual(clean_text("علي\nحسن\t محمد"), "علي حسن محمد")

    def test_text_longer_than_allowed_is_refused(self):
        with self.assertRaises(ValueError):
            clean_text("x" * 201, 200)
        self.assertEqual(len(clean_text("x" * 200, 200)), 200)

    def test_identity_numbers(self):
        for kind, number, fault in (
            ("citizen", "1000000008", None),
            ("citizen", "1000000000", "check_digit"),
            ("citizen", "2456789011", "first_digit"),
            ("resident", "2456789011", None),
            ("resident", "245678901", "length"),
            ("citizen", "", "length"),
            ("passport", "A1234567", None),
            ("passport", "A-1", "format"),
        ):
            with self.subTest(kind=kind, number=number):
                self.assertEqual(check_identity(kind, number), fault)

    def test_calendar_month_ends_with_the_shorter_month(self):
        self.assertEqual(add_period(date(2027, 1, 31), 1, "month"), date(2027, 2, 28))
        self.assertEqual(
            add_period(date(2027, 1, 31), 1, "month", "days30"), date(2027, 3, 2)
        )

    def test_floor_reading_sets_no_deadline_of_its_own(self):
        rules = {"reading": "floor", "study_min": 1, "study_min_unit": "month"}
        self.assertEqual(
            reply_window(date(2026, 11, 20), rules), (date(2026, 12, 20), False)
        )

    def test_pause_moves_the_deadline_and_not_the_floor(self):
        rules = {
            "reading": "floor",
            "study_min": 14,
            "study_min_unit": "day",
            "reply_max": 30,
            "reply_max_unit": "day",
        }
        self.assertEqual(
            reply_window(date(2026, 1, 1), rules, paused_days=5),
            (date(2026, 1, 15), date(2026, 2, 5)),
        )

    def test_event_reading_has_no_dates(self):
        rules = {"reading": "event", "reply_max": 1, "reply_max_unit": "day"}
        self.assertEqual(reply_window(date(2026, 1, 1), rules), (False, False))

    def test_hijri_date_of_a_known_day(self):
        self.assertEqual(format_hijri(date(2025, 2, 27)), "1446-08-28")

    def test_hijri_date_outside_the_table_is_left_out(self):
        self.assertEqual(format_hijri(date(1800, 1, 1)), "")

    def test_file_type_is_told_by_content(self):
        self.assertEqual(check_upload(b"%PDF-1.7\n", "id.pdf"), "application/pdf")
        self.assertEqual(check_upload(b"\xff\xd8\xff\xe0", "id.jpg"), "image/jpeg")

    def test_files_that_are_no_papers_are_refused(self):
        for content, name, code in (
            (b"", "id.pdf", "empty"),
            (b"MZ\x90\x00", "id.pdf", "type"),
            (b"PK\x03\x04", "id.pdf", "type"),
            (b"<svg onload='x'/>", "id.png", "type"),
            (b"%PDF-1.7\n", "id.exe", "extension"),
            (b"%PDF-1.7\n/OpenAction<</JavaScript 1>>", "id.pdf", "active_content"),
            (b"%PDF-1.7\n<</S/J#61vaScript>>", "id.pdf", "active_content"),
            (b"%PDF-1.7\n" + b"x" * (10 * 1024 * 1024), "id.pdf", "too_large"),
        ):
            with self.subTest(name=name, code=code), self.assertRaises(ValueError) as e:
                check_upload(content, name)
            self.assertEqual(e.exception.args[0], code)

    def test_relationships_as_the_new_head_sees_them(self):
        for new_head, member, gender, expected in (
            ("spouse", "head", "male", "spouse"),
            ("spouse", "son", "male", "son"),
            ("spouse", "parent", "female", "other"),
            ("son", "head", "female", "parent"),
            ("daughter", "son", "male", "sibling"),
            ("son", "parent", "male", "grandparent"),
            ("parent", "head", "female", "daughter"),
            ("parent", "sibling", None, "other"),
            ("sibling", "head", "male", "sibling"),
            ("other", "son", "male", "other"),
            (False, "head", "male", "other"),
            ("spouse", False, "male", False),
        ):
            with self.subTest(new_head=new_head, member=member):
                self.assertEqual(seen_from(new_head, member, gender), expected)
