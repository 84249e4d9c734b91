from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CITIZENS, BeneficiaryCommon


class ScoreCommon(BeneficiaryCommon):
    """A published rule with a mandatory condition and two scored ones.

    Living in the area of work is mandatory; a widow gets 10 points; the income for
    each person gives 40 points below 500 and 20 below 1,000.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.in_area = cls._create_criterion(
            name="Lives in the area of work",
            domain="[('area_id.is_served', '=', True)]",
            value_field="area_id",
        )
        cls.widow = cls._create_criterion(
            name="Widow",
            domain="[('marital_status', '=', 'widowed')]",
            value_field="marital_status",
            mandatory=False,
            weight=10,
        )
        cls.income = cls._create_criterion(
            name="Low income",
            domain="[]",
            value_field="per_capita_income",
            mandatory=False,
            band_ids=[
                (0, 0, {"no_lower": True, "upper": 500, "points": 40}),
                (0, 0, {"lower": 500, "upper": 1000, "points": 20}),
            ],
        )
        cls.policy._publish_scores()

    @classmethod
    def _create_criterion(cls, **values):
        return cls.env["beneficiary.criterion"].create(
            {"policy_id": cls.policy.id, "kind": "automatic", **values}
        )

    def _draft(self):
        """Return a copy of the policy, to be changed and tried."""
        action = self.policy.with_user(self.administrator).action_new_version()
        return self.env["beneficiary.policy"].browse(action["res_id"])

    def _of_draft(self, draft, criterion):
        return draft.criterion_ids.filtered(lambda one: one.name == criterion.name)


@tagged("post_install", "-at_install")
class TestScore(ScoreCommon):
    """Points for the need score, published and explained."""

    def _income(self, amount):
        self.household.line_ids = [
            (5, 0, 0),
            (0, 0, {"kind": "income", "amount": amount}),
        ]
        self.env.flush_all()

    def _scored(self):
        self.policy._publish_scores()
        return self.beneficiary.need_score

    # ------------------------------------------------------------------
    # The rule
    # ------------------------------------------------------------------

    def test_conditions_and_bands_give_points(self):
        self.beneficiary.marital_status = "widowed"
        for amount, score in (
            (499.99, 50),
            (500, 30),
            (999.99, 30),
            (1000, 10),
        ):
            with self.subTest(amount=amount):
                self._income(amount)
                self.assertEqual(self._scored(), score)

    def test_nobody_gets_points_for_what_is_not_known(self):
        self.beneficiary.write({"relationship": False, "household_id": False})
        self.assertEqual(self._scored(), 0)
        self.assertEqual(
            self.income._evaluate(self.beneficiary)[self.income][self.beneficiary],
            ("unknown", ""),
        )

    def test_bands_of_whole_years(self):
        self._create_criterion(
            name="Child",
            domain="[]",
            value_field="age",
            mandatory=False,
            band_ids=[(0, 0, {"no_lower": True, "upper": 17.5, "points": 7})],
        )
        self._income(2000)
        today = self.env.cr.now().date()
        for years, score in ((0, 7), (17, 7), (18, 0)):
            with self.subTest(years=years):
                self.beneficiary.birth_date = today.replace(
                    year=today.year - years, day=1, month=1
                )
                self.assertEqual(self._scored(), score)
        self.beneficiary.birth_date = False
        self.assertEqual(self._scored(), 0)

    def test_mandatory_conditions_are_met_not_met_or_unknown(self):
        self.assertEqual((self._scored(), self.beneficiary.need_conditions)[1], "met")
        self.area.is_served = False
        self._scored()
        self.assertEqual(self.beneficiary.need_conditions, "not_met")
        self.beneficiary.area_id = False
        self._scored()
        self.assertEqual(self.beneficiary.need_conditions, "unknown")

    def test_condition_of_a_category_scores_nobody_else(self):
        self._income(2000)
        self.beneficiary.marital_status = "widowed"
        orphans = self.env["beneficiary.category"].create(
            {"name": "Orphans", "company_id": self.company.id}
        )
        self.widow.category_ids = orphans
        self.in_area.category_ids = orphans
        self.area.is_served = False
        self.assertEqual(self._scored(), 0)
        self.assertEqual(self.beneficiary.need_conditions, "met")
        self.beneficiary.category_id = orphans
        self.assertEqual(self._scored(), 10)
        self.assertEqual(self.beneficiary.need_conditions, "not_met")

    def test_score_says_how_and_by_what_it_was_made(self):
        self._income(700)
        self._scored()
        self.assertEqual(self.beneficiary.need_score_policy_id, self.policy)
        self.assertTrue(self.beneficiary.need_score_date)
        self.assertEqual(
            self.beneficiary.with_user(self.researcher).need_score_note,
            "Lives in the area of work: Met\nWidow: 0 points\nLow income: 20 points",
        )

    def test_closed_and_archived_files_keep_their_score(self):
        self._income(100)
        self.assertEqual(self._scored(), 40)
        reason = self.env["beneficiary.state.reason"].search([], limit=1)
        self.beneficiary.action_submit()
        self.beneficiary._change_state("closed", reason)
        self._income(900)
        self.assertEqual(self._scored(), 40)

    def test_bands_need_a_number_and_do_not_overlap(self):
        band = {"lower": 1, "upper": 2, "points": 5}
        with self.assertRaisesRegex(ValidationError, "is a number"):
            self.widow.band_ids = [(0, 0, band)]
        with self.assertRaisesRegex(ValidationError, "overlap"):
            self.income.band_ids = [(0, 0, dict(band, upper=600))]

    def test_condition_that_has_no_search_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "cannot be searched"):
            self.widow.domain = "[('age', '=', 30)]"

    def test_sensitive_data_is_refused_however_deep_it_is_asked(self):
        for values in (
            {"domain": "[('special_needs', '!=', False)]"},
            {"domain": "[('household_id.member_ids.prison_status', '=', 'inmate')]"},
            {
                "domain": "[('household_id', 'any', [('member_ids', 'any', "
                "[('health_condition', '!=', False)])])]"
            },
            {"domain": "[('household_member_ids.special_needs', '=', 'sight')]"},
            {"value_field": "sensitive_basis"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(ValidationError, "health, disability"),
            ):
                self.widow.write(values)

    # ------------------------------------------------------------------
    # Publication
    # ------------------------------------------------------------------

    def test_edited_conditions_change_no_score_before_they_are_published(self):
        self._income(100)
        self.assertEqual(self._scored(), 40)
        self.assertFalse(self.policy.score_rule_changed)
        self.income.band_ids[0].points = 90
        self.assertTrue(self.policy.score_rule_changed)
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_relations.ir_cron_refresh_scores"
            ).method_direct_trigger()
        self.assertEqual(self.beneficiary.need_score, 40)
        self.policy.with_user(self.administrator).action_publish_scores()
        self.assertFalse(self.policy.score_rule_changed)
        self.assertEqual(self.beneficiary.need_score, 90)
        self.assertEqual(self.policy.score_published_by_id, self.administrator)

    def test_scores_follow_the_data_every_night(self):
        self._income(100)
        self._scored()
        self._income(700)
        self.assertEqual(self.beneficiary.need_score, 40)
        with self.enter_registry_test_mode():
            self.env.ref(
                "beneficiary_relations.ir_cron_refresh_scores"
            ).method_direct_trigger()
        self.assertEqual(self.beneficiary.need_score, 20)

    def test_score_that_stays_is_not_written(self):
        self._income(100)
        self._scored()
        self.assertFalse(self.policy._store_scores())
        self._income(700)
        self.assertEqual(self.policy._store_scores(), self.beneficiary)

    def test_only_an_administrator_publishes(self):
        for user in (self.officer, self.manager, self.auditor, self.employee):
            with (
                self.subTest(user=user.login),
                self.assertRaises(UserError),
            ):
                self.policy.with_user(user).action_publish_scores()
        draft = self._draft()
        with self.assertRaisesRegex(UserError, "not in force"):
            draft.with_user(self.administrator).action_publish_scores()

    def test_putting_a_version_in_force_publishes_its_scores(self):
        self._income(100)
        self._scored()
        draft = self._draft()
        self._of_draft(draft, self.income).band_ids[0].points = 70
        draft.with_user(self.administrator).action_put_in_force()
        self.assertEqual(self.beneficiary.need_score, 70)
        self.assertEqual(self.beneficiary.need_score_policy_id, draft)

    def test_other_associations_are_not_scored(self):
        other = self._create_association("Other")
        stranger = self._create_beneficiary(name="Stranger", company_id=other.id)
        self._scored()
        self.assertFalse(stranger.need_score_policy_id)

    # ------------------------------------------------------------------
    # Assessments
    # ------------------------------------------------------------------

    def _assessment(self, **values):
        return (
            self.env["beneficiary.assessment"]
            .with_user(self.researcher)
            .create(
                {
                    "beneficiary_id": self.beneficiary.id,
                    "mechanism_id": self.mechanism.id,
                    "report": "Seen",
                    "recommendation": "approve",
                    **values,
                }
            )
        )

    def test_assessment_adds_the_researchers_answers_and_freezes_them(self):
        self._create_criterion(
            name="Debts", kind="manual", question="Debts?", mandatory=False, weight=5
        )
        self._income(700)
        assessment = self._assessment()
        self.assertEqual(assessment.need_score, 20)
        line = assessment.line_ids.filtered(lambda one: one.name == "Debts?")
        line.result = "met"
        self.assertEqual(assessment.need_score, 25)
        self.assertIn(
            "Debts?: this condition is met. Points: 5.", assessment.explanation
        )
        assessment.action_done()
        self.income.band_ids.points = 99
        self._income(100)
        assessment.invalidate_recordset()
        self.assertEqual(assessment.need_score, 25)

    def test_finishing_an_assessment_scores_the_file(self):
        self._income(100)
        self._scored()
        self._income(700)
        self._assessment().action_done()
        self.assertEqual(self.beneficiary.need_score, 20)

    def test_points_are_not_typed_in(self):
        line = self._assessment().line_ids[0]
        for values in ({"weight": 500}, {"points": 500}):
            with self.assertRaisesRegex(AccessError, "conditions of the policy"):
                line.write(values)

    # ------------------------------------------------------------------
    # Who sees scores
    # ------------------------------------------------------------------

    def test_no_portal_user_reads_a_score(self):
        self.beneficiary.email = "reader@example.org"
        user = self.beneficiary._grant_portal()
        file = self.beneficiary.with_user(user)
        for name in ("need_score", "need_conditions", "need_score_note"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                file.read([name])

    def test_person_with_identity_keeps_one_score(self):
        # A second file of the same association has a score of its own.
        second = self._create_beneficiary(identity_number=CITIZENS[1])
        self._scored()
        self.assertEqual(second.need_score_policy_id, self.policy)
        self.assertEqual(second.need_conditions, "unknown")
