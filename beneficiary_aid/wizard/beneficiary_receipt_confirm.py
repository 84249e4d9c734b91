from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryReceiptConfirm(models.TransientModel):
    """The taker shows that something was received: by a code, a signature, a photo."""

    _name = "beneficiary.receipt.confirm"
    _inherit = "beneficiary.code.mixin"
    _description = "Confirm a Receipt"

    # The fields that lead to what is received.
    _confirmed_fields = frozenset({"disbursement_id", "delivery_id"})

    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement", readonly=True
    )
    delivery_id = fields.Many2one(comodel_name="beneficiary.delivery", readonly=True)
    result = fields.Selection(
        selection=[("received", "Received"), ("not_received", "Not received")],
        required=True,
        default="received",
    )
    method = fields.Selection(
        selection=[
            ("signature", "Signature"),
            ("photo", "Photo"),
            ("code", "One-time code"),
        ],
        string="Shown by",
        required=True,
        default="signature",
    )
    taker_name = fields.Char(string="Name of the Taker")
    signature = fields.Binary()
    photo = fields.Binary()
    note = fields.Text(string="What Was Said")

    def _paper(self):
        self.ensure_one()
        paper = self.disbursement_id or self.delivery_id
        if not paper:
            raise UserError(self.env._("Open this from a payment or a delivery."))
        return paper

    def action_send_code(self):
        """Send the person a code that is good once and for ten minutes.

        :raise UserError: no phone to send it to, or too many codes
        """
        self.ensure_one()
        self.check_access("write")
        self._paper()._check_may_confirm()
        self._send_code()
        self.method = "code"
        return self._reopen()

    def action_confirm(self):
        """Record the receipt, once what shows it is there."""
        self.ensure_one()
        self.check_access("write")
        paper = self._paper()
        paper._check_may_confirm()
        received = self.result == "received"
        if received and not self.taker_name:
            raise UserError(self.env._("Write down who took it."))
        if received and self.method == "code" and not self._try_code(self.code):
            return self._refuse_code()
        paper._record_receipt(
            self.result,
            # What did not arrive is told, and shown by nothing.
            self.method if received else "told",
            taker_name=self.taker_name,
            signature=received and self.method == "signature" and self.signature,
            photo=received and self.method == "photo" and self.photo,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------------
    # The code
    # ------------------------------------------------------------------

    def _code_partner(self):
        # The phone of the person it is for, nothing else of the contact.
        return self._paper().sudo().request_id.beneficiary_id.partner_id

    def _code_words(self, code):
        return self.env._(
            "Your code is %(code)s. Give it only when you have received it.", code=code
        )

    def _no_phone_words(self):
        return self.env._(
            "The person has no phone number. Let the taker sign, or take a photo."
        )

    def _reopen(self):
        return {**super()._reopen(), "name": self.env._("Proof of Receipt")}
