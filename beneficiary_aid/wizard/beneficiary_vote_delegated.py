from odoo import fields, models

from ..models.beneficiary_vote import VALUES


class BeneficiaryVoteDelegated(models.TransientModel):
    """Give the vote of the member who delegated it."""

    _name = "beneficiary.vote.delegated"
    _description = "Vote for Another Member"

    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item", required=True, readonly=True
    )
    seat_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="In the Place of",
        required=True,
        readonly=True,
    )
    value = fields.Selection(selection=VALUES, string="Vote", required=True)
    reason = fields.Char(help="Asked of those who abstain, by some rule sheets.")

    def action_vote(self):
        """Give the vote."""
        self.ensure_one()
        self.item_id.check_access("read")
        self.item_id._vote(self.value, self.reason, seat=self.seat_id)
        return {"type": "ir.actions.act_window_close"}
