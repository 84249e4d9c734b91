from odoo import api, models


class AccountPartialReconcile(models.Model):
    """The one place through which a payment reaches a disbursement."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._note_release()
        return partials

    def _note_release(self):
        """Check who pays a disbursement, whatever screen he pays it from."""
        payments = {
            partial.credit_move_id.id: partial.debit_move_id.payment_id
            for partial in self.sudo()
            if partial.debit_move_id.payment_id
        }
        if not payments:
            return
        # The guard meets every accountant, also one who may not read disbursements.
        disbursements_sudo = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search([("move_line_id", "in", list(payments))])
        )
        if disbursements_sudo:
            disbursements_sudo._note_release(self.env.user)
