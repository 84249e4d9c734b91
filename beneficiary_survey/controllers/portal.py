from odoo import fields, http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import (
    BeneficiaryPortal,
    portal_page,
)

from .ballot import ballot_values, read_entered

PAGE = "beneficiary_survey"


class BeneficiarySurveyPortal(BeneficiaryPortal):
    """Answering: the invitation is read as its owner, the ballot belongs to nobody.

    No address names a ballot: its token travels in the body of the form only.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "beneficiary_survey_count" in counters:
            values["beneficiary_survey_count"] = len(self._get_open_invitations())
        return values

    def _get_open_invitations(self):
        return request.env["beneficiary.survey.invitation"].search(
            [
                ("beneficiary_id", "in", self._get_beneficiaries().ids),
                ("state", "=", "invited"),
                ("date_due", ">=", fields.Date.context_today(request.env.user)),
            ]
        )

    @http.route("/my/surveys", type="http", auth="user", website=True, methods=["GET"])
    @portal_page
    def portal_my_surveys(self, **kwargs):
        """The questionnaires the person is asked to answer now."""
        return self._render_page(
            "beneficiary_survey.portal_my_surveys",
            {"invitations": self._get_open_invitations()._portal_values()},
            page_name=PAGE,
        )

    @http.route(
        "/my/surveys/<int:invitation_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    @portal_page
    def portal_my_survey(self, invitation_id, **kwargs):
        """Say what will be asked and who sees it, before anything starts."""
        invitation = self._get_own_record(
            "beneficiary.survey.invitation", invitation_id
        )
        if not invitation._is_open():
            return self._render_closed()
        return self._render_page(
            "beneficiary_survey.portal_survey_start",
            {
                "invitation": invitation._portal_values()[0],
                # The owner was checked; the words before the questions are what he
                # was invited to read.
                "description": invitation.sudo().survey_id.description,
            },
            page_name=PAGE,
        )

    @http.route(
        "/my/surveys/<int:invitation_id>/start",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    @portal_page
    def portal_start_survey(self, invitation_id, **post):
        """Exchange the invitation for a ballot and show it."""
        invitation = self._get_own_record(
            "beneficiary.survey.invitation", invitation_id
        )
        if not invitation._is_open():
            return self._render_closed()
        # The owner was checked; portal users have no right to write invitations.
        invitation_sudo = invitation.sudo()
        return self._render_ballot(
            invitation_sudo.survey_id, invitation_sudo._issue_ballot()
        )

    @http.route(
        "/my/surveys/ballot",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    @portal_page
    def portal_cast_ballot(self, ballot="", **post):
        """Take one ballot. Whoever holds its token may cast it, once."""
        # The token is the right: 128 random bits that only the person's page holds.
        invitation_sudo = (
            request.env["beneficiary.survey.invitation"].sudo()._find_ballot(ballot)
        )
        if not invitation_sudo:
            return self._render_closed()
        survey = invitation_sudo.survey_id
        entered = read_entered(survey)
        answers, errors = survey._check_ballot(entered)
        if errors:
            return self._render_ballot(survey, ballot, entered, errors, status=422)
        invitation_sudo._cast(answers)
        return request.redirect("/my/surveys/thanks")

    @http.route(
        "/my/surveys/thanks", type="http", auth="public", website=True, methods=["GET"]
    )
    @portal_page
    def portal_survey_thanks(self, **kwargs):
        """Say thank you; nothing on this page names the questionnaire."""
        return self._render_page(
            "beneficiary_survey.portal_survey_thanks", {}, page_name=PAGE
        )

    def _render_ballot(self, survey, token, entered=None, errors=None, status=200):
        response = self._render_page(
            "beneficiary_survey.portal_survey_ballot",
            {**ballot_values(survey, entered, errors), "ballot": token},
            page_name=PAGE,
            status=status,
        )
        # No copy of a page with a token or answers stays in a shared browser.
        response.headers["Cache-Control"] = "no-store"
        return response

    def _render_closed(self):
        return self._render_page(
            "beneficiary_survey.portal_survey_closed", {}, page_name=PAGE, status=410
        )
