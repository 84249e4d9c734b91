import itertools
import json

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import file_open

from .common import BeneficiaryCommon

CODES = ("ST", "HY", "TW", "BR", "MM")


@tagged("post_install", "-at_install")
class TestPolicyAdopt(BeneficiaryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with file_open("beneficiary_relations/data/policy_templates.json") as file:
            cls.templates = json.load(file)
        for lang in ("en_US", "ar_001"):
            cls.env["res.lang"]._activate_lang(lang)
        cls.Policy = cls.env["beneficiary.policy"]
        cls.counter = itertools.count(1)

    def _adopt(self, code, company=None, **kwargs):
        company = company or self._create_association(f"{code} {next(self.counter)}")
        return self.Policy._adopt(code, company, **kwargs)

    def _snapshot(self, company):
        """Return every value of the configuration of a company."""
        snapshot = {}
        for model in (
            "beneficiary.policy",
            "beneficiary.policy.reference",
            "beneficiary.channel",
            "beneficiary.mechanism",
            "beneficiary.category",
            "beneficiary.document.type",
            "beneficiary.need.band",
            "beneficiary.criterion",
            "beneficiary.interaction.type",
        ):
            records = (
                self.env[model]
                .with_context(active_test=False, lang="ar_001")
                .search([("company_id", "=", company.id)], order="id")
            )
            names = [
                name
                for name, field in records._fields.items()
                if field.store and field.type != "binary"
            ]
            snapshot[model] = records.read(names, load=None)
        return snapshot

    # --- what the text says -------------------------------------------------

    def test_each_template_brings_what_its_text_names(self):
        self.assertEqual(tuple(self.templates), CODES)
        for code, template in self.templates.items():
            with self.subTest(code):
                policy = self._adopt(code)
                self.assertEqual(policy.state, "in_force")
                self.assertEqual(
                    policy.channel_ids.mapped("code"),
                    [row["code"] for row in template["channels"]],
                )
                self.assertEqual(
                    policy.reference_ids.mapped("code"),
                    [row["code"] for row in template["tools"]],
                )
                self.assertLessEqual(
                    {row["code"] for row in template["verification"]},
                    set(policy.mechanism_ids.mapped("code")),
                )
                self.assertEqual(
                    policy.mechanism_ids.mapped("kind"),
                    ["admin_check", "interview", "field_visit"],
                )
                own = policy.criterion_ids.filtered(lambda one: not one.to_confirm)
                self.assertEqual(
                    own.mapped("template_code"),
                    [row["code"] for row in template["eligibility"]],
                )
                self.assertEqual(
                    own.mapped("clause"),
                    [row["clause"] for row in template["eligibility"]],
                )
                self.assertEqual(policy.decider, template["decider"])
                self.assertEqual(policy.has_referral, template["referral"])
                self.assertEqual(
                    policy.evaluation_notice, template["evaluation_notice"]
                )

    def test_reply_windows_keep_the_literal_reading(self):
        windows = {}
        for code in CODES:
            policy = self._adopt(code)
            windows[code] = (
                policy.window_reading,
                policy.study_min,
                policy.study_min_unit,
                policy.reply_max,
                policy.reply_max_to_confirm,
            )
            self.assertEqual(
                policy.window_text or None, self.templates[code]["reply"]["text_ar"]
            )
        self.assertEqual(
            windows,
            {
                "ST": ("floor", 1, "month", 60, True),
                "HY": ("floor", 14, "day", 30, True),
                "TW": ("event", 0, "day", 0, False),
                "BR": ("none", 0, "day", 30, True),
                "MM": ("floor", 14, "day", 30, True),
            },
        )

    def test_licence_and_approval_of_another_association_are_never_copied(self):
        for code in CODES:
            policy = self._adopt(code)
            for name in (
                "licence_number",
                "approval_body",
                "approval_reference",
                "approval_date",
                "approval_raw",
            ):
                self.assertFalse(policy[name], f"{code} {name}")
            self.assertEqual(
                policy.approval_status,
                "not_in_text" if code == "TW" else "to_confirm",
            )
            template = self.templates[code]
            self.assertNotIn(template["name_ar"], policy.name)
            self.assertIn(policy.company_id.name, policy.name)

    def test_names_are_english_with_arabic_beside(self):
        policy = self._adopt("ST")
        bylaw = policy.reference_ids[0]
        self.assertEqual(bylaw.name, "Association's basic by-law")
        self.assertEqual(
            bylaw.with_context(lang="ar_001").name, "اللائحة الأساسية للجمعية"
        )
        arabic = policy.with_context(lang="ar_001")
        self.assertTrue(arabic.name.startswith("سياسة تنظيم العلاقة"))
        self.assertIn("أقر", arabic.declaration_text)

    def test_arabic_activated_later_is_filled_in_once(self):
        policy = self._adopt("ST")
        channels = policy.channel_ids
        for channel in channels:
            channel.update_field_translations("name", {"ar_001": False})
        self.assertEqual(channels[0].with_context(lang="ar_001").name, "Interview")
        channels[1].name = "Hotline"
        self.Policy._top_up()
        arabic = channels.with_context(lang="ar_001")
        self.assertEqual(arabic[0].name, "المقابلة")
        self.assertEqual(arabic[1].name, "Hotline", "Renamed: left alone.")

    # --- proposals ----------------------------------------------------------

    def test_proposals_are_marked_and_make_an_assessment_explain_itself(self):
        policy = self._adopt("ST")
        proposals = policy.criterion_ids
        self.assertTrue(all(proposals.mapped("to_confirm")))
        self.assertFalse(any(proposals.mapped("clause")))
        mandatory = proposals.filtered("mandatory")
        self.assertEqual(set(mandatory.mapped("kind")), {"automatic", "manual"})

        company = policy.company_id
        beneficiary = self._create_beneficiary(company_id=company.id)
        assessment = self.env["beneficiary.assessment"].create(
            {
                "beneficiary_id": beneficiary.id,
                "mechanism_id": policy.mechanism_ids[0].id,
            }
        )
        self.assertEqual(assessment.line_ids.criterion_id, proposals)
        self.assertIn("Resides legally", assessment.explanation)

    def test_conditions_are_answered_from_the_file(self):
        policy = self._adopt("TW")
        company = policy.company_id
        served, outside = self.env["beneficiary.area"].create(
            [
                {"name": name, "is_served": is_served, "company_id": company.id}
                for name, is_served in (("In", True), ("Out", False))
            ]
        )
        citizen = self._create_beneficiary(company_id=company.id, area_id=served.id)
        resident = self._create_beneficiary(
            company_id=company.id,
            identity_kind="resident",
            residence_expiry="2020-01-01",
            area_id=outside.id,
        )
        unknown = self._create_beneficiary(
            company_id=company.id, identity_kind="passport"
        )
        answers = policy.criterion_ids._evaluate(citizen | resident | unknown)
        results = {
            criterion.template_code: [
                answers[criterion][person][0] for person in (citizen, resident, unknown)
            ]
            for criterion in policy.criterion_ids
        }
        self.assertEqual(results["in_area"], ["met", "not_met", "unknown"])
        self.assertEqual(results["legal_residence"], ["met", "not_met", "unknown"])
        self.assertEqual(results["is_beneficiary"][0], "not_met")
        optional = policy.criterion_ids.filtered(lambda one: not one.mandatory)
        self.assertEqual(optional.template_code, "is_beneficiary")

    def test_need_bands_leave_no_gap(self):
        bands = self._adopt("ST").need_band_ids
        found = [bands._band_of(amount).name for amount in (-1, 0, 249.99, 250, 500.5)]
        self.assertEqual(found, ["A", "A", "A", "B", "C"])
        self.assertFalse(bands._band_of(750).is_entitled)

    def test_documents_follow_categories(self):
        policy = self._adopt("MM")
        types = self.env["beneficiary.document.type"].search(
            [("company_id", "=", policy.company_id.id)]
        )
        by_code = {kind.code: kind for kind in types}
        self.assertTrue(by_code["identity"].required_for_all)
        self.assertEqual(
            set(by_code["prison_certificate"].category_ids.mapped("code")),
            {"prisoner", "released", "prisoner_family"},
        )
        self.assertNotIn("medical_report", by_code)

    def test_only_policies_that_refer_bring_the_referral(self):
        for code in CODES:
            company = self._adopt(code).company_id
            kinds = (
                self.env["beneficiary.interaction.type"]
                .search([("company_id", "=", company.id)])
                .mapped("kind")
            )
            self.assertEqual("referral" in kinds, code in ("HY", "MM"), code)

    # --- adopting again -----------------------------------------------------

    def test_adopting_again_changes_nothing(self):
        for code in CODES:
            with self.subTest(code):
                policy = self._adopt(code)
                before = self._snapshot(policy.company_id)
                self.assertEqual(self._adopt(code, policy.company_id), policy)
                self.Policy._top_up()
                self.assertEqual(self._snapshot(policy.company_id), before)

    def test_adopting_again_keeps_edits_and_adds_what_is_missing(self):
        policy = self._adopt("ST")
        company = policy.company_id
        phone = policy.channel_ids.filtered(lambda one: one.code == "phone")
        phone.name = "Hotline"
        letter = policy.channel_ids.filtered(lambda one: one.code == "letter")
        policy.channel_ids = [Command.unlink(letter.id)]
        social = policy.channel_ids.filtered(lambda one: one.code == "social")
        social.active = False
        policy.reply_max = 45
        policy.need_band_ids[0].amount_to = 200
        gone, kept = policy.criterion_ids[0], policy.criterion_ids[1]
        gone_code = gone.template_code
        kept.mandatory = True
        gone.unlink()

        self._adopt("ST", company)

        self.assertEqual(phone.name, "Hotline")
        self.assertNotIn(letter, policy.channel_ids, "Taken out by hand.")
        self.assertFalse(social.active)
        self.assertEqual(policy.reply_max, 45)
        self.assertEqual(policy.need_band_ids[0].amount_to, 200)
        self.assertEqual(len(policy.need_band_ids), 4)
        self.assertTrue(kept.mandatory)
        self.assertIn(gone_code, policy.criterion_ids.mapped("template_code"))

    def test_a_new_version_is_topped_up_without_doubles(self):
        policy = self._adopt("HY")
        action = policy.action_new_version()
        newer = self.Policy.browse(action["res_id"])
        count = len(newer.criterion_ids), len(newer.reference_ids)
        self.Policy._top_up()
        self.assertEqual((len(newer.criterion_ids), len(newer.reference_ids)), count)
        self.assertEqual(self._adopt("HY", policy.company_id), newer)

    # --- companies ----------------------------------------------------------

    def test_two_companies_side_by_side(self):
        first, second = self._adopt("ST"), self._adopt("ST")
        self.assertNotEqual(first.company_id, second.company_id)
        for name in ("channel_ids", "mechanism_ids", "criterion_ids"):
            self.assertFalse(first[name] & second[name], name)
            self.assertEqual(len(first[name]), len(second[name]), name)
            self.assertEqual(second[name].company_id, second.company_id, name)
        first.channel_ids[0].name = "Talk"
        self._adopt("ST", second.company_id)
        self.assertEqual(second.channel_ids[0].name, "Interview")

    def test_second_template_of_a_company_waits_as_a_draft(self):
        first = self._adopt("ST")
        second = self._adopt("HY", first.company_id)
        self.assertEqual((first.state, second.state), ("in_force", "draft"))
        self.assertEqual(len(second.channel_ids), 8)
        shared = first.channel_ids & second.channel_ids
        self.assertEqual(len(shared), 7, "Channels are the association's, not doubled.")

    def test_a_policy_of_a_later_day_is_not_in_force_yet(self):
        policy = self._adopt("ST", date_from=self._later())
        self.assertEqual(policy.state, "draft")
        self.assertEqual(policy.date_from, self._later())

    def _later(self):
        return fields.Date.add(fields.Date.context_today(self.Policy), days=30)

    # --- who and what may not -----------------------------------------------

    def test_an_unknown_template_is_refused_with_the_known_ones(self):
        with self.assertRaisesRegex(UserError, "ST, HY, TW, BR,.* MM"):
            self._adopt("XX", self.company)

    def test_the_administrator_adopts_with_the_wizard(self):
        company = self._create_association("Wizard")
        self.administrator.write({"company_ids": [Command.link(company.id)]})
        Wizard = self.env["beneficiary.policy.adopt"].with_user(self.administrator)
        with Form(
            Wizard.with_context(
                default_company_id=company.id,
                allowed_company_ids=company.ids,
            )
        ) as form:
            form.template_code = "BR"
        action = form.save().action_adopt()
        policy = self.Policy.browse(action["res_id"])
        self.assertEqual((policy.company_id, policy.state), (company, "in_force"))

    def test_the_wizard_sets_the_association_up(self):
        company = self._create_association("Set-up")
        self.administrator.write({"company_ids": [Command.link(company.id)]})
        clerk, stranger = self.employee, self.quality
        clerk.company_ids = [Command.link(company.id)]
        Wizard = (
            self.env["beneficiary.policy.adopt"]
            .with_user(self.administrator)
            .with_context(allowed_company_ids=company.ids)
        )
        wizard = Wizard.create(
            {
                "template_code": "HY",
                "company_id": company.id,
                "company_name": "جمعية التجربة",
                "licence_number": "777",
                "phone": "+966500000001",
                "public_address": "test-set-up",
                "officer_ids": [Command.set((clerk | stranger).ids)],
            }
        )
        policy = self.Policy.browse(wizard.action_adopt()["res_id"])
        self.assertEqual(policy.licence_number, "777")
        self.assertEqual(company.name, "جمعية التجربة")
        self.assertIn("جمعية التجربة", policy.name)
        self.assertEqual(company.beneficiary_address, "test-set-up")
        group = "beneficiary_relations.group_relations_officer"
        self.assertTrue(clerk.has_group(group))
        self.assertFalse(stranger.has_group(group), "Of another association.")
        self.assertFalse(clerk.has_group("beneficiary_relations.group_sensitive"))
        note = policy.to_confirm_note
        self.assertIn("approval", note)
        self.assertIn("deadline", note)
        self.assertNotIn("licence", note)
        # Once more, with nothing entered: nothing is lost.
        policy.reply_max = 44
        again = Wizard.create({"template_code": "HY", "company_id": company.id})
        self.assertEqual(again.licence_number, "777")
        again.write({"phone": False, "public_address": False})
        again.action_adopt()
        self.assertEqual(company.phone, "+966500000001")
        self.assertEqual((policy.reply_max, policy.licence_number), (44, "777"))

    def test_others_do_not_adopt(self):
        for user in (self.manager, self.officer, self.auditor, self.employee):
            with self.assertRaises(AccessError):
                self.env["beneficiary.policy.adopt"].with_user(user).create(
                    {"template_code": "ST", "company_id": self.company.id}
                )
