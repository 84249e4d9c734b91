from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.touch import touch


class BeneficiaryStockMixin(models.AbstractModel):
    """What is kept in the warehouse as a product, at a place, and was received by a
    transfer. It has a ``name`` and a ``company_id``."""

    _name = "beneficiary.stock.mixin"
    _description = "Kept in the Warehouse"

    # How its product is tracked, and who receives it.
    _stock_tracking = "none"
    _stock_keeper = "beneficiary_aid.group_finance_clerk"
    # What stays while it is in the warehouse.
    _fixed_when_received = frozenset({"product_id", "location_id"})

    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
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
        for record in self.filtered("product_id"):
            product = record.product_id
            reason = product._get_beneficiary_refusal(record.company_id)
            if not reason and product.tracking != self._stock_tracking:
                reason = self._stock_tracking_words(product)
            if not reason and record.location_id.usage not in (False, "internal"):
                reason = self.env._(
                    "%(goods)s: choose a location within the warehouse.",
                    goods=record.name,
                )
            if reason:
                raise ValidationError(reason)

    def write(self, vals):
        if vals.keys() & self._fixed_when_received:
            for record in self:
                if record._is_in_stock():
                    raise UserError(record._stock_fixed_words())
        return super().write(vals)

    def _check_may_receive(self):
        """Whoever keeps it brings it in and takes it back; two of them do it once."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(self._stock_keeper)
        touch(self)

    def _receive(self, origin, quantity, serial=False):
        """Bring it into the warehouse; the caller checked the role.

        :param str origin: our number, all that the transfer says
        """
        self.ensure_one()
        # Not typed in.
        self.sudo().receipt_picking_id = self.company_id._beneficiary_transfer(
            origin,
            self._stock_suppliers(),
            self._stock_location(),
            [(self.product_id, quantity, serial)],
        )

    # === Helpers === #

    def _is_in_stock(self):
        """Whether product and place have to stay."""
        self.ensure_one()
        return bool(self.sudo().receipt_picking_id)

    def _stock_location(self):
        """Where it is kept."""
        self.ensure_one()
        return self.sudo().location_id or self.company_id._beneficiary_stock_location()

    @api.model
    def _stock_suppliers(self):
        """Where it comes from, and goes back to."""
        return self.env.ref("stock.stock_location_suppliers").sudo()

    def _stock_tracking_words(self, product):
        """Why a product tracked in another way is refused."""
        raise NotImplementedError

    def _stock_fixed_words(self):
        """Why product and place stay."""
        raise NotImplementedError
