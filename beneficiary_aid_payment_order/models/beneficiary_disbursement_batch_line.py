from odoo import api, models

LIVE_PAYMENT_STATES = ("in_process", "paid")


class BeneficiaryDisbursementBatchLine(models.Model):
    _inherit = "beneficiary.disbursement.batch.line"

    @api.depends(
        "bank_answer",
        "disbursement_id.move_line_id.matched_debit_ids.debit_move_id.payment_id.state",
        "disbursement_id.move_line_id.matched_debit_ids.debit_move_id"
        ".payment_id.is_matched",
    )
    def _compute_outcome(self):
        result = super()._compute_outcome()
        # The ledger as it is, whoever looks.
        for line, line_sudo in zip(self, self.sudo(), strict=True):
            if line_sudo.batch_id.payment_order_id:
                line.outcome = line_sudo._get_order_outcome()
        return result

    def _get_order_outcome(self):
        """What became of a payee of a payment order, read from his payment."""
        self.ensure_one()
        if self.bank_answer == "rejected":
            return "rejected"
        payment = self._get_order_payment()
        if not payment:
            return "waiting"
        on_bank = self.env["beneficiary.disbursement"]._is_on_bank_statement(payment)
        return "paid" if on_bank else "sent"

    def _get_order_payment(self):
        """The live payment the order made for the payee."""
        items = self.disbursement_id.move_line_id.matched_debit_ids.debit_move_id
        order = self.batch_id.payment_order_id
        return items.payment_id.filtered(
            lambda payment: (
                payment.payment_order_id == order
                and payment.state in LIVE_PAYMENT_STATES
            )
        )[:1]
