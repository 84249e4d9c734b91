from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, float_compare

from .beneficiary_fund import FUND_ENTRY

# What a payment and a disbursement rely on: not to be edited under their feet.
DISBURSED_FIELDS = {
    "account_id",
    "amount_currency",
    "balance",
    "credit",
    "currency_id",
    "debit",
    "move_id",
    "partner_id",
}


class AccountMoveLine(models.Model):
    """A line belongs to one fund as a whole, and stays with it once posted."""

    _inherit = "account.move.line"

    # === Compute and inverse === #

    @api.depends("account_id", "partner_id", "product_id")
    def _compute_analytic_distribution(self):
        # A distribution model must not move a posted line to another fund.
        posted = self.filtered(lambda line: line.parent_state == "posted")
        funded = posted.filtered(
            lambda line: line._get_fund_shares(line.analytic_distribution)
        )
        return super(AccountMoveLine, self - funded)._compute_analytic_distribution()

    def _inverse_analytic_distribution(self):
        posted = self.filtered(lambda line: line.parent_state == "posted")
        if posted and not self.env.context.get("skip_analytic_sync"):
            for line, distribution in posted._get_stored_distributions().items():
                line._check_fund_kept(distribution, line.analytic_distribution)
        return super(
            AccountMoveLine, self.with_context(**FUND_ENTRY)
        )._inverse_analytic_distribution()

    # === CRUD === #

    def write(self, vals):
        if "analytic_distribution" in vals:
            posted = self.filtered(lambda line: line.parent_state == "posted")
            for line in posted:
                line._check_fund_kept(
                    line.analytic_distribution, vals["analytic_distribution"]
                )
        if vals.keys() & DISBURSED_FIELDS:
            self._check_not_disbursed(vals)
        return super().write(vals)

    def unlink(self):
        column = self.env["beneficiary.fund"]._plan_column()
        if column and self:
            # A forced deletion would drop these lines by SQL, past the counters.
            self.sudo().analytic_line_ids.filtered(column).with_context(
                skip_analytic_sync=True, **FUND_ENTRY
            ).unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_beneficiary(self):
        # An entry drops its items before itself.
        self.move_id._check_no_beneficiary_record()

    # === Funds === #

    def _create_analytic_lines(self):
        self._check_fund_distribution()
        return super(
            AccountMoveLine, self.with_context(**FUND_ENTRY)
        )._create_analytic_lines()

    def _check_fund_distribution(self):
        """Refuse to post a line that is split between funds, only partly on one, or in
        another currency than the funds.

        :raise UserError: names the entry and the remedy
        """
        shares = self._get_fund_shares_by_line()
        if not shares:
            return
        funds = self.env["beneficiary.fund"]._get_by_account(
            self.env["account.analytic.account"].browse(
                {account for line_shares in shares.values() for account in line_shares}
            )
        )
        for line, line_shares in shares.items():
            values = {
                "entry": line.move_id.display_name,
                "label": line.name or line.account_id.display_name,
            }
            [(account, percent)] = (
                line_shares.items() if len(line_shares) == 1 else [(None, 0)]
            )
            fund = funds.get(account)
            if not fund or float_compare(percent, 100, precision_digits=2):
                raise UserError(
                    self.env._(
                        "%(entry)s, %(label)s: a journal item stands on one fund with "
                        "100%%. Split the item, one line for each fund.",
                        **values,
                    )
                )
            if fund.company_id != line.company_id:
                raise UserError(
                    self.env._(
                        "%(entry)s, %(label)s: the fund belongs to another company. "
                        "Choose a fund of %(company)s.",
                        company=line.company_id.display_name,
                        **values,
                    )
                )
            own = line.company_currency_id
            if line.currency_id and line.currency_id != own:
                raise UserError(
                    self.env._(
                        "%(entry)s, %(label)s: the item is in %(foreign)s, and funds "
                        "are kept in %(own)s. Enter its worth in %(own)s.",
                        foreign=line.currency_id.name,
                        own=own.name,
                        **values,
                    )
                )

    def _check_fund_kept(self, old, new):
        """Refuse another fund on a posted line."""
        self.ensure_one()
        new = self._merge_distribution(dict(old or {}), dict(new or {}))
        if self._get_fund_shares(old) != self._get_fund_shares(new):
            raise UserError(
                self.env._(
                    "%(entry)s is posted: its items stay with their fund. Post a "
                    "transfer entry between the funds instead.",
                    entry=self.move_id.display_name,
                )
            )

    def _get_stored_distributions(self):
        """Distributions in the database, before what is being written.

        :return: ``{line: distribution}``
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT id, analytic_distribution FROM account_move_line"
                " WHERE id = ANY(%s)",
                self.ids,
            )
        )
        return {self.browse(line_id): distribution for line_id, distribution in rows}

    @api.model
    def _get_fund_shares(self, distribution):
        """Share of each account of the Funds plan in a distribution.

        :return: ``{analytic account id: percent}``
        """
        plan = self.env["beneficiary.fund"]._plan()
        shares = defaultdict(float)
        if not plan or not distribution:
            return shares
        for key, percent in distribution.items():
            if key == "__update__":
                continue
            ids = [int(part) for part in key.split(",") if part.isdigit()]
            # Whether an account is of the plan is no secret of the account.
            accounts = self.env["account.analytic.account"].sudo().browse(ids).exists()
            for account in accounts:
                if account.root_plan_id == plan:
                    shares[account.id] += percent
        return shares

    def _get_fund_shares_by_line(self):
        """Shares of the funds for the lines that have any, accounts read at once."""
        plan = self.env["beneficiary.fund"]._plan()
        distributed = self.filtered("analytic_distribution") if plan else self.browse()
        ids = {
            int(part)
            for line in distributed
            for key in line.analytic_distribution
            for part in key.split(",")
            if part.isdigit()
        }
        if not ids:
            return {}
        accounts = self.env["account.analytic.account"].sudo().browse(ids).exists()
        of_plan = set(accounts.filtered(lambda acc: acc.root_plan_id == plan).ids)
        result = {}
        for line in distributed:
            shares = defaultdict(float)
            for key, percent in line.analytic_distribution.items():
                for part in key.split(","):
                    if part.isdigit() and int(part) in of_plan:
                        shares[int(part)] += percent
            if shares:
                result[line] = shares
        return result

    # === Disbursements === #

    def _check_not_disbursed(self, vals):
        """Refuse to edit a posted line on which a disbursement stands."""
        posted = self.filtered(lambda line: line.parent_state == "posted")
        if not posted:
            return
        # Every accountant meets the guard, also one who may not read disbursements.
        disbursed = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search([("move_line_id", "in", posted.ids)])
        )
        for disbursement in disbursed:
            line = disbursement.move_line_id
            move = self.env["account.move"]
            if any(
                move._field_will_change(line, vals, name)
                for name in vals.keys() & DISBURSED_FIELDS
            ):
                raise UserError(
                    self.env._(
                        "The disbursement %(number)s stands on this journal item. "
                        "Reverse the entry %(entry)s instead of editing it.",
                        number=disbursement.name,
                        entry=line.move_id.display_name,
                    )
                )
