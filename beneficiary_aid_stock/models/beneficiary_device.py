from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.touch import touch


class BeneficiaryDevice(models.Model):
    """A device that is a serial number of a product in the warehouse."""

    _inherit = "beneficiary.device"

    _fixed_when_received = frozenset({"product_id", "location_id", "serial_number"})

    product_id = fields.Many2one(
        comodel_name="product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('is_storable', '=', True), ('tracking', '=', 'serial')]",
        help="The product in the warehouse. Empty: a device that is only known here.",
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
        for device in self.filtered("product_id"):
            reason = device.product_id._get_beneficiary_refusal(device.company_id)
            if reason:
                raise ValidationError(reason)
            if device.product_id.tracking != "serial":
                raise ValidationError(
                    self.env._(
                        "%(product)s is not tracked by serial number. A device is.",
                        product=device.product_id.display_name,
                    )
                )
            if device.location_id and device.location_id.usage != "internal":
                raise ValidationError(
                    self.env._(
                        "%(goods)s: choose a location within the warehouse.",
                        goods=device.name,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_typed(vals)
        if vals.keys() & self._fixed_when_received:
            for device in self:
                if device.is_lent or device.sudo().receipt_picking_id:
                    raise UserError(
                        self.env._(
                            "%(device)s is in the warehouse under its number, or lent: "
                            "product, place and number stay.",
                            device=device.display_name,
                        )
                    )
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
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_relations.group_relations_officer"
        )
        touch(self)
        for device in self:
            if not device.product_id:
                raise UserError(
                    self.env._(
                        "%(device)s: choose its product first.",
                        device=device.display_name,
                    )
                )
            serial = device._stock_serial()
            if device.is_lent or device.sudo().receipt_picking_id or serial:
                raise UserError(
                    self.env._(
                        "%(device)s is known to the warehouse already, or lent.",
                        device=device.display_name,
                    )
                )
            # Not typed in; the role is checked above.
            device.sudo().receipt_picking_id = device.company_id._beneficiary_transfer(
                device.serial_number,
                self.env.ref("stock.stock_location_suppliers").sudo(),
                device._stock_location(),
                [(device.product_id, 1, device._create_serial())],
            )

    # === Helpers === #

    def _stock_location(self):
        """Where the device is kept."""
        self.ensure_one()
        return self.sudo().location_id or self.company_id._beneficiary_stock_location()

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
