from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.beneficiary_aid_request_flow import OFFICER, RESEARCHER
from ..models.beneficiary_aid_stage import ENDED

# Steps that are a move to a status and nothing else.
MOVES_TO = {
    "verify": "verification",
    "study": "study",
    "refer": "decision",
    "deliver": "delivery",
    "close": "closed",
}
# Many go forward together; back, for the committee too, goes each one by itself.
BACK_FROM = {
    "verify": ("verification", "study", "decision"),
    "study": ("study", "decision"),
    "deliver": ("delivery", "follow_up"),
}
# The step most often taken next from a status.
NEXT_STEPS = {
    "received": "verify",
    "verification": "study",
    "study": "refer",
    "approved": "deliver",
    "follow_up": "close",
    "rejected": "close",
    "cancelled": "reopen",
}
# Steps that stop requests.
STOPS = ("withdraw", "refer_elsewhere", "duplicate", "cancel")
# Steps whose reason is kept.
WITH_REASON = (*STOPS, "postpone", "reopen")


class BeneficiaryAidRequestStep(models.TransientModel):
    """Take one step with one request or with a thousand.

    Before anything is done it shows which requests cannot take the step, each with
    the reason; those that can take it together, in a fixed number of statements, and
    the list of the others stays on the screen. Nothing is left out silently.
    """

    _name = "beneficiary.aid.request.step"
    _description = "Step of Requests"

    request_ids = fields.Many2many(
        comodel_name="beneficiary.aid.request",
        relation="beneficiary_aid_request_step_rel",
        string="Requests",
        required=True,
        readonly=True,
    )
    request_count = fields.Integer(
        string="Chosen", compute="_compute_ready", help="Requests that were chosen."
    )
    step = fields.Selection(
        selection=[
            ("verify", "Begin checking"),
            ("study", "Begin the study"),
            ("refer", "Refer to the committee"),
            ("ask", "Wait for the applicant"),
            ("postpone", "Put off"),
            ("assign", "Assign"),
            ("tell", "Tell the applicants"),
            ("deliver", "Begin delivery"),
            ("close", "Close"),
            ("withdraw", "Withdrawn by the person"),
            ("refer_elsewhere", "Refer elsewhere"),
            ("duplicate", "Duplicate of another request"),
            ("cancel", "Stop for another reason"),
            ("reopen", "Reopen"),
        ],
        required=True,
    )
    reason = fields.Text(help="Kept with the request, for colleagues.")
    day = fields.Date(string="Until", help="The requests come back on this day.")
    by_person = fields.Boolean(
        string="The Person Asked for It",
        help="Then the time to answer does not run meanwhile.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
    )
    researcher_id = fields.Many2one(
        comodel_name="res.users", domain="[('share', '=', False)]"
    )
    close_reason_id = fields.Many2one(
        comodel_name="beneficiary.close.reason",
        string="Closing Reason",
        domain="[('outcome', 'not in', ['referred', 'duplicate', 'divided'])]",
        help="Empty: each request keeps the one it has.",
    )
    outcome = fields.Selection(
        selection=lambda self: self.env["beneficiary.close.reason"]._outcomes(),
        compute="_compute_outcome",
        store=True,
        readonly=False,
        help="What the reason means.",
    )
    referred_to = fields.Char(string="To Whom", help="The body that helps better.")
    referral_text = fields.Text(
        string="Letter", help="What the person takes along. No details of health."
    )
    original_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        string="The One That Goes on",
        domain="[('status', '!=', 'cancelled'), ('id', 'not in', request_ids)]",
    )
    ready_count = fields.Integer(string="Can Take the Step", compute="_compute_ready")
    refused_count = fields.Integer(string="Cannot", compute="_compute_ready")
    refused_note = fields.Text(string="Why Not", compute="_compute_ready")
    is_done = fields.Boolean(readonly=True)
    done_note = fields.Char(readonly=True)
    left_note = fields.Text(readonly=True)

    @api.model
    def default_get(self, fields_list):
        """Begin with the requests chosen in the list, and with the step that is next
        where all of them are at one."""
        values = super().default_get(fields_list)
        if (
            "request_ids" in fields_list
            and not values.get("request_ids")
            and self.env.context.get("active_model") == "beneficiary.aid.request"
        ):
            chosen = self.env.context.get("active_ids", [])
            values["request_ids"] = chosen
            if "step" in fields_list and not values.get("step"):
                values["step"] = self._usual_step(chosen)
        return values

    @api.model
    def _usual_step(self, request_ids):
        requests = self.env["beneficiary.aid.request"].browse(request_ids)
        statuses = set(requests.mapped("status"))
        return len(statuses) == 1 and NEXT_STEPS.get(statuses.pop(), False)

    @api.depends("close_reason_id")
    def _compute_outcome(self):
        for wizard in self.filtered("close_reason_id"):
            wizard.outcome = wizard.close_reason_id.outcome

    @api.depends("request_ids", "step", "outcome", "original_id", "reason")
    def _compute_ready(self):
        for wizard in self:
            requests = wizard.request_ids._origin
            refused = wizard._refusals(requests) if wizard.step else {}
            wizard.request_count = len(requests)
            wizard.ready_count = len(requests) - len(refused)
            wizard.refused_count = len(refused)
            wizard.refused_note = "\n".join(refused.values())

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_apply(self):
        """Take the step with every request that can, and list the others.

        :return: this window with the list, or its end
        :raise UserError: when something is missing, or no request can take the step
        """
        self.ensure_one()
        requests = self.request_ids
        requests.check_access("write")
        requests._check_role(OFFICER, RESEARCHER)
        self._check_entered()
        refused = self._refusals(requests)
        ready = requests.filtered(lambda request: request not in refused)
        if not ready:
            raise UserError("\n".join(refused.values()))
        result = getattr(self, f"_apply_{self.step}", self._apply_move)(ready)
        if not refused:
            return result or {"type": "ir.actions.act_window_close"}
        self.write(
            {
                "is_done": True,
                "done_note": self.env._(
                    "Done: %(done)s of %(all)s.", done=len(ready), all=len(requests)
                ),
                "left_note": "\n".join(refused.values()),
            }
        )
        return self._get_records_action(name=self.env._("Next Step"), target="new")

    def _check_entered(self):
        """Refuse a step that lacks what it needs.

        :raise UserError: naming what is missing
        """
        if self.step in WITH_REASON and not (self.reason or "").strip():
            raise UserError(self.env._("Say why. The reason is kept for colleagues."))
        if self.step == "postpone" and not self.day:
            raise UserError(self.env._("Choose the day on which they come back."))
        if self.step == "refer_elsewhere" and not (self.referred_to or "").strip():
            raise UserError(self.env._("Enter to whom the person is sent."))
        if self.step == "duplicate" and not self.original_id:
            raise UserError(self.env._("Choose the request that goes on."))
        if self.step == "assign" and not (self.user_id or self.researcher_id):
            raise UserError(self.env._("Choose who takes the requests."))

    # ------------------------------------------------------------------
    # Who cannot
    # ------------------------------------------------------------------

    def _refusals(self, requests):
        """Return why requests cannot take the step.

        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        self.ensure_one()
        find = getattr(self, f"_refuse_{self.step}", None)
        if self.step in STOPS:
            find = self._refuse_stop
        return (find or self._refuse_move)(requests)

    def _refuse_move(self, requests, status=None, **vals):
        status = status or MOVES_TO[self.step]
        labels = dict(requests._fields["status"]._description_selection(requests.env))
        reasons = {
            request: self.env._(
                "Request %(name)s is at %(status)s already.",
                name=request.display_name,
                status=labels[status],
            )
            for request in requests
            if request.status == status
        }
        others = requests.filtered(lambda request: request not in reasons)
        reasons |= {
            request: self.env._(
                "Request %(name)s is at %(status)s, which comes later. Take it back on "
                "its own page.",
                name=request.display_name,
                status=labels[request.status],
            )
            for request in others
            if request.status in BACK_FROM.get(self.step, ())
        }
        others = others.filtered(lambda request: request not in reasons)
        reasons |= others._check_order(status)
        rest = others.filtered(lambda request: request not in reasons)
        return reasons | rest._check_can_enter(status, vals)

    def _refuse_close(self, requests):
        return self._refuse_move(requests, outcome=self.outcome)

    def _refuse_stop(self, requests):
        reasons = self._refuse_move(requests, "cancelled", stop_reason="?")
        if self.step == "duplicate" and self.original_id:
            rest = requests.filtered(lambda request: request not in reasons)
            reasons |= rest._check_duplicates(self.original_id)
        return reasons

    def _refuse_reopen(self, requests):
        reasons = requests._check_can_reopen()
        rest = requests.filtered(lambda request: request not in reasons)
        for status, target in (("closed", "follow_up"), ("cancelled", "received")):
            group = rest.filtered(lambda request, at=status: request.status == at)
            reasons |= group._check_can_enter(target, {"reopen_reason": "?"})
        return reasons

    def _refuse_ask(self, requests):
        reasons = requests._check_can_wait()
        for request in requests.filtered("waiting_since"):
            reasons.setdefault(
                request,
                self.env._(
                    "Request %(name)s waits already.", name=request.display_name
                ),
            )
        return reasons

    def _refuse_postpone(self, requests):
        return requests._check_can_postpone()

    def _refuse_tell(self, requests):
        told = requests.filtered("told_on")
        reasons = {
            request: self.env._(
                "The applicant of %(name)s was told already.",
                name=request.display_name,
            )
            for request in told
        }
        return reasons | (requests - told)._check_can_tell()

    def _refuse_assign(self, requests):
        return {
            request: self.env._(
                "Request %(name)s has ended.", name=request.display_name
            )
            for request in requests
            if request.status in ENDED
        }

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _apply_move(self, requests):
        requests._go_to(MOVES_TO[self.step])

    def _apply_close(self, requests):
        values = {}
        if self.close_reason_id:
            values["close_reason_id"] = self.close_reason_id.id
        elif self.outcome:
            values["outcome"] = self.outcome
        requests._go_to("closed", **values)

    def _apply_ask(self, requests):
        requests.action_return()

    def _apply_tell(self, requests):
        return requests.action_tell_applicant()

    def _apply_assign(self, requests):
        values = {}
        if self.user_id:
            values["user_id"] = self.user_id.id
        if self.researcher_id:
            values["researcher_id"] = self.researcher_id.id
        requests.write(values)

    def _apply_postpone(self, requests):
        requests._postpone(self.day, self.reason, self.by_person)

    def _apply_withdraw(self, requests):
        requests._stop(self.reason, "withdrawn")

    def _apply_refer_elsewhere(self, requests):
        requests._refer_elsewhere(self.referred_to, self.referral_text, self.reason)

    def _apply_duplicate(self, requests):
        requests._stop_duplicates(self.original_id, self.reason)

    def _apply_cancel(self, requests):
        requests._stop(self.reason)

    def _apply_reopen(self, requests):
        requests._reopen(self.reason)
