import functools

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryApprovalRule(models.Model):
    """Who decides: by kind of aid, band of amount and route.

    One authority or several in order (``step_ids``): a committee, a department, a
    manager, an outside authority. The band is from included, to excluded. A rule that
    names kinds of aid goes before one for all kinds. Without rules every committee of
    the association may decide.
    """

    _name = "beneficiary.approval.rule"
    _description = "Approval Rule"
    _inherit = [
        "beneficiary.amounts.mixin",
        "beneficiary.policy.part.mixin",
        "beneficiary.band.mixin",
    ]
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
    step_ids = fields.One2many(
        comodel_name="beneficiary.approval.rule.step",
        inverse_name="rule_id",
        string="Authorities in Order",
        copy=True,
        help="Each decides when the one before it has approved. The approval of the "
        "last one takes effect; whoever declines ends it.",
    )
    committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Committee Alone",
        compute="_compute_committee_id",
        inverse="_inverse_committee_id",
        store=True,
        copy=False,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The committee, where one committee decides alone.",
    )
    decides = fields.Char(compute="_compute_decides")

    _bounds = models.Constraint(
        "CHECK(amount_from >= 0 AND (no_upper IS TRUE OR amount_from < amount_to))",
        "The lower bound of an approval rule is zero or more and lies below its upper "
        "bound.",
    )

    # === Computes === #

    @api.depends("step_ids.committee_id", "step_ids.authority_id")
    def _compute_committee_id(self):
        for rule in self:
            steps = rule.step_ids
            rule.committee_id = steps.committee_id if len(steps) == 1 else False

    def _inverse_committee_id(self):
        for rule in self:
            committee = rule.committee_id
            if committee and rule.step_ids.committee_id != committee:
                rule.step_ids = [
                    Command.clear(),
                    Command.create({"committee_id": committee.id}),
                ]

    @api.depends(
        "step_ids.sequence",
        "step_ids.committee_id.name",
        "step_ids.authority_id.name",
    )
    @api.depends_context("lang")
    def _compute_decides(self):
        for rule in self:
            rule.decides = functools.reduce(
                lambda before, name: self.env._(
                    "%(before)s, then %(name)s", before=before, name=name
                ),
                rule.step_ids.sorted("sequence").mapped("display_name") or [""],
            )

    @api.depends("decides", "amount_from", "amount_to", "no_upper")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for rule in self:
            lower = rule.currency_id.format(rule.amount_from)
            if rule.no_upper:
                band = self.env._("from %(amount)s", amount=lower)
            else:
                band = f"{lower} – {rule.currency_id.format(rule.amount_to)}"
            rule.display_name = f"{rule.decides}: {band}"

    # === Constraints === #

    @api.constrains("step_ids")
    def _check_steps(self):
        for rule in self:
            if not rule.step_ids:
                raise ValidationError(
                    self.env._(
                        "The approval rule “%(rule)s” names nobody who decides. Add "
                        "a step with a committee or another authority.",
                        rule=rule.display_name,
                    )
                )

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

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        # A rule without a word about who decides meets no constraint by itself.
        rules._check_steps()
        return rules

    # === Business methods === #

    def _authority_for(self, aid_type, urgency, amount):
        """Return the rule of ``self`` that names who decides.

        :param aid_type: ``beneficiary.aid.type``
        :param str urgency: the route, ``normal`` or ``urgent``
        :param float amount: in company currency
        :return: one rule, or none
        """
        return self._that_apply(aid_type, urgency)._band_of(amount)

    def _reach_of(self, rule, aid_type, urgency):
        """Return the amount below which the authorities of a rule may approve.

        Neighbouring bands in which the same authorities decide in the same order are
        one.

        :param rule: the rule that names who decides
        :rtype: float
        """
        alike = self._that_apply(aid_type, urgency).filtered(
            lambda other: other._bodies() == rule._bodies()
        )
        return max((one._bounds_of()[1] for one in alike | rule), default=0.0)

    def _bodies(self):
        """Return who decides, in order, as a list to compare."""
        self.ensure_one()
        return [
            (step.committee_id.id, step.authority_id.id)
            for step in self.step_ids.sorted("sequence")
        ]

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
