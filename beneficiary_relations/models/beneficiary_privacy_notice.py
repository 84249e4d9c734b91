from odoo import models


class BeneficiaryPrivacyNotice(models.Model):
    """What people are told before their data is collected, in versions."""

    _name = "beneficiary.privacy.notice"
    _description = "Privacy Notice"
    _inherit = "beneficiary.versioned.text"

    _one_in_force = models.UniqueIndex(
        "(company_id) WHERE state = 'in_force'",
        "This association has a privacy notice in force already. Put the new version "
        "in force with its button, which ends the old one.",
    )

    def _require_editor(self):
        self.env["beneficiary.beneficiary"]._require_group(
            "group_privacy_officer", "group_administrator"
        )
