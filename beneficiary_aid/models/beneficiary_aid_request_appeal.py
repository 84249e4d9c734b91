from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.exceptions import PortalError

from .beneficiary_aid_request_finance import PAYABLE_STATUSES
from .beneficiary_aid_request_flow import MANAGER, OFFICER


class BeneficiaryAidRequest(models.Model):
    """Appeals against a refusal, or against help that is less than was asked or under
    a condition: filed within the days of the policy, once, decided by people who did
    not decide the first time (C02, committee.md)."""

    _inherit = "beneficiary.aid.request"

    appeal_ids = fields.One2many(
        comodel_name="beneficiary.appeal",
        inverse_name="request_id",
        string="Appeals",
    )
    appeal_until = fields.Date(
        compute="_compute_appeal_until", help="Last day to appeal. Empty: no limit."
    )
    can_appeal = fields.Boolean(
        string="May Be Appealed", compute="_compute_appeal_until"
    )

    @api.depends(
        "told_on",
        "policy_id.appeal_days",
        "status",
        "outcome",
        "decision_id",
        "appeal_ids",
    )
    def _compute_appeal_until(self):
        for request in self:
            # Until when one may appeal is told to the person himself.
            days = request.sudo().policy_id.appeal_days
            until = request.told_on and days and request.told_on + timedelta(days=days)
            request.appeal_until = until
            request.can_appeal = request._is_appealable()

    def _is_appealable(self):
        """Tell whether the decision that stands is a first one nobody has appealed
        against, and does not give what was asked; the days are another matter."""
        self.ensure_one()
        # What stands is known to whoever reads the request.
        request = self.sudo()
        return (
            (request._is_declined() or request._is_granted_in_part())
            and bool(request.decision_id)
            and request.decision_id.kind != "appeal"
            and not request.appeal_ids.filtered(
                lambda appeal: appeal.decision_id == request.decision_id
            )
        )

    def _is_declined(self):
        self.ensure_one()
        declined = self.status == "closed" and self.outcome == "declined"
        return self.status == "rejected" or declined

    def _is_granted_in_part(self):
        """Tell whether the person was told of help that is less than was asked for, or
        under a condition, and it is not over."""
        self.ensure_one()
        decision = self.decision_id
        if (
            not self.told_on
            or self.status not in PAYABLE_STATUSES
            # One decision for a list; what is to be ratified is not settled yet.
            or decision.request_id != self
            or "pending" in decision.ratification_ids.mapped("state")
        ):
            return False
        less = self.currency_id.compare_amounts(decision.amount, self.amount_requested)
        return decision.outcome in ("approve_less", "approve_condition") or (
            decision.outcome == "approve" and less < 0
        )

    def _is_appeal_late(self):
        self.ensure_one()
        return bool(self.appeal_until and self._business_day() > self.appeal_until)

    # ------------------------------------------------------------------
    # Filing
    # ------------------------------------------------------------------

    def action_appeal(self):
        """Open the dialog that takes an appeal with its grounds.

        :raise UserError: when there is nothing to appeal against
        """
        self.ensure_one()
        self.check_access("write")
        self._check_role(OFFICER, MANAGER)
        self._check_appealable()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take the Appeal"),
            "res_model": "beneficiary.aid.request.appeal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def _check_appealable(self):
        if not self._is_appealable():
            raise UserError(
                self.env._(
                    "Request %(name)s: only a refusal, or help that is less than was "
                    "asked for, can be appealed against, once, and on one level.",
                    name=self.display_name,
                )
            )

    def _file_appeal(self, grounds, via="desk", late_reason=False):
        """Take an appeal: it goes before people who did not decide the first time.

        The time of the answer begins anew. The caller has checked the right to file.

        :param str grounds: why, in the person's words
        :param str via: ``desk`` or ``portal``
        :param str late_reason: why a manager admits it after the days
        :return: ``beneficiary.appeal`` as superuser
        :raise UserError: nothing to appeal against, or too late
        """
        self.ensure_one()
        # The appeal and the step it means are results of filing, which was checked.
        request = self.sudo()
        request._touch()
        request.invalidate_recordset(["appeal_ids"])
        self._check_appealable()
        late = request._is_appeal_late()
        if late:
            self._check_late_appeal(late_reason)
        days = request.policy_id.appeal_answer_days
        today = request._business_day()
        appeal = request.env["beneficiary.appeal"].create(
            [
                {
                    "request_id": request.id,
                    "decision_id": request.decision_id.id,
                    "grounds": grounds,
                    "via": via,
                    "filed_on": fields.Datetime.now(),
                    "filed_by_id": self.env.uid,
                    "deadline": request.appeal_until,
                    "late_reason": late and late_reason,
                    "admitted_by_id": late and self.env.uid,
                    "answer_due": days and today + timedelta(days=days),
                    "stage_id": request.stage_id.id,
                }
            ]
        )
        request._go_to("decision")
        return appeal

    def _check_late_appeal(self, reason):
        """Refuse an appeal after the days, unless a manager admits it with a reason.

        :raise UserError: naming the last day
        """
        if reason and self.env.user.has_group(MANAGER):
            return
        raise UserError(
            self.env._(
                "Request %(name)s: the last day to appeal was %(day)s. A manager may "
                "admit a late appeal and says why.",
                name=self.display_name,
                day=format_date(self.env, self.appeal_until),
            )
        )

    def _gate_decision(self, request, vals):
        if request.status == "rejected":
            return self.env._(
                "Request %(name)s is declined. It comes before a committee again by "
                "an appeal: use “Take the Appeal”.",
                name=request.display_name,
            )
        return super()._gate_decision(request, vals)

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def _apply_decision(self, decisions):
        result = super()._apply_decision(decisions)
        for decision in decisions:
            if decision.kind == "appeal" and decision.is_final:
                # The answer follows from the decision.
                appeals = (
                    self._of_decisions(decision)
                    .sudo()
                    .appeal_ids.filtered(lambda appeal: not appeal.answer_id)
                )
                appeals._answer(decision)
                appeals._take_up_again()
        return result

    # ------------------------------------------------------------------
    # Portal and letter
    # ------------------------------------------------------------------

    def _letter_appeal_until(self):
        return self.appeal_until or super()._letter_appeal_until()

    def _letter_next(self):
        """Tell whoever got less than he asked for how to have it looked at again."""
        lines = super()._letter_next()
        if self.decision_id._is_approval() and self.can_appeal:
            lines += self._letter_appeal_lines()
        return lines

    def _portal_decision_values(self):
        values = super()._portal_decision_values()
        if values:
            until = self.appeal_until
            values["can_appeal"] = self.can_appeal and not self._is_appeal_late()
            values["appeal_until"] = until and self._portal_date(until)
            values["appeal_over"] = self.can_appeal and not values["can_appeal"]
        return values

    def _portal_todo(self, step, needed, is_waiting):
        if step == "rejected" and (not self.can_appeal or self._is_appeal_late()):
            return self.env._("Nothing. The answer is final.")
        return super()._portal_todo(step, needed, is_waiting)

    def _portal_next_word(self, step, is_waiting):
        """Tell whoever appealed when he is answered, and that he loses nothing."""
        appeal = self.appeal_ids.filtered(lambda one: not one.answer_id)
        if not appeal or is_waiting or step != "decision":
            return super()._portal_next_word(step, is_waiting)
        words = [self.env._("Other people look at the decision again.")]
        if self.decision_id._is_approval():
            words.append(self.env._("What was granted to you stays."))
        if appeal.answer_due:
            words.append(
                self.env._(
                    "You hear from us by %(date)s.",
                    date=self._portal_date(appeal.answer_due),
                )
            )
        return " ".join(words)

    def _portal_appeal(self, grounds):
        """File an appeal in the portal, by the person or who acts for him.

        The caller has found the request among the user's own.

        :param str grounds: why
        :raise PortalError: in plain words
        """
        self.ensure_one()
        self.check_access("read")
        request = self.sudo()
        if not request._portal_is_told() or not request._is_appealable():
            raise PortalError(
                self.env._("This decision cannot be looked at again here. Call us.")
            )
        if request._is_appeal_late():
            raise PortalError(
                self.env._(
                    "The time to ask ended on %(date)s. Call us if you had a reason "
                    "to wait.",
                    date=request._portal_date(request.appeal_until),
                )
            )
        try:
            grounds = self.env["beneficiary.appeal"]._clean_grounds(grounds)
        except ValidationError as error:
            raise PortalError(error.args[0]) from None
        return self._file_appeal(grounds, via="portal")
