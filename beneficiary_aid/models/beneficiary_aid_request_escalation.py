from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .beneficiary_aid_request_flow import MANAGER, OFFICER

ACTIVITY = "beneficiary_aid.mail_activity_type_reply_due"
STEPS = ("none", "officer", "manager")


class BeneficiaryAidRequest(models.Model):
    """Who is reminded when the time of an answer runs out, and how it ended.

    First the officer, when a part of the time has passed that the policy sets; on the
    last day the manager. Requests that wait on somebody do not escalate.
    """

    _inherit = "beneficiary.aid.request"

    escalation = fields.Selection(
        selection=[
            ("none", "None"),
            ("officer", "Officer reminded"),
            ("manager", "Manager told"),
        ],
        required=True,
        readonly=True,
        default="none",
        copy=False,
    )
    window_result = fields.Selection(
        selection=[
            ("before_floor", "Before the earliest day"),
            ("inside", "Inside the window"),
            ("after_max", "After the latest day"),
            ("unanswered", "Never answered"),
        ],
        string="Answer by Window",
        compute="_compute_window_result",
        store=True,
    )
    reply_days = fields.Integer(
        string="Days to the Answer",
        compute="_compute_window_result",
        store=True,
        aggregator="avg",
    )

    @api.depends("told_on", "reply_start", "paused_days", "reply_state", "status")
    def _compute_window_result(self):
        told = {"early": "before_floor", "on_time": "inside", "late": "after_max"}
        for request in self:
            result, days = False, 0
            if request.told_on and request.reply_start:
                result = told.get(request.reply_state, False)
                days = (request.told_on - request.reply_start).days
                days -= request.paused_days
            elif request.reply_start and (
                request.reply_state == "late" or request.status == "closed"
            ):
                result = "unanswered"
            request.window_result = result
            request.reply_days = days

    def _read_group_select(self, aggregate_spec, query):
        """Leave requests nobody answered out of the average of the days."""
        if aggregate_spec != "reply_days:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "AVG(CASE WHEN %s IS NOT NULL THEN %s END)",
            self._field_to_sql(self._table, "told_on", query),
            self._field_to_sql(self._table, "reply_days", query),
        )

    # ------------------------------------------------------------------
    # Escalation
    # ------------------------------------------------------------------

    @api.model
    def _cron_escalate_replies(self):
        """Remind officers and tell managers of answers that come due."""
        running = self.search(
            [
                ("is_open", "=", True),
                ("told_on", "=", False),
                ("waiting_since", "=", False),
                ("reply_start", "!=", False),
                ("reply_due", "!=", False),
                ("escalation", "!=", "manager"),
            ]
        )
        by_step = {"officer": self.browse(), "manager": self.browse()}
        for requests in running.grouped("company_id").values():
            # The day it is there, not where the job runs.
            today = requests._business_day()
            for request in requests:
                step = request._escalation_step(today)
                if STEPS.index(step) > STEPS.index(request.escalation):
                    by_step[step] |= request
        for step, requests in by_step.items():
            requests._escalate(step)

    def _escalation_step(self, today):
        """Return how far a request has come by a day.

        :param date today: the day at the association
        :rtype: str
        """
        self.ensure_one()
        if today >= self.reply_due:
            return "manager"
        time = (self.reply_due - self.reply_start).days
        percent = self.policy_id.escalate_percent
        first = self.reply_start + timedelta(days=time * percent // 100)
        return "officer" if percent and today >= first else "none"

    def _escalate(self, step):
        if not self:
            return
        model_id = self.env["ir.model"]._get_id(self._name)
        kind = self.env.ref(ACTIVITY)
        managers = {
            company: self._escalation_manager(company) for company in self.company_id
        }
        values = []
        for request in self:
            manager = managers[request.company_id]
            user = request._escalation_officer() if step == "officer" else manager
            user = user or manager
            if user:
                values.append(
                    {
                        "activity_type_id": kind.id,
                        "automated": True,
                        "res_model_id": model_id,
                        "res_id": request.id,
                        "user_id": user.id,
                        "date_deadline": request.reply_due,
                    }
                )
        self.env["mail.activity"].create(values)
        self.write({"escalation": step})

    def _escalation_officer(self):
        """Return who is responsible for a request and may tell the applicant."""
        self.ensure_one()
        user = self.user_id or self.entered_by_id
        return user.filtered(lambda one: one.has_group(OFFICER))

    @api.model
    def _escalation_manager(self, company):
        """Return the manager who is told: the policy's owner, or else the first one."""
        policy = self.env["beneficiary.policy"]._in_force(company)
        if policy.user_id:
            return policy.user_id
        managers = self.env["res.users"]._holding([MANAGER], company)
        return managers.sorted("id", reverse=True)[:1]

    def _resume(self):
        """Let the reminders follow the moved date."""
        result = super()._resume()
        self._forget_escalation()
        return result

    def _begin_appeal(self, today):
        result = super()._begin_appeal(today)
        self._forget_escalation()
        return result

    def _on_told(self):
        result = super()._on_told()
        # Reminders of an answer that was given; nothing else is taken away.
        self.sudo().activity_unlink([ACTIVITY])
        return result

    def _forget_escalation(self):
        # Results, not input; the step that moved the date was checked.
        requests = self.sudo().filtered(lambda one: one.escalation != "none")
        requests.activity_unlink([ACTIVITY])
        requests.write({"escalation": "none"})
