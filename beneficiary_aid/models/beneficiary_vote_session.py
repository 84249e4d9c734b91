from odoo import api, models


class BeneficiaryVote(models.Model):
    """That somebody voted shows on the session screens."""

    _inherit = "beneficiary.vote"

    @api.model_create_multi
    def create(self, vals_list):
        votes = super().create(vals_list)
        votes.item_id.meeting_id._notify_session()
        return votes
