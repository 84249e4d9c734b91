from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """The entry of a delivery: what the ledger takes back is in stock again.

    An accountant may reverse it like any other entry, and the goods follow. It is not
    reset, and neither is its reversal: the goods may be somewhere else by then.
    """

    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        if reversed_moves := posted.reversed_entry_id:
            # As in the guard below, whoever reverses.
            self.env["beneficiary.delivery"].sudo().search(
                [("move_id", "in", reversed_moves.ids)]
            )._put_back()
        return posted

    def _check_no_beneficiary_record(self):
        result = super()._check_no_beneficiary_record()
        posted = self.filtered(lambda move: move.state == "posted")
        moves = self | posted.reversed_entry_id
        # Every accountant meets the guard, also one who may not read deliveries.
        delivery = (
            self.env["beneficiary.delivery"]
            .sudo()
            .search([("move_id", "in", moves.ids)], limit=1)
        )
        if delivery:
            raise UserError(
                self.env._(
                    "The delivery %(number)s stands on this entry. Reverse the "
                    "delivery, or deliver anew, instead.",
                    number=delivery.name,
                )
            )
        return result
