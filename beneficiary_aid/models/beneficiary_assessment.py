from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryAssessment(models.Model):
    """The study of a request: its conditions are those of the kind of help, too."""

    _inherit = "beneficiary.assessment"

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('is_open', '=', True)]",
    )

    @api.constrains("request_id", "beneficiary_id")
    def _check_request_person(self):
        for assessment in self:
            request = assessment.request_id
            if request and request.beneficiary_id != assessment.beneficiary_id:
                raise ValidationError(
                    self.env._(
                        "The assessment %(assessment)s and the request %(request)s are "
                        "about different people.",
                        assessment=assessment.name or "",
                        request=request.display_name,
                    )
                )

    @api.depends("request_id")
    def _compute_policy_id(self):
        res = super()._compute_policy_id()
        for assessment in self:
            # A request is studied under the policy it was received under.
            policy = assessment.request_id.policy_id
            if policy:
                assessment.policy_id = policy
        return res

    def _applicable_criteria(self):
        criteria = super()._applicable_criteria()
        aid_types = self.env["beneficiary.aid.type"].search(
            [("criterion_ids", "in", criteria.ids)]
        )
        own = self.request_id.aid_type_id.criterion_ids
        return (criteria - aid_types.criterion_ids) | (own & criteria)

    def _mechanism_rules(self):
        if not self.request_id:
            return super()._mechanism_rules()
        return self.request_id._mechanism_rules()

    def _with_siblings(self):
        return super()._with_siblings() | self.request_id.assessment_ids

    def action_open_request(self):
        """Open the request that is studied."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))
