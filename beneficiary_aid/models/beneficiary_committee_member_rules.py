from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .beneficiary_meeting_attendance import PRESENT


class BeneficiaryCommitteeMember(models.Model):
    """Offices, alternates, and how often a member comes."""

    _inherit = "beneficiary.committee.member"

    title_id = fields.Many2one(
        comodel_name="beneficiary.committee.title",
        string="Office",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    alternate_for_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        string="Stands in for",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('committee_id', '=', committee_id), ('votes', '=', True)]",
        help="The member whose alternate this is. Empty: of any member.",
    )
    meeting_count = fields.Integer(
        string="Meetings in the Term", compute="_compute_attendance"
    )
    attendance_rate = fields.Float(
        string="Came to",
        compute="_compute_attendance",
        digits=(5, 4),
        help="Of the closed meetings to which the member was called.",
    )
    attendance_low = fields.Boolean(compute="_compute_attendance")

    _no_vote_for_alternates = models.Constraint(
        "CHECK(role != 'alternate' OR votes IS NOT TRUE)",
        "An alternate has no vote of his own; he votes for the seat he stands in for.",
    )

    @api.depends("committee_id.attendance_warn")
    def _compute_attendance(self):
        figures = {}
        for member, presence, count, left in self.env[
            "beneficiary.meeting.attendance"
        ]._read_group(
            [
                ("member_id", "in", self.ids),
                ("meeting_id.state", "=", "closed"),
                ("meeting_id.kind", "=", "session"),
            ],
            ["member_id", "presence"],
            ["__count", "left_on:count"],
        ):
            came, called = figures.get(member, (0, 0))
            # Whoever left before the end came.
            here = count if presence in PRESENT else left
            figures[member] = (came + here, called + count)
        for member in self:
            came, called = figures.get(member._origin, (0, 0))
            member.meeting_count = called
            member.attendance_rate = came / called if called else 0.0
            warn = member.committee_id.attendance_warn
            member.attendance_low = bool(
                called and member.votes and member.attendance_rate < warn
            )

    @api.constrains("alternate_for_id", "role", "committee_id")
    def _check_alternate(self):
        for member in self.filtered("alternate_for_id"):
            seat = member.alternate_for_id
            if (
                member.role != "alternate"
                or not seat.votes
                or seat.committee_id != member.committee_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(member)s: only an alternate stands in, and only for a "
                        "voting member of the same committee.",
                        member=member.display_name,
                    )
                )

    def _offices(self):
        """Return the offices these members hold; see ``tools.ballot``.

        :rtype: set[str]
        """
        return {member.role for member in self} | {
            f"title:{title.id}" for title in self.title_id
        }
