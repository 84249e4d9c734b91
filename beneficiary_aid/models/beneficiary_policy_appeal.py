from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.beneficiary_relations.tools.period import period_label


class BeneficiaryPolicy(models.Model):
    """How a policy takes appeals: until when, by whom, and when they are answered
    (C02, committee.md). One level, once per decision."""

    _inherit = "beneficiary.policy"

    appeal_days = fields.Integer(
        string="Days to Appeal",
        required=True,
        default=0,
        tracking=True,
        help="After the applicant was told. 0: no limit. A later appeal is admitted by "
        "a manager with a reason.",
    )
    appeal_answer_days = fields.Integer(
        string="Days to Answer an Appeal",
        required=True,
        default=0,
        tracking=True,
        help="After it was received. 0: the time of the answer to any request.",
    )
    appeal_committee_id = fields.Many2one(
        comodel_name="beneficiary.committee",
        string="Appeals Go to",
        check_company=True,
        help="Empty: to any committee. Nobody who decided the first time decides.",
    )
    appeal_authority_id = fields.Many2one(
        comodel_name="beneficiary.authority",
        string="Appeals Go to (Other Authority)",
        check_company=True,
        help="A department, a manager or an outside authority, instead of a committee.",
    )

    _appeal_days_range = models.Constraint(
        "CHECK(appeal_days BETWEEN 0 AND 3660"
        " AND appeal_answer_days BETWEEN 0 AND 3660)",
        "The days of an appeal are between 0 and 3660.",
    )

    @api.constrains("appeal_committee_id", "appeal_authority_id")
    def _check_appeal_body(self):
        for policy in self:
            if policy.appeal_committee_id and policy.appeal_authority_id:
                raise ValidationError(
                    self.env._(
                        "Appeals go either to a committee or to another authority. "
                        "Keep one of them."
                    )
                )

    def _appeal_body(self):
        """Return who decides appeals; empty where any committee may."""
        self.ensure_one()
        return self.appeal_committee_id or self.appeal_authority_id

    def _prepare_document_sections(self):
        return [
            *super()._prepare_document_sections(),
            self._document_section(
                "appeal",
                107,
                self.env._("Appeal"),
                "text",
                [(False, [line]) for line in self._appeal_lines()],
            ),
        ]

    def _appeal_lines(self):
        """Return what the policy says about appeals, nothing where it sets nothing."""
        self.ensure_one()
        lines = []
        if self.appeal_days:
            lines.append(
                self.env._(
                    "The applicant may appeal within %(period)s after he was told.",
                    period=period_label(self.appeal_days, "day", self.env.lang),
                )
            )
        if self.appeal_answer_days:
            lines.append(
                self.env._(
                    "An appeal is answered within %(period)s.",
                    period=period_label(self.appeal_answer_days, "day", self.env.lang),
                )
            )
        if self._appeal_body():
            lines.append(
                self.env._(
                    "Appeals are decided by: %(name)s.", name=self._appeal_body().name
                )
            )
        if lines:
            lines.append(
                self.env._("Nobody who decided the first time decides the appeal.")
            )
        return lines
