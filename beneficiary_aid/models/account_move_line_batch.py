from odoo import api, models


class AccountMoveLine(models.Model):
    """Items of large entries, added and matched slice by slice."""

    _inherit = "account.move.line"

    @api.constrains("account_id", "tax_ids", "tax_line_id", "reconciled")
    def _check_off_balance(self):
        # Odoo walks all items of the entry, for each slice: the square of the time. The
        # same is asked of the database here, so it does not matter who sets the key.
        if self.env.context.get("beneficiary_slice") and not self.search_count(
            [
                ("move_id", "in", self.move_id.ids),
                ("account_id.account_type", "=", "off_balance"),
            ],
            limit=1,
        ):
            return None
        return super()._check_off_balance()
