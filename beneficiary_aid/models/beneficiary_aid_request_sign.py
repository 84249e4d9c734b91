from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

from odoo.addons.beneficiary_relations.exceptions import PortalError
from odoo.addons.beneficiary_relations.tools.text import clean_text

from .beneficiary_aid_draft import NAME_MAX_LENGTH
from .beneficiary_aid_request_flow import OFFICER, RESEARCHER
from .beneficiary_declaration_proof import REPRESENTATIVE

# While the person may still sign and hand in.
SIGNABLE = ("received", "verification", "study", "decision")


class BeneficiaryAidRequest(models.Model):
    """The person signs and hands in for a request that was entered at the desk."""

    _inherit = "beneficiary.aid.request"

    def action_sign_by_code(self):
        """Open the dialog by which the person signs with a code sent to his phone."""
        self.ensure_one()
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER, REPRESENTATIVE)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sign by Code"),
            "res_model": "beneficiary.declaration.sign",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_request_id": self.id,
                "default_signer_name": self.beneficiary_id.name,
            },
        }

    # ------------------------------------------------------------------
    # In the portal
    # ------------------------------------------------------------------

    def _portal_request_values(self):
        values = super()._portal_request_values()
        # See super: the owner was checked.
        request = self.sudo()
        values["can_sign"] = request._portal_can_sign()
        values["can_upload"] = request.status in SIGNABLE
        if values["can_sign"]:
            values["is_waiting"] = values["is_waiting"] or request.asked_declaration
        return values

    def _portal_can_sign(self):
        """Tell whether the declaration is still to be signed."""
        self.ensure_one()
        return self.status in SIGNABLE and not self.is_declared

    def _portal_todo(self, step, needed, is_waiting):
        """Name the signature beside the papers, when both were asked for."""
        words = super()._portal_todo(step, needed, is_waiting)
        if not (self.asked_declaration and self._portal_can_sign()):
            return words
        sign = self.env._("Please sign the declaration.")
        return format_list(self.env, [words, sign], "unit") if needed else sign

    def _portal_declaration(self):
        """Return the words to sign and their version, as the policy has them.

        :raise AccessError: the request is not the user's, or there is nothing to sign
        """
        self.ensure_one()
        self.check_access("read")
        # The wording of the declaration is shown to the person who signs it.
        request = self.sudo()
        if not request._portal_can_sign():
            raise AccessError(self.env._("There is nothing to sign here."))
        policy = request.policy_id
        text = policy.with_env(self.env).sudo().declaration_text or self.env._(
            "I declare that what I wrote here is true and complete. I will tell the "
            "association when something changes."
        )
        return text, policy.declaration_version or "1"

    def _portal_sign(self, name, signature, code, address):
        """Keep the declaration of the logged-in person, drawn or by code.

        :param str name: typed full name
        :param str signature: the drawing as a PNG data URL
        :param str code: the code that was sent, instead of a drawing
        :param str address: network address the signature came from
        :return: ``{field: message}``, empty when it is signed
        """
        self.ensure_one()
        text, version = self._portal_declaration()
        mandate, error = self._portal_signer()
        if error:
            return {"signature": error}
        try:
            name = clean_text(name, NAME_MAX_LENGTH)
        except ValueError:
            name = ""
        if not name or len(name) < 3:
            return {"signer_name": self.env._("Write your full name.")}
        code_sent = self._portal_code()
        drawing = self.env["beneficiary.aid.draft"]._read_signature(signature)
        if code:
            if not code_sent or not code_sent._try_code(code):
                return {"code": code_sent._wrong_words()}
        elif not drawing:
            return {"signature": self.env._("Sign with your finger in the box.")}
        self._portal_create_declaration(
            self.sudo(),
            {
                "text": text,
                "text_version": version,
                "signer_name": name,
                "signature": False if code else signature.partition(",")[2],
                "address": address,
                "method": "code" if code else "drawn",
                "phone_hint": code and code_sent.phone_hint,
            },
            mandate,
        )
        return {}

    def _portal_signer(self):
        """Return the mandate the user signs by, and why he may not."""
        Mandate = self.env["beneficiary.mandate"]
        try:
            return Mandate._require_scope(self.beneficiary_id, "sign"), None
        except PortalError as error:
            return Mandate, error.args[0]

    def _portal_code(self):
        """Return the code the user asked for, as superuser, or nothing."""
        # Portal users have no right on codes: only the own one is looked for.
        return (
            self.env["beneficiary.declaration.sign"]
            .sudo()
            .search(
                [("request_id", "=", self.id), ("create_uid", "=", self.env.uid)],
                order="id desc",
                limit=1,
            )
        )

    def _portal_has_code(self):
        """Tell whether the user holds a code that may still be typed in."""
        code = self._portal_code()
        return bool(code.code_digest and code.code_until > fields.Datetime.now())

    def _portal_send_code(self):
        """Send the logged-in person a code to sign with.

        :raise PortalError: why none is sent
        """
        self.ensure_one()
        self._portal_declaration()
        mandate, error = self._portal_signer()
        if error:
            raise PortalError(error)
        # See _portal_code; the right to sign was checked.
        Sign = self.env["beneficiary.declaration.sign"].sudo()
        code = self._portal_code() or Sign.create(
            {
                "request_id": self.id,
                "signer_name": self.env.user.name,
                "mandate_id": mandate.id,
            }
        )
        try:
            code._send_code()
        except UserError as error:
            raise PortalError(error.args[0]) from None
