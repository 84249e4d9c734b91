from odoo import api, fields, models

from ..models.beneficiary_aid_request_tier import PERSON_OUTCOMES
from ..models.beneficiary_decision import POWERS
from ..models.beneficiary_decision_reason import USES

MOTION = (
    "outcome",
    "amount",
    "reason_id",
    "fund_id",
    "condition",
    "public_text",
    "urgent_reason",
    "outside_reference",
    "outside_date",
    "outside_answer",
    "outside_filename",
)


class BeneficiaryAidRequestDecide(models.TransientModel):
    """The dialog of a person who decides: a department, a manager, an answer from
    outside, or the chair alone in an urgent case."""

    _name = "beneficiary.aid.request.decide"
    _description = "Decide about a Request"
    _inherit = "beneficiary.amounts.mixin"

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request", required=True, readonly=True
    )
    tier = fields.Integer(readonly=True)
    company_id = fields.Many2one(related="request_id.company_id")
    currency_id = fields.Many2one(related="request_id.currency_id")
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    aid_type_id = fields.Many2one(related="request_id.aid_type_id")
    amount_requested = fields.Monetary(related="request_id.amount_requested")
    amount_recommended = fields.Monetary(related="request_id.amount_recommended")
    reason = fields.Text(related="request_id.reason")
    power = fields.Selection(selection=POWERS, compute="_compute_power")
    power_note = fields.Char(compute="_compute_power")
    category_id = fields.Many2one(
        comodel_name="beneficiary.category", compute="_compute_power"
    )
    outcome = fields.Selection(selection=PERSON_OUTCOMES, required=True)
    reason_use = fields.Char(compute="_compute_reason_use")
    amount = fields.Monetary(string="Amount to Approve", required=True, default=0.0)
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        domain="[('company_id', '=', company_id)]",
    )
    reason_id = fields.Many2one(
        comodel_name="beneficiary.decision.reason",
        string="Reason Told",
        domain="[('company_id', 'in', [False, company_id]), "
        "('outcome', 'in', ['any', reason_use]), '|', "
        "('category_ids', '=', False), ('category_ids', '=', category_id)]",
    )
    condition = fields.Text(help="What the person must do first.")
    public_text = fields.Text(
        string="Words for the Applicant",
        help="A plain sentence the applicant reads. Empty: the usual one.",
    )
    urgent_reason = fields.Char(
        string="Why It Cannot Wait", help="No details of health."
    )
    outside_reference = fields.Char(string="Reference of the Answer")
    outside_date = fields.Date(string="Date of the Answer")
    outside_answer = fields.Binary(string="Scan of the Answer", attachment=False)
    outside_filename = fields.Char()

    @api.depends("outcome")
    def _compute_reason_use(self):
        for dialog in self:
            dialog.reason_use = USES.get(dialog.outcome)

    @api.depends("request_id")
    @api.depends_context("uid")
    def _compute_power(self):
        for dialog in self:
            request = dialog.request_id
            dialog.power = request and request._person_power(self.env.user)
            dialog.power_note = request and request._power_words(dialog.power)
            # Whoever decides need not read the file; its category is before him.
            dialog.category_id = request.sudo().beneficiary_id.category_id

    def action_decide(self):
        """Make the decision.

        :raise AccessError: for somebody whose turn it is not
        :raise UserError: naming what speaks against it
        """
        self.ensure_one()
        self.check_access("write")
        self.request_id.check_access("read")
        motion = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in MOTION
        }
        self.request_id._decide_in_person(motion, self.tier)
        return {"type": "ir.actions.act_window_close"}
