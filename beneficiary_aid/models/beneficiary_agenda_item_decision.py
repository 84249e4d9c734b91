from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..tools.ballot import count_ballot, tally_votes
from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """Closing a vote: the count, the decision and the words about both."""

    _inherit = "beneficiary.agenda.item"

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------

    def _check_can_close_vote(self):
        self.ensure_one()
        if self.state != "voting":
            raise UserError(
                self.env._(
                    "%(request)s: no vote is open. It may have been closed already.",
                    request=self.display_name,
                )
            )

    def _count(self, votes):
        """Count the votes of the round under the rule sheet.

        :param votes: ``beneficiary.vote`` of the round
        :rtype: tools.ballot.BallotResult
        """
        self.ensure_one()
        return count_ballot(self._rules(), **self._ballot(votes))

    def _rules(self):
        """Return the rules the item is counted under."""
        self.ensure_one()
        return self.committee_id._rule_sheet()

    def _ballot(self, votes, waiting=False):
        """Return who is there and what was voted, as the count wants it.

        :param votes: ``beneficiary.vote`` of the round
        :param bool waiting: members without a vote may still give it
        :rtype: dict
        """
        self.ensure_one()
        committee = self.committee_id
        voted = votes.member_id
        eligible = self.eligible_member_ids
        chair = eligible.filtered(lambda one: one.role == "chair")
        silent = eligible - voted
        if committee.chair_votes == "tie_only":
            # Not a vote among the others, and waiting is not silence.
            silent -= chair
        tally = self._tally(votes)
        stand_ins = self._round_stand_ins()
        recused = self.recused_member_ids - stand_ins.seat_id
        without_vote = self._present_without_vote(recused)
        gone = silent.browse()
        if not waiting and committee.silence == "abstain":
            tally["abstain"] += len(silent)
        elif not waiting and not self._needs_consent():
            gone = silent
        there = (eligible | without_vote) - gone
        serving = self.meeting_id._serving_members().filtered("has_seat")
        givers = stand_ins.filtered(lambda one: one.kind == "delegate").seat_id
        counted = there - givers
        if committee.recused_quorum != "roberts":
            counted -= recused
        return {
            "seats": self.meeting_id._seats(),
            "present": len(there),
            "recused": len(there & recused),
            "chair_vote": self._chair_vote(votes, chair),
            "chair_recused": not chair,
            "open_votes": len(silent) if waiting else 0,
            "recused_absent": len((recused & serving) - there),
            "offices": counted._offices(),
            "quorate_before": self.meeting_id.quorum_seen,
            "revotes": self.revotes,
            **tally,
        }

    def _tally(self, votes):
        """Return how many voted for, against, and neither.

        :param votes: ``beneficiary.vote`` of the round that count
        :rtype: dict[str, int]
        """
        self.ensure_one()
        if self.is_secret and votes:
            return self.env["beneficiary.ballot.box"]._tally(self)
        if self.committee_id.chair_votes == "tie_only":
            votes = votes.filtered(lambda vote: vote.member_id.role != "chair")
        return tally_votes((vote.member_id, vote.version, vote.value) for vote in votes)

    def _chair_vote(self, votes, chair):
        """Return the side of the chair's casting vote, when he gave it by name."""
        return votes.filtered(lambda vote: vote.member_id in chair)[:1].value or None

    def _certain(self, votes):
        """Tell whether the vote may end: no missing vote can change the result.

        Where the rule sheet says so, only when every vote is in.

        :param votes: ``beneficiary.vote`` of the round
        """
        self.ensure_one()
        now = self._count(votes)
        if now.why in ("no_quorum", "tie_casting_vote"):
            return False
        ballot = self._ballot(votes, waiting=True)
        if not ballot["open_votes"]:
            return True
        if self.committee_id.early_finish == "wait":
            return False
        return count_ballot(self._rules(), **ballot).outcome in ("passed", "failed")

    def _present_without_vote(self, recused):
        """Return who is in the room and gives no vote: the recused, a silent chair.

        Whoever came after the vote was opened is not counted.
        """
        self.ensure_one()
        never = self.committee_id.chair_votes == "never"
        present = self.meeting_id._present_members() - self.absent_member_ids
        replaced = self._round_stand_ins().seat_id
        return (present - replaced).filtered(
            lambda member: member in recused or (never and member.role == "chair")
        )

    def _close_vote(self):
        """Count and record the results; see :meth:`action_close_vote`."""
        for items in self._apart():
            counted = {item: item._count_out() for item in items}
            decided = items.filtered(counted.get)
            decided._decide(counted)

    def _apart(self):
        """Yield items in groups that may be decided at once.

        What was decided about a person or a household counts for the next request of
        theirs: of those, one after the other.
        """
        left = self
        while left:
            group, taken = self.browse(), set()
            for item in left:
                own = item._decided_about()
                if taken.isdisjoint(own):
                    group |= item
                # Nor does anything overtake what waits.
                taken |= own
            yield group
            left -= group

    def _decided_about(self):
        """Return whom a decision of the item is counted for."""
        self.ensure_one()
        # Whom a rule counts, whoever closes the vote.
        request = self.sudo().request_id
        return {
            *request._whole(),
            *request.beneficiary_id,
            *request._limit_households(),
        }

    def _count_out(self):
        """Count a vote, and record a result that is no decision.

        :return: count, votes and explanation of an item that is to be decided now
        """
        self.ensure_one()
        votes = self._round_votes()
        count = self._count(votes)
        if not count.quorate:
            self._raise_no_quorum(
                count.quorum_present,
                count.quorum_needed,
                self.waiting_names,
                missing=count.missing,
            )
        if count.why == "tie_casting_vote":
            raise UserError(
                self.env._(
                    "%(request)s: the votes are equal. The chair has the casting vote.",
                    request=self.display_name,
                )
            )
        explanation = self._explain(count, votes)
        if count.why == "tie_revote":
            self._vote_again(explanation)
        elif self._goes_on(count):
            self._next_amount(count, explanation)
        elif count.outcome in ("tie", "no_decision") or self._wants_meeting(count):
            self._postpone(explanation)
        elif count.outcome == "failed" and self.outcome not in APPROVALS:
            self._reopen_motion(explanation)
        elif self.outcome == "postpone":
            self._postpone(explanation)
            # As the result: the vote carried it.
            self.sudo().postpone_reason_id = self.reason_id
        else:
            return count, votes, explanation
        return None

    def _reopen_motion(self, explanation):
        """Let the committee word another motion: this one decided nothing."""
        # Result and state are not typed in; the role was checked.
        self.sudo().write({"state": "pending", "result": explanation})

    def _postpone(self, explanation):
        """Send items to another meeting with the reason."""
        # As above.
        self.sudo().write({"state": "postponed", "result": explanation})

    def _withdraw(self, why=""):
        """Take pending items off the agenda: the request went back or was stopped.

        :param str why: for the minutes; that the request was taken back when empty
        """
        self.filtered(lambda item: item.state == "pending")._postpone(
            why or self.env._("The request was taken back.")
        )

    def _decide(self, counted):
        """Make the decisions and let them take effect.

        :param dict counted: ``{item: (count, votes, explanation)}``
        :return: ``beneficiary.decision`` as superuser
        """
        # What follows is the effect of a vote that was counted, not somebody's input.
        # The items are decided first, so that nothing votes on them any more.
        for item in self:
            item.sudo().write({"state": "decided", "result": counted[item][2]})
        Decision = self.env["beneficiary.decision"]
        decisions = Decision.sudo()
        for items in self.grouped("company_id").values():
            vals_list = [item._counted_values(*counted[item]) for item in items]
            Decision._replace_standing(vals_list)
            decisions |= Decision._record_all(vals_list)
        self._apply_to_subjects(decisions)
        return decisions

    def _counted_values(self, count, votes, explanation):
        passed = count.outcome == "passed"
        return {
            **self._prepare_decision_values(count, votes, passed),
            "explanation": explanation,
        }

    def _apply_to_subjects(self, decisions):
        """Let the decisions take effect on what they are about: the requests."""
        return self.request_id._apply_decision(decisions)

    def _tier_values(self, outcome):
        """Return where the decision stands in the order of the authorities."""
        return self.request_id._tier_values(outcome)

    def _prepare_decision_values(self, count, votes, passed):
        tally = self._shown_tally(votes)
        outcome = self.outcome if passed else "decline"
        approved = outcome in APPROVALS
        reason = self.reason_id
        if not passed:
            # The reason on the motion was one for approving.
            reason = (
                self.env.ref(
                    "beneficiary_aid.decision_reason_not_approved",
                    raise_if_not_found=False,
                )
                or self.env["beneficiary.decision.reason"]
            )
            if not reason._fits(self.category_id):
                reason = self.env["beneficiary.decision.reason"]
        return {
            **self._tier_values(outcome),
            "power": "committee",
            "request_id": self.request_id.id,
            "company_id": self.company_id.id,
            "item_id": self.id,
            "round": self.round,
            "committee_id": self.committee_id.id,
            "kind": self.kind,
            "outcome": outcome,
            "passed": passed,
            "amount": self.amount if approved else 0.0,
            "fund_id": self.fund_id.id
            if approved and not self.currency_id.is_zero(self.amount)
            else False,
            "reason_id": reason.id,
            "public_text": (passed and self.public_text) or self._public_words(outcome),
            "condition": self.condition if approved else False,
            "yes_count": tally["yes"],
            "no_count": tally["no"],
            "abstain_count": tally["abstain"],
            "present_count": count.quorum_present,
            "quorum_count": count.quorum_needed,
            "rule_snapshot": self._rules(),
            "ballot_snapshot": self._ballot_snapshot(votes),
            "dossier_hash": self.dossier_hash,
        }

    def _shown_tally(self, votes):
        """Return the figures of the minutes: with the chair's casting vote."""
        tally = self._tally(votes)
        if self.committee_id.chair_votes == "tie_only":
            chair = votes.filtered(lambda vote: vote.member_id.role == "chair")
            if chair.value:
                tally[chair.value] += 1
        return tally

    def _ballot_snapshot(self, votes):
        """Return the votes that were counted: of a secret ballot shuffled values only.

        The chair's casting vote is given by name, also in a secret ballot.
        """
        if self.is_secret:
            Box = self.env["beneficiary.ballot.box"]
            return Box._shuffled(Box._tally(self))
        return [[vote.member_id.id, vote.value] for vote in votes.sorted("id")]

    def _public_words(self, outcome):
        """Return the usual plain sentence of an outcome, in the person's language."""
        self.ensure_one()
        # The language a person reads, nothing else of the contact.
        lang = self.beneficiary_id.sudo().partner_id.lang
        words = self.with_context(lang=lang or self.env.lang)
        return {
            "approve": words.env._("Your request was approved."),
            "approve_less": words.env._(
                "Your request was approved with a smaller amount."
            ),
            "approve_condition": words.env._(
                "Your request was approved under a condition."
            ),
            "in_kind": words.env._(
                "Your request was approved. The help is given in kind."
            ),
            "refer": words.env._(
                "Your request was passed on to those who can help best."
            ),
            "decline": words.env._("Your request could not be approved."),
        }[outcome]

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _explain(self, count, votes):
        """Say how a result came about, in plain words."""
        self.ensure_one()
        tally = self._shown_tally(votes)
        why = {
            "enough_votes": self.env._("The motion is carried."),
            "too_few_yes": self.env._("The motion is not carried."),
            "tie": self.env._("The votes are equal: the motion is not carried."),
            "tie_no_casting_vote": self.env._(
                "The votes are equal and nobody casts: the motion is not carried."
            ),
            "tie_revote": self.env._(
                "The votes are equal: the motion is put to the vote once more."
            ),
            "tie_next_meeting": self.env._(
                "The votes are equal: it goes to the next meeting."
            ),
            "casting_vote": self.env._(
                "The votes are equal: the chair's side prevails."
            ),
            "no_votes": self.env._("Nobody voted for or against: nothing is decided."),
            "too_few_votes": self.env._(
                "Too few votes were given: nothing is decided."
            ),
        }[count.why]
        return self.env._(
            "For: %(yes)s, against: %(no)s, abstained: %(abstain)s. Present and not "
            "recused: %(present)s, quorum: %(quorum)s. Votes needed: %(needed)s of "
            "%(base)s. %(why)s",
            **tally,
            present=count.quorum_present,
            quorum=count.quorum_needed,
            needed=count.needed,
            base=count.base,
            why=why,
        )

    def _minutes_heading(self, number):
        return self.env._(
            "%(number)s. Request %(request)s: %(aid_type)s",
            number=number,
            request=self.request_id.name,
            aid_type=self.aid_type_id.name,
        )

    def _minutes_lines(self, number):
        """Return the lines of the minutes about this item."""
        self.ensure_one()
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        lines = [self._minutes_heading(number)]
        if self.outcome:
            lines.append(
                self.env._("Motion: %(outcome)s", outcome=outcomes[self.outcome])
            )
        if self.motion:
            lines.append(self.motion)
        if self.outcome in APPROVALS and self.amount:
            lines.append(
                self.env._(
                    "Amount: %(amount)s", amount=self.currency_id.format(self.amount)
                )
            )
        if self.recused_member_ids:
            lines.append(
                self.env._(
                    "Recused: %(names)s",
                    names=format_list(
                        self.env, self.recused_member_ids.mapped("display_name")
                    ),
                )
            )
        if self.result:
            lines.append(self.result)
        for decision in self.decision_ids:
            lines.append(
                self.env._(
                    "Decision %(number)s: %(outcome)s",
                    number=decision.name,
                    outcome=outcomes[decision.outcome],
                )
            )
            if decision.reason_id:
                lines.append(
                    self.env._("Reason: %(reason)s", reason=decision.reason_id.name)
                )
        return lines
