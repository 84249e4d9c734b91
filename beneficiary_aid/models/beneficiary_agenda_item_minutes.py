from odoo import fields, models
from odoo.tools import format_list

from .beneficiary_decision import APPROVALS


class BeneficiaryAgendaItem(models.Model):
    """What the minutes also say: earlier votes, who acted for whom, why it waits.

    A vote that settled nothing (a tie that is voted on once more, an amount on the way
    up, a motion that failed and was followed by another) belongs to what happened, also
    when the item is decided or put off afterwards.
    """

    _inherit = "beneficiary.agenda.item"

    earlier_votes = fields.Json(
        readonly=True,
        copy=False,
        help="Votes that did not settle the item: round, motion, amount, result.",
    )

    # ------------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------------

    def _keep_vote(self, explanation):
        """Keep how a vote ended that did not settle the item.

        :param str explanation: how it was counted
        """
        self.ensure_one()
        kept = [self.round, self.outcome, self.amount, explanation]
        # As the result: the count decided, nothing is typed in.
        self.sudo().earlier_votes = [*(self.earlier_votes or []), kept]

    def _vote_again(self, explanation):
        self._keep_vote(explanation)
        return super()._vote_again(explanation)

    def _next_amount(self, count, explanation):
        self._keep_vote(explanation)
        return super()._next_amount(count, explanation)

    def _reopen_motion(self, explanation):
        self._keep_vote(explanation)
        return super()._reopen_motion(explanation)

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def _votes_before(self):
        """Return the votes before the one of which the result stands.

        :return: ``[round, motion, amount, result]`` of each
        :rtype: list
        """
        self.ensure_one()
        decided = self.decision_ids.mapped("round")
        return [
            kept
            for kept in self.earlier_votes or []
            if kept[0] not in decided and kept[3] != self.result
        ]

    def _vote_motion(self, outcome, amount):
        """Return a motion in words: what, and how much."""
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        words = outcomes.get(outcome, "")
        if outcome in APPROVALS and amount:
            words = f"{words}: {self.currency_id.format(amount)}"
        return words

    def _minutes_kind(self):
        """Return what an item is that is no first decision, and what a ratification
        came to."""
        kind = self._session_kind()
        if not kind:
            return []
        rows = [(self.env._("Matter"), kind)]
        if self.kind == "ratify":
            # What became of it is minuted, whoever closes the meeting.
            ratification = self.ratification_id.sudo()
            states = dict(
                ratification._fields["state"]._description_selection(self.env)
            )
            rows += [
                (self.env._("Urgent decision"), ratification.decision_id.name),
                (self.env._("Ratified or not"), states[ratification.state]),
            ]
        return rows

    def _minutes_stand_ins(self):
        """Return who acted for whom in the last round."""
        rows = []
        for one in self._round_stand_ins():
            words = (
                self.env._("Voted by delegation")
                if one.kind == "delegate"
                else self.env._("Sat as an alternate")
            )
            people = self.env._(
                "%(member)s in the place of %(seat)s",
                member=one.member_id.display_name,
                seat=one.seat_id.display_name,
            )
            rows.append((words, people))
        # One row for all of a kind: its label is its own.
        return [
            (
                label,
                format_list(self.env, [text for kind, text in rows if kind == label]),
            )
            for label in dict(rows)
        ]

    def _minutes_earlier_votes(self):
        """Return the votes before the last one: motion, names, result."""
        rows = []
        for number, outcome, amount, explanation in self._votes_before():
            names = self._names_by_vote(number)
            text = [self._vote_motion(outcome, amount), explanation, *names]
            rows.append(
                (
                    self.env._("Vote %(number)s", number=number),
                    "\n".join(filter(None, text)),
                )
            )
        return rows

    def _names_by_vote(self, number):
        """Return who voted how in a round of an open ballot, a line for each side."""
        votes = self.sudo().vote_ids.filtered(
            lambda vote: vote.round == number and vote.value and vote.is_last
        )
        return [
            f"{label}: {names}"
            for _value, label, names in self._names_by_side(votes)
            if names
        ]

    def _minutes_votes(self):
        if self.round in {kept[0] for kept in self._votes_before()}:
            # The last vote is told with its own motion; no other followed it.
            return []
        return super()._minutes_votes()

    def _minutes_lines(self, number):
        lines = super()._minutes_lines(number)
        told = [
            f"{label}: {text}"
            for label, text in (
                *self._minutes_kind(),
                *self._minutes_stand_ins(),
                *self._minutes_earlier_votes(),
                *self._minutes_postponed(),
            )
        ]
        return [lines[0], *told, *lines[1:]]
