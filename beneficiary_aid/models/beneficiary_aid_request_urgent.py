from odoo import fields, models
from odoo.exceptions import UserError

from .beneficiary_aid_request_flow import MANAGER


class BeneficiaryAidRequest(models.Model):
    """The urgent route: a sick applicant does not wait for a formal earliest day.

    Marking a request urgent puts it first in the lists. That its answer need not wait
    is approved by a manager by name, with a reason (C42, C43).
    """

    _inherit = "beneficiary.aid.request"

    urgent_reason = fields.Char(
        string="Reason of the Urgency",
        copy=False,
        tracking=True,
        help="Why the answer cannot wait, for colleagues. No details of health.",
    )
    urgent_approved_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Urgent Route Approved by",
        readonly=True,
        copy=False,
        tracking=True,
    )
    urgent_approved_on = fields.Date(readonly=True, copy=False)

    def write(self, vals):
        """Take an approval back with the urgency or the reason it was given for."""
        result = super().write(vals)
        if "urgency" in vals or "urgent_reason" in vals:
            # Results, not input; what they stood on was changed.
            self.sudo().filtered("urgent_approved_on").write(
                {"urgent_approved_by_id": False, "urgent_approved_on": False}
            )
        return result

    def action_approve_urgent(self):
        """Approve that the answer does not wait for the earliest day."""
        self.check_access("write")
        self._check_role(MANAGER)
        for request in self:
            if request.urgency != "urgent" or not request.urgent_reason:
                raise UserError(
                    self.env._(
                        "Mark request %(name)s as urgent and enter the reason; then "
                        "approve it.",
                        name=request.display_name,
                    )
                )
        # Results, not input; the role was checked.
        self.sudo().write(
            {
                "urgent_approved_by_id": self.env.uid,
                "urgent_approved_on": self._business_day(),
            }
        )
