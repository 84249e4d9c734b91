from odoo.tests import tagged

from .common import SurveyCommon


@tagged("-at_install", "post_install")
class TestSurveyRequest(SurveyCommon):
    """What happens to a request asks the person; nothing of it comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delivered_rule = cls._create_rule(event="aid_delivered")
        cls.env["beneficiary.aid.stage"].create(
            {"name": "New", "status": "received", "company_id": cls.company.id}
        )
        aid_type = cls.env["beneficiary.aid.type"].create(
            {"name": "Treatment", "company_id": cls.company.id, "nature": "cash"}
        )
        cls.request = cls.env["beneficiary.aid.request"].create(
            {
                "beneficiary_id": cls.beneficiary.id,
                "company_id": cls.company.id,
                "aid_type_id": aid_type.id,
                "policy_id": cls.policy.id,
                "reason": "Some words",
                "amount_requested": 1500.0,
            }
        )

    def test_told_decision_asks_once(self):
        officer_request = self.request.with_user(self.officer)
        officer_request._on_told()
        officer_request._on_told()
        self.assertEqual(self._asked(), self.rule)

    def test_delivery_asks_once(self):
        self.request._on_delivered()
        self.request._on_delivered()
        self.assertEqual(self._asked(), self.delivered_rule)

    def test_told_and_delivered_ask_each_for_itself(self):
        self.request._on_told()
        self.request._on_delivered()
        self.assertEqual(self._asked(), self.rule | self.delivered_rule)

    def test_old_request_follows_its_own_policy(self):
        """A new version without rules asks nothing; the request keeps its version."""
        later = self.policy.copy({"survey_rule_ids": []})
        later._put_in_force()
        self.request._on_told()
        self.assertEqual(self._asked(), self.rule)

    def test_without_rules_nothing_happens(self):
        (self.rule | self.delivered_rule).active = False
        self.request._on_told()
        self.request._on_delivered()
        self.assertFalse(self._asked())

    def test_answering_leaves_the_request_as_it_was(self):
        self.request._on_told()
        self.env.flush_all()
        before = self._row()
        invitation = self.Invitation.search(
            [("beneficiary_id", "=", self.beneficiary.id)]
        )
        self._cast(invitation, 1, words="Never again")
        self._answer_many([1, 1, 1, 1])
        self.assertTrue(self.Ballot._mix(self.rule))
        self.env.flush_all()
        self.assertEqual(self._row(), before)

    def test_no_field_of_a_request_or_file_leads_to_a_survey(self):
        for model in (
            "beneficiary.aid.request",
            "beneficiary.beneficiary",
            "beneficiary.assessment",
            "beneficiary.decision",
        ):
            for name, field in self.env[model]._fields.items():
                self.assertNotIn("survey", field.comodel_name or "", f"{model}.{name}")

    def _asked(self):
        invitations = self.Invitation.search(
            [("beneficiary_id", "=", self.beneficiary.id)]
        )
        self.assertEqual(len(invitations), len(invitations.rule_id))
        return invitations.rule_id

    def _row(self):
        self.env.cr.execute(
            "SELECT to_jsonb(request) FROM beneficiary_aid_request request"
            " WHERE id = %s",
            [self.request.id],
        )
        return self.env.cr.fetchone()[0]
