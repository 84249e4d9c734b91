from odoo import api, models

from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """The study words the motion; none on an incomplete file or above the limits."""

    _inherit = "beneficiary.agenda.item"

    @api.model_create_multi
    def create(self, vals_list):
        """Take the conditions the study recommends into the motion.

        The amount comes with the request; the secretary may word both otherwise.
        """
        items = super().create(vals_list)
        for item, vals in zip(items, vals_list, strict=True):
            if "condition" in vals or not item.request_id:
                continue
            # Whoever prepares the motion need not read the study itself.
            conditions = item.request_id.sudo()._recommended_conditions()
            if conditions:
                item.condition = conditions
                item.outcome = item.outcome or "approve_condition"
        return items

    def _check_motion(self):
        res = super()._check_motion()
        if self.outcome in APPROVALS:
            self.request_id._check_limits()
            self.request_id._check_file_complete()
        return res
