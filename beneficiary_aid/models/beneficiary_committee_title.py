from odoo import fields, models


class BeneficiaryCommitteeTitle(models.Model):
    """An office in a committee beside chair and deputy, as a sharia member.

    Associations name their own; a rule sheet may ask that one of them is there.
    """

    _name = "beneficiary.committee.title"
    _description = "Office in a Committee"
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "This office is named already. Choose it from the list."
    )
