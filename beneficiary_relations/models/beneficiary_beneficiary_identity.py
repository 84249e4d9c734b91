from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.text import normalise_identity


class BeneficiaryBeneficiary(models.Model):
    """What papers carry: Hijri dates and the short national address."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary", "beneficiary.hijri.mixin"]

    birth_date_hijri = fields.Char(inverse="_inverse_birth_date_hijri")
    identity_expiry_hijri = fields.Char(inverse="_inverse_identity_expiry_hijri")
    residence_expiry_hijri = fields.Char(
        string="Legal Residence until (Hijri)",
        compute="_compute_hijri_dates",
        inverse="_inverse_residence_expiry_hijri",
    )
    short_address = fields.Char(
        string="Short National Address",
        help="Four letters and four digits, like RRRD2929. The digits are the "
        "number of the building.",
    )
    building_number = fields.Char(
        compute="_compute_building_number",
        store=True,
        readonly=False,
        precompute=True,
    )

    _short_address_format = models.Constraint(
        "CHECK(short_address IS NULL OR short_address ~ '^[A-Z]{4}[0-9]{4}$')",
        "A short national address has four letters and four digits, like RRRD2929.",
    )
    _building_number_format = models.Constraint(
        "CHECK(building_number IS NULL OR building_number ~ '^[0-9]{4}$')",
        "The building number of a national address has four digits.",
    )

    # ------------------------------------------------------------------
    # Computes and inverses
    # ------------------------------------------------------------------

    @api.depends("birth_date", "identity_expiry", "residence_expiry")
    def _compute_hijri_dates(self):
        for file in self:
            file.birth_date_hijri = self._hijri_text(file.birth_date)
            file.identity_expiry_hijri = self._hijri_text(file.identity_expiry)
            file.residence_expiry_hijri = self._hijri_text(file.residence_expiry)

    @api.onchange("birth_date_hijri")
    def _inverse_birth_date_hijri(self):
        self._set_from_hijri("birth_date_hijri", "birth_date")

    @api.onchange("identity_expiry_hijri")
    def _inverse_identity_expiry_hijri(self):
        self._set_from_hijri("identity_expiry_hijri", "identity_expiry")

    @api.onchange("residence_expiry_hijri")
    def _inverse_residence_expiry_hijri(self):
        self._set_from_hijri("residence_expiry_hijri", "residence_expiry")

    @api.depends("short_address")
    def _compute_building_number(self):
        for file in self:
            if file.short_address and not file.building_number:
                file.building_number = normalise_identity(file.short_address)[4:8]

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("short_address", "building_number")
    def _check_short_address(self):
        """The digits of the short address are the number of the building."""
        for file in self:
            address, number = file.short_address, file.building_number
            if address and number and not address.endswith(number):
                raise ValidationError(
                    self.env._(
                        "%(name)s: the short address %(address)s does not fit the "
                        "building number %(number)s. Its four digits are the number "
                        "of the building: correct one of them.",
                        name=file.display_name,
                        address=address,
                        number=number,
                    )
                )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _clean_vals(self, vals):
        vals = super()._clean_vals(vals)
        for name in ("short_address", "building_number"):
            if vals.get(name):
                vals[name] = normalise_identity(vals[name]) or False
        return vals
