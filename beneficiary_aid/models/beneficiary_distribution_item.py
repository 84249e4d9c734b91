from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL


class BeneficiaryDistributionItem(models.Model):
    """One thing that is given, how many there are and how many went out.

    What went out is a counter that only one UPDATE changes: two desks that hand out
    the last piece at the same moment cannot both have it.
    """

    _name = "beneficiary.distribution.item"
    _description = "Thing That Is Distributed"
    _inherit = "beneficiary.amounts.mixin"
    _check_company_auto = True
    _order = "distribution_id, sequence, id"

    distribution_id = fields.Many2one(
        comodel_name="beneficiary.distribution",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="distribution_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Thing", required=True)
    quantity = fields.Integer(required=True, default=1, help="For each package.")
    per_member = fields.Boolean(
        string="For Each Member", help="As often as the household has members."
    )
    unit_value = fields.Monetary(string="Value of One", required=True, default=0.0)
    stocked = fields.Integer(
        string="There Are", required=True, default=0, help="Counted in the store."
    )
    given = fields.Integer(string="Went Out", required=True, default=0, readonly=True)
    left = fields.Integer(compute="_compute_left")

    _quantity_bounds = models.Constraint(
        "CHECK(quantity BETWEEN 1 AND 1000)",
        "Of a thing between 1 and 1000 are given.",
    )
    _value_bounds = models.Constraint(
        "CHECK(unit_value >= 0 AND unit_value < 1e9)",
        "The value of a thing is a number from zero up.",
    )
    _stock_bounds = models.Constraint(
        "CHECK(given >= 0 AND given <= stocked AND stocked <= 100000000)",
        "No more goes out than there is. Count the stock again.",
    )

    @api.depends("stocked", "given")
    def _compute_left(self):
        for item in self:
            item.left = item.stocked - item.given

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_results(vals)
        items = super().create(vals_list)
        for distribution in items.distribution_id:
            distribution._check_list_is_open()
        return items

    def write(self, vals):
        """Let only the stock be counted again once the list was referred."""
        self._check_results(vals)
        if vals.keys() - {"stocked", "sequence"}:
            for distribution in self.distribution_id:
                distribution._check_list_is_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        for distribution in self.distribution_id:
            distribution._check_list_is_open()

    def _check_results(self, vals):
        if not self.env.su and "given" in vals:
            raise AccessError(
                self.env._("What went out is counted when it is handed out.")
            )

    def _quantity_for(self, members):
        """Return how many a household of a size gets."""
        self.ensure_one()
        return self.quantity * (members if self.per_member else 1)

    def _needed(self, lines):
        """Return how many are needed for lines of a list."""
        self.ensure_one()
        return sum(self._quantity_for(line.members) for line in lines)

    def _take_out(self, members, sign=1):
        """Count what goes out to one household, or comes back.

        :param int members: of the household
        :param int sign: 1 for out, -1 for back
        :raise UserError: when there is not enough left
        """
        self.flush_recordset(["given", "stocked"])
        for item in self.sorted("id"):
            taken = self.env.execute_query(
                SQL(
                    "UPDATE beneficiary_distribution_item SET given = given + %(count)s"
                    " WHERE id = %(id)s AND given + %(count)s BETWEEN 0 AND stocked"
                    " RETURNING id",
                    count=sign * item._quantity_for(members),
                    id=item.id,
                )
            )
            if not taken:
                raise UserError(
                    self.env._(
                        "There is not enough left of %(name)s. Count the stock again.",
                        name=item.name,
                    )
                )
        self.invalidate_recordset(["given"], flush=False)
