import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq

CODE_MINUTES = 10
MAX_TRIES = 5
MAX_CODES_AN_HOUR = 3
# What the system knows of a code: nobody types it in.
KEPT = frozenset(
    {"code_digest", "code_until", "tries", "is_code_sent", "phone_hint", "message"}
)


class BeneficiaryCodeMixin(models.AbstractModel):
    """A dialog that is confirmed by a code sent to somebody's phone.

    The code is good once, for ten minutes and a few tries; what is kept of it is a
    digest nobody reads. A wrong code is answered, not raised: a refusal would take the
    count of the tries back with it.

    A dialog says to whom the code goes (:meth:`_code_partner`), in which words
    (:meth:`_code_words`, :meth:`_no_phone_words`), and what counts in the limit of an
    hour (:meth:`_codes_sent_domain`). The access and the role are checked by its
    buttons, before :meth:`_send_code`.
    """

    _name = "beneficiary.code.mixin"
    _description = "Confirmation by Code"

    # What is confirmed: given when the dialog opens, and not changed in it.
    _confirmed_fields = frozenset()

    code = fields.Char(string="Code the Person Received", size=6)
    is_code_sent = fields.Boolean(readonly=True)
    phone_hint = fields.Char(string="Code Sent to", readonly=True)
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
        if not self.env.su and (KEPT | self._confirmed_fields) & vals.keys():
            raise UserError(self.env._("The code is not typed in here."))
        return super().write(vals)

    # ------------------------------------------------------------------
    # What a dialog says
    # ------------------------------------------------------------------

    def _code_partner(self):
        """Return whom the code goes to, as superuser when the user may not read him.

        :return: ``res.partner``
        """
        raise NotImplementedError

    def _code_words(self, code):
        """Return the words of the short message, in the language of the context."""
        raise NotImplementedError

    def _no_phone_words(self):
        """Return what is said when there is no phone to send a code to."""
        raise NotImplementedError

    def _code_record(self):
        """Return what the message is about, or nothing."""
        return None

    def _codes_sent_domain(self, partner):
        """Return which codes count in the limit of an hour.

        :param partner: whom the code goes to
        """
        return [("partner_id", "=", partner.id)]

    # ------------------------------------------------------------------
    # The code
    # ------------------------------------------------------------------

    def _send_code(self):
        """Send a code that is good once and for ten minutes.

        :raise UserError: no phone to send it to, or too many codes
        """
        self.ensure_one()
        partner = self._code_partner()
        if not partner.phone:
            raise UserError(self._no_phone_words())
        self._check_codes_sent(partner)
        code = f"{secrets.randbelow(10**6):06d}"
        reader = self.with_context(lang=partner.lang or self.env.lang)
        self.env["beneficiary.message"]._send_sms(
            partner, reader._code_words(code), record=self._code_record(), kind="code"
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

    def _check_codes_sent(self, partner):
        """Let five tries a code not become any number of tries by new codes.

        :raise UserError: when enough codes were sent within the hour
        """
        hour_ago = fields.Datetime.now() - timedelta(hours=1)
        # Only how many were sent is looked at.
        sent = (
            self.env["beneficiary.message"]
            .sudo()
            .search_count(
                [
                    ("kind", "=", "code"),
                    *self._codes_sent_domain(partner),
                    ("create_date", ">", hour_ago),
                ]
            )
        )
        if sent >= MAX_CODES_AN_HOUR:
            raise UserError(self.env._("Enough codes were sent. Try again in an hour."))

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

    @api.model
    def _wrong_words(self):
        return self.env._(
            "This code is not right, or its ten minutes are over. Ask for a new one."
        )

    def _refuse_code(self):
        """Open the dialog again, saying that the code was wrong."""
        # See the docstring of the class.
        self.sudo().message = self._wrong_words()
        return self._reopen()

    def _reopen(self):
        """Return the window of the dialog as it stands.

        A dialog gives it its title.
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
