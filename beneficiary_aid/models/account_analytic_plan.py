from odoo import models
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class AccountAnalyticPlan(models.Model):
    """The Funds plan stays where it is: its column holds the balances."""

    _inherit = "account.analytic.plan"

    def write(self, vals):
        if "parent_id" in vals and vals["parent_id"]:
            self._check_not_funds()
        return super().write(vals)

    def unlink(self):
        if self.env.context.get(MODULE_UNINSTALL_FLAG):
            # The association keeps its ledger when it drops the addon.
            used = self.filtered("all_account_count")
            return super(AccountAnalyticPlan, self - used).unlink()
        # Before super: it drops the column of the plan first of all.
        self._check_not_funds()
        return super().unlink()

    def _check_not_funds(self):
        plan = self.env["beneficiary.fund"]._plan()
        if plan and plan in self.sudo():
            raise UserError(
                self.env._(
                    "The plan %(plan)s keeps the balances of the funds: it can be "
                    "neither deleted nor put below another plan.",
                    plan=plan.display_name,
                )
            )
