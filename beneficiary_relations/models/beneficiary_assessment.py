from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..tools.anonymise import is_anonymising


class BeneficiaryAssessment(models.Model):
    """One verification of entitlement by one mechanism, explained line by line.

    Source: Baraem's verification mechanisms (BR-39, BR-48) and the study of a case
    (ST). What was seen is frozen with it.
    """

    _name = "beneficiary.assessment"
    _description = "Assessment"
    _inherit = ["beneficiary.amounts.mixin", "mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "date desc, id desc"

    # Once done, only these may still change.
    _free_when_done = {"active", "state", "message_main_attachment_id"}

    name = fields.Char(string="Number", readonly=True, copy=False, index=True)
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        compute="_compute_household_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        check_company=True,
    )
    mechanism_id = fields.Many2one(
        comodel_name="beneficiary.mechanism", required=True, check_company=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    researcher_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        default=lambda self: self.env.user,
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.assessment.line",
        inverse_name="assessment_id",
        string="Conditions",
    )
    report = fields.Text(string="Researcher's Report")
    recommendation = fields.Selection(
        selection=[
            ("approve", "Approve"),
            ("decline", "Decline"),
            ("refer", "Refer elsewhere"),
            ("more_information", "More information needed"),
        ]
    )
    valid_until = fields.Date()
    state = fields.Selection(
        selection=[("draft", "Draft"), ("done", "Done"), ("cancelled", "Cancelled")],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)

    # Figures of the household, as they were seen
    total_income = fields.Monetary(readonly=True, copy=False)
    total_obligations = fields.Monetary(readonly=True, copy=False)
    counted_members = fields.Float(digits=(6, 2), readonly=True, copy=False)
    per_capita_income = fields.Monetary(
        string="Income per Person", readonly=True, copy=False, aggregator="avg"
    )
    need_band_name = fields.Char(string="Need Band", readonly=True, copy=False)
    figures_note = fields.Text(
        string="How the Figures Were Made", readonly=True, copy=False
    )

    entitlement = fields.Selection(
        selection=[
            ("entitled", "Entitled"),
            ("not_entitled", "Not entitled"),
            ("unclear", "Unclear"),
        ],
        compute="_compute_entitlement",
        store=True,
    )
    explanation = fields.Text(compute="_compute_explanation")

    _done_has_recommendation = models.Constraint(
        "CHECK(state <> 'done' OR recommendation IS NOT NULL)",
        "A finished assessment needs a recommendation.",
    )

    @api.depends("beneficiary_id")
    def _compute_household_id(self):
        for assessment in self:
            assessment.household_id = assessment.beneficiary_id.household_id

    @api.depends("beneficiary_id")
    def _compute_policy_id(self):
        Policy = self.env["beneficiary.policy"]
        for assessment in self:
            company = assessment.beneficiary_id.company_id or self.env.company
            assessment.policy_id = Policy._in_force(company)

    @api.depends("line_ids.result", "line_ids.mandatory")
    def _compute_entitlement(self):
        for assessment in self:
            results = assessment.line_ids.filtered("mandatory").mapped("result")
            if "not_met" in results:
                assessment.entitlement = "not_entitled"
            elif "unknown" in results or not assessment.line_ids:
                assessment.entitlement = "unclear"
            else:
                assessment.entitlement = "entitled"

    @api.depends("line_ids.result", "line_ids.value_seen", "entitlement")
    def _compute_explanation(self):
        for assessment in self:
            assessment.explanation = "\n".join(
                line._in_words() for line in assessment.line_ids
            )

    @api.model_create_multi
    def create(self, vals_list):
        assessments = super().create([dict(vals) for vals in vals_list])
        for company in assessments.company_id:
            own = assessments.filtered(
                lambda one, company=company: one.company_id == company
            )
            numbers = self.env["ir.sequence"]._next_numbers(
                "beneficiary.assessment", company, len(own)
            )
            for assessment, number in zip(own, numbers, strict=True):
                assessment.name = number
        assessments.filtered(lambda one: not one.line_ids)._prepare_lines()
        return assessments

    def write(self, vals):
        if is_anonymising(self.env):
            return super().write(vals)
        frozen = set(vals) - self._free_when_done
        for assessment in self:
            if assessment.state != "draft" and (
                frozen or vals.get("state", "cancelled") not in ("done", "cancelled")
            ):
                raise UserError(
                    self.env._(
                        "The assessment %(name)s is finished and stays as it was "
                        "seen. Make a new one.",
                        name=assessment.name,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for assessment in self:
            if assessment.state == "done":
                raise UserError(
                    self.env._(
                        "The assessment %(name)s is finished and cannot be deleted. "
                        "Cancel it instead.",
                        name=assessment.name,
                    )
                )

    def action_prepare_lines(self):
        """Ask the conditions again and take the household's figures anew."""
        self.check_access("write")
        self._prepare_lines()

    def action_done(self):
        """Finish the assessments and freeze what was seen.

        :raise UserError: where a recommendation or an answer is missing
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "group_social_researcher", "group_relations_officer"
        )
        for assessment in self:
            assessment._check_can_finish()
            assessment._freeze_figures()
        self.write({"state": "done"})

    def action_cancel(self):
        """Set assessments aside without deleting them."""
        self.check_access("write")
        self.write({"state": "cancelled"})

    def _prepare_lines(self):
        """Fill in the conditions of the policy; answers of people are kept."""
        for assessment in self.filtered(lambda one: one.state == "draft"):
            criteria = assessment._applicable_criteria()
            answers = criteria._evaluate(assessment.beneficiary_id)
            lines = {line.criterion_id: line for line in assessment.line_ids}
            new_lines = []
            for criterion in criteria:
                answer = answers[criterion].get(assessment.beneficiary_id)
                if not answer:
                    continue
                values = {"result": answer[0], "value_seen": answer[1]}
                if criterion in lines:
                    if criterion.kind == "automatic":
                        lines[criterion].write(values)
                    continue
                new_lines.append(
                    dict(
                        values,
                        assessment_id=assessment.id,
                        criterion_id=criterion.id,
                        name=criterion.question or criterion.name,
                        clause=criterion.clause,
                        mandatory=criterion.mandatory,
                        sequence=criterion.sequence,
                    )
                )
            self.env["beneficiary.assessment.line"].create(new_lines)
            assessment._freeze_figures()

    def _applicable_criteria(self):
        """Return the conditions this assessment asks; others may add theirs."""
        self.ensure_one()
        return self.policy_id.criterion_ids

    def _freeze_figures(self):
        self.ensure_one()
        household = self.household_id
        self.write(
            {
                "total_income": household.total_income,
                "total_obligations": household.total_obligations,
                "counted_members": household.counted_members,
                "per_capita_income": household.per_capita_income,
                "need_band_name": household.need_band_id.name,
                "figures_note": household.figures_note,
            }
        )

    def _check_can_finish(self):
        self.ensure_one()
        if not self.recommendation:
            raise UserError(
                self.env._(
                    "Assessment %(name)s: choose what you recommend.", name=self.name
                )
            )
        if not self.report:
            raise UserError(
                self.env._(
                    "Assessment %(name)s: write the report before you finish.",
                    name=self.name,
                )
            )
        open_lines = self.line_ids.filtered(
            lambda line: (
                line.mandatory
                and line.result == "unknown"
                and line.criterion_id.kind == "manual"
            )
        )
        if open_lines and self.recommendation == "approve":
            raise UserError(
                self.env._(
                    "Assessment %(name)s: answer these conditions first: %(lines)s",
                    name=self.name,
                    lines=format_list(self.env, open_lines.mapped("name")),
                )
            )
