from odoo.tests import tagged

from odoo.addons.beneficiary_relations.tests.common import CITIZENS

from .finance_common import FinanceCommon
from .test_mandate_scope import create_mandate


@tagged("post_install", "-at_install")
class TestLifeEvent(FinanceCommon):
    """When a person dies, somebody looks at what was asked and what is owed."""

    def _record_death(self, person):
        self.env["beneficiary.life.event"].with_user(self.officer).create(
            {
                "kind": "death",
                "household_id": person.household_id.id,
                "beneficiary_id": person.id,
            }
        ).action_record()

    def test_open_request_asks_its_responsible(self):
        request = self._create_request(user_id=self.officer.id)
        self._record_death(self.beneficiary)
        self.assertEqual(request.activity_ids.user_id, self.officer)
        self.assertNotIn("eath", request.activity_ids.summary)

    def test_money_owed_to_whoever_received_for_another(self):
        self._donate(1000)
        request = self._approve(300)
        guardian = self._create_beneficiary(
            state="verification", identity_number=CITIZENS[3]
        )
        mandate = create_mandate(
            self, self.beneficiary, guardian.partner_id, can_receive=True
        )
        disbursement = self._disburse(request, 100, payee_id=guardian.partner_id.id)
        mandate.with_user(self.officer).action_end()
        self.assertEqual(disbursement.payee_id, guardian.partner_id)
        self._record_death(guardian)
        self.assertTrue(request.activity_ids)
        self.assertEqual(disbursement.state, "due")
