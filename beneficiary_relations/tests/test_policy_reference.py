import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestPolicyReference(BeneficiaryCommon):
    """By-laws and manuals: their text is read where people work (C30–C32)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.text = base64.b64encode(b"Text of the by-law")
        cls.reference = cls.env["beneficiary.policy.reference"].create(
            {
                "policy_id": cls.policy.id,
                "name": "By-law",
                "code": "bylaw",
                "file": cls.text,
                "file_name": "bylaw.txt",
            }
        )

    def test_whoever_works_by_the_policy_reads_the_text(self):
        for user in (self.officer, self.researcher, self.representative, self.auditor):
            with self.subTest(user=user.login):
                reference = self.reference.with_user(user)
                reference.invalidate_recordset()
                self.assertEqual(reference.file, self.text)

    def test_others_do_not_read_it(self):
        other = self._create_association("Second")
        foreign = self._create_user("foreign", "relations_officer", company=other)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self.reference._name),
                    ("res_id", "=", self.reference.id),
                    ("res_field", "=", "file"),
                ]
            )
        )
        for user in (self.employee, foreign):
            with self.subTest(user=user.login):
                self.env.invalidate_all()
                with self.assertRaises(AccessError):
                    self.reference.with_user(user).read(["file"])
                with self.assertRaises(AccessError):
                    attachment.with_user(user).read(["raw"])

    def test_only_the_administrator_replaces_it(self):
        newer = base64.b64encode(b"Newer text")
        with self.assertRaises(AccessError):
            self.reference.with_user(self.officer).file = newer
        self.reference.with_user(self.administrator).file = newer
        self.assertEqual(self.reference.with_user(self.officer).file, newer)

    def test_the_list_has_the_documents_in_force_with_their_text(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "beneficiary_relations.beneficiary_policy_reference_action"
        )
        References = self.env[action["res_model"]].with_user(self.officer)
        domain = [("policy_id.state", "=", "in_force")]
        self.assertEqual(action["domain"], str(domain))
        self.assertIn(self.reference, References.search(domain))
        newer = self.policy.browse(self.policy.action_new_version()["res_id"])
        self.assertNotIn(newer.reference_ids, References.search(domain))
        self.assertEqual(newer.reference_ids.file, self.text, "The text goes along.")
        newer._put_in_force()
        self.assertEqual(
            References.search([*domain, ("has_file", "=", True)]), newer.reference_ids
        )
