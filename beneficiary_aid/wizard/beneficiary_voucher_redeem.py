from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.touch import touch

from ..models.beneficiary_voucher import CLERK

KEPT = frozenset({"voucher_id", "message", "last_note", "is_done"})


class BeneficiaryVoucherRedeem(models.TransientModel):
    """Type or scan the code of a voucher, see what is left, write what was bought.

    A wrong code is answered, not raised: a refusal would take the count of the tries
    back with it. Codes are looked up by a button only, never while typing.
    """

    _name = "beneficiary.voucher.redeem"
    _description = "Record a Purchase with a Voucher"
    _inherit = "beneficiary.amounts.mixin"

    code = fields.Char(help="Type it, or scan it from the paper.")
    voucher_id = fields.Many2one(comodel_name="beneficiary.voucher", readonly=True)
    vendor_id = fields.Many2one(related="voucher_id.vendor_id")
    beneficiary_id = fields.Many2one(related="voucher_id.beneficiary_id")
    currency_id = fields.Many2one(related="voucher_id.currency_id")
    allowed = fields.Text(related="voucher_id.goods", string="May Buy")
    amount_left = fields.Monetary(related="voucher_id.amount_left")
    date_until = fields.Date(related="voucher_id.date_until")
    amount = fields.Monetary(string="It Cost")
    reference = fields.Char(
        string="Till Receipt",
        size=60,
        help="The number the shop gave the purchase.",
    )
    goods = fields.Char(string="What Was Bought", size=300)
    message = fields.Char(readonly=True)
    last_note = fields.Char(readonly=True)
    is_done = fields.Boolean(readonly=True)

    @api.model_create_multi
    def create(self, vals_list):
        # Said, so that no default of the context is taken for them either.
        nothing = dict.fromkeys(KEPT, False)
        return super().create([{**vals, **nothing} for vals in vals_list])

    def write(self, vals):
        if not self.env.su and KEPT & vals.keys():
            raise UserError(self.env._("A voucher is found by its code."))
        return super().write(vals)

    def action_check(self):
        """Find the voucher of the code; a few wrong ones only.

        :raise UserError: after too many wrong codes
        """
        self.ensure_one()
        self._check_clerk()
        tries = self.env["beneficiary.voucher.try"]
        tries._check_allowed()
        voucher = self.env["beneficiary.voucher"]._of_code(self.code)
        values = {"voucher_id": voucher.id, "message": False, "last_note": False}
        if not voucher:
            tries._record()
            values["message"] = self.env._(
                "No voucher has this code. Compare it with the paper."
            )
        # What was found is not typed in; neither is the code kept.
        self.sudo().write({**values, "code": self.code if not voucher else False})
        return self._reopen()

    def action_redeem(self):
        """Record the purchase and go on with the next voucher.

        :raise UserError: above the limits, outside the days, or when it is over
        """
        self.ensure_one()
        self._check_clerk()
        touch(self)
        if not self.voucher_id or self.is_done:
            raise UserError(self.env._("Enter the code of the voucher first."))
        voucher = self.voucher_id
        voucher.check_access("read")
        voucher._redeem(self.amount, self.reference, self.goods)
        # As above.
        self.sudo().is_done = True
        note = self.env._(
            "%(number)s: %(amount)s recorded, %(left)s left.",
            number=voucher.name,
            amount=voucher.currency_id.format(self.amount),
            left=voucher.currency_id.format(voucher.amount_left),
        )
        following = self.create({})
        following.sudo().last_note = note
        return following._reopen()

    def _check_clerk(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(CLERK)

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record a Purchase"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
