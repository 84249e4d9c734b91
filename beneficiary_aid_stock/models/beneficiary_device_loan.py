from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_aid.models.beneficiary_device import (
    BeneficiaryDeviceLoan as Base,
)


class BeneficiaryDeviceLoan(models.Model):
    """A loan takes the serial number out of the warehouse, and the return back in."""

    _inherit = "beneficiary.device.loan"

    _never_typed = Base._never_typed | {"picking_id", "return_picking_id"}

    picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Left by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="stock.group_stock_user",
    )
    return_picking_id = fields.Many2one(
        comodel_name="stock.picking",
        string="Came Back by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="stock.group_stock_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        loans = super().create(vals_list)
        for loan in loans.filtered("device_id.product_id"):
            loan._leave_stock()
        return loans

    def action_return(self):
        result = super().action_return()
        # Transfers are not typed in; the role is checked above.
        for loan in self.sudo().filtered("picking_id"):
            device = loan.device_id
            loan.return_picking_id = loan.company_id._beneficiary_transfer(
                loan.request_id.name,
                loan.company_id._beneficiary_stock_lent(),
                device._stock_location(),
                [(device.product_id, 1, device._stock_serial())],
            )
        return result

    def action_open_transfers(self):
        """Open the transfers of the warehouse."""
        self.ensure_one()
        self.check_access("read")
        pickings = self.picking_id | self.return_picking_id
        return pickings._get_records_action(name=self.env._("Transfers"))

    def _leave_stock(self):
        """Move the device out of the warehouse.

        :raise UserError: when it is not there
        """
        self.ensure_one()
        device = self.device_id
        serial = device._stock_serial()
        if not serial:
            raise UserError(
                self.env._(
                    "%(device)s was not received into the warehouse yet.",
                    device=device.display_name,
                )
            )
        # As above.
        self.sudo().picking_id = self.company_id._beneficiary_transfer(
            self.request_id.name,
            device._stock_location(),
            self.company_id._beneficiary_stock_lent(),
            [(device.product_id, 1, serial)],
        )
