from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from odoo.addons.beneficiary_relations.tools.lists import join_phrases

OFFICER = "beneficiary_relations.group_relations_officer"
RESEARCHER = "beneficiary_relations.group_social_researcher"
MANAGER = "beneficiary_relations.group_manager"

# Where a request may go from each status.
MOVES = {
    "received": {"verification", "study", "cancelled"},
    "verification": {"received", "study", "cancelled"},
    "study": {"verification", "decision", "cancelled"},
    "decision": {"study", "approved", "rejected", "cancelled"},
    "approved": {"delivery", "follow_up", "closed", "cancelled"},
    "delivery": {"approved", "follow_up", "closed"},
    "follow_up": {"delivery", "closed"},
    "rejected": {"decision", "closed"},
    "closed": {"follow_up"},
    "cancelled": {"received"},
}
# Who may bring it there. Approved and rejected are what a decision does.
ROLES = {
    "received": (OFFICER, RESEARCHER),
    "verification": (OFFICER, RESEARCHER),
    "study": (OFFICER, RESEARCHER),
    "decision": (OFFICER, RESEARCHER),
    "approved": (OFFICER,),
    "rejected": (),
    "delivery": (OFFICER,),
    "follow_up": (OFFICER,),
    "closed": (OFFICER,),
    "cancelled": (OFFICER,),
}


