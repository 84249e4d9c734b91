from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

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
    _inherit = "beneficiary.approved.mixin"
    _check_company_auto = True
    _order = "date_from desc, id desc"

    _never_typed = frozenset(
        {
            "state",
            "approved_by_id",
            "approved_on",
            "has_granted",
            "seat_ids",
            "use_ids",
        }
    )

    user_id = fields.Many2one(string="On behalf of")
    substitute_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    duty = fields.Selection(selection=DUTIES, required=True, tracking=True)
    reason = fields.Char(required=True, tracking=True)
    state = fields.Selection(
        selection_add=[("live", "Running"), ("refused",)],
        ondelete={"live": "set default"},
    )
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
    # The approval, see beneficiary.approved.mixin
    # ------------------------------------------------------------------

    def _served(self):
        return self.substitute_id

    def _on_approval(self):
        # Those of today begin at once.
        self._begin_due()

    @api.model
    def _typed_words(self):
        return self.env._("Who approved a substitution and when is not typed in.")

    @api.model
    def _own_words(self):
        return self.env._("You would get this duty yourself: another manager decides.")

    def _decided_words(self):
        return self.env._(
            "%(name)s: this was decided and stays as it is. End it and "
            "propose another one.",
            name=self.display_name,
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
