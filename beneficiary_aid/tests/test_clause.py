from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common_clause import ClauseCommon

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestAidClauses(ClauseCommon, AidCommon):
    """What this addon says of the clauses, and what it counts for them."""

    def test_references_of_this_addon_hold(self):
        self.assertPartsHold("beneficiary_aid")

    def test_acknowledgements_are_counted(self):
        xmlid = "beneficiary_aid.clause_evidence_acknowledged"
        requests = self._create_request() | self._create_request(
            self._create_other_beneficiary()
        )
        requests[0].action_acknowledge()
        self.env.invalidate_all()
        self.assertEqual(self._count_of(xmlid), (1, 2))

    def test_answers_within_the_window_are_counted(self):
        self.policy.study_min = 0
        request = self._refer()
        self._decide(request)
        xmlid = "beneficiary_aid.clause_evidence_in_window"
        self.assertEqual(self._count_of(xmlid), (0, 0))
        request.with_user(self.officer).action_tell_applicant()
        self.env.invalidate_all()
        self.assertEqual(self._count_of(xmlid), (1, 1))
