from odoo import models


class BeneficiaryBeneficiary(models.Model):
    """What the person sees of his own file in the portal."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary", "beneficiary.access.mixin"]

    # The contact is named because name, phone and e-mail are reached through it.
    _portal_fields = frozenset(
        {
            "id",
            "active",
            "birth_date",
            "company_id",
            "display_name",
            "email",
            "file_number",
            "identity_kind",
            "identity_number",
            "lang",
            "name",
            "partner_id",
            "phone",
            "state",
        }
    )

    def _portal_values(self):
        """Return what the portal page of each file shows, in plain words.

        The caller passes files found by :meth:`_portal_own`; they are checked again.

        :return: one dictionary a file, with the keys ``id``, ``name``, ``number``,
            ``state``, ``state_title``, ``state_text``, ``for_other``, ``company``
            and ``documents`` (see ``beneficiary.document._portal_values``)
        :raise AccessError: a file is not the user's
        """
        self.check_access("read")
        documents = self.env["beneficiary.document"]._portal_values(self)
        words = self._portal_state_words()
        return [
            {
                "id": beneficiary.id,
                "name": beneficiary.name,
                "number": beneficiary.file_number,
                "state": beneficiary.state,
                "state_title": words[beneficiary.state][0],
                "state_text": words[beneficiary.state][1],
                "for_other": beneficiary.partner_id != self.env.user.partner_id,
                "company": beneficiary.company_id,
                "documents": documents[beneficiary],
            }
            for beneficiary in self
        ]

    def _portal_state_words(self):
        """Return for each state of a file its short name and what it means."""
        return {
            "draft": (
                self.env._("Not finished yet"),
                self.env._(
                    "Some of your details are still missing. We will tell you which."
                ),
            ),
            "verification": (
                self.env._("We are checking your details"),
                self.env._("We compare your details with your papers. You can wait."),
            ),
            "active": (
                self.env._("Registered"),
                self.env._("Your file is open. You can ask for help at any time."),
            ),
            "suspended": (
                self.env._("On hold"),
                self.env._("We cannot work on your file for now. Please contact us."),
            ),
            "closed": (
                self.env._("Closed"),
                self.env._("Your file is closed. Contact us if you need help again."),
            ),
        }
