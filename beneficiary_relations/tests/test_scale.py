import json

from lxml import etree

from odoo.tests import tagged
from odoo.tests.common import warmup
from odoo.tools import SQL

from .common import CITIZENS, RESIDENT, BeneficiaryCommon
from .registry_rows import copy_files

FEW, MANY = 10, 1_000
# Enough rows for the database to prefer an index by itself.
LARGE = 20_000
NAMES = (
    "(ARRAY['محمد','احمد','سالم','فهد','نوره','ساره','خالد'])[1 + n % 7] || ' ' ||"
    " (ARRAY['علي','سعد','ناصر','راشد','عمر'])[1 + n / 7 % 5] || ' ' ||"
    " (ARRAY['العتيبي','القحطاني','الزهراني','الدوسري'])[1 + n / 35 % 4] || ' ' || n"
)


class ScaleCommon(BeneficiaryCommon):
    """An officer's daily work, measured; cold caches, as at the first click."""

    @classmethod
    def default_env_context(cls):
        # With chatter, as people work.
        return {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beneficiary.phone = "0501234567"
        cls.Files = cls.env["beneficiary.beneficiary"].with_user(cls.officer)

    def _queries(self, work):
        """Return how many statements a piece of work takes, caches empty."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _open_list(self, domain=()):
        """Ask for the first page of the list as the web client does."""
        view = self.env.ref("beneficiary_relations.beneficiary_beneficiary_view_list")
        fields = self.Files._fields
        names = {node.get("name") for node in etree.fromstring(view.arch).iter("field")}
        specification = {
            name: {"fields": {"display_name": {}}} if fields[name].relational else {}
            for name in names
        }
        return self.Files.web_search_read(
            list(domain), specification, limit=80, count_limit=10001
        )


@tagged("post_install", "-at_install")
class TestScaleQueries(ScaleCommon):
    """The number of queries does not depend on the number of files."""

    @warmup
    def test_registering_one(self):
        values = {
            "name": "سالم القحطاني",
            "phone": "0507654321",
            "birth_date": "1990-01-01",
        }
        self.env.invalidate_all()
        self.assertFalse(self.Files.env.su)
        with self.assertQueryCount(18):
            self.Files.create(values)
            self.env.flush_all()

    @warmup
    def test_registering_a_thousand(self):
        Files = self.Files.with_context(tracking_disable=True)
        values = [{"name": f"Person {number}"} for number in range(MANY)]
        self.env.invalidate_all()
        # Ten batches of a hundred rows, for files, contacts and what Odoo adds to them.
        with self.assertQueryCount(42):
            Files.create(values)
            self.env.flush_all()

    @warmup
    def test_search_by_number_and_by_name(self):
        for value, most in (
            (self.beneficiary.file_number, 6),
            (CITIZENS[0], 6),
            ("٠٥٠ ١٢٣ ٤٥٦٧", 7),
            ("أحمد العتيبى", 4),
        ):
            with self.subTest(value=value):
                self.env.invalidate_all()
                with self.assertQueryCount(most):
                    found = self.Files.name_search(value, limit=8)
                self.assertIn(self.beneficiary.id, [row[0] for row in found])

    def test_list_open(self):
        works = (
            self._open_list,
            lambda: self._open_list([("display_name", "ilike", "Person")]),
            lambda: self._open_list([("state", "=", "draft")]),
        )
        copy_files(self.beneficiary, 100, relationship="NULL")
        few = [self._queries(work) for work in works for _turn in range(2)][1::2]
        copy_files(
            self.beneficiary,
            MANY,
            relationship="NULL",
            file_number="'U' || n",
        )
        self.assertEqual([self._queries(work) for work in works], few)
        # All columns, also those that are hidden at first.
        self.assertLessEqual(max(few), 12)

    def test_evaluating_all_automatic_conditions(self):
        policy = self.env["beneficiary.policy"]._adopt("HY", self.company)
        automatic = policy.criterion_ids.filtered(lambda one: one.kind == "automatic")
        self.assertTrue(automatic)
        people = copy_files(self.beneficiary, MANY, relationship="NULL")
        criteria = automatic.with_user(self.officer)

        def evaluate(files):
            return lambda: criteria._evaluate(files.with_user(self.officer))

        self._queries(evaluate(people[:FEW]))
        few = self._queries(evaluate(people[:FEW]))
        self.assertEqual(self._queries(evaluate(people)), few)
        self._queries(policy._store_scores)
        few = self._queries(policy._store_scores)
        copy_files(self.beneficiary, MANY, relationship="NULL", file_number="'U' || n")
        self.assertEqual(self._queries(policy._store_scores), few)


@tagged("post_install", "-at_install")
class TestScaleIndexes(ScaleCommon):
    """The database uses the indexes made for what people do all day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        copy_files(
            cls.beneficiary,
            LARGE,
            name=NAMES,
            relationship="NULL",
            household_id="NULL",
            identity_kind="'other'",
            identity_number="'X' || LPAD(n::text, 8, '0')",
        )
        # What the database does by itself soon after an import.
        for index in ("search_name", "file_number"):
            cls.env.cr.execute(
                "SELECT GIN_CLEAN_PENDING_LIST(%s::regclass)",
                [f"beneficiary_beneficiary__{index}_index"],
            )
        cls.env.cr.execute("ANALYZE beneficiary_beneficiary")
        cls.env.cr.execute("ANALYZE res_partner")

    def _indexes(self, domain, order=None, limit=None):
        """Return the indexes by which the files are found, as the officer."""
        query = self.Files._search(domain, order=order, limit=limit).select()
        ((plan,),) = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query))
        nodes, found = [plan[0]["Plan"]], set()
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            found.add(node.get("Index Name"))
            if node.get("Relation Name") == "beneficiary_beneficiary":
                self.assertNotEqual(node["Node Type"], "Seq Scan", json.dumps(plan))
        return found

    def test_number_is_found_by_its_index(self):
        self.assertIn(
            "beneficiary_beneficiary__identity_number_index",
            self._indexes([("identity_number", "=", "X00001234")]),
        )
        for number in (RESIDENT, "T000001234"):
            with self.subTest(number=number):
                found = self._indexes([("display_name", "ilike", number)])
                self.assertIn("beneficiary_beneficiary__identity_number_index", found)
                # A number without letters has no case, and is looked up in order.
                self.assertTrue(
                    found
                    & {
                        "beneficiary_beneficiary__file_number_index",
                        "beneficiary_beneficiary_list_idx",
                        "beneficiary_beneficiary_file_number_uniq",
                    }
                )

    def test_arabic_name_is_found_by_its_trigrams(self):
        for name in ("القحطانى", "نورة ناصر الدوسري", "أحمد سعد العتيبي"):
            with self.subTest(name=name):
                self.assertIn(
                    "beneficiary_beneficiary__search_name_index",
                    self._indexes([("display_name", "ilike", name)]),
                )

    def test_list_reads_its_first_page_in_order(self):
        for order, index in (
            (self.Files._order, "beneficiary_beneficiary_list_idx"),
            ("need_score desc, id desc", "beneficiary_beneficiary_need_idx"),
        ):
            with self.subTest(order=order):
                self.assertIn(index, self._indexes([], order=order, limit=80))

    def test_partial_indexes_are_written_as_the_orm_asks(self):
        """``WHERE active`` would never be used: the ORM says ``active IS TRUE``."""
        self.env.cr.execute(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE tablename LIKE 'beneficiary%' AND indexdef LIKE '%active%WHERE%'"
            " OR tablename LIKE 'beneficiary%' AND indexdef LIKE '%WHERE%active%'"
        )
        rows = self.env.cr.fetchall()
        self.assertTrue(rows)
        for name, definition in rows:
            with self.subTest(index=name):
                condition = definition.partition(" WHERE ")[2]
                if "active" in condition.replace("'active'", ""):
                    self.assertIn("active IS TRUE", condition)
