from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

READERS = (
    "beneficiary_relations.group_auditor",
    "beneficiary_relations.group_manager",
    "beneficiary_aid.group_aid_manager",
    "beneficiary_aid.group_finance_clerk",
    "beneficiary_aid.group_finance_releaser",
    "account.group_account_readonly",
)
ORIGINS = ("donation", "goods", "aid", "transfer", "reversal", "other")


class BeneficiaryFundStatement(models.TransientModel):
    """Opening, in, out and closing of each fund between two days, tied to the ledger.

    Each figure is added up from the analytic lines of the funds; beside them stands
    what the trial balance says of the accounts the funds touch, and what of these
    accounts is on no fund. The statement ties when nothing is left over.
    """

    _name = "beneficiary.fund.statement"
    _description = "Fund Statement"
    _inherit = ["beneficiary.period.mixin"]

    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many(
        comodel_name="beneficiary.fund.statement.line",
        inverse_name="statement_id",
        readonly=True,
    )
    account_ids = fields.One2many(
        comodel_name="beneficiary.fund.statement.account",
        inverse_name="statement_id",
        readonly=True,
    )
    difference = fields.Monetary(
        readonly=True,
        help="What the ledger and the funds disagree about. Zero: the statement ties.",
    )
    is_tied = fields.Boolean(string="Ties", readonly=True)

    _dates_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "The statement ends after it begins. Correct one of the dates.",
    )

    # === Computes === #

    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = self.env._("Fund Statement")

    # === Actions === #

    def action_compute(self):
        """Add up the statement and show it.

        :return: a window
        """
        self.ensure_one()
        self._check_reader()
        self._compute_statement()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fund Statement"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref(
                        "beneficiary_aid.beneficiary_fund_statement_view_result"
                    ).id,
                    "form",
                )
            ],
        }

    def action_export(self):
        """Export the statement as a spreadsheet.

        :return: the report
        """
        self.ensure_one()
        self._check_reader()
        if not self.line_ids:
            self._compute_statement()
        return self.env.ref(
            "beneficiary_aid.action_report_fund_statement_xlsx"
        ).report_action(self, config=False)

    # === Adding up === #

    def _check_reader(self):
        self.env["beneficiary.beneficiary"]._require_group(*READERS)

    def _compute_statement(self):
        """Write the lines anew: one query for the funds, one for the accounts."""
        self.ensure_one()
        currency = self.currency_id
        column = self.env["beneficiary.fund"]._plan_column()
        if not column:
            raise UserError(self.env._("There are no funds yet. Create one first."))
        self.env.flush_all()
        self.line_ids.unlink()
        self.account_ids.unlink()
        self.write(
            {
                "line_ids": [
                    fields.Command.create(vals) for vals in self._fund_values(column)
                ],
                "account_ids": [
                    fields.Command.create(vals) for vals in self._account_values(column)
                ],
            }
        )
        difference = currency.round(sum(self.account_ids.mapped("difference")))
        moved = sum(self.line_ids.mapped("closing")) - sum(
            self.line_ids.mapped("opening")
        )
        tagged = sum(self.account_ids.mapped("on_funds"))
        difference += currency.round(moved - tagged)
        self.write({"difference": difference, "is_tied": currency.is_zero(difference)})

    def _fund_values(self, column):
        """Return the values of a line a fund, archived ones with figures included."""
        # Readers of the funds see their figures; the analytic lines stay closed. The
        # rule of the funds applies to the search.
        funds = (
            self.env["beneficiary.fund"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id)])
        )
        moved = {row[0]: row[1:] for row in self._fund_rows(column, funds)}
        values = []
        for fund in funds:
            opening, *sums = moved.get(fund.id, (0.0,) * (2 + 2 * len(ORIGINS)))
            figures = dict(
                zip(
                    [
                        f"{origin}_{side}"
                        for origin in ORIGINS
                        for side in ("in", "out")
                    ],
                    sums,
                    strict=False,
                )
            )
            amount_in, amount_out = sum(sums[0::2]), sum(sums[1::2])
            if not (fund.active or opening or amount_in or amount_out):
                continue
            values.append(
                {
                    "fund_id": fund.id,
                    "opening": opening,
                    "donations": figures.get("donation_in", 0.0)
                    - figures.get("donation_out", 0.0),
                    "aid": figures.get("aid_out", 0.0) - figures.get("aid_in", 0.0),
                    "transfers": figures.get("transfer_in", 0.0)
                    - figures.get("transfer_out", 0.0),
                    "amount_in": amount_in,
                    "amount_out": amount_out,
                    "closing": opening + amount_in - amount_out,
                    "committed": fund.committed,
                }
            )
        return values

    def _fund_rows(self, column, funds):
        movement = self.env["beneficiary.fund.movement"]._table_query
        sums = SQL(", ").join(
            SQL(
                "COALESCE(SUM(%(side)s) FILTER (WHERE date >= %(start)s"
                " AND origin = %(origin)s), 0)::float8",
                side=SQL.identifier(f"amount_{side}"),
                start=self.date_from,
                origin=origin,
            )
            for origin in ORIGINS
            for side in ("in", "out")
        )
        return self.env.execute_query(
            SQL(
                """
                SELECT fund_id,
                       COALESCE(SUM(amount) FILTER (WHERE date < %(start)s), 0)::float8,
                       %(sums)s
                  FROM (%(movement)s) AS movement
                 WHERE fund_id = ANY(%(funds)s) AND date <= %(end)s
              GROUP BY fund_id
                """,
                start=self.date_from,
                end=self.date_to,
                sums=sums,
                movement=movement,
                funds=funds.ids,
            )
        )

    def _account_values(self, column):
        """Return what the trial balance says of each account the funds touch."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH touched AS (
                    SELECT DISTINCT item.account_id
                      FROM account_analytic_line line
                      JOIN account_move_line item ON item.id = line.move_line_id
                     WHERE %(column)s IS NOT NULL AND item.company_id = %(company)s
                       AND item.date BETWEEN %(start)s AND %(end)s
                ), on_funds AS (
                    SELECT item.id, SUM(line.amount) AS amount
                      FROM account_analytic_line line
                      JOIN account_move_line item ON item.id = line.move_line_id
                     WHERE %(column)s IS NOT NULL AND item.company_id = %(company)s
                       AND line.date BETWEEN %(start)s AND %(end)s
                  GROUP BY item.id
                )
                SELECT item.account_id,
                       -SUM(item.balance)::float8,
                       COALESCE(SUM(on_funds.amount), 0)::float8,
                       -COALESCE(SUM(item.balance)
                                 FILTER (WHERE on_funds.id IS NULL), 0)::float8,
                       COUNT(*) FILTER (WHERE on_funds.id IS NULL)
                  FROM account_move_line item
                  JOIN touched ON touched.account_id = item.account_id
             LEFT JOIN on_funds ON on_funds.id = item.id
                 WHERE item.parent_state = 'posted'
                   AND item.company_id = %(company)s
                   AND item.date BETWEEN %(start)s AND %(end)s
              GROUP BY item.account_id
              ORDER BY item.account_id
                """,
                column=SQL.identifier("line", column),
                company=self.company_id.id,
                start=self.date_from,
                end=self.date_to,
            )
        )
        return [
            {
                "account_id": account,
                "in_ledger": ledger,
                "on_funds": tagged,
                "on_no_fund": untagged,
                "untagged_count": count,
                "difference": self.currency_id.round(ledger - tagged - untagged),
            }
            for account, ledger, tagged, untagged, count in rows
        ]


