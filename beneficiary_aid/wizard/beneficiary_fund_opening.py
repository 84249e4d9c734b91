from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryFundOpening(models.TransientModel):
    """What each fund held when the association began with this system.

    One entry: net assets by class of restriction, each line on its fund, against the
    net assets the opening balances of the accounts brought in one sum. Cash and the
    total of the net assets stay as they were, so the first report of the funds ties.
    """

    _name = "beneficiary.fund.opening"
    _description = "Opening Balances of the Funds"

    @api.model
    def _default_line_ids(self):
        funds = self.env["beneficiary.fund"].search(
            [("company_id", "=", self.env.company.id)]
        )
        return [fields.Command.create({"fund_id": fund.id}) for fund in funds]

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(string="On", required=True, default=fields.Date.context_today)
    counterpart_id = fields.Many2one(
        comodel_name="account.account",
        string="Brought in on",
        required=True,
        check_company=True,
        domain="[('account_type', 'in', ('equity', 'equity_unaffected'))]",
        help="The equity account that holds all net assets after the opening balances "
        "of the accounts were entered.",
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.fund.opening.line",
        inverse_name="opening_id",
        default=lambda self: self._default_line_ids(),
    )
    total = fields.Monetary(compute="_compute_total")

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for opening in self:
            opening.total = sum(opening.line_ids.mapped("amount"))

    def action_post(self):
        """Post the opening entry.

        :return: the entry
        :raise UserError: when a fund has money already, or nothing was entered
        """
        self.ensure_one()
        self.env["beneficiary.beneficiary"]._require_group(
            "account.group_account_manager", "beneficiary_relations.group_administrator"
        )
        lines = self.line_ids.filtered(
            lambda line: not self.currency_id.is_zero(line.amount)
        )
        if not lines:
            raise UserError(self.env._("Enter what at least one fund held."))
        for line in lines:
            line._check_first()
        # An administrator of the association need not be an accountant; the role is
        # checked above.
        move = self.env["account.move"].sudo().create(self._prepare_move(lines))
        move.action_post()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Funds"),
            "res_model": "beneficiary.fund",
            "view_mode": "list,form",
            "domain": [("id", "in", lines.fund_id.ids)],
        }

    def _prepare_move(self, lines):
        """Return the values of the entry; one line a fund."""
        company = self.company_id.sudo()
        label = self.env._("Opening balances of the funds")
        return company._beneficiary_entry(
            self.date,
            label,
            [
                *(
                    {
                        "account_id": company._beneficiary_class_account(
                            line.fund_id.kind
                        ).id,
                        "credit": line.amount,
                        "analytic_distribution": line.fund_id._distribution(),
                    }
                    for line in lines
                ),
                {
                    "account_id": self.counterpart_id.id,
                    "debit": sum(lines.mapped("amount")),
                },
            ],
        )


class BeneficiaryFundOpeningLine(models.TransientModel):
    """What one fund held."""

    _name = "beneficiary.fund.opening.line"
    _description = "Opening Balance of a Fund"
    _inherit = "beneficiary.amounts.mixin"

    opening_id = fields.Many2one(
        comodel_name="beneficiary.fund.opening", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="opening_id.currency_id")
    company_id = fields.Many2one(related="opening_id.company_id")
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        required=True,
        domain="[('company_id', '=', company_id)]",
    )
    kind = fields.Selection(related="fund_id.kind")
    amount = fields.Monetary(string="Held", required=True, default=0.0)

    _amount_bounds = models.Constraint(
        "CHECK(amount >= 0 AND amount < 1e12)",
        "An opening balance is a number from zero up.",
    )
    _fund_uniq = models.UniqueIndex(
        "(opening_id, fund_id)", "A fund is named once among the opening balances."
    )

    def _check_first(self):
        """Refuse a second opening of a fund, or one after it was used.

        :raise UserError: naming the fund
        """
        self.ensure_one()
        fund = self.fund_id
        column = fund._plan_column()
        # Lines of any kind forbid it, also those the user may not read.
        if (
            self.env["account.analytic.line"]
            .sudo()
            .search_count([(column, "=", fund.sudo().analytic_account_id.id)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "The fund %(fund)s has journal items already. Its opening balance "
                    "comes first; correct it by an entry in accounting.",
                    fund=fund.display_name,
                )
            )
