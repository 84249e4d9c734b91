from odoo import api, fields, models


class BeneficiaryPolicy(models.Model):
    """The clauses of the text a policy was adopted from."""

    _inherit = "beneficiary.policy"

    clause_count = fields.Integer(compute="_compute_clause_count")
    clause_carried_count = fields.Integer(
        string="Clauses Carried", compute="_compute_clause_count"
    )

    @api.depends("template_code")
    def _compute_clause_count(self):
        counts = {
            (template, state): count
            for template, state, count in self.env["beneficiary.clause"]._read_group(
                [("template_code", "in", self.mapped("template_code"))],
                ["template_code", "state"],
                ["__count"],
            )
        }
        for policy in self:
            carried = counts.get((policy.template_code, "carried"), 0)
            policy.clause_carried_count = carried
            policy.clause_count = carried + counts.get(
                (policy.template_code, "not_yet"), 0
            )

    def action_open_clauses(self):
        """Open the clauses of the text this policy was adopted from."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "beneficiary_relations.beneficiary_clause_action"
        )
        return {
            **action,
            "domain": [("template_code", "=", self.template_code)],
            "context": {"search_default_group_state": 1},
        }
