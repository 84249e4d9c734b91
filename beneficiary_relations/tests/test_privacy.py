import base64
import json
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import CITIZENS, IBAN, PDF, BeneficiaryCommon, columns_with
from .common_portal import make_png

CANARY = "قناريةقناري"
TABLES = (
    "beneficiary%",
    "mail%",
    "res_partner",
    "res_partner_bank",
    "res_users",
    "ir_attachment",
)


class PrivacyCommon(BeneficiaryCommon):
    """A person of whom every model of ours holds something, and a neighbour."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.privacy.group_ids = [
            Command.link(cls.env.ref("beneficiary_relations.group_sensitive").id)
        ]
        cls.person = cls._create_beneficiary(
            name=CANARY,
            identity_number=CITIZENS[1],
            birth_date="1980-01-02",
            phone="0501234567",
            email="canary@example.org",
            street=CANARY,
            iban=IBAN,
            sensitive_basis="vital",
            sensitive_basis_note=CANARY,
            health_condition=CANARY,
            household_id=cls.household.id,
            relationship="spouse",
            state_note=CANARY,
        )
        cls.document = cls._create_document(cls.person, number=CANARY)
        cls.person.message_post(body=CANARY, subject=CANARY)
        cls.interaction = cls.env["beneficiary.interaction"].create(
            {
                "type_id": cls.env["beneficiary.interaction.type"]
                .create(
                    {
                        "name": "Inquiry",
                        "kind": "inquiry",
                        "company_id": cls.company.id,
                    }
                )
                .id,
                "beneficiary_id": cls.person.id,
                "company_id": cls.company.id,
                "subject": CANARY,
                "description": CANARY,
                "answer": CANARY,
            }
        )
        cls.env["beneficiary.message"]._send_sms(cls.person.partner_id, CANARY)
        text = cls.env["beneficiary.agreement.text"].create(
            {"name": "Agreement", "text": "We serve."}
        )
        text.action_put_in_force()
        cls.env["beneficiary.agreement"].create(
            {
                "beneficiary_id": cls.person.id,
                "text_id": text.id,
                "signature": base64.b64encode(make_png()),
            }
        )
        cls.user = cls.person._grant_portal()


@tagged("post_install", "-at_install")
class TestPersonExport(PrivacyCommon):
    """What the association holds about a person, handed out on request."""

    def test_copy_holds_every_stored_field_of_every_model(self):
        data = self.person.with_user(self.privacy)._person_data()
        shown = self.person._person_copy()
        hidden = self.person._person_copy_hidden()
        for model, paths in self.env["beneficiary.beneficiary"]._person_paths().items():
            if shown[model] is not True:
                self.assertNotIn(model, data)
                continue
            Model = self.env[model].with_context(active_test=False)
            records = Model.browse()
            for path in paths:
                records |= Model.search([(path, "=", self.person.id)])
            self.assertEqual(len(data.get(model, [])), len(records), model)
            stored = {
                name
                for name, field in Model._fields.items()
                if field.store
                and not field.inherited
                and field.type not in ("one2many", "many2many", "many2one_reference")
                and name
                not in ("id", "create_uid", "write_uid", "create_date", "write_date")
            } - set(hidden.get(model, ()))
            for row in data.get(model, []):
                self.assertEqual(set(row), stored, model)
        (file,) = data["beneficiary.beneficiary"]
        self.assertEqual(file["health_condition"], CANARY)
        self.assertEqual(file["identity_number"], CITIZENS[1])
        number = data["res.partner.bank"][0]["acc_number"].replace(" ", "")
        self.assertEqual(number, IBAN)
        (page,) = data["beneficiary.document.page"]
        self.assertEqual(base64.b64decode(page["file"]), PDF)

    def test_every_model_leading_to_a_person_is_declared(self):
        """Whoever adds a model says whether the person gets it, or why not."""
        paths = self.person._person_paths()
        shown = self.person._person_copy()
        self.assertEqual(set(paths) - set(shown), set())
        for model, why in shown.items():
            with self.subTest(model=model):
                self.assertIn(model, paths)
                self.assertTrue(why is True or len(why) > 20)
        for model, fields_hidden in self.person._person_copy_hidden().items():
            for name, why in fields_hidden.items():
                with self.subTest(model=model, field=name):
                    self.assertIn(name, self.env[model]._fields)
                    self.assertTrue(why)

    def test_model_nobody_declared_is_left_out(self):
        File = self.registry["beneficiary.beneficiary"]
        with patch.object(File, "_person_copy", lambda self: {}):
            data = self.person._person_data()
        self.assertEqual(
            set(data) - {"res.partner", "res.partner.bank", "beneficiary.household"},
            {"beneficiary.message"},
        )

    def test_messages_to_the_person_are_in_the_copy_but_no_codes(self):
        Message = self.env["beneficiary.message"]
        Message._send_sms(self.person.partner_id, "1234 code", kind="code")
        data = self.person._person_data()
        self.assertEqual([row["body"] for row in data[Message._name]], [CANARY])

    def test_income_of_a_family_is_only_in_the_copy_of_its_head(self):
        self.env["beneficiary.household.line"].create(
            {"household_id": self.household.id, "amount": 4321, "source": "salary"}
        )
        self.assertNotIn("beneficiary.household.line", self.person._person_data())
        head = self.beneficiary._person_data()
        self.assertEqual(head["beneficiary.household.line"][0]["amount"], 4321)

    def test_copy_names_no_colleague_and_nobody_who_acts(self):
        guardian = self.env["res.partner"].create({"name": "حارس لا يسمى"})
        mandate = (
            self.env["beneficiary.mandate"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_id": self.person.id,
                    "holder_id": guardian.id,
                    "kind": "agent",
                    "proof": base64.b64encode(PDF),
                    "proof_filename": "deed of the guardian.pdf",
                }
            )
        )
        mandate.action_activate()
        mandate.action_end()
        self.interaction.user_id = self.officer
        text = json.dumps(self.person._person_data(), ensure_ascii=False, default=str)
        for word in (guardian.name, self.officer.name, "deed of the guardian"):
            self.assertNotIn(word, text)

    def test_copy_holds_nothing_of_others(self):
        text = json.dumps(self.person._person_data(), ensure_ascii=False, default=str)
        self.assertNotIn(self.beneficiary.name, text)
        self.assertNotIn(CITIZENS[0], text)

    def test_both_copies_are_made_and_logged(self):
        action = self.person.with_user(self.privacy).action_export_person()
        export = self.env[action["res_model"]].browse(action["res_id"])
        data = json.loads(base64.b64decode(export.data_json))
        self.assertEqual(data["res.partner"][0]["name"], CANARY)
        self.assertIn(CANARY, base64.b64decode(export.data_text).decode())
        line = self.env["beneficiary.access.log"].search([("kind", "=", "export")])
        self.assertEqual(line.user_id, self.privacy)
        self.assertEqual(line.file_number, self.person.file_number)

    def test_only_privacy_officer_with_the_right_makes_a_copy(self):
        for user in (self.officer, self.manager, self.auditor):
            with self.assertRaisesRegex(UserError, "role"):
                self.person.with_user(user).action_export_person()
        self.privacy.group_ids = [
            Command.unlink(self.env.ref("beneficiary_relations.group_sensitive").id)
        ]
        with self.assertRaisesRegex(UserError, "role"):
            self.person.with_user(self.privacy).action_export_person()
        with self.assertRaises(AccessError):
            self.person.with_user(self.employee).action_export_person()


@tagged("post_install", "-at_install")
class TestCorrection(PrivacyCommon):
    """A person asks to have data corrected and gets an answer in time."""

    def _ask(self, **values):
        return (
            self.env["beneficiary.correction"]
            .with_user(self.officer)
            .create(
                {
                    "beneficiary_id": self.person.id,
                    "field_name": "street",
                    "value_after": "شارع الأمير",
                    **values,
                }
            )
        )

    def test_value_before_is_kept_and_the_answer_has_a_deadline(self):
        correction = self._ask()
        self.assertEqual(correction.value_before, CANARY)
        due = fields.Date.add(correction.requested_on, days=30)
        self.assertEqual(correction.date_due, due)
        self.assertEqual(correction.activity_ids.date_deadline, due)

    def test_applying_corrects_the_file(self):
        for name, value, stored in (
            ("street", "شارع الأمير", "شارع الأمير"),
            ("birth_date", "1981-03-04", fields.Date.to_date("1981-03-04")),
            ("marital_status", "Widowed", "widowed"),
            ("phone", "0559876543", "+966559876543"),
        ):
            with self.subTest(field=name):
                correction = self._ask(field_name=name, value_after=value)
                correction.action_apply()
                self.assertEqual(self.person[name], stored)
                self.assertEqual(correction.state, "applied")
                self.assertEqual(correction.decided_by_id, self.officer)
                self.assertFalse(correction.activity_ids)

    def test_value_that_does_not_fit_is_refused_at_once(self):
        for name, value in (("birth_date", "yesterday"), ("gender", "x")):
            with self.assertRaisesRegex(ValidationError, "does not fit"):
                self._ask(field_name=name, value_after=value)

    def test_rules_of_the_file_hold_for_the_new_value(self):
        correction = self._ask(field_name="identity_number", value_after="1000000000")
        with self.assertRaisesRegex(ValidationError, "check digit"):
            correction.action_apply()

    def test_refusal_needs_a_reason(self):
        correction = self._ask()
        with self.assertRaisesRegex(UserError, "reason"):
            correction.action_refuse()
        correction.refuse_reason = "The deed says otherwise."
        correction.action_refuse()
        self.assertEqual((correction.state, self.person.street), ("refused", CANARY))

    def test_answer_is_given_once_and_not_typed(self):
        correction = self._ask()
        with self.assertRaisesRegex(UserError, "buttons"):
            correction.state = "applied"
        correction.action_apply()
        with self.assertRaisesRegex(UserError, "answered already"):
            correction.action_apply()
        with self.assertRaisesRegex(UserError, "answered already"):
            correction.value_after = "x"

    def test_sensitive_data_and_accounts_are_not_corrected_this_way(self):
        names = dict(self.env["beneficiary.correction"]._selection_field_name())
        for name in ("health_condition", "special_needs", "prison_status", "iban"):
            self.assertNotIn(name, names)

    def test_roles(self):
        correction = self._ask()
        for user in (self.auditor, self.researcher):
            with self.assertRaises(AccessError):
                correction.with_user(user).action_apply()
        for user in (self.employee, self.representative, self.quality):
            self.assertFalse(correction.with_user(user).has_access("read"))


@tagged("post_install", "-at_install")
class TestAnonymise(PrivacyCommon):
    """Personal data are destroyed by two people; accounts keep a neutral name."""

    def _close(self):
        reason = self.env.ref("beneficiary_relations.state_reason_moved")
        self.interaction.state = "closed"
        self.person._change_state("closed", reason)

    def _propose(self):
        action = self.person.with_user(self.privacy).action_anonymise()
        return self.env["beneficiary.destruction"].search(action["domain"])

    def test_open_work_is_named_and_refused(self):
        file = self.person.with_user(self.privacy)
        with self.assertRaisesRegex(UserError, "not closed; an interaction is open"):
            file.action_anonymise()

    def test_two_people_destroy_it_and_nothing_is_left(self):
        self._close()
        number = self.person.file_number
        destruction = self._propose()
        self.assertEqual(self.person.name, CANARY)
        destruction.with_user(self.manager).action_confirm()
        self.assertEqual(destruction.state, "done")
        self.assertEqual(self.person.name, f"Former beneficiary {number}")
        self.assertEqual(self.person.partner_id.is_beneficiary, True)
        self.assertFalse(self.document.page_ids)
        self.assertFalse(self.user.active)
        self.assertFalse(self.person.portal_access_ids)
        self.env.flush_all()
        for word in (CANARY, "canary@example.org", IBAN, "501234567"):
            self.assertEqual(columns_with(self.env, TABLES, word), [], word)
        self.assertFalse(columns_with(self.env, TABLES, CITIZENS[1]))

    def test_log_of_destruction_holds_no_personal_data(self):
        self._close()
        destruction = self._propose()
        destruction.with_user(self.manager).action_confirm()
        told = str(destruction.read())
        for word in (CANARY, CITIZENS[1]):
            self.assertNotIn(word, told)
        self.assertIn("Document", destruction.counts)
        with self.assertRaisesRegex(UserError, "kept"):
            destruction.sudo().unlink()

    def test_other_people_keep_their_data(self):
        self._close()
        name = self.beneficiary.name
        self._propose().with_user(self.manager).action_confirm()
        self.assertEqual(self.beneficiary.name, name)
        self.assertEqual(self.household.head_id, self.beneficiary)

    def test_proposer_does_not_confirm(self):
        self._close()
        self.privacy.group_ids = [
            Command.link(self.env.ref("beneficiary_relations.group_manager").id)
        ]
        destruction = self._propose()
        with self.assertRaisesRegex(UserError, "yourself"):
            destruction.with_user(self.privacy).action_confirm()

    def test_second_click_and_rejection_destroy_nothing(self):
        self._close()
        destruction = self._propose()
        destruction.with_user(self.manager).action_reject()
        with self.assertRaisesRegex(UserError, "decided already"):
            destruction.with_user(self.manager).action_confirm()
        self.assertEqual(self.person.name, CANARY)
        self._propose().with_user(self.manager).action_confirm()
        with self.assertRaisesRegex(UserError, "destroyed already"):
            self._propose()

    def test_roles(self):
        self._close()
        for user in (self.officer, self.manager, self.administrator, self.auditor):
            with self.assertRaisesRegex(UserError, "role"):
                self.person.with_user(user).action_anonymise()
        destruction = self._propose()
        with self.assertRaisesRegex(UserError, "role"):
            destruction.with_user(self.privacy).action_confirm()
        with self.assertRaises(AccessError):
            destruction.with_user(self.officer).action_confirm()
        with self.assertRaises(AccessError):
            destruction.with_user(self.manager).write({"state": "done"})
        with self.assertRaisesRegex(UserError, "button"):
            self.person.with_user(self.officer).anonymised_on = "2020-01-01"

    def test_retention_rule_shows_what_is_over_and_deletes_nothing(self):
        self._close()
        rule = (
            self.env["beneficiary.retention.rule"]
            .with_user(self.privacy)
            .create(
                {"name": "Files", "res_model": "beneficiary.beneficiary", "months": 60}
            )
        )
        self.assertEqual(rule.due_count, 0)
        self.person.state_changed_on = "2015-01-01"
        rule.invalidate_recordset(["due_count"])
        self.assertEqual(rule.due_count, 1)
        found = self.env["beneficiary.beneficiary"].search(
            rule.action_open_due()["domain"]
        )
        self.assertEqual(found, self.person)
        for _twice in range(2):
            self.env["beneficiary.retention.rule"]._cron_review()
        self.assertEqual(len(rule.activity_ids), 1)
        self.assertEqual(rule.activity_ids.user_id, self.privacy)
        self.assertEqual(self.person.name, CANARY)

    def test_review_is_asked_in_the_language_of_who_reviews(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.privacy.lang = "ar_001"
        self._close()
        rule = self.env["beneficiary.retention.rule"].create(
            {
                "name": "Files",
                "res_model": "beneficiary.beneficiary",
                "months": 60,
                "reviewer_id": self.privacy.id,
            }
        )
        self.person.state_changed_on = "2015-01-01"
        self.env["beneficiary.retention.rule"]._cron_review()
        self.assertEqual(rule.activity_ids.summary, "مراجعة ما انتهت مدة حفظه")
        self.assertFalse(rule.with_user(self.officer).has_access("read"))
