from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_aid.models.beneficiary_goods_lot import (
    BeneficiaryGoodsLot as Base,
)
from odoo.addons.beneficiary_relations.tools.touch import touch


class BeneficiaryGoodsLot(models.Model):
    """Goods that are a product in the warehouse.

    The lot keeps fund, value and number; the warehouse keeps where they are. Goods
    that came by another way, a purchase order say, are not received here again.
    """

    _inherit = "beneficiary.goods.lot"

    _never_typed = Base._never_typed | {"receipt_picking_id"}
    _fixed_when_given = Base._fixed_when_given | {"product_id", "location_id"}
    _fixed_when_received = frozenset({"product_id", "location_id", "quantity"})

    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('is_storable', '=', True), ('tracking', '=', 'none')]",
        help="The product in the warehouse. Empty: goods that are only counted here.",
    )
    location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Kept in",
        ondelete="restrict",
        check_company=True,
        domain="[('usage', '=', 'internal')]",
        help="Empty: the location of goods in the settings.",
    )
    receipt_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Received by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.constrains("product_id", "location_id", "company_id")
    def _check_product(self):
        for lot in self.filtered("product_id"):
            reason = lot.product_id._get_beneficiary_refusal(lot.company_id)
            if reason:
                raise ValidationError(reason)
            if lot.product_id.tracking != "none":
                raise ValidationError(
                    self.env._(
                        "%(product)s is tracked by number. Goods are counted; what has "
                        "a serial number is lent as a device.",
                        product=lot.product_id.display_name,
                    )
                )
            if lot.location_id and lot.location_id.usage != "internal":
                raise ValidationError(
                    self.env._(
                        "%(goods)s: choose a location within the warehouse.",
                        goods=lot.name,
                    )
                )

    def write(self, vals):
        if vals.keys() & self._fixed_when_received:
            for lot in self:
                if lot.sudo().receipt_picking_id:
                    raise UserError(
                        self.env._(
                            "%(goods)s was received into the warehouse. Take the "
                            "receipt back first.",
                            goods=lot.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_received(self):
        for lot in self:
            if lot.sudo().receipt_picking_id:
                raise UserError(
                    self.env._(
                        "%(goods)s was received into the warehouse. Take the receipt "
                        "back first.",
                        goods=lot.name,
                    )
                )

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
            if lot.sudo().receipt_picking_id:
                raise UserError(
                    self.env._("%(goods)s was received already.", goods=lot.name)
                )
            # Not typed in; the role is checked above.
            lot.sudo().receipt_picking_id = lot.company_id._beneficiary_transfer(
                lot.sudo().donation_id.name or lot.name,
                self.env.ref("stock.stock_location_suppliers").sudo(),
                lot._stock_location(),
                [(lot.product_id, lot.quantity, False)],
            )

    def action_take_back(self):
        """Take a mistaken receipt back, while nothing of it was given.

        :raise UserError: when it was not received, or something was given
        """
        self._check_may_receive()
        for lot in self:
            if not lot.sudo().receipt_picking_id:
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
                self.env.ref("stock.stock_location_suppliers").sudo(),
                [(lot.product_id, lot.quantity, False)],
            )
            # As above.
            lot.sudo().receipt_picking_id = False

    def _check_may_receive(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        # Two clerks receive it once.
        touch(self)

    def _stock_location(self):
        """Where the goods are kept."""
        self.ensure_one()
        return self.sudo().location_id or self.company_id._beneficiary_stock_location()
