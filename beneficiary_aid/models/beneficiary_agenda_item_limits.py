from odoo import models

from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """No motion to help on an incomplete file, or more often than allowed."""

    _inherit = "beneficiary.agenda.item"

    def _check_motion(self):
        res = super()._check_motion()
        if self.outcome in APPROVALS:
            self.request_id._check_limits()
            self.request_id._check_file_complete()
        return res
