import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq

CODE_MINUTES = 10
MAX_TRIES = 5
MAX_CODES_AN_HOUR = 3
KEPT = frozenset({"code_digest", "code_until", "tries", "is_code_sent", "message"})


class BeneficiaryReceiptConfirm(models.TransientModel):
    """The taker shows that something was received: by a code, a signature, a photo.

    A wrong code is answered, not raised: a refusal would take the count of the tries
    back with it.
    """

    _name = "beneficiary.receipt.confirm"
    _description = "Confirm a Receipt"

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
    code = fields.Char(string="Code the Person Received", size=6)
    is_code_sent = fields.Boolean(readonly=True)
    message = fields.Char(readonly=True)
    code_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    code_until = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    tries = fields.Integer(readonly=True, groups=fields.NO_ACCESS)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {name: value for name, value in vals.items() if name not in KEPT}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not self.env.su and (KEPT | set(self._papers())) & vals.keys():
            raise UserError(self.env._("The code is not typed in here."))
        return super().write(vals)

    @api.model
    def _papers(self):
        """The fields that lead to what is received."""
        return ["disbursement_id", "delivery_id"]

    def _paper(self):
        self.ensure_one()
        for name in self._papers():
            if self[name]:
                return self[name]
        raise UserError(self.env._("Open this from a payment or a delivery."))

    def action_send_code(self):
        """Send the person a code that is good once and for ten minutes.

        :raise UserError: no phone to send it to, or too many codes
        """
        self.ensure_one()
        self.check_access("write")
        paper = self._paper()
        paper._check_may_confirm()
        # The phone of the person it is for, nothing else of the contact.
        partner = paper.sudo().request_id.beneficiary_id.partner_id
        if not partner.phone:
            raise UserError(
                self.env._(
                    "The person has no phone number. Let the taker sign, or take a "
                    "photo."
                )
            )
        self._check_codes_sent(partner)
        code = f"{secrets.randbelow(10**6):06d}"
        words = self.with_context(lang=partner.lang or self.env.lang)
        self.env["beneficiary.message"]._send_sms(
            partner,
            words.env._(
                "Your code is %(code)s. Give it only when you have received it.",
                code=code,
            ),
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
                "method": "code",
            }
        )
        return self._reopen()

    def _check_codes_sent(self, partner):
        """Let five tries a code not become any number of tries by new codes."""
        # Only how many were sent to this person is looked at.
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

    def action_confirm(self):
        """Record the receipt, once what shows it is there."""
        self.ensure_one()
        self.check_access("write")
        paper = self._paper()
        paper._check_may_confirm()
        received = self.result == "received"
        if received and not self.taker_name:
            raise UserError(self.env._("Write down who took it."))
        if received and self.method == "code" and not self._is_code_right():
            # See the docstring of the class.
            self.sudo().message = self.env._(
                "This code is not right, or its ten minutes are over. Ask for a new "
                "one."
            )
            return self._reopen()
        paper._record_receipt(
            self.result,
            self.method,
            taker_name=self.taker_name,
            signature=self.method == "signature" and self.signature,
            photo=self.method == "photo" and self.photo,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Proof of Receipt"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

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
