from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_aid.models.beneficiary_goods_lot import (
    BeneficiaryGoodsLot as Base,
)


class BeneficiaryGoodsLot(models.Model):
    """Goods that are a product in the warehouse.

    The lot keeps fund, value and number; the warehouse keeps where they are. Goods
    that came by another way, a purchase order say, are not received here again.
    """

    _name = "beneficiary.goods.lot"
    _inherit = ["beneficiary.stock.mixin", "beneficiary.goods.lot"]

    _never_typed = Base._never_typed | {"receipt_picking_id"}
    _fixed_when_given = Base._fixed_when_given | {"product_id", "location_id"}
    _fixed_when_received = frozenset({"product_id", "location_id", "quantity"})

    product_id = fields.Many2one(
        domain="[('is_storable', '=', True), ('tracking', '=', 'none')]",
        help="The product in the warehouse. Empty: goods that are only counted here.",
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        for lot in self:
            if lot._is_in_stock():
                raise UserError(lot._stock_fixed_words())

    # === Actions === #

    def action_receive(self):
        """Bring the goods into the warehouse.

        :raise AccessError: for whoever enters no goods
        :raise UserError: when it is no product, or was received already
        """
        self._check_may_receive()
        for lot in self:
            if not lot.product_id:
                raise UserError(
                    self.env._("%(goods)s: choose its product first.", goods=lot.name)
                )
            if lot._is_in_stock():
                raise UserError(
                    self.env._("%(goods)s was received already.", goods=lot.name)
                )
            lot._receive(lot.sudo().donation_id.name or lot.name, lot.quantity)

    def action_take_back(self):
        """Take a mistaken receipt back, while nothing of it was given.

        :raise UserError: when it was not received, or something was given
        """
        self._check_may_receive()
        for lot in self:
            if not lot._is_in_stock():
                raise UserError(
                    self.env._("%(goods)s was not received.", goods=lot.name)
                )
            if lot.given:
                raise UserError(
                    self.env._(
                        "Some of these goods were given already: they stay as is."
                    )
                )
            lot.company_id._beneficiary_transfer(
                lot.sudo().receipt_picking_id.origin,
                lot._stock_location(),
                lot._stock_suppliers(),
                [(lot.product_id, lot.quantity, False)],
            )
            # Not typed in; the role is checked above.
            lot.sudo().receipt_picking_id = False

    # === Helpers === #

    def _stock_tracking_words(self, product):
        return self.env._(
            "%(product)s is tracked by number. Goods are counted; what has a serial "
            "number is lent as a device.",
            product=product.display_name,
        )

    def _stock_fixed_words(self):
        return self.env._(
            "%(goods)s was received into the warehouse. Take the receipt back first.",
            goods=self.name,
        )
