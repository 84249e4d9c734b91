from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryApprovalRule(models.Model):
    """Which committee decides: by kind of aid, band of amount and route.

    The band is from included, to excluded. A rule that names kinds of aid goes before
    one for all kinds. Without rules every committee of the association may decide.
    """

    _name = "beneficiary.approval.rule"
    _description = "Approval Rule"
    _inherit = ["beneficiary.policy.part.mixin", "beneficiary.band.mixin"]
    _check_company_auto = True
    _order = "policy_id, sequence, amount_from, id"

    sequence = fields.Integer(default=10)
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    aid_type_ids = fields.Many2many(
        comodel_name="beneficiary.aid.type",
        string="Aid Types",
        check_company=True,
        help="Empty: every kind of aid that no other rule names.",
    )
    route = fields.Selection(
        selection=[("any", "Any"), ("normal", "Normal"), ("urgent", "Urgent")],
        required=True,
        default="any",
    )
    amount_from = fields.Monetary(string="From (included)", required=True, default=0.0)
    no_upper = fields.Boolean(string="No Upper Bound")
    amount_to = fields.Monetary(string="To (excluded)", required=True, default=0.0)
    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Decides",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )

    _bounds = models.Constraint(
        "CHECK(amount_from >= 0 AND (no_upper IS TRUE OR amount_from < amount_to))",
        "The lower bound of an approval rule is zero or more and lies below its upper "
        "bound.",
    )

    # === Computes === #

    @api.depends("committee_id", "amount_from", "amount_to", "no_upper")
    def _compute_display_name(self):
        for rule in self:
            lower = rule.currency_id.format(rule.amount_from)
            if rule.no_upper:
                band = self.env._("from %(amount)s", amount=lower)
            else:
                band = f"{lower} – {rule.currency_id.format(rule.amount_to)}"
            rule.display_name = f"{rule.committee_id.name}: {band}"

    # === Constraints === #

    @api.constrains(
        "policy_id", "aid_type_ids", "route", "amount_from", "amount_to", "no_upper"
    )
    def _check_overlap(self):
        for rule in self:
            for other in rule.policy_id.approval_rule_ids - rule:
                if rule._overlaps(other):
                    raise ValidationError(
                        self.env._(
                            "The approval rules “%(first)s” and “%(second)s” both "
                            "decide the same amount. End one where the other begins.",
                            first=rule.display_name,
                            second=other.display_name,
                        )
                    )

    # === Business methods === #

    def _authority_for(self, aid_type, urgency, amount):
        """Return the rule of ``self`` that names who decides.

        :param aid_type: ``beneficiary.aid.type``
        :param str urgency: the route, ``normal`` or ``urgent``
        :param float amount: in company currency
        :return: one rule, or none
        """
        return self._that_apply(aid_type, urgency)._band_of(amount)

    def _reach_of(self, committee, aid_type, urgency):
        """Return the amount below which a committee may approve.

        :return: ``None`` where no rule lets it decide this kind of aid
        :rtype: float | None
        """
        own = self._that_apply(aid_type, urgency).filtered(
            lambda rule: rule.committee_id == committee
        )
        return max((rule._bounds_of()[1] for rule in own), default=None)

    # === Helpers === #

    def _that_apply(self, aid_type, urgency):
        rules = self.filtered(lambda rule: rule.route in ("any", urgency))
        named = rules.filtered(lambda rule: aid_type in rule.aid_type_ids)
        return named or rules.filtered(lambda rule: not rule.aid_type_ids)

    def _overlaps(self, other):
        """Tell whether two rules would decide one request."""
        if "any" not in (self.route, other.route) and self.route != other.route:
            return False
        if bool(self.aid_type_ids) != bool(other.aid_type_ids):
            return False
        if self.aid_type_ids and not self.aid_type_ids & other.aid_type_ids:
            return False
        return bool((self | other)._first_overlap())

    def _bounds_of(self):
        self.ensure_one()
        return self.amount_from, float("inf") if self.no_upper else self.amount_to
