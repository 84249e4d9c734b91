from odoo import api, models


class BeneficiaryVote(models.Model):
    """Votes are sealed as they are given, one chain an item."""

    _inherit = "beneficiary.vote"

    @api.model_create_multi
    def create(self, vals_list):
        votes = super().create(vals_list)
        # The request of the item was written: its votes follow each other.
        self.env["beneficiary.seal"]._append_all(
            {f"item:{item.id}": own for item, own in votes.grouped("item_id").items()}
        )
        return votes

    def _seal_digest(self):
        """Return the digest of what a vote says; its reason may be destroyed."""
        self.ensure_one()
        return self.env["beneficiary.seal"]._digest_of(
            [self.item_id.id, self.round, self.member_id.id, self.value or ""]
        )
