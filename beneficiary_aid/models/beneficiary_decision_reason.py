from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_decision import APPROVALS

# What a reason is used for, by the outcome it is given with.
USES = {
    **dict.fromkeys(APPROVALS, "approve"),
    "decline": "decline",
    "refer": "refer",
    "postpone": "postpone",
}


class BeneficiaryDecisionReason(models.Model):
    """Why something was decided, as a code with words the applicant may read."""

    _name = "beneficiary.decision.reason"
    _description = "Decision Reason"
    _inherit = ["beneficiary.reason.mixin"]
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="In words the applicant may read.",
    )
    code = fields.Char()
    outcome = fields.Selection(
        selection=[
            ("any", "Every outcome"),
            ("approve", "Approval"),
            ("decline", "Refusal"),
            ("refer", "Referral elsewhere"),
            ("postpone", "Postponement"),
        ],
        string="Used for",
        required=True,
        default="any",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: every association.",
    )
    active = fields.Boolean(default=True)

    def _check_serves(self, outcome, name):
        """Refuse a reason that is made for other outcomes: the applicant reads it.

        :param str outcome: of the motion
        :param str name: of what is decided
        :raise UserError: naming the reason
        """
        # The reasons are shared words; whoever decides need not configure them.
        reason = self.sudo()
        if reason and reason.outcome not in ("any", USES.get(outcome)):
            labels = dict(self._fields["outcome"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(request)s: the reason “%(reason)s” is used for: %(use)s. Choose "
                    "one that fits the motion.",
                    request=name,
                    reason=reason.name,
                    use=labels[reason.outcome],
                )
            )

    @api.model
    def _usual_approval(self, company, category, urgent=False):
        """Return why something is approved when nobody gave a reason of his own.

        The first reason for approvals in the association's order; in an urgent case
        the one of urgency goes before, unless it was archived.

        :param company: ``res.company``
        :param category: ``beneficiary.category`` of the person, or none of it
        :param bool urgent: decided by urgent power
        :return: a reason as superuser, or none
        """
        # The reasons are shared words; whoever decides need not configure them.
        fitting = (
            self.sudo()
            .search(
                [
                    ("outcome", "=", "approve"),
                    ("company_id", "in", (False, company.id)),
                ]
            )
            .filtered(lambda reason: reason._fits(category))
        )
        urgent_need = self.env.ref(
            "beneficiary_aid.decision_reason_urgent_need", raise_if_not_found=False
        )
        if urgent and urgent_need in fitting:
            return urgent_need
        return (fitting - urgent_need if urgent_need else fitting)[:1] or fitting[:1]
