from odoo.tests import TransactionCase, tagged

from ..hooks import database_faults, pre_init_hook


@tagged("post_install", "-at_install")
class TestHooks(TransactionCase):
    """A database that cannot search Arabic text is told apart at install."""

    def test_database_made_for_arabic_has_no_fault(self):
        self.assertFalse(
            database_faults("C.UTF-8", {"plpgsql", "pg_trgm", "btree_gist"})
        )

    def test_ctype_c_and_missing_extensions_are_named_with_the_remedy(self):
        faults = database_faults("C", {"plpgsql", "btree_gist"})
        self.assertEqual(len(faults), 2)
        self.assertIn("createdb", faults[0])
        self.assertIn("CREATE EXTENSION pg_trgm", faults[1])

    def test_this_database_installs_without_warning(self):
        with self.assertNoLogs("odoo.addons.beneficiary_relations.hooks"):
            pre_init_hook(self.env)

    def test_arabic_names_are_indexed_by_trigrams(self):
        self.env.cr.execute("SELECT show_trgm('محمد')")
        self.assertTrue(self.env.cr.fetchone()[0])
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes"
            " WHERE tablename = 'beneficiary_beneficiary'"
            " AND indexdef LIKE '%search_name%'"
        )
        self.assertIn("gin_trgm_ops", str(self.env.cr.fetchall()))
