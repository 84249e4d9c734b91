from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_aid_request_flow import MANAGER, OFFICER, RESEARCHER

TAKE_UP = "beneficiary_aid.mail_activity_type_take_up"
# Where the association has not decided yet, and a request may rest.
UNDECIDED = ("received", "verification", "study", "decision")


class BeneficiaryAidRequest(models.Model):
    """The side exits of a request: stopped, referred elsewhere, put off, reopened.

    Each asks for a reason, keeps it and logs it (committee.md, side exits). What is
    stopped has the status cancelled and says in its outcome how it came to that.
    """

    _inherit = "beneficiary.aid.request"

    outcome = fields.Selection(
        selection_add=[
            ("referred", "Referred elsewhere"),
            ("duplicate", "Duplicate of another request"),
            ("divided", "Divided into parts"),
        ]
    )
    stop_reason = fields.Text(
        string="Reason of Stopping",
        copy=False,
        help="Why nobody works on the request any more. For colleagues.",
    )
    reopen_reason = fields.Text(
        string="Reason of Reopening", copy=False, help="For colleagues."
    )
    withdrawn_by_person = fields.Boolean(
        string="Withdrawn on the Portal", readonly=True, copy=False
    )
    referred_to = fields.Char(
        readonly=True, copy=False, help="The body the person was sent to."
    )
    referral_text = fields.Text(string="Letter of Referral", readonly=True, copy=False)
    postponed_until = fields.Date(readonly=True, copy=False, index="btree_not_null")
    postponed_reason = fields.Text(
        string="Reason of Postponing", readonly=True, copy=False
    )
    postponed_by_person = fields.Boolean(
        string="The Person Asked for It",
        readonly=True,
        copy=False,
        help="Then the time to answer does not run meanwhile.",
    )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_step(self):
        """Ask which step to take with the requests, and what it needs.

        :return: a window
        """
        self.check_access("read")
        self._check_role(OFFICER, RESEARCHER)
        return self._step_window()

    def action_cancel(self):
        """Ask why nobody is to work on the requests any more.

        :return: a window
        """
        self.check_access("write")
        self._check_role(OFFICER)
        return self._step_window("cancel")

    def action_reopen(self):
        """Ask why requests that were stopped or closed are taken up again.

        :return: a window
        """
        self.check_access("write")
        self._check_role(OFFICER)
        return self._step_window("reopen")

    def _step_window(self, step=False):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Next Step"),
            "res_model": "beneficiary.aid.request.step",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_ids": self.ids, "default_step": step},
        }

    # ------------------------------------------------------------------
    # Stopping
    # ------------------------------------------------------------------

    def _stop(self, reason, outcome=False, **results):
        """Stop requests before their end.

        :param str reason: why, for colleagues
        :param outcome: how it came to that, a value of ``outcome``
        :param results: readonly fields that go with it
        :raise UserError: when one may not be stopped, naming why
        """
        stopping = self.filtered(lambda request: request.status != "cancelled")
        stopping._go_to("cancelled", stop_reason=reason, outcome=outcome)
        # Results, not input; the step was checked above.
        stopping.sudo().write({"waiting_since": False, "waiting_for": False, **results})
        stopping._log_reason(self.env._("Stopped: %(reason)s", reason=reason))
        return stopping

    def _refer_elsewhere(self, body, text, reason):
        """Send people to another body that helps better.

        :param str body: its name
        :param str text: of the letter the person takes along
        :param str reason: for colleagues
        """
        return self._stop(reason, "referred", referred_to=body, referral_text=text)

    def _reopen(self, reason):
        """Take up again what was stopped or closed.

        :param str reason: why, for colleagues
        """
        for request in self:
            target = "follow_up" if request.status == "closed" else "received"
            request._go_to(target, reopen_reason=reason)
        # Results, not input; the step was checked above.
        self.filtered(lambda request: request.status == "received").sudo().write(
            {
                "outcome": False,
                "stop_reason": False,
                "withdrawn_by_person": False,
                "referred_to": False,
                "referral_text": False,
            }
        )
        self._log_reason(self.env._("Reopened: %(reason)s", reason=reason))

    def _gate_cancelled(self, request, vals):
        if not vals.get("stop_reason"):
            return self.env._(
                "Request %(name)s: say why it is stopped. Use its button, which asks.",
                name=request.display_name,
            )
        return super()._gate_cancelled(request, vals)

    def _gate_received(self, request, vals):
        return self._gate_reopened(request, vals, "cancelled")

    def _gate_follow_up(self, request, vals):
        return self._gate_reopened(request, vals, "closed") or super()._gate_follow_up(
            request, vals
        )

    def _gate_reopened(self, request, vals, status):
        if request.status != status or vals.get("reopen_reason"):
            return None
        return self.env._(
            "Request %(name)s: say why it is reopened. Use its button, which asks.",
            name=request.display_name,
        )

    def _check_can_reopen(self):
        """Return why requests cannot be taken up again.

        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        reasons = {
            request: self.env._(
                "Request %(name)s is neither stopped nor closed.",
                name=request.display_name,
            )
            for request in self
            if request.status not in ("cancelled", "closed")
        }
        ended = self.filtered(lambda request: request not in reasons)
        if "closed" in ended.mapped("status"):
            self._check_role(MANAGER)
        elif ended:
            self._check_role(OFFICER)
        return reasons

    def _log_reason(self, body):
        self._message_log_batch(dict.fromkeys(self.ids, body))

    # ------------------------------------------------------------------
    # Putting off
    # ------------------------------------------------------------------

    def _postpone(self, day, reason, by_person=False):
        """Put requests off; they come back by themselves on a day.

        Where the person asked for it the time to answer does not run meanwhile; for
        the association it goes on.

        :param date day: when they come back
        :param str reason: for colleagues
        :param bool by_person: the person asked for it
        :raise UserError: when one may not be put off
        """
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        if not day or day <= self._business_day():
            raise UserError(self.env._("Choose a day to come."))
        refused = self._check_can_postpone()
        if refused:
            raise UserError("\n".join(refused.values()))
        # Results, not input; the role was checked.
        requests = self.sudo()
        requests.agenda_item_ids._withdraw()
        requests.write(
            {
                "postponed_until": day,
                "postponed_reason": reason,
                "postponed_by_person": by_person,
            }
        )
        if by_person:
            requests.filtered(lambda request: not request.waiting_since).write(
                {"waiting_since": self._business_day(), "waiting_for": "applicant"}
            )
        requests._remind_to_take_up(day)
        self._log_reason(
            self.env._(
                "Put off until %(day)s: %(reason)s",
                day=fields.Date.to_string(day),
                reason=reason,
            )
        )

    def _check_can_postpone(self):
        """Return why requests cannot be put off.

        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        reasons = {}
        for request in self:
            if request.status not in UNDECIDED:
                reasons[request] = self.env._(
                    "Request %(name)s is decided or ended: it is not put off.",
                    name=request.display_name,
                )
            elif why := self._gate_leave_committee(request):
                reasons[request] = why
        return reasons

    def _remind_to_take_up(self, day):
        """Plan, for whoever is responsible, to go on with requests on a day."""
        self.activity_unlink([TAKE_UP])
        kind = self.env.ref(TAKE_UP)
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].create(
            [
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "res_model_id": model_id,
                    "res_id": request.id,
                    "user_id": (
                        request.researcher_id
                        if request.status == "study" and request.researcher_id
                        else request.user_id or self.env.user
                    ).id,
                    "date_deadline": day,
                }
                for request in self
            ]
        )

    @api.model
    def _cron_take_up_postponed(self):
        """Bring back the requests whose day has come, association by association."""
        Cron = self.env["ir.cron"]
        put_off = self._read_group(
            [("postponed_until", "!=", False)], groupby=["company_id"]
        )
        for (company,) in put_off:
            today = company._beneficiary_day(
                fields.Datetime.now(), fallback=self.env.user.tz
            )
            domain = [
                ("company_id", "=", company.id),
                ("postponed_until", "<=", today),
            ]
            if not Cron._in_slices(self, domain, "_take_up"):
                return

    def _take_up(self):
        """Go on with requests that were put off; their clocks run again."""
        # Results, not input; the caller checked the step.
        requests = self.sudo().filtered("postponed_until")
        resting = requests.filtered("postponed_by_person")
        requests.write(
            {
                "postponed_until": False,
                "postponed_reason": False,
                "postponed_by_person": False,
            }
        )
        resting._resume()

    def action_resume(self):
        """Take up again, also what was put off."""
        result = super().action_resume()
        self._take_up()
        # The reminder to do what is done now.
        self.sudo().activity_unlink([TAKE_UP])
        return result

    def _after_move(self, status):
        result = super()._after_move(status)
        put_off = self.filtered("postponed_until")
        put_off._take_up()
        # As above.
        put_off.sudo().activity_unlink([TAKE_UP])
        return result
