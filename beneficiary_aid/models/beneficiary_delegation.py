from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .beneficiary_meeting_attendance import PRESENT


class BeneficiaryDelegation(models.Model):
    """An absent member lets another one vote for him, where the rule sheet allows it.

    For a meeting, or for one item. Given by the member himself, before the vote. It is
    void for an item in which either has a conflict; see
    :func:`..tools.ballot.valid_delegations`.
    """

    _name = "beneficiary.delegation"
    _description = "Delegation of a Vote"
    _check_company_auto = True
    _order = "meeting_id desc, id"
    _rec_name = "giver_id"

    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', 'in', ('called', 'open'))]",
    )
    committee_id = fields.Many2one(related="meeting_id.committee_id")
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, precompute=True, index=True
    )
    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        string="Only for",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('meeting_id', '=', meeting_id), ('state', '=', 'pending')]",
        help="Empty: for the whole meeting.",
    )
    giver_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="Delegated by",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        compute="_compute_giver_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('committee_id', '=', committee_id), ('votes', '=', True)]",
    )
    taker_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="Delegated to",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('committee_id', '=', committee_id), ('votes', '=', True), "
        "('id', '!=', giver_id)]",
    )
    active = fields.Boolean(string="In Force", default=True)

    _giver_uniq = models.UniqueIndex(
        "(meeting_id, COALESCE(item_id, 0), giver_id) WHERE active IS TRUE",
        "This vote is delegated already. Take the delegation back first.",
    )
    _taker_uniq = models.UniqueIndex(
        "(meeting_id, COALESCE(item_id, 0), taker_id) WHERE active IS TRUE",
        "This member acts for another one already. Nobody acts for more than one.",
    )
    _two_people = models.Constraint(
        "CHECK(giver_id != taker_id)", "A vote is delegated to somebody else."
    )

    @api.depends("meeting_id")
    def _compute_giver_id(self):
        for delegation in self:
            meeting = delegation.meeting_id
            serving = meeting._serving_members() if meeting else delegation.giver_id
            delegation.giver_id = serving.filtered(
                lambda member: member.user_id == self.env.user
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Take delegations, each from the member himself.

        :raise AccessError: in another's name
        :raise UserError: the rules know no delegation, or of another kind
        """
        delegations = super().create(vals_list)
        for delegation in delegations:
            delegation._check_own()
            delegation._check_rules()
        return delegations

    def write(self, vals):
        if vals.keys() - {"active"} or vals.get("active"):
            raise UserError(
                self.env._("A delegation is taken back and given anew, not changed.")
            )
        for delegation in self:
            delegation._check_own()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A delegation is kept. Take it back instead."))

    def action_take_back(self):
        """Take a delegation back; votes given by it stay."""
        self.check_access("write")
        self.active = False

    def _check_own(self):
        """Refuse a delegation of somebody else's vote, also to superusers."""
        self.ensure_one()
        if self.giver_id.user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "Only %(member)s can delegate this vote.",
                    member=self.giver_id.display_name,
                )
            )

    def _check_rules(self):
        self.ensure_one()
        committee = self.committee_id
        if committee.delegation != "member":
            raise UserError(
                self.env._(
                    "The rules of %(committee)s let no member vote for another.",
                    committee=committee.name,
                )
            )
        if bool(self.item_id) != (committee.delegation_scope == "item"):
            raise UserError(
                self.env._(
                    "The rules of %(committee)s say whether a delegation is for a "
                    "meeting or for one item. Choose accordingly.",
                    committee=committee.name,
                )
            )
        if self.item_id and (
            self.item_id.meeting_id != self.meeting_id
            or self.item_id.state != "pending"
        ):
            raise UserError(
                self.env._("A vote is delegated before the vote on the item is opened.")
            )
        if self.meeting_id.kind != "session" or self.meeting_id.state not in (
            "called",
            "open",
        ):
            raise UserError(
                self.env._(
                    "The meeting %(meeting)s is over, not called yet or by "
                    "circulation: no vote is delegated for it.",
                    meeting=self.meeting_id.display_name,
                )
            )
        serving = self.meeting_id._serving_members()
        for member in self.giver_id | self.taker_id:
            if member not in serving or not member.votes:
                raise UserError(
                    self.env._(
                        "%(member)s is no voting member of %(committee)s.",
                        member=member.display_name,
                        committee=committee.name,
                    )
                )

    def _pairs_for(self, item):
        """Return who delegated to whom for an item, as plain pairs in order.

        :param item: ``beneficiary.agenda.item``
        :rtype: list[tuple]
        """
        return [
            (delegation.giver_id, delegation.taker_id)
            for delegation in self.sorted("id")
            if not delegation.item_id or delegation.item_id == item
        ]


class BeneficiaryMeeting(models.Model):
    _inherit = "beneficiary.meeting"

    delegation_ids = fields.One2many(
        comodel_name="beneficiary.delegation", inverse_name="meeting_id"
    )
    allows_delegation = fields.Boolean(compute="_compute_allows_delegation")

    @api.depends("committee_id", "state", "kind")
    def _compute_allows_delegation(self):
        for meeting in self:
            meeting.allows_delegation = meeting.committee_id.delegation == "member"

    def _present_alternates(self):
        """Return the alternates who came, in the order of the list of members."""
        self.ensure_one()
        kinds = self._presence_kinds()
        serving = self._serving_members()
        return serving.filtered(
            lambda member: (
                member.role == "alternate"
                and member
                in self.attendance_ids.filtered(
                    lambda attendance: attendance.presence in kinds
                ).member_id
            )
        )

    def _presence_kinds(self):
        """Return which kinds of attendance count as present by the rule sheet."""
        self.ensure_one()
        return ("present",) if self.committee_id.presence_kind == "room" else PRESENT