class BeneficiaryAidRequest(models.Model):
    """The steps of a request and what each one asks for.

    A step is a change of status, by a button, by dragging a card or by an import:
    all come through ``write`` and meet the same gates. Approved and rejected are
    reached by a decision only.
    """

    _inherit = "beneficiary.aid.request"

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_verify(self):
        """Begin to check papers and data."""
        self._go_to("verification")

    def action_study(self):
        """Begin the study, when papers and declaration are there (C38-C40).

        :raise UserError: naming what is missing
        """
        self._go_to("study")

    def action_refer(self):
        """Refer to whoever decides, when an assessment is finished (C41)."""
        self._go_to("decision")

    def action_back_to_study(self):
        """Take a request back from the committee for more information."""
        self._go_to("study")

    def action_deliver(self):
        """Begin to give what was decided."""
        self._go_to("delivery")

    def action_follow_up(self):
        """Record that the help was given, and follow the person up."""
        self._go_to("follow_up")

    def action_close(self):
        """Close requests that have an outcome."""
        self._go_to("closed")

    def action_new_assessment(self):
        """Open a new assessment of the request."""
        self.ensure_one()
        self.check_access("read")
        self._check_role(OFFICER, RESEARCHER)
        if self.status not in ("received", "verification", "study"):
            raise UserError(
                self.env._(
                    "Request %(name)s is past its study.", name=self.display_name
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Assessment"),
            "res_model": "beneficiary.assessment",
            "view_mode": "form",
            "context": {
                "default_request_id": self.id,
                "default_beneficiary_id": self.beneficiary_id.id,
            },
        }

    def action_new_declaration(self):
        """Open a new declaration, signed on paper or on this screen."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Declaration"),
            "res_model": "beneficiary.declaration",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_request_id": self.id,
                "default_signer_name": self.beneficiary_id.name,
            },
        }

    def action_open_documents(self):
        """Open the papers of the person."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_document_action"
        )
        action["domain"] = [("beneficiary_id", "=", self.beneficiary_id.id)]
        action["context"] = {"default_beneficiary_id": self.beneficiary_id.id}
        return action

    # ------------------------------------------------------------------
    # Moving
    # ------------------------------------------------------------------

    def _go_to(self, status, **vals):
        """Move to the first stage of a status.

        Requests that are there already stay where they are: a second click does
        nothing.

        :param vals: what is written with the step
        """
        self.check_access("write")
        moving = self.filtered(lambda request: request.status != status)
        Stage = self.env["beneficiary.aid.stage"]
        for (company, policy), requests in moving.grouped(
            lambda request: (request.company_id, request.policy_id)
        ).items():
            stage = Stage._of_status(status, company, policy)
            requests.write({"stage_id": stage.id, **vals})

    def _check_move(self, status, vals):
        """Refuse a step that the order of steps, a role or a gate does not allow.

        For people, whatever way they come. What the program does itself is checked
        where it does it.

        :param str status: where the requests are to go
        :param dict vals: what is written with it
        :raise UserError: with a reason for every request that cannot go
        """
        if not self or self.env.su:
            return
        reasons = self._check_order(status)
        if not reasons:
            self._check_move_role(status)
            reasons = self._check_can_enter(status, vals)
        if reasons:
            raise UserError("\n".join(reasons.values()))

    def _check_order(self, status):
        """Return why requests are not at a place from which they can go to a status.

        :param str status: see ``beneficiary.aid.stage``
        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        refused = self.filtered(lambda request: status not in MOVES[request.status])
        reasons = {}
        for (company, policy, current), requests in refused.grouped(
            lambda request: (request.company_id, request.policy_id, request.status)
        ).items():
            Stage = self.env["beneficiary.aid.stage"]
            target = Stage._names_of({status}, company, policy)[:1]
            following = Stage._names_of(MOVES[current] - {"cancelled"}, company, policy)
            for request in requests:
                reasons[request] = self.env._(
                    "Request %(name)s is at “%(stage)s” and cannot go to “%(target)s” "
                    "from there. From there it goes to: %(following)s.",
                    name=request.display_name,
                    stage=request.stage_id.name,
                    target=format_list(self.env, target),
                    following=format_list(self.env, following),
                )
        return reasons

    def _check_move_role(self, status):
        if status == "follow_up" and "closed" in self.mapped("status"):
            self._check_role(MANAGER)
        elif ROLES[status]:
            self._check_role(*ROLES[status])

    def _check_role(self, *groups):
        """Refuse users with none of the roles.

        :param str groups: external ids
        :raise AccessError: naming the roles
        """
        self.env["beneficiary.beneficiary"]._require_group(*groups)

    def _check_can_enter(self, status, vals=None):
        """Return why requests cannot reach a status.

        :param str status: see ``beneficiary.aid.stage``
        :param dict vals: what is written with the stage
        :return: ``{request: reason}``, only of those that cannot
        :rtype: dict
        """
        gate = getattr(self, f"_gate_{status}", None)
        if not gate:
            return {}
        reasons = {request: gate(request, vals or {}) for request in self}
        return {request: reason for request, reason in reasons.items() if reason}

    def _gate_study(self, request, vals):
        if request.status == "decision":
            return self._gate_leave_committee(request)
        gaps = request._file_gaps()
        if not gaps:
            return None
        return self.env._(
            "Request %(name)s cannot be studied yet. Missing: %(missing)s. Match the "
            "papers on the file, and let the person sign.",
            name=request.display_name,
            missing=join_phrases(gaps, self.env.lang),
        )

    def _gate_decision(self, request, vals):
        if request.status == "rejected":
            return None
        if request._done_assessments():
            return request._refusal_without_rule()
        return self.env._(
            "Request %(name)s has no finished assessment with a recommendation. Finish "
            "the study first.",
            name=request.display_name,
        )

    def _gate_approved(self, request, vals):
        if request.status == "delivery":
            return None
        decision = self._decision_to_stand(request, vals)
        if decision._is_approval():
            return None
        return self.env._(
            "Request %(name)s has no decision that approves it. Put it on a meeting's "
            "agenda and let the committee vote.",
            name=request.display_name,
        )

    def _gate_rejected(self, request, vals):
        decision = self._decision_to_stand(request, vals)
        if decision and not decision._is_approval():
            return None
        return self.env._(
            "Request %(name)s has no decision that declines it. Put it on a meeting's "
            "agenda and let the committee vote.",
            name=request.display_name,
        )

    def _gate_delivery(self, request, vals):
        # The decision itself may be closed to whoever delivers; that it is one counts.
        if request.sudo().decision_id._is_approval():
            return None
        return self.env._(
            "Request %(name)s has no decision that approves it. Nothing is given "
            "before the decision.",
            name=request.display_name,
        )

    def _gate_follow_up(self, request, vals):
        return self._gate_delivery(request, vals)

    def _gate_closed(self, request, vals):
        outcome = vals.get("outcome") or request.outcome
        if not outcome:
            return self.env._(
                "Request %(name)s has no outcome yet. Choose it, then close.",
                name=request.display_name,
            )
        # See _gate_delivery.
        approved = request.sudo().decision_id._is_approval()
        if outcome == "declined" and approved:
            return self.env._(
                "Request %(name)s was approved and does not end as declined. Choose "
                "another closing reason.",
                name=request.display_name,
            )
        if outcome == "served" and not approved:
            return self.env._(
                "Request %(name)s has no decision that approves it and does not end as "
                "served. Choose another closing reason.",
                name=request.display_name,
            )
        return None

    def _gate_cancelled(self, request, vals):
        if request.payment_state in ("due", "sent", "paid"):
            return self.env._(
                "Request %(name)s has payments. Reverse them before you cancel it.",
                name=request.display_name,
            )
        return self._gate_leave_committee(request)

    def _gate_leave_committee(self, request):
        # Whether a vote is open is no secret to whoever works on the request.
        if "voting" in request.sudo().agenda_item_ids.mapped("state"):
            return self.env._(
                "The committee is voting on request %(name)s. Wait for the result.",
                name=request.display_name,
            )
        return None

    def _decision_to_stand(self, request, vals):
        Decision = self.env["beneficiary.decision"]
        # See _gate_delivery.
        decision = vals.get("decision_id")
        return (
            Decision.sudo().browse(decision) if decision else request.sudo().decision_id
        )

    def _after_move(self, status):
        """Record what a step means: clocks, dates, the agenda."""
        self._start_clock(status)
        today = self._business_day()
        # Results are not typed in by people; the step was checked above.
        requests = self.sudo()
        if status in ("study", "cancelled"):
            requests.agenda_item_ids._withdraw()
        if status == "study":
            requests._keep_accepted_documents()
        if status == "received":
            requests.write({"closed_on": False})
        if status == "decision":
            requests._restart_tiers()
            requests.filtered("decision_id")._begin_appeal(today)
        if status in ("closed", "rejected", "cancelled"):
            requests.write({"closed_on": today})
        self._after_delivery(status, today)

    def _begin_appeal(self, today):
        """Let the time of the answer count anew; the first telling stays in the log."""
        self.write(
            {
                "is_appeal": True,
                "outcome": False,
                "closed_on": False,
                "told_on": False,
                "told_by_id": False,
                "early_reason": False,
                "reply_start": today,
                "paused_days": 0,
            }
        )

    def _after_delivery(self, status, today):
        delivered = self.filtered(
            lambda request: (
                not request.delivered_on
                and (
                    status == "follow_up"
                    or (status == "closed" and request.outcome == "served")
                )
            )
        )
        if delivered:
            # As above: a result, not input.
            delivered.sudo().write({"delivered_on": today})
            delivered._on_delivered()

    # ------------------------------------------------------------------
    # What a decision does
    # ------------------------------------------------------------------

    def _apply_decision(self, decisions):
        """Let decisions take effect: amount, fund, promise, stage, file (C44).

        All in the transaction that creates the decisions. Called by the closing of a
        vote or the decision of a person, which have checked the right to it. The
        approval of an authority that others decide after is only passed on.

        :param decisions: the new ``beneficiary.decision``, one for each request
        :raise UserError: when the fund has less free, or may not pay this
        """
        final = decisions.filtered("is_final")
        for decision in decisions - final:
            self._of_decisions(decision)._pass_on(decision)
        # The secretary who closes the vote has no right to change requests; nothing
        # but the decision is written.
        requests = self._of_decisions(final).sudo()
        requests._store_decisions(final)
        approved = requests._of_decisions(
            final.filtered(lambda decision: decision._is_approval())
        )
        approved._commit_approved()
        approved.beneficiary_id._activate()
        if final:
            self._of_decisions(final)._on_decided(final)

    def _of_decisions(self, decisions):
        """Return those of the requests that decisions are about."""
        decided = set(decisions.request_id._ids)
        return self.filtered(lambda request: request.id in decided)

    def _store_decisions(self, decisions):
        """Write what decisions say on their requests, equal ones together."""
        own = {request.id: request for request in self}
        stages, groups = {}, {}
        for decision in decisions:
            request = own[decision.request_id.id]
            approval = decision._is_approval()
            place = (approval, request.company_id, request.policy_id)
            if place not in stages:
                stages[place] = self.env["beneficiary.aid.stage"]._of_status(
                    "approved" if approval else "rejected", *place[1:]
                )
            vals = {"stage_id": stages[place].id}
            if approval:
                vals.update(
                    amount_approved=decision.amount, fund_id=decision.fund_id.id
                )
            else:
                vals["outcome"] = "declined" if decision.outcome == "decline" else False
            if request.amount_committed:
                # The fund is left with the decision that says so.
                vals["decision_id"] = decision.id
            else:
                request.decision_id = decision
            key = tuple(sorted(vals.items()))
            groups[key] = groups.get(key, self.browse()) | request
        for key, requests in groups.items():
            requests.write(dict(key))

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    def _on_decided(self, decisions):
        """Called once with new decisions, in their transaction; for other addons."""

    def _on_told(self):
        """Called when applicants were told their decision; for other addons."""

    def _on_delivered(self):
        """Called once when help was given; for other addons."""

    def _business_day(self, moment=None):
        """Return the day it is for the association.

        :param datetime moment: now when empty
        :rtype: date
        """
        company = self[:1].company_id or self.env.company
        return company._beneficiary_day(
            moment or fields.Datetime.now(), fallback=self.env.user.tz
        )
