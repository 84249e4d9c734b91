from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

# Which records a rule may look after, by which day they grow old, and which of them.
AGEING = {
    "beneficiary.beneficiary": (
        "state_changed_on",
        [("state", "=", "closed"), ("anonymised_on", "=", False)],
    ),
    "beneficiary.interaction": ("closed_on", [("state", "=", "closed")]),
    "beneficiary.message": ("create_date", []),
}
REVIEW_DAYS = 14


class BeneficiaryRetentionRule(models.Model):
    """How long records are kept. What is over is shown to a person, never deleted
    silently."""

    _name = "beneficiary.retention.rule"
    _description = "Retention Rule"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, res_model"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    res_model = fields.Selection(
        selection=[
            ("beneficiary.beneficiary", "Closed files: destroy personal data"),
            ("beneficiary.interaction", "Closed interactions"),
            ("beneficiary.message", "Short messages"),
        ],
        string="What",
        required=True,
    )
    months = fields.Integer(string="Kept for Months", required=True, default=120)
    basis = fields.Char(help="The law, standard or decision it comes from.")
    reviewer_id = fields.Many2one(
        comodel_name="res.users", default=lambda self: self.env.user
    )
    due_count = fields.Integer(string="Over", compute="_compute_due_count")

    _one_per_model = models.UniqueIndex(
        "(company_id, res_model) WHERE active IS TRUE",
        "There is a rule for these records already. Change that one.",
    )
    _months_positive = models.Constraint(
        "CHECK(months BETWEEN 1 AND 1200)",
        "Records are kept from 1 to 1200 months.",
    )

    def _compute_due_count(self):
        for rule in self:
            Model = self.env[rule.res_model] if rule.res_model else None
            rule.due_count = (
                Model.with_context(active_test=False).search_count(rule._due_domain())
                if Model is not None and Model.has_access("read")
                else 0
            )

    def action_open_due(self):
        """Open the records whose time is over."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": self._due_domain(),
            "context": {"active_test": False},
        }

    def _due_domain(self):
        self.ensure_one()
        date_field, domain = AGEING[self.res_model]
        limit = fields.Date.context_today(self) - relativedelta(months=self.months)
        return [
            *domain,
            ("company_id", "=", self.company_id.id),
            (date_field, "<", fields.Date.to_string(limit)),
        ]

    @api.model
    def _cron_review(self):
        """Ask the reviewer of each rule to look at what is over, once at a time."""
        deadline = fields.Date.context_today(self) + timedelta(days=REVIEW_DAYS)
        for rule in self.search([]):
            if rule.due_count and not rule.activity_ids:
                user = rule.reviewer_id or self.env.user
                rule = user._in_own_language(rule)
                rule.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=deadline,
                    summary=rule.env._("Review what has been kept long enough"),
                    user_id=user.id,
                )
