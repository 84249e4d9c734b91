from odoo import Command, fields, models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    """Where goods are kept, and the moves that bring and take them.

    The transfers name our number and nobody: who is helped is not told in the
    warehouse. They are made and done at once, by whoever hands out, who needs no role
    in the warehouse.
    """

    _inherit = "res.company"

    beneficiary_stock_location_id = fields.Many2one(
        comodel_name="stock.location",
        string="Location of Goods",
        ondelete="restrict",
        domain="[('usage', '=', 'internal'), ('company_id', '=', id)]",
        help="Where goods of funds are kept, unless they say otherwise. Empty: the "
        "stock of the first warehouse.",
    )
    beneficiary_stock_given_id = fields.Many2one(
        comodel_name="stock.location",
        string="Location of Goods Handed Out",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    beneficiary_stock_lent_id = fields.Many2one(
        comodel_name="stock.location",
        string="Location of Lent Devices",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    # === Places === #

    def _beneficiary_stock_warehouse(self):
        """The warehouse whose kinds of transfers are used.

        :raise UserError: when there is none
        """
        self.ensure_one()
        warehouse = (
            self.env["stock.warehouse"]
            .sudo()
            .search([("company_id", "=", self.id)], limit=1)
        )
        if not warehouse:
            raise UserError(
                self.env._(
                    "%(company)s has no warehouse. Create one in Inventory first.",
                    company=self.display_name,
                )
            )
        return warehouse

    def _beneficiary_stock_location(self):
        """Where goods are kept unless they say otherwise."""
        return (
            self.sudo().beneficiary_stock_location_id
            or self._beneficiary_stock_warehouse().lot_stock_id
        )

    def _beneficiary_stock_given(self):
        """Where goods are once people have them."""
        return self._beneficiary_stock_outside(
            "beneficiary_stock_given_id", self.env._("Beneficiaries")
        )

    def _beneficiary_stock_lent(self):
        """Where devices are while people have them."""
        return self._beneficiary_stock_outside(
            "beneficiary_stock_lent_id", self.env._("Lent Devices")
        )

    def _beneficiary_stock_outside(self, field_name, name):
        """A place outside the warehouse, made when it is needed first."""
        self.ensure_one()
        # Part of the set-up, which nobody who hands out may change.
        company = self.sudo()
        if not company[field_name]:
            parent = self.env.ref("stock.stock_location_customers").sudo()
            company[field_name] = parent.create(
                {
                    "name": name,
                    "usage": "customer",
                    "location_id": parent.id,
                    "company_id": self.id,
                }
            )
        return company[field_name]

    # === Moves === #

    def _beneficiary_transfer(self, origin, source, destination, items):
        """Make a transfer and do it at once.

        :param str origin: our number, all that it says
        :param source: ``stock.location``
        :param destination: ``stock.location``
        :param list items: ``(product, quantity, serial)``, each product once
        :return: ``stock.picking``, done, as superuser
        :raise UserError: naming what there is not enough of, and where
        """
        self.ensure_one()
        for product, _quantity, _serial in items:
            reason = product._get_beneficiary_refusal(self)
            if reason:
                raise UserError(reason)
        warehouse = self._beneficiary_stock_warehouse()
        out = source.usage == "internal"
        kind = warehouse.out_type_id if out else warehouse.in_type_id
        # Whoever hands out needs no role in the warehouse; the caller checked his.
        picking = (
            self.env["stock.picking"]
            .sudo()
            .with_company(self)
            .create(
                {
                    "picking_type_id": kind.id,
                    "company_id": self.id,
                    "partner_id": False,
                    "origin": origin,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom": product.uom_id.id,
                                "product_uom_qty": quantity,
                                "location_id": source.id,
                                "location_dest_id": destination.id,
                                "company_id": self.id,
                            }
                        )
                        for product, quantity, _serial in items
                    ],
                }
            )
        )
        picking.action_confirm()
        serials = {product.id: serial for product, _quantity, serial in items}
        for move in picking.move_ids:
            move._beneficiary_reserve(serials[move.product_id.id])
        picking.move_ids.picked = True
        picking.with_context(skip_sms=True, cancel_backorder=True)._action_done()
        return picking


class StockMove(models.Model):
    _inherit = "stock.move"

    def _beneficiary_reserve(self, serial):
        """Take all of what is to be moved, that one serial number if it has one.

        :param serial: ``stock.lot``, or nothing
        :raise UserError: when there is not enough
        """
        self.ensure_one()
        if self._should_bypass_reservation():
            self._action_assign()
            if serial:
                self.move_line_ids.lot_id = serial
            return
        # The kind of transfer may have reserved something already.
        self._do_unreserve()
        self._update_reserved_quantity(
            self.product_uom_qty, self.location_id, lot_id=serial, strict=False
        )
        missing = self.product_uom.compare(self.quantity, self.product_uom_qty) < 0
        if missing or (serial and self.move_line_ids.lot_id != serial):
            raise UserError(
                self.env._(
                    "%(product)s: %(wanted)s are needed, and %(found)s are in "
                    "%(location)s. Receive or count the goods first.",
                    product=self.product_id.display_name,
                    wanted=f"{self.product_uom_qty:g}",
                    found=f"{0 if serial else self.quantity:g}",
                    location=self.location_id.display_name,
                )
            )
