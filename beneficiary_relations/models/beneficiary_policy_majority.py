from odoo import fields, models

from .beneficiary_mandate import DEFAULT_MAJORITY_AGE


class BeneficiaryPolicy(models.Model):
    """The age at which a guardian's mandate ends."""

    _name = "beneficiary.policy"
    _inherit = ["beneficiary.policy"]

    majority_age = fields.Integer(
        string="Age of Majority",
        required=True,
        default=DEFAULT_MAJORITY_AGE,
        tracking=True,
        help="Mandates of guardians end by themselves at this age.",
    )

    _majority_age_sound = models.Constraint(
        "CHECK(majority_age BETWEEN 1 AND 30)",
        "The age of majority lies between 1 and 30 years.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "majority_age" in vals:
            self.filtered(
                lambda policy: policy.state == "in_force"
            )._recompute_mandates()
        return result

    def _put_in_force(self):
        result = super()._put_in_force()
        self._recompute_mandates()
        return result

    def _recompute_mandates(self):
        """Move the last day of guardians' mandates to the new age."""
        # Whoever changes the policy need not read the mandates it moves.
        mandates = (
            self.env["beneficiary.mandate"]
            .sudo()
            .search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("ends_at_majority", "=", True),
                    ("state", "!=", "ended"),
                ]
            )
        )
        self.env.add_to_compute(mandates._fields["last_day"], mandates)
        mandates._sync_portal_access()
