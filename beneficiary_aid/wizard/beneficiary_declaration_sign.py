import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq

from ..models.beneficiary_aid_request_flow import OFFICER, RESEARCHER
from ..models.beneficiary_declaration_proof import REPRESENTATIVE

CODE_MINUTES = 10
MAX_TRIES = 5
MAX_CODES_AN_HOUR = 3


class BeneficiaryDeclarationSign(models.TransientModel):
    """The person signs by a code sent to his phone: at the desk or in the portal.

    The code is good once, for ten minutes and a few tries; what is kept of it is a
    digest nobody reads. A wrong code is answered, not raised: the try is counted.
    """

    _name = "beneficiary.declaration.sign"
    _description = "Sign a Declaration by Code"

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    text = fields.Text(compute="_compute_text")
    signer_name = fields.Char(string="Signed by", required=True, size=200)
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Signed by Mandate",
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active'),"
        " ('can_sign', '=', True)]",
    )
    code = fields.Char(string="Code the Person Received", size=6)
    is_code_sent = fields.Boolean(readonly=True)
    phone_hint = fields.Char(string="Code Sent to", readonly=True)
    message = fields.Char(readonly=True)
    code_digest = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    code_until = fields.Datetime(readonly=True, groups=fields.NO_ACCESS)
    tries = fields.Integer(readonly=True, groups=fields.NO_ACCESS)

    @api.depends("request_id")
    def _compute_text(self):
        for wizard in self:
            declaration = self.env["beneficiary.declaration"].with_context(
                default_request_id=wizard.request_id.id
            )
            wizard.text = declaration._default_text()

    @api.model_create_multi
    def create(self, vals_list):
        typed = {"request_id", "signer_name", "mandate_id", "code"}
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name in typed}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() - {"signer_name", "mandate_id", "code"}:
            raise UserError(self.env._("The code is not typed in here."))
        return super().write(vals)

    # ------------------------------------------------------------------
    # At the desk
    # ------------------------------------------------------------------

    def action_send_code(self):
        """Send the person a code and ask for it.

        :raise UserError: no phone, or too many codes
        """
        self.ensure_one()
        self._check_desk()
        self._send_code()
        return self._reopen()

    def action_confirm(self):
        """Sign when the code is the one the person received."""
        self.ensure_one()
        self._check_desk()
        if not self._try_code(self.code):
            self.sudo().message = self._wrong_words()
            return self._reopen()
        self._sign()
        return {"type": "ir.actions.act_window_close"}

    def _check_desk(self):
        self.request_id.check_access("write")
        self.request_id._check_role(OFFICER, RESEARCHER, REPRESENTATIVE)
        self._check_can_sign()

    def _check_can_sign(self):
        """Refuse to sign for a request that is decided."""
        request = self.request_id.sudo()
        if request.status not in ("received", "verification", "study", "decision"):
            raise UserError(
                self.env._(
                    "Request %(name)s is decided or closed: nothing is to be signed.",
                    name=request.display_name,
                )
            )

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sign by Code"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # ------------------------------------------------------------------
    # The code
    # ------------------------------------------------------------------

    def _wrong_words(self):
        return self.env._(
            "This code is not right, or its ten minutes are over. Ask for a new one."
        )

    def _send_code(self):
        """Send a code to the person, or to who signs for him.

        :raise UserError: in words the person may read
        """
        self.ensure_one()
        # Phone and language of the recipient, nothing else of the contact.
        request = self.request_id.sudo()
        partner = self.sudo().mandate_id.holder_id or request.beneficiary_id.partner_id
        if not partner.phone:
            raise UserError(
                self.env._(
                    "There is no phone number to send a code to. Sign by drawing or "
                    "on paper."
                )
            )
        sent = (
            self.env["beneficiary.message"]
            .sudo()
            .search_count(
                [
                    ("kind", "=", "code"),
                    ("res_model", "=", request._name),
                    ("res_id", "=", request.id),
                    ("create_date", ">", fields.Datetime.now() - timedelta(hours=1)),
                ]
            )
        )
        if sent >= MAX_CODES_AN_HOUR:
            raise UserError(self.env._("Enough codes were sent. Try again in an hour."))
        code = f"{secrets.randbelow(10**6):06d}"
        words = self.with_context(lang=partner.lang or self.env.lang)
        self.env["beneficiary.message"]._send_sms(
            partner,
            words.env._(
                "%(company)s: your code to sign is %(code)s. Give it to nobody but us.",
                company=request.company_id.name,
                code=code,
            ),
            record=request,
            kind="code",
        )
        # The digest is nobody's to read or to write.
        self.sudo().write(
            {
                "code_digest": self._digest(code),
                "code_until": fields.Datetime.now() + timedelta(minutes=CODE_MINUTES),
                "tries": 0,
                "is_code_sent": True,
                "phone_hint": f"•••{partner.phone[-3:]}",
                "message": False,
            }
        )

    def _try_code(self, code):
        """Tell whether a code is the one that was sent; every try counts."""
        self.ensure_one()
        # See _send_code.
        wizard = self.sudo()
        if (
            not wizard.code_digest
            or wizard.tries >= MAX_TRIES
            or wizard.code_until < fields.Datetime.now()
        ):
            return False
        wizard.tries += 1
        is_right = consteq(wizard.code_digest, self._digest(code or ""))
        if is_right:
            wizard.code_digest = False
        return is_right

    def _digest(self, code):
        return hashlib.sha256(f"{self.id}:{code}".encode()).hexdigest()

    def _sign(self):
        """Keep the declaration: the right to sign and the code were checked."""
        self.ensure_one()
        Declaration = self.env["beneficiary.declaration"]
        # Signing by code is nobody's to type in.
        return Declaration.sudo().create(
            {
                "request_id": self.request_id.id,
                "text": self.text,
                "text_version": self.request_id.sudo().policy_id.declaration_version,
                "signer_name": self.signer_name,
                "method": "code",
                "mandate_id": self.mandate_id.id,
                "phone_hint": self.phone_hint,
                "address": Declaration._network_address(),
                "user_id": self.env.uid,
            }
        )
