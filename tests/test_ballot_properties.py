"""What must hold for every ballot, whatever the rules and the votes."""

import unittest

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tools.ballot import (
    consent_rules,
    count_ballot,
    median_amount,
    next_amount,
    pair_alternates,
    tally_votes,
    valid_delegations,
)

# Nothing here depends on how fast the machine is.
PATIENT = settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)
RULES = st.fixed_dictionaries(
    {
        "quorum_kind": st.sampled_from(["majority", "number", "fraction"]),
        "quorum_number": st.integers(1, 9),
        "quorum_fraction": st.floats(0.01, 1.0),
        "recused_quorum": st.sampled_from(["strict", "reduced", "roberts"]),
        "pass_base": st.sampled_from(["cast", "present", "all"]),
        "pass_kind": st.sampled_from(
            ["more_than_half", "two_thirds", "unanimous", "at_least"]
        ),
        "pass_number": st.integers(1, 9),
        "tie_rule": st.sampled_from(
            ["fails", "casting_vote", "revote", "next_meeting"]
        ),
        "casting_on_present": st.booleans(),
        "min_votes": st.integers(0, 5),
    }
)
OFFICES = ["chair", "deputy", "member", "title:1"]
CHAIR_VOTES = st.sampled_from([None, "yes", "no", "abstain"])


@st.composite
def ballots(draw):
    """Draw counts that people in one room can give: arguments of ``count_ballot``."""
    seats = draw(st.integers(1, 15))
    present = draw(st.integers(0, seats))
    recused = draw(st.integers(0, present))
    left = present - recused
    votes = {}
    for name in ("yes", "no", "abstain", "open_votes"):
        votes[name] = draw(st.integers(0, left))
        left -= votes[name]
    return {
        "seats": seats,
        "present": present,
        "recused": recused,
        "recused_absent": draw(st.integers(0, seats - present)),
        "chair_vote": draw(CHAIR_VOTES),
        "chair_recused": draw(st.booleans()),
        **votes,
    }


