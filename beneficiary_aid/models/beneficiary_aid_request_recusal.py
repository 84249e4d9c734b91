from odoo import api, fields, models


class BeneficiaryAidRequest(models.Model):
    """Who stepped aside from a request no longer sees it (BR-48, committee.md).

    The record rules of the request and of everything that hangs on it look at one
    plain relation, kept here from the recusals of its agenda items.
    """

    _inherit = "beneficiary.aid.request"

    recused_user_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_aid_request_recused_user_rel",
        string="Kept Away",
        compute="_compute_recused_user_ids",
        store=True,
        copy=False,
        groups="base.group_user",
        help="They stepped aside from the request and do not see it, whatever other "
        "role they have.",
    )

    @api.depends(
        "agenda_item_ids.state",
        "agenda_item_ids.recused_member_ids",
        "agenda_item_ids.meeting_id.state",
    )
    def _compute_recused_user_ids(self):
        discussed = self.filtered("agenda_item_ids")
        (self - discussed).recused_user_ids = False
        for request in discussed:
            request.recused_user_ids = request.agenda_item_ids._kept_away().user_id
