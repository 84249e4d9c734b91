from odoo import api, fields, models


class BeneficiaryPolicyReference(models.Model):
    """A document the policy works with: by-law, manual, request form (C30–C33).

    Its text is kept with it, so that whoever works by it reads the latest one.
    """

    _name = "beneficiary.policy.reference"
    _description = "Reference Document of a Policy"
    _inherit = ["beneficiary.policy.part.mixin"]
    _order = "sequence, id"

    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    file = fields.Binary(
        string="Text of the Document",
        attachment=True,
        help="The latest text, for everybody who works by the policy.",
    )
    file_name = fields.Char()
    has_file = fields.Boolean(
        string="Text Is There", compute="_compute_has_file", store=True
    )
    sequence = fields.Integer(default=10)
    template_code = fields.Char(readonly=True)

    @api.depends("file")
    def _compute_has_file(self):
        for reference in self.with_context(bin_size=True):
            reference.has_file = bool(reference.file)
