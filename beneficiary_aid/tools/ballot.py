"""Counting the votes of a committee, as a pure function.

A rule sheet, who is present and what was voted go in; the outcome and the reason come
out. No record, no environment, no clock, so that every rule can be tested alone.

Words: *seats* are the voting seats of the committee, *present* everybody with a vote
who is in the room before recused members leave, *available* those who remain.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class BallotResult:
    """What a count says.

    ``outcome`` is ``passed``, ``failed``, ``tie`` (somebody must still act),
    ``no_decision`` (nobody voted for or against), ``no_quorum`` or ``open`` (votes are
    missing that can change the result). ``why`` is a code that explains it. ``missing``
    names the offices without which there is no quorum.
    """

    outcome: str
    quorate: bool
    quorum_present: int
    quorum_needed: int
    needed: int
    base: int
    why: str
    missing: tuple = ()


def quorum_size(rules, base):
    """Return how many members make a quorum of ``base`` members.

    :param dict rules: ``quorum_kind`` (majority, number, fraction),
        ``quorum_number``, ``quorum_fraction``
    :param int base: members that count
    :rtype: int
    """
    kind = rules.get("quorum_kind") or "majority"
    if kind == "number":
        return max(1, rules.get("quorum_number") or 1)
    if kind == "fraction":
        share = round(base * (rules.get("quorum_fraction") or 0.5), 6)
        return max(1, math.ceil(share))
    return base // 2 + 1


def count_quorum(rules, seats, present, recused, recused_absent=0):
    """Return who counts for the quorum, and how many are needed.

    A recused member is not present and the base stays (``strict``), is taken out of
    both (``reduced``), or counts in both (``roberts``).

    :return: ``(present, needed)``
    :rtype: tuple[int, int]
    """
    handling = rules.get("recused_quorum") or "strict"
    available = present - recused
    if handling == "reduced":
        return available, quorum_size(rules, max(0, seats - recused - recused_absent))
    if handling == "roberts":
        return present, quorum_size(rules, seats)
    return available, quorum_size(rules, seats)


def missing_offices(rules, offices):
    """Return the offices without which there is no quorum.

    :param dict rules: ``quorum_offices``: groups of offices, of each of which one
        must be there, as ``[["chair", "deputy"], ["title:3"]]``
    :param offices: offices of those who are there
    :return: groups of which nobody is there
    :rtype: tuple[tuple[str]]
    """
    here = set(offices)
    groups = rules.get("quorum_offices") or ()
    return tuple(tuple(group) for group in groups if not here & set(group))


def consent_rules(rules):
    """Return a rule sheet under which everybody must agree.

    For a decision by circulation that wants the consent of all: one no, one abstention
    or one silence and there is none.

    :rtype: dict
    """
    return {
        **rules,
        "pass_kind": "unanimous",
        "pass_base": "present",
        "tie_rule": "fails",
        "min_votes": 0,
    }


def pair_alternates(seats, alternates):
    """Return which alternate stands in for which seat.

    Whoever is named for a seat takes that one; the others take, in their order, what
    is left. Nobody stands in twice and no seat is taken twice.

    :param list seats: seats that nobody fills, in their order
    :param dict alternates: alternate → the seat he is named for, or ``None`` for any
    :return: ``{alternate: seat}``
    :rtype: dict
    """
    left = list(seats)
    pairs = {}
    for alternate, named in alternates.items():
        if named in left:
            pairs[alternate] = named
            left.remove(named)
    for alternate, named in alternates.items():
        if left and named is None:
            pairs[alternate] = left.pop(0)
    return pairs


def valid_delegations(delegations, present, recused):
    """Return the delegations that hold for an item.

    A delegation is void when whoever gave it is there after all, when whoever got it is
    not there, and when either has a conflict in the item. Nobody acts for more than
    one.

    :param list delegations: ``(giver, taker)`` in the order they were given
    :param set present: members who are there
    :param set recused: members with a conflict in the item
    :return: ``{giver: taker}``
    :rtype: dict
    """
    valid = {}
    for giver, taker in delegations:
        if giver in present or taker not in present or {giver, taker} & set(recused):
            continue
        if giver not in valid and taker not in valid.values():
            valid[giver] = taker
    return valid


def median_amount(amounts):
    """Return the proposal in the middle; of two, the smaller one.

    :param list amounts: what members proposed
    :return: one of the amounts, or ``None`` without any
    """
    ordered = sorted(amounts)
    return ordered[(len(ordered) - 1) // 2] if ordered else None


def next_amount(amounts, carried, last_passed):
    """Return what a vote on counter-amounts, from the lowest up, does next.

    The next higher amount is put to the vote as long as the last one was carried; the
    highest one that was carried stands.

    :param list amounts: amounts proposed
    :param carried: the highest amount carried so far, or ``None``
    :param bool last_passed: whether the amount voted on last was carried
    :return: ``("vote", amount)``, ``("stands", amount)`` or ``("none", None)``
    :rtype: tuple
    """
    higher = [amount for amount in amounts if carried is None or amount > carried]
    if last_passed and higher:
        return "vote", min(higher)
    return ("none", None) if carried is None else ("stands", carried)


def tally_votes(votes):
    """Return how many voted for, against and neither, each by the last version.

    :param votes: ``(member, version, value)`` in any order
    :rtype: dict[str, int]
    """
    last = {}
    for member, version, value in votes:
        if version > last.get(member, (0, None))[0]:
            last[member] = (version, value)
    values = [value for _version, value in last.values()]
    return {name: values.count(name) for name in ("yes", "no", "abstain")}


def count_ballot(
    rules,
    seats,
    present,
    recused,
    yes,
    no,
    abstain,
    chair_vote=None,
    chair_recused=False,
    open_votes=0,
    recused_absent=0,
    offices=(),
    quorate_before=False,
    revotes=0,
):
    """Count a vote.

    :param dict rules: the rule sheet; see :func:`quorum_size`, and
        ``recused_quorum``, ``pass_base`` (cast, present, all), ``pass_kind``
        (more_than_half, two_thirds, unanimous, at_least), ``pass_number``,
        ``tie_rule`` (fails, casting_vote, revote, next_meeting),
        ``casting_on_present``, ``min_votes``, ``quorum_offices``, see
        :func:`missing_offices`, ``quorum_per_item``
    :param int seats: voting seats
    :param int present: members with a vote present, the recused included
    :param int recused: recused members among the present
    :param int yes: votes for the motion
    :param int no: votes against it
    :param int abstain: abstentions; no vote, they count with ``present`` and ``all``
    :param str chair_vote: ``yes`` or ``no``: the side the chair's casting vote takes
    :param bool chair_recused: nobody can cast it
    :param int open_votes: present members who may still vote
    :param int recused_absent: recused members who are not there
    :param offices: offices of those who count as present
    :param bool quorate_before: the meeting had its quorum at its opening, which is
        enough where ``quorum_per_item`` is off
    :param int revotes: how often the motion was put to the vote again after a tie
    :rtype: BallotResult
    :raise ValueError: when there are more votes than people
    """
    numbers = (seats, present, recused, yes, no, abstain, open_votes, recused_absent)
    available = present - recused
    if min(numbers) < 0 or available < yes + no + abstain + open_votes:
        raise ValueError("There are more votes than members to give them")
    quorum_present, quorum_needed = count_quorum(
        rules, seats, present, recused, recused_absent
    )

    def decide(more_yes, more_no):
        return _decide(
            rules,
            seats,
            available,
            yes + more_yes,
            no + more_no,
            None if chair_recused else chair_vote,
            chair_recused,
            revotes,
        )

    outcome, why, needed, base = decide(0, 0)
    missing = missing_offices(rules, offices)
    quorate = quorum_present >= quorum_needed and not missing
    if quorate_before and not rules.get("quorum_per_item", True):
        quorate = True
    if not quorate:
        outcome, why = "no_quorum", "no_quorum"
    elif open_votes:
        outcome, why = _early(
            (decide(0, open_votes), (outcome, why)), decide(open_votes, 0)
        )
    return BallotResult(
        outcome=outcome,
        quorate=quorate,
        quorum_present=quorum_present,
        quorum_needed=quorum_needed,
        needed=needed,
        base=base,
        why=why,
        missing=missing,
    )


def yes_still_needed(rules, open_votes, **count):
    """Return how many of the votes still open carry the motion when they are yes.

    The rest of them is counted as no.

    :param dict rules: the rule sheet; see :func:`count_ballot`
    :param int open_votes: present members who may still vote
    :param int count: the numbers of :func:`count_ballot`, ``yes`` and ``no`` so far
    :return: 0 when it is carried whatever comes, nothing when it cannot be carried
    """
    for more in range(open_votes + 1):
        end = {"yes": count["yes"] + more, "no": count["no"] + open_votes - more}
        if count_ballot(rules, **{**count, **end}).outcome == "passed":
            return more
    return None


def _early(worst, best):
    """Tell whether the votes still open can change anything.

    :param worst: the ends at which all of them say no, and at which none of them says
        anything: a tie that the chair breaks may come of the one and not of the other
    :param best: the end at which all of them say yes
    """
    if all(end[0] == "passed" for end in worst):
        return "passed", "early_pass"
    if best[0] == "failed":
        return "failed", "early_fail"
    return "open", "votes_open"


def _decide(rules, seats, available, yes, no, chair_vote, chair_recused, revotes):
    """Return ``(outcome, why, votes needed, base)`` when all votes are in."""
    pass_base = rules.get("pass_base") or "cast"
    cast = yes + no
    base = {"cast": cast, "present": available, "all": seats}[pass_base]
    needed = _votes_needed(rules, base)
    if cast < (rules.get("min_votes") or 0):
        return "no_decision", "too_few_votes", needed, base
    if not cast and pass_base == "cast":
        return "no_decision", "no_votes", needed, base
    if yes >= needed:
        return "passed", "enough_votes", needed, base
    # A tie is what the chair's second vote can carry: so much also where the members
    # present are the base, or else one more yes could lose what a tie had won.
    if yes == no and cast and yes + 1 >= needed and _has_tie(rules, pass_base):
        return *_break_tie(rules, chair_vote, chair_recused, revotes), needed, base
    return "failed", "too_few_yes", needed, base


def _votes_needed(rules, base):
    """Return how many votes for the motion carry it, never none."""
    kind = rules.get("pass_kind") or "more_than_half"
    needed = {
        "more_than_half": base // 2 + 1,
        "two_thirds": -(-2 * base // 3),
        "unanimous": base,
        "at_least": rules.get("pass_number") or 1,
    }[kind]
    return max(1, needed)


def _has_tie(rules, pass_base):
    """Tell whether as many votes for as against are a tie and not just too few."""
    if (rules.get("pass_kind") or "more_than_half") != "more_than_half":
        return False
    if pass_base == "cast":
        return True
    return (
        pass_base == "present"
        and rules.get("tie_rule") == "casting_vote"
        and bool(rules.get("casting_on_present"))
    )


def _break_tie(rules, chair_vote, chair_recused, revotes):
    rule = rules.get("tie_rule") or "fails"
    if rule == "revote" and not revotes:
        return "tie", "tie_revote"
    if rule == "next_meeting":
        return "tie", "tie_next_meeting"
    if rule != "casting_vote":
        return "failed", "tie"
    if chair_recused or chair_vote == "abstain":
        return "failed", "tie_no_casting_vote"
    if chair_vote is None:
        return "tie", "tie_casting_vote"
    return "passed" if chair_vote == "yes" else "failed", "casting_vote"