@tagged("post_install", "-at_install")
class TestBallotProperties(unittest.TestCase):
    @PATIENT
    @given(RULES, ballots())
    def test_nothing_passes_without_a_quorum(self, rules, ballot):
        count = count_ballot(rules, **ballot)
        self.assertEqual(count.outcome == "no_quorum", not count.quorate)
        self.assertEqual(count.quorate, count.quorum_present >= count.quorum_needed)
        self.assertGreaterEqual(count.quorum_needed, 1)

    @PATIENT
    @given(RULES, ballots())
    def test_nothing_passes_without_a_yes(self, rules, ballot):
        ballot.update(yes=0, open_votes=0, chair_vote=None)
        self.assertNotEqual(count_ballot(rules, **ballot).outcome, "passed")

    @PATIENT
    @given(RULES, ballots())
    def test_silence_is_never_a_yes(self, rules, ballot):
        ballot.update(yes=0, no=0, abstain=0)
        self.assertNotEqual(count_ballot(rules, **ballot).outcome, "passed")

    @PATIENT
    @given(RULES, ballots())
    def test_one_more_yes_instead_of_a_no_never_hurts(self, rules, ballot):
        ballot["open_votes"] = 0
        if not ballot["no"] or count_ballot(rules, **ballot).outcome != "passed":
            return
        ballot.update(yes=ballot["yes"] + 1, no=ballot["no"] - 1)
        self.assertEqual(count_ballot(rules, **ballot).outcome, "passed")

    @PATIENT
    @given(RULES, ballots(), st.data())
    def test_an_early_result_is_the_result(self, rules, ballot, data):
        early = count_ballot(rules, **ballot)
        if early.outcome not in ("passed", "failed") or not ballot["open_votes"]:
            return
        left = ballot.pop("open_votes")
        more_yes = data.draw(st.integers(0, left))
        more_no = data.draw(st.integers(0, left - more_yes))
        ballot["yes"] += more_yes
        ballot["no"] += more_no
        ballot["abstain"] += left - more_yes - more_no
        late = count_ballot(rules, **ballot)
        if early.outcome == "passed":
            self.assertEqual(late.outcome, "passed")
        else:
            self.assertNotEqual(late.outcome, "passed")

    @PATIENT
    @given(RULES, ballots())
    def test_an_abstention_is_neutral_on_the_votes_cast(self, rules, ballot):
        rules["pass_base"] = "cast"
        ballot.update(open_votes=0)
        before = count_ballot(rules, **ballot)
        ballot["abstain"] = 0
        self.assertEqual(count_ballot(rules, **ballot).outcome, before.outcome)

    @PATIENT
    @given(RULES, ballots())
    def test_all_seats_are_the_hardest_base(self, rules, ballot):
        ballot["open_votes"] = 0
        rules.update(tie_rule="fails", min_votes=0)
        if count_ballot({**rules, "pass_base": "all"}, **ballot).outcome == "passed":
            for base in ("present", "cast"):
                count = count_ballot({**rules, "pass_base": base}, **ballot)
                self.assertEqual(count.outcome, "passed")

    @PATIENT
    @given(RULES, ballots())
    def test_a_tie_needs_somebody_or_another_day(self, rules, ballot):
        count = count_ballot(rules, **ballot)
        if count.outcome == "tie":
            self.assertEqual(ballot["yes"], ballot["no"])
            self.assertIn(
                count.why, ("tie_casting_vote", "tie_next_meeting", "tie_revote")
            )
            self.assertNotEqual(rules["tie_rule"], "fails")

    @PATIENT
    @given(RULES, ballots())
    def test_one_more_yes_never_turns_a_pass_into_a_fail(self, rules, ballot):
        ballot["open_votes"] = 0
        if count_ballot(rules, **ballot).outcome != "passed":
            return
        # By a member who had abstained, and by one more who comes.
        if ballot["abstain"]:
            turned = {**ballot, "yes": ballot["yes"] + 1}
            turned["abstain"] -= 1
            self.assertEqual(count_ballot(rules, **turned).outcome, "passed")
        if rules["casting_on_present"] and rules["pass_base"] == "present":
            # One more who is there also raises what is needed: a tie may be gone.
            return
        more = {
            **ballot,
            "yes": ballot["yes"] + 1,
            "present": ballot["present"] + 1,
            "seats": ballot["seats"] + 1,
        }
        if count_ballot(rules, **more).quorate:
            self.assertEqual(count_ballot(rules, **more).outcome, "passed")

    @PATIENT
    @given(RULES, ballots(), st.integers(0, 5))
    def test_more_recused_members_leave_the_cast_base_alone(self, rules, ballot, more):
        rules["pass_base"] = "cast"
        ballot["open_votes"] = 0
        before = count_ballot(rules, **ballot)
        ballot["recused"] += more
        ballot["present"] += more
        ballot["seats"] += more
        after = count_ballot(rules, **ballot)
        self.assertEqual((after.base, after.needed), (before.base, before.needed))
        self.assertEqual(before.base, ballot["yes"] + ballot["no"])
        if before.quorate and after.quorate:
            self.assertEqual(after.outcome, before.outcome)

    @PATIENT
    @given(RULES, ballots(), st.data())
    def test_an_early_result_holds_when_the_others_stay_silent(
        self, rules, ballot, data
    ):
        early = count_ballot(rules, **ballot)
        left = ballot.pop("open_votes")
        if early.outcome not in ("passed", "failed") or not left:
            return
        silent = data.draw(st.integers(0, left))
        more_yes = data.draw(st.integers(0, left - silent))
        ballot["present"] -= silent
        ballot["yes"] += more_yes
        ballot["no"] += left - silent - more_yes
        late = count_ballot(rules, **ballot)
        if not late.quorate:
            return
        if early.outcome == "passed":
            self.assertEqual(late.outcome, "passed")
        else:
            self.assertNotEqual(late.outcome, "passed")

    @PATIENT
    @given(RULES, ballots())
    def test_a_strict_quorum_is_a_quorum_under_every_handling(self, rules, ballot):
        quorate = {
            handling: count_ballot(
                {**rules, "recused_quorum": handling}, **ballot
            ).quorate
            for handling in ("strict", "reduced", "roberts")
        }
        if quorate["strict"]:
            self.assertTrue(quorate["roberts"])
            self.assertTrue(quorate["reduced"])

    @PATIENT
    @given(RULES, ballots(), st.lists(st.sampled_from(OFFICES)))
    def test_named_offices_only_add_to_the_quorum(self, rules, ballot, offices):
        before = count_ballot(rules, **ballot)
        rules["quorum_offices"] = [["chair", "deputy"], ["title:1"]]
        after = count_ballot(rules, offices=offices, **ballot)
        there = {"chair", "deputy"} & set(offices) and "title:1" in offices
        self.assertEqual(after.quorate, before.quorate and bool(there))

    @PATIENT
    @given(RULES, ballots(), st.booleans())
    def test_quorum_at_the_opening_holds_where_the_rules_say_so(
        self, rules, ballot, before
    ):
        each = count_ballot({**rules, "quorum_per_item": True}, **ballot)
        once = count_ballot(
            {**rules, "quorum_per_item": False}, quorate_before=before, **ballot
        )
        self.assertEqual(once.quorate, each.quorate or before)
        same = count_ballot(
            {**rules, "quorum_per_item": True}, quorate_before=before, **ballot
        )
        self.assertEqual(same, each)

    @PATIENT
    @given(RULES, ballots())
    def test_a_tie_is_voted_on_again_once(self, rules, ballot):
        rules["tie_rule"] = "revote"
        ballot["open_votes"] = 0
        again = count_ballot(rules, revotes=1, **ballot)
        self.assertNotEqual(again.outcome, "tie")

    @PATIENT
    @given(RULES, ballots())
    def test_consent_of_all_wants_a_yes_of_everybody(self, rules, ballot):
        ballot["open_votes"] = 0
        count = count_ballot(consent_rules(rules), **ballot)
        everybody = ballot["present"] - ballot["recused"]
        if count.outcome == "passed":
            self.assertEqual(ballot["yes"], everybody)
        elif count.quorate and everybody:
            self.assertLess(ballot["yes"], everybody)


