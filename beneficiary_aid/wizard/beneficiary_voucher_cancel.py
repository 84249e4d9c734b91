from odoo import fields, models

from ..models.beneficiary_voucher import CLERK, RELEASER


class BeneficiaryVoucherCancel(models.TransientModel):
    """Why vouchers are cancelled, and what becomes of what is left of them."""

    _name = "beneficiary.voucher.cancel"
    _description = "Cancel Vouchers"

    voucher_ids = fields.Many2many(
        comodel_name="beneficiary.voucher", string="Vouchers", required=True
    )
    reason = fields.Char(required=True, size=300)
    then = fields.Selection(
        selection=[
            ("release", "Goes back to the fund"),
            ("keep", "Stays promised to the request"),
            ("replace", "New vouchers are prepared for it"),
        ],
        string="What Is Left",
        required=True,
        default="release",
    )

    def action_cancel(self):
        """Cancel the vouchers.

        :return: the new drafts, when others take their place
        :raise AccessError: when one was issued and the user is no releaser
        """
        self.ensure_one()
        self.check_access("write")
        vouchers = self.voucher_ids
        vouchers._check_role(CLERK, RELEASER)
        if any(voucher.state != "draft" for voucher in vouchers):
            vouchers._check_role(RELEASER)
        new = vouchers._cancel(self.reason, self.then)
        if new:
            return new._get_records_action(name=self.env._("New Vouchers"))
        return {"type": "ir.actions.act_window_close"}


class BeneficiaryVoucherVoid(models.TransientModel):
    """Why a use of a voucher is cancelled."""

    _name = "beneficiary.voucher.void"
    _description = "Cancel a Use of a Voucher"

    use_id = fields.Many2one(
        comodel_name="beneficiary.voucher.use", string="Purchase", required=True
    )
    amount = fields.Monetary(related="use_id.amount")
    currency_id = fields.Many2one(related="use_id.currency_id")
    reason = fields.Char(required=True, size=300)

    def action_void(self):
        """Cancel the use with the reason."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(RELEASER)
        self.use_id.check_access("read")
        self.use_id._void(self.reason)
        return {"type": "ir.actions.act_window_close"}
