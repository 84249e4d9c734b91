import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .beneficiary_aid_request_flow import MANAGER
from .beneficiary_authority import DECIDER
from .beneficiary_conflict import KIN
from .beneficiary_decision import APPROVALS, OUTCOMES

MEMBER = "beneficiary_aid.group_committee_member"
# What a person may decide: to postpone is to decide nothing.
PERSON_OUTCOMES = [one for one in OUTCOMES if one[0] != "postpone"]


class BeneficiaryAidRequest(models.Model):
    """The way of a request through the authorities that decide, one after another.

    A committee decides by its vote (``beneficiary.agenda.item``), everybody else in
    person (:meth:`_decide_in_person`). An approval is passed on to the next one; the
    approval of the last one, or a refusal by any, is the decision.
    """

    _inherit = "beneficiary.aid.request"

    tiers_done = fields.Integer(
        string="Steps Decided",
        readonly=True,
        copy=False,
        help="How many authorities have approved since the request was referred.",
    )
    tier_rule_id = fields.Many2one(
        comodel_name="beneficiary.approval.rule",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The approval rule by which the first authority decided; it holds for "
        "the steps after it.",
    )
    can_decide = fields.Boolean(
        string="Waits for My Decision",
        compute="_compute_can_decide",
        search="_search_can_decide",
    )

    # ------------------------------------------------------------------
    # Who decides next
    # ------------------------------------------------------------------

    @api.depends("status", "authority_id", "waiting_since")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for request in self:
            request.can_decide = (
                request.status == "decision"
                and not request.waiting_since
                and bool(request._person_power(self.env.user))
            )

    @api.model
    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        if wanted == {True, False}:
            return Domain.TRUE
        if not self._may_ever_decide(self.env.user):
            return Domain.FALSE if True in wanted else Domain.TRUE
        # Only what is before the authorities now; the rules of the reader apply.
        before = self.search(
            [("status", "=", "decision"), ("waiting_since", "=", False)]
        )
        mine = Domain("id", "in", before.filtered("can_decide").ids)
        return mine if True in wanted else ~mine

    @api.model
    def _may_ever_decide(self, user):
        """Tell whether a user decides anything in person, whatever the request."""
        authorities = self.env["beneficiary.authority"].sudo().search([])
        return any(one._names_decider(user) for one in authorities)

    def _person_power(self, user):
        """Return the power by which a user decides the next step in person.

        :param user: ``res.users``
        :return: a key of ``POWERS``, or False
        """
        self.ensure_one()
        # Who decides next does not depend on who looks.
        authority = self.sudo().authority_id
        if authority and authority._names_decider(user):
            return authority.kind
        return False

    def _decides_as(self, power):
        """Return the body a user decides for by a power, as superuser."""
        return self._next_body()

    def _next_body(self):
        """Return who decides next, as superuser: a committee or another authority."""
        request = self.sudo()
        return request.authority_committee_id or request.authority_id

    def _amount_to_decide(self):
        """Return the amount before the next authority: approved before it, or asked."""
        approved = self._tier_decisions()[-1:].amount if self.tiers_done else 0.0
        return approved or self._own_amount()

    def _tier_decisions(self):
        """Return the approvals it was passed on with, in order, as superuser."""
        self.ensure_one()
        Decision = self.env["beneficiary.decision"].sudo()
        if not self.tiers_done:
            return Decision
        passed = Decision.search(
            [
                ("request_id", "=", self.id),
                ("kind", "=", "appeal" if self.is_appeal else "first"),
                ("is_final", "=", False),
            ],
            limit=self.tiers_done,
            order="id desc",
        )
        return passed.sorted("id")

    def _deciders_before(self, kind):
        """Return who may not decide again.

        For an appeal, whoever decided the first time; else whoever decided at an
        earlier step. Whoever voted counts, however the vote went.

        :param str kind: ``first`` or ``appeal``
        :return: ``res.users`` as superuser
        """
        self.ensure_one()
        request = self.sudo()
        earlier = request._tier_decisions()
        if kind == "appeal":
            earlier |= earlier.search(
                [("request_id", "=", self.id), ("kind", "=", "first")]
            )
        users = earlier.decided_by_id
        items = earlier.item_id
        if kind == "appeal":
            items |= items.search(
                [("request_id", "=", self.id), ("kind", "=", "first")]
            )
        votes = (
            self.env["beneficiary.vote"].sudo().search([("item_id", "in", items.ids)])
        )
        return users | votes.member_id.user_id | votes.cast_by_id.user_id

    # ------------------------------------------------------------------
    # Passing on
    # ------------------------------------------------------------------

    def _tier_values(self, outcome):
        """Return where a decision stands in the order of the authorities.

        :param str outcome: of the decision
        :rtype: dict
        """
        self.ensure_one()
        # Where it stands does not depend on what the decider may read.
        request = self.sudo()
        tier = request.authority_tier or 1
        return {
            "tier": tier,
            "is_final": outcome not in APPROVALS or tier >= request.authority_tiers,
        }

    def _pass_on(self, decision):
        """Bring a request to the authority after the one that approved it.

        :param decision: the new ``beneficiary.decision``, which is not final
        """
        self.ensure_one()
        # Where the request stands is a result; the right to decide was checked.
        request = self.sudo()
        request.write(
            {
                "tier_rule_id": request.authority_rule_id.id,
                "tiers_done": request.tiers_done + 1,
            }
        )
        request.message_post(
            body=self.env._(
                "Decision %(number)s approved by %(authority)s. Now it is before "
                "%(next)s.",
                number=decision.name,
                authority=(decision.committee_id or decision.authority_id).name,
                next=request._next_body().name,
            )
        )

    def _restart_tiers(self):
        """Let the order begin again: the request was referred anew."""
        # A result of the move, which was checked.
        self.sudo().filtered(
            lambda request: request.tiers_done or request.tier_rule_id
        ).write({"tiers_done": 0, "tier_rule_id": False})

    # ------------------------------------------------------------------
    # A decision in person
    # ------------------------------------------------------------------

    def action_decide(self):
        """Open the dialog in which a named decider decides (BR-46).

        :raise UserError: when it is not his turn, or something speaks against him
        """
        self.ensure_one()
        self.check_access("read")
        self._check_role(DECIDER, MANAGER, MEMBER)
        power = self._person_power(self.env.user)
        self._check_can_decide(power)
        # Whoever decides need not read the study itself.
        conditions = self.sudo()._recommended_conditions()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide"),
            "res_model": "beneficiary.aid.request.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_request_id": self.id,
                "default_tier": self.sudo().authority_tier,
                "default_amount": self._amount_to_decide(),
                "default_condition": conditions,
                "default_outcome": conditions and "approve_condition",
            },
        }

    def _check_can_decide(self, power):
        """Refuse a decision in person by somebody whose turn it is not.

        :param power: a key of ``POWERS``, or False
        :raise AccessError: for somebody who is no decider of the next step
        :raise UserError: naming what speaks against it
        """
        self.ensure_one()
        if self.status != "decision":
            raise UserError(
                self.env._(
                    "Request %(name)s waits for no decision. Somebody may have "
                    "decided already.",
                    name=self.display_name,
                )
            )
        if not power:
            raise AccessError(
                self.env._(
                    "Request %(name)s is not before you. It is decided by: %(next)s.",
                    name=self.display_name,
                    next=self._next_body().name
                    or self.env._("a committee, at its meeting"),
                )
            )
        if self.waiting_since:
            raise UserError(
                self.env._(
                    "Request %(name)s waits for papers or an answer. Let it go on "
                    "first.",
                    name=self.display_name,
                )
            )
        if "voting" in self.sudo().agenda_item_ids.mapped("state"):
            raise UserError(
                self.env._(
                    "The committee is voting on request %(name)s. Wait for the result.",
                    name=self.display_name,
                )
            )
        self._check_no_conflict(self.env.user)

    def _check_no_conflict(self, user):
        """Refuse a decision by whoever studied the case, is concerned, or decided.

        :param user: ``res.users``
        :raise UserError: naming the reason, and who may decide instead
        """
        self.ensure_one()
        # What speaks against a decider holds whatever he may read.
        request = self.sudo()
        studies = request.assessment_ids.filtered(lambda one: one.state != "cancelled")
        authors = request.researcher_id | studies.researcher_id | studies.create_uid
        why = False
        if user in authors:
            why = self.env._("you studied the case")
        elif user in request._deciders_before("appeal" if self.is_appeal else "first"):
            why = self.env._("you decided about it before")
        elif request._concerns(user):
            why = self.env._("it concerns you or your household")
        if why:
            raise UserError(
                self.env._(
                    "You may not decide request %(name)s: %(why)s. Another decider "
                    "must do it.",
                    name=self.display_name,
                    why=why,
                )
            )

    def _concerns(self, user):
        """Tell whether a request is about a user, his household or his ward.

        The same ties as those that keep a member of a committee from voting.

        :param user: ``res.users``
        """
        self.ensure_one()
        company = {"company_id": self.company_id.id}
        Member = self.env["beneficiary.committee.member"]
        # Whoever sits in no committee is compared like a member who is not stored.
        seats = Member.search(
            [("user_id", "=", user.id), ("company_id", "=", self.company_id.id)]
        )
        seats |= Member.new({"user_id": user.id, **company})
        item = self.env["beneficiary.agenda.item"].new(
            {"request_id": self.id, **company}
        )
        people = item._people_before()[item]
        return any(
            own[kind] & people[kind] for own in seats._traces().values() for kind in KIN
        )

    def _decide_in_person(self, motion, tier):
        """Decide the next step alone: a decider, a manager, or the answer of another
        authority.

        The same guards as for a motion of a committee; the row of the request is
        written, so that of two deciders at once one is told that he came second.

        :param dict motion: outcome, amount, fund_id, reason_id, condition,
            public_text; for an outside authority outside_reference, outside_date,
            outside_answer, outside_filename
        :param int tier: the step the decider saw when he began
        :return: the ``beneficiary.decision`` as superuser
        :raise UserError: see :meth:`_check_can_decide` and the guards of a motion
        """
        self.ensure_one()
        # One row is written without being changed.
        self.sudo()._touch()
        power = self._person_power(self.env.user)
        if self.status == "decision" and tier != self.sudo().authority_tier:
            raise UserError(
                self.env._(
                    "Somebody has decided this step of request %(name)s in the "
                    "meantime. Look at it again.",
                    name=self.display_name,
                )
            )
        self._check_can_decide(power)
        vals = self._prepare_person_decision(motion, power)
        # What waits on an agenda for a committee that is not asked goes off it.
        self.sudo().agenda_item_ids._withdraw(
            self.env._("It was decided in person, without the meeting.")
        )
        Decision = self.env["beneficiary.decision"]
        Decision._replace_standing([vals])
        decision = Decision._record(vals)
        self._apply_decision(decision)
        return decision

    def _prepare_person_decision(self, motion, power):
        """Return the values of a decision in person, after the guards of a motion."""
        names = (
            "outcome",
            "amount",
            "fund_id",
            "reason_id",
            "condition",
            "public_text",
        )
        # A motion that is never stored: it brings its guards, seal and words.
        item = self.env["beneficiary.agenda.item"].new(
            {
                "request_id": self.id,
                "company_id": self.company_id.id,
                **{name: motion.get(name) for name in names},
            }
        )
        item._check_motion()
        outcome = item.outcome
        approved = outcome in APPROVALS
        amount = item.amount if approved else 0.0
        return {
            **self._tier_values(outcome),
            **self._power_values(power, motion),
            "request_id": self.id,
            "company_id": self.company_id.id,
            "power": power,
            "decided_by_id": self.env.uid,
            "round": 0,
            "kind": item.kind,
            "outcome": outcome,
            "passed": approved,
            "amount": amount,
            "fund_id": item.fund_id.id
            if not self.currency_id.is_zero(amount)
            else False,
            "reason_id": item.reason_id.id,
            "public_text": item.public_text or item._public_words(outcome),
            "condition": item.condition if approved else False,
            "explanation": self._person_explanation(power),
            "dossier_hash": item._hash_dossier(),
        }

    def _power_values(self, power, motion):
        """Return what a decision says of the power it was made by."""
        authority = self.sudo().authority_id
        values = {
            "authority_id": authority.id,
            "rule_snapshot": {
                "authority": authority.name,
                "kind": authority.kind,
                "deciders": authority.user_ids.ids,
            },
        }
        if power == "outside":
            values |= self._outside_values(motion)
        return values

    def _outside_values(self, motion):
        """Check and return the answer of an outside authority.

        :raise UserError: without reference, date or scan, or with a date that cannot be
        """
        scan = motion.get("outside_answer")
        day = fields.Date.to_date(motion.get("outside_date"))
        if not (motion.get("outside_reference") and day and scan):
            raise UserError(
                self.env._(
                    "Enter the reference and the date of the authority's answer, and "
                    "add its scan."
                )
            )
        received = self._business_day(self.date_received)
        if not received <= day <= self._business_day():
            raise UserError(
                self.env._(
                    "The answer is dated %(day)s: it comes after the request, which "
                    "was received on %(received)s, and not after today.",
                    day=format_date(self.env, day),
                    received=format_date(self.env, received),
                )
            )
        page = self.env["beneficiary.document.page"]._checked(
            {"file": scan, "filename": motion.get("outside_filename")}
        )
        return {
            "outside_reference": motion["outside_reference"],
            "outside_date": day,
            "outside_answer": scan,
            "outside_filename": page["filename"],
            "outside_digest": self._digest_of(scan),
        }

    @api.model
    def _digest_of(self, scan):
        return hashlib.sha256(base64.b64decode(scan)).hexdigest()

    def _power_words(self, power):
        """Say to whoever opens the dialog what he decides as."""
        self.ensure_one()
        if not power:
            return False
        request = self.sudo()
        return self.env._(
            "You decide for %(authority)s. Step %(tier)s of %(tiers)s.",
            authority=self._decides_as(power).name,
            tier=request.authority_tier,
            tiers=request.authority_tiers,
        )

    def _person_explanation(self, power):
        """Say in plain words by whom and by what power it was decided."""
        request = self.sudo()
        return self.env._(
            "Decided by %(user)s for %(authority)s. Step %(tier)s of %(tiers)s.",
            user=self.env.user.name,
            authority=self._decides_as(power).name,
            tier=request.authority_tier,
            tiers=request.authority_tiers,
        )
