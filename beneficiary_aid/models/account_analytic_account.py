from odoo import api, models
from odoo.exceptions import UserError

from .beneficiary_fund import is_fund_entry


class AccountAnalyticAccount(models.Model):
    """An account of the Funds plan is part of a fund and changes only with it."""

    _inherit = "account.analytic.account"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._check_fund_account()
        return accounts

    def write(self, vals):
        guarded = vals.keys() & {"plan_id", "company_id", "active"}
        if guarded:
            self._check_fund_account()
        res = super().write(vals)
        if guarded:
            self._check_fund_account()
        return res

    def _check_fund_account(self):
        plan = self.env["beneficiary.fund"]._plan()
        if not plan or is_fund_entry(self.env):
            return
        if any(account.root_plan_id == plan for account in self.sudo()):
            raise UserError(
                self.env._(
                    "The analytic accounts of the plan %(plan)s belong to funds. "
                    "Create or change the fund instead.",
                    plan=plan.display_name,
                )
            )
