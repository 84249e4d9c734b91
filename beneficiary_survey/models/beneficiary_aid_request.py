from odoo import models


class BeneficiaryAidRequest(models.Model):
    """A told decision, also a refusal, and a delivery ask the person's opinion.

    Nothing comes back: no request shows or uses a survey.
    """

    _inherit = "beneficiary.aid.request"

    def _on_told(self):
        res = super()._on_told()
        self._ask_opinion(
            "decision_told",
            lambda request: (
                f"decision/{request.decision_id.id}"
                if request.decision_id
                else f"request/{request.id}"
            ),
        )
        return res

    def _on_delivered(self):
        res = super()._on_delivered()
        self._ask_opinion("aid_delivered", lambda request: f"request/{request.id}")
        return res

    def _ask_opinion(self, event, key):
        # The keys are read whoever acts; only a number goes into them.
        self.env["beneficiary.survey.rule"]._on_event(
            event,
            [
                (request.beneficiary_id, request.policy_id, key(request))
                for request in self.sudo()
            ],
        )
