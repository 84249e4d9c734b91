from odoo import fields, models
from odoo.exceptions import UserError
from odoo.http import request


class BeneficiaryMinutesSign(models.TransientModel):
    """A member signs minutes: drawn, by a one-time code, or with a signed paper."""

    _name = "beneficiary.minutes.sign"
    _inherit = "beneficiary.code.mixin"
    _description = "Sign Minutes"

    _confirmed_fields = frozenset({"minutes_id"})

    minutes_id = fields.Many2one(
        comodel_name="beneficiary.minutes", required=True, readonly=True
    )
    body = fields.Html(related="minutes_id.body")
    method = fields.Selection(
        selection=[
            ("drawn", "Draw the signature"),
            ("code", "Confirm by a code"),
            ("paper", "Upload the signed paper"),
        ],
        required=True,
        default="drawn",
    )
    signature = fields.Binary()
    scan = fields.Binary(string="Signed Paper")
    code = fields.Char(string="Code You Received")

    def action_send_code(self):
        """Send the member a code that is good once and for ten minutes.

        :raise UserError: no phone to send it to, or too many codes
        """
        self.ensure_one()
        self.minutes_id.check_access("read")
        self.minutes_id._check_can_sign()
        self._send_code()
        return self._reopen()

    def action_sign(self):
        """Sign, once what the method asks for is there."""
        self.ensure_one()
        self.minutes_id.check_access("read")
        self.minutes_id._check_can_sign()
        self._check_proof()
        if self.method == "code" and not self._try_code(self.code):
            return self._refuse_code()
        self.minutes_id._sign(
            self.method,
            signature=self.method == "drawn" and self.signature,
            scan=self.method == "paper" and self.scan,
            address=request and request.httprequest.remote_addr,
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_proof(self):
        if self.method == "drawn" and not self.signature:
            raise UserError(self.env._("Draw your signature first."))
        if self.method == "paper" and not self.scan:
            raise UserError(self.env._("Upload the signed paper first."))

    # ------------------------------------------------------------------
    # The code
    # ------------------------------------------------------------------

    def _code_partner(self):
        return self.env.user.partner_id

    def _code_words(self, code):
        return self.env._("Your code to sign is %(code)s.", code=code)

    def _code_record(self):
        return self.minutes_id.meeting_id

    def _no_phone_words(self):
        return self.env._(
            "Your contact has no phone number. Add one to your preferences, "
            "or draw your signature."
        )

    def _reopen(self):
        return {**super()._reopen(), "name": self.env._("Sign the Minutes")}
