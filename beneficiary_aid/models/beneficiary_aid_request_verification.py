from odoo import api, fields, models
from odoo.tools import format_list


class BeneficiaryAidRequest(models.Model):
    """No request goes before the committee with a verification owed (BR-48)."""

    _inherit = "beneficiary.aid.request"

    owed_mechanism_ids = fields.Many2many(
        comodel_name="beneficiary.mechanism",
        string="Verifications Still Owed",
        compute="_compute_owed_mechanism_ids",
        help="Required by the policy for this person and this kind of help, and not "
        "carried out yet.",
    )
    visit_ids = fields.One2many(
        comodel_name="beneficiary.visit", inverse_name="request_id", string="Visits"
    )
    visit_count = fields.Integer(
        string="Visits (number)", compute="_compute_visit_count"
    )

    @api.depends(
        "policy_id.mechanism_rule_ids.aid_type_ids",
        "aid_type_id",
        "beneficiary_id.category_id",
        "assessment_ids.state",
        "visit_ids.state",
        "visit_ids.outcome",
    )
    def _compute_owed_mechanism_ids(self):
        # Read for all at once; see below.
        self.sudo().assessment_ids.visit_ids.fetch(["outcome", "beneficiary_id"])
        for request in self:
            # What is still to do is no secret to whoever reads the request; what was
            # found stays where it is.
            request_sudo = request.sudo()
            rules = request_sudo._mechanism_rules()
            request.owed_mechanism_ids = rules._owed(
                request_sudo.assessment_ids._done_mechanisms()
            )

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        if not self.env["beneficiary.visit"].has_access("read"):
            self.visit_count = 0
            return
        counts = dict(
            self.env["beneficiary.visit"]._read_group(
                [("request_id", "in", self.ids)], ["request_id"], ["__count"]
            )
        )
        for request in self:
            request.visit_count = counts.get(request._origin, 0)

    def action_open_visits(self):
        """Open the visits made for this request."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_visit_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        studies = self.assessment_ids.filtered(lambda one: one.state == "draft")
        action["context"] = {
            "default_beneficiary_id": self.beneficiary_id.id,
            "default_assessment_id": studies[:1].id,
        }
        return action

    def _mechanism_rules(self):
        """Return the rules of verification that hold for this request."""
        self.ensure_one()
        rules = self.policy_id.mechanism_rule_ids._of(self.beneficiary_id)
        return rules._for_aid_type(self.aid_type_id)

    def _gate_decision(self, request, vals):
        reason = super()._gate_decision(request, vals)
        if reason or request.status == "rejected" or not request.owed_mechanism_ids:
            return reason
        return self.env._(
            "Request %(name)s cannot go to the committee yet. The policy still asks "
            "for: %(owed)s. Finish an assessment by it, or record a visit at which "
            "the person was met.",
            name=request.display_name,
            owed=format_list(self.env, request.owed_mechanism_ids.mapped("name")),
        )

    @api.depends("owed_mechanism_ids")
    def _compute_missing_note(self):
        return super()._compute_missing_note()

    def _missing_lines(self):
        lines = super()._missing_lines()
        if self.status == "study":
            lines += [
                self.env._("Verification: %(name)s", name=mechanism.name)
                for mechanism in self.owed_mechanism_ids
            ]
        return lines

    def _recommended_conditions(self):
        """Return the conditions of the study finished last that approves."""
        self.ensure_one()
        studies = self._done_assessments().filtered(
            lambda one: one.recommendation == "approve"
        )
        return studies.sorted(lambda one: (one.date, one.id))[-1:].conditions
