from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryDevice(models.Model):
    """A device that is a serial number of a product in the warehouse."""

    _name = "beneficiary.device"
    _inherit = ["beneficiary.stock.mixin", "beneficiary.device"]

    _stock_tracking = "serial"
    _stock_keeper = "beneficiary_relations.group_relations_officer"
    _fixed_when_received = frozenset({"product_id", "location_id", "serial_number"})

    product_id = fields.Many2one(
        domain="[('is_storable', '=', True), ('tracking', '=', 'serial')]",
        help="The product in the warehouse. Empty: a device that is only known here.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_typed(vals)
        return super().write(vals)

    def _check_not_typed(self, vals):
        if "receipt_picking_id" in vals and not self.env.su:
            raise UserError(self.env._("Use the button to receive a device."))

    # === Actions === #

    def action_receive(self):
        """Bring devices into the warehouse, each under its serial number.

        :raise AccessError: for whoever keeps no devices
        :raise UserError: when it is no product, is lent, or is there already
        """
        self._check_may_receive()
        for device in self:
            if not device.product_id:
                raise UserError(
                    self.env._(
                        "%(device)s: choose its product first.",
                        device=device.display_name,
                    )
                )
            if device._is_in_stock() or device._stock_serial():
                raise UserError(
                    self.env._(
                        "%(device)s is known to the warehouse already, or lent.",
                        device=device.display_name,
                    )
                )
            device._receive(device.serial_number, 1, device._create_serial())

    # === Helpers === #

    def _is_in_stock(self):
        return self.is_lent or super()._is_in_stock()

    def _stock_serial(self):
        """Its serial number in the warehouse, as superuser, or nothing."""
        self.ensure_one()
        # Whoever lends need not see the serial numbers of the warehouse.
        return (
            self.env["stock.lot"]
            .sudo()
            .search(
                [
                    ("name", "=", self.serial_number),
                    ("product_id", "=", self.product_id.id),
                    ("company_id", "in", (False, self.company_id.id)),
                ],
                limit=1,
            )
        )

    def _create_serial(self):
        # As above.
        return (
            self.env["stock.lot"]
            .sudo()
            .create(
                {
                    "name": self.serial_number,
                    "product_id": self.product_id.id,
                    "company_id": self.company_id.id,
                }
            )
        )

    def _stock_tracking_words(self, product):
        return self.env._(
            "%(product)s is not tracked by serial number. A device is.",
            product=product.display_name,
        )

    def _stock_fixed_words(self):
        return self.env._(
            "%(device)s is in the warehouse under its number, or lent: product, place "
            "and number stay.",
            device=self.display_name,
        )
