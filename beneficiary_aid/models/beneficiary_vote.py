from odoo import api, fields, models
from odoo.exceptions import AccessError

VALUES = [("yes", "Yes"), ("no", "No"), ("abstain", "Abstain")]


class BeneficiaryVote(models.Model):
    """One member's vote in one round about one item.

    Given by the member himself, or by the one he delegated it to, whatever the rights;
    written once. A changed vote is another row, of which the last one counts. Of a
    secret ballot only that the member voted is here; see ``beneficiary.ballot.box``.
    """

    _name = "beneficiary.vote"
    _description = "Vote"
    _inherit = "beneficiary.once.mixin"
    _check_company_auto = True
    _order = "item_id, round, id"
    _rec_name = "member_id"

    _cut_fields = frozenset({"reason"})

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
    cast_by_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="Vote Given by",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The member to whom the vote was delegated.",
    )
    version = fields.Integer(required=True, default=1, aggregator=None)
    is_last = fields.Boolean(string="Counts", compute="_compute_is_last")
    secret = fields.Boolean(help="The value is in the ballot box, without a name.")
    value = fields.Selection(selection=VALUES)
    reason = fields.Char()

    # One vote that counts for a member and round: the highest version.
    _member_uniq = models.UniqueIndex(
        "(item_id, round, member_id, version)",
        "You have voted on this item already. A vote is given once.",
    )
    _value_or_secret = models.Constraint(
        "CHECK(CASE WHEN secret THEN value IS NULL AND reason IS NULL"
        " ELSE value IS NOT NULL END)",
        "A vote says yes, no or abstain; a secret one says nothing here.",
    )
    _version_bounds = models.Constraint(
        "CHECK(version BETWEEN 1 AND 1000)",
        "A vote is changed too often. It stays as it is now.",
    )

    @api.depends("item_id", "round", "member_id", "version")
    def _compute_is_last(self):
        last = {}
        for vote in self.search([("item_id", "in", self.item_id.ids)]):
            key = (vote.item_id, vote.round, vote.member_id)
            last[key] = max(last.get(key, 0), vote.version)
        for vote in self:
            key = (vote.item_id, vote.round, vote.member_id)
            vote.is_last = vote.version >= last.get(key, 0)

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
        ballots = []
        for vals in vals_list:
            item = items.browse(vals.get("item_id"))
            member = self.env["beneficiary.committee.member"].browse(
                vals.get("member_id")
            )
            item._check_can_vote(member, vals.get("value"), vals.get("reason"))
            by_name = item._votes_by_name(member)
            vals.update(
                round=item.round,
                version=item._next_version(member),
                cast_by_id=item._stand_in_of(member).id,
                secret=not by_name,
            )
            if not by_name:
                ballots.append((item, vals["value"]))
                vals.update(value=False, reason=False)
        votes = super().create(vals_list)
        for item, value in ballots:
            self.env["beneficiary.ballot.box"]._drop(item, value)
        items._after_vote()
        return votes

    @api.model
    def _once_words(self):
        return self.env._("A vote is given once and stays as it was given.")

    @api.model
    def _check_own(self, member, item):
        """Refuse a vote in another's name, also to superusers.

        Whoever delegated his vote leaves it to the other.

        :raise AccessError: naming the member
        """
        voter = item._stand_in_of(member) or member
        if voter.user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "Only %(member)s can give this vote.",
                    member=voter.display_name,
                )
            )
