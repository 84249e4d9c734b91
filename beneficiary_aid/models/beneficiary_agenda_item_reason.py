from odoo import api, fields, models


class BeneficiaryAgendaItem(models.Model):
    """A motion gives a reason that holds for the person's category (BR-51)."""

    _inherit = "beneficiary.agenda.item"

    category_id = fields.Many2one(
        comodel_name="beneficiary.category",
        compute="_compute_category_id",
        help="Of the person; the reasons offered are those of the category.",
    )
    reason_id = fields.Many2one(
        domain="[('company_id', 'in', [False, company_id]), '|', "
        "('category_ids', '=', False), ('category_ids', '=', category_id)]"
    )

    @api.depends("request_id")
    def _compute_category_id(self):
        for item in self:
            # Members who decide need not read the file; its category is before them.
            item.category_id = item.request_id.sudo().beneficiary_id.category_id

    @api.constrains("reason_id", "request_id")
    def _check_reason_category(self):
        for item in self.filtered("reason_id"):
            item.reason_id._check_fits(item.request_id.sudo().beneficiary_id)


class BeneficiaryDecision(models.Model):
    """The same holds of what is decided."""

    _inherit = "beneficiary.decision"

    @api.constrains("reason_id")
    def _check_reason_category(self):
        for decision in self.filtered("reason_id"):
            decision.reason_id._check_fits(decision.request_id.beneficiary_id)
