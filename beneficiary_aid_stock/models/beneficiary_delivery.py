from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryDelivery(models.Model):
    """A delivery takes its products out of the warehouse, and a reversal back in."""

    _inherit = "beneficiary.delivery"

    picking_ids = fields.Many2many(
        comodel_name="stock.picking",
        relation="beneficiary_delivery_picking_rel",
        string="Transfers",
        readonly=True,
        copy=False,
        groups="stock.group_stock_user",
    )

    def _check_vals(self, vals):
        if "picking_ids" in vals and not self.env.su:
            raise UserError(self.env._("Transfers of a delivery are not typed in."))
        return super()._check_vals(vals)

    def action_open_transfers(self):
        """Open the transfers of the warehouse."""
        self.ensure_one()
        self.check_access("read")
        return self.picking_ids._get_records_action(name=self.env._("Transfers"))

    def _deliver(self):
        result = super()._deliver()
        given = self.company_id._beneficiary_stock_given
        self._move_stock(lambda location: (location, given()))
        return result

    def _put_back(self):
        back = self.filtered(lambda one: not one.is_cancelled)
        result = super()._put_back()
        for delivery in back:
            # Goods that left before they were a product come back by counting.
            if delivery.sudo().picking_ids:
                given = delivery.company_id._beneficiary_stock_given
                delivery._move_stock(lambda location, given=given: (given(), location))
        return result

    def _move_stock(self, get_way):
        """Move the products of a delivery, a transfer for each location.

        :param get_way: from the location of goods to ``(source, destination)``
        """
        self.ensure_one()
        # Transfers are not typed in; the caller checked the role.
        delivery = self.sudo()
        by_location = defaultdict(lambda: defaultdict(int))
        for line in delivery.line_ids.filtered("lot_id.product_id"):
            lot = line.lot_id
            by_location[lot._stock_location()][lot.product_id] += line.quantity
        for location, quantities in by_location.items():
            source, destination = get_way(location)
            delivery.picking_ids |= delivery.company_id._beneficiary_transfer(
                delivery.name,
                source,
                destination,
                [
                    (product, quantity, False)
                    for product, quantity in quantities.items()
                ],
            )
