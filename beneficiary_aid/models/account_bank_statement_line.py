from odoo import models
from odoo.exceptions import UserError


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def action_beneficiary_donation(self):
        """Ask whose donation a line of the bank is.

        :return: a window
        :raise UserError: for money that left, or that is matched
        """
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        self._check_beneficiary_donation()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Donation from Bank Line"),
            "res_model": "beneficiary.donation.from.bank",
            "view_mode": "form",
            "target": "new",
            "context": {"default_bank_line_id": self.id},
        }

    def _check_beneficiary_donation(self):
        """Refuse a line that cannot be a donation.

        :raise UserError: naming the line
        """
        self.ensure_one()
        if self.is_reconciled or self.amount <= 0:
            raise UserError(
                self.env._(
                    "%(line)s is matched already, or money that left.",
                    line=self.payment_ref or self.display_name,
                )
            )
        if self.foreign_currency_id:
            raise UserError(
                self.env._(
                    "%(line)s is in another currency. Donations are entered in the "
                    "currency of the association.",
                    line=self.payment_ref or self.display_name,
                )
            )

    def _match_beneficiary_item(self, item):
        """Reconcile the line with one open journal item of the same amount.

        :param item: ``account.move.line``
        """
        self.ensure_one()
        _liquidity, suspense, _others = self._seek_for_lines()
        suspense.account_id = item.account_id
        (suspense + item).reconcile()
