from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_fund import FUND_ENTRY


class AccountMove(models.Model):
    """An entry under a live disbursement or donation is reversed, not reset."""

    _inherit = "account.move"

    beneficiary_disbursement_ids = fields.One2many(
        comodel_name="beneficiary.disbursement",
        inverse_name="move_id",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    beneficiary_disbursement_count = fields.Integer(
        compute="_compute_beneficiary_counts",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    beneficiary_donation_ids = fields.One2many(
        comodel_name="beneficiary.donation",
        inverse_name="move_id",
        groups="account.group_account_readonly,account.group_account_invoice",
    )
    beneficiary_donation_count = fields.Integer(
        compute="_compute_beneficiary_counts",
        groups="account.group_account_readonly,account.group_account_invoice",
    )

    def _compute_beneficiary_counts(self):
        for name in ("disbursement", "donation"):
            model = self.env[f"beneficiary.{name}"]
            counts = (
                dict(
                    model._read_group(
                        [("move_id", "in", self.ids)], ["move_id"], ["__count"]
                    )
                )
                if model.has_access("read")
                else {}
            )
            for move in self:
                move[f"beneficiary_{name}_count"] = counts.get(move, 0)

    # === CRUD === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_beneficiary(self):
        self._check_no_beneficiary_record()

    # === Actions === #

    def button_draft(self):
        self._check_no_beneficiary_record()
        self._check_reversal_not_replaced()
        return super(AccountMove, self.with_context(**FUND_ENTRY)).button_draft()

    def action_open_beneficiary_disbursements(self):
        """Open the disbursements that stand on the entry."""
        return self._open_beneficiary("disbursement")

    def action_open_beneficiary_donations(self):
        """Open the donations posted by the entry."""
        return self._open_beneficiary("donation")

    def _open_beneficiary(self, name):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            f"beneficiary_aid.beneficiary_{name}_action"
        )
        action["domain"] = [("move_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    # === Guards === #

    def _check_no_beneficiary_record(self):
        """Refuse to reset or delete an entry that a disbursement or donation needs."""
        # Every accountant meets the guard, also one who may not read these records.
        disbursement = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search([("move_id", "in", self.ids)], limit=1)
        )
        if disbursement:
            raise UserError(
                self.env._(
                    "The disbursement %(number)s stands on the entry %(entry)s. "
                    "Reverse the entry instead: the ledger keeps both, and the "
                    "instalment can be paid again.",
                    number=disbursement.name,
                    entry=disbursement.move_id.display_name,
                )
            )
        transfer = (
            self.env["beneficiary.fund.transfer"]
            .sudo()
            .search([("move_id", "in", self.ids)], limit=1)
        )
        if transfer:
            raise UserError(
                self.env._(
                    "The transfer %(number)s between funds stands on the entry "
                    "%(entry)s. Reverse the transfer instead.",
                    number=transfer.name,
                    entry=transfer.move_id.display_name,
                )
            )
        donation = (
            self.env["beneficiary.donation"]
            .sudo()
            .search([("move_id", "in", self.ids)], limit=1)
        )
        if donation:
            raise UserError(
                self.env._(
                    "The receipt %(number)s stands on the entry %(entry)s. Cancel the "
                    "donation instead: its entry is reversed and the receipt keeps its "
                    "number.",
                    number=donation.display_name,
                    entry=donation.move_id.display_name,
                )
            )

    def _check_reversal_not_replaced(self):
        """Refuse to undo a reversal whose instalment was paid again meanwhile."""
        reversed_moves = self.reversed_entry_id
        if not reversed_moves:
            return
        # As above: a guard, whoever asks.
        for disbursement in (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search([("move_id", "in", reversed_moves.ids), ("state", "=", "reversed")])
        ):
            request = disbursement.request_id
            total = request._get_given_amount() + disbursement.amount
            if (
                disbursement.currency_id.compare_amounts(total, request.amount_approved)
                > 0
            ):
                raise UserError(
                    self.env._(
                        "The reversal of the disbursement %(number)s cannot be undone: "
                        "the aid was paid again by another disbursement.",
                        number=disbursement.name,
                    )
                )
