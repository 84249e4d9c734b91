import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import CITIZENS, IBAN, PDF, BeneficiaryCommon


@tagged("post_install", "-at_install")
class TestMerge(BeneficiaryCommon):
    """Two files of one person become one, with a trail and a way back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.double = cls._create_beneficiary(
            name="محمد احمد العتيبى",
            identity_kind="passport",
            identity_number="A12345",
            state="verification",
        )
        cls.document = cls._create_document(cls.double)
        cls.document.with_user(cls.officer).action_verify()
        cls.assessment = cls.env["beneficiary.assessment"].create(
            {
                "beneficiary_id": cls.double.id,
                "mechanism_id": cls.mechanism.id,
                "policy_id": cls.policy.id,
            }
        )
        cls.merge = (
            cls.env["beneficiary.merge"]
            .with_user(cls.manager)
            .create(
                {
                    "survivor_id": cls.beneficiary.id,
                    "double_id": cls.double.id,
                    "note": "Same person",
                }
            )
        )

    def test_a_new_form_offers_files_before_it_has_a_company(self):
        files = self.env["beneficiary.beneficiary"].with_user(self.manager)
        for model, name in (
            ("beneficiary.merge", "survivor_id"),
            ("beneficiary.mandate", "beneficiary_id"),
            ("beneficiary.consent", "beneficiary_id"),
            ("beneficiary.correction", "beneficiary_id"),
            ("beneficiary.assessment", "beneficiary_id"),
        ):
            with self.subTest(model=model):
                text = self.env[model].fields_get([name])[name]["domain"]
                blank = {"survivor_id": False, "id": False}
                offered = safe_eval(text, {**blank, "company_id": False})
                self.assertIn(self.beneficiary, files.search(offered))
                company = self.env.ref("base.main_company")
                offered = safe_eval(text, {**blank, "company_id": company.id})
                self.assertNotIn(self.beneficiary, files.search(offered))

    def test_merging_moves_papers_and_closes_the_double(self):
        contacts = self.beneficiary.partner_id, self.double.partner_id
        self.merge.action_merge()
        self.assertEqual(self.document.beneficiary_id, self.beneficiary)
        self.assertEqual(self.document.state, "verified")
        self.assertEqual(self.assessment.beneficiary_id, self.beneficiary)
        self.assertEqual(self.double.state, "closed")
        self.assertEqual(self.double.state_reason_id.code, "duplicate")
        self.assertEqual(self.double.merged_into_id, self.beneficiary)
        self.assertEqual(len(self.merge.line_ids), 2)
        self.assertEqual(
            contacts, (self.beneficiary.partner_id, self.double.partner_id)
        )

    def test_undoing_puts_everything_back(self):
        own = self._create_document(self.beneficiary)
        self.merge.action_merge()
        self.merge.action_undo()
        self.assertEqual(self.document.beneficiary_id, self.double)
        self.assertEqual(self.assessment.beneficiary_id, self.double)
        self.assertEqual(own.beneficiary_id, self.beneficiary)
        self.assertEqual(self.double.state, "verification")
        self.assertFalse(self.double.merged_into_id)
        self.assertTrue(self.double.counts_in_household)
        self.assertEqual(self.merge.state, "undone")
        self.assertEqual(len(self.merge.line_ids), 2)

    def test_second_click_is_refused(self):
        self.merge.action_merge()
        with self.assertRaisesRegex(UserError, "answered already"):
            self.merge.action_merge()
        self.merge.action_undo()
        with self.assertRaisesRegex(UserError, "answered already"):
            self.merge.action_undo()

    def test_rows_are_written_so_that_parallel_merges_meet(self):
        before = self.beneficiary.merge_count
        self.merge.action_merge()
        self.assertEqual(self.beneficiary.merge_count, before + 1)
        self.assertEqual(self.double.merge_count, 1)

    def test_open_change_of_the_iban_is_refused(self):
        self.double.iban = IBAN
        self.env["beneficiary.iban.change"].create(
            {
                "beneficiary_id": self.double.id,
                "new_iban": "SA4420000001234567891234",
                "holder_name": "محمد العتيبي",
                "proof": base64.b64encode(PDF),
            }
        )
        with self.assertRaisesRegex(UserError, "IBAN"):
            self.merge.action_merge()

    def test_head_of_a_household_is_replaced_first(self):
        home = self.env["beneficiary.household"].create({"company_id": self.company.id})
        self.double.write({"household_id": home.id, "relationship": "head"})
        self._create_beneficiary(household_id=home.id, relationship="son")
        with self.assertRaisesRegex(UserError, "another head"):
            self.merge.action_merge()

    def test_merged_file_is_reopened_by_undoing_only(self):
        self.merge.action_merge()
        with self.assertRaisesRegex(UserError, "Undo the merge"):
            self.double.with_user(self.manager)._reopen("Wrong")

    def test_chain_is_undone_from_its_end(self):
        third = self._create_beneficiary(identity_number=CITIZENS[1])
        self.merge.action_merge()
        second = self.merge.create(
            {
                "survivor_id": third.id,
                "double_id": self.beneficiary.id,
                "note": "Again",
            }
        )
        self.household.member_ids.relationship = "other"
        second.action_merge()
        with self.assertRaisesRegex(UserError, "merged later"):
            self.merge.action_undo()

    def test_other_association_is_refused(self):
        other = self._create_association("Other")
        stranger = self.env["beneficiary.beneficiary"].create(
            {"name": "محمد", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.env["beneficiary.merge"].create(
                {
                    "survivor_id": self.beneficiary.id,
                    "double_id": stranger.id,
                    "note": "x",
                }
            )

    def test_only_managers_merge_and_readers_see_the_trail(self):
        for user in (self.officer, self.researcher, self.representative):
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    self.merge.with_user(user).action_merge()
        self.merge.action_merge()
        self.assertTrue(self.merge.with_user(self.auditor).line_ids)
        with self.assertRaises(AccessError):
            self.merge.with_user(self.employee).read(["note"])

    def test_what_was_merged_stays_on_record(self):
        with self.assertRaises(UserError):
            self.merge.write({"state": "done"})
        self.merge.action_merge()
        with self.assertRaises(UserError):
            self.merge.write({"note": "Other"})
        with self.assertRaises(UserError):
            self.merge.unlink()
