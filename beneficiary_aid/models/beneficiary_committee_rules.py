from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

from .beneficiary_committee import RULE_FIELDS

# Settings beside the counting that a vote keeps with its decision, too.
MORE_RULE_FIELDS = (
    "presence_kind",
    "presence_per_item",
    "quorum_per_item",
    "quorum_lost",
    "change_of_vote",
    "ballot",
    "independent",
    "opinions_required",
    "hide_applicant",
    "amount_rule",
    "delegation",
    "delegation_scope",
    "early_finish",
    "auto_close",
    "circulation",
    "circulation_amount",
    "circulation_pass",
    "circulation_hours",
    "circulation_call",
    "reopen_kind",
    "reopen_times",
    "reopen_days",
    "minutes_signers",
    "minutes_sign_days",
)


class BeneficiaryCommittee(models.Model):
    """The rest of the rule sheet: how a committee meets, not how it counts.

    Every line of the table of committee rules is a field here or beside the count.
    """

    _inherit = "beneficiary.committee"

    # Quorum
    quorum_chair = fields.Selection(
        selection=[
            ("none", "Nobody in particular"),
            ("chair", "The chair"),
            ("chair_or_deputy", "The chair or the deputy"),
        ],
        string="Must Be There",
        required=True,
        default="none",
        tracking=True,
    )
    quorum_title_ids = fields.Many2many(
        comodel_name="beneficiary.committee.title",
        relation="beneficiary_committee_quorum_title_rel",
        string="Offices That Must Be There",
        check_company=True,
        help="Of each office at least one member, for instance the sharia member.",
    )
    presence_kind = fields.Selection(
        selection=[
            ("room", "In the room only"),
            ("remote", "In the room or remote"),
        ],
        string="Counts as Present",
        required=True,
        default="room",
        tracking=True,
    )
    presence_per_item = fields.Boolean(
        string="Attendance per Item",
        tracking=True,
        help="Members who are out of the room for an item are marked on the item.",
    )
    quorum_per_item = fields.Boolean(
        string="Quorum for Each Item",
        default=True,
        tracking=True,
        help="Checked again for every item, after recusals. Off: once, at the first "
        "item of the meeting.",
    )
    quorum_lost = fields.Selection(
        selection=[
            ("send_up", "Send the item up"),
            ("alternates", "Alternates stand in"),
            ("postpone", "Put the item off"),
        ],
        string="Quorum Lost by Recusals",
        required=True,
        default="send_up",
        tracking=True,
    )
    parent_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Body Above",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Decides what this committee sends up.",
    )

    # Voting
    change_of_vote = fields.Selection(
        selection=[
            ("until_close", "Until the vote is closed"),
            ("never", "Never"),
        ],
        required=True,
        default="until_close",
        tracking=True,
        help="Every version is kept, the last one counts.",
    )
    ballot = fields.Selection(
        selection=[
            ("named", "By name, seen as votes come in"),
            ("secret", "Secret"),
            ("after_close", "By name, seen when the vote is closed"),
        ],
        required=True,
        default="after_close",
        tracking=True,
        help="A secret ballot keeps who voted and, apart and shuffled, the votes. "
        "Nobody can join them, and a secret vote cannot be changed.",
    )
    early_finish = fields.Selection(
        selection=[
            ("decisive", "When no missing vote can change the result"),
            ("wait", "When every vote is in"),
        ],
        string="A Vote May End",
        required=True,
        default="decisive",
        tracking=True,
    )
    auto_close = fields.Boolean(
        string="Close by Itself",
        tracking=True,
        help="The vote is closed as soon as it may end. Votes by circulation always "
        "are.",
    )

    # Before the vote
    independent = fields.Selection(
        selection=[
            ("own_sent", "Seen once the own opinion is sent"),
            ("all_in", "Seen once all opinions are in"),
        ],
        string="Opinions of Others",
        required=True,
        default="own_sent",
        tracking=True,
        help="Members think for themselves first and discuss afterwards.",
    )
    opinions_required = fields.Boolean(
        string="Opinions Before the Vote",
        tracking=True,
        help="No vote is opened before every member who may vote gave an opinion.",
    )
    hide_applicant = fields.Selection(
        selection=[
            ("nothing", "Nothing"),
            ("name", "Name and identity"),
            ("name_district", "Name, identity and district"),
        ],
        string="Hide from Members",
        required=True,
        default="nothing",
        tracking=True,
        help="Until the vote on an item is over.",
    )
    amount_rule = fields.Selection(
        selection=[
            ("one", "One motion"),
            ("ladder", "Amounts proposed, voted on from the lowest up"),
            ("median", "The median proposal is shown, then one vote"),
        ],
        string="Amounts",
        required=True,
        default="one",
        tracking=True,
    )

    # Acting for another
    delegation = fields.Selection(
        selection=[
            ("none", "Nobody"),
            ("alternate", "An alternate"),
            ("member", "Another member, each for one at most"),
        ],
        string="Acts for an Absent Member",
        required=True,
        default="none",
        tracking=True,
        help="Void for an item in which either has a conflict.",
    )
    delegation_scope = fields.Selection(
        selection=[("meeting", "A meeting"), ("item", "One item")],
        string="A Delegation Is for",
        required=True,
        default="meeting",
        tracking=True,
    )

    # By circulation
    circulation = fields.Selection(
        selection=[
            ("urgent", "Urgent requests"),
            ("amount", "Requests up to an amount"),
            ("never", "Nothing"),
        ],
        string="Decided by Circulation",
        required=True,
        default="urgent",
        tracking=True,
    )
    circulation_amount = fields.Monetary(
        string="Up to",
        currency_field="rule_currency_id",
        required=True,
        default=0.0,
        tracking=True,
    )
    rule_currency_id = fields.Many2one(related="company_id.currency_id")
    circulation_pass = fields.Selection(
        selection=[("all", "All members agree"), ("rule", "As in a meeting")],
        string="Carried by Circulation When",
        required=True,
        default="all",
        tracking=True,
    )
    circulation_hours = fields.Integer(
        string="Open for (Hours)", default=48, tracking=True
    )
    circulation_call = fields.Boolean(
        string="Any Member May Call for a Meeting", default=True, tracking=True
    )

    # Afterwards
    reopen_kind = fields.Selection(
        selection=[
            ("winning_or_facts", "The winning side, or new facts"),
            ("facts", "New facts only"),
            ("never", "Nothing"),
        ],
        string="A Decision Is Reconsidered for",
        required=True,
        default="winning_or_facts",
        tracking=True,
    )
    reopen_times = fields.Integer(
        string="Times Reconsidered", default=1, tracking=True, help="At most."
    )
    reopen_days = fields.Integer(
        string="Days to Reconsider",
        default=30,
        tracking=True,
        help="After the decision.",
    )
    minutes_signers = fields.Selection(
        selection=[
            ("all_present", "All members present"),
            ("chair_secretary", "The chair and the secretary"),
        ],
        string="Minutes Are Signed by",
        required=True,
        default="all_present",
        tracking=True,
    )
    minutes_sign_days = fields.Integer(
        string="Days to Sign",
        default=7,
        tracking=True,
        help="Whoever has not signed by then is reminded. 0: nobody is reminded.",
    )
    attendance_warn = fields.Float(
        string="Warn Below Attendance of",
        default=0.5,
        digits=(5, 4),
        tracking=True,
        help="Members who came to a smaller share of the meetings of their term are "
        "marked. 0: nobody is.",
    )
    vacant_count = fields.Integer(string="Vacant Seats", compute="_compute_seats")
    low_attendance_note = fields.Char(compute="_compute_seats")

    _minutes_bounds = models.Constraint(
        "CHECK(minutes_sign_days BETWEEN 0 AND 365)",
        "The days to sign the minutes are from 0 to 365.",
    )
    _circulation_bounds = models.Constraint(
        "CHECK(circulation_hours BETWEEN 1 AND 8760"
        " AND circulation_amount >= 0 AND circulation_amount < 1e12)",
        "A vote by circulation is open from one hour to a year, and its amount is "
        "from zero up.",
    )
    _reopen_bounds = models.Constraint(
        "CHECK(reopen_times BETWEEN 0 AND 99 AND reopen_days BETWEEN 0 AND 3650)",
        "A decision is reconsidered up to 99 times and within ten years.",
    )
    _attendance_bounds = models.Constraint(
        "CHECK(attendance_warn >= 0 AND attendance_warn <= 1)",
        "The share of attendance is from 0 to 1.",
    )

    @api.depends("seat_count", "seats_kind", "member_ids.date_to", "member_ids.role")
    def _compute_seats(self):
        for committee in self:
            today = committee.company_id._beneficiary_day(fields.Datetime.now())
            serving = committee._serving_members(today)
            committee.vacant_count = (
                max(0, committee.seat_count - len(serving.filtered("has_seat")))
                if committee.seats_kind == "all"
                else 0
            )
            low = serving.filtered("attendance_low")
            committee.low_attendance_note = format_list(
                self.env, low.mapped("display_name")
            )

    @api.constrains("parent_id")
    def _check_parent(self):
        for committee in self:
            if committee._has_cycle():
                raise ValidationError(
                    self.env._(
                        "%(committee)s would be above itself. Choose another body "
                        "above it.",
                        committee=committee.name,
                    )
                )

    def write(self, vals):
        """Count a vote under the rules it was opened under: they wait until it is
        closed."""
        rules = {*RULE_FIELDS, *MORE_RULE_FIELDS, "quorum_chair", "quorum_title_ids"}
        if not self.env.su and rules & vals.keys():
            self._check_no_vote_open()
        return super().write(vals)

    def _check_no_vote_open(self):
        # Whether a vote is open is asked by the rule, whatever the reader may see.
        item = (
            self.env["beneficiary.agenda.item"]
            .sudo()
            .search(
                [("committee_id", "in", self.ids), ("state", "=", "voting")], limit=1
            )
        )
        if item:
            raise UserError(
                self.env._(
                    "A vote is open in meeting %(meeting)s. The rules hold for it as "
                    "they are; change them when it is closed.",
                    meeting=item.meeting_id.name,
                )
            )

    def _rule_sheet(self):
        return {
            **super()._rule_sheet(),
            **{name: self[name] for name in MORE_RULE_FIELDS},
            "quorum_offices": self._quorum_offices(),
        }

    def _quorum_offices(self):
        """Return the offices that must be there; see ``tools.ballot``.

        :return: groups of offices, of each of which one must be there
        :rtype: list[list[str]]
        """
        self.ensure_one()
        groups = {"chair": [["chair"]], "chair_or_deputy": [["chair", "deputy"]]}
        return groups.get(self.quorum_chair, []) + [
            [f"title:{title.id}"] for title in self.quorum_title_ids
        ]

    def _office_names(self, groups):
        """Return groups of offices in words, for a message.

        :param groups: as :func:`..tools.ballot.missing_offices` gives them
        :rtype: str
        """
        roles = dict(
            self.env["beneficiary.committee.member"]
            ._fields["role"]
            ._description_selection(self.env)
        )
        titles = {f"title:{title.id}": title.name for title in self.quorum_title_ids}
        names = roles | titles
        return format_list(
            self.env,
            [
                " / ".join(names.get(office, office) for office in group)
                for group in groups
            ],
        )
