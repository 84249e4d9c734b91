from odoo import api, fields, models


class BeneficiaryDocument(models.Model):
    """Importing the papers of an existing association with their dates."""

    _name = "beneficiary.document"
    _inherit = ["beneficiary.document", "beneficiary.import.mixin"]

    _import_template = "documents.csv"
    _import_blanks = {"state": "submitted", "collected_from": "official"}

    # Only administrators bring the day of a matching that was done on paper.
    verified_on = fields.Date(readonly=False)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_matching_day(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_matching_day(vals)
        return super().write(vals)

    @api.model
    def _check_matching_day(self, vals):
        day = fields.Date.to_date(vals.get("verified_on"))
        if day and day != fields.Date.context_today(self):
            self.env["beneficiary.beneficiary"]._require_group("group_administrator")

    @api.model
    def _import_faults(self, rows):
        messages = super()._import_faults(rows)
        for index, values in rows:
            issued, expires = values.get("issue_date"), values.get("expiry_date")
            # Both are written year first, by Odoo's import or by the file.
            if issued and expires and str(issued) > str(expires):
                messages.append(
                    self._import_message(
                        index,
                        "expiry_date",
                        self.env._(
                            "the paper expires before it was issued. Correct one of "
                            "the dates."
                        ),
                    )
                )
        return messages
