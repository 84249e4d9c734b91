from odoo import api, fields, models


class BeneficiaryEmergencyApprove(models.TransientModel):
    """Asks for the requests and the reason of an urgent approval."""

    _name = "beneficiary.emergency.approve"
    _description = "Approve Urgently"

    emergency_id = fields.Many2one(
        comodel_name="beneficiary.emergency", required=True, readonly=True
    )
    company_id = fields.Many2one(related="emergency_id.company_id")
    currency_id = fields.Many2one(related="emergency_id.currency_id")
    urgent_cap = fields.Monetary(related="emergency_id.urgent_cap")
    request_ids = fields.Many2many(
        comodel_name="beneficiary.aid.request",
        relation="beneficiary_emergency_approve_request_rel",
        string="Requests",
        domain="[('emergency_id', '=', emergency_id), ('decision_id', '=', False)]",
    )
    total = fields.Monetary(compute="_compute_total")
    outcome = fields.Selection(
        selection=[("in_kind", "Approve in kind"), ("approve", "Approve")],
        required=True,
        default="in_kind",
    )
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund", domain="[('company_id', '=', company_id)]"
    )
    reason = fields.Char(
        string="Why It Cannot Wait",
        required=True,
        help="Kept with the decision, for the committee. No details of health.",
    )

    @api.depends("request_ids")
    def _compute_total(self):
        for wizard in self:
            wizard.total = sum(
                wizard.emergency_id._urgent_amount(one) for one in wizard.request_ids
            )

    def action_approve(self):
        """Approve the requests by urgent power.

        :raise UserError: naming what stands in the way
        """
        self.ensure_one()
        self.check_access("write")
        self.emergency_id._check_may_approve()
        self.emergency_id._approve_urgently(
            self.request_ids, self.outcome, self.reason, self.fund_id
        )
        return self.emergency_id.action_view_waiting()
