from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.beneficiary_relations.tools.text import clean_text

from .beneficiary_aid_request_flow import MANAGER, OFFICER, RESEARCHER

COMMITTEE = "beneficiary_aid.group_committee_member"
SECRETARY = "beneficiary_aid.group_committee_secretary"
AUDITOR = "beneficiary_relations.group_auditor"
CONDITIONS_MAX_LENGTH = 2000


class BeneficiaryAssessment(models.Model):
    """What the study recommends: how much, and under which conditions (ST-32).

    Finished, both go to the request and from there into the motion. Of several
    studies of a request by different mechanisms, the one finished last counts.
    """

    _name = "beneficiary.assessment"
    _inherit = ["beneficiary.assessment", "beneficiary.paper.mixin"]

    amount_recommended = fields.Monetary(
        string="Recommended Amount",
        required=True,
        default=0.0,
        copy=False,
        help="What the researcher proposes to the committee. 0: nothing is said.",
    )
    conditions = fields.Text(
        string="Recommended Conditions",
        copy=False,
        help="What the person should do first, in plain words: it becomes part of the "
        "motion.",
    )

    _amount_recommended_bounds = models.Constraint(
        "CHECK(amount_recommended >= 0 AND amount_recommended < 1e12)",
        "The recommended amount is a number from zero up.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_vals(vals))

    @api.model
    def _clean_vals(self, vals):
        if not vals.get("conditions"):
            return vals
        try:
            words = clean_text(
                vals["conditions"], CONDITIONS_MAX_LENGTH, multiline=True
            )
        except ValueError:
            raise ValidationError(
                self.env._(
                    "The text has more than %(count)s characters. Shorten it.",
                    count=CONDITIONS_MAX_LENGTH,
                )
            ) from None
        return dict(vals, conditions=words)

    def _check_can_finish(self):
        result = super()._check_can_finish()
        if self.request_id and self.amount_recommended:
            self.request_id._check_recommendable(self.amount_recommended)
        return result

    def action_done(self):
        """Hand what is recommended on to the request."""
        result = super().action_done()
        for assessment in self.filtered(lambda one: one.recommendation == "approve"):
            request = assessment.request_id
            if assessment.amount_recommended and request.status in (
                "received",
                "verification",
                "study",
            ):
                request.amount_recommended = assessment.amount_recommended
        return result

    # ------------------------------------------------------------------
    # On paper
    # ------------------------------------------------------------------

    def action_print_study(self):
        """Print the case study as the committee reads it."""
        self._check_study_role()
        return self.env.ref("beneficiary_aid.action_report_case_study").report_action(
            self
        )

    def _check_study_role(self):
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(
            OFFICER, RESEARCHER, MANAGER, COMMITTEE, SECRETARY, AUDITOR
        )

    def _study_html(self):
        """Return the case study for the PDF, in the language of official papers.

        :raise AccessError: without a role that works on the study
        """
        self.ensure_one()
        self._check_study_role()
        study = self.with_context(lang=self._paper_lang())
        return study._paper_html(
            study.env._("Case Study"),
            study.name,
            study.date,
            study._study_sections(),
            mark=study.state == "draft" and study.env._("Draft"),
            signers=[
                {
                    "name": study.researcher_id.name,
                    "role": study.env._("Social researcher"),
                }
            ],
        )

    def _study_person(self):
        """Return whom the study is about, hidden as on the screen."""
        person = self.beneficiary_id
        if person._hidden_from_user():
            return [(self.env._("Name"), person.display_name)]
        return [
            (self.env._("Name"), person.name),
            (self.env._("File number"), person.file_number),
        ]

    def _study_figures(self):
        """Return what the income per person was worked out from, frozen with it."""
        if not self.household_id:
            return []
        money = self.currency_id.format
        return [
            (self.env._("Income of the household"), money(self.total_income)),
            (self.env._("Obligations to take off"), money(self.total_obligations)),
            (self.env._("Counted members"), f"{self.counted_members or 1:g}"),
            (self.env._("Income per person"), money(self.per_capita_income)),
        ]

    def _study_sections(self):
        self.ensure_one()
        money = self.currency_id.format
        request = self.request_id
        return [
            self._paper_section(
                "person",
                self.env._("The Person"),
                [
                    *self._study_person(),
                    (self.env._("Request number"), request.name),
                    (self.env._("Kind of help"), request.aid_type_id.name),
                    (
                        self.env._("Amount asked"),
                        request.amount_requested and money(request.amount_requested),
                    ),
                    (self.env._("Need"), request.reason),
                ],
            ),
            self._paper_section(
                "household",
                self.env._("The Household"),
                [
                    # One figure a line: a formula loses its order on Arabic paper.
                    *self._study_figures(),
                    (self.env._("Need band"), self.need_band_name),
                ],
            ),
            self._paper_section(
                "conditions",
                self.env._("Conditions"),
                [
                    [line.name, self._paper_label(line, "result"), line.value_seen]
                    for line in self.line_ids
                ],
                kind="table",
                head=[
                    self.env._("Condition"),
                    self.env._("Result"),
                    self.env._("What was seen"),
                ],
            ),
            self._paper_section(
                "report",
                self.env._("Researcher's Report"),
                (self.report or "").splitlines(),
                kind="text",
            ),
            self._paper_section(
                "recommendation",
                self.env._("Recommendation"),
                [
                    (self.env._("Mechanism"), self.mechanism_id.name),
                    (
                        self.env._("Entitlement"),
                        self._paper_label(self, "entitlement"),
                    ),
                    (
                        self.env._("Recommendation"),
                        self._paper_label(self, "recommendation"),
                    ),
                    (
                        self.env._("Recommended amount"),
                        self.amount_recommended and money(self.amount_recommended),
                    ),
                    (self.env._("Recommended conditions"), self.conditions),
                ],
            ),
        ]
