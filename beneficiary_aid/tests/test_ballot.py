from odoo.tests import BaseCase, tagged

from ..tools.ballot import (
    count_ballot,
    median_amount,
    next_amount,
    pair_alternates,
    quorum_size,
    valid_delegations,
)

BASES = ("cast", "present", "all")
HANDLINGS = ("strict", "reduced", "roberts")


@tagged("post_install", "-at_install")
class TestBallot(BaseCase):
    """The worked cases of committee rules: seven seats, quorum four."""

    def count(self, present, recused, yes, no, abstain, rules=None, **kwargs):
        return count_ballot(
            rules or {}, 7, present, recused, yes, no, abstain, **kwargs
        )

    def assertQuorum(self, votes, expected):
        """The quorum under strict, reduced and Robert's handling of recusals."""
        quorate = tuple(
            self.count(*votes, rules={"recused_quorum": handling}).quorate
            for handling in HANDLINGS
        )
        self.assertEqual(quorate, expected)

    def assertOutcomes(self, votes, expected, handling="strict", **rules):
        """The outcome on the votes cast, the members present, all seats."""
        outcomes = tuple(
            self.count(
                *votes,
                rules={"pass_base": base, "recused_quorum": handling, **rules},
            ).outcome
            for base in BASES
        )
        self.assertEqual(outcomes, expected)

    def test_a_majority_of_the_cast_votes_only(self):
        votes = (6, 0, 3, 2, 1)
        self.assertQuorum(votes, (True, True, True))
        self.assertOutcomes(votes, ("passed", "failed", "failed"))
        present = self.count(*votes, rules={"pass_base": "present"})
        self.assertEqual((present.needed, present.base), (4, 6))
        self.assertEqual(self.count(*votes, rules={"pass_base": "all"}).needed, 4)

    def test_b_one_recused_member(self):
        votes = (6, 1, 3, 2, 0)
        self.assertQuorum(votes, (True, True, True))
        self.assertEqual(self.count(*votes).quorum_present, 5)
        self.assertOutcomes(votes, ("passed", "passed", "failed"))
        self.assertEqual(self.count(*votes, rules={"pass_base": "present"}).base, 5)

    def test_c_quorum_lost_by_a_recusal(self):
        votes = (4, 1, 2, 1, 0)
        self.assertQuorum(votes, (False, False, True))
        self.assertOutcomes(votes, ("no_quorum",) * 3)
        self.assertOutcomes(votes, ("no_quorum",) * 3, handling="reduced")
        self.assertOutcomes(votes, ("passed", "passed", "failed"), handling="roberts")
        reduced = self.count(*votes, rules={"recused_quorum": "reduced"})
        self.assertEqual((reduced.quorum_present, reduced.quorum_needed), (3, 4))
        roberts = self.count(*votes, rules={"recused_quorum": "roberts"})
        self.assertEqual((roberts.quorum_present, roberts.quorum_needed), (4, 4))

    def test_d_three_recused_members(self):
        votes = (6, 3, 2, 1, 0)
        self.assertQuorum(votes, (False, True, True))
        reduced = self.count(*votes, rules={"recused_quorum": "reduced"})
        self.assertEqual((reduced.quorum_present, reduced.quorum_needed), (3, 3))
        self.assertOutcomes(votes, ("passed", "passed", "failed"), handling="reduced")

    def test_e_tie(self):
        votes = (5, 0, 2, 2, 1)
        self.assertQuorum(votes, (True, True, True))
        self.assertOutcomes(votes, ("failed", "failed", "failed"))
        self.assertEqual(self.count(*votes).why, "tie")
        self.assertEqual(self.count(*votes, rules={"pass_base": "present"}).needed, 3)
        casting = {"tie_rule": "casting_vote"}
        for chair_vote, outcome in (("yes", "passed"), ("no", "failed")):
            count = self.count(*votes, rules=casting, chair_vote=chair_vote)
            self.assertEqual((count.outcome, count.why), (outcome, "casting_vote"))
        self.assertEqual(self.count(*votes, rules=casting).outcome, "tie")
        self.assertEqual(
            self.count(*votes, rules=casting, chair_recused=True).outcome, "failed"
        )
        next_meeting = self.count(*votes, rules={"tie_rule": "next_meeting"})
        self.assertEqual(next_meeting.why, "tie_next_meeting")

    def test_e_casting_vote_on_the_present_base_only_where_the_rules_say_so(self):
        votes = (5, 0, 2, 2, 1)
        rules = {"tie_rule": "casting_vote", "pass_base": "present"}
        self.assertEqual(
            self.count(*votes, rules=rules, chair_vote="yes").outcome, "failed"
        )
        rules["casting_on_present"] = True
        self.assertEqual(
            self.count(*votes, rules=rules, chair_vote="yes").outcome, "passed"
        )

    def test_casting_vote_on_the_present_base_needs_what_a_second_vote_can_carry(self):
        rules = {
            "tie_rule": "casting_vote",
            "pass_base": "present",
            "casting_on_present": True,
        }
        # One for, one against, three abstain: two of five would not carry it either.
        self.assertEqual(
            self.count(5, 0, 1, 1, 3, rules=rules, chair_vote="yes").outcome, "failed"
        )
        self.assertEqual(self.count(5, 0, 2, 0, 3, rules=rules).outcome, "failed")
        # A tie that the last vote would make is no early result: it may abstain.
        count = self.count(4, 0, 2, 1, 0, rules=rules, chair_vote="yes", open_votes=1)
        self.assertEqual(count.outcome, "open")

    def test_e_tie_is_voted_on_once_more(self):
        rules = {"tie_rule": "revote"}
        votes = (5, 0, 2, 2, 1)
        count = self.count(*votes, rules=rules)
        self.assertEqual((count.outcome, count.why), ("tie", "tie_revote"))
        count = self.count(*votes, rules=rules, revotes=1)
        self.assertEqual((count.outcome, count.why), ("failed", "tie"))

    def test_named_offices(self):
        rules = {"quorum_offices": [["chair", "deputy"]]}
        count = self.count(5, 0, 3, 2, 0, rules=rules, offices={"member"})
        self.assertEqual(
            (count.outcome, count.missing), ("no_quorum", (("chair", "deputy"),))
        )
        count = self.count(5, 0, 3, 2, 0, rules=rules, offices={"deputy", "member"})
        self.assertEqual(count.outcome, "passed")

    def test_alternates_delegations_and_amounts(self):
        self.assertEqual(
            pair_alternates(["a", "b"], {"x": None, "y": "a", "z": "c"}),
            {"y": "a", "x": "b"},
        )
        pairs = [("a", "x"), ("b", "x"), ("c", "y"), ("d", "z")]
        self.assertEqual(
            valid_delegations(pairs, {"x", "y", "z"}, {"y", "d"}), {"a": "x"}
        )
        self.assertEqual(valid_delegations([("a", "x")], {"a", "x"}, set()), {})
        self.assertEqual(median_amount([500, 100, 300]), 300)
        self.assertEqual(median_amount([500, 100, 300, 400]), 300)
        self.assertIsNone(median_amount([]))
        amounts = [100, 300, 500]
        self.assertEqual(next_amount(amounts, 100, True), ("vote", 300))
        self.assertEqual(next_amount(amounts, 500, True), ("stands", 500))
        self.assertEqual(next_amount(amounts, 300, False), ("stands", 300))
        self.assertEqual(next_amount(amounts, None, False), ("none", None))

    def test_f_only_abstentions(self):
        votes = (5, 0, 0, 0, 5)
        self.assertQuorum(votes, (True, True, True))
        self.assertOutcomes(votes, ("no_decision", "failed", "failed"))

    def test_g_early_pass(self):
        for base in BASES:
            count = self.count(7, 0, 4, 0, 0, rules={"pass_base": base}, open_votes=3)
            self.assertEqual((count.outcome, count.why), ("passed", "early_pass"))

    def test_h_two_thirds(self):
        votes = (6, 0, 4, 2, 0)
        self.assertOutcomes(
            votes, ("passed", "passed", "failed"), pass_kind="two_thirds"
        )
        rules = {"pass_base": "all", "pass_kind": "two_thirds"}
        self.assertEqual(self.count(*votes, rules=rules).needed, 5)

    def test_open_votes_keep_the_result_open(self):
        count = self.count(7, 0, 3, 2, 0, open_votes=2)
        self.assertEqual(count.outcome, "open")
        count = self.count(7, 0, 1, 5, 0, open_votes=1)
        self.assertEqual((count.outcome, count.why), ("failed", "early_fail"))

    def test_unanimous_and_a_number_of_votes(self):
        self.assertOutcomes(
            (5, 0, 4, 0, 1), ("passed", "failed", "failed"), pass_kind="unanimous"
        )
        self.assertOutcomes((7, 0, 7, 0, 0), ("passed",) * 3, pass_kind="unanimous")
        self.assertOutcomes(
            (5, 0, 3, 2, 0), ("passed",) * 3, pass_kind="at_least", pass_number=3
        )
        self.assertOutcomes(
            (5, 0, 3, 2, 0), ("failed",) * 3, pass_kind="at_least", pass_number=4
        )

    def test_fewest_votes(self):
        count = self.count(5, 0, 1, 0, 4, rules={"min_votes": 2})
        self.assertEqual((count.outcome, count.why), ("no_decision", "too_few_votes"))

    def test_quorum_sizes(self):
        for base, size in ((0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (7, 4), (8, 5)):
            self.assertEqual(quorum_size({}, base), size)
        fraction = {"quorum_kind": "fraction", "quorum_fraction": 2 / 3}
        self.assertEqual(quorum_size(fraction, 6), 4)
        self.assertEqual(quorum_size(fraction, 7), 5)
        number = {"quorum_kind": "number", "quorum_number": 3}
        self.assertEqual(quorum_size(number, 7), 3)

    def test_absent_recused_members_leave_a_reduced_base(self):
        rules = {"recused_quorum": "reduced"}
        self.assertFalse(self.count(3, 0, 3, 0, 0, rules=rules).quorate)
        self.assertTrue(
            self.count(3, 0, 3, 0, 0, rules=rules, recused_absent=2).quorate
        )

    def test_more_votes_than_members_are_refused(self):
        with self.assertRaises(ValueError):
            self.count(3, 1, 2, 1, 0)
        with self.assertRaises(ValueError):
            self.count(3, 0, -1, 0, 0)
