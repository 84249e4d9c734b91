from odoo import fields, models

from .beneficiary_mandate import DEFAULT_MAJORITY_AGE


class BeneficiaryBeneficiary(models.Model):
    """Who acts for the person, and for whom the person acts."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    mandate_ids = fields.One2many(
        comodel_name="beneficiary.mandate",
        inverse_name="beneficiary_id",
        string="Mandates",
        groups="base.group_user",
    )

    def write(self, vals):
        """Move the end of guardians' mandates with the birth date."""
        result = super().write(vals)
        if "birth_date" in vals:
            # Access of the holders follows, whoever corrects the date.
            self.sudo().mandate_ids._sync_portal_access()
        return result

    def _majority_age(self):
        """Return the age of majority of the association's policy in force."""
        self.ensure_one()
        policy = self.env["beneficiary.policy"]._in_force(self.company_id)
        return policy.sudo().majority_age or DEFAULT_MAJORITY_AGE

    def _is_minor(self):
        """Tell whether the person is known to be under age today."""
        self.ensure_one()
        return bool(self.birth_date) and self.age < self._majority_age()
