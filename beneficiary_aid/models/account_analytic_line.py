from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from .beneficiary_fund import is_fund_entry


class AccountAnalyticLine(models.Model):
    """The lines of the Funds plan exist only through posted journal items, and the
    counters of the funds follow them."""

    _inherit = "account.analytic.line"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        column = self.env["beneficiary.fund"]._plan_column()
        if (
            column
            and not is_fund_entry(self.env)
            and any(vals.get(column) for vals in vals_list)
        ):
            self._raise_only_through_journal_items()
        lines = super().create(vals_list)
        lines._follow_funds()
        return lines

    def write(self, vals):
        column = self.env["beneficiary.fund"]._plan_column()
        moved = column and vals.keys() & self._get_fund_fields(column)
        if not moved:
            return super().write(vals)
        if not is_fund_entry(self.env) and (
            vals.get(column) or any(self.mapped(column))
        ):
            self._raise_only_through_journal_items()
        before = self._get_fund_amounts()
        res = super().write(vals)
        deltas = self._get_fund_amounts()
        for account, amount in before.items():
            deltas[account] -= amount
        self.env["beneficiary.fund"]._follow_ledger(deltas)
        return res

    def unlink(self):
        amounts = self._get_fund_amounts()
        res = super().unlink()
        if amounts:
            self.env["beneficiary.fund"]._follow_ledger(
                {account: -amount for account, amount in amounts.items()}
            )
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fund(self):
        column = self.env["beneficiary.fund"]._plan_column()
        if column and not is_fund_entry(self.env) and any(self.mapped(column)):
            self._raise_only_through_journal_items()

    # === Helpers === #

    @api.model
    def _get_fund_fields(self, column):
        """What of a line makes the balance of a fund."""
        return {
            column,
            "amount",
            "auto_account_id",
            "company_id",
            "currency_id",
            "date",
            "move_line_id",
        }

    def _get_fund_amounts(self):
        """Amounts of the lines by account of the Funds plan.

        :rtype: defaultdict
        """
        amounts = defaultdict(float)
        column = self.env["beneficiary.fund"]._plan_column()
        if column:
            # The totals of all lines count, whoever may read them.
            for line in self.sudo():
                if line[column]:
                    amounts[line[column]] += line.amount
        return amounts

    def _follow_funds(self):
        amounts = self._get_fund_amounts()
        if amounts:
            self.env["beneficiary.fund"]._follow_ledger(amounts)

    def _raise_only_through_journal_items(self):
        raise UserError(
            self.env._(
                "The money of a fund moves only through journal entries. Post an entry "
                "with the fund as its analytic distribution, or correct one by a "
                "transfer entry."
            )
        )
