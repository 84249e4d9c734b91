from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

from .beneficiary_decision import OUTCOMES


class BeneficiaryAgendaItem(models.Model):
    """One request before one meeting: motion, recusals, vote, result.

    The secretary words the motion and opens the vote; the members who may vote are
    fixed at that moment. Each gives his own vote. Closing counts them under the rule
    sheet and makes the one decision. Opening and voting are in
    ``beneficiary_agenda_item_vote``, closing in ``beneficiary_agenda_item_decision``.
    """

    _name = "beneficiary.agenda.item"
    _description = "Agenda Item"
    _inherit = ["beneficiary.amounts.mixin", "beneficiary.results.mixin"]
    _check_company_auto = True
    _order = "meeting_id desc, sequence, id"

    # The motion stays as the members vote on it.
    _motion_fields = {
        "amount",
        "condition",
        "distribution_id",
        "emergency_id",
        "fund_id",
        "meeting_id",
        "motion",
        "outcome",
        "public_text",
        "reason_id",
        "recused_member_ids",
        "request_id",
    }

    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    meeting_state = fields.Selection(
        related="meeting_id.state", string="State of the Meeting"
    )
    committee_id = fields.Many2one(
        related="meeting_id.committee_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    sequence = fields.Integer(default=10)
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('status', '=', 'decision'), ('company_id', '=', company_id)]",
    )
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    aid_type_id = fields.Many2one(related="request_id.aid_type_id")
    urgency = fields.Selection(related="request_id.urgency")
    amount_requested = fields.Monetary(related="request_id.amount_requested")
    amount_recommended = fields.Monetary(related="request_id.amount_recommended")
    kind = fields.Selection(
        selection=[("first", "First decision"), ("appeal", "Appeal")],
        compute="_compute_kind",
        store=True,
        precompute=True,
    )

    # Motion
    outcome = fields.Selection(selection=OUTCOMES, string="Motion to")
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    motion = fields.Text(string="Wording", help="As it is put to the vote.")
    condition = fields.Text(help="What the person must do first.")
    reason_id = fields.Many2one(
        comodel_name="beneficiary.decision.reason",
        ondelete="restrict",
        domain="[('company_id', 'in', [False, company_id])]",
    )
    public_text = fields.Text(
        string="Words for the Applicant",
        help="A plain sentence the applicant reads. Empty: the usual one.",
    )

    # Vote
    state = fields.Selection(
        selection=[
            ("pending", "Pending"),
            ("voting", "Vote open"),
            ("decided", "Decided"),
            ("postponed", "Postponed"),
        ],
        required=True,
        default="pending",
        readonly=True,
        copy=False,
        index=True,
    )
    round = fields.Integer(readonly=True, copy=False, aggregator=None)
    recused_member_ids = fields.Many2many(
        comodel_name="beneficiary.committee.member",
        relation="beneficiary_agenda_item_recused_rel",
        string="Recused",
        domain="[('committee_id', '=', committee_id)]",
        help="They leave the discussion and the vote. Whoever wrote the assessment "
        "is recused by the system.",
    )
    eligible_member_ids = fields.Many2many(
        comodel_name="beneficiary.committee.member",
        relation="beneficiary_agenda_item_eligible_rel",
        string="May Vote",
        readonly=True,
        copy=False,
        help="Fixed when the vote was opened.",
    )
    vote_ids = fields.One2many(comodel_name="beneficiary.vote", inverse_name="item_id")
    voted_count = fields.Integer(string="Votes in", compute="_compute_voted_count")
    eligible_count = fields.Integer(
        string="May Vote (number)", compute="_compute_voted_count"
    )
    waiting_names = fields.Char(
        string="Votes Missing from", compute="_compute_voted_count"
    )
    can_vote = fields.Boolean(compute="_compute_my_vote")
    can_change_vote = fields.Boolean(compute="_compute_my_vote")
    has_voted = fields.Boolean(string="I Have Voted", compute="_compute_my_vote")
    my_vote = fields.Selection(
        selection=[("yes", "Yes"), ("no", "No"), ("abstain", "Abstain")],
        compute="_compute_my_vote",
    )
    dossier_hash = fields.Char(string="Seal of the Dossier", readonly=True, copy=False)
    result = fields.Text(readonly=True, copy=False)
    decision_ids = fields.One2many(
        comodel_name="beneficiary.decision", inverse_name="item_id"
    )

    _amount_bounds = models.Constraint(
        "CHECK(amount >= 0 AND amount < 1e12)",
        "The amount of a motion is a number from zero up.",
    )
    _live_uniq = models.UniqueIndex(
        "(request_id, COALESCE(ratification_id, 0))"
        " WHERE state IN ('pending', 'voting')",
        "This request is on an agenda already. Take it off there first.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("request_id")
    def _compute_kind(self):
        for item in self:
            item.kind = "appeal" if item.request_id.is_appeal else "first"

    @api.depends("request_id")
    def _compute_amount(self):
        for item in self:
            if not item.amount:
                item.amount = item.request_id._amount_to_decide()

    @api.depends("request_id", "kind")
    def _compute_display_name(self):
        for item in self:
            item.display_name = item.request_id.name or ""

    @api.depends("vote_ids", "round", "eligible_member_ids")
    def _compute_voted_count(self):
        # Who has voted is known in the room; how is known only when it is closed.
        votes = dict(
            self.env["beneficiary.vote"]
            .sudo()
            ._read_group(
                [("item_id", "in", self.ids)],
                ["item_id"],
                ["id:recordset"],
            )
        )
        for item in self:
            voted = (
                votes.get(item._origin, self.env["beneficiary.vote"])
                .filtered(lambda vote, item=item: vote.round == item.round)
                .member_id
            )
            eligible = item.eligible_member_ids
            item.voted_count = len(voted)
            item.eligible_count = len(eligible)
            missing = eligible.filtered(
                lambda member, voted=voted: member.id not in voted.ids
            )
            item.waiting_names = format_list(self.env, missing.mapped("display_name"))

    @api.depends("vote_ids", "round", "state", "eligible_member_ids")
    @api.depends_context("uid")
    def _compute_my_vote(self):
        # Readers of an agenda who are no members have no right on votes; only the
        # user's own ones are looked for.
        votes = (
            self.env["beneficiary.vote"]
            .sudo()
            .search(
                [
                    ("item_id", "in", self.ids),
                    ("member_id.user_id", "=", self.env.uid),
                ]
            )
        )
        for item in self:
            own = votes.filtered(
                lambda vote, item=item: (
                    vote.item_id == item._origin and vote.round == item.round
                )
            ).sorted("version")
            item.my_vote = own[-1:].value
            item.has_voted = bool(own)
            seat = item._my_member()
            may = item.state == "voting" and bool(seat)
            item.can_vote = may and not own
            again = may and own and (item._may_change_vote() or item._casts(seat))
            item.can_change_vote = bool(again)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # What left an agenda in this transaction must be off it in the index, too.
        self.flush_model(["state"])
        items = super().create(vals_list)
        for item in items:
            item._check_can_add()
        # Whoever wrote the assessment leaves the vote from the beginning.
        for item in items:
            authors = item._assessment_authors()
            if authors - item.recused_member_ids:
                item.recused_member_ids |= authors
        return items

    def write(self, vals):
        self._check_results(vals)
        anonymising = is_anonymising(self.env)
        if self._motion_fields & vals.keys() and not anonymising:
            for item in self:
                if item.state != "pending":
                    raise UserError(
                        self.env._(
                            "The committee votes or has voted on %(request)s: the "
                            "motion stays as it is.",
                            request=item.display_name,
                        )
                    )
        res = super().write(vals)
        if {"meeting_id", "request_id"} & vals.keys():
            for item in self:
                item._check_can_add()
        return res

    def _results_words(self, results):
        return self.env._("State and result of an agenda item are not typed in.")

    @api.ondelete(at_uninstall=False)
    def _unlink_only_pending(self):
        for item in self:
            if item.state != "pending" or item.vote_ids:
                raise UserError(
                    self.env._(
                        "%(request)s was before the committee and stays on its agenda.",
                        request=item.display_name,
                    )
                )

    def _check_can_add(self):
        self.ensure_one()
        if self.meeting_id.state not in ("draft", "called", "open"):
            raise UserError(
                self.env._(
                    "The meeting %(name)s is over. Choose another meeting.",
                    name=self.meeting_id.display_name,
                )
            )
        if self.request_id.status != "decision":
            raise UserError(
                self.env._(
                    "Request %(name)s is not referred to the committee. Refer it "
                    "first.",
                    name=self.request_id.display_name,
                )
            )
        self.request_id._check_authority_takes(self.committee_id)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_vote(self):
        """Put motions to the vote.

        :raise UserError: when the meeting is not open, the motion is not complete,
            the fund may not pay it, or too few members are present
        """
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        for item in self:
            item._check_can_open_vote()
            item._open_vote()

    def action_close_vote(self):
        """Count the votes and make the decision.

        :raise UserError: without a quorum, or when the chair must break a tie
        """
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        self._touch_requests()
        for item in self:
            item._check_can_close_vote()
            item._check_all_in()
        self._close_vote()

    def action_vote_yes(self):
        """Vote for the motion."""
        self.check_access("read")
        self._vote("yes")

    def action_vote_no(self):
        """Vote against the motion."""
        self.check_access("read")
        self._vote("no")

    def action_vote_abstain(self):
        """Abstain; where the rules want a reason it is asked.

        :return: a window that asks for the reason, or nothing
        """
        self.ensure_one()
        self.check_access("read")
        if not self._abstention_asks_reason():
            self._vote("abstain")
            return None
        self._check_can_vote(self._my_member(), "abstain", reason="?")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Do You Abstain?"),
            "res_model": "beneficiary.vote.abstain",
            "view_mode": "form",
            "target": "new",
            "context": {"default_item_id": self.id},
        }

    def action_recuse(self):
        """Leave the discussion and the vote on an item because of a conflict."""
        self.check_access("read")
        for item in self:
            member = item.committee_id.member_ids.filtered(
                lambda one: one.user_id == self.env.user
            )
            if not member or item.state != "pending":
                raise UserError(
                    self.env._(
                        "%(request)s: only a member of the committee can step aside, "
                        "and only before the vote.",
                        request=item.display_name,
                    )
                )
            # Members may not write agenda items; a member may always step aside.
            item.sudo().recused_member_ids |= member

    def _postpone_stuck(self):
        """Put off an item whose vote cannot be closed, and say in the minutes why.

        The fund was emptied in the meantime, a limit was reached, members left.

        :raise UserError: when the vote can be closed
        """
        self.ensure_one()
        why = False
        try:
            with self.env.cr.savepoint():
                self._close_vote()
                self.env.flush_all()
        except UserError as error:
            why = str(error)
        if not why:
            # What was closed to find out is taken back with the error.
            raise UserError(
                self.env._(
                    "%(request)s: the vote can be closed. Close it; an item is not put "
                    "off during its vote.",
                    request=self.display_name,
                )
            )
        self._postpone(
            self.env._("Put off: the vote could not take effect. %(why)s", why=why)
        )

    def action_open_request(self):
        """Open the request with its dossier."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))
