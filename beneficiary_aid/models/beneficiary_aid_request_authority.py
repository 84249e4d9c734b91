from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryAidRequest(models.Model):
    """Which committee a request goes to, by the approval rules of its policy.

    What the household asked for the same kind of aid within some days is added up, so
    that an amount is not split to stay under a limit.
    """

    _inherit = "beneficiary.aid.request"

    authority_committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Decided by",
        compute="_compute_authority",
        help="By the approval rules of the policy; empty where it has none.",
    )
    authority_note = fields.Text(
        string="Why This Committee", compute="_compute_authority"
    )

    @api.depends(
        "policy_id.approval_rule_ids",
        "policy_id.split_days",
        "aid_type_id",
        "urgency",
        "household_id",
        "amount_requested",
        "amount_recommended",
        "date_received",
    )
    def _compute_authority(self):
        earlier = self._earlier_of_household()
        for request in self:
            rules = request.policy_id.approval_rule_ids
            others = earlier[request]
            total = request._own_amount() + sum(map(self._counted_amount, others))
            rule = rules._authority_for(request.aid_type_id, request.urgency, total)
            request.authority_committee_id = rule.committee_id
            request.authority_note = bool(rules) and request._authority_words(
                rule, total, others
            )

    def _authority_words(self, rule, total, others):
        amount = self.currency_id.format(total)
        words = [
            self.env._(
                "%(rule)s. The amount that counts is %(amount)s.",
                rule=rule.display_name,
                amount=amount,
            )
            if rule
            else self.env._(
                "No approval rule covers %(amount)s. Ask an administrator to complete "
                "the rules of the policy.",
                amount=amount,
            )
        ]
        if others:
            words.append(
                self.env._(
                    "It includes requests of the same household for the same aid "
                    "within %(days)s days: %(numbers)s.",
                    days=self.policy_id.split_days,
                    numbers=", ".join(others.mapped("name")),
                )
            )
        return " ".join(words)

    def _check_authority_takes(self, committee):
        """Refuse a request on the agenda of a committee that does not decide it.

        :param committee: ``beneficiary.committee``
        :raise UserError: naming the committee it goes to, and why
        """
        self.ensure_one()
        # Other requests of the household may be closed to the secretary; that they
        # count is the rule.
        request = self.sudo()
        if not request.policy_id.approval_rule_ids:
            return
        if request.authority_committee_id != committee:
            raise UserError(
                self.env._(
                    "Request %(name)s is not for %(committee)s. %(why)s",
                    name=request.display_name,
                    committee=committee.name,
                    why=request.authority_note,
                )
            )

    def _check_authority_reaches(self, committee, amount):
        """Refuse an approval above the band of a committee.

        :param committee: ``beneficiary.committee``
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
        reach = rules._reach_of(committee, request.aid_type_id, request.urgency)
        if reach is not None and request.currency_id.compare_amounts(total, reach) < 0:
            return
        rule = rules._authority_for(request.aid_type_id, request.urgency, total)
        raise UserError(
            self.env._(
                "Request %(name)s: %(committee)s may not approve this. %(why)s",
                name=request.display_name,
                committee=committee.name,
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
        return {
            request: found.filtered(lambda other, one=request: one._adds_up(other))
            for request in self
        }

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
