from odoo.tests import tagged

from odoo.addons.beneficiary_aid.hooks import post_init_hook
from odoo.addons.beneficiary_relations.tests.common import BeneficiaryCommon

STATUSES = {
    "received",
    "verification",
    "study",
    "decision",
    "approved",
    "delivery",
    "follow_up",
    "closed",
    "rejected",
    "cancelled",
}


@tagged("post_install", "-at_install")
class TestAidPolicyAdopt(BeneficiaryCommon):
    """What an association gets with a policy: stages, kinds of help, a decider."""

    def _adopt(self, code):
        company = self._create_association(f"Adopts {code}")
        policy = self.env["beneficiary.policy"]._adopt(code, company)
        return company, policy

    def test_every_template_covers_every_status(self):
        for code in ("ST", "HY", "TW", "BR", "MM"):
            with self.subTest(template=code):
                company, policy = self._adopt(code)
                stages = self.env["beneficiary.aid.stage"].search(
                    [("company_id", "=", company.id)]
                )
                self.assertEqual(set(stages.mapped("status")), STATUSES)
                self.assertTrue(all(stages.mapped("public_text")))
                self.assertEqual(stages.policy_ids, policy)
                self.assertTrue(
                    self.env["beneficiary.aid.type"].search(
                        [("company_id", "=", company.id)]
                    )
                )

    def test_stages_follow_one_another(self):
        company, _policy = self._adopt("ST")
        stages = self.env["beneficiary.aid.stage"].search(
            [("company_id", "=", company.id)]
        )
        self.assertEqual(stages[0].code, "reception")
        order = [*dict.fromkeys(stages.mapped("status"))]
        self.assertEqual(
            order[:6],
            ["received", "verification", "study", "decision", "approved", "delivery"],
        )

    def test_aid_types_of_safe_treatment(self):
        company, policy = self._adopt("ST")
        types = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", company.id)]
        )
        by_code = {kind.code: kind for kind in types}
        self.assertEqual(len(by_code), 5)
        self.assertEqual(
            set(by_code["treatment"].document_type_ids.mapped("code")),
            {"medical_report", "quotation"},
        )
        self.assertEqual(by_code["treatment"].nature, "vendor")
        self.assertFalse(by_code["health_waqf"].is_requestable)
        self.assertEqual(by_code["medicine"].clause, "ST-37")
        self.assertEqual(types.policy_id, policy)

    def test_committee_where_the_text_names_one(self):
        Committee = self.env["beneficiary.committee"]
        company, policy = self._adopt("ST")
        committee = Committee.search([("company_id", "=", company.id)])
        self.assertEqual(committee.name, "Research committee")
        self.assertEqual(committee.policy_id, policy)
        company, _policy = self._adopt("TW")
        self.assertFalse(Committee.search([("company_id", "=", company.id)]))

    def test_department_decides_where_the_text_has_no_committee(self):
        company, policy = self._adopt("BR")
        department = self.env["beneficiary.committee"].search(
            [("company_id", "=", company.id)]
        )
        self.assertEqual(policy.decider, "competent_department")
        self.assertEqual(department.code, "competent_department")
        self.assertEqual(department.quorum_kind, "number")
        self.assertEqual(department.quorum_number, 1)

    def test_medicine_needs_a_prescription_that_is_valid(self):
        company, _policy = self._adopt("ST")
        medicine = self.env["beneficiary.aid.type"].search(
            [("company_id", "=", company.id), ("code", "=", "medicine")]
        )
        prescription = medicine.document_type_ids.filtered(
            lambda kind: kind.code == "prescription"
        )
        self.assertEqual(medicine.nature, "vendor")
        self.assertEqual(prescription.validity_months, 6)

    def test_catalogue_tells_conditions_papers_steps_and_time(self):
        _company, policy = self._adopt("HY")
        services = policy._public_services()
        self.assertTrue(services)
        for service in services:
            for told in ("name", "conditions", "documents", "steps", "time"):
                with self.subTest(service=service["name"], told=told):
                    self.assertTrue(service[told])

    def test_the_charter_leaves_out_how_colleagues_are_reminded(self):
        _company, policy = self._adopt("HY")
        keys = [
            row["key"] for row in policy._public_values()["by_key"]["window"]["rows"]
        ]
        self.assertIn("deadline", keys)
        self.assertNotIn("escalation", keys)

    def test_a_policy_adopted_before_this_addon_came_is_topped_up(self):
        company, policy = self._adopt("HY")
        models = (
            "beneficiary.aid.stage",
            "beneficiary.aid.type",
            "beneficiary.committee",
        )
        domain = [("company_id", "=", company.id)]
        before = [self.env[model].search(domain).mapped("code") for model in models]
        for model in models:
            self.env[model].search(domain).unlink()
        policy.channel_ids[0].name = "Our word"
        post_init_hook(self.env)
        after = [self.env[model].search(domain).mapped("code") for model in models]
        self.assertEqual(after, before)
        self.assertEqual(len(policy.stage_ids), len(before[0]))
        self.assertEqual(policy.channel_ids[0].name, "Our word")

    def test_adopting_twice_changes_nothing(self):
        company, policy = self._adopt("ST")
        stage = self.env["beneficiary.aid.stage"].search(
            [("company_id", "=", company.id)], limit=1
        )
        stage.name = "Our desk"
        models = (
            "beneficiary.aid.stage",
            "beneficiary.aid.type",
            "beneficiary.committee",
        )
        before = [
            self.env[model].search_count([("company_id", "=", company.id)])
            for model in models
        ]
        self.assertEqual(self.env["beneficiary.policy"]._adopt("ST", company), policy)
        self.env["beneficiary.policy"]._top_up()
        after = [
            self.env[model].search_count([("company_id", "=", company.id)])
            for model in models
        ]
        self.assertEqual(before, after)
        self.assertEqual(stage.name, "Our desk")

    def test_accounts_come_with_the_policy(self):
        company, _policy = self._adopt("ST")
        self.assertTrue(company.beneficiary_aid_account_id)
