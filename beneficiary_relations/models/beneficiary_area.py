from odoo import fields, models


class BeneficiaryArea(models.Model):
    """A district or town, and whether the association works there."""

    _name = "beneficiary.area"
    _description = "Area"
    _parent_store = True
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    parent_id = fields.Many2one(
        comodel_name="beneficiary.area", string="Part of", index=True
    )
    parent_path = fields.Char(index=True)
    is_served = fields.Boolean(
        string="In the Area of Work",
        default=True,
        help="People living here are inside the area the association works in.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True)
