from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .test_visit import VisitCommon


@tagged("post_install", "-at_install")
class TestMechanismRule(VisitCommon):
    """Which verification is owed differs with the category (BR-48)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orphans = cls.env["beneficiary.category"].create(
            {"name": "Orphans", "company_id": cls.company.id}
        )
        Rule = cls.env["beneficiary.mechanism.rule"]
        cls.rule_visit = Rule.create(
            {
                "policy_id": cls.policy.id,
                "mechanism_id": cls.field_visit.id,
                "category_ids": [Command.set(cls.orphans.ids)],
                "sequence": 20,
            }
        )
        cls.rule_interview = Rule.create(
            {"policy_id": cls.policy.id, "mechanism_id": cls.mechanism.id}
        )

    def test_owed_follows_category_and_order(self):
        self.assertEqual(self.beneficiary.owed_mechanism_ids, self.mechanism)
        self.beneficiary.category_id = self.orphans
        self.assertEqual(
            list(self.beneficiary.owed_mechanism_ids),
            [self.mechanism, self.field_visit],
        )

    def test_optional_is_not_owed(self):
        self.rule_interview.requirement = "optional"
        self.assertFalse(self.beneficiary.owed_mechanism_ids)

    def test_assessment_and_meeting_pay_what_is_owed(self):
        self.beneficiary.category_id = self.orphans
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        visit = self._plan(assessment_id=assessment.id)
        self.assertEqual(
            assessment.owed_mechanism_ids, self.mechanism | self.field_visit
        )
        self._record(visit)
        self.assertEqual(assessment.owed_mechanism_ids, self.mechanism)
        assessment.action_done()
        self.assertFalse(assessment.owed_mechanism_ids)
        self.assertFalse(self.beneficiary.owed_mechanism_ids)

    def test_assessment_no_longer_valid_pays_nothing(self):
        assessment = self._create_assessment(
            mechanism_id=self.mechanism.id, valid_until="2020-01-01"
        )
        assessment.action_done()
        self.assertEqual(self.beneficiary.owed_mechanism_ids, self.mechanism)

    def test_new_version_of_the_policy_keeps_the_rules(self):
        newer = self.policy.copy()
        self.assertEqual(
            newer.mechanism_rule_ids.mechanism_id, self.mechanism | self.field_visit
        )
        self.assertEqual(newer.mechanism_rule_ids.category_ids, self.orphans)

    def test_policy_that_names_mechanisms_brings_rules_with_clauses(self):
        company = self._create_association("Baraem")
        policy = self.env["beneficiary.policy"]._adopt("BR", company)
        self.assertEqual(
            [
                (rule.mechanism_id.kind, rule.requirement, rule.clause)
                for rule in policy.mechanism_rule_ids
            ],
            [
                ("admin_check", "required", "BR-49"),
                ("interview", "optional", "BR-50"),
                ("field_visit", "optional", "BR-42"),
            ],
        )
        policy.mechanism_rule_ids[1].active = False
        self.env["beneficiary.policy"]._adopt("BR", company)
        self.assertEqual(len(policy.mechanism_rule_ids), 2)

    def test_other_policies_ask_for_none_by_name(self):
        company = self._create_association("Treatment")
        policy = self.env["beneficiary.policy"]._adopt("ST", company)
        self.assertFalse(policy.mechanism_rule_ids)

    def test_only_administrators_set_rules(self):
        values = {"policy_id": self.policy.id, "mechanism_id": self.mechanism.id}
        Rule = self.env["beneficiary.mechanism.rule"]
        Rule.with_user(self.administrator).create(values)
        for user in (self.officer, self.researcher, self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                Rule.with_user(user).create(values)

    def test_rule_stays_within_the_association(self):
        other = self._create_association("Other")
        category = self.env["beneficiary.category"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.rule_visit.category_ids = category
        stranger = self._create_user("stranger", "manager", other)
        with self.assertRaises(AccessError):
            self.rule_visit.with_user(stranger).with_context(
                allowed_company_ids=other.ids
            ).read(["clause"])


@tagged("post_install", "-at_install")
class TestReasonByCategory(VisitCommon):
    """Refusals are coded, and the codes are those of the category (BR-51)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Category = cls.env["beneficiary.category"]
        cls.orphans, cls.widows = Category.create(
            [
                {"name": name, "company_id": cls.company.id}
                for name in ("Orphans", "Widows")
            ]
        )
        Reason = cls.env["beneficiary.state.reason"]
        cls.of_age = Reason.create(
            {
                "name": "Came of age",
                "target_state": "any",
                "company_id": cls.company.id,
                "category_ids": [Command.set(cls.orphans.ids)],
            }
        )
        cls.father_lives = Reason.create(
            {
                "name": "The father lives",
                "target_state": "declined",
                "category_ids": [Command.set(cls.orphans.ids)],
            }
        )
        cls.beneficiary.category_id = cls.widows
        cls.beneficiary.state = "verification"

    def test_file_is_closed_for_a_reason_of_its_category(self):
        file = self.beneficiary.with_user(self.officer)
        with self.assertRaisesRegex(ValidationError, "not for the category"):
            file._change_state("closed", self.of_age)
        file.category_id = self.orphans
        file._change_state("closed", self.of_age)
        self.assertEqual(file.state, "closed")

    def test_person_without_category_gets_general_reasons_only(self):
        self.beneficiary.category_id = False
        with self.assertRaisesRegex(ValidationError, "not for the category"):
            self.beneficiary._change_state("closed", self.of_age)

    def test_screen_offers_what_fits_every_file(self):
        orphan = self._create_beneficiary(category_id=self.orphans.id)
        Change = self.env["beneficiary.state.change"].with_user(self.officer)
        one = Change.new({"beneficiary_ids": orphan.ids, "target_state": "closed"})
        both = Change.new(
            {
                "beneficiary_ids": (orphan | self.beneficiary).ids,
                "target_state": "closed",
            }
        )
        self.assertIn(self.of_age, one.allowed_reason_ids._origin)
        self.assertNotIn(self.of_age, both.allowed_reason_ids._origin)
        self.assertNotIn(self.father_lives, one.allowed_reason_ids._origin)

    def test_reason_of_assessments_is_none_for_files(self):
        self.beneficiary.category_id = self.orphans
        with self.assertRaisesRegex(ValidationError, "reason for assessments"):
            self.beneficiary._change_state("closed", self.father_lives)

    def test_declining_needs_a_reason_of_the_category(self):
        assessment = self._create_assessment(
            mechanism_id=self.mechanism.id, recommendation="decline"
        )
        with self.assertRaisesRegex(UserError, "choose the reason"):
            assessment.action_done()
        with self.assertRaisesRegex(ValidationError, "not for the category"):
            assessment.refusal_reason_id = self.father_lives
        with self.assertRaisesRegex(ValidationError, "no reason for not being"):
            assessment.refusal_reason_id = self.env.ref(
                "beneficiary_relations.state_reason_moved"
            )
        assessment.refusal_reason_id = self.env.ref(
            "beneficiary_relations.state_reason_declined_condition"
        )
        assessment.action_done()
        self.assertEqual(assessment.state, "done")

    def test_refusals_are_counted_by_category(self):
        reason = self.env.ref("beneficiary_relations.state_reason_declined_condition")
        assessment = self._create_assessment(
            mechanism_id=self.mechanism.id,
            recommendation="decline",
            refusal_reason_id=reason.id,
        )
        assessment.action_done()
        self.beneficiary.category_id = self.orphans
        action = self.env.ref(
            "beneficiary_relations.beneficiary_assessment_action_refusals"
        )
        [(category, found, count)] = (
            self.env["beneficiary.assessment"]
            .with_user(self.auditor)
            ._read_group(
                [
                    *safe_eval(action.domain),
                    ("company_id", "=", self.company.id),
                ],
                ["category_id", "refusal_reason_id"],
                ["__count"],
            )
        )
        # As it was when the assessment was finished.
        self.assertEqual((category, found, count), (self.widows, reason, 1))

    def test_reason_goes_when_the_recommendation_changes(self):
        assessment = self._create_assessment(
            mechanism_id=self.mechanism.id,
            recommendation="decline",
            refusal_reason_id=self.env.ref(
                "beneficiary_relations.state_reason_declined_condition"
            ).id,
        )
        self.assertTrue(assessment.refusal_reason_id)
        assessment.recommendation = "approve"
        self.assertFalse(assessment.refusal_reason_id)

    def test_reason_limited_by_another_association_fits_nobody_here(self):
        other = self._create_association("Other")
        theirs = self.env["beneficiary.category"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        self.father_lives.category_ids = theirs
        reason = self.father_lives.with_user(self.researcher)
        self.assertFalse(reason._fits(self.widows))


@tagged("post_install", "-at_install")
class TestSource(VisitCommon):
    """Every piece of information says where it is known from (BR-39)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = cls._create_document()
        cls.question, cls.illness = cls.env["beneficiary.criterion"].create(
            [
                {
                    "name": "The need was seen",
                    "policy_id": cls.policy.id,
                    "kind": "manual",
                    "clause": "BR-39",
                },
                {
                    "name": "Needs treatment",
                    "policy_id": cls.policy.id,
                    "kind": "manual",
                    "answer_is_sensitive": True,
                },
            ]
        )
        cls.automatic = cls.env["beneficiary.criterion"].create(
            {
                "name": "Lives in the area",
                "policy_id": cls.policy.id,
                "kind": "automatic",
                "domain": "[('area_id.is_served', '=', True)]",
            }
        )

    def _income(self, **values):
        return (
            self.env["beneficiary.household.line"]
            .with_user(self.researcher)
            .create({"household_id": self.household.id, "amount": 900, **values})
        )

    def _line(self, assessment, criterion):
        return assessment.line_ids.filtered(lambda line: line.criterion_id == criterion)

    def test_who_and_when_are_filled_in(self):
        line = self._income(info_source="statement")
        self.assertEqual(line.collected_by_id, self.researcher)
        self.assertEqual(line.collected_on, fields.Date.context_today(line))

    def test_link_says_what_kind_of_source_it_is(self):
        self.assertEqual(
            self._income(document_id=self.document.id).info_source, "document"
        )
        visit = self._record(self._plan())
        line = self._income(visit_id=visit.id)
        self.assertEqual(line.info_source, "visit")
        line.info_source = "statement"
        self.assertFalse(line.visit_id)

    def test_link_of_another_source_or_person_is_refused(self):
        stranger = self._create_document(self._create_beneficiary())
        with self.assertRaisesRegex(ValidationError, "somebody else"):
            self._income(document_id=stranger.id)
        with self.assertRaisesRegex(ValidationError, "one source"):
            self._income(document_id=self.document.id, info_source="statement")

    def test_import_keeps_its_source_and_makes_none_up(self):
        Line = (
            self.env["beneficiary.household.line"]
            .with_user(self.officer)
            .with_context(import_file=True)
        )
        result = Line.load(
            ["household_id/.id", "amount", "info_source", "collected_on"],
            [
                [str(self.household.id), "500", "statement", "2024-05-01"],
                [str(self.household.id), "600", "", ""],
            ],
        )
        self.assertFalse(result["messages"])
        told, silent = Line.browse(result["ids"])
        self.assertEqual(told.info_source, "statement")
        self.assertEqual(fields.Date.to_string(told.collected_on), "2024-05-01")
        self.assertFalse(told.collected_by_id)
        self.assertFalse(silent.collected_on)

    def test_edit_leaves_the_old_source_in_the_log(self):
        line = self._income(
            info_source="statement", collected_on="2024-05-01", source="treatment"
        )
        line.with_user(self.officer).amount = 1000
        self.assertEqual(line.collected_by_id, self.officer)
        body = self.household.message_ids[0].body
        for word in ("900", "2024-05-01", self.researcher.name, "1,000"):
            self.assertIn(word, body)
        self.assertNotIn("Treatment", body)
        line.with_user(self.officer).unlink()
        self.assertIn("removed", self.household.message_ids[0].body)

    def test_answer_knows_its_source_from_the_mechanism(self):
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        self.assertEqual(self._line(assessment, self.automatic).info_source, "file")
        line = self._line(assessment, self.question)
        self.assertFalse(line.info_source)
        self.assertFalse(line.collected_on)
        line.result = "met"
        self.assertEqual(line.info_source, "statement")
        self.assertEqual(line.collected_by_id, self.researcher)

    def test_answer_from_another_source_is_logged(self):
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        line = self._line(assessment, self.question)
        line.result = "met"
        line.document_id = self.document
        self.assertEqual(line.info_source, "document")
        self.assertIn("Official document", assessment.message_ids[0].body)

    def test_explanation_is_plain_and_names_the_clause(self):
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        self._line(assessment, self.question).write(
            {"result": "met", "value_seen": "an empty fridge"}
        )
        self.assertIn(
            "The need was seen: this condition is met. What was seen: an empty "
            "fridge. (Clause BR-39 of the policy)",
            assessment.explanation,
        )

    def test_sensitive_answer_is_read_by_its_group_only(self):
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        line = self._line(assessment, self.illness)
        for name in ("value_seen", "note"):
            with self.assertRaisesRegex(ValidationError, "is sensitive"):
                line[name] = "kidney failure"
        with self.assertRaises(AccessError):
            line.sensitive_value = "kidney failure"
        self.researcher.group_ids += self.env.ref(
            "beneficiary_relations.group_sensitive"
        )
        line.sensitive_value = "kidney failure"
        self.assertNotIn("kidney", assessment.explanation)
        self.assertNotIn("kidney", " ".join(assessment.message_ids.mapped("body")))
        with self.assertRaises(AccessError):
            line.with_user(self.officer).read(["sensitive_value"])

    def test_looking_at_a_sensitive_answer_is_logged(self):
        assessment = self._create_assessment(mechanism_id=self.mechanism.id)
        line = self._line(assessment, self.illness)
        self.auditor.group_ids += self.env.ref("beneficiary_relations.group_sensitive")
        Log = self.env["beneficiary.access.log"]
        before = Log.search_count([("user_id", "=", self.auditor.id)])
        line.invalidate_recordset()
        line.with_user(self.auditor).read(["sensitive_value"])
        self.assertEqual(
            Log.search_count([("user_id", "=", self.auditor.id)]), before + 1
        )
