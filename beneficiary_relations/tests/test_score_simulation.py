from collections import Counter

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .registry_rows import copy_files
from .test_score import ScoreCommon

COUNT = 10_000
WATCHED = (
    "beneficiary_beneficiary",
    "beneficiary_household",
    "beneficiary_assessment",
    "beneficiary_criterion",
    "beneficiary_criterion_band",
    "beneficiary_policy",
    "beneficiary_access_log",
    "res_partner",
    "mail_message",
)


@tagged("post_install", "-at_install")
class TestScoreSimulation(ScoreCommon):
    """A rule is tried on the registry before it is published."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.far = cls.env["beneficiary.area"].create(
            {"name": "Far", "company_id": cls.company.id, "is_served": False}
        )
        cls.households = cls.env["beneficiary.household"].create(
            [
                {
                    "company_id": cls.company.id,
                    "line_ids": [(0, 0, {"amount": 10 + 26 * number})],
                }
                for number in range(50)
            ]
        )
        first = cls.households[0].id
        cls.people = copy_files(
            cls.beneficiary,
            COUNT,
            household_id=f"CASE WHEN n % 11 > 0 THEN {first} + n % 50 END",
            relationship="NULL",
            marital_status="(ARRAY['single', 'married', 'widowed', NULL])[1 + n % 4]",
            area_id=f"(ARRAY[{cls.area.id}, {cls.far.id}, NULL])[1 + n % 3]",
            state="(ARRAY['active', 'draft', 'suspended', 'closed'])[1 + n % 7 % 4]",
            birth_date="CASE WHEN n % 5 > 0 THEN DATE '1950-01-01' + n * 2 END",
        )
        cls.env.cr.execute("ANALYZE beneficiary_beneficiary")
        cls.policy._publish_scores()
        cls.draft = cls.policy.copy({"name": "Draft"})
        cls._change(cls.draft)
        cls.Simulation = (
            cls.env["beneficiary.score.simulation"]
            .with_user(cls.manager)
            .with_context(score_policy_id=cls.draft.id)
        )

    @classmethod
    def _change(cls, draft):
        """The new rule: widows lose, the old and the poorest gain, fewer are asked."""
        widow, income, in_area = (
            draft.criterion_ids.filtered(lambda one, name=name: one.name == name)
            for name in (cls.widow.name, cls.income.name, cls.in_area.name)
        )
        widow.weight = 4
        income.band_ids = [
            (5, 0, 0),
            (0, 0, {"no_lower": True, "upper": 250, "points": 60}),
            (0, 0, {"lower": 250, "upper": 800, "points": 30}),
            (0, 0, {"lower": 1200, "no_upper": True, "points": -5}),
        ]
        in_area.domain = "[('area_id', '!=', False)]"
        cls.env["beneficiary.criterion"].create(
            [
                {
                    "name": "Old",
                    "policy_id": draft.id,
                    "kind": "automatic",
                    "domain": "[('age', '>=', 60)]",
                    "value_field": "age",
                    "mandatory": False,
                    "weight": 15,
                },
                {
                    "name": "Registered",
                    "policy_id": draft.id,
                    "kind": "automatic",
                    "domain": "[('state', '!=', 'suspended')]",
                    "mandatory": True,
                },
            ]
        )

    def _recount(self, file):
        """The same by hand, person by person: old and new score and result."""
        income = file.household_id.per_capita_income
        old = new = 0
        if file.marital_status == "widowed":
            old, new = old + 10, new + 4
        if file.household_id:
            old += 40 if income < 500 else 20 if income < 1000 else 0
            new += 60 if income < 250 else 30 if 250 <= income < 800 else 0
            new -= 5 if income >= 1200 else 0
        if file.birth_date and file.age >= 60:
            new += 15
        in_area = "unknown"
        if file.area_id:
            in_area = "met" if file.area_id.is_served else "not_met"
        then = "met" if file.area_id else "unknown"
        if file.state == "suspended":
            then = "not_met"
        return old, new, in_area, then

    def _fingerprint(self):
        """Every row of the watched tables, with the version the database keeps."""
        self.env.flush_all()
        found = {}
        for table in WATCHED:
            self.env.cr.execute(
                "SELECT COUNT(*), MD5(STRING_AGG(id || ':' || xmin || ':' || ctid, ','"
                f" ORDER BY id)) FROM {table}"
            )
            found[table] = self.env.cr.fetchone()
        self.env.cr.execute(
            "SELECT SUM(n_tup_ins + n_tup_upd + n_tup_del)"
            " FROM pg_stat_xact_user_tables"
        )
        return found, self.env.cr.fetchone()

    def test_list_and_totals_equal_a_recount_and_nothing_is_written(self):
        before = self._fingerprint()
        lines = self.Simulation.search([])
        seen = {
            line.beneficiary_id.id: (
                line.old_score,
                line.new_score,
                line.old_conditions,
                line.new_conditions,
                line.change,
                line.direction,
            )
            for line in lines
        }
        totals = {
            direction: (count, old, new, change)
            for direction, count, old, new, change in self.Simulation._read_group(
                [],
                ["direction"],
                ["__count", "old_score:sum", "new_score:sum", "change:sum"],
            )
        }
        self.assertEqual(self._fingerprint(), before)

        expected, recount = {}, Counter()
        for file in (self.people | self.beneficiary).filtered(
            lambda one: one.state != "closed"
        ):
            old, new, old_result, new_result = self._recount(file)
            direction = "up" if new > old else "down" if new < old else "same"
            expected[file.id] = (
                old,
                new,
                old_result,
                new_result,
                new - old,
                direction,
            )
            recount.update(
                {
                    (direction, "count"): 1,
                    (direction, "old"): old,
                    (direction, "new"): new,
                    (direction, "change"): new - old,
                }
            )
        self.assertGreater(len(expected), 7000)
        self.assertEqual(seen, expected)
        self.assertEqual(
            totals,
            {
                direction: tuple(
                    recount[direction, figure]
                    for figure in ("count", "old", "new", "change")
                )
                for direction in ("up", "down", "same")
            },
        )

    def test_publishing_does_what_the_simulation_said(self):
        said = {
            line.beneficiary_id.id: (line.new_score, line.new_conditions)
            for line in self.Simulation.search([])
        }
        self.draft.with_user(self.administrator).action_put_in_force()
        published = self.env["beneficiary.beneficiary"].search(
            [("need_score_policy_id", "=", self.draft.id)]
        )
        self.assertEqual(
            {file.id: (file.need_score, file.need_conditions) for file in published},
            said,
        )

    def test_as_many_queries_for_few_files_as_for_all(self):
        # More than a page, so that both are counted.
        few = self.people[:150]

        def queries(domain):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Simulation.web_search_read(
                domain, {"change": {}, "new_score": {}}, limit=80
            )
            return self.env.cr.sql_log_count - before

        queries([])
        of_few = queries([("beneficiary_id", "in", few.ids)])
        self.assertEqual(queries([]), of_few)
        self.assertLessEqual(of_few, 10)

    def test_one_statement_scores_the_registry(self):
        # The rule itself is read before.
        self.policy._store_scores()
        with self.assertQueryCount(1):
            self.policy._store_scores()

    def test_no_estimate_of_the_database_makes_scoring_quadratic(self):
        query = self.policy._scores_sql()
        ((plan,),) = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query))
        node, path = plan[0]["Plan"], []
        while node["Node Type"] != "Append":
            path.append(node["Node Type"])
            (node,) = node["Plans"]
        self.assertFalse({"Nested Loop", "Hash Join", "Merge Join"} & set(path))

    def test_button_opens_the_version(self):
        action = self.draft.with_user(self.manager).action_simulate_scores()
        self.assertEqual(action["context"]["score_policy_id"], self.draft.id)
        old = self.policy
        self.draft.with_user(self.administrator).action_put_in_force()
        with self.assertRaisesRegex(UserError, "past"):
            old.with_user(self.manager).action_simulate_scores()

    def test_without_a_version_the_newest_draft_is_tried(self):
        line = self.Simulation.with_context(score_policy_id=False).search([], limit=1)
        self.assertEqual(line.policy_id, self.draft)

    def test_export_holds_names_and_figures(self):
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        lines = self.Simulation.search([], limit=2)
        rows = lines.export_data(["beneficiary_id", "old_score", "new_score"])["datas"]
        self.assertEqual(rows[0][0], lines[0].beneficiary_id.display_name)
        self.assertEqual(rows[1][2], lines[1].new_score)

    # ------------------------------------------------------------------
    # Who may simulate
    # ------------------------------------------------------------------

    def test_managers_and_auditors_simulate(self):
        for user in (self.manager, self.administrator, self.auditor):
            with self.subTest(user=user.login):
                self.assertTrue(self.Simulation.with_user(user).search([], limit=1))

    def test_others_do_not(self):
        for user in (
            self.officer,
            self.researcher,
            self.representative,
            self.complaints,
            self.quality,
            self.privacy,
            self.employee,
        ):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.Simulation.with_user(user).search([], limit=1)
                with self.assertRaises(UserError):
                    self.draft.with_user(user).action_simulate_scores()

    def test_manager_of_another_association_simulates_nothing_here(self):
        other = self._create_association("Other")
        stranger = self._create_user("other_manager", "manager", company=other)
        Simulation = self.env["beneficiary.score.simulation"].with_user(stranger)
        Simulation = Simulation.with_context(allowed_company_ids=other.ids)
        with self.assertRaises(AccessError):
            Simulation.with_context(score_policy_id=self.draft.id).search([])
        self.assertFalse(Simulation.with_context(score_policy_id=False).search([]))

    def test_nobody_writes_a_simulation(self):
        line = self.Simulation.search([], limit=1)
        with self.assertRaises(AccessError):
            line.new_score = 1

    def test_condition_on_sensitive_data_is_not_simulated(self):
        # Written past the constraint, as an import into the database might.
        criterion = self.draft.criterion_ids[0]
        self.env.cr.execute(
            "UPDATE beneficiary_criterion SET domain = %s WHERE id = %s",
            ["[('health_condition', '!=', False)]", criterion.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "health, disability"):
            self.Simulation.search([])
