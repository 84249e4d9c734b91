from odoo import fields, models
from odoo.tools import SQL


class BeneficiaryFundMovement(models.Model):
    """Money in and out of the funds, line by line, as the ledger has it.

    A view on the analytic lines of the Funds plan: what it adds up is what the ledger
    adds up. Goods in stock are booked in and out of their fund in one entry and are
    left out with it.
    """

    _name = "beneficiary.fund.movement"
    _description = "Fund Movement"
    _auto = False
    _order = "date desc, id desc"

    fund_id = fields.Many2one(comodel_name="beneficiary.fund", readonly=True)
    kind = fields.Selection(related="fund_id.kind")
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(readonly=True)
    move_id = fields.Many2one(
        comodel_name="account.move", string="Journal Entry", readonly=True
    )
    account_id = fields.Many2one(comodel_name="account.account", readonly=True)
    origin = fields.Selection(
        selection=[
            ("donation", "Donations"),
            ("goods", "Goods"),
            ("aid", "Aid"),
            ("transfer", "Transfers"),
            ("reversal", "Reversals"),
            ("other", "Other Entries"),
        ],
        readonly=True,
    )
    amount_in = fields.Monetary(string="In", readonly=True)
    amount_out = fields.Monetary(string="Out", readonly=True)
    amount = fields.Monetary(string="Net", readonly=True)

    @property
    def _table_query(self):
        column = self.env["beneficiary.fund"]._plan_column()
        # Before the plan is there nothing moves.
        plan = SQL.identifier("line", column) if column else SQL("NULL::integer")
        return SQL(
            """
            SELECT line.id,
                   fund.id AS fund_id,
                   fund.company_id,
                   line.date,
                   item.move_id,
                   item.account_id,
                   CASE WHEN move.reversed_entry_id IS NOT NULL THEN 'reversal'
                        WHEN donation.kind = 'in_kind' THEN 'goods'
                        WHEN donation.id IS NOT NULL THEN 'donation'
                        WHEN transfer.id IS NOT NULL THEN 'transfer'
                        WHEN aid.move_id IS NOT NULL THEN 'aid'
                        ELSE 'other'
                   END AS origin,
                   GREATEST(line.amount, 0) AS amount_in,
                   GREATEST(-line.amount, 0) AS amount_out,
                   line.amount
              FROM account_analytic_line line
              JOIN beneficiary_fund fund ON fund.analytic_account_id = %(plan)s
         LEFT JOIN account_move_line item ON item.id = line.move_line_id
         LEFT JOIN account_move move ON move.id = item.move_id
         LEFT JOIN beneficiary_donation donation ON donation.move_id = item.move_id
         LEFT JOIN beneficiary_fund_transfer transfer
                ON transfer.move_id = item.move_id
         LEFT JOIN (SELECT DISTINCT move_id
                      FROM beneficiary_disbursement
                     WHERE move_id IS NOT NULL) aid ON aid.move_id = item.move_id
            """,
            plan=plan,
        )
