from odoo import models
from odoo.exceptions import UserError


class ProductProduct(models.Model):
    """A product of the goods of funds is worth nothing in the warehouse.

    What goods are worth is booked once, on their fund, when they are given or bought
    and when they are handed out. A product that the warehouse values, too, would book
    it a second time: at its moves, or when the stock is closed.
    """

    _inherit = "product.product"

    def write(self, vals):
        if vals.get("standard_price"):
            used = self._beneficiary_used()
            if used:
                raise UserError(
                    self.env._(
                        "%(product)s holds goods of funds: their value is kept there. "
                        "Its cost stays at zero.",
                        product=used[0].display_name,
                    )
                )
        return super().write(vals)

    def _beneficiary_used(self):
        """Return those in which goods or devices of the association are kept."""
        company = [("company_id", "=", self.env.company.id)]
        used = self.browse()
        for name in ("beneficiary.goods.lot", "beneficiary.device"):
            # Whoever keeps products need not see goods of the funds.
            records_sudo = (
                self.env[name]
                .sudo()
                .with_context(active_test=False)
                .search([*company, ("product_id", "in", self.ids)])
            )
            used |= records_sudo.product_id
        return used.with_env(self.env)

    def _get_beneficiary_refusal(self, company):
        """Why goods of funds cannot be kept in the product, or ``None``.

        :param company: ``res.company`` whose goods they are
        """
        self.ensure_one()
        # Whoever enters goods need not see costs; only whether there is one counts.
        product = self.sudo().with_company(company)
        if not product.is_storable:
            return self.env._(
                "%(product)s is not kept in stock. Choose a product whose inventory is "
                "tracked.",
                product=self.display_name,
            )
        if "valuation" in product._fields and (
            product.valuation == "real_time"
            or product.cost_method != "standard"
            or not company.currency_id.is_zero(product.standard_price)
        ):
            return self.env._(
                "%(product)s is valued by the stock: its value would be booked twice. "
                "Give it a category with periodic valuation and standard price, and a "
                "cost of zero.",
                product=self.display_name,
            )
        return None
