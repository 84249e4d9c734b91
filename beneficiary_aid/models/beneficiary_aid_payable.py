from odoo import fields, models
from odoo.tools import SQL


class BeneficiaryAidPayable(models.Model):
    """What is owed for aid and not paid yet, by how long it has waited.

    A line an open payable item of a disbursement; the open amount is that of the
    ledger. What was sent to the bank is no debt any more.
    """

    _name = "beneficiary.aid.payable"
    _description = "Aged Payable of Aid"
    _auto = False
    _order = "days desc, id desc"
    _rec_name = "disbursement_id"
    _depends = {
        "beneficiary.disbursement": [
            "company_id",
            "fund_id",
            "move_line_id",
            "payee_id",
            "state",
        ],
        "account.move.line": ["amount_residual", "date", "date_maturity"],
    }

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement", readonly=True
    )
    payee_id = fields.Many2one(comodel_name="res.partner", readonly=True)
    fund_id = fields.Many2one(comodel_name="beneficiary.fund", readonly=True)
    aid_type_id = fields.Many2one(comodel_name="beneficiary.aid.type", readonly=True)
    account_id = fields.Many2one(comodel_name="account.account", readonly=True)
    date = fields.Date(string="Due on", readonly=True)
    days = fields.Integer(string="Days Open", readonly=True, aggregator="max")
    band = fields.Selection(
        selection=[
            ("0", "Not Due Yet"),
            ("1", "Up to 30 Days"),
            ("2", "31 to 60 Days"),
            ("3", "61 to 90 Days"),
            ("4", "More than 90 Days"),
        ],
        string="Open for",
        readonly=True,
    )
    amount = fields.Monetary(string="Open Amount", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT open.*,
                   CASE WHEN days < 0 THEN '0'
                        WHEN days <= 30 THEN '1'
                        WHEN days <= 60 THEN '2'
                        WHEN days <= 90 THEN '3'
                        ELSE '4'
                   END AS band
              FROM (SELECT due.id,
                           due.id AS disbursement_id,
                           due.company_id,
                           due.payee_id,
                           due.fund_id,
                           due.aid_type_id,
                           item.account_id,
                           COALESCE(item.date_maturity, item.date) AS date,
                           %(today)s::date - COALESCE(item.date_maturity, item.date)
                               AS days,
                           -item.amount_residual AS amount
                      FROM beneficiary_disbursement due
                      JOIN account_move_line item ON item.id = due.move_line_id
                     WHERE due.state = 'due' AND item.amount_residual <> 0) AS open
            """,
            today=fields.Date.context_today(self),
        )

    def action_open_disbursement(self):
        """Open the disbursement of the line."""
        self.ensure_one()
        self.check_access("read")
        return self.disbursement_id._get_records_action(name=self.env._("Disbursement"))
