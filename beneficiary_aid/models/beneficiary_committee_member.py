from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BeneficiaryCommitteeMember(models.Model):
    """A person's seat on a committee for a term."""

    _name = "beneficiary.committee.member"
    _description = "Committee Member"
    _check_company_auto = True
    # Those with a vote first: chair, deputy, members; then alternates and secretary.
    _order = "committee_id, votes desc, role, id"
    _rec_names_search = ["user_id.name"]

    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="committee_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Member",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    role = fields.Selection(
        selection=[
            ("chair", "Chair"),
            ("deputy", "Deputy"),
            ("member", "Member"),
            ("alternate", "Alternate"),
            ("secretary", "Secretary"),
        ],
        required=True,
        default="member",
    )
    votes = fields.Boolean(
        string="Has a Vote",
        compute="_compute_votes",
        store=True,
        readonly=False,
    )
    has_seat = fields.Boolean(
        string="Counts for the Quorum", compute="_compute_has_seat"
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(string="Until")

    _term_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_from <= date_to)",
        "A term ends after it begins. Correct one of the dates.",
    )
    _term_overlap = models.Constraint(
        "EXCLUDE USING gist (committee_id WITH =, user_id WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&)",
        "This person is a member of the committee in that time already.",
    )
    _chair_overlap = models.Constraint(
        "EXCLUDE USING gist (committee_id WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&) WHERE (role = 'chair')",
        "The committee has a chair in that time already.",
    )

    @api.depends("role")
    def _compute_votes(self):
        for member in self:
            # An alternate votes only when he stands in for a seat.
            member.votes = member.role not in ("alternate", "secretary")

    @api.depends("votes", "role")
    def _compute_has_seat(self):
        for member in self:
            member.has_seat = member.votes or member.role == "chair"

    @api.depends("user_id", "role")
    def _compute_display_name(self):
        for member in self:
            # Names of colleagues are no secret.
            member.display_name = member.user_id.sudo().name or ""

    @api.constrains("user_id", "company_id")
    def _check_user_company(self):
        for member in self:
            # Which associations a colleague works for is checked, not shown.
            user = member.user_id.sudo()
            if user.share or member.company_id not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for %(company)s and cannot be a "
                        "member of its committee.",
                        user=user.name,
                        company=member.company_id.name,
                    )
                )

    def write(self, vals):
        """Keep who a seat belongs to, once it was used."""
        if "user_id" in vals or "committee_id" in vals:
            used = self.env["beneficiary.meeting.attendance"].search(
                [("member_id", "in", self.ids)], limit=1
            )
            if used:
                raise UserError(
                    self.env._(
                        "%(member)s has taken part in meetings. End the term and add "
                        "a new member.",
                        member=used.member_id.display_name,
                    )
                )
        return super().write(vals)

    def _serves_on(self, date):
        """Tell whether the term covers a day."""
        self.ensure_one()
        return self.date_from <= date and (not self.date_to or date <= self.date_to)
