from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_bank_sheet import BankCommon


@tagged("post_install", "-at_install")
class TestBankFileRetention(BankCommon):
    """Files that name people and accounts go when their time is over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.beneficiary_bank_file_days = 30
        cls.batch = cls._at_bank()
        cls._import(
            cls.batch,
            cls._answer([(one.name, "PAID", 100, "") for one in cls.due]),
        )

    def _age(self, days):
        self.batch.sudo().exported_on = fields.Datetime.now() - timedelta(days=days)

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("beneficiary_aid.ir_cron_bank_files").method_direct_trigger()
        self.env.flush_all()
        self.batch.invalidate_recordset()

    def _files(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search_count(
                [
                    ("res_field", "in", ("export_file", "file")),
                    "|",
                    "&",
                    ("res_model", "=", "beneficiary.disbursement.batch"),
                    ("res_id", "=", self.batch.id),
                    "&",
                    ("res_model", "=", "beneficiary.bank.result"),
                    ("res_id", "in", self.batch.result_ids.ids),
                ]
            )
        )

    def test_files_go_and_what_proves_them_stays(self):
        self._on_bank(self.batch)
        kept = (
            self.batch.export_hash,
            self.batch.export_count,
            self.batch.export_amount,
            self.batch.result_ids.content_hash,
        )
        self.assertEqual((self.batch.state, self._files()), ("settled", 2))
        self._age(29)
        self._run()
        self.assertEqual(self._files(), 2)
        self._age(31)
        self._run()
        self.assertEqual(self._files(), 0)
        self.assertTrue(self.batch.files_removed_on)
        self.assertEqual(
            kept,
            (
                self.batch.export_hash,
                self.batch.export_count,
                self.batch.export_amount,
                self.batch.result_ids.content_hash,
            ),
        )
        self.assertEqual((kept[1], kept[2]), (3, 300))
        self.assertEqual(self.batch.state, "settled")
        with self.assertRefused("removed", self.batch.name):
            self.batch.with_user(self.releaser).action_export()

    def test_same_answer_is_known_after_its_file_went(self):
        self._on_bank(self.batch)
        self._age(31)
        self._run()
        with self.assertRefused("taken already"):
            self._import(
                self.batch,
                self._answer([(one.name, "PAID", 100, "") for one in self.due]),
                check=False,
            )

    def test_unsettled_batch_keeps_its_file(self):
        self._age(400)
        self._run()
        self.assertEqual(self._files(), 2)
        self.assertFalse(self.batch.files_removed_on)

    def test_without_days_files_stay(self):
        self._on_bank(self.batch)
        self.company.beneficiary_bank_file_days = 0
        self._age(4000)
        self._run()
        self.assertEqual(self._files(), 2)

    def test_days_of_another_company_do_not_count(self):
        self._on_bank(self.batch)
        self.company.beneficiary_bank_file_days = 0
        other = self.env["res.company"].create({"name": "Another Association"})
        other.beneficiary_bank_file_days = 1
        self._age(400)
        self._run()
        self.assertEqual(self._files(), 2)

    def test_second_run_says_nothing_more(self):
        self._on_bank(self.batch)
        self._age(31)
        self._run()
        messages, day = len(self.batch.message_ids), self.batch.files_removed_on
        self._run()
        self.assertEqual(len(self.batch.message_ids), messages)
        self.assertEqual(self.batch.files_removed_on, day)

    def test_nobody_types_that_files_went(self):
        with self.assertRefused("not typed in"):
            self.batch.with_user(self.clerk).files_removed_on = fields.Datetime.now()
        with self.assertRaises(AccessError):
            self.company.with_user(self.clerk).beneficiary_bank_file_days = 1

    @mute_logger("odoo.sql_db")
    def test_days_are_bounded(self):
        with self.assertRaises(IntegrityError):
            self.company.beneficiary_bank_file_days = -1
            self.env.flush_all()
