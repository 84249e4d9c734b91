from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..tools.ballot import median_amount, next_amount
from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """Rounds of a vote: changed votes, ties, amounts from the lowest up, its end."""

    _inherit = "beneficiary.agenda.item"

    is_secret = fields.Boolean(string="Secret Ballot", readonly=True, copy=False)
    revotes = fields.Integer(
        string="Votes After a Tie", readonly=True, copy=False, aggregator=None
    )
    amount_rule = fields.Selection(related="committee_id.amount_rule")
    amount_steps = fields.Json(
        readonly=True, copy=False, help="Amounts put to the vote, from the lowest up."
    )
    carried_amount = fields.Monetary(
        readonly=True, copy=False, help="The highest amount carried so far."
    )
    carried_round = fields.Integer(readonly=True, copy=False, aggregator=None)
    median_amount = fields.Monetary(
        string="Median Proposal",
        compute="_compute_median_amount",
        help="In the middle of the amounts members proposed with their opinions.",
    )

    @api.depends("opinion_ids.amount", "opinions_open", "state")
    def _compute_median_amount(self):
        for item in self:
            item.median_amount = (
                median_amount(item._proposals()) or 0.0
                if item._all_opinions_in()
                else 0.0
            )

    # ------------------------------------------------------------------
    # Votes that are given again
    # ------------------------------------------------------------------

    def _may_change_vote(self):
        """Tell whether votes may be changed until the vote is closed."""
        self.ensure_one()
        return not self.is_secret and self.committee_id.change_of_vote != "never"

    def _check_again(self, member, value):
        """Refuse a second vote that is none.

        :raise UserError: the rules keep the first one, or it says the same
        """
        last = self._round_votes().filtered(lambda vote: vote.member_id == member)
        if not last:
            return
        if self._casts(member):
            if value == "abstain":
                raise UserError(
                    self.env._(
                        "%(request)s: the casting vote says yes or no.",
                        request=self.display_name,
                    )
                )
            return
        if not self._may_change_vote():
            raise UserError(
                self.env._("You have voted on this item already. A vote is given once.")
            )
        if last.value == value:
            raise UserError(
                self.env._("You have voted on this item already, and in the same way.")
            )

    def _casts(self, member):
        """Tell whether the chair breaks a tie of a secret ballot, by name."""
        self.ensure_one()
        if (
            not self.is_secret
            or member.role != "chair"
            or self.committee_id.tie_rule != "casting_vote"
        ):
            return False
        votes = self._round_votes()
        own = votes.filtered(lambda vote: vote.member_id == member)
        tally = self._tally(votes)
        return (
            own.secret
            and not self.eligible_member_ids - votes.member_id
            and bool(tally["yes"])
            and tally["yes"] == tally["no"]
        )

    def _votes_by_name(self, member):
        """Tell whether a member's vote is kept with its value."""
        self.ensure_one()
        chair_in_tie = (
            member.role == "chair" and self.committee_id.chair_votes == "tie_only"
        )
        return not self.is_secret or chair_in_tie or self._casts(member)

    def _next_version(self, member):
        """Return the number of the next version of a member's vote."""
        last = self._round_votes().filtered(lambda vote: vote.member_id == member)
        return last.version + 1

    # ------------------------------------------------------------------
    # More rounds
    # ------------------------------------------------------------------

    def _begin_round(self, **vals):
        """Put the motion to the vote again, among the same members."""
        self.ensure_one()
        # Round and result are not typed in; the count decided.
        self.sudo().write({"round": self.round + 1, **vals})
        self._repeat_stand_ins()
        if self.is_secret:
            self.env["beneficiary.ballot.box"]._set_up(self)

    def _vote_again(self, explanation):
        """Vote once more after a tie."""
        self._begin_round(revotes=self.revotes + 1, result=explanation)

    def _proposals(self):
        """Return the amounts members proposed with their opinions."""
        self.ensure_one()
        # Amounts only, without a name.
        return [one for one in self.sudo().opinion_ids.mapped("amount") if one]

    def _first_amount(self):
        """Return the amount put to the vote first, where amounts go from the lowest."""
        self.ensure_one()
        if (
            self.committee_id.amount_rule != "ladder"
            or self.outcome not in APPROVALS
            or self.currency_id.is_zero(self.amount)
        ):
            return {"amount_steps": False}
        steps = sorted({*self._proposals(), self.amount})
        return {"amount_steps": steps, "amount": steps[0]}

    def _goes_on(self, count):
        """Tell whether another amount is put to the vote, or an earlier one stands."""
        self.ensure_one()
        steps = self.amount_steps or []
        if count.outcome == "passed":
            return any(step > self.amount for step in steps)
        return bool(steps and self.carried_round)

    def _next_amount(self, count, explanation):
        """Go on to the next higher amount, or let the highest carried one stand."""
        self.ensure_one()
        passed = count.outcome == "passed"
        if passed:
            # As for a round: nothing of it is typed in.
            self.sudo().write(
                {"carried_amount": self.amount, "carried_round": self.round}
            )
        step, amount = next_amount(
            self.amount_steps, self.carried_amount or None, passed
        )
        # The motion stays while a vote is open, also for the system.
        self.sudo().write({"state": "pending"})
        self.sudo().write({"amount": amount})
        if step == "vote":
            self._begin_round(state="voting", revotes=0, result=explanation)
            self.sudo().dossier_hash = self._hash_dossier()
            return None
        self.sudo().write(
            {
                "state": "voting",
                "round": self.carried_round,
                "dossier_hash": self._hash_dossier(),
            }
        )
        votes = self._round_votes()
        count = self._count(votes)
        return self._decide({self: (count, votes, self._explain(count, votes))})

    def action_use_median(self):
        """Put the median proposal into the motion."""
        self.check_access("write")
        self.env["beneficiary.meeting"]._check_secretary()
        for item in self:
            if not item.median_amount:
                raise UserError(
                    self.env._(
                        "%(request)s: nobody proposed an amount yet, or opinions are "
                        "missing.",
                        request=item.display_name,
                    )
                )
            item.amount = item.median_amount

    # ------------------------------------------------------------------
    # The end of a vote
    # ------------------------------------------------------------------

    def _check_all_in(self):
        """Refuse to close a vote for which the rules wait.

        Whoever left the meeting is not waited for.

        :raise UserError: naming who has not voted
        """
        self.ensure_one()
        if self.committee_id.early_finish != "wait" or self.meeting_id._is_over_time():
            return
        missing = self.eligible_member_ids - self._round_votes().member_id
        if self.committee_id.chair_votes == "tie_only":
            missing = missing.filtered(lambda one: one.role != "chair")
        givers = self._round_stand_ins().seat_id
        here = (
            self.meeting_id._present_members() | self.meeting_id._present_alternates()
        )
        missing &= here | givers
        if missing:
            raise UserError(
                self.env._(
                    "%(request)s: the rules wait for every vote. Missing: %(names)s. "
                    "Mark whoever has left as absent.",
                    request=self.display_name,
                    names=format_list(self.env, missing.mapped("display_name")),
                )
            )

    def _after_vote(self):
        """Close votes that end by themselves, when their result is certain."""
        for item in self:
            if item.state != "voting":
                continue
            if not (item.committee_id.auto_close or item._is_circulated()):
                continue
            if item._certain(item._round_votes()):
                item._close_by_itself()

    def _close_by_itself(self):
        """Close a vote as the system; what stops it is left for the secretary.

        :return: whether it was closed
        :rtype: bool
        """
        self.ensure_one()
        # The rule sheet closes the vote, not the member who gave the last one: nor is
        # the result told in the language of that member.
        item = self._secretary()._in_own_language(self.sudo())
        try:
            with self.env.cr.savepoint():
                item._close_vote()
                item.env.flush_all()
        except UserError as error:
            item.result = str(error)
            return False
        return True
