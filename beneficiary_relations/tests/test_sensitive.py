from psycopg2 import errors

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.beneficiary_beneficiary_sensitive import (
    SENSITIVE_FIELDS,
    SENSITIVE_GROUP,
)
from .common import BeneficiaryCommon

CANARY = "CanaryAsthma"


@tagged("post_install", "-at_install")
class TestSensitive(BeneficiaryCommon):
    """Health, disability and prison data: who reads them, by which path, and why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))
        cls.beneficiary = cls.beneficiary.with_env(cls.env)
        export = cls.env.ref("base.group_allow_export")
        for role in (*cls.ROLES, "employee"):
            getattr(cls, role).group_ids = [Command.link(export.id)]
        cls.nurse = cls._create_user("nurse", "relations_officer")
        cls.nurse.group_ids = [
            Command.link(export.id),
            Command.link(cls.env.ref(SENSITIVE_GROUP).id),
        ]
        cls.beneficiary.write(
            {
                "sensitive_basis": "vital",
                "health_condition": CANARY,
                "special_needs": "sight",
                "prison_status": "inmate",
            }
        )
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _lines(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self.env["beneficiary.access.log"].search(domain)

    # ------------------------------------------------------------------
    # Outside the group
    # ------------------------------------------------------------------

    def test_every_field_of_the_group_is_logged_or_says_why_not(self):
        fields_of_group = {
            name
            for name, field in self.env["beneficiary.beneficiary"]._fields.items()
            if SENSITIVE_GROUP in (field.groups or "")
        }
        self.assertEqual(
            fields_of_group - SENSITIVE_FIELDS,
            {"sensitive_basis", "sensitive_basis_note"},
        )

    def test_no_path_shows_them_to_anybody_else(self):
        for role in (*self.ROLES, "employee"):
            file = self.beneficiary.with_user(getattr(self, role))
            Model = file.browse()
            for name in sorted(SENSITIVE_FIELDS):
                paths = {
                    "read": lambda file=file, name=name: file.read([name]),
                    "web_read": lambda file=file, name=name: file.web_read({name: {}}),
                    "search_read": lambda m=Model, name=name: m.search_read([], [name]),
                    "web_search_read": lambda m=Model, name=name: m.web_search_read(
                        [], {name: {}}
                    ),
                    "domain": lambda m=Model, name=name: m.search(
                        [(name, "!=", False)]
                    ),
                    "order": lambda m=Model, name=name: m.search([], order=name),
                    "group": lambda m=Model, name=name: m.formatted_read_group(
                        [], [name], ["__count"]
                    ),
                    "aggregate": lambda m=Model, name=name: m.formatted_read_group(
                        [], [], [f"{name}:count_distinct"]
                    ),
                    "export": lambda file=file, name=name: file.export_data([name]),
                    "through": lambda file=file, name=name: file.env[
                        "beneficiary.document"
                    ].search([(f"beneficiary_id.{name}", "!=", False)]),
                    "write": lambda file=file, name=name: file.write({name: False}),
                }
                for path, call in paths.items():
                    with (
                        self.subTest(role=role, field=name, path=path),
                        self.assertRaises(AccessError),
                    ):
                        call()
        self.assertFalse(self._lines(), "what is refused is no look")

    def test_names_chatter_and_notices_tell_nothing(self):
        self.beneficiary.health_condition = CANARY + "2"
        self.env.flush_all()
        self.env.cr.precommit.run()
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "beneficiary.beneficiary"),
                ("res_id", "=", self.beneficiary.id),
            ]
        )
        tracked = messages.tracking_value_ids.field_id.mapped("name")
        self.assertFalse(SENSITIVE_FIELDS.intersection(tracked))
        self.assertNotIn(CANARY, " ".join(messages.mapped("body")))
        self.assertNotIn(CANARY, self.beneficiary.display_name)
        found = self.env["beneficiary.beneficiary"].with_user(self.officer)
        self.assertFalse(found.name_search(CANARY))
        for name in SENSITIVE_FIELDS:
            self.assertFalse(getattr(found._fields[name], "tracking", False), name)

    def test_views_of_everybody_else_do_not_hold_them(self):
        for view_type in ("form", "list", "search", "kanban"):
            arch = (
                self.env["beneficiary.beneficiary"]
                .with_user(self.officer)
                .get_view(view_type=view_type)["arch"]
            )
            for name in SENSITIVE_FIELDS:
                self.assertNotIn(name, arch)

    def test_ordinary_form_shows_them_to_nobody(self):
        form = self.env["beneficiary.beneficiary"].with_user(self.nurse)
        arch = form.get_view(view_type="form")["arch"]
        self.assertIn("action_open_sensitive", arch)
        for name in SENSITIVE_FIELDS:
            self.assertNotIn(f'name="{name}"', arch)

    def test_conditions_do_not_carry_them_into_results(self):
        values = {
            "name": "Ill",
            "policy_id": self.policy.id,
            "kind": "automatic",
        }
        for extra in (
            {"domain": "[('health_condition', '!=', False)]"},
            {"domain": "[]", "value_field": "special_needs"},
        ):
            with (
                self.subTest(extra=extra),
                self.assertRaisesRegex(ValidationError, "manual condition"),
            ):
                self.env["beneficiary.criterion"].create(values | extra)

    # ------------------------------------------------------------------
    # The log
    # ------------------------------------------------------------------

    def test_opening_asks_for_the_reason_and_logs_it_in_the_same_step(self):
        file = self.beneficiary.with_user(self.nurse)
        action = file.action_open_sensitive()
        self.assertFalse(self._lines())
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.nurse)
            .with_context(**action["context"])
            .create({"reason": "study", "note": "Request 7"})
        )
        opened = wizard.action_open()
        line = self._lines(kind="open")
        self.assertEqual(line.user_id, self.nurse)
        self.assertEqual(line.file_res_id, self.beneficiary.id)
        self.assertEqual(line.file_number, self.beneficiary.file_number)
        self.assertIn("Request 7", line.reason)
        arch = file.get_view(opened["views"][0][0])["arch"]
        self.assertIn("health_condition", arch)
        self.assertEqual(file.web_read({"health_condition": {}})[0]["id"], file.id)
        self.assertEqual(self._lines(kind="read").reason, line.reason)

    def test_opening_without_the_right_is_refused(self):
        with self.assertRaisesRegex(UserError, "role"):
            self.beneficiary.with_user(self.officer).action_open_sensitive()
        with self.assertRaises(AccessError):
            self.env["beneficiary.sensitive.open"].with_user(self.officer).create(
                {"beneficiary_id": self.beneficiary.id, "reason": "study"}
            )

    def test_reading_by_any_path_is_logged_without_values(self):
        file = self.beneficiary.with_user(self.nurse)
        Model = file.browse()
        domain = [("id", "=", file.id)]
        paths = {
            "read": (lambda: file.read(["health_condition"]), "read"),
            "web_read": (lambda: file.web_read({"prison_status": {}}), "read"),
            "search_read": (
                lambda: Model.search_read(domain, ["special_needs"]),
                "read",
            ),
            "export": (lambda: file.export_data(["health_condition"]), "read"),
            "attribute": (lambda: file.health_condition, "read"),
            "sudo": (lambda: file.sudo().health_condition, "read"),
            "domain": (
                lambda: Model.search([("health_condition", "ilike", "x")]),
                "search",
            ),
            "order": (lambda: Model.search(domain, order="prison_status"), "search"),
            "group": (
                lambda: Model.formatted_read_group(
                    domain, ["special_needs"], ["__count"]
                ),
                "group",
            ),
        }
        for path, (call, kind) in paths.items():
            with self.subTest(path=path):
                self.env.invalidate_all()
                before = self._lines(kind=kind)
                call()
                lines = self._lines(kind=kind) - before
                self.assertTrue(lines)
                self.assertEqual(lines.user_id, self.nurse)
                self.assertFalse(any(lines.mapped("reason")))
                told = " ".join(str(value) for value in lines.read()[0].values())
                self.assertNotIn(CANARY, told)

    def test_ordinary_reading_is_no_look(self):
        file = self.beneficiary.with_user(self.nurse)
        self.env.invalidate_all()
        file.name_search("العتيبي")
        file.read(["name", "identity_number", "state"])
        file.web_search_read([], {"name": {}, "household_id": {}})
        self.assertTrue(file.birth_date is not None)
        self.assertFalse(self._lines())

    def test_log_is_read_by_privacy_officer_and_changed_by_nobody(self):
        self.beneficiary.with_user(self.nurse).read(["health_condition"])
        line = self._lines()
        for role in (*self.ROLES, "employee", "nurse"):
            seen = line.with_user(getattr(self, role))
            with self.subTest(role=role):
                self.assertEqual(seen.has_access("read"), role == "privacy")
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(seen.has_access(operation))
        with self.assertRaisesRegex(UserError, "never changed"):
            line.sudo().write({"reason": "x"})
        with self.assertRaisesRegex(UserError, "never changed"):
            line.sudo().unlink()
        for query in (
            "UPDATE beneficiary_access_log SET reason = 'x'",
            "DELETE FROM beneficiary_access_log",
        ):
            with (
                self.assertRaises(errors.RaiseException),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query)

    def test_looking_at_many_costs_a_fixed_number_of_queries(self):
        people = self.env["beneficiary.beneficiary"]
        for _number in range(30):
            people |= self._create_beneficiary()

        def count(files):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            files.with_user(self.nurse).read(["health_condition"])
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        count(people[:2])
        self.assertLessEqual(count(people), count(people[:2]))

    # ------------------------------------------------------------------
    # The basis
    # ------------------------------------------------------------------

    def test_sensitive_data_needs_a_basis(self):
        file = self._create_beneficiary()
        for vals in (
            {"health_condition": "x"},
            {"special_needs": "sight"},
            {"prison_status": "inmate"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(ValidationError, "legal basis"),
                self.env.cr.savepoint(),
            ):
                file.write(vals)
        file.write({"special_needs": "none", "prison_status": "none"})
        file.write({"sensitive_basis": "law", "health_condition": "x"})
        with self.assertRaisesRegex(ValidationError, "legal basis"):
            file.sensitive_basis = False

    def test_consent_for_the_service_is_a_basis(self):
        file = self._create_beneficiary()
        notice = self.env["beneficiary.privacy.notice"].create(
            {"name": "Notice", "text": "What we do."}
        )
        notice.action_put_in_force()
        Consent = self.env["beneficiary.consent"]
        Consent.create(
            {
                "beneficiary_id": file.id,
                "notice_id": notice.id,
                "purpose": "photo",
            }
        )
        with (
            self.assertRaisesRegex(ValidationError, "legal basis"),
            self.env.cr.savepoint(),
        ):
            file.health_condition = "x"
        Consent.create({"beneficiary_id": file.id, "notice_id": notice.id})
        file.health_condition = "x"
