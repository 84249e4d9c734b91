from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

from ..tools.append_only import protect, release

VALUES = [("yes", "Yes"), ("no", "No"), ("abstain", "Abstain")]


class BeneficiaryVote(models.Model):
    """One member's vote in one round about one item.

    Given by the member himself and by nobody for him, whatever the rights; written
    once. Until the vote is closed a member sees only his own.
    """

    _name = "beneficiary.vote"
    _description = "Vote"
    _check_company_auto = True
    _order = "item_id, round, id"
    _rec_name = "member_id"

    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="item_id.company_id", store=True, precompute=True, index=True
    )
    round = fields.Integer(required=True, aggregator=None)
    member_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    user_id = fields.Many2one(related="member_id.user_id", string="Voter")
    value = fields.Selection(selection=VALUES, required=True)
    reason = fields.Char()

    _member_uniq = models.UniqueIndex(
        "(item_id, round, member_id)",
        "You have voted on this item already. A vote is given once.",
    )

    def _auto_init(self):
        release(self.env.cr, self._table)
        return super()._auto_init()

    def init(self):
        """Let the database refuse changes of votes."""
        protect(self.env.cr, self._table, words=("reason",))

    @api.model_create_multi
    def create(self, vals_list):
        """Take votes, each from its own member while the vote is open.

        The request is written in the same transaction: of two members who vote at
        the same moment one is run again, so that whoever closes the vote sees both.

        :raise AccessError: a vote for somebody else
        :raise UserError: not eligible, not open, voted already, no reason given
        """
        items = self.env["beneficiary.agenda.item"].browse(
            {vals["item_id"] for vals in vals_list if vals.get("item_id")}
        )
        items.check_access("read")
        items._touch_requests()
        for vals in vals_list:
            item = items.browse(vals.get("item_id"))
            member = self.env["beneficiary.committee.member"].browse(
                vals.get("member_id")
            )
            vals["round"] = item.round
            item._check_can_vote(member, vals.get("value"), vals.get("reason"))
        return super().create(vals_list)

    def write(self, vals):
        anonymising = is_anonymising(self.env)
        if self and not (anonymising and vals.keys() == {"reason"}):
            raise UserError(
                self.env._("A vote is given once and stays as it was given.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A vote is given once and stays as it was given."))

    @api.model
    def _check_own(self, member):
        """Refuse a vote in another's name, also to superusers.

        :raise AccessError: naming the member
        """
        if member.user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "Only %(member)s can give this vote.",
                    member=member.display_name,
                )
            )
