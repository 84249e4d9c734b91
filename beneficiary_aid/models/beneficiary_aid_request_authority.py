import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from odoo.addons.beneficiary_relations.tools.period import period_label

# Where a step of a rule, and a policy for appeals, names who decides.
STEP_BODIES = ("committee_id", "authority_id")
APPEAL_BODIES = ("appeal_committee_id", "appeal_authority_id")


class BeneficiaryAidRequest(models.Model):
    """Who decides a request, by the approval rules of its policy.

    What the household asked for the same kind of aid within some days is added up, so
    that an amount is not split to stay under a limit.
    """

    _inherit = "beneficiary.aid.request"

    authority_rule_id = fields.Many2one(
        comodel_name="beneficiary.approval.rule", compute="_compute_authority"
    )
    authority_committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Decided by",
        compute="_compute_authority",
        help="The committee that decides next, by the approval rules of the policy; "
        "empty where it has none or somebody else decides.",
    )
    authority_id = fields.Many2one(
        comodel_name="beneficiary.authority",
        string="Decided by (Department, Manager or Outside)",
        compute="_compute_authority",
        help="Who decides next, where it is no committee.",
    )
    authority_tier = fields.Integer(
        string="Step of the Decision", compute="_compute_authority"
    )
    authority_tiers = fields.Integer(
        string="Steps of the Decision", compute="_compute_authority"
    )
    authority_note = fields.Text(
        string="Why This Authority", compute="_compute_authority"
    )
    authority_gap = fields.Text(
        string="Missing Approval Rule", compute="_compute_authority"
    )

    @api.depends(
        "policy_id.approval_rule_ids.step_ids",
        "policy_id.split_days",
        "aid_type_id",
        "urgency",
        "household_id",
        "amount_requested",
        "amount_recommended",
        "date_received",
        "tiers_done",
        "tier_rule_id",
        "is_appeal",
        "decision_id",
        "policy_id.appeal_committee_id",
        "policy_id.appeal_authority_id",
    )
    def _compute_authority(self):
        earlier = self._earlier_of_household()
        for request in self:
            others = earlier[request]
            total = request._own_amount() + sum(map(self._counted_amount, others))
            rule = request._rule_for(total)
            steps = rule.step_ids.sorted("sequence")
            done = request.tiers_done if request.tier_rule_id == rule else 0
            step = steps[done : done + 1] or steps[-1:]
            request.authority_rule_id = rule
            # An appeal is decided in one step.
            source = request.policy_id if request.is_appeal else step
            names = APPEAL_BODIES if request.is_appeal else STEP_BODIES
            request.authority_committee_id = source[names[0]]
            request.authority_id = source[names[1]]
            request.authority_tiers = len(steps) or 1
            request.authority_tier = min(done, max(len(steps) - 1, 0)) + 1
            request.authority_note = request._authority_words(rule, total, others)
            request.authority_gap = (
                request._has_authority_gap(rule) and request.authority_note
            )

    def _rule_for(self, total):
        """Return the rule that names who decides: that of the first step, or by band.

        :param float total: what counts towards the band
        """
        self.ensure_one()
        rules = self.policy_id.approval_rule_ids
        if self.is_appeal:
            return rules.browse()
        return self.tier_rule_id or rules._authority_for(
            self.aid_type_id, self.urgency, total
        )

    def _authority_words(self, rule, total, others):
        if self.is_appeal:
            body = self.policy_id._appeal_body()
            return bool(body) and self.env._(
                "Appeals are decided by: %(name)s.", name=body.name
            )
        if not self.policy_id.approval_rule_ids:
            return False
        amount = self.currency_id.format(total)
        words = [
            self.env._(
                "%(rule)s. The amount that counts is %(amount)s.",
                rule=rule.display_name,
                amount=amount,
            )
            if rule
            else self._gap_words(total)
        ]
        if others:
            words.append(
                self.env._(
                    "It includes requests of the same household for the same aid "
                    "within %(period)s: %(numbers)s.",
                    period=period_label(
                        self.policy_id.split_days, "day", self.env.lang
                    ),
                    numbers=format_list(self.env, others.mapped("name")),
                )
            )
        return " ".join(words)

    def _has_authority_gap(self, rule):
        """Tell whether the rules of the policy name nobody for a new request."""
        return bool(
            not rule
            and self.policy_id.approval_rule_ids
            and not self.is_appeal
            and not self.decision_id
        )

    def _gap_words(self, total):
        """Say that no rule names who decides, and where one is added.

        :param float total: what counts towards the band
        :rtype: str
        """
        urgency = self._fields["urgency"]._description_selection(self.env)
        return self.env._(
            "No approval rule covers %(amount)s for %(aid_type)s, urgency: "
            "%(urgency)s. An administrator adds it under Policy > Policies, on the "
            "tab Approval Rules of “%(policy)s”.",
            amount=self.currency_id.format(total),
            aid_type=self.aid_type_id.name,
            urgency=dict(urgency)[self.urgency],
            policy=self.policy_id.display_name,
        )

    def _refusal_without_rule(self):
        """Return why a request cannot be referred to nobody, or None."""
        self.ensure_one()
        # Who decides does not depend on who looks.
        gap = self.sudo().authority_gap
        return gap and self.env._(
            "Nobody is named who decides request %(name)s. %(why)s",
            name=self.display_name,
            why=gap,
        )

    def _authority_takes(self, committee):
        """Tell whether a committee is the one that decides next.

        :param committee: ``beneficiary.committee``
        :rtype: bool
        """
        self.ensure_one()
        # Other requests of the household may be closed to the secretary; that they
        # count is the rule.
        request = self.sudo()
        policy = request.policy_id
        decided = policy._appeal_body() if self.is_appeal else policy.approval_rule_ids
        return not decided or request.authority_committee_id == committee

    def _check_authority_takes(self, committee):
        """Refuse a request on the agenda of a committee that does not decide it.

        :param committee: ``beneficiary.committee``
        :raise UserError: naming who decides it, and why
        """
        self.ensure_one()
        if not self._authority_takes(committee):
            raise UserError(
                self.env._(
                    "Request %(name)s is not for %(committee)s. %(why)s",
                    name=self.display_name,
                    committee=committee.name,
                    # As above.
                    why=self.sudo().authority_note,
                )
            )

    def _check_authority_reaches(self, committee, amount):
        """Refuse an approval above the band of whoever decides.

        :param committee: ``beneficiary.committee``; empty for a person
        :param float amount: of the motion, in company currency
        :raise UserError: naming the limit and what counts towards it
        """
        self.ensure_one()
        # As above.
        request = self.sudo()
        rules = request.policy_id.approval_rule_ids
        if not rules:
            return
        others = request._earlier_of_household()[request]
        total = amount + sum(map(self._counted_amount, others))
        own = request.authority_rule_id
        reach = rules._reach_of(own, request.aid_type_id, request.urgency)
        # Rounding knows no infinity.
        bounded = math.isfinite(reach)
        if own and (
            not bounded or request.currency_id.compare_amounts(total, reach) < 0
        ):
            return
        rule = rules._authority_for(request.aid_type_id, request.urgency, total)
        raise UserError(
            self.env._(
                "Request %(name)s: %(committee)s may not approve this. %(why)s",
                name=request.display_name,
                committee=(committee or request._next_body()).name,
                why=request._authority_words(rule, total, others),
            )
        )

    def _earlier_of_household(self):
        """Return other live requests that are added up with each request.

        The same household, or person where there is none, the same kind of aid, and
        received within the days of the policy before or after.

        :return: ``{request: requests}``, as superuser, in one query
        :rtype: dict
        """
        # What the rule counts does not depend on who looks.
        Request = self.sudo()
        found = Request.search(
            [
                ("aid_type_id", "in", self.aid_type_id.ids),
                ("status", "not in", ("rejected", "cancelled")),
                "|",
                ("household_id", "in", self.household_id.ids),
                ("beneficiary_id", "in", self.beneficiary_id.ids),
            ]
        )
        # By household and by person, so that many requests are not compared with all.
        homes = found.grouped(lambda other: (other.aid_type_id, other.household_id))
        people = found.grouped(lambda other: (other.aid_type_id, other.beneficiary_id))
        earlier = {}
        for request in self:
            one = request.sudo()
            near = (
                homes.get((one.aid_type_id, one.household_id), Request.browse())
                if one.household_id
                else people.get((one.aid_type_id, one.beneficiary_id), Request.browse())
            )
            earlier[request] = near.filtered(
                lambda other, request=request: request._adds_up(other)
            )
        return earlier

    def _adds_up(self, other):
        """Tell whether another request counts towards the band of this one."""
        if other.id == self._origin.id or other.aid_type_id != self.aid_type_id:
            return False
        same = (
            other.household_id == self.household_id
            if self.household_id
            else other.beneficiary_id == self.beneficiary_id
        )
        days = timedelta(days=self.sudo().policy_id.split_days)
        return (
            same
            and bool(days)
            and abs(other.date_received - self.date_received) <= days
        )

    def _own_amount(self):
        """Return what decides the band before a decision: recommended, or asked."""
        return self.amount_recommended or self.amount_requested

    @api.model
    def _counted_amount(self, request):
        return request.amount_approved if request.decision_id else request._own_amount()
