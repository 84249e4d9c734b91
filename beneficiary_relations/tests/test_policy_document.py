from datetime import timedelta

from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.beneficiary_relations.tools.difference import compare_sections
from odoo.addons.beneficiary_relations.tools.lists import join_phrases
from odoo.addons.beneficiary_relations.tools.period import period_label
from odoo.addons.beneficiary_relations.tools.rtl_print import split_words

from .common import BeneficiaryCommon

CODES = ("ST", "HY", "TW", "BR", "MM")
APPROVAL = {
    "approval_status": "confirmed",
    "approval_body": "مجلس الإدارة",
    "approval_reference": "قرار رقم 7",
    "approval_date": "2026-02-01",
}


def _section(name, *rows):
    return {
        "key": name,
        "title": name.title(),
        "rows": [{"key": key, "cells": [text]} for key, text in rows],
    }


@tagged("post_install", "-at_install")
class TestPolicyVersion(BeneficiaryCommon):
    """Versions: when they begin, what differs, and that the past stays as it was."""

    def _newer(self, policy=None):
        policy = (policy or self.policy).with_user(self.administrator)
        return policy.browse(policy.action_new_version()["res_id"])

    # --- in force from a date ----------------------------------------------

    def test_a_version_comes_into_force_on_its_day_by_itself(self):
        today = fields.Date.context_today(self.policy)
        newer = self._newer()
        newer.date_from = today + timedelta(days=3)
        newer.action_put_in_force()
        self.assertEqual((newer.state, newer.is_scheduled), ("draft", True))
        self.assertEqual(self.policy.state, "in_force")
        self.env["beneficiary.policy"]._cron_put_in_force()
        self.assertEqual(newer.state, "draft", "Its day has not come.")
        newer.sudo().date_from = today
        self.env["beneficiary.policy"]._cron_put_in_force()
        self.assertEqual((newer.state, newer.is_scheduled), ("in_force", False))
        self.assertEqual(self.policy.state, "superseded")
        self.assertEqual(self.policy.date_to, today - timedelta(days=1))

    def test_the_date_is_taken_back(self):
        newer = self._newer()
        newer.date_from = fields.Date.add(fields.Date.today(), days=3)
        newer.action_put_in_force()
        newer.action_unschedule()
        self.assertFalse(newer.is_scheduled)

    def test_two_versions_in_force_on_one_day_are_refused(self):
        newer = self._newer()
        newer.date_from = self.policy.date_from
        with self.assertRaisesRegex(UserError, "Choose a later day"):
            newer.action_put_in_force()
        day = fields.Date.add(fields.Date.today(), days=3)
        first, second = self._newer(), self._newer()
        (first | second).date_from = day
        first.action_put_in_force()
        with self.assertRaisesRegex(UserError, "never in force on one day"):
            second.action_put_in_force()

    # --- difference ---------------------------------------------------------

    def test_the_difference_reads_line_by_line(self):
        before = [_section("channels", ("a", "Phone"), ("b", "Letters"))]
        after = [
            _section("channels", ("a", "Telephone"), ("c", "Visit")),
            _section("tasks", ("t", "Help")),
        ]
        channels, tasks = compare_sections(before, after)
        self.assertEqual(channels["changed"], [("Phone", "Telephone")])
        self.assertEqual(channels["added"], ["Visit"])
        self.assertEqual(channels["removed"], ["Letters"])
        self.assertEqual(tasks["added"], ["Help"])
        self.assertEqual(compare_sections(after, after), [])

    def test_a_new_version_shows_what_differs_from_the_last(self):
        phone = self.env["beneficiary.channel"].create(
            {"name": "Hot line", "code": "t_phone", "company_id": self.company.id}
        )
        newer = self._newer()
        self.assertEqual(newer.previous_id, self.policy)
        self.assertIn("No difference", newer.difference)
        newer.channel_ids = [Command.link(phone.id)]
        newer.reply_max = 45
        newer.invalidate_recordset(["difference"])
        text = html.fromstring(newer.difference).text_content()
        self.assertIn("Hot line", text)
        self.assertIn("60 days", text)
        self.assertIn("45 days", text)

    def test_a_version_that_is_over_keeps_its_words(self):
        channel = self.env["beneficiary.channel"].create(
            {"name": "Counter", "code": "t_counter", "company_id": self.company.id}
        )
        self.policy.channel_ids = channel
        newer = self._newer()
        newer.action_put_in_force()
        channel.name = "Reception"
        words = str(self.policy._shown_sections())
        self.assertIn("Counter", words)
        self.assertNotIn("Reception", words)
        self.assertIn("Reception", str(newer._shown_sections()))
        old = self.policy.with_user(self.administrator)
        with self.assertRaisesRegex(UserError, "stays as it was"):
            old.reply_max = 10
        with self.assertRaisesRegex(UserError, "stays as it was"):
            old.statement_ids.create(
                {"policy_id": old.id, "section": "duty", "name": "Too late"}
            )
        with self.assertRaisesRegex(UserError, "It is kept"):
            old.unlink()

    def test_results_are_not_typed_in(self):
        policy = self.policy.with_user(self.administrator)
        for values in ({"state": "draft"}, {"version": 9}, {"approved_text": {}}):
            with self.assertRaises(AccessError):
                policy.write(values)

    # --- approval -----------------------------------------------------------

    def test_an_approval_is_confirmed_only_when_it_is_known(self):
        policy = self.policy.with_user(self.administrator)
        with self.assertRaisesRegex(ValidationError, "by which decision"):
            policy.approval_status = "confirmed"
        with self.assertRaisesRegex(ValidationError, "cannot be read as a day"):
            policy.write({**APPROVAL, "approval_date": False, "approval_raw": "02/22"})
        with self.assertRaisesRegex(ValidationError, "a day to come"):
            policy.approval_date = fields.Date.add(fields.Date.today(), days=5)

    def test_a_change_after_the_approval_prints_as_a_draft(self):
        policy = self.policy.with_user(self.administrator)
        self.assertEqual(policy.document_state, "draft")
        policy.write(APPROVAL)
        policy.invalidate_recordset()
        self.assertEqual(policy.document_state, "approved")
        policy.reply_max = 33
        policy.invalidate_recordset()
        self.assertEqual(policy.document_state, "changed")
        self.assertIn("33 days", policy.change_note)

    def test_the_licence_of_another_association_is_refused(self):
        self.policy.licence_number = "1380"
        other = self._create_association("Other")
        with self.assertRaisesRegex(ValidationError, "another association"):
            self._create_policy(other, licence_number="1380")
        copied = self.policy.copy({"company_id": other.id, "channel_ids": False})
        self.assertFalse(copied.licence_number)

    # --- words --------------------------------------------------------------

    def test_periods_in_arabic(self):
        labels = [
            period_label(number, "day", "ar_001") for number in (1, 2, 3, 14, 100, 105)
        ]
        self.assertEqual(
            labels,
            ["يوم واحد", "يومين", "3 أيام", "14 يومًا", "100 يوم", "105 أيام"],
        )
        self.assertEqual(period_label(1, "month", "en_US"), "1 month")
        for unit, said in (
            ("year", ["سنة واحدة", "3 سنوات", "12 سنة"]),
            ("minute", ["دقيقة واحدة", "3 دقائق", "12 دقيقة"]),
            ("time", ["مرة واحدة", "3 مرات", "12 مرة"]),
        ):
            with self.subTest(unit=unit):
                self.assertEqual(
                    [period_label(number, unit, "ar_001") for number in (1, 3, 12)],
                    said,
                )

    def test_phrases_are_joined_by_the_mark_of_the_language(self):
        phrases = ["الهوية، والتقرير", "الإقرار"]
        self.assertEqual(join_phrases(phrases, "ar_001"), "الهوية، والتقرير؛ الإقرار")
        self.assertEqual(join_phrases(["a, b", "c"], "en_US"), "a, b; c")

    def test_words_are_split_for_the_printer_and_nothing_is_lost(self):
        markup = (
            "<div><style>a، b</style><p>بعد 14 يومًا، <b>نعم</b> (2026/11/21).</p></div>"
        )
        split = split_words(markup)
        root = html.fromstring(split)
        self.assertEqual(
            root.find("p").text_content(), "بعد 14 يومًا، نعم (2026/11/21)."
        )
        self.assertEqual(root.find("style").text, "a، b")
        self.assertIn("<span>2026/11/21</span>", split)


