from odoo import models

from odoo.addons.beneficiary_relations.exceptions import PortalError

from .beneficiary_aid_request_exit import UNDECIDED


class BeneficiaryAidRequest(models.Model):
    """What a person takes back himself, and how he reads a side exit."""

    _inherit = "beneficiary.aid.request"

    def _portal_can_withdraw(self):
        """Tell whether the person may take the request back himself."""
        self.ensure_one()
        request = self.sudo()
        return (
            request.status in UNDECIDED
            and not self._gate_leave_committee(request)
            and not request.is_appeal
        )

    def _portal_withdraw(self, reason):
        """Let a person take an own request back.

        :param str reason: the person's words, may be empty
        :raise AccessError: the request is not the user's
        :raise PortalError: it is decided, or the committee votes on it
        """
        self.ensure_one()
        self.check_access("read")
        # Portal users have no right to change a request; that it is theirs was
        # checked, and nothing but its end is written.
        request = self.sudo()
        if request.status == "cancelled":
            return
        request._touch()
        if not self._portal_can_withdraw():
            raise PortalError(
                self.env._(
                    "This request is being decided or is decided already. Please "
                    "call us."
                )
            )
        reason = reason or self.env._("The person gave no reason.")
        request._stop(reason, "withdrawn", withdrawn_by_person=True)

    def _portal_stage_text(self, step):
        """Let the words of a side exit stand before those of the stage."""
        return not self._portal_exit_words() and super()._portal_stage_text(step)

    def _portal_step_words(self):
        """Say how a request ended that was not decided."""
        words = super()._portal_step_words()
        ended = self._portal_exit_words()
        if ended:
            words["cancelled"].update(title=ended[0], text=ended[1])
        return words

    def _portal_exit_words(self):
        """Return title and text of a side exit, or None."""
        self.ensure_one()
        return {
            "withdrawn": (
                self.env._("You took this request back"),
                self.env._("Nobody works on it any more. You can send a new one."),
            ),
            "referred": (
                self.env._("We sent you to another body"),
                self.env._(
                    "They can help you better: %(body)s.", body=self.referred_to or ""
                ),
            ),
            "duplicate": (
                self.env._("We had this request already"),
                self.env._("Your earlier request goes on under its own number."),
            ),
            "divided": (
                self.env._("We divided this request into parts"),
                self.env._("Each part goes on under a number of its own."),
            ),
        }.get(self.status == "cancelled" and self.outcome)

    def _portal_request_values(self):
        return super()._portal_request_values() | {
            "can_withdraw": self._portal_can_withdraw()
        }
