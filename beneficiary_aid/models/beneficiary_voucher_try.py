from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.period import period_label

WINDOW = timedelta(minutes=15)
MAX_TRIES = 5


class BeneficiaryVoucherTry(models.Model):
    """That somebody typed a code no voucher has: a few times, then he waits.

    Kept apart from the window in which codes are typed: a new window is no new chance.
    """

    _name = "beneficiary.voucher.try"
    _description = "Wrong Code of a Voucher"
    _order = "id desc"

    user_id = fields.Many2one(
        comodel_name="res.users", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, index=True, ondelete="cascade"
    )

    @api.model
    def _record(self):
        """Count a wrong code of the current user."""
        # Nobody writes about himself that he was wrong.
        self.sudo().create({"user_id": self.env.uid, "company_id": self.env.company.id})

    @api.model
    def _check_allowed(self):
        """Let whoever was wrong too often wait.

        :raise UserError: when he has to
        """
        tries = self.sudo().search_count(
            [
                ("user_id", "=", self.env.uid),
                ("create_date", ">", fields.Datetime.now() - WINDOW),
            ]
        )
        if tries >= MAX_TRIES:
            raise UserError(
                self.env._(
                    "Too many wrong codes. Wait %(period)s, and compare the "
                    "code with the paper meanwhile.",
                    period=period_label(WINDOW.seconds // 60, "minute", self.env.lang),
                )
            )

    @api.autovacuum
    def _gc_tries(self):
        old = fields.Datetime.now() - timedelta(days=30)
        self.search([("create_date", "<", old)], limit=10000).unlink()
