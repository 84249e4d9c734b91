import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .beneficiary_decision import APPROVALS

_logger = logging.getLogger(__name__)

ACTIVITY = "beneficiary_aid.mail_activity_type_not_ratified"


class BeneficiaryRatification(models.Model):
    """What becomes of a decision the chair took alone: the committee ratifies it or
    not, or lets the days pass.

    The decision itself stands and is never changed. This record comes with it, goes on
    the next agenda of the committee, and is settled once.
    """

    _name = "beneficiary.ratification"
    _description = "Ratification of an Urgent Decision"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "due_on, id"
    _rec_name = "decision_id"

    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        required=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="decision_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    request_id = fields.Many2one(
        related="decision_id.request_id", store=True, precompute=True, index=True
    )
    committee_id = fields.Many2one(
        related="decision_id.committee_id", store=True, precompute=True, index=True
    )
    decided_by_id = fields.Many2one(related="decision_id.decided_by_id")
    decided_on = fields.Datetime(related="decision_id.decided_on")
    amount = fields.Monetary(related="decision_id.amount")
    due_on = fields.Date(string="To Be Ratified by", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("pending", "To be ratified"),
            ("ratified", "Ratified"),
            ("not_ratified", "Not ratified"),
        ],
        required=True,
        default="pending",
        readonly=True,
        index=True,
    )
    settled_on = fields.Datetime(readonly=True)
    cause = fields.Selection(
        selection=[("vote", "By vote"), ("expired", "The days passed")],
        string="How Settled",
        readonly=True,
    )
    item_ids = fields.One2many(
        comodel_name="beneficiary.agenda.item",
        inverse_name="ratification_id",
        string="Agenda Items",
    )

    _decision_uniq = models.UniqueIndex(
        "(decision_id)", "This decision has its ratification already."
    )
    _settled_once = models.Constraint(
        "CHECK((state = 'pending') = (settled_on IS NULL)"
        " AND (state = 'pending') = (cause IS NULL))",
        "A ratification that is settled says when and how.",
    )

    # ------------------------------------------------------------------
    # Written by the program
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_by_program()
        return super().create(vals_list)

    def write(self, vals):
        own = {name for name in vals if not name.startswith(("activity_", "message_"))}
        if own:
            self._check_by_program()
        if own and any(one.state != "pending" for one in self):
            raise UserError(
                self.env._(
                    "Whether %(decision)s was ratified is settled and stays so.",
                    decision=self[:1].display_name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A ratification stays with its decision."))

    def _check_by_program(self):
        if not self.env.su:
            raise UserError(
                self.env._(
                    "A ratification comes from the vote of the committee, not from "
                    "typing."
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _open_for(self, decision):
        """Ask the committee to ratify a decision of its chair, on its next agenda.

        :param decision: ``beneficiary.decision`` as superuser
        """
        request = decision.request_id
        days = timedelta(days=decision.committee_id.ratify_days)
        # It comes with the decision, which was checked.
        ratification = self.sudo().create(
            [
                {
                    "decision_id": decision.id,
                    "due_on": request._business_day() + days,
                }
            ]
        )
        meeting = self.env["beneficiary.meeting"].sudo()
        meeting = meeting.search(
            [
                ("committee_id", "=", decision.committee_id.id),
                ("state", "in", ("draft", "called")),
            ],
            order="date, id",
            limit=1,
        )
        if meeting:
            # The right to the agenda comes with the decision, too.
            self.env["beneficiary.agenda.item"].sudo().create(
                [{"meeting_id": meeting.id, **ratification._prepare_agenda_values()}]
            )
        return ratification

    def _prepare_agenda_values(self):
        """Return the values of an agenda item: the motion is what was decided."""
        self.ensure_one()
        # Whoever keeps the agenda sees the decision as its motion.
        decision = self.sudo().decision_id
        return {
            "request_id": decision.request_id.id,
            "ratification_id": self.id,
            "outcome": decision.outcome,
            "amount": decision.amount,
            "fund_id": decision.fund_id.id,
            "reason_id": decision.reason_id.id,
            "condition": decision.condition,
            "motion": self.env._(
                "To ratify the urgent decision %(number)s of the chair.",
                number=decision.name,
            ),
        }

    def _settle(self, state, cause):
        """Settle ratifications, once; a manager is told of what is not ratified.

        :param str state: ``ratified`` or ``not_ratified``
        :param str cause: ``vote`` or ``expired``
        """
        # Results of a vote that was counted, or of the days.
        self.sudo().write(
            {"state": state, "cause": cause, "settled_on": fields.Datetime.now()}
        )
        if state == "not_ratified":
            self.sudo()._tell_manager()

    def _tell_manager(self):
        Request = self.env["beneficiary.aid.request"]
        for company, own in self.grouped("company_id").items():
            user = Request._escalation_manager(company)
            for one in own if user else ():
                user._in_own_language(one).activity_schedule(
                    ACTIVITY, user_id=user.id, date_deadline=one.due_on
                )

    @api.model
    def _cron_expire(self):
        """Settle what the committee did not ratify within its days, one by one."""
        for company in self.env["res.company"].search([]):
            late = self.search(
                Domain("company_id", "=", company.id)
                & Domain("state", "=", "pending")
                & Domain("due_on", "<", company._beneficiary_day(fields.Datetime.now()))
                & ~Domain("item_ids", "any", [("state", "=", "voting")])
            )
            left = len(late)
            for one in late:
                left -= 1
                try:
                    one._expire()
                    self.env.flush_all()
                except OperationalError:
                    # The committee opens its vote at this moment: it decides.
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    _logger.info("Ratification %s is being voted on", one.id)
                if not self.env["ir.cron"]._commit_progress(
                    processed=1, remaining=left
                ):
                    return

    def _expire(self):
        """Settle a ratification whose days passed, and take it off the agenda.

        The row of the request is written, as by the opening of a vote: of both at the
        same moment one is told that it came second.
        """
        self.ensure_one()
        self.request_id.sudo()._touch()
        self.invalidate_recordset(["state"])
        items = self.item_ids
        items.invalidate_recordset(["state"])
        if self.state != "pending" or "voting" in items.mapped("state"):
            return
        self._settle("not_ratified", "expired")
        for item in items.filtered(lambda item: item.state == "pending"):
            # A scheduled action has a language of its own; the agenda is read.
            words = item._secretary()._in_own_language(item).env
            item._postpone(words._("The days to ratify it passed."))

    def action_open_request(self):
        """Open the request."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))


class BeneficiaryAgendaItem(models.Model):
    """An item may also ratify what the chair decided alone: a vote without another
    decision."""

    _inherit = "beneficiary.agenda.item"

    ratification_id = fields.Many2one(
        comodel_name="beneficiary.ratification",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    kind = fields.Selection(selection_add=[("ratify", "Ratification")])

    @api.depends("ratification_id")
    def _compute_kind(self):
        result = super()._compute_kind()
        self.filtered("ratification_id").kind = "ratify"
        return result

    def _check_can_add(self):
        if self.kind != "ratify":
            return super()._check_can_add()
        if self.meeting_id.state not in ("draft", "called", "open") or (
            self.committee_id != self.ratification_id.committee_id
            or self.request_id != self.ratification_id.request_id
            or self.ratification_id.state != "pending"
        ):
            raise UserError(
                self.env._(
                    "%(request)s: its ratification is settled, or belongs to another "
                    "committee, or the meeting is over.",
                    request=self.display_name,
                )
            )
        return None

    def _check_motion(self):
        # What was decided was checked then, and stands.
        return None if self.kind == "ratify" else super()._check_motion()

    def _motion_of_ratification(self, vals):
        return self._motion_fields & vals.keys() - {"meeting_id", "recused_member_ids"}

    def write(self, vals):
        changed = self._motion_of_ratification(vals)
        if changed and not self.env.su and "ratify" in self.mapped("kind"):
            raise UserError(
                self.env._(
                    "What the chair decided is ratified as it is, or not. Its motion "
                    "is not changed."
                )
            )
        return super().write(vals)

    def _earlier_deciders(self):
        if self.kind != "ratify":
            return super()._earlier_deciders()
        # Whoever decided alone does not vote on it; see _assessment_authors.
        decider = self.ratification_id.sudo().decided_by_id
        return self.committee_id.member_ids.filtered(
            lambda member: member.user_id == decider
        )

    def _withdraw(self, why=""):
        return super(
            BeneficiaryAgendaItem, self.filtered(lambda item: item.kind != "ratify")
        )._withdraw(why)

    def _decide(self, counted):
        ratified = self.filtered(lambda item: item.kind == "ratify")
        for item in ratified:
            count, _votes, explanation = counted[item]
            # As for a decision: the effect of a vote that was counted.
            item.sudo().write({"state": "decided", "result": explanation})
            passed = count.outcome == "passed"
            item.ratification_id._settle(
                "ratified" if passed else "not_ratified", "vote"
            )
        return super(BeneficiaryAgendaItem, self - ratified)._decide(counted)


class BeneficiaryMeeting(models.Model):
    """The agenda is filled with what the chair decided alone, too."""

    _inherit = "beneficiary.meeting"

    def _waiting_lists(self):
        waiting = self.env["beneficiary.ratification"].search(
            Domain("committee_id", "=", self.committee_id.id)
            & Domain("state", "=", "pending")
            & ~Domain("item_ids", "any", [("state", "in", ("pending", "voting"))])
        )
        return [
            *super()._waiting_lists(),
            *(one._prepare_agenda_values() for one in waiting),
        ]


class BeneficiaryDecision(models.Model):
    """Whether an urgent decision was ratified."""

    _inherit = "beneficiary.decision"

    ratification_ids = fields.One2many(
        comodel_name="beneficiary.ratification",
        inverse_name="decision_id",
        string="Ratifications",
    )
    ratification_state = fields.Selection(
        related="ratification_ids.state", string="Ratification"
    )


class BeneficiaryAidRequest(models.Model):
    """The chair decides an urgent request alone, up to the cap of the rule sheet."""

    _inherit = "beneficiary.aid.request"

    def _urgent_committee(self, user):
        """Return the committee whose chair a user may decide for alone.

        :param user: ``res.users``
        :return: ``beneficiary.committee`` as superuser, one or none
        """
        self.ensure_one()
        # Who decides next does not depend on who looks.
        request = self.sudo()
        committees = request.authority_committee_id
        if request.urgency != "urgent" or request.is_appeal:
            return committees.browse()
        if not request.policy_id.approval_rule_ids:
            committees = committees.search(
                [("company_id", "=", request.company_id.id), ("urgent_cap", ">", 0)]
            )
        return committees.filtered("urgent_cap")._chaired_by(
            user, request._business_day()
        )[:1]

    def _person_power(self, user):
        power = super()._person_power(user)
        return power or (bool(self._urgent_committee(user)) and "urgent")

    @api.model
    def _may_ever_decide(self, user):
        seats = self.env["beneficiary.committee.member"].sudo()
        return super()._may_ever_decide(user) or bool(
            seats.search_count(
                [
                    ("user_id", "=", user.id),
                    ("role", "=", "chair"),
                    ("committee_id.urgent_cap", ">", 0),
                ],
                limit=1,
            )
        )

    def _decides_as(self, power):
        if power == "urgent":
            return self._urgent_committee(self.env.user)
        return super()._decides_as(power)

    def _power_values(self, power, motion):
        if power != "urgent":
            return super()._power_values(power, motion)
        committee = self._urgent_committee(self.env.user)
        self._check_urgent_motion(committee, motion)
        return {
            "committee_id": committee.id,
            "rule_snapshot": committee._rule_sheet(),
            "urgent_reason": motion["urgent_reason"],
        }

    def _check_urgent_motion(self, committee, motion):
        """Keep the urgent power to approving, with a reason, up to the cap.

        :raise UserError: naming the cap and what counts towards it
        """
        if motion.get("outcome") not in APPROVALS:
            raise UserError(
                self.env._(
                    "The urgent power is for helping at once. To decline or to refer "
                    "is for the committee."
                )
            )
        if not motion.get("urgent_reason"):
            raise UserError(
                self.env._("Say why it cannot wait; the committee reads it.")
            )
        # As in the authority matrix: what the household asked for counts.
        request = self.sudo()
        others = request._earlier_of_household()[request]
        total = (motion.get("amount") or 0.0) + sum(map(self._counted_amount, others))
        if self.currency_id.compare_amounts(total, committee.urgent_cap) > 0:
            raise UserError(
                self.env._(
                    "Request %(name)s: %(total)s counts, other requests of the "
                    "household included. The chair of %(committee)s alone may approve "
                    "up to %(cap)s. Put it on the agenda of a meeting.",
                    name=self.display_name,
                    total=self.currency_id.format(total),
                    committee=committee.name,
                    cap=self.currency_id.format(committee.urgent_cap),
                )
            )

    def _decide_in_person(self, motion, tier):
        decision = super()._decide_in_person(motion, tier)
        if decision.power == "urgent":
            self.env["beneficiary.ratification"]._open_for(decision)
        return decision
