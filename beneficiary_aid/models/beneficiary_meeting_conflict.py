from odoo import fields, models


class BeneficiaryMeeting(models.Model):
    """Ties are looked for again when the members are known."""

    _inherit = "beneficiary.meeting"

    conflict_ids = fields.One2many(
        comodel_name="beneficiary.conflict", inverse_name="meeting_id"
    )

    def action_call(self):
        res = super().action_call()
        self.item_ids._propose_conflicts()
        return res

    def action_open(self):
        res = super().action_open()
        self.item_ids._propose_conflicts()
        return res
