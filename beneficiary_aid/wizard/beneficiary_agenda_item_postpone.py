from odoo import api, fields, models


class BeneficiaryAgendaItemPostpone(models.TransientModel):
    """Ask the secretary why items are put off to another meeting."""

    _name = "beneficiary.agenda.item.postpone"
    _description = "Put Items off to Another Meeting"

    item_ids = fields.Many2many(
        comodel_name="beneficiary.agenda.item",
        string="Items",
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_company_id"
    )
    reason_id = fields.Many2one(
        comodel_name="beneficiary.decision.reason",
        required=True,
        domain="[('outcome', 'in', ['any', 'postpone']),"
        " ('company_id', 'in', [False, company_id])]",
    )

    @api.depends("item_ids")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard.item_ids.company_id[:1]

    def action_postpone(self):
        """Put the items off."""
        self.ensure_one()
        self.item_ids.check_access("write")
        self.item_ids._put_off(self.reason_id)
        return {"type": "ir.actions.act_window_close"}
