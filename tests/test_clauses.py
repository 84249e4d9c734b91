"""The clause matrix of all three addons: complete, open, and the same for reviewers."""

import csv
from pathlib import Path

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path

ROOT = Path(__file__).resolve().parents[1]
# Columns of the reviewers' table, and where the addon keeps them.
COLUMNS = {
    "association": "template_code",
    "clause_id": "code",
    "core": "core",
    "shared": "shared",
    "paraphrase_en": "meaning",
    "key_term_ar": "wording",
    "system_requirement": "requirement",
}


@tagged("post_install", "-at_install")
class TestClauseMatrix(TransactionCase):
    """Nothing is dropped between the texts, the addons and the reviewers."""

    def _rows(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def test_reviewers_read_what_the_addon_holds(self):
        reviewed = self._rows(ROOT / "data/clauses.csv")
        held = self._rows(
            file_path("beneficiary_relations/data/beneficiary.clause.csv")
        )
        self.assertEqual(len(reviewed), 239)
        self.assertEqual(
            reviewed,
            [{column: row[name] for column, name in COLUMNS.items()} for row in held],
        )

    def test_database_holds_the_file(self):
        clauses = self.env["beneficiary.clause"].search([])
        self.assertEqual(
            [
                {column: clause[name] or "" for column, name in COLUMNS.items()}
                for clause in clauses
            ],
            self._rows(ROOT / "data/clauses.csv"),
        )

    def test_what_is_not_carried_says_what_is_missing(self):
        for clause in self.env["beneficiary.clause"].search([]):
            with self.subTest(clause=clause.code):
                self.assertTrue(clause.part_ids)
                self.assertFalse(any(clause.part_ids.mapped("broken")))
                if clause.state == "not_yet":
                    self.assertTrue(clause.gap)

    def test_clauses_are_counted_by_state(self):
        counts = dict(
            self.env["beneficiary.clause"]._read_group([], ["state"], ["__count"])
        )
        self.assertEqual(sum(counts.values()), 239)
        self.assertGreater(counts["carried"], counts["not_yet"])
