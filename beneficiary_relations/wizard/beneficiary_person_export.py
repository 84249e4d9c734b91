from odoo import fields, models


class BeneficiaryPersonExport(models.TransientModel):
    """The copy of a person's data, to be downloaded and handed over, then gone."""

    _name = "beneficiary.person.export"
    _description = "Copy of a Person's Data"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary", string="Person", readonly=True
    )
    # In the row and not in the file store: the vacuum takes the copy with it.
    data_json = fields.Binary(
        string="For Machines (JSON)", readonly=True, attachment=False
    )
    data_json_name = fields.Char(default="data.json", readonly=True)
    data_text = fields.Binary(string="To Read", readonly=True, attachment=False)
    data_text_name = fields.Char(default="data.txt", readonly=True)
