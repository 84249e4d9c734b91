"""What must hold for every ballot, whatever the rules and the votes."""

import unittest

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.beneficiary_aid.tools.ballot import count_ballot

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
        "tie_rule": st.sampled_from(["fails", "casting_vote", "next_meeting"]),
        "casting_on_present": st.booleans(),
        "min_votes": st.integers(0, 5),
    }
)
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
            self.assertIn(count.why, ("tie_casting_vote", "tie_next_meeting"))
            self.assertNotEqual(rules["tie_rule"], "fails")
