from odoo import api, fields, models


class BeneficiaryNumberedMixin(models.AbstractModel):
    """Records with a number of their association's sequence, and a name.

    The sequence is called like the model. Numbers and other results are not typed in,
    and words do not read otherwise than they are stored.
    """

    _name = "beneficiary.numbered.mixin"
    _description = "Numbered and Named"
    _inherit = ["beneficiary.company.mixin", "beneficiary.results.mixin"]

    number = fields.Char(readonly=True, copy=False, index="trigram")
    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)

    @api.depends("name", "number")
    def _compute_display_name(self):
        for record in self:
            record.display_name = " ".join(filter(None, (record.number, record.name)))

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_typed(vals)
        self.env["ir.sequence"]._number_vals(self._name, "number", vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        return super().write(vals)

    def _check_typed(self, vals):
        """Refuse what may not be typed in: on new records, or on these.

        :param dict vals: values of ``create`` or ``write``
        """
        self._refuse_hidden_characters(vals)
        self._check_results(vals)
