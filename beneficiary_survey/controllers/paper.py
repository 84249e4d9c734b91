from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page

from .ballot import ballot_values, read_entered

QUALITY_GROUP = "beneficiary_relations.group_quality_officer"


class BeneficiarySurveyPaper(http.Controller):
    """The entry screen for paper forms: the same ballot, without an invitation."""

    @http.route(
        "/beneficiary/survey/paper/<int:rule_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    @portal_page
    def paper_form(self, rule_id, stored=None, **kwargs):
        """Show an empty form to copy a paper form into."""
        return self._render(self._get_rule(rule_id), stored=stored == "1")

    @http.route(
        "/beneficiary/survey/paper/<int:rule_id>",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    @portal_page
    def paper_store(self, rule_id, **post):
        """Put one paper form among the waiting ballots."""
        rule = self._get_rule(rule_id)
        entered = read_entered(rule.survey_id)
        answers, errors = rule.survey_id._check_ballot(entered)
        if errors:
            return self._render(rule, entered, errors, status=422)
        # No role may write ballots; the role and the rule were checked.
        request.env["beneficiary.survey.ballot"].sudo()._drop(rule.id, answers)
        return request.redirect(f"/beneficiary/survey/paper/{rule.id}?stored=1")

    def _get_rule(self, rule_id):
        """Return a rule the quality officer may read, or answer as for none."""
        if not request.env.user.has_group(QUALITY_GROUP) or rule_id >= 2**31:
            raise NotFound()
        rule = request.env["beneficiary.survey.rule"].search([("id", "=", rule_id)])
        if not rule:
            raise NotFound()
        return rule

    def _render(self, rule, entered=None, errors=None, stored=False, status=200):
        return request.render(
            "beneficiary_survey.paper_form",
            {
                **ballot_values(rule.survey_id, entered, errors),
                "rule": rule,
                "stored": stored,
            },
            status=status,
        )
