from odoo import models


class BeneficiaryDisbursement(models.Model):
    _inherit = "beneficiary.disbursement"

    def _is_paid_by_batch(self):
        # The order pays when its file was made and goes to the bank, not before.
        orders = self.batch_id.sudo().payment_order_id
        return super()._is_paid_by_batch() or orders.state == "generated"
