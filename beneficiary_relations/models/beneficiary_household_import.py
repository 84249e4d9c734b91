from odoo import api, fields, models


class BeneficiaryHousehold(models.Model):
    """Importing households with the numbers and dates they had on paper."""

    _name = "beneficiary.household"
    _inherit = ["beneficiary.household", "beneficiary.import.mixin"]

    _import_template = "households.csv"

    # Typed by administrators only, who bring the number from paper.
    code = fields.Char(readonly=False)
    registered_on = fields.Date(
        default=lambda self: fields.Date.context_today(self),
        copy=False,
        help="The day the household was registered, also when it was on paper.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("code") for vals in vals_list):
            self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        return super().create(vals_list)

    def write(self, vals):
        if "code" in vals:
            self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        return super().write(vals)

    @api.model
    def _import_match(self, values):
        """Find households by number or, at last, name."""
        found = {value: [] for value in values}
        for household in self.with_context(active_test=False).search_fetch(
            [("code", "in", list(values))], ["code"]
        ):
            found[household.code].append(household.id)
        unknown = {value for value, ids in found.items() if not ids}
        return found | super()._import_match(unknown)
