from odoo import fields, models

URGENT_FIELDS = ("urgent_cap", "ratify_days")


class BeneficiaryCommittee(models.Model):
    """The urgent power of the chair (committee.md): alone up to an amount, and the
    committee ratifies it within some days."""

    _inherit = "beneficiary.committee"

    urgent_cap = fields.Monetary(
        string="The Chair Alone up to",
        currency_field="rule_currency_id",
        required=True,
        default=0.0,
        tracking=True,
        help="In an urgent request the chair may approve up to this amount without a "
        "meeting. What the household was given within the days added up counts, too. "
        "0: no urgent power.",
    )
    ratify_days = fields.Integer(
        string="Days to Ratify",
        required=True,
        default=14,
        tracking=True,
        help="Within these days the committee ratifies what the chair decided alone. "
        "Else it stands as not ratified and the manager is told.",
    )

    _urgent_bounds = models.Constraint(
        "CHECK(urgent_cap >= 0 AND urgent_cap < 1e12"
        " AND ratify_days BETWEEN 1 AND 365)",
        "The urgent power goes from zero up, and the days to ratify are from 1 to 365.",
    )

    def _rule_sheet(self):
        return {
            **super()._rule_sheet(),
            **{name: self[name] for name in URGENT_FIELDS},
        }

    def _chaired_by(self, user, day):
        """Return the committees of ``self`` whose chair a user is on a day.

        :param user: ``res.users``
        :param date day: the day at the association
        """
        # Who chairs a committee does not depend on who looks.
        members = self.sudo().member_ids.filtered(
            lambda member: (
                member.role == "chair"
                and member.user_id == user
                and member._serves_on(day)
            )
        )
        return members.committee_id
