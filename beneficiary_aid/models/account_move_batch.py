from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """The entries of a batch stay as two people released them."""

    _inherit = "account.move"

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_no_batch()
        # The guard meets every accountant, also one who may not read disbursements.
        self.env["beneficiary.disbursement"].sudo().search(
            [("move_id", "in", self.ids), ("is_in_batch", "=", True)], limit=1
        )._check_not_in_batch()
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def _check_no_beneficiary_record(self):
        self._check_no_batch()
        return super()._check_no_beneficiary_record()

    def _check_no_batch(self):
        """Refuse to take payments back behind the back of their batch.

        :raise UserError: names the batch and the way
        """
        # As above: a guard, whoever asks.
        batch_sudo = (
            self.env["beneficiary.disbursement.batch"]
            .sudo()
            .search([("move_id", "in", self.ids)], limit=1)
        )
        if not batch_sudo:
            batch_sudo = (
                self.env["beneficiary.disbursement.batch.line"]
                .sudo()
                .search([("rejection_line_id.move_id", "in", self.ids)], limit=1)
                .batch_id
            )
        if batch_sudo:
            raise UserError(
                self.env._(
                    "The payments of the batch %(batch)s stand on this entry. What "
                    "the bank did not pay is taken back with its result file.",
                    batch=batch_sudo.name,
                )
            )