class BeneficiaryFundStatementLine(models.TransientModel):
    """One fund of a statement."""

    _name = "beneficiary.fund.statement.line"
    _description = "Fund in a Statement"

    statement_id = fields.Many2one(
        comodel_name="beneficiary.fund.statement", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="statement_id.currency_id")
    fund_id = fields.Many2one(comodel_name="beneficiary.fund", required=True)
    kind = fields.Selection(related="fund_id.kind", store=True)
    opening = fields.Monetary()
    donations = fields.Monetary()
    aid = fields.Monetary()
    transfers = fields.Monetary()
    amount_in = fields.Monetary(string="In")
    amount_out = fields.Monetary(string="Out")
    closing = fields.Monetary()
    committed = fields.Monetary(
        string="Committed Now", help="Promised at the moment and not paid yet."
    )

    def action_open_movements(self):
        """Open the movements behind the figures of the fund."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_fund_movement_action"
        )
        action["domain"] = [
            ("fund_id", "=", self.fund_id.id),
            ("date", ">=", self.statement_id.date_from),
            ("date", "<=", self.statement_id.date_to),
        ]
        action["view_mode"] = "list"
        action["views"] = [(False, "list")]
        return action


class BeneficiaryFundStatementAccount(models.TransientModel):
    """One account of the ledger beside what the funds say of it."""

    _name = "beneficiary.fund.statement.account"
    _description = "Account in a Fund Statement"

    statement_id = fields.Many2one(
        comodel_name="beneficiary.fund.statement", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="statement_id.currency_id")
    account_id = fields.Many2one(comodel_name="account.account", required=True)
    in_ledger = fields.Monetary(string="Trial Balance")
    on_funds = fields.Monetary()
    on_no_fund = fields.Monetary()
    untagged_count = fields.Integer(string="Items on No Fund")
    difference = fields.Monetary()
