from odoo import fields, models


class BeneficiaryPolicyReference(models.Model):
    """A document the policy works with: by-law, manual, request form (C08)."""

    _name = "beneficiary.policy.reference"
    _description = "Reference Document of a Policy"
    _order = "sequence, id"

    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    template_code = fields.Char(readonly=True)
