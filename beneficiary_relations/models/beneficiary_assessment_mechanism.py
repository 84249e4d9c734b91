from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BeneficiaryAssessment(models.Model):
    """Which verifications an assessment still owes, its visits, why it says no."""

    _inherit = "beneficiary.assessment"

    visit_ids = fields.One2many(
        comodel_name="beneficiary.visit", inverse_name="assessment_id", string="Visits"
    )
    visit_count = fields.Integer(
        string="Visits (number)", compute="_compute_visits", compute_sudo=True
    )
    owed_mechanism_ids = fields.Many2many(
        comodel_name="beneficiary.mechanism",
        string="Verifications Still Owed",
        compute="_compute_visits",
        compute_sudo=True,
        help="Required by the policy for this person, and not carried out yet.",
    )
    category_id = fields.Many2one(
        comodel_name="beneficiary.category",
        compute="_compute_category_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        help="Of the person, as it was when the assessment was finished.",
    )
    refusal_reason_id = fields.Many2one(
        comodel_name="beneficiary.state.reason",
        string="Why Not Entitled",
        compute="_compute_refusal_reason_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('target_state', '=', 'declined'), '|', "
        "('company_id', '=', False), ('company_id', '=', company_id), '|', "
        "('category_ids', '=', False), ('category_ids', '=', category_id)]",
        help="Coded, so that refusals are counted by category.",
    )

    # ------------------------------------------------------------------
    # Computes and constraints
    # ------------------------------------------------------------------

    @api.depends(
        "state",
        "mechanism_id",
        "policy_id.mechanism_rule_ids",
        "beneficiary_id.category_id",
        "visit_ids.state",
        "visit_ids.outcome",
    )
    def _compute_visits(self):
        for assessment in self:
            assessment.visit_count = len(assessment.visit_ids)
            assessment.owed_mechanism_ids = assessment._mechanism_rules()._owed(
                assessment._with_siblings()._done_mechanisms()
            )

    @api.depends("beneficiary_id.category_id")
    def _compute_category_id(self):
        for assessment in self:
            if assessment.state == "draft" or not assessment.category_id:
                assessment.category_id = assessment.beneficiary_id.category_id

    @api.depends("recommendation")
    def _compute_refusal_reason_id(self):
        for assessment in self:
            if assessment.recommendation != "decline":
                assessment.refusal_reason_id = False

    @api.constrains("refusal_reason_id", "beneficiary_id")
    def _check_refusal_reason(self):
        for assessment in self.filtered("refusal_reason_id"):
            reason = assessment.refusal_reason_id
            if reason.target_state != "declined":
                raise ValidationError(
                    self.env._(
                        "Assessment %(name)s: %(reason)s is no reason for not being "
                        "entitled. Choose another one.",
                        name=assessment.name or "",
                        reason=reason.name,
                    )
                )
            reason._check_fits(assessment.beneficiary_id)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_visits(self):
        """Open the visits of this assessment, or a new one."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_visit_action"
        )
        action["domain"] = [("assessment_id", "=", self.id)]
        action["context"] = {
            "default_assessment_id": self.id,
            "default_beneficiary_id": self.beneficiary_id.id,
        }
        if self.mechanism_id.kind != "admin_check":
            action["context"]["default_mechanism_id"] = self.mechanism_id.id
        return action

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _mechanism_rules(self):
        """Return the rules of verification that hold for this assessment."""
        self.ensure_one()
        rules = self.policy_id.mechanism_rule_ids
        return rules._of(self.beneficiary_id)._whatever_service()

    def _with_siblings(self):
        """Return the assessments that answer for the same thing; others add theirs."""
        return self

    def _met_visits(self):
        """Return the visits at which the person was met."""
        return self.visit_ids.filtered(
            lambda visit: (
                visit.is_met
                and visit.beneficiary_id == visit.assessment_id.beneficiary_id
            )
        )

    def _done_mechanisms(self):
        """Return what was carried out: finished assessments, and visits with a meeting.

        :rtype: beneficiary.mechanism
        """
        live = self.filtered(lambda one: one.state != "cancelled")
        done = live.filtered(lambda one: one.state == "done")
        return done.mechanism_id | live._met_visits().mechanism_id

    def _check_can_finish(self):
        res = super()._check_can_finish()
        if self.mechanism_id.kind == "field_visit" and not self._met_visits().filtered(
            lambda visit: visit.mechanism_id == self.mechanism_id
        ):
            raise UserError(
                self.env._(
                    "Assessment %(name)s: no visit at which the person was met is "
                    "recorded. Plan the visit from here, record what came of it, then "
                    "finish.",
                    name=self.name,
                )
            )
        if self.recommendation == "decline" and not self.refusal_reason_id:
            raise UserError(
                self.env._(
                    "Assessment %(name)s: choose the reason for not being entitled.",
                    name=self.name,
                )
            )
        return res
