from odoo import fields, models


class BeneficiaryBranch(models.Model):
    """An office of the association, with the representatives who work for it."""

    _name = "beneficiary.branch"
    _description = "Branch Office"
    _check_company_auto = True
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    area_ids = fields.Many2many(
        comodel_name="beneficiary.area", string="Areas Covered", check_company=True
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        string="Representatives",
        help="They register and follow the people of this branch, and see no others.",
    )
    active = fields.Boolean(default=True)
