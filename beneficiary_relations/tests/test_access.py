from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import CITIZENS, IBAN, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestAccess(BeneficiaryCommon):
    """Who sees a file, its contact and its sensitive data, and by which route."""

    # Role by model: the operations allowed on records of the own association.
    MATRIX = {
        "beneficiary.beneficiary": {
            "officer": "rwc",
            "researcher": "rwc",
            "representative": "",
            "complaints": "r",
            "quality": "",
            "privacy": "r",
            "auditor": "r",
            "manager": "rwc",
            "administrator": "rwcd",
            "employee": "",
        },
        "beneficiary.household": {
            "officer": "rwc",
            "researcher": "rwc",
            "representative": "",
            "complaints": "r",
            "quality": "",
            "privacy": "r",
            "auditor": "r",
            "manager": "rwc",
            "administrator": "rwcd",
            "employee": "",
        },
        "beneficiary.policy": {
            "officer": "r",
            "researcher": "r",
            "representative": "r",
            "complaints": "r",
            "quality": "r",
            "privacy": "r",
            "auditor": "r",
            "manager": "r",
            "administrator": "rwcd",
            "employee": "",
        },
    }
    OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records = {
            "beneficiary.beneficiary": cls.beneficiary,
            "beneficiary.household": cls.household,
            "beneficiary.policy": cls.policy,
        }

    def test_role_matrix_cell_by_cell(self):
        for model, roles in self.MATRIX.items():
            for role, allowed in roles.items():
                record = self.records[model].with_user(getattr(self, role))
                for letter, operation in self.OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            record.has_access(operation), letter in allowed
                        )

    def test_files_of_another_association_are_invisible(self):
        other = self._create_association("Other")
        stranger = self._create_user("stranger", "administrator", other)
        records = [*self.records.values(), self.beneficiary.partner_id]
        for record in records:
            with self.subTest(model=record._name):
                seen = record.with_user(stranger).with_context(
                    allowed_company_ids=other.ids
                )
                self.assertFalse(seen.has_access("read"))

    def test_representative_sees_the_own_branch_only(self):
        files = self.env["beneficiary.beneficiary"].with_user(self.representative)
        self.assertFalse(files.search([("id", "=", self.beneficiary.id)]))
        self.beneficiary.branch_id = self.branch
        self.assertTrue(files.search([("id", "=", self.beneficiary.id)]))
        self.assertTrue(
            self.beneficiary.partner_id.with_user(self.representative).has_access(
                "read"
            )
        )

    def test_representative_registers_in_the_own_branch(self):
        file = (
            self.env["beneficiary.beneficiary"]
            .with_user(self.representative)
            .create({"name": "New", "identity_number": CITIZENS[3]})
        )
        self.assertEqual(file.branch_id, self.branch)
        self.assertTrue(file.partner_id.is_beneficiary)

    def test_representative_does_not_register_in_another_branch(self):
        south = self.env["beneficiary.branch"].create(
            {"name": "South", "company_id": self.company.id}
        )
        with self.assertRaises(AccessError):
            self.env["beneficiary.beneficiary"].with_user(self.representative).create(
                {"name": "New", "branch_id": south.id}
            )

    def test_employee_without_role_finds_neither_contact_nor_account(self):
        self.beneficiary.iban = IBAN
        partner = self.beneficiary.partner_id
        Partner = self.env["res.partner"].with_user(self.employee)
        self.assertFalse(Partner.name_search("العتيبي"))
        self.assertFalse(Partner.search([("id", "=", partner.id)]))
        with self.assertRaises(AccessError):
            Partner.browse(partner.id).read(["name"])
        self.employee.group_ids = [
            Command.link(self.env.ref("base.group_allow_export").id)
        ]
        with self.assertRaises(AccessError):
            Partner.browse(partner.id).export_data(["name"])
        Bank = self.env["res.partner.bank"].with_user(self.employee)
        self.assertFalse(Bank.search([("acc_number", "ilike", "6080")]))
        self.assertFalse(
            Partner.formatted_read_group(
                [("id", "=", partner.id)], ["name"], ["__count"]
            )
        )

    def test_activity_goes_to_nobody_without_a_role(self):
        kind = "mail.mail_activity_data_todo"
        file = self.beneficiary.with_user(self.officer)
        for user in (self.employee, self.quality, self.representative):
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(UserError, "no role that reads"),
            ):
                file.activity_schedule(kind, user_id=user.id)
        activity = file.activity_schedule(kind, user_id=self.researcher.id)
        with self.assertRaisesRegex(UserError, "no role that reads"):
            activity.user_id = self.employee
        self.assertNotIn(self.employee.partner_id, self.beneficiary.message_partner_ids)

    def test_employee_finds_no_portal_user_of_a_person(self):
        self.beneficiary.email = "mohammed@example.org"
        user = self.beneficiary.with_user(self.officer)._grant_portal()
        self.env.flush_all()
        self.env.invalidate_all()
        Users = self.env["res.users"].with_user(self.employee)
        for field_name in ("name", "login", "partner_id.name"):
            words = "العتيبي" if "name" in field_name else "mohammed"
            self.assertFalse(Users.search([(field_name, "ilike", words)]))
        with self.assertRaises(AccessError):
            Users.browse(user.id).read(["login"])
        Partner = self.env["res.partner"].with_user(self.employee)
        self.assertFalse(Partner.get_mention_suggestions("العتيبي"))

    def test_contact_stays_hidden_after_the_file_is_archived(self):
        self.beneficiary.active = False
        self.assertFalse(
            self.beneficiary.partner_id.with_user(self.employee).has_access("read")
        )

    def test_employee_still_sees_colleagues_and_other_contacts(self):
        supplier = self.env["res.partner"].create({"name": "Pharmacy"})
        self.assertTrue(supplier.with_user(self.employee).has_access("read"))
        self.assertTrue(
            self.officer.partner_id.with_user(self.employee).has_access("read")
        )

    def test_sensitive_data_is_read_by_its_group_only(self):
        self.beneficiary.write(
            {"sensitive_basis": "vital", "health_condition": "Asthma"}
        )
        self.officer.group_ids = [
            Command.link(self.env.ref("base.group_allow_export").id)
        ]
        file = self.beneficiary.with_user(self.officer)
        for read in (
            lambda: file.read(["health_condition"]),
            lambda: file.search([("health_condition", "ilike", "Asthma")]),
            lambda: file.export_data(["health_condition"]),
            lambda: file.formatted_read_group([], ["special_needs"], ["__count"]),
        ):
            with self.assertRaises(AccessError):
                read()
        self.officer.group_ids = [
            Command.link(self.env.ref("beneficiary_relations.group_sensitive").id)
        ]
        self.assertEqual(
            file.read(["health_condition"])[0]["health_condition"], "Asthma"
        )

    def test_portal_user_reads_the_own_file_and_no_other(self):
        self.beneficiary.email = "mohammed@example.org"
        other = self._create_beneficiary(identity_number=CITIZENS[1])
        user = self.beneficiary.with_user(self.officer)._grant_portal()
        files = self.env["beneficiary.beneficiary"].with_user(user)
        self.assertEqual(files._portal_own(), self.beneficiary)
        self.assertEqual(files.search([]), self.beneficiary)
        with self.assertRaises(AccessError):
            files.browse(other.id).read(["file_number"])
        self.assertFalse(
            self.env["res.partner"]
            .with_user(user)
            .search([("id", "=", other.partner_id.id)])
        )

    def test_portal_access_ends_on_its_date(self):
        self.beneficiary.email = "mohammed@example.org"
        user = self.beneficiary._grant_portal()
        self.beneficiary.portal_access_ids.date_end = "2020-01-01"
        files = self.env["beneficiary.beneficiary"].with_user(user)
        self.assertFalse(files._portal_own())
        self.assertFalse(files.search([]))
        self.assertFalse(self.beneficiary.with_user(user).has_access("read"))

    def test_portal_access_needs_an_email_address_and_a_role(self):
        with self.assertRaisesRegex(UserError, "no e-mail"):
            self.beneficiary.with_user(self.officer).action_grant_portal()
        with self.assertRaises(AccessError):
            self.beneficiary.with_user(self.auditor).action_grant_portal()

    def test_log_of_messages_is_kept_from_employees(self):
        message = self.env["beneficiary.message"]._send_sms(
            self.beneficiary.partner_id, "Your request was received."
        )
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.provider, "sink")
        self.assertFalse(message.with_user(self.employee).has_access("read"))
        self.assertFalse(message.with_user(self.officer).has_access("write"))

    def test_message_for_a_provider_that_is_not_there_fails_and_is_kept(self):
        self.env["ir.config_parameter"].set_param(
            "beneficiary_relations.message_provider", "pigeon"
        )
        message = self.env["beneficiary.message"]._send_sms(
            self.beneficiary.partner_id, "Your request was received."
        )
        self.assertFalse(message.provider)
        self.assertEqual(message.state, "failed")

    def test_log_of_messages_keeps_no_code_that_was_handed_on(self):
        words = "Your code is 123456. It is good for 10 minutes, on 21/11/2026."
        send = self.env["beneficiary.message"]._send_sms
        partner = self.beneficiary.partner_id
        self.assertIn("123456", send(partner, words, kind="code").body)
        self.env["ir.config_parameter"].set_param(
            "beneficiary_relations.message_provider", "pigeon"
        )
        self.assertEqual(
            send(partner, words, kind="code").body, words.replace("123456", "•••")
        )
        self.assertEqual(send(partner, words).body, words)
