from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryDonation(models.Model):
    """Goods given to a fund: valued, in stock until they are handed out.

    The entry books goods and income, both on the fund. So a fund never promises
    goods as if they were money: they leave its balance as it was.
    """

    _inherit = "beneficiary.donation"

    kind = fields.Selection(
        selection=[("money", "Money"), ("in_kind", "In Kind")],
        required=True,
        default="money",
        tracking=True,
    )
    goods = fields.Text(help="What was given, and how many of it.")
    valuation = fields.Char(
        string="Valued by",
        help="How the value was found: the invoice, the price in a shop, who valued.",
    )
    valuation_name = fields.Char(string="Valuation File Name")
    valuation_file = fields.Binary(string="Proof of Value", attachment=True, copy=False)
    # Goods pass through no bank.
    journal_id = fields.Many2one(required=False)

    _bank_of_money = models.Constraint(
        "CHECK(kind = 'in_kind' OR journal_id IS NOT NULL)",
        "Money comes in through a bank account. Choose one.",
    )

    @api.depends("kind")
    def _compute_journal_id(self):
        res = super(
            BeneficiaryDonation, self.filtered(lambda one: one.kind == "money")
        )._compute_journal_id()
        self.filtered(lambda one: one.kind == "in_kind").journal_id = False
        return res

    @api.constrains("kind", "goods", "valuation", "channel")
    def _check_goods(self):
        for donation in self:
            if donation.kind == "in_kind" and not (
                donation.goods and donation.valuation
            ):
                raise ValidationError(
                    self.env._(
                        "A donation in kind says what was given, and how its value "
                        "was found."
                    )
                )

    @api.constrains("journal_id")
    def _check_journal(self):
        money = self.filtered(lambda one: one.kind == "money")
        return super(BeneficiaryDonation, money)._check_journal()

    def _check_fund_takes(self):
        goods = self.filtered(lambda one: one.kind == "in_kind")
        for donation in goods:
            donation._check_fund_open()
        return super(BeneficiaryDonation, self - goods)._check_fund_takes()

    def _prepare_move(self):
        vals = super()._prepare_move()
        if self.kind == "in_kind":
            for _command, _id, line in vals["line_ids"]:
                line["analytic_distribution"] = self.fund_id._distribution()
        return vals

    def _split(self):
        """Goods cover no costs of the association."""
        if self.kind == "in_kind":
            return [(self.fund_id.sudo(), self.amount)]
        return super()._split()

    def _outstanding_account(self):
        if self.kind == "in_kind":
            return self.company_id._beneficiary_required("beneficiary_goods_account_id")
        return super()._outstanding_account()
