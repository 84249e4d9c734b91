from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BeneficiaryDisbursement(models.Model):
    """What is owed to a shop for one use of a voucher: a line of the shop's bill."""

    _inherit = "beneficiary.disbursement"

    voucher_use_id = fields.Many2one(
        comodel_name="beneficiary.voucher.use",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _voucher_use_uniq = models.UniqueIndex(
        "(voucher_use_id) WHERE voucher_use_id IS NOT NULL"
        " AND state NOT IN ('cancelled', 'reversed')",
        "This use of a voucher is on a bill already.",
    )

    @api.constrains("voucher_use_id", "request_id", "payee_id", "amount")
    def _check_voucher_use(self):
        for one in self.filtered("voucher_use_id"):
            use = one.voucher_use_id
            if (
                use.kind != "use"
                or use.void_ids
                or use.request_id != one.request_id
                or use.vendor_id != one.payee_id
                or one.currency_id.compare_amounts(use.amount, one.amount)
            ):
                raise ValidationError(
                    self.env._(
                        "%(number)s: the shop is paid for what was bought with the "
                        "voucher %(voucher)s, no more and no less.",
                        number=one.display_name,
                        voucher=use.voucher_id.name,
                    )
                )

    def _complete_new(self, vals_list):
        result = super()._complete_new(vals_list)
        uses = self.env["beneficiary.voucher.use"].browse(
            [vals["voucher_use_id"] for vals in vals_list if vals.get("voucher_use_id")]
        )
        # Cancelling a use and paying for it exclude one another, also at the same
        # time; the clerk may not write uses.
        uses.voucher_id.sudo()._touch()
        for use in uses:
            reason = use._get_bill_refusal()
            if reason:
                raise UserError(reason)
        return result

    def _is_paid_to_stranger(self):
        """A shop that took a voucher is no stranger, be it one person's own."""
        return not self.voucher_use_id and super()._is_paid_to_stranger()

    def _get_paid_in_hand(self):
        # A voucher is bought with, whatever kind of help it is.
        others = self.filtered(lambda one: not one.voucher_use_id)
        return super(BeneficiaryDisbursement, others)._get_paid_in_hand()
