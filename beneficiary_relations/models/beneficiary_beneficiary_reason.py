from odoo import api, models
from odoo.exceptions import ValidationError


class BeneficiaryBeneficiary(models.Model):
    """A file is suspended or closed for a reason of the person's category (BR-51)."""

    _inherit = "beneficiary.beneficiary"

    @api.constrains("state_reason_id")
    def _check_state_reason(self):
        for file in self.filtered("state_reason_id"):
            reason = file.state_reason_id
            if reason.target_state == "declined":
                raise ValidationError(
                    self.env._(
                        "%(reason)s is a reason for assessments. Choose one for the "
                        "state of a file.",
                        reason=reason.name,
                    )
                )
            reason._check_fits(file)
