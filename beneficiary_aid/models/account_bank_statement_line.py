from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    # People know a bank line by what the bank wrote, not by the number of its entry.
    _rec_names_search = ["name", "payment_ref"]

    # === Computes === #

    @api.depends("payment_ref", "amount", "date")
    @api.depends_context("beneficiary_bank_words", "lang")
    def _compute_display_name(self):
        if not self.env.context.get("beneficiary_bank_words"):
            return super()._compute_display_name()
        for line in self:
            amount = line.currency_id.format(line.amount)
            words = (format_date(self.env, line.date), amount, line.payment_ref)
            line.display_name = " · ".join(filter(None, words))
        return None

    # === Actions === #

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

    def action_beneficiary_settlement(self):
        """Open the settlement of a platform's bank line, or a new one for it.

        :return: a window
        :raise UserError: for money that left, or that is matched
        """
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        self._check_beneficiary_donation()
        settlement = self.env["beneficiary.settlement"].search(
            [("bank_line_id", "=", self.id)]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Platform Settlement"),
            "res_model": "beneficiary.settlement",
            "res_id": settlement.id,
            "view_mode": "form",
            "context": {"default_bank_line_id": self.id},
        }

    # === Helpers === #

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
