import hashlib
import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

TO_DECIDE = ("received", "verification", "study", "decision")


class BeneficiaryEmergency(models.Model):
    """Urgent power and the committee's confirmation (committee.md: urgent power).

    An urgent approval is a decision as any other: numbered, sealed, never changed, by
    name and with the reason. One decision stands for all requests approved together.
    The committee confirms them as one item of its agenda.
    """

    _inherit = "beneficiary.emergency"

    # ------------------------------------------------------------------
    # Urgent power
    # ------------------------------------------------------------------

    def _requests_to_approve(self):
        return self.request_ids.filtered(
            lambda one: one.status in TO_DECIDE and not one.decision_id
        )

    def _approve_urgently(self, requests, outcome, reason, fund=None):
        """Approve requests by the urgent power of the current user.

        :param requests: ``beneficiary.aid.request`` of this emergency
        :param str outcome: ``approve`` or ``in_kind``
        :param str reason: why it could not wait
        :param fund: ``beneficiary.fund`` that pays; none for what is given in kind
        :return: the ``beneficiary.decision``, as superuser
        :raise AccessError: for whoever has no urgent power
        :raise UserError: naming what stands in the way
        """
        self.ensure_one()
        self._check_may_approve()
        requests = requests.sorted("id")
        # Of two who approve the same at once the second sees what the first did.
        requests.sudo()._touch()
        # Neither do two approvals of one person or household pass each other by.
        requests._touch_limited()
        self._check_approvable(requests, outcome, fund)
        # Decisions have this and the closing of a vote as their only sources; the
        # power was checked.
        total = self.currency_id.round(sum(map(self._urgent_amount, requests.sudo())))
        decision = (
            self.env["beneficiary.decision"]
            .sudo()
            ._record(
                {
                    "company_id": self.company_id.id,
                    "emergency_id": self.id,
                    "committee_id": self.committee_id.id,
                    "round": 1,
                    "kind": "first",
                    "tier": 1,
                    "is_final": True,
                    "power": "urgent",
                    "decided_by_id": self.env.uid,
                    "urgent_reason": reason,
                    "outcome": outcome,
                    "passed": True,
                    "amount": total,
                    "fund_id": fund.id if fund else False,
                    "public_text": self.env._("The help was approved urgently."),
                    "explanation": self._urgent_words(requests),
                    "dossier_hash": self._seal_of(requests),
                }
            )
        )
        requests.sudo()._grant_urgently(
            decision, self._business_day() + timedelta(days=self.confirm_days)
        )
        return decision

    def _check_may_approve(self):
        self._check_open()
        if not self.may_approve:
            raise AccessError(
                self.env._(
                    "%(name)s: only those named with urgent power approve before the "
                    "committee.",
                    name=self.display_name,
                )
            )
        if not self.committee_id:
            raise UserError(
                self.env._(
                    "%(name)s: choose the committee that confirms it afterwards.",
                    name=self.display_name,
                )
            )

    def _check_approvable(self, requests, outcome, fund):
        if not requests or requests - self.request_ids:
            raise UserError(
                self.env._("Choose requests of %(name)s.", name=self.display_name)
            )
        # What stands in the way does not depend on who looks.
        requests = requests.sudo()
        for words, those in (
            (
                self.env._("decided or closed already"),
                requests - self.sudo()._requests_to_approve(),
            ),
            (
                self.env._("no urgent route for this kind of help"),
                requests.filtered(lambda one: not one.aid_type_id.urgent_allowed),
            ),
            (
                self.env._("above the cap or the ceiling, or without an amount"),
                requests.filtered(lambda one: not self._is_under_cap(one, outcome)),
            ),
            (
                self.env._(
                    "given as often as its rule allows; a manager may allow an "
                    "exception at the request"
                ),
                requests.browse().concat(*requests._limit_refusals()),
            ),
            (
                self.env._("of your own kin, or assessed by you"),
                self._not_by(requests, self.env.user),
            ),
        ):
            if those:
                raise UserError(
                    self.env._(
                        "These requests cannot be approved urgently (%(why)s): "
                        "%(numbers)s.",
                        why=words,
                        numbers=format_list(self.env, those.mapped("name")),
                    )
                )
        if outcome == "approve" and not fund:
            raise UserError(self.env._("Choose the fund that pays."))
        if fund:
            for request in requests:
                fund.sudo()._check_may_pay(
                    request.aid_type_id, request.beneficiary_id, request
                )

    @api.model
    def _urgent_amount(self, request):
        return request.amount_recommended or request.amount_requested

    def _is_under_cap(self, request, outcome):
        amount = self._urgent_amount(request)
        compare = self.currency_id.compare_amounts
        ceiling = request.aid_type_id.ceiling
        if self.currency_id.is_zero(amount) and outcome != "in_kind":
            return False
        return compare(amount, self.urgent_cap) <= 0 and (
            not ceiling or compare(amount, ceiling) <= 0
        )

    def _not_by(self, requests, user):
        """Return the requests a user may not approve: of his kin, or his own study."""
        assessed = requests.filtered(
            lambda one: user in one.emergency_household_id.assessed_by_id
        )
        kin = self._partners_with_kin(requests.beneficiary_id, user.partner_id)
        return requests if kin else assessed

    def _urgent_words(self, requests):
        return self.env._(
            "Urgent power under %(article)s, up to %(cap)s for a household: "
            "%(count)s requests.",
            article=self.article or self.env._("the by-law"),
            cap=self.currency_id.format(self.urgent_cap),
            count=len(requests),
        )

    def _seal_of(self, requests):
        # The seal is made of everything, whatever the user may read.
        text = json.dumps(self._request_rows(requests.sudo()), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _request_rows(self, requests):
        return [
            [
                one.name,
                one.beneficiary_id.id,
                one.aid_type_id.id,
                f"{self._urgent_amount(one):.2f}",
                one.decision_id.name or "",
            ]
            for one in requests.sorted("id")
        ]

    # ------------------------------------------------------------------
    # The committee confirms, see beneficiary.decided.list.mixin
    # ------------------------------------------------------------------

    def _requests_to_confirm(self):
        # What is before the committee does not depend on who looks.
        return self.sudo().request_ids.filtered(
            lambda one: one.confirm_state == "to_confirm"
        )

    def _list_waits(self):
        self.ensure_one()
        return bool(self._requests_to_confirm())

    def _list_people(self):
        return self._requests_to_confirm().beneficiary_id

    def _list_authors(self):
        """Return who approved urgently or assessed: they do not confirm it."""
        requests = self._requests_to_confirm()
        return (
            requests.decision_id.decided_by_id
            | requests.emergency_household_id.assessed_by_id
        )

    def _list_amount(self):
        requests = self._requests_to_confirm()
        return self.currency_id.round(sum(requests.mapped("amount_approved")))

    def _list_words(self):
        self.ensure_one()
        return self.env._(
            "%(name)s: confirm %(count)s requests approved urgently, %(amount)s.",
            name=self.display_name,
            count=len(self._requests_to_confirm()),
            amount=self.currency_id.format(self._list_amount()),
        )

    def _list_dossier(self):
        return {
            "emergency": [self.number, str(self.date), self.article or ""],
            "requests": self._request_rows(self._requests_to_confirm()),
        }

    def _freeze_for(self, item):
        """Keep which requests the members vote on; later ones wait for another item."""
        self._requests_to_confirm().write({"confirm_item_id": item.id})

    def _apply_list_decision(self, decision):
        self.ensure_one()
        requests = self._requests_to_confirm().filtered(
            lambda one: one.confirm_item_id == decision.item_id
        )
        confirmed = decision._is_approval()
        requests.write(
            {
                "confirm_state": "confirmed" if confirmed else "not_confirmed",
                "confirm_decision_id": decision.id,
            }
        )
        self.write({"decision_id": decision.id})
        if not confirmed:
            self._report(
                self.env._("Requests approved urgently were not confirmed"),
                self._business_day(),
            )

    # ------------------------------------------------------------------
    # Late confirmations
    # ------------------------------------------------------------------

    @api.model
    def _cron_late_confirmations(self):
        """Tell the manager, once, of confirmations whose days have passed."""
        for company in self.env["res.company"].search([]):
            late = self.env["beneficiary.aid.request"].search(
                [
                    ("company_id", "=", company.id),
                    ("confirm_state", "=", "to_confirm"),
                    (
                        "confirm_due",
                        "<",
                        company._beneficiary_day(fields.Datetime.now()),
                    ),
                ]
            )
            for emergency in late.emergency_id:
                words = self.env._("The committee's confirmation is overdue")
                if words not in emergency.activity_ids.mapped("summary"):
                    emergency._report(words, emergency.confirm_due)

    def _report(self, words, day):
        """Give the manager something to do about it."""
        self.ensure_one()
        # Whoever closes the vote need not read who the manager is.
        emergency = self.sudo()
        manager = emergency.request_ids._escalation_manager(emergency.company_id)
        if manager:
            emergency.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=words,
                date_deadline=day,
                user_id=manager.id,
            )
