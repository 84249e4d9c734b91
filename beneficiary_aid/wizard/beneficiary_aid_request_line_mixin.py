from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryAidRequestLineMixin(models.AbstractModel):
    """A line of a window that names a request, and how much is meant for it.

    Unless something else is said, all that is approved and open is meant. A model
    that has it says whose line it is: its ``company_id`` follows the window.
    """

    _name = "beneficiary.aid.request.line.mixin"
    _description = "Request and Amount on a Line"
    _inherit = "beneficiary.amounts.mixin"
    _check_company_auto = True

    company_id = fields.Many2one(comodel_name="res.company")
    currency_id = fields.Many2one(related="company_id.currency_id")
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request", required=True, check_company=True
    )
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    fund_id = fields.Many2one(related="request_id.fund_id")
    amount_open = fields.Monetary(
        string="Approved and Open",
        compute="_compute_amount_open",
        help="Approved and not disbursed yet.",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )

    @api.depends("request_id")
    def _compute_amount_open(self):
        amounts = self.request_id._get_open_amounts()
        for line in self:
            line.amount_open = amounts.get(line.request_id._origin, 0.0)

    @api.depends("request_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.amount_open

    def _check_meant(self):
        """Refuse a line for which nothing is meant.

        :raise UserError: naming its request
        """
        for line in self:
            if line.currency_id.compare_amounts(line.amount, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "%(request)s: enter an amount above zero, or take the line "
                        "away. %(amount)s is approved and open.",
                        request=line.request_id.display_name,
                        amount=line.currency_id.format(line.amount_open),
                    )
                )
