from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import format_date

from .finance_common import FinanceCommon

IMPORTER = "account_statement_import_file.account_statement_import_action"


@tagged("post_install", "-at_install")
class TestBankLinePicker(FinanceCommon):
    """What people see of the bank before its lines are matched."""

    # === Which line === #

    def test_line_is_found_and_shown_by_the_words_of_the_bank(self):
        line = self._bank_line(4850, "Ehsan week 47")
        lines = line.with_user(self.clerk).with_context(beneficiary_bank_words=True)
        [(found, label)] = lines.name_search("week 47")
        self.assertEqual(found, line.id)
        self.assertIn("Ehsan week 47", label)
        self.assertIn(line.currency_id.format(4850), label)
        self.assertIn(format_date(self.env, line.date), label)
        # Elsewhere Odoo's own name stays.
        self.assertEqual(line.display_name, line.move_id.name)

    # === Settlement of a platform === #

    def test_settlement_is_opened_from_the_bank_line(self):
        line = self._bank_line(165, "Ehsan").with_user(self.clerk)
        action = line.action_beneficiary_settlement()
        self.assertFalse(action["res_id"])
        settlement = Form(
            self.env["beneficiary.settlement"]
            .with_user(self.clerk)
            .with_context(**action["context"])
        ).save()
        self.assertEqual(settlement.bank_line_id, line)
        # The second click opens the same one.
        again = line.action_beneficiary_settlement()
        self.assertEqual(again["res_id"], settlement.id)

    def test_settlement_is_of_open_money_that_came_in(self):
        with self.assertRaisesRegex(UserError, "money that left"):
            self._bank_line(-5).with_user(self.clerk).action_beneficiary_settlement()
        with self.assertRaises(AccessError):
            line = self._bank_line(5).with_user(self.releaser)
            line.action_beneficiary_settlement()

    # === Import of a statement === #

    def _dialog(self, user):
        return (
            self.env["beneficiary.statement.import"]
            .with_user(user)
            .create({"journal_id": self.bank.id})
        )

    def test_import_asks_for_the_file_of_the_bank(self):
        dialog = self._dialog(self.clerk)
        if not self.env.ref(IMPORTER, raise_if_not_found=False):
            with self.assertRaisesRegex(UserError, "No importer"):
                dialog.action_import()
            return
        action = dialog.action_import()
        self.assertEqual(action["res_model"], "account.statement.import")
        self.assertEqual(action["context"], {"journal_id": self.bank.id})

    def test_import_without_an_importer_says_what_to_do(self):
        self.env["ir.model.data"].search(
            [
                ("module", "=", "account_statement_import_file"),
                ("name", "=", "account_statement_import_action"),
            ]
        ).unlink()
        with self.assertRaisesRegex(UserError, "No importer"):
            self._dialog(self.clerk).action_import()

    def test_the_only_bank_is_chosen_already(self):
        banks = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)]
        )
        (banks - self.bank).active = False
        form = Form(
            self.env["beneficiary.statement.import"]
            .with_user(self.clerk)
            .with_company(self.company)
        )
        self.assertEqual(form.journal_id, self.bank)

    def test_aid_manager_imports_no_statement(self):
        with self.assertRaises(AccessError):
            self._dialog(self.aid_manager)

    def test_bank_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other association"})
        bank = self.env["account.journal"].create(
            {"name": "Bank", "code": "OB", "type": "bank", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.env["beneficiary.statement.import"].with_user(self.clerk).create(
                {"journal_id": bank.id}
            )

    # === Opening balances === #

    def test_whoever_may_enter_opening_balances_finds_them(self):
        menu = self.env.ref("beneficiary_aid.menu_fund_opening")
        chief = self._create_finance_user("chief", "account.group_account_manager")
        administrator = self._create_finance_user(
            "administrator", "beneficiary_relations.group_administrator"
        )
        for user, seen in (
            (chief, True),
            (administrator, True),
            (self.clerk, False),
            (self.releaser, False),
        ):
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            self.assertEqual(menu.id in visible, seen, user.login)