PEOPLE = st.integers(1, 8)


@tagged("post_install", "-at_install")
class TestSeatProperties(unittest.TestCase):
    """Alternates, delegations and amounts, without a database."""

    @PATIENT
    @given(
        st.lists(PEOPLE, unique=True),
        st.dictionaries(st.integers(11, 18), st.none() | PEOPLE),
    )
    def test_no_seat_is_filled_twice_and_nobody_sits_twice(self, seats, alternates):
        pairs = pair_alternates(seats, alternates)
        self.assertEqual(len(set(pairs.values())), len(pairs))
        self.assertLessEqual(set(pairs.values()), set(seats))
        for alternate, seat in pairs.items():
            self.assertIn(alternates[alternate], (None, seat))
        free = [one for one, named in alternates.items() if named is None]
        idle = [one for one in free if one not in pairs]
        self.assertFalse(idle and set(seats) - set(pairs.values()))

    @PATIENT
    @given(
        st.lists(st.tuples(PEOPLE, PEOPLE).filter(lambda pair: pair[0] != pair[1])),
        st.sets(PEOPLE),
        st.sets(PEOPLE),
    )
    def test_a_delegation_in_conflict_is_void(self, delegations, present, recused):
        valid = valid_delegations(delegations, present, recused)
        self.assertEqual(len(set(valid.values())), len(valid))
        for giver, taker in valid.items():
            self.assertIn((giver, taker), delegations)
            self.assertNotIn(giver, present)
            self.assertIn(taker, present)
            self.assertFalse({giver, taker} & recused)

    @PATIENT
    @given(
        st.dictionaries(
            st.tuples(PEOPLE, st.integers(1, 3)),
            st.sampled_from(["yes", "no", "abstain"]),
        ),
        st.randoms(),
    )
    def test_order_of_votes_never_matters_and_the_last_version_counts(
        self, given_votes, random
    ):
        votes = [(*key, value) for key, value in given_votes.items()]
        tally = tally_votes(votes)
        random.shuffle(votes)
        self.assertEqual(tally_votes(votes), tally)
        self.assertEqual(sum(tally.values()), len({member for member, *_ in votes}))

    @PATIENT
    @given(st.lists(st.integers(1, 9000)), st.randoms())
    def test_median_is_a_proposal_whatever_the_order(self, amounts, random):
        median = median_amount(amounts)
        if not amounts:
            self.assertIsNone(median)
            return
        self.assertIn(median, amounts)
        half = len(amounts) / 2
        self.assertLessEqual(sum(amount < median for amount in amounts), half)
        self.assertLessEqual(sum(amount > median for amount in amounts), half)
        shuffled = list(amounts)
        random.shuffle(shuffled)
        self.assertEqual(median_amount(shuffled), median)

    @PATIENT
    @given(st.lists(st.integers(1, 9000), min_size=1), st.integers(0, 9000))
    def test_amounts_end_at_the_highest_that_is_carried(self, amounts, limit):
        """A committee that carries everything up to a limit ends at the last below."""
        carried, votes = None, 0
        step, amount = "vote", min(amounts)
        while step == "vote":
            votes += 1
            passed = amount <= limit
            carried = amount if passed else carried
            step, amount = next_amount(amounts, carried, passed)
        below = [one for one in amounts if one <= limit]
        self.assertEqual(amount, max(below) if below else None)
        self.assertEqual(step, "stands" if below else "none")
        self.assertLessEqual(votes, len(set(amounts)))
