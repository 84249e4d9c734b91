from odoo import models
from odoo.exceptions import UserError

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER

REPORT = "beneficiary_aid.report_referral_letter"


class BeneficiaryAidRequest(models.Model):
    """The letter with which a person goes to the body that helps better (C08).

    It names the person and what was written for that body, and nothing else of the
    file: neither kind of help nor reason for colleagues.
    """

    _inherit = "beneficiary.aid.request"

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_print_referral(self):
        """Print the letters of referral, in the language of official papers.

        :raise AccessError: without a role that refers people
        :raise UserError: a request was not referred elsewhere
        """
        self._check_paper_role(OFFICER, RESEARCHER)
        self._check_referral()
        return self.env.ref(
            "beneficiary_aid.action_report_referral_letter"
        ).report_action(self)

    def _check_referral(self):
        for request in self:
            if not request._is_referred():
                raise UserError(
                    self.env._(
                        "Request %(name)s was not referred to another body: there is "
                        "no letter of referral.",
                        name=request.display_name,
                    )
                )

    def _is_referred(self):
        self.ensure_one()
        return bool(
            self.status == "cancelled"
            and self.outcome == "referred"
            and self.referred_to
        )

    # ------------------------------------------------------------------
    # Letter
    # ------------------------------------------------------------------

    def _referral_html(self):
        """Return the letter for the PDF.

        :raise AccessError: without a role that refers people
        :raise UserError: the request was not referred elsewhere
        """
        self.ensure_one()
        self._check_paper_role(OFFICER, RESEARCHER)
        self._check_referral()
        # The name of the person is read for the letter; the role was checked.
        letter = self.sudo().with_context(lang=self._paper_lang())
        return letter._paper_html(
            letter.env._("Letter of Referral"),
            letter.name,
            letter._referral_day(),
            letter._referral_sections(),
            closing=letter.env._("We thank you for your help."),
            signers=[
                {"name": letter.company_id.name, "role": letter.env._("Signature")}
            ],
        )

    def _referral_day(self):
        """Return the day the request was referred: the one its letter is dated."""
        self.ensure_one()
        return self.closed_on or self._business_day()

    def _referral_sections(self):
        self.ensure_one()
        return [
            self._paper_section(
                "to",
                "",
                [
                    self.env._("To: %(body)s", body=self.referred_to),
                    self.env._(
                        "We send you %(name)s, whose request number with us is "
                        "%(number)s, because you can help better.",
                        name=self.beneficiary_id.name,
                        number=self.name,
                    ),
                ],
                kind="text",
            ),
            self._paper_section(
                "words", "", (self.referral_text or "").splitlines(), kind="text"
            ),
        ]

    def _portal_letter(self):
        """Hand a person who was sent to another body the letter for it."""
        self.ensure_one()
        self.check_access("read")
        # See the method of the decision letter.
        request = self.sudo()
        if not request._is_referred():
            return super()._portal_letter()
        content, _kind = (
            request.env["ir.actions.report"]
            .with_company(request.company_id)
            ._render_qweb_pdf(REPORT, request.ids)
        )
        return content

    def _portal_request_values(self):
        # Only whether there is a letter; that the request is theirs was checked.
        return super()._portal_request_values() | {
            "has_referral": self.sudo()._is_referred()
        }
