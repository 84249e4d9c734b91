from odoo import fields, models


class BeneficiaryVoteAbstain(models.TransientModel):
    """Ask an abstaining member for the reason, where the rule sheet wants one."""

    _name = "beneficiary.vote.abstain"
    _description = "Abstain from a Vote"

    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item", required=True, readonly=True
    )
    reason = fields.Char(required=True)

    def action_abstain(self):
        """Give the vote."""
        self.ensure_one()
        self.item_id.check_access("read")
        self.item_id._vote("abstain", self.reason)
        return {"type": "ir.actions.act_window_close"}
