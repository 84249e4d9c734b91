from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .beneficiary_duty_exception import MANAGER

# The duties one may stand in for, and the role each needs.
DUTIES = [
    ("committee", "Seat on committees"),
    ("secretary", "Committee secretary"),
    ("releaser", "Finance releaser"),
    ("clerk", "Finance clerk"),
    ("officer", "Relations officer"),
    ("researcher", "Social researcher"),
]
GROUPS = {
    "committee": "beneficiary_aid.group_committee_member",
    "secretary": "beneficiary_aid.group_committee_secretary",
    "releaser": "beneficiary_aid.group_finance_releaser",
    "clerk": "beneficiary_aid.group_finance_clerk",
    "officer": "beneficiary_relations.group_relations_officer",
    "researcher": "beneficiary_relations.group_social_researcher",
}


class BeneficiarySubstitute(models.Model):
    """Somebody acts for a colleague during his leave, and visibly so.

    Approved by somebody else than the substitute. While it lasts the substitute has
    the role, and on committees an alternate's seat; what the duties of either person
    do not allow, the substitute may not do.
    """

    _name = "beneficiary.substitute"
    _description = "Substitution"
    _inherit = ["mail.thread"]
    _check_company_auto = True
    _order = "date_from desc, id desc"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="On behalf of",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    substitute_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    duty = fields.Selection(selection=DUTIES, required=True, tracking=True)
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(string="Until", required=True, tracking=True)
    reason = fields.Char(required=True, tracking=True)
    state = fields.Selection(
        selection=[
            ("draft", "Proposed"),
            ("approved", "Approved"),
            ("live", "Running"),
            ("refused", "Refused"),
            ("ended", "Ended"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="restrict"
    )
    approved_on = fields.Datetime(readonly=True, copy=False)
    has_granted = fields.Boolean(
        string="Got the Role",
        readonly=True,
        copy=False,
        help="The substitute did not have the role before; it is taken back.",
    )
    seat_ids = fields.One2many(
        comodel_name="beneficiary.committee.member",
        inverse_name="substitution_id",
        string="Seats",
    )
    use_ids = fields.One2many(
        comodel_name="beneficiary.duty.use", inverse_name="substitute_id", string="Uses"
    )

    _period = models.Constraint(
        "CHECK(date_to >= date_from AND date_to - date_from <= 366)",
        "A substitution ends after it begins, and within a year.",
    )
    _two_people = models.Constraint(
        "CHECK(user_id != substitute_id)", "Nobody stands in for himself."
    )
    _other_approves = models.Constraint(
        "CHECK(approved_by_id IS NULL OR approved_by_id != substitute_id)",
        "Somebody else than the substitute approves.",
    )
    _one_at_a_time = models.Constraint(
        "EXCLUDE USING gist (company_id WITH =, user_id WITH =, duty WITH =,"
        " daterange(date_from, date_to, '[]') WITH &&)"
        " WHERE (state IN ('approved', 'live'))",
        "Somebody stands in for this person in that time already.",
    )

    @api.depends("user_id", "substitute_id")
    def _compute_display_name(self):
        for one in self:
            # Names of colleagues are no secret.
            one.display_name = self.env._(
                "%(substitute)s on behalf of %(user)s",
                substitute=one.substitute_id.sudo().name or "",
                user=one.user_id.sudo().name or "",
            )

    @api.constrains("user_id", "duty", "substitute_id", "company_id")
    def _check_people(self):
        for one in self:
            # Who has which role is checked, not shown.
            people = one.sudo()
            if not people.user_id.has_group(GROUPS[one.duty]):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not have this duty, so nobody stands in for it.",
                        user=people.user_id.name,
                    )
                )
            if people.substitute_id.share or (
                people.company_id not in people.substitute_id.company_ids
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for this association.",
                        user=people.substitute_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if not self.env.su:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_draft()

    @api.model
    def _check_typed(self, vals):
        names = {"state", "approved_by_id", "approved_on", "has_granted"}
        names |= {"seat_ids", "use_ids"}
        if names & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._("Who approved a substitution and when is not typed in.")
            )

    def _check_draft(self):
        for one in self:
            if one.state != "draft":
                raise UserError(
                    self.env._(
                        "%(name)s: this was decided and stays as it is. End it and "
                        "propose another one.",
                        name=one.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_approve(self):
        """Approve substitutions; those of today begin at once.

        :raise UserError: for oneself, or decided already
        """
        self._check_may_decide()
        self._check_draft()
        # The approval is not typed in; role and person were checked.
        approved = self.sudo()
        approved.write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )
        approved._begin_due()

    def action_refuse(self):
        """Refuse substitutions that were proposed."""
        self._check_may_decide()
        self._check_draft()
        # See action_approve.
        self.sudo().state = "refused"

    def action_end(self):
        """End substitutions: the colleague is back."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(MANAGER)
        # See action_approve.
        self.sudo().filtered(lambda one: one.state in ("approved", "live"))._end()

    def _check_may_decide(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(MANAGER)
        if self.env.user in self.substitute_id:
            raise UserError(
                self.env._("You would get this duty yourself: another manager decides.")
            )

    # ------------------------------------------------------------------
    # Beginning and ending
    # ------------------------------------------------------------------

    @api.model
    def _cron_begin_and_end(self):
        """Begin what is due today and end what is over."""
        for company in self.search([("state", "in", ("approved", "live"))]).company_id:
            day = company._beneficiary_day(fields.Datetime.now())
            own = [("company_id", "=", company.id)]
            self.search(
                [
                    *own,
                    ("state", "in", ("approved", "live")),
                    ("date_to", "<", day),
                ]
            )._end()
            self.search(
                [*own, ("state", "=", "approved"), ("date_from", "<=", day)]
            )._begin_due()

    def _begin_due(self):
        for one in self:
            day = one.company_id._beneficiary_day(fields.Datetime.now())
            if one.date_from <= day <= one.date_to:
                one._begin()

    def _begin(self):
        """Give the role, and the seats where it is one on committees."""
        self.ensure_one()
        group = self.env.ref(GROUPS[self.duty])
        # The role of the colleague is lent, never more than he has.
        self._check_people()
        granted = not self.substitute_id.has_group(GROUPS[self.duty])
        if granted:
            self.substitute_id.group_ids = [Command.link(group.id)]
        self.write({"state": "live", "has_granted": granted})
        if self.duty == "committee":
            self._take_seats()

    def _take_seats(self):
        """Sit on the committees of the colleague as his alternate."""
        Member = self.env["beneficiary.committee.member"]
        seats = Member.search(
            [("user_id", "=", self.user_id.id), ("company_id", "=", self.company_id.id)]
        ).filtered(
            lambda seat: (
                seat.votes
                and seat._serves_on(
                    self.company_id._beneficiary_day(fields.Datetime.now())
                )
            )
        )
        for seat in seats:
            mates = seat.committee_id._serving_members(self.date_from)
            if self.substitute_id in mates.user_id:
                raise UserError(
                    self.env._(
                        "%(user)s sits on %(committee)s already. Choose somebody else.",
                        user=self.substitute_id.name,
                        committee=seat.committee_id.name,
                    )
                )
            Member.create([self._prepare_seat(seat)])

    def _prepare_seat(self, seat):
        return {
            "committee_id": seat.committee_id.id,
            "user_id": self.substitute_id.id,
            "role": "alternate",
            "alternate_for_id": seat.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "substitution_id": self.id,
        }

    def _end(self):
        """Take back the role, and end the seats."""
        for one in self:
            day = one.company_id._beneficiary_day(fields.Datetime.now())
            one.state = "ended"
            for seat in one.seat_ids:
                seat.date_to = max(min(day, seat.date_to), seat.date_from)
            still = self.search(
                [
                    ("state", "=", "live"),
                    ("substitute_id", "=", one.substitute_id.id),
                    ("duty", "=", one.duty),
                ]
            )
            if one.has_granted and still:
                still[:1].has_granted = True
            elif one.has_granted:
                group = self.env.ref(GROUPS[one.duty])
                one.substitute_id.group_ids = [Command.unlink(group.id)]

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    @api.model
    def _live(self, user, duty, company):
        """Return what runs now for a substitute.

        :param user: ``res.users``, the substitute
        :param str duty: see :data:`DUTIES`
        :param company: ``res.company``
        :return: substitutions as superuser; see ``beneficiary.duty.exception``
        """
        day = company._beneficiary_day(fields.Datetime.now())
        return self.sudo().search(
            [
                ("substitute_id", "=", user.id),
                ("duty", "=", duty),
                ("company_id", "=", company.id),
                ("state", "=", "live"),
                ("date_to", ">=", day),
            ]
        )


class BeneficiaryCommitteeMember(models.Model):
    _inherit = "beneficiary.committee.member"

    substitution_id = fields.Many2one(
        comodel_name="beneficiary.substitute",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )

    @api.depends("substitution_id")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        # Names of colleagues are no secret.
        for member in self.sudo().filtered("substitution_id"):
            member.display_name = self.env._(
                "%(substitute)s on behalf of %(user)s",
                substitute=member.user_id.name,
                user=member.substitution_id.user_id.name,
            )
        return result
