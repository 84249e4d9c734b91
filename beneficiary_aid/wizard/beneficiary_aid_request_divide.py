from odoo import api, fields, models


class BeneficiaryAidRequestDivide(models.TransientModel):
    """Into which parts a request is divided, to be decided apart."""

    _name = "beneficiary.aid.request.divide"
    _description = "Divide a Request"

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request", required=True, readonly=True
    )
    company_id = fields.Many2one(related="request_id.company_id")
    currency_id = fields.Many2one(related="request_id.currency_id")
    amount_requested = fields.Monetary(related="request_id.amount_requested")
    line_ids = fields.One2many(
        comodel_name="beneficiary.aid.request.divide.line",
        inverse_name="wizard_id",
        string="Parts",
    )
    amount_left = fields.Monetary(string="Left", compute="_compute_amount_left")
    reason = fields.Text(required=True, help="Kept with the request, for colleagues.")

    @api.depends("line_ids.amount", "request_id")
    def _compute_amount_left(self):
        for wizard in self:
            parts = sum(wizard.line_ids.mapped("amount"))
            wizard.amount_left = wizard.amount_requested - parts

    @api.model
    def default_get(self, fields_list):
        """Begin with the whole, to be made smaller."""
        values = super().default_get(fields_list)
        request = self.env["beneficiary.aid.request"].browse(values.get("request_id"))
        if request and "line_ids" in fields_list and not values.get("line_ids"):
            values["line_ids"] = [
                fields.Command.create(
                    {
                        "aid_type_id": request.aid_type_id.id,
                        "amount": request.amount_requested,
                        "need": request.reason,
                    }
                )
            ]
        return values

    def action_divide(self):
        """Make the parts, and open them.

        :raise UserError: when the request may not be divided, or an amount is missing
        :raise ValidationError: when the parts are more than was asked
        """
        self.ensure_one()
        self.request_id.check_access("write")
        parts = self.request_id._divide(
            [
                {
                    "aid_type_id": line.aid_type_id.id,
                    "amount_requested": line.amount,
                    "reason": line.need,
                }
                for line in self.line_ids
            ],
            self.reason,
        )
        return parts._get_records_action(name=self.env._("Parts"))


class BeneficiaryAidRequestDivideLine(models.TransientModel):
    """One part of a request that is divided."""

    _name = "beneficiary.aid.request.divide.line"
    _description = "Part of a Request"
    _inherit = "beneficiary.amounts.mixin"

    wizard_id = fields.Many2one(
        comodel_name="beneficiary.aid.request.divide",
        required=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="wizard_id.company_id")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    aid_type_id = fields.Many2one(
        comodel_name="beneficiary.aid.type",
        required=True,
        domain="[('company_id', '=', company_id), ('is_requestable', '=', True)]",
    )
    amount = fields.Monetary()
    need = fields.Text(string="What Is Needed")
