from .common import BeneficiaryCommon


class ClauseCommon(BeneficiaryCommon):
    """What each addon proves of its own part of the clause matrix."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Clause = cls.env["beneficiary.clause"]
        cls.Part = cls.env["beneficiary.clause.part"]
        cls.Evidence = cls.env["beneficiary.clause.evidence"]

    def assertPartsHold(self, addon):
        """Each feature and test that an addon names is there, and each count counts."""
        parts = self.Part.search([("addon", "=", addon)])
        self.assertTrue(parts)
        for xmlid in parts.get_external_id().values():
            self.assertTrue(xmlid.startswith(f"{addon}."), xmlid)
        self.env.add_to_compute(parts._fields["broken"], parts)
        broken = {part.reference: part.broken for part in parts if part.broken}
        self.assertEqual(broken, {})
        for part in parts:
            with self.subTest(clauses=part.reference):
                self.assertTrue(part.clause_ids)
                # Without a feature and a test of its own it says what is missing.
                self.assertTrue(part.is_complete or part.gap)
                self.assertEqual(bool(part.features), bool(part.tests))
        owned = self.env["ir.model.data"].search(
            [("model", "=", self.Evidence._name), ("module", "=", addon)]
        )
        for evidence in self.Evidence.browse(owned.mapped("res_id")):
            with self.subTest(evidence=evidence.name):
                self.assertTrue(evidence.clause_ids)
                self.assertIn(evidence.res_model, self.env)
                self.assertGreaterEqual(evidence.count, 0)
                self.assertTrue(evidence.with_user(self.administrator).text)
                self.assertTrue(evidence.action_open()["domain"])

    def _count_of(self, xmlid, user=None):
        evidence = self.env.ref(xmlid).with_user(user or self.auditor)
        return evidence.count, evidence.base_count
