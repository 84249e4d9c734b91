from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER
from .beneficiary_aid_stage import ENDED


class BeneficiaryAidRequest(models.Model):
    """When an applicant is to be told, and that he was (C42, C43).

    The policies say "not less than": a floor. A floor is never turned into a
    deadline silently, and nobody is left without a date: where the text has none,
    the association sets one. The clock starts with the event the policy names and
    stops while the request waits on the person or on somebody outside.
    """

    _inherit = "beneficiary.aid.request"

    reply_start = fields.Date(
        string="Clock Started on",
        readonly=True,
        copy=False,
        help="The day from which the time of the answer counts.",
    )
    paused_days = fields.Integer(readonly=True, copy=False)
    waiting_since = fields.Date(readonly=True, copy=False)
    waiting_for = fields.Selection(
        selection=[
            ("applicant", "The applicant"),
            ("outside", "Somebody outside"),
        ],
        copy=False,
        tracking=True,
    )
    waiting_note = fields.Char(
        string="Waiting for What", copy=False, help="For colleagues."
    )
    reply_not_before = fields.Date(
        string="Answer not before", compute="_compute_reply_window", store=True
    )
    reply_due = fields.Date(
        string="Answer due",
        compute="_compute_reply_window",
        store=True,
        index="btree_not_null",
    )
    reply_state = fields.Selection(
        selection=[
            ("none", "Not counting"),
            ("on_time", "On time"),
            ("waiting", "Waiting"),
            ("late", "Late"),
            ("early", "Told early"),
        ],
        string="Answer",
        compute="_compute_reply_state",
        store=True,
        default="none",
    )
    reply_note = fields.Text(string="Time of the Answer", compute="_compute_reply_note")
    acknowledged_on = fields.Date(readonly=True, copy=False)
    told_on = fields.Date(string="Applicant Told on", readonly=True, copy=False)
    told_by_id = fields.Many2one(
        comodel_name="res.users", string="Told by", readonly=True, copy=False
    )
    early_reason = fields.Char(
        string="Reason for Telling Early", copy=False, tracking=True
    )

    _late_idx = models.Index("(reply_due) WHERE told_on IS NULL AND is_open IS TRUE")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("reply_start", "paused_days", "policy_id")
    def _compute_reply_window(self):
        for request in self:
            not_before = due = False
            if request.reply_start and request.policy_id:
                not_before, due = request.policy_id._reply_window(
                    request.reply_start, request.paused_days
                )
            request.reply_not_before = not_before
            request.reply_due = due

    @api.depends(
        "reply_start",
        "reply_not_before",
        "reply_due",
        "told_on",
        "waiting_since",
        "status",
    )
    def _compute_reply_state(self):
        for request in self:
            request.reply_state = request._get_reply_state()

    def _get_reply_state(self):
        self.ensure_one()
        if self.told_on:
            if self.reply_not_before and self.told_on < self.reply_not_before:
                return "early"
            if self.reply_due and self.told_on > self.reply_due:
                return "late"
            return "on_time" if self.reply_start else "none"
        if self.status in ("closed", "cancelled"):
            return "none"
        if self.waiting_since:
            return "waiting"
        if not self.reply_start:
            return "none"
        late = self.reply_due and self.reply_due < self._business_day()
        return "late" if late else "on_time"

    @api.depends("reply_not_before", "reply_due", "reply_start", "policy_id")
    def _compute_reply_note(self):
        starts = dict(
            self.env["beneficiary.policy"]
            ._fields["window_start"]
            ._description_selection(self.env)
        )
        for request in self:
            policy = request.policy_id
            lines = []
            if policy.window_text:
                lines.append(
                    self.env._("The policy says: «%(text)s».", text=policy.window_text)
                )
            if policy and not request.reply_start:
                lines.append(
                    self.env._(
                        "The clock starts with: %(event)s.",
                        event=starts[policy.window_start],
                    )
                )
            if request.reply_not_before:
                lines.append(
                    self.env._(
                        "Not before %(date)s.",
                        date=format_date(self.env, request.reply_not_before),
                    )
                )
            if request.reply_due:
                lines.append(
                    self.env._(
                        "At the latest on %(date)s.",
                        date=format_date(self.env, request.reply_due),
                    )
                )
            request.reply_note = "\n".join(lines)

    # ------------------------------------------------------------------
    # Clock
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        requests._start_clock("received")
        return requests

    def _start_clock(self, status):
        """Start the clocks that start with a status, once.

        A policy whose text has no window still promises an answer: its clock starts
        as it says, too.
        """
        event = {
            "received": "submission",
            "study": "complete",
            "decision": "referral",
        }.get(status)
        if not event:
            return
        # A result, not input; the policy is read for whoever moves the request.
        starting = self.sudo().filtered(
            lambda request: (
                not request.reply_start and request.policy_id.window_start == event
            )
        )
        if event == "submission":
            for request in starting:
                request.reply_start = request._business_day(request.date_received)
        elif starting:
            starting.write({"reply_start": self._business_day()})

    def action_return(self):
        """Return requests to the applicant and stop their clocks.

        The person is told that something is asked of him, without saying what.
        """
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        refused = self._check_can_wait()
        if refused:
            raise UserError("\n".join(refused.values()))
        waiting = self.filtered(lambda request: not request.waiting_since)
        # The clock is not typed in; the role was checked.
        waiting.sudo().write({"waiting_since": self._business_day()})
        waiting.filtered(
            lambda request: not request.waiting_for
        ).waiting_for = "applicant"
        waiting.filtered(lambda one: one.waiting_for == "applicant")._notify_people(
            "waiting"
        )

    def _check_can_wait(self):
        """Return why requests cannot be returned to the applicant.

        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        return {
            request: self.env._(
                "Request %(name)s is decided or closed: there is nothing to wait for.",
                name=request.display_name,
            )
            for request in self
            if request.status in (*ENDED, "approved", "delivery", "follow_up")
        }

    def action_resume(self):
        """Go on with requests and let their clocks run again."""
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        self._resume()

    def _resume(self):
        """Let the clocks run again, the days of waiting added."""
        today = self._business_day()
        for request in self.filtered("waiting_since"):
            days = 0
            if request.reply_start:
                since = max(request.waiting_since, request.reply_start)
                days = max(0, (today - since).days)
            # See action_return; whoever answers for the person changes nothing else.
            request.sudo().write(
                {
                    "paused_days": request.paused_days + days,
                    "waiting_since": False,
                    "waiting_for": False,
                    "waiting_note": False,
                }
            )

    @api.model
    def _cron_late_replies(self):
        """Mark what became late since yesterday, association by association."""
        domain = [
            ("is_open", "=", True),
            ("told_on", "=", False),
            ("reply_due", "!=", False),
            ("reply_state", "=", "on_time"),
        ]
        late = self.browse()
        for (company,) in self._read_group(domain, groupby=["company_id"]):
            # The day it is there, not where the job runs.
            today = company._beneficiary_day(
                fields.Datetime.now(), fallback=self.env.user.tz
            )
            late |= self.search(
                [*domain, ("company_id", "=", company.id), ("reply_due", "<", today)]
            )
        self.env.add_to_compute(self._fields["reply_state"], late)
        late.flush_recordset(["reply_state"])

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def action_acknowledge(self):
        """Send the applicant the number and the time of the answer (C42)."""
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        for request in self.filtered(lambda one: not one.acknowledged_on):
            request._acknowledge()

    def _acknowledge(self, author=None):
        """Tell the person the number, the way and the time of the answer (C42).

        The notice carries no word about need, money or health.

        :param author: ``res.partner`` the note in the chatter is of, if not the user
        """
        self.ensure_one()
        partner = self.beneficiary_id.partner_id
        words = self.with_context(lang=partner.lang or self.env.lang)
        body = words._portal_acknowledgement()
        self.env["beneficiary.message"]._send_sms(partner, body, record=self)
        # A result, not input; the right to it was checked.
        self.sudo().acknowledged_on = self._business_day()
        self._message_log(
            body=self.env._("Acknowledgement to the applicant: %(text)s", text=body),
            author_id=author and author.id,
        )

    def action_tell_applicant(self):
        """Tell applicants the decision; before its earliest day a reason is asked.

        :return: a window that asks for the reason, or nothing
        :raise UserError: when there is no decision, or it may not be told yet
        """
        self.check_access("write")
        self._check_role(OFFICER)
        untold = self.filtered(lambda request: not request.told_on)
        refused = untold._check_can_tell()
        if refused:
            raise UserError("\n".join(refused.values()))
        early = untold.filtered(
            lambda request: request._is_early() and not request.early_reason
        )
        if early:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Tell before the Earliest Day"),
                "res_model": "beneficiary.aid.request.tell",
                "view_mode": "form",
                "target": "new",
                "context": {"default_request_ids": untold.ids},
            }
        untold._tell()
        return None

    def _is_early(self):
        """Tell whether an answer today needs a reason.

        Requests on the approved urgent route do not wait, and some associations
        allow early answers.
        """
        self.ensure_one()
        return bool(
            self.reply_not_before
            and self._business_day() < self.reply_not_before
            and not self.urgent_approved_on
            and self.policy_id.early_reply != "allow"
        )

    def _check_can_tell(self):
        """Return why the decision on requests cannot be told.

        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        reasons = {request: request._why_not_tell() for request in self}
        return {request: reason for request, reason in reasons.items() if reason}

    def _why_not_tell(self):
        self.ensure_one()
        # That there is a decision is known to whoever tells it.
        if not self.sudo().decision_id or self.status == "decision":
            return self.env._(
                "Request %(name)s has no decision to tell yet.",
                name=self.display_name,
            )
        if self._is_early() and self.policy_id.early_reply == "block":
            return self.env._(
                "The policy lets the decision on %(name)s be told from %(date)s "
                "on. Only a request on the approved urgent route is answered "
                "earlier.",
                name=self.display_name,
                date=format_date(self.env, self.reply_not_before),
            )
        return None

    def _tell(self):
        """Tell applicants that there is a decision, in words that give nothing away.

        The decision itself is read in the portal or said at the counter.
        """
        # Results, not input; the right to tell was checked.
        self.sudo().write({"told_on": self._business_day(), "told_by_id": self.env.uid})
        self._notify_people("told")
        self._on_told()

    def _notify_people(self, notice):
        """Send a notice in each person's language, and keep a note of it.

        :param str notice: ``waiting`` or ``told``
        """
        notices = []
        for request in self:
            # The contact is the recipient and nothing else of it is used.
            partner = request.beneficiary_id.sudo().partner_id
            words = request.with_context(lang=partner.lang or self.env.lang)
            notices.append((partner, words._notice(notice), request))
        self.env["beneficiary.message"]._send_many(notices)
        self._message_log_batch(
            {
                request.id: self.env._("Notice to the applicant: %(text)s", text=body)
                for _partner, body, request in notices
            }
        )
        for request in self:
            request._notify_person(notice)

    def _notify_person(self, notice):
        """Called for everybody who was sent a notice; for other ways to send it.

        :param str notice: ``waiting`` or ``told``
        """
        self.ensure_one()

    def _notice(self, notice):
        """Return the words of a notice: no need, no money, no result (rule 10)."""
        self.ensure_one()
        # The name of the association is public.
        values = {"company": self.company_id.sudo().name, "number": self.name}
        if notice == "waiting":
            return self.env._(
                "%(company)s: we need something from you for your request "
                "%(number)s. Please look at your page or call us.",
                **values,
            )
        return self.env._(
            "%(company)s: there is an answer to your request %(number)s. Please look "
            "at your page or call us.",
            **values,
        )
