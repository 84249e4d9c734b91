from odoo import api, fields, models


class BeneficiaryVendorBill(models.TransientModel):
    """The bill of a shop for what was bought with vouchers, a line for each use."""

    _inherit = "beneficiary.vendor.bill"

    @api.model
    def _default_line_ids(self):
        commands = super()._default_line_ids()
        uses = self.env["beneficiary.voucher.use"].browse(
            self.env.context.get("bill_use_ids", [])
        )
        return commands + [
            fields.Command.create(
                {
                    "request_id": use.request_id.id,
                    "voucher_use_id": use.id,
                    "amount": use.amount,
                }
            )
            for use in uses
        ]


class BeneficiaryVendorBillLine(models.TransientModel):
    _inherit = "beneficiary.vendor.bill.line"

    voucher_use_id = fields.Many2one(
        comodel_name="beneficiary.voucher.use",
        check_company=True,
        domain="[('vendor_id', '=', parent.vendor_id), ('standing', '=', 'open'),"
        " ('request_id', '=', request_id)]",
    )

    _request_uniq = models.UniqueIndex(
        "(bill_id, request_id) WHERE voucher_use_id IS NULL",
        "A request is named once on a bill.",
    )
    _voucher_use_uniq = models.UniqueIndex(
        "(bill_id, voucher_use_id) WHERE voucher_use_id IS NOT NULL",
        "A use of a voucher is named once on a bill.",
    )

    @api.depends("voucher_use_id")
    def _compute_amount_open(self):
        result = super()._compute_amount_open()
        for line in self.filtered("voucher_use_id"):
            line.amount_open = line.voucher_use_id.amount
        return result

    @api.depends("voucher_use_id")
    def _compute_amount(self):
        return super()._compute_amount()

    def _prepare_disbursement(self):
        return {
            **super()._prepare_disbursement(),
            "voucher_use_id": self.voucher_use_id.id,
        }
