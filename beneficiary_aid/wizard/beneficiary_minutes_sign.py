import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import consteq

CODE_MINUTES = 10
MAX_TRIES = 5
MAX_CODES_AN_HOUR = 3


class BeneficiaryMinutesSign(models.TransientModel):
    """A member signs minutes: drawn, by a one-time code, or with a signed paper.

    A wrong code is answered, not raised: a refusal would take the count of the tries
    back with it.
    """

    _name = "beneficiary.minutes.sign"
    _description = "Sign Minutes"

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
    code = fields.Char(string="Code You Received", size=6)
    is_code_sent = fields.Boolean(readonly=True)
    message = fields.Char(readonly=True)
    code_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    code_until = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    tries = fields.Integer(readonly=True, groups=fields.NO_ACCESS)

    @api.model_create_multi
    def create(self, vals_list):
        typed = ("code_digest", "code_until", "tries", "is_code_sent", "message")
        return super().create(
            [
                {name: value for name, value in vals.items() if name not in typed}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        kept = {"code_digest", "code_until", "tries", "is_code_sent", "minutes_id"}
        if not self.env.su and kept & vals.keys():
            raise UserError(self.env._("The code is not typed in here."))
        return super().write(vals)

    def action_send_code(self):
        """Send the member a code that is good once and for ten minutes.

        :raise UserError: no phone to send it to, or too many codes
        """
        self.ensure_one()
        self.minutes_id.check_access("read")
        self.minutes_id._check_can_sign()
        partner = self.env.user.partner_id
        if not partner.phone:
            raise UserError(
                self.env._(
                    "Your contact has no phone number. Add one to your preferences, "
                    "or draw your signature."
                )
            )
        self._check_codes_sent(partner)
        code = f"{secrets.randbelow(10**6):06d}"
        self.env["beneficiary.message"]._send_sms(
            partner,
            self.env._("Your code to sign is %(code)s.", code=code),
            record=self.minutes_id.meeting_id,
            kind="code",
        )
        # The digest is nobody's to read or to write.
        self.sudo().write(
            {
                "code_digest": self._digest(code),
                "code_until": fields.Datetime.now() + timedelta(minutes=CODE_MINUTES),
                "tries": 0,
                "is_code_sent": True,
                "message": False,
            }
        )
        return self._reopen()

    def _check_codes_sent(self, partner):
        """Let five tries a code not become any number of tries by new codes.

        :raise UserError: when enough codes were sent within the hour
        """
        # Only how many were sent to this member is looked at.
        sent = (
            self.env["beneficiary.message"]
            .sudo()
            .search_count(
                [
                    ("kind", "=", "code"),
                    ("partner_id", "=", partner.id),
                    ("create_date", ">", fields.Datetime.now() - timedelta(hours=1)),
                ]
            )
        )
        if sent >= MAX_CODES_AN_HOUR:
            raise UserError(self.env._("Enough codes were sent. Try again in an hour."))

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sign the Minutes"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_sign(self):
        """Sign, once what the method asks for is there."""
        self.ensure_one()
        self.minutes_id.check_access("read")
        self.minutes_id._check_can_sign()
        self._check_proof()
        if self.method == "code" and not self._is_code_right():
            # See the docstring of the class.
            self.sudo().message = self.env._(
                "This code is not right, or its ten minutes are over. Ask for a new "
                "one."
            )
            return self._reopen()
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

    def _is_code_right(self):
        """Tell whether the code is the one sent; a few tries only."""
        # See action_send_code.
        wizard = self.sudo()
        if (
            not wizard.code_digest
            or wizard.tries >= MAX_TRIES
            or wizard.code_until < fields.Datetime.now()
        ):
            return False
        wizard.tries += 1
        is_right = consteq(wizard.code_digest, self._digest(self.code or ""))
        if is_right:
            wizard.code_digest = False
        return is_right

    def _digest(self, code):
        return hashlib.sha256(f"{self.id}:{code}".encode()).hexdigest()
