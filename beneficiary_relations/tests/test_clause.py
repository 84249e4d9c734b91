from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_clause import ClauseCommon

FEATURE = "beneficiary.policy.window_text"
TEST = (
    "beneficiary_relations/tests/test_clause.py::TestClause::test_all_clauses_are_there"
)


@tagged("post_install", "-at_install")
class TestClause(ClauseCommon):
    """The matrix holds every clause, and says of none more than is there."""

    def _create_clause(self):
        """A clause that no addon carries, whatever is built later."""
        return self.Clause.create(
            {
                "code": "ST-99",
                "sequence": 999,
                "template_code": "ST",
                "chapter": "goal",
            }
        )

    def _create_part(self, **values):
        return self.Part.create(
            {
                "addon": "beneficiary_relations",
                "reference": "ST-99",
                "features": FEATURE,
                "tests": TEST,
                **values,
            }
        )

    # --- the 239 clauses ----------------------------------------------------

    def test_all_clauses_are_there(self):
        clauses = self.Clause.search([])
        self.assertEqual(len(clauses), 239)
        self.assertEqual(len(set(clauses.mapped("code"))), 239)
        counts = self.Clause._read_group([], ["template_code"], ["__count"])
        self.assertEqual(
            dict(counts), {"ST": 52, "HY": 46, "TW": 42, "BR": 54, "MM": 45}
        )
        cores = set(clauses.mapped("core")) - {False}
        self.assertEqual(cores, {f"C{number:02}" for number in range(1, 46)})
        for clause in clauses:
            with self.subTest(clause=clause.code):
                self.assertTrue(clause.wording and clause.meaning)
                self.assertTrue(clause.requirement)
                self.assertTrue(clause.code.startswith(clause.template_code))
                self.assertIn(clause.state, ("carried", "not_yet"))

    def test_code_of_a_clause_is_its_own(self):
        clause = self.Clause.search([], limit=1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            clause.copy({"code": clause.code})

    def test_references_of_this_addon_hold(self):
        self.assertPartsHold("beneficiary_relations")

    def test_clause_is_found_by_its_words(self):
        for words in ("HY-01", "Letterhead", "ترخيص رقم"):
            with self.subTest(words=words):
                names = dict(self.Clause.name_search(words))
                self.assertIn(
                    self.env.ref("beneficiary_relations.clause_hy_01").id, names
                )

    # --- what makes a clause carried ----------------------------------------

    def test_feature_and_test_carry_a_clause(self):
        clause = self._create_clause()
        self.assertEqual(clause.state, "not_yet")
        part = self._create_part()
        self.assertFalse(part.broken)
        self.assertEqual(clause.state, "carried")
        self.assertEqual(clause.addons, "beneficiary_relations")
        part.unlink()
        self.assertEqual(clause.state, "not_yet")
        self.assertFalse(clause.addons)

    def test_feature_or_test_alone_carries_nothing(self):
        clause = self._create_clause()
        self._create_part(tests=False)
        self._create_part(features=False)
        self.assertEqual(clause.state, "not_yet")

    def test_every_kind_of_reference_is_looked_up(self):
        there = (
            "beneficiary.policy",
            FEATURE,
            "beneficiary.policy:_put_in_force",
            "/my/beneficiary",
            "beneficiary_relations.beneficiary_clause_action",
        )
        invented = (
            "beneficiary.invented",
            "beneficiary.policy.invented",
            "beneficiary.policy:_invented",
            "beneficiary.policy:window_text_invented",
            "/my/invented",
            "beneficiary_relations.invented",
        )
        part = self._create_part(features=" ".join([*there, *invented]))
        self.assertEqual(part.broken.split(), list(invented))
        self.assertFalse(part.is_complete)

    def test_invented_test_is_found_out(self):
        path, _separator, name = TEST.partition("::")
        invented = (
            f"{path}::TestClause::test_invented",
            f"{path}::TestInvented::test_all_clauses_are_there",
            f"{path.replace('test_clause', 'test_invented')}::{name}",
            "/etc/passwd::TestClause::test_all_clauses_are_there",
            path,
        )
        part = self._create_part(tests=" ".join([TEST, *invented]))
        self.assertEqual(part.broken.split(), list(invented))

    def test_broken_reference_takes_the_clause_back(self):
        clause = self.env.ref("beneficiary_relations.clause_st_44")
        self.assertEqual(clause.state, "carried")
        self._create_part(reference="C36", features="beneficiary.policy.invented")
        self.assertEqual(clause.state, "not_yet")
        self.assertIn(clause, self.Clause.search([("part_ids.broken", "!=", False)]))

    def test_references_are_looked_up_again(self):
        clause = self._create_clause()
        part = self._create_part()
        self.assertEqual(clause.state, "carried")
        self.env.flush_all()
        # As after an update that took the feature away.
        self.env.cr.execute(
            "UPDATE beneficiary_clause_part SET features = %s WHERE id = %s",
            ["beneficiary.policy.invented", part.id],
        )
        self.env.invalidate_all()
        self.Part._check_references("beneficiary_relations")
        self.assertEqual(part.broken, "beneficiary.policy.invented")
        self.assertEqual(clause.state, "not_yet")

    def test_core_code_means_the_clause_in_each_text(self):
        part = self._create_part(reference="C40 HY-01")
        self.assertEqual(
            set(part.clause_ids.mapped("code")), {"HY-40", "MM-39", "HY-01"}
        )

    def test_features_are_named_as_on_the_screen(self):
        part = self._create_part(features=f"{FEATURE} /my/beneficiary")
        self.assertEqual(
            part.feature_text,
            "Beneficiary Policy: Wording of the Window\n/my/beneficiary",
        )

    # --- evidence -----------------------------------------------------------

    def _answer(self, **values):
        inquiry = self.env["beneficiary.interaction.type"].create(
            {"name": "Inquiry", "kind": "inquiry", "company_id": self.company.id}
        )
        return self.env["beneficiary.interaction"].create(
            {
                "type_id": inquiry.id,
                "company_id": self.company.id,
                "subject": "When?",
                **values,
            }
        )

    def test_evidence_counts_now_and_opens_the_records(self):
        xmlid = "beneficiary_relations.clause_evidence_inquiries"
        self.assertEqual(self._count_of(xmlid), (0, 0))
        self._answer()
        answered = self._answer(answer="Tomorrow.")
        answered.action_close()
        self.env.invalidate_all()
        self.assertEqual(self._count_of(xmlid), (1, 2))
        evidence = self.env.ref(xmlid).with_user(self.auditor)
        self.assertEqual(evidence.text, "Inquiries answered: 1 of 2")
        clause = self.env.ref("beneficiary_relations.clause_st_44")
        self.assertIn(evidence.text, clause.with_user(self.auditor).evidence_text)
        action = evidence.action_open()
        records = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(records, answered)

    def test_evidence_is_of_the_own_association(self):
        other = self._create_association("Other")
        self._create_beneficiary(company_id=other.id, identity_kind="other")
        xmlid = "beneficiary_relations.clause_evidence_files"
        self.assertEqual(self._count_of(xmlid)[1], 1)
        both = self._create_user("both_auditor", "auditor")
        both.company_ids += other
        evidence = self.env.ref(xmlid).with_user(both)
        for company in (self.company, other):
            mine = evidence.with_context(
                allowed_company_ids=[company.id, *(self.company + other - company).ids]
            )
            self.assertEqual(mine.base_count, 1)

    def test_count_tells_nobody_what_he_may_not_read(self):
        complaint_type = self.env["beneficiary.interaction.type"].create(
            {
                "name": "Complaint",
                "kind": "complaint",
                "confidential": True,
                "company_id": self.company.id,
            }
        )
        self._answer(type_id=complaint_type.id)
        xmlid = "beneficiary_relations.clause_evidence_complaints"
        self.assertEqual(self._count_of(xmlid, self.complaints), (0, 1))
        self.assertEqual(self._count_of(xmlid, self.auditor), (0, 0))
        hidden = self.Evidence.create(
            {
                "name": "Counted by nobody",
                "reference": "C36",
                "res_model": "ir.rule",
            }
        ).with_user(self.auditor)
        self.assertFalse(hidden.is_readable or hidden.text or hidden.count)
        with self.assertRaises(AccessError):
            hidden.action_open()

    def test_evidence_of_all_clauses_takes_a_fixed_number_of_queries(self):
        clauses = self.Clause.with_user(self.auditor).search([("core", "=", "C36")])
        queries = []
        for some in (clauses, self.Clause.with_user(self.auditor).search([])):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("evidence_text")
            queries.append(self.env.cr.sql_log_count - before)
        evidence = self.Evidence.search([])
        bases = evidence.filtered("has_base")
        # Each count once, however many clauses show it; the rest is reading rights.
        self.assertLess(queries[1], 3 * (len(evidence) + len(bases)) + 20)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(queries[1]):
            self.Clause.with_user(self.auditor).search([]).mapped("evidence_text")

    # --- the own policy -----------------------------------------------------

    def test_own_policy_shows_its_own_text(self):
        company = self._create_association("Adopts")
        policy = self.env["beneficiary.policy"]._adopt("TW", company)
        Clause = self.Clause.with_company(company)
        own = Clause.search([("is_adopted", "=", True)])
        self.assertEqual(set(own.mapped("template_code")), {"TW"})
        self.assertEqual(len(own), 42)
        self.assertTrue(all(own.mapped("is_adopted")))
        self.assertEqual(len(Clause.search([("is_adopted", "=", False)])), 197)
        self.assertEqual(policy.clause_count, 42)
        carried = own.filtered(lambda clause: clause.state == "carried")
        self.assertEqual(policy.clause_carried_count, len(carried))
        action = policy.action_open_clauses()
        self.assertEqual(self.Clause.search(action["domain"]), own)

    def test_policy_of_no_template_has_no_clauses(self):
        self.assertFalse(self.Clause.search([("is_adopted", "=", True)]))
        self.assertEqual(self.policy.clause_count, 0)

    # --- roles --------------------------------------------------------------

    def test_readers_read_and_nobody_edits(self):
        readers = ("officer", "researcher", "complaints", "privacy")
        readers += ("auditor", "manager", "administrator")
        for model in (self.Clause, self.Part, self.Evidence):
            record = model.search([], limit=1)
            for name in readers:
                with self.subTest(model=model._name, role=name):
                    mine = record.with_user(getattr(self, name))
                    self.assertTrue(mine.read())
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(mine.has_access(operation))
            portal = new_test_user(
                self.env,
                f"portal_{model._table}",
                groups="base.group_portal",
                company_id=self.company.id,
            )
            for user in (self.representative, self.quality, self.employee, portal):
                with self.subTest(model=model._name, user=user.login):
                    self.assertFalse(record.with_user(user).has_access("read"))

    def test_auditor_has_the_menu(self):
        menu = self.env.ref("beneficiary_relations.menu_clause").id
        Menu = self.env["ir.ui.menu"]
        self.assertIn(menu, Menu.with_user(self.auditor)._visible_menu_ids())
        self.assertNotIn(menu, Menu.with_user(self.employee)._visible_menu_ids())
