from odoo import api, models


class IrFieldsConverter(models.AbstractModel):
    """Ids that an import has just looked up are not looked up again for each row."""

    _inherit = "ir.fields.converter"

    @api.model
    def db_id_for(self, model, field, subfield, value, savepoint):
        known = self.env.context.get("beneficiary_import_ids")
        if subfield == ".id" and isinstance(known, dict):
            if value in known.get(field.comodel_name, ()):
                return int(value), []
        return super().db_id_for(model, field, subfield, value, savepoint)
