from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..exceptions import PortalError


class BeneficiaryConsent(models.Model):
    """Consents in the portal: the person reads, gives and withdraws them.

    Portal users have no right on consents; these methods check the owner and the
    scope of a mandate, and are the one way in.
    """

    _inherit = "beneficiary.consent"

    @api.model
    def _portal_values(self, beneficiary):
        """Return how the consents of a person stand, in plain words.

        :return: ``notice`` (``name``, ``text``, ``date``, or False), ``purposes`` (a
            list of ``code``, ``title``, ``text``, ``is_given``, ``since``) and
            ``can_change``
        :raise AccessError: the file is not the user's
        """
        beneficiary._portal_require_own()
        notice = self._portal_notice(beneficiary)
        given = {
            consent.purpose: consent for consent in self._portal_given(beneficiary)
        }
        return {
            "notice": notice
            and {
                "name": notice.name,
                "text": notice.text,
                "date": beneficiary._portal_date(notice.date_from),
            },
            "purposes": [
                {
                    "code": code,
                    "title": title,
                    "text": text,
                    "is_given": code in given,
                    "since": code in given
                    and beneficiary._portal_date(given[code].given_on),
                }
                for code, (title, text) in self._portal_words().items()
            ],
            "can_change": beneficiary._portal_may("sign"),
        }

    @api.model
    def _portal_change(self, beneficiary, purpose, give):
        """Give or withdraw a consent of a person, once.

        :param str purpose: from the form
        :param bool give: give it, otherwise withdraw it
        :raise AccessError: the file is not the user's, or there is no such purpose
        :raise PortalError: the mandate does not cover it, or there is no notice yet
        """
        beneficiary._portal_require_own()
        if purpose not in self._portal_words():
            raise AccessError(self.env._("There is no such consent."))
        mandate = self.env["beneficiary.mandate"]._require_scope(beneficiary, "sign")
        given = self._portal_given(beneficiary).filtered(
            lambda consent: consent.purpose == purpose
        )
        if not give:
            given._withdraw(self.env._("Withdrawn in the portal"))
            if given and mandate:
                mandate._log_act(
                    self.env._("withdrew the consent %(name)s", name=given.display_name)
                )
            return
        if given:
            return
        notice = self._portal_notice(beneficiary)
        if not notice:
            raise PortalError(
                self.env._(
                    "There is no privacy notice to agree to yet. Please call us."
                )
            )
        # The age of majority is in the policy, which portal users do not read.
        if not mandate and beneficiary.sudo()._is_minor():
            raise PortalError(
                self.env._("You are under age: your guardian gives this consent.")
            )
        # Portal users have no right to create consents; everything was checked.
        self.sudo().create(
            {
                "beneficiary_id": beneficiary.id,
                "purpose": purpose,
                "notice_id": notice.id,
                "given_on": fields.Date.context_today(self),
                "mandate_id": mandate.id,
                "recorded_by_id": self.env.uid,
            }
        )

    @api.model
    def _portal_given(self, beneficiary):
        """Return the consents in force, as superuser; the owner was checked."""
        return self.sudo().search(
            [("beneficiary_id", "=", beneficiary.id), ("withdrawn_on", "=", False)]
        )

    @api.model
    def _portal_notice(self, beneficiary):
        """Return the notice in force, as superuser: its words are for the person."""
        Notice = self.env["beneficiary.privacy.notice"]
        return Notice._in_force(beneficiary.company_id).sudo()

    @api.model
    def _portal_words(self):
        """Return for each purpose its title and what agreeing means."""
        return {
            "service": (
                self.env._("Serving you, with sensitive data"),
                self.env._(
                    "We may keep what you tell us about health, disability or prison, "
                    "where a service needs it."
                ),
            ),
            "hospital": (
                self.env._("Sharing with a hospital"),
                self.env._(
                    "We may give a hospital what it needs to treat you with our help."
                ),
            ),
            "donor": (
                self.env._("Sharing with a donor"),
                self.env._("We may tell a donor about your need."),
            ),
            "photo": (
                self.env._("Photos"),
                self.env._("We may take and use photos of you."),
            ),
            "messages": (
                self.env._("Messages"),
                self.env._("We may send you messages about our other services."),
            ),
        }
