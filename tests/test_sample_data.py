"""The sample: the script makes the committed files, and Odoo imports every row."""

import sys
from pathlib import Path

from odoo.tests import TransactionCase, tagged

DATA = Path(__file__).resolve().parents[1] / "data"
sys.path.insert(0, str(DATA))

import generate  # noqa: E402
import sample  # noqa: E402


@tagged("post_install", "-at_install")
class TestSampleFiles(TransactionCase):
    """The files as they are committed."""

    def test_script_writes_committed_files(self):
        for name, rows in generate.build().items():
            with self.subTest(file=name):
                committed = (DATA / name).read_text(encoding="utf-8")
                self.assertTrue(
                    generate.render(rows) == committed,
                    f"{name} differs: run python3 data/generate.py",
                )

    def test_every_file_is_imported(self):
        committed = {path.name for path in DATA.glob("*.csv")}
        # The clauses are data of the addon: this copy of them is to be reviewed.
        self.assertEqual(committed - {"clauses.csv"}, set(sample.FILES))

    def test_sizes(self):
        sizes = {name: len(sample.read(name)[1]) for name in sample.FILES}
        self.assertEqual(sizes["beneficiary.beneficiary.csv"], 300)
        self.assertEqual(sizes["beneficiary.household.csv"], 90)
        self.assertEqual(sizes["beneficiary.aid.request.csv"], 120)
        self.assertEqual(sizes["beneficiary.donation.csv"], 60)
        self.assertEqual(sizes["beneficiary.fund.csv"], 4)

    def test_plan_names_requests_of_the_sample(self):
        requests = {row["id"] for row in sample.records("beneficiary.aid.request.csv")}
        planned = [row["request"] for row in sample.records("plan/requests.csv")]
        self.assertEqual(set(planned), requests)
        self.assertEqual(len(planned), len(requests))

    def test_days_are_moved_and_birth_dates_are_not(self):
        header, rows = sample.read("beneficiary.beneficiary.csv")
        _header, moved = sample.read("beneficiary.beneficiary.csv", days=7)
        born = header.index("birth_date")
        self.assertEqual([row[born] for row in rows], [row[born] for row in moved])
        self.assertEqual(sample.move("2026-02-27 08:00:00", 2), "2026-03-01 08:00:00")
        self.assertEqual(sample.move("", 2), "")


@tagged("post_install", "-at_install")
class TestSampleImport(TransactionCase):
    """Every file, through Odoo's own import, in an association of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("ar_001")
        cls.company = cls.env["res.company"].create(
            {
                "name": "Association of the sample",
                "country_id": cls.env.ref("base.sa").id,
                "currency_id": cls.env.ref("base.SAR").id,
            }
        )
        cls.env["account.chart.template"].try_loading(
            "sa", cls.company, install_demo=False
        )
        cls.env["beneficiary.policy"]._adopt("ST", cls.company)
        cls.company._beneficiary_setup_accounting()
        cls.user = cls.env["res.users"].create(
            {
                "name": "Importer",
                "login": "sample_importer",
                "company_id": cls.company.id,
                "company_ids": [(6, 0, cls.company.ids)],
                "group_ids": [(4, group.id) for group in cls._groups()],
            }
        )

    @classmethod
    def _groups(cls):
        """Return the roles of somebody who may import everything."""
        names = [
            "beneficiary_relations.group_administrator",
            "beneficiary_relations.group_sensitive",
            "beneficiary_aid.group_aid_manager",
            "beneficiary_aid.group_finance_clerk",
        ]
        groups = [cls.env.ref(name) for name in names]
        # Keeps bank accounts to itself where OCA's payment orders are installed.
        payments = cls.env.ref(
            "account_payment_order.group_account_payment", raise_if_not_found=False
        )
        return [*groups, payments] if payments else groups

    def test_every_row_is_imported_without_a_message(self):
        env = self.env(
            user=self.user.id,
            su=False,
            context={"allowed_company_ids": self.company.ids},
        )
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        for name in sample.FILES:
            ids = sample.load(
                env, name, module="test_sample", default_journal_id=bank.id
            )
            self.assertEqual(len(ids), len(sample.read(name)[1]), name)
            records = env[name.removesuffix(".csv")].browse(ids)
            self.assertTrue(records.exists())
            if "company_id" in records._fields and records._name != "res.partner":
                self.assertEqual(records.company_id, self.company, name)
        self._check_registry(env)

    def _check_registry(self, env):
        households = env["beneficiary.household"].search([])
        self.assertEqual(sum(households.mapped("member_count")), 300)
        self.assertEqual(len(households.head_id), 90)
        bands = set(households.need_band_id.mapped("template_code"))
        self.assertEqual(bands, {"A", "B", "C", "none"})
