from odoo import api, models


class BeneficiaryMeetingAttendance(models.Model):
    """Who comes and goes shows on the session screens."""

    _inherit = "beneficiary.meeting.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        attendances = super().create(vals_list)
        attendances.meeting_id._notify_session()
        return attendances

    def write(self, vals):
        res = super().write(vals)
        self.meeting_id._notify_session()
        return res
