from odoo import api, fields, models


class BeneficiaryApprovalRuleStep(models.Model):
    """One authority in the order of a rule: a committee, or one beside committees.

    Nobody stands twice in one rule: the order would go in a circle.
    """

    _name = "beneficiary.approval.rule.step"
    _description = "Step of an Approval Rule"
    _inherit = ["beneficiary.policy.part.mixin"]
    _check_company_auto = True
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        comodel_name="beneficiary.approval.rule",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    authority_id = fields.Many2one(
        comodel_name="beneficiary.authority",
        string="Other Authority",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="A department, a manager or an outside authority.",
    )

    _one_body = models.Constraint(
        "CHECK((committee_id IS NULL) <> (authority_id IS NULL))",
        "A step of an approval rule names either a committee or another authority.",
    )
    _committee_uniq = models.UniqueIndex(
        "(rule_id, committee_id) WHERE committee_id IS NOT NULL",
        "A committee stands twice in one approval rule: the request would go in a "
        "circle. Name each authority once.",
    )
    _authority_uniq = models.UniqueIndex(
        "(rule_id, authority_id) WHERE authority_id IS NOT NULL",
        "An authority stands twice in one approval rule: the request would go in a "
        "circle. Name each authority once.",
    )

    def init(self):
        """Give rules that named one committee before there were steps their step."""
        self.env.cr.execute(
            """
            INSERT INTO beneficiary_approval_rule_step
                   (rule_id, company_id, sequence, committee_id)
            SELECT rule.id, rule.company_id, 10, rule.committee_id
              FROM beneficiary_approval_rule rule
             WHERE rule.committee_id IS NOT NULL
               AND NOT EXISTS (
                    SELECT 1 FROM beneficiary_approval_rule_step step
                     WHERE step.rule_id = rule.id
               )
            """
        )

    @api.depends("committee_id.name", "authority_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for step in self:
            step.display_name = step._body().name or ""

    def _policies(self):
        return self.rule_id.policy_id

    def _body(self):
        """Return who decides at the step: a committee or another authority."""
        return self.committee_id or self.authority_id
