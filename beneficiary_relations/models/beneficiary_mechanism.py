from odoo import fields, models


class BeneficiaryMechanism(models.Model):
    """A way of verifying entitlement, such as a field visit (BR-39)."""

    _name = "beneficiary.mechanism"
    _description = "Verification Mechanism"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    kind = fields.Selection(
        selection=[
            ("admin_check", "Administrative examination"),
            ("interview", "Personal interview"),
            ("field_visit", "Field visit"),
        ],
        required=True,
        default="admin_check",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    template_code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)

    _code_company_uniq = models.UniqueIndex(
        "(company_id, code)",
        "This mechanism code is taken already. Choose another code.",
    )
