from odoo import api, fields, models
from odoo.exceptions import ValidationError

RULE_FIELDS = (
    "quorum_kind",
    "quorum_number",
    "quorum_fraction",
    "seats_kind",
    "seat_count",
    "recused_quorum",
    "pass_base",
    "pass_kind",
    "pass_number",
    "min_votes",
    "tie_rule",
    "casting_on_present",
    "chair_votes",
    "abstention",
    "silence",
)


class BeneficiaryCommittee(models.Model):
    """A committee that decides, and its rule sheet.

    The association sets the rules from its own by-laws; the first choice of each is
    the usual one. The counting itself is :mod:`..tools.ballot`.
    """

    _name = "beneficiary.committee"
    _description = "Committee"
    _inherit = ["beneficiary.amounts.mixin", "mail.thread", "beneficiary.company.mixin"]
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    policy_id = fields.Many2one(comodel_name="beneficiary.policy", check_company=True)
    member_ids = fields.One2many(
        comodel_name="beneficiary.committee.member", inverse_name="committee_id"
    )
    member_count = fields.Integer(compute="_compute_counts")
    open_meeting_count = fields.Integer(compute="_compute_counts")
    template_code = fields.Char(readonly=True, copy=False)

    # Rule sheet
    quorum_kind = fields.Selection(
        selection=[
            ("majority", "Majority of the seats"),
            ("number", "A number of members"),
            ("fraction", "A share of the seats"),
        ],
        string="Quorum",
        required=True,
        default="majority",
        tracking=True,
    )
    quorum_number = fields.Integer(string="Members Needed", default=1, tracking=True)
    quorum_fraction = fields.Float(
        string="Share Needed", default=0.5, digits=(5, 4), tracking=True
    )
    seats_kind = fields.Selection(
        selection=[("filled", "Filled seats"), ("all", "All seats")],
        string="Seats Counted",
        required=True,
        default="filled",
        tracking=True,
    )
    seat_count = fields.Integer(string="Number of Seats", help="Vacant seats included.")
    recused_quorum = fields.Selection(
        selection=[
            ("strict", "Not present, the base stays"),
            ("reduced", "Taken out of both"),
            ("roberts", "Counted in both"),
        ],
        string="Recused Members and Quorum",
        required=True,
        default="strict",
        tracking=True,
    )
    pass_kind = fields.Selection(
        selection=[
            ("more_than_half", "More than half"),
            ("two_thirds", "Two thirds"),
            ("unanimous", "All of them"),
            ("at_least", "A number of votes"),
        ],
        string="Votes Needed",
        required=True,
        default="more_than_half",
        tracking=True,
    )
    pass_base = fields.Selection(
        selection=[
            ("cast", "Of the votes for and against"),
            ("present", "Of the members present"),
            ("all", "Of all seats"),
        ],
        string="Counted on",
        required=True,
        default="cast",
        tracking=True,
        help="An abstention is not a vote: neutral on votes for and against, like a "
        "no on the other two.",
    )
    pass_number = fields.Integer(string="Votes at Least", default=1, tracking=True)
    min_votes = fields.Integer(
        string="Fewest Votes",
        help="Fewer votes for and against than this are no decision. 0: no limit.",
    )
    tie_rule = fields.Selection(
        selection=[
            ("fails", "The motion fails"),
            ("casting_vote", "The chair's side prevails"),
            ("revote", "Vote once more"),
            ("next_meeting", "Next meeting"),
        ],
        string="Tie",
        required=True,
        default="fails",
        tracking=True,
    )
    casting_on_present = fields.Boolean(
        string="Also on Members Present",
        help="The casting vote applies where members present are the base, too.",
    )
    chair_votes = fields.Selection(
        selection=[
            ("always", "Always"),
            ("tie_only", "Only in a tie"),
            ("never", "Never"),
        ],
        string="The Chair Votes",
        required=True,
        default="always",
        tracking=True,
    )
    abstention = fields.Selection(
        selection=[
            ("with_reason", "Allowed with a reason"),
            ("allowed", "Allowed"),
            ("not_allowed", "Not allowed"),
        ],
        required=True,
        default="with_reason",
        tracking=True,
    )
    silence = fields.Selection(
        selection=[("absent", "Counts as absent"), ("abstain", "Counts as abstaining")],
        string="Who Gives No Vote",
        required=True,
        default="absent",
        tracking=True,
        help="Silence never counts as a yes.",
    )

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "This committee code is taken already. Choose another code.",
    )
    _rule_bounds = models.Constraint(
        "CHECK(quorum_number BETWEEN 1 AND 999 AND pass_number BETWEEN 1 AND 999"
        " AND seat_count BETWEEN 0 AND 999 AND min_votes BETWEEN 0 AND 999"
        " AND quorum_fraction > 0 AND quorum_fraction <= 1)",
        "The numbers of the rule sheet are out of bounds: numbers of members from 1 "
        "up, a share above 0 and up to 1.",
    )

    def _compute_counts(self):
        members = dict(
            self.env["beneficiary.committee.member"]._read_group(
                [("committee_id", "in", self.ids), ("date_to", "=", False)],
                ["committee_id"],
                ["__count"],
            )
        )
        Meeting = self.env["beneficiary.meeting"]
        meetings = (
            dict(
                Meeting._read_group(
                    [
                        ("committee_id", "in", self.ids),
                        ("state", "in", ("draft", "called", "open")),
                    ],
                    ["committee_id"],
                    ["__count"],
                )
            )
            if Meeting.has_access("read")
            else {}
        )
        for committee in self:
            committee.member_count = members.get(committee, 0)
            committee.open_meeting_count = meetings.get(committee, 0)

    @api.constrains("seats_kind", "seat_count")
    def _check_seats(self):
        for committee in self:
            if committee.seats_kind == "all" and not committee.seat_count:
                raise ValidationError(
                    self.env._(
                        "%(committee)s: say how many seats there are, or count the "
                        "filled ones.",
                        committee=committee.name,
                    )
                )

    def action_open_meetings(self):
        """Open the meetings of the committee."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_meeting_action"
        )
        action["domain"] = [("committee_id", "=", self.id)]
        action["context"] = {"default_committee_id": self.id}
        return action

    def _rule_sheet(self):
        """Return the rules as plain values, to count with and to keep.

        :rtype: dict
        """
        self.ensure_one()
        return {name: self[name] for name in RULE_FIELDS}

    def _serving_members(self, date):
        """Return the members whose term covers a day.

        :param date date: the day of the meeting
        :return: ``beneficiary.committee.member``
        """
        self.ensure_one()
        return self.member_ids.filtered(lambda member: member._serves_on(date))

    def _seats(self, date):
        """Return how many voting seats count for the quorum on a day."""
        self.ensure_one()
        if self.seats_kind == "all":
            return self.seat_count
        return len(self._serving_members(date).filtered("has_seat"))
