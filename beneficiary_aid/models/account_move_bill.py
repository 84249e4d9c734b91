from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """A bill of aid is taken back as a whole: its lines share one payable item."""

    _inherit = "account.move"

    def _post(self, soft=True):
        self._check_aid_credit_notes()
        return super()._post(soft)

    def _check_aid_credit_notes(self):
        """Refuse a credit note for a part of a bill of aid, or for a paid one.

        :raise UserError: naming the bill and the way
        """
        notes = self.filtered(
            lambda move: move.move_type == "in_refund" and move.reversed_entry_id
        )
        if not notes:
            return
        # The guard meets every accountant, also one who may not read disbursements.
        billed_sudo = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search(
                [
                    ("move_id", "in", notes.reversed_entry_id.ids),
                    ("bill_line_id", "!=", False),
                ]
            )
        )
        billed_sudo._touch()
        payables = billed_sudo.grouped("move_id")
        for note in notes:
            bill = note.reversed_entry_id
            disbursements = payables.get(bill)
            if not disbursements:
                continue
            payable = disbursements.move_line_id
            if any(disbursements[0]._get_settlement().values()):
                raise UserError(
                    self.env._(
                        "The bill %(bill)s is paid, at least in part. Cancel its "
                        "payments before the credit note.",
                        bill=bill.display_name,
                    )
                )
            if note.currency_id.compare_amounts(note.amount_total, payable.credit):
                raise UserError(
                    self.env._(
                        "The bill %(bill)s is taken back as a whole, %(total)s. Enter "
                        "it again without the line that is wrong.",
                        bill=bill.display_name,
                        total=note.currency_id.format(payable.credit),
                    )
                )
