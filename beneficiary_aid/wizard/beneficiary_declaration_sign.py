from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.beneficiary_aid_request_flow import OFFICER, RESEARCHER
from ..models.beneficiary_declaration_proof import REPRESENTATIVE


class BeneficiaryDeclarationSign(models.TransientModel):
    """The person signs by a code sent to his phone: at the desk or in the portal."""

    _name = "beneficiary.declaration.sign"
    _inherit = "beneficiary.code.mixin"
    _description = "Sign a Declaration by Code"

    _confirmed_fields = frozenset({"request_id"})

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

    @api.depends("request_id")
    def _compute_text(self):
        for wizard in self:
            declaration = self.env["beneficiary.declaration"].with_context(
                default_request_id=wizard.request_id.id
            )
            wizard.text = declaration._default_text()

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
            return self._refuse_code()
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

    # ------------------------------------------------------------------
    # The code
    # ------------------------------------------------------------------

    def _code_partner(self):
        # Phone and language of the recipient, nothing else of the contact.
        wizard = self.sudo()
        return wizard.mandate_id.holder_id or wizard.beneficiary_id.partner_id

    def _code_words(self, code):
        return self.env._(
            "%(company)s: your code to sign is %(code)s. Give it to nobody but us.",
            # The name of the association is public.
            company=self.sudo().request_id.company_id.name,
            code=code,
        )

    def _no_phone_words(self):
        return self.env._(
            "There is no phone number to send a code to. Sign by drawing or on paper."
        )

    def _code_record(self):
        return self.request_id.sudo()

    def _codes_sent_domain(self, partner):
        # A person with two requests signs both of them within the hour.
        return [
            ("res_model", "=", self.request_id._name),
            ("res_id", "=", self.request_id.id),
        ]

    def _reopen(self):
        return {**super()._reopen(), "name": self.env._("Sign by Code")}

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
