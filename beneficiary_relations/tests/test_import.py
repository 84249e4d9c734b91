from pathlib import Path

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_path

from .common import CITIZENS, BeneficiaryCommon

PEOPLE = ["name", "identity_kind", "identity_number", "birth_date", "phone"]


def national_numbers(count, first=500):
    """Yield citizens' numbers of nobody, each with the right check digit."""
    for number in range(first, first + count):
        digits = f"1{number % 10**8:08d}"
        total = 0
        for position, digit in enumerate(digits):
            value = int(digit) * (2 if position % 2 == 0 else 1)
            total += value - 9 if value > 9 else value
        yield digits + str(-total % 10)


@tagged("post_install", "-at_install")
class TestImport(BeneficiaryCommon):
    """A registry from a spreadsheet: all rows or none, faults by row, a past kept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env["beneficiary.category"].create(
            {"name": "Needy family", "company_id": cls.company.id}
        )

    def _load(self, fields, rows, user=None, model="beneficiary.beneficiary"):
        Model = self.env[model].with_user(user or self.officer)
        return Model.with_context(import_file=True, _import_limit=2).load(fields, rows)

    def _messages(self, result):
        return [message["message"] for message in result["messages"]]

    def _count(self):
        return self.env["beneficiary.beneficiary"].search_count([])

    def test_rows_are_stored_in_one_go(self):
        rows = [
            [f"شخص {number}", "National ID", number, "1990-01-01", "0501234567"]
            for number in national_numbers(5)
        ]
        result = self._load(PEOPLE, rows)
        self.assertFalse(result["messages"])
        self.assertEqual(len(result["ids"]), 5)
        self.assertFalse(result["nextrow"])
        files = self.env["beneficiary.beneficiary"].browse(result["ids"])
        self.assertEqual(set(files.mapped("state")), {"draft"})
        self.assertEqual(files[0].phone, "+966501234567")

    def test_every_fault_is_told_by_row_and_nothing_is_stored(self):
        before = self._count()
        good = next(national_numbers(1))
        rows = [
            ["سليم", "citizen", good, "1990-01-01", ""],
            ["", "citizen", "", "", ""],
            ["رقم خطأ", "citizen", "1000000000", "", ""],
            ["هاتف خطأ", "citizen", "", "", "12"],
            ["مكرر", "citizen", "١" + good[1:], "", ""],
            ["مسجل", "citizen", CITIZENS[0], "", ""],
        ]
        result = self._load(PEOPLE, rows)
        self.assertFalse(result["ids"])
        words = self._messages(result)
        for row, text in (
            (3, "name is empty"),
            (4, "check digit"),
            (5, "phone number"),
            (6, "stands in row 2, too. Keep one"),
            (7, f"has the file {self.beneficiary.file_number} already. Remove"),
        ):
            self.assertTrue(
                [one for one in words if one.startswith(f"Row {row}:") and text in one],
                f"{row}: {text} not in {words}",
            )
        self.assertEqual(len(words), 5)
        self.assertEqual(self._count(), before)

    def test_closed_and_archived_files_are_duplicates_too(self):
        self.beneficiary.active = False
        result = self._load(PEOPLE, [["مسجل", "citizen", CITIZENS[0], "", ""]])
        self.assertIn("already", self._messages(result)[0])

    def test_one_number_of_two_countries_is_two_people(self):
        kuwait, sudan = self.env.ref("base.kw"), self.env.ref("base.sd")
        self._create_beneficiary(
            identity_kind="passport",
            identity_number="A1234567",
            identity_country_id=kuwait.id,
        )
        columns = ["name", "identity_kind", "identity_number", "identity_country_id"]
        row = ["صالح", "passport", "a 1234567"]
        for country in (kuwait.name, ""):
            result = self._load(columns, [[*row, country]])
            self.assertIn("already", self._messages(result)[0])
        result = self._load(columns, [[*row, sudan.name]])
        self.assertFalse(result["messages"])
        columns[-1] += "/id"
        result = self._load(columns, [[*row, "base.kw"]])
        self.assertIn("already", self._messages(result)[0])

    def test_hidden_characters_are_told_by_row(self):
        result = self._load(PEOPLE, [["علي\u202e", "citizen", "", "", ""]])
        self.assertRegex(self._messages(result)[0], "Row 2.*control characters")

    def test_hidden_file_is_told_without_its_number(self):
        result = self._load(
            PEOPLE, [["مسجل", "citizen", CITIZENS[0], "", ""]], self.representative
        )
        message = self._messages(result)[0]
        self.assertIn("has a file already", message)
        self.assertNotIn(self.beneficiary.file_number, message)

    def test_one_name_twice_is_a_warning(self):
        rows = [
            ["محمد أحمد", "citizen", number, "1990-01-01", ""]
            for number in national_numbers(2)
        ]
        rows[1][0] = "محمد احمد"
        result = self._load(PEOPLE, rows)
        self.assertEqual(len(result["ids"]), 2)
        self.assertEqual([one["type"] for one in result["messages"]], ["warning"])
        self.assertIn("row 2", self._messages(result)[0])

    def test_fault_the_database_finds_stores_nothing(self):
        before = self._count()
        rows = [
            [f"شخص {number}", "citizen", number, "1990-01-01"]
            for number in national_numbers(3)
        ]
        rows[2][3] = fields.Date.to_string(
            fields.Date.add(fields.Date.today(), years=1)
        )
        result = self._load(PEOPLE[:4], rows)
        self.assertFalse(result["ids"])
        self.assertIn("future", " ".join(self._messages(result)))
        self.assertEqual(self._count(), before)

    def test_unknown_and_doubtful_names_are_told_by_row(self):
        for _twice in range(2):
            self.env["beneficiary.area"].create(
                {"name": "Twice", "company_id": self.company.id}
            )
        result = self._load(
            ["name", "category_id", "area_id"],
            [["س", "Needy family", "Al Safa"], ["ص", "Nedy famly", "Twice"]],
        )
        first, second = self._messages(result)
        self.assertIn("Row 3: Category: there is no “Nedy famly”", first)
        self.assertIn("several records are called “Twice”", second)

    def test_row_with_an_id_updates_its_file(self):
        number = next(national_numbers(1))
        fields_ = ["id", *PEOPLE[:3]]
        first = self._load(fields_, [["paper_1", "سليم", "citizen", number]])
        again = self._load(fields_, [["paper_1", "سالم", "citizen", number]])
        self.assertFalse(again["messages"])
        self.assertEqual(first["ids"], again["ids"])
        file = self.env["beneficiary.beneficiary"].browse(first["ids"])
        self.assertEqual(file.name, "سالم")

    # ------------------------------------------------------------------
    # Going live
    # ------------------------------------------------------------------

    def test_administrator_brings_states_and_dates_from_before(self):
        number = next(national_numbers(1))
        columns = ["file_number", "registered_on", "state", "next_review_date"]
        result = self._load(
            [*columns, *PEOPLE[:3]],
            [["P-1", "2019-03-10", "Active", "2025-03-10", "س", "citizen", number]],
            self.administrator,
        )
        self.assertFalse(result["messages"])
        file = self.env["beneficiary.beneficiary"].browse(result["ids"])
        self.assertEqual((file.file_number, file.state), ("P-1", "active"))
        self.assertEqual(str(file.registered_on), "2019-03-10")
        self.assertEqual(str(file.state_changed_on), "2019-03-10")
        self.assertEqual(str(file.next_review_date), "2025-03-10")

    def test_brought_active_file_gets_its_review_date(self):
        file = (
            self.env["beneficiary.beneficiary"]
            .with_user(self.administrator)
            .create(
                {
                    "name": "س",
                    "identity_number": next(national_numbers(1)),
                    "state": "active",
                    "registered_on": "2019-03-10",
                }
            )
        )
        self.assertEqual(str(file.next_review_date), "2020-03-10")

    def test_officers_bring_no_state_by_any_route(self):
        number = next(national_numbers(1))
        for columns, row in (
            (["state"], ["active"]),
            (["file_number"], ["P-1"]),
            (["state_changed_on"], ["2019-03-10"]),
        ):
            result = self._load([*columns, "name"], [[*row, "س"]])
            self.assertFalse(result["ids"])
            self.assertIn("only an administrator", self._messages(result)[0])
        Files = self.env["beneficiary.beneficiary"]
        for user in (self.officer, self.manager, self.representative):
            files = Files.with_user(user)
            values = {"name": "س", "identity_number": number}
            with self.assertRaises(UserError), self.env.cr.savepoint():
                files.create(values | {"state": "active"})
            with self.assertRaises(UserError), self.env.cr.savepoint():
                files.with_context(default_state="active").create(values)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                files.create(values | {"file_number": "P-1"})

    def test_brought_state_needs_what_the_state_needs(self):
        files = self.env["beneficiary.beneficiary"].with_user(self.administrator)
        with self.assertRaisesRegex(UserError, "no identity number"):
            files.create({"name": "س", "state": "active"})
        with self.assertRaisesRegex(UserError, "choose a reason"):
            files.create({"name": "س", "state": "closed"})

    def test_day_to_come_is_no_day_of_registration(self):
        result = self._load(["name", "registered_on"], [["س", "2999-01-01"]])
        self.assertIn("day to come", " ".join(self._messages(result)))

    def test_households_and_papers_bring_their_dates(self):
        households = self._load(
            ["code", "registered_on"],
            [["PAPER-1", "2019-03-10"]],
            self.administrator,
            "beneficiary.household",
        )
        people = self._load(
            ["file_number", *PEOPLE[:3], "household_id", "relationship"],
            [
                [
                    "P-1",
                    "س",
                    "citizen",
                    next(national_numbers(1)),
                    "PAPER-1",
                    "head",
                ]
            ],
            self.administrator,
        )
        self.assertFalse(households["messages"] + people["messages"])
        file = self.env["beneficiary.beneficiary"].browse(people["ids"])
        self.assertEqual(file.household_id.id, households["ids"][0])
        papers = self._load(
            [
                "beneficiary_id",
                "type_id",
                "issue_date",
                "expiry_date",
                "state",
                "verified_on",
                "collected_from",
            ],
            [
                [
                    person,
                    "National identity card",
                    "2018-01-01",
                    "2030-01-01",
                    "verified",
                    "2019-04-01",
                    "visit",
                ]
                for person in ("P-1", file.identity_number)
            ],
            self.administrator,
            "beneficiary.document",
        )
        self.assertFalse(papers["messages"])
        document = self.env["beneficiary.document"].browse(papers["ids"])
        self.assertEqual(document.beneficiary_id, file)
        self.assertEqual(str(document[0].verified_on), "2019-04-01")

    def test_paper_with_dates_the_wrong_way_round_is_told_by_row(self):
        result = self._load(
            ["beneficiary_id", "type_id", "issue_date", "expiry_date"],
            [
                [
                    self.beneficiary.file_number,
                    "National identity card",
                    "2030-01-01",
                    "2020-01-01",
                ]
            ],
            model="beneficiary.document",
        )
        self.assertIn("Row 2:", self._messages(result)[0])

    # ------------------------------------------------------------------
    # Templates and size
    # ------------------------------------------------------------------

    def test_templates_are_imported_by_the_importer_as_they_are(self):
        self.identity_type.name = "الهوية الوطنية"
        self.env["beneficiary.beneficiary"].search(
            [("identity_number", "in", CITIZENS)]
        ).unlink()
        for model in (
            "beneficiary.household",
            "beneficiary.beneficiary",
            "beneficiary.document",
        ):
            Model = self.env[model].with_user(self.administrator)
            (template,) = Model.get_import_templates()
            content = Path(file_path(template["template"].lstrip("/"))).read_bytes()
            importer = (
                self.env["base_import.import"]
                .with_user(self.administrator)
                .create(
                    {
                        "res_model": model,
                        "file": content,
                        "file_type": "text/csv",
                        "file_name": "template.csv",
                    }
                )
            )
            options = {
                "has_headers": True,
                "quoting": '"',
                "separator": ",",
                "encoding": "",
                "date_format": "%Y-%m-%d",
            }
            preview = importer.parse_preview(options)
            self.assertFalse(preview.get("error"))
            columns = [
                "/".join(preview["matches"][position])
                for position in range(len(preview["headers"]))
            ]
            result = importer.execute_import(columns, preview["headers"], options)
            self.assertFalse(result["messages"], model)
            self.assertTrue(result["ids"])

    def test_queries_grow_slower_than_rows(self):
        def queries(count, first):
            rows = [
                [f"شخص {number}", number, "Needy family", "Al Safa", "0501234567"]
                for number in national_numbers(count, first)
            ]
            columns = ["name", "identity_number", "category_id", "area_id", "phone"]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            result = self._load(columns, rows)
            self.env.flush_all()
            self.assertEqual(len(result["ids"]), count)
            return self.env.cr.sql_log_count - start

        queries(5, 100)
        few, many = queries(50, 1000), queries(500, 10000)
        self.assertLess((many - few) / 450, 0.5)
