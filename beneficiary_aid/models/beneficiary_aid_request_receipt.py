from odoo import api, models


class BeneficiaryAidRequest(models.Model):
    """A request closes on evidence: what the person showed or said of the receipt.

    A proof of receipt of a payment or delivery counts like a follow-up that found the
    help was received. While a complaint says that something did not arrive, the
    request does not close as served.
    """

    _inherit = "beneficiary.aid.request"

    def _was_received(self):
        return super()._was_received() or self._was_confirmed()

    def _was_confirmed(self):
        """Tell whether a receipt was shown, and nothing given is said to be missing."""
        self.ensure_one()
        # What proves it is no secret to whoever closes the request.
        request = self.sudo()
        states = set(request._get_given("disbursement_ids").mapped("receipt_state"))
        states |= set(request._get_given("delivery_ids").mapped("receipt_state"))
        return "received" in states and "not_received" not in states

    def _get_given(self, field_name):
        """Return the payments or deliveries that were made, and not taken back."""
        return self[field_name].filtered(lambda one: one._can_be_received())

    def _gate_closed(self, request, vals):
        reason = super()._gate_closed(request, vals)
        outcome = vals.get("outcome") or request.outcome
        if reason or outcome != "served":
            return reason
        missing = self.env["beneficiary.receipt"]._unsettled(
            [("request_id", "=", request.id)]
        )
        if missing:
            return self.env._(
                "Request %(name)s: the person says that %(number)s was not received. "
                "Close the complaint about it first, or choose another outcome.",
                name=request.display_name,
                number=missing[0]._paper_number(),
            )
        return None

    @api.depends("disbursement_ids.receipt_state", "delivery_ids.receipt_state")
    def _compute_missing_note(self):
        return super()._compute_missing_note()
