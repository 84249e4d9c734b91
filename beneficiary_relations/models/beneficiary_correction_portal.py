import base64

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..exceptions import PortalError
from ..tools.text import clean_text
from .beneficiary_correction import CORRECTABLE, VALUE_MAX_LENGTH

EXPLANATION_MAX_LENGTH = 2000


class BeneficiaryCorrection(models.Model):
    """Asking for a correction in the portal, with a proof, and the answer to it."""

    _inherit = "beneficiary.correction"

    proof = fields.Binary(attachment=True, copy=False)
    proof_filename = fields.Char(copy=False)

    def _clean(self, vals):
        # The type of a proof is told by its content, as with mandates.
        return self.env["beneficiary.mandate"]._checked(super()._clean(vals))

    @api.model
    def _portal_fields_values(self, beneficiary):
        """Return what can be corrected, with the value there is.

        :return: list of ``code``, ``label``, ``current``, ``is_ltr``, ``is_asked``
        :raise AccessError: the file is not the user's
        """
        beneficiary._portal_require_own()
        asked = set(self._portal_open(beneficiary).mapped("field_name"))
        labels = dict(self._selection_field_name())
        return [
            {
                "code": name,
                "label": labels[name],
                "current": beneficiary._portal_field_text(name),
                "type": beneficiary._fields[name].type,
                "choices": beneficiary._fields[name]._description_selection(self.env)
                if beneficiary._fields[name].type == "selection"
                else [],
                "is_ltr": name in ("identity_number", "phone", "email"),
                "is_asked": name in asked,
            }
            for name in CORRECTABLE
        ]

    @api.model
    def _portal_values(self, beneficiary):
        """Return the person's requests for correction and how they stand.

        :raise AccessError: the file is not the user's
        """
        beneficiary._portal_require_own()
        # Portal users do not read corrections; the owner was checked.
        corrections = self.sudo().search(
            [("beneficiary_id", "=", beneficiary.id)], order="id desc"
        )
        labels = dict(self._selection_field_name())
        return [
            {
                "label": labels.get(one.field_name, ""),
                "before": one._portal_value_text(one.value_before),
                "after": one._portal_value_text(one.value_after),
                "date": beneficiary._portal_date(one.requested_on),
                "state": one.state,
                **one._portal_words(),
            }
            for one in corrections
        ]

    def _portal_words(self):
        """Return the state as ``title`` and ``text``, in plain words."""
        self.ensure_one()
        if self.state == "applied":
            return {
                "title": self.env._("Corrected"),
                "text": self.env._("Your file says it as you asked."),
            }
        if self.state == "refused":
            return {
                "title": self.env._("We could not correct it"),
                "text": self.refuse_reason,
            }
        return {
            "title": self.env._("We are looking at it"),
            "text": self.env._(
                "You have our answer by %(date)s at the latest.",
                date=self.beneficiary_id._portal_date(self.date_due),
            ),
        }

    def _portal_value_text(self, value):
        """Return a kept value as people read it."""
        self.ensure_one()
        field = self.beneficiary_id._fields[self.field_name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        return value or ""

    @api.model
    def _portal_open(self, beneficiary):
        """Return the requests that wait, as superuser; the owner was checked."""
        return self.sudo().search(
            [("beneficiary_id", "=", beneficiary.id), ("state", "=", "open")]
        )

    @api.model
    def _portal_ask(self, beneficiary, field_name, value, explanation, uploads):
        """Ask for a correction of the person's file.

        :param str field_name: what to correct, from the form
        :param str value: what it should say
        :param str explanation: own words, may be empty
        :param list uploads: ``[(file name, content)]``, one proof at most
        :raise AccessError: the file is not the user's, or the field is none to correct
        :raise PortalError: what is wrong with the answers, in plain words
        """
        beneficiary._portal_require_own()
        if field_name not in CORRECTABLE:
            raise AccessError(self.env._("There is no such detail."))
        mandate = self.env["beneficiary.mandate"]._require_scope(beneficiary, "apply")
        if field_name in self._portal_open(beneficiary).mapped("field_name"):
            raise PortalError(
                self.env._("You asked for this already. Please wait for our answer.")
            )
        vals = {
            "beneficiary_id": beneficiary.id,
            "field_name": field_name,
            "value_after": self._portal_text(value, VALUE_MAX_LENGTH),
            "explanation": self._portal_text(
                explanation, EXPLANATION_MAX_LENGTH, multiline=True
            ),
            "mandate_id": mandate.id,
            **self._portal_proof(uploads),
        }
        if not vals["value_after"]:
            raise PortalError(self.env._("Write what it should say."))
        try:
            # Portal users have no right to create corrections; everything was
            # checked, and nothing is followed in the person's name.
            correction = (
                self.sudo()
                .with_context(tracking_disable=True, mail_create_nosubscribe=True)
                .create(vals)
            )
        except ValidationError:
            raise PortalError(
                self.env._(
                    "This does not fit. Write a day as 2001-12-31, or choose one of "
                    "the answers."
                )
            ) from None
        if mandate:
            mandate._log_act(self.env._("asked for a correction"), correction)

    @api.model
    def _portal_proof(self, uploads):
        if not uploads:
            return {}
        if len(uploads) > 1:
            raise PortalError(self.env._("Choose one file."))
        [(name, content)] = self.env["beneficiary.document"]._portal_check_files(
            uploads
        )
        return {"proof": base64.b64encode(content), "proof_filename": name}

    @api.model
    def _portal_text(self, value, length, multiline=False):
        try:
            return clean_text(value or "", length, multiline=multiline)
        except ValueError:
            raise PortalError(
                self.env._(
                    "Your text is longer than %(count)s letters. Please shorten it.",
                    count=length,
                )
            ) from None

    def _activity_user(self):
        """Return who is asked to answer: a colleague, also of a person's request."""
        self.ensure_one()
        if not self.env.user.share:
            return self.env.user
        return self.beneficiary_id._privacy_officer() or self.env.ref("base.user_admin")
