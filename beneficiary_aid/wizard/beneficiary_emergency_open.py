from odoo import fields, models
from odoo.exceptions import UserError

from ..models.beneficiary_emergency import OFFICER, RESEARCHER


class BeneficiaryEmergencyOpen(models.TransientModel):
    """Asks what the households of an emergency get, and opens requests for all."""

    _name = "beneficiary.emergency.open"
    _description = "Open Requests of an Emergency"
    _inherit = "beneficiary.amounts.mixin"

    emergency_id = fields.Many2one(
        comodel_name="beneficiary.emergency", required=True, readonly=True
    )
    company_id = fields.Many2one(related="emergency_id.company_id")
    currency_id = fields.Many2one(related="emergency_id.currency_id")
    household_ids = fields.Many2many(
        comodel_name="beneficiary.emergency.household",
        relation="beneficiary_emergency_open_household_rel",
        string="Households",
        domain="[('emergency_id', '=', emergency_id), ('state', '!=', 'dismissed')]",
    )
    aid_type_id = fields.Many2one(
        comodel_name="beneficiary.aid.type",
        required=True,
        domain="[('company_id', '=', company_id), ('nature', '!=', 'fund')]",
    )
    amount = fields.Monetary(help="The value, for what is given in kind.")
    per_member = fields.Boolean(string="For Each Member")

    def action_open(self):
        """Open the requests of the households in one batch.

        :raise UserError: without a household, or when all have one of this kind
        """
        self.ensure_one()
        self.check_access("write")
        self.emergency_id._require(OFFICER, RESEARCHER)
        self.emergency_id._check_open()
        if self.household_ids.emergency_id - self.emergency_id:
            raise UserError(self.env._("Choose households of this emergency only."))
        requests = self.household_ids._open_requests(
            self.aid_type_id, self.amount, self.per_member
        )
        if not requests:
            raise UserError(
                self.env._("Every household chosen has a request of this kind already.")
            )
        return self.emergency_id.action_view_requests()