@tagged("post_install", "-at_install")
class TestPolicyDocument(BeneficiaryCommon, HttpCase):
    """The printed policy says what the record says, for each of the five texts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        cls.policies = {
            code: cls.env["beneficiary.policy"]
            ._adopt(code, cls._create_association(f"جمعية {number}"))
            .with_context(lang="ar_001")
            for number, code in enumerate(CODES)
        }

    def _printed(self, policy):
        """Return the printed document: its root and the lines of each section."""
        root = html.fromstring(policy._document_html())
        lines = {
            section.get("data-section"): [
                " ".join(row.text_content().split())
                for row in section.xpath(".//*[contains(@class, 'o_policy_row')]")
            ]
            for section in root.xpath("//*[@data-section]")
        }
        return root, lines

    def test_the_print_equals_the_record(self):
        for code in CODES:
            with self.subTest(code):
                policy = self.policies[code]
                _root, lines = self._printed(policy)
                self.assertEqual(lines["channels"], policy.channel_ids.mapped("name"))
                self.assertEqual(
                    lines["references"], policy.reference_ids.mapped("name")
                )
                self.assertEqual(
                    lines["mechanisms"], policy.mechanism_ids.mapped("name")
                )
                self.assertEqual(len(lines["conditions"]), len(policy.criterion_ids))
                self.assertEqual(len(lines["need_bands"]), 4)
                steps = policy.statement_ids.filtered(
                    lambda line: line.section == "programme_step"
                )
                self.assertEqual(lines.get("programme_step", []), steps.mapped("name"))
                self.assertEqual(len(steps), 9 if code == "TW" else 0)
                window = " ".join(lines["window"])
                if policy.window_text:
                    self.assertIn(policy.window_text, window)
                for number, unit in (
                    (policy.study_min, policy.study_min_unit),
                    (policy.reply_max, policy.reply_max_unit),
                ):
                    if number:
                        self.assertIn(period_label(number, unit, "ar"), window)

    def test_rules_of_verification_are_printed(self):
        _root, lines = self._printed(self.policies["ST"])
        self.assertNotIn("mechanism_rules", lines)
        policy = self.policies["BR"]
        rules = policy.mechanism_rule_ids
        _root, lines = self._printed(policy)
        self.assertEqual(len(lines["mechanism_rules"]), len(rules))
        self.assertIn("الفحص الإداري", lines["mechanism_rules"][0])
        self.assertIn("proposals", policy.with_context(lang="en_US").to_confirm_note)
        newer = policy.browse(policy.action_new_version()["res_id"])
        rule = newer.mechanism_rule_ids.filtered(
            lambda rule: rule.requirement == "optional"
        )[0]
        rule.requirement = "required"
        words = html.fromstring(newer.with_context(lang="en_US").difference)
        self.assertIn("Where the case calls for it", words.text_content())

    def test_what_the_text_does_not_name_is_marked_as_proposed(self):
        policy = self.policies["ST"].with_context(lang="en_US")
        sections = {row["key"]: row for row in policy._document_sections()}
        for key in ("documents", "need_bands", "interactions"):
            self.assertTrue(sections[key]["proposed"], key)
        marks = [row["proposed"] for row in sections["mechanisms"]["rows"]]
        self.assertEqual(marks, [False, True, True])
        policy.proposals_to_confirm = False
        sections = {row["key"]: row for row in policy._document_sections()}
        self.assertFalse(sections["documents"]["proposed"])
        self.assertFalse(any(row["proposed"] for row in sections["mechanisms"]["rows"]))

    def test_a_draft_is_not_printed_as_in_force(self):
        policy = self.policies["HY"].with_context(lang="en_US")
        self.assertEqual(policy.state, "in_force")
        self.assertEqual(policy._document_version_line(), "Version 1")
        policy.write(APPROVAL)
        policy.invalidate_recordset()
        self.assertIn("in force from", policy._document_version_line())

    def test_lists_are_told_in_arabic(self):
        _root, lines = self._printed(self.policies["HY"])
        self.assertFalse([row for row in lines["documents"] if "," in row])

    def test_changing_a_channel_changes_the_print(self):
        for code in CODES:
            policy = self.policies[code]
            gone, renamed = policy.channel_ids[0], policy.channel_ids[1]
            before = gone.name
            policy.channel_ids = [Command.unlink(gone.id)]
            renamed.name = "الخط الساخن"
            _root, lines = self._printed(policy)
            self.assertNotIn(before, lines["channels"])
            self.assertEqual(lines["channels"][0], "الخط الساخن")

    def test_a_draft_until_the_own_board_approves(self):
        for code in CODES:
            policy = self.policies[code]
            root, _lines = self._printed(policy)
            self.assertTrue(root.find_class("o_policy_draft"), code)
            words = root.text_content()
            template = policy._get_templates()[code]
            for foreign in (
                template["name_ar"],
                template["licence"],
                template["approval"].get("ref_ar"),
                (template["approval"].get("date") or "").replace("-", "/"),
            ):
                if foreign:
                    self.assertNotIn(foreign, " ".join(words.split()))
        policy.write({**APPROVAL, "licence_number": "998", "document_number": "12"})
        policy.invalidate_recordset()
        root, _lines = self._printed(policy)
        self.assertFalse(root.find_class("o_policy_draft"))
        words = " ".join(root.text_content().split())
        for own in ("998", "12", "مجلس الإدارة", "2026/02/01", "1447/08/13"):
            self.assertIn(own, words)

    def test_the_pdf_is_made(self):
        report = self.env["ir.actions.report"]
        policy = self.policies["HY"]
        content, kind = report.with_context(
            force_report_rendering=True
        )._render_qweb_pdf("beneficiary_relations.report_policy", policy.ids)
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertGreater(len(content), 20000)

    def test_whoever_reads_the_policy_prints_it(self):
        action = self.policy.with_user(self.officer).action_print_document()
        self.assertEqual(action["report_name"], "beneficiary_relations.report_policy")
        self.assertTrue(self.policy.with_user(self.representative)._document_html())
        with self.assertRaises(AccessError):
            self.policy.with_user(self.employee).action_print_document()
