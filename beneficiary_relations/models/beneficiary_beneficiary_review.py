from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .beneficiary_policy_review import DEFAULT_GRACE_DAYS, DEFAULT_REVIEW_MONTHS


class BeneficiaryBeneficiary(models.Model):
    """The yearly review: reminders, the new date, closing for a while."""

    _inherit = "beneficiary.beneficiary"

    review_ids = fields.One2many(
        comodel_name="beneficiary.review",
        inverse_name="beneficiary_id",
        string="Reviews",
        groups="base.group_user",
    )
    review_reminders = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        groups="base.group_user",
        help="Reminders sent for the next review.",
    )

    _company_review_idx = models.Index(
        "(company_id, next_review_date) WHERE state = 'active' AND active IS TRUE"
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        """Count reminders anew for each date of review."""
        if "next_review_date" in vals and "review_reminders" not in vals:
            vals = dict(vals, review_reminders=0)
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_review_done(self):
        """Record that the data of active files was brought up to date."""
        self.check_access("write")
        self._require_group("group_relations_officer", "group_social_researcher")
        for file in self:
            if file.state != "active":
                raise UserError(
                    self.env._(
                        "The file %(name)s is not active. Reopen it, which sets its "
                        "next review, too.",
                        name=file.display_name,
                    )
                )
        self._review_done()

    def action_reopen(self):
        """Ask for the reason, then reopen."""
        self.check_access("write")
        self._require_group("group_manager")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reopen Files"),
            "res_model": "beneficiary.reopen",
            "view_mode": "form",
            "target": "new",
            "context": {"default_beneficiary_ids": self.ids},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _activate(self):
        files = super()._activate()
        files._plan_next_review()
        return files

    def _reopen(self, note):
        """Bring suspended or closed files back to work.

        :param str note: why, kept on the file and in its history
        """
        due = {file: file.next_review_date for file in self}
        self.write({"state": "active", "active": True, "state_note": note})
        self.write({"state_reason_id": False})
        self._plan_next_review()
        self._log_reviews("reopened", due, note)

    def _review_done(self):
        due = {file: file.next_review_date for file in self}
        self._plan_next_review()
        self._log_reviews("done", due)
        self._review_activities().action_done()

    def _plan_next_review(self):
        """Set the next review from today, after the policy of each association."""
        today = fields.Date.context_today(self)
        for company, files in self.grouped("company_id").items():
            policy = self.env["beneficiary.policy"]._in_force(company).sudo()
            months = policy.review_months or DEFAULT_REVIEW_MONTHS
            files.write({"next_review_date": today + relativedelta(months=months)})

    @api.model
    def _cron_review(self):
        """Remind of reviews, and close for a while what nobody brought up to date.

        A second run on the same day finds nothing left to do.
        """
        cron = self.env["ir.cron"]
        # All associations, also those without a policy.
        for company in self.env["res.company"].search([]):
            policy = self.env["beneficiary.policy"]._in_force(company)
            steps = list(enumerate(policy._reminder_days(), start=1))
            for number, days in reversed(steps):
                domain = self._review_reminder_domain(company, number, days)
                if not cron._in_slices(self, domain, "_remind_of_review", number):
                    return
            grace = policy.grace_days if policy else DEFAULT_GRACE_DAYS
            domain = self._review_overdue_domain(company, grace)
            if not cron._in_slices(self, domain, "_suspend_not_updated"):
                return

    @api.model
    def _review_reminder_domain(self, company, number, days):
        today = fields.Date.context_today(self)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "active")
            & Domain("next_review_date", ">=", today)
            & Domain("next_review_date", "<=", today + relativedelta(days=days))
            & Domain("review_reminders", "<", number)
        )

    @api.model
    def _review_overdue_domain(self, company, grace_days):
        last_day = fields.Date.context_today(self) - relativedelta(days=grace_days)
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "active")
            & Domain("next_review_date", "<", last_day)
        )

    def _remind_of_review(self, number):
        """Remind the colleague in charge and, in neutral words, the person."""
        self.write({"review_reminders": number})
        planned = {activity.res_id: activity for activity in self._review_activities()}
        for file in self:
            if file.id not in planned:
                user = file._review_user()
                user._in_own_language(file).activity_schedule(
                    "beneficiary_relations.mail_activity_type_review",
                    date_deadline=file.next_review_date,
                    user_id=user.id,
                )
            file._notify_review("before")

    def _suspend_not_updated(self):
        due = {file: file.next_review_date for file in self}
        reason = self.env.ref("beneficiary_relations.state_reason_not_updated")
        self._change_state("suspended", reason)
        self._log_reviews("suspended", due)
        for file in self:
            file._notify_review("after")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_state_move(self, vals):
        """Reopening needs a reason and a manager, by any route."""
        super()._check_state_move(vals)
        if vals["state"] != "active":
            return
        for file in self:
            if file.state not in ("suspended", "closed"):
                continue
            self._require_group("group_manager")
            if not vals.get("state_note"):
                raise UserError(
                    self.env._(
                        "Say why the file %(name)s is reopened.",
                        name=file.display_name,
                    )
                )

    def _log_reviews(self, outcome, due, note=False):
        # Nobody writes the trail by hand; roles were checked by the callers.
        self.env["beneficiary.review"].sudo().create(
            [
                {
                    "beneficiary_id": file.id,
                    "outcome": outcome,
                    "due_date": due[file],
                    "next_date": file.next_review_date,
                    "user_id": self.env.uid,
                    "note": note,
                }
                for file in self
            ]
        )

    def _review_activities(self):
        """Return the open activities of these files' reviews."""
        kind = self.env.ref("beneficiary_relations.mail_activity_type_review")
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind.id),
            ]
        )

    def _review_user(self):
        """Return who is reminded: the branch's representative, or who opened it."""
        self.ensure_one()
        opened_by = self.create_uid.filtered(
            lambda user: user.active and not user.share and user._is_internal()
        )
        return self.branch_id.user_ids[:1] or opened_by or self.env.user

    def _notify_review(self, when):
        """Send a text without any word on what the association does for the person.

        :param str when: ``before`` the day, or ``after`` the grace
        """
        self.ensure_one()
        partner = self.partner_id
        if not partner.phone:
            return
        here = self.with_context(lang=partner.lang or self.env.lang)
        texts = {
            "before": here.env._(
                "%(company)s: please contact us before %(day)s to bring your data up "
                "to date.",
                company=self.company_id.name,
                day=self.next_review_date,
            ),
            "after": here.env._(
                "%(company)s: your data was due on %(day)s. Please contact us.",
                company=self.company_id.name,
                day=self.next_review_date,
            ),
        }
        self.env["beneficiary.message"]._send_sms(partner, texts[when], self)
