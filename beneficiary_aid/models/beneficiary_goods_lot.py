from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class BeneficiaryGoodsLot(models.Model):
    """Goods of one kind in stock: given in kind, or bought, always on one fund.

    What left is a counter, written where it is enough: two desks never give more
    than there is. The last piece takes what is left of the value.
    """

    _name = "beneficiary.goods.lot"
    _description = "Goods in Stock"
    _inherit = "beneficiary.amounts.mixin"
    _check_company_auto = True
    _order = "name, id"

    _never_typed = frozenset({"given", "value_given"})
    _fixed_when_given = frozenset(
        {"quantity", "value", "fund_id", "donation_id", "move_line_id", "company_id"}
    )

    name = fields.Char(string="Goods", required=True, size=200)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        compute="_compute_fund_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    donation_id = fields.Many2one(
        comodel_name="beneficiary.donation",
        string="Given by Donation",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'in_kind'), ('state', '=', 'posted')]",
    )
    move_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Bought by",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('parent_state', '=', 'posted'), ('debit', '>', 0)]",
        help="The posted item of the purchase on the account of goods.",
    )
    quantity = fields.Integer(required=True, default=1)
    value = fields.Monetary(
        string="Goods Value", required=True, help="Of all of it together."
    )
    given = fields.Integer(
        string="Pieces Given", readonly=True, copy=False, default=0, required=True
    )
    value_given = fields.Monetary(readonly=True, copy=False, default=0.0, required=True)
    left = fields.Integer(compute="_compute_left")
    active = fields.Boolean(default=True)

    _quantity_bounds = models.Constraint(
        "CHECK(quantity > 0 AND quantity <= 10000000)",
        "The quantity is a whole number above zero.",
    )
    _value_bounds = models.Constraint(
        "CHECK(value > 0 AND value < 1e12)", "The value of goods must be above zero."
    )
    _given_bounds = models.Constraint(
        "CHECK(given >= 0 AND given <= quantity"
        " AND value_given >= 0 AND value_given <= value)",
        "Not more can be given than there is.",
    )
    _one_source = models.Constraint(
        "CHECK(num_nonnulls(donation_id, move_line_id) = 1)",
        "Goods come from one donation or one purchase. Choose which.",
    )

    @api.depends("quantity", "given")
    def _compute_left(self):
        for lot in self:
            lot.left = lot.quantity - lot.given

    @api.depends("donation_id")
    def _compute_fund_id(self):
        for lot in self:
            lot.fund_id = lot.donation_id.fund_id or lot.fund_id

    @api.constrains("donation_id", "move_line_id", "value", "fund_id")
    def _check_source(self):
        """Not more value than was given or bought, on the same fund."""
        for lot in self:
            # Who gave or sold is not told; only what it was worth is looked at.
            source = lot.sudo()
            if source.donation_id:
                donation = source.donation_id
                donation._touch()
                total = donation.amount
                is_right = (
                    donation.kind == "in_kind"
                    and donation.state == "posted"
                    and donation.fund_id == source.fund_id
                )
                own = [("donation_id", "=", donation.id)]
            else:
                item = source.move_line_id
                total = item.debit
                account = source.company_id.beneficiary_goods_account_id
                funds = item.analytic_distribution or {}
                is_right = (
                    item.parent_state == "posted"
                    and item.account_id == account
                    and str(source.fund_id.analytic_account_id.id) in funds
                )
                own = [("move_line_id", "=", item.id)]
            if not is_right:
                raise ValidationError(
                    self.env._(
                        "%(goods)s: choose a posted donation in kind, or a posted item "
                        "on the account of goods, of the same fund.",
                        goods=lot.name,
                    )
                )
            lots = source.with_context(active_test=False).search(own)
            taken = sum(lots.mapped("value"))
            if lot.currency_id.compare_amounts(taken, total) > 0:
                raise ValidationError(
                    self.env._(
                        "%(goods)s: the value of the goods is above what was given or "
                        "bought.",
                        goods=lot.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if vals.keys() & self._fixed_when_given and any(lot.given for lot in self):
            raise UserError(
                self.env._("Some of these goods were given already: they stay as is.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_given(self):
        if any(lot.given for lot in self):
            raise UserError(
                self.env._("Some of these goods were given already: they are kept.")
            )

    def _check_typed(self, vals):
        if vals.keys() & self._never_typed and not self.env.su:
            raise UserError(
                self.env._("What was given of goods is counted, not typed in.")
            )

    def _take(self, quantity):
        """Count out pieces.

        :param int quantity: how many
        :return: their value
        :raise UserError: when there are not so many left
        """
        self.ensure_one()
        self.flush_recordset()
        digits = self.currency_id.decimal_places
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE beneficiary_goods_lot AS lot
                   SET given = lot.given + %(count)s,
                       value_given = CASE WHEN lot.given + %(count)s = lot.quantity
                           THEN lot.value
                           ELSE LEAST(lot.value, lot.value_given + ROUND(
                               lot.value * %(count)s / lot.quantity, %(digits)s)) END
                  FROM beneficiary_goods_lot AS before
                 WHERE before.id = lot.id AND lot.id = %(id)s
                   AND lot.given + %(count)s <= lot.quantity
             RETURNING lot.value_given - before.value_given
                """,
                count=quantity,
                digits=digits,
                id=self.id,
            )
        )
        if not rows:
            raise UserError(
                self.env._(
                    "There is not enough left of %(name)s. Count the stock again.",
                    name=self.name,
                )
            )
        self.invalidate_recordset(["given", "value_given"], flush=False)
        return self.currency_id.round(float(rows[0][0]))

    def _put_back(self, quantity, value):
        """Count pieces of a reversed delivery in again."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE beneficiary_goods_lot SET given = given - %s,"
                " value_given = GREATEST(value_given - %s, 0) WHERE id = %s",
                quantity,
                value,
                self.id,
            )
        )
        self.invalidate_recordset(["given", "value_given"], flush=False)
