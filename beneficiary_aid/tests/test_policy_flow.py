from datetime import date

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from lxml import html

from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common import CITIZENS, BeneficiaryCommon

WINDOWS = {
    "ST": (relativedelta(months=1), relativedelta(days=60)),
    "HY": (relativedelta(days=14), relativedelta(days=30)),
    "TW": (None, None),
    "BR": (None, relativedelta(days=30)),
    "MM": (relativedelta(days=14), relativedelta(days=30)),
}
SIDE = ("rejected", "cancelled")


@tagged("post_install", "-at_install")
class TestPolicyFlow(BeneficiaryCommon):
    """Each text, adopted in a company of its own: the system does what it says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        cls.policies = {}
        for code in WINDOWS:
            company = cls._create_association(f"جمعية {code}")
            cls.policies[code] = cls.env["beneficiary.policy"]._adopt(
                code, company, date(2020, 1, 1)
            )

    def _each(self):
        templates = self.env["beneficiary.policy"]._get_templates()
        for code, policy in self.policies.items():
            with self.subTest(template=code):
                yield (
                    code,
                    templates[code],
                    policy.with_context(allowed_company_ids=policy.company_id.ids),
                )

    def _request(self, policy, **values):
        company = policy.company_id
        kind = policy._document_aid_types().filtered("is_requestable")[0]
        beneficiary = self._create_beneficiary(
            company_id=company.id, identity_number=CITIZENS[1]
        )
        return (
            self.env["beneficiary.aid.request"]
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "beneficiary_id": beneficiary.id,
                    "aid_type_id": kind.id,
                    "company_id": company.id,
                    "channel_id": policy.channel_ids[0].id,
                    **values,
                }
            )
        )

    def test_channels_and_tools(self):
        for _code, template, policy in self._each():
            arabic = policy.with_context(lang="ar_001")
            self.assertEqual(
                arabic.channel_ids.mapped("name"),
                [row["ar"] for row in template["channels"]],
            )
            self.assertEqual(
                arabic.reference_ids.mapped("name"),
                [row["ar"] for row in template["tools"]],
            )
            request = self._request(policy)
            self.assertEqual(request.channel_id, policy.channel_ids[0])
            self.assertEqual(request.policy_id, policy)

    def test_stages_are_those_of_the_text_in_its_order(self):
        for code, template, policy in self._each():
            arabic = policy.with_context(lang="ar_001")
            own = [row["ar"] for row in template["stages"]]
            names = arabic._document_stages().mapped("name")
            self.assertEqual([name for name in names if name in own], own)
            request = self._request(policy)
            self.assertIn(request.stage_id, policy.stage_ids)
            self.assertEqual(request.status, "received")
            steps = policy.statement_ids.filtered(
                lambda line: line.section == "programme_step"
            )
            self.assertEqual(
                steps.with_context(lang="ar_001").mapped("name"),
                [row["ar"] for row in template.get("programme_stages", [])],
            )
            if code == "TW":
                self.assertEqual(len(steps), 9)

    def test_the_print_has_the_steps_and_the_kinds_of_help_of_the_record(self):
        for _code, _template, policy in self._each():
            arabic = policy.with_context(lang="ar_001")
            root = html.fromstring(policy._document_html())
            lines = {
                section.get("data-section"): [
                    " ".join(row.text_content().split())
                    for row in section.xpath(".//*[contains(@class, 'o_policy_row')]")
                ]
                for section in root.xpath("//*[@data-section]")
            }
            stages = arabic._document_stages()
            self.assertEqual(
                lines["steps"],
                stages.filtered(lambda one: one.status not in SIDE).mapped("name"),
            )
            self.assertEqual(
                lines["aid_types"], arabic._document_aid_types().mapped("name")
            )

    def test_the_window(self):
        start = date(2026, 1, 31)
        for code, template, policy in self._each():
            self.assertEqual(policy.window_text or None, template["reply"]["text_ar"])
            floor, deadline = WINDOWS[code]
            with freeze_time("2026-01-31 09:00:00"):
                request = self._request(policy)
                request.sudo()._start_clock("study")
                request.sudo()._start_clock("decision")
            self.assertEqual(
                request.reply_not_before, floor and start + floor or False, code
            )
            self.assertEqual(
                request.reply_due, deadline and start + deadline or False, code
            )
            words = request._portal_acknowledgement()
            if policy.window_text:
                self.assertIn(policy.window_text, words)

    def test_mechanisms_and_conditions(self):
        for _code, template, policy in self._each():
            request = self._request(policy)
            mechanism = policy.mechanism_ids[0]
            assessment = (
                self.env["beneficiary.assessment"]
                .with_context(allowed_company_ids=policy.company_id.ids)
                .create(
                    {
                        "beneficiary_id": request.beneficiary_id.id,
                        "mechanism_id": mechanism.id,
                    }
                )
            )
            asked = assessment.line_ids.criterion_id
            self.assertLessEqual(asked, policy.criterion_ids)
            own = policy.criterion_ids.filtered(lambda one: not one.to_confirm)
            self.assertEqual(
                own.with_context(lang="ar_001").mapped("name"),
                [row["ar"] for row in template["eligibility"]],
            )
            self.assertLessEqual(own.filtered("mandatory"), asked)
            kinds = {row["kind"] for row in template["verification"]}
            self.assertLessEqual(kinds, set(policy.mechanism_ids.mapped("kind")))

    def test_documents_and_need_bands(self):
        for _code, _template, policy in self._each():
            request = self._request(policy)
            general = policy._document_types().filtered("required_for_all")
            self.assertTrue(general)
            self.assertLessEqual(general, request.missing_document_type_ids)
            household = self.env["beneficiary.household"].create(
                {"company_id": policy.company_id.id}
            )
            request.beneficiary_id.household_id = household
            for amount, name in ((0, "A"), (499.99, "B"), (500, "C"), (900, "No need")):
                self.assertTrue(
                    policy.need_band_ids._band_of(amount).name.startswith(name)
                )
            self.assertIn(household.need_band_id, policy.need_band_ids)

    def test_the_public_services_are_those_people_may_ask_for(self):
        for _code, _template, policy in self._each():
            services = policy._public_services()
            kinds = policy._document_aid_types()
            offered = kinds.filtered("is_requestable")
            funds = kinds.filtered(lambda kind: kind.nature == "fund")
            self.assertEqual(
                [service["name"] for service in services],
                (offered | funds).mapped("name"),
            )
            for service in services:
                if service["name"] in funds.mapped("name"):
                    # Known to the public, and nobody asks for it.
                    self.assertFalse(service["documents"] or service["steps"])
                    continue
                self.assertTrue(service["documents"])
                self.assertTrue(service["steps"])
                self.assertTrue(service["time"])

    def test_a_new_version_uses_the_stages_and_kinds_of_help_of_the_last(self):
        policy = self.policies["ST"]
        newer = policy.browse(policy.action_new_version()["res_id"])
        self.assertEqual(newer.stage_ids, policy.stage_ids)
        self.assertEqual(newer._document_aid_types(), policy._document_aid_types())
        self.assertIn("No difference", newer.difference)
        request = self._request(policy)
        newer._put_in_force()
        self.assertEqual(request.policy_id, policy, "Kept from the day it came in.")
        company = policy.company_id
        later = self.env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": request.beneficiary_id.id,
                "aid_type_id": request.aid_type_id.id,
                "company_id": company.id,
            }
        )
        self.assertEqual(later.policy_id, newer)
