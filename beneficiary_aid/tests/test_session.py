from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tests.common import warmup

from ..tools.ballot import count_ballot, yes_still_needed
from .common import AidCommon

RULES = {"pass_kind": "more_than_half", "pass_base": "cast"}


@tagged("post_install", "-at_install")
class TestSession(AidCommon):
    """What the session screen shows, to whom, and what it tells over the bus."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._refer()
        cls.meeting = cls._open_meeting()
        cls.item = cls._put_on_agenda(cls.meeting, cls.request)

    def _state(self, user, item=None):
        meeting = self.meeting.with_user(user)
        return meeting.session_state(item.id if item else False)

    def _notices(self):
        """Return what the bus was told in this transaction."""
        self.env.cr.precommit.run()
        return self.env["bus.bus"].sudo().search([]).mapped("message")

    # ------------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------------

    def test_people_of_the_committee_follow_and_nobody_else(self):
        for user in (self.secretary, self.chair, self.auditor, self.aid_manager):
            with self.subTest(user=user.login):
                state = self._state(user)
                self.assertEqual(state["item"]["id"], self.item.id)
                self.assertEqual(state["agenda"][0]["name"], self.request.name)
        for user in (self.officer, self.clerk, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._state(user)
        with self.assertRaises(AccessError):
            self.meeting.with_user(self.officer).action_run_session()
        action = self.meeting.with_user(self.chair).action_run_session()
        self.assertEqual(action["tag"], "beneficiary_aid.session")

    def test_another_association_does_not_follow(self):
        other = self._create_association("Other")
        stranger = self._create_aid_user(
            "stranger", "beneficiary_aid.group_committee_secretary", other
        )
        with self.assertRaises(AccessError):
            self._state(stranger)

    def test_steps_are_offered_to_whom_they_belong(self):
        can = self._state(self.secretary)["item"]["can"]
        self.assertTrue(can["open"] and can["edit"] and can["take_up"])
        self.assertFalse(can["close"] or can["vote"])
        can = self._state(self.chair)["item"]["can"]
        self.assertTrue(can["recuse"])
        self.assertFalse(can["open"] or can["edit"] or can["close"] or can["vote"])
        self.assertFalse(self._state(self.chair)["item"]["choices"])
        self.item.action_open_vote()
        can = self._state(self.chair)["item"]["can"]
        self.assertTrue(can["vote"])
        self.assertFalse(can["recuse"])
        self.assertTrue(self._state(self.secretary)["item"]["can"]["close"])
        self.assertFalse(any(self._state(self.auditor)["item"]["can"].values()))

    def test_who_abstains_is_asked_why_where_the_rules_want_it(self):
        self.item.action_open_vote()
        self.assertEqual(self.committee.abstention, "with_reason")
        self.assertTrue(self._state(self.chair)["item"]["vote"]["asks_reason"])
        self.committee.sudo().abstention = "allowed"
        self.assertFalse(self._state(self.chair)["item"]["vote"]["asks_reason"])
        self.assertTrue(self._state(self.chair)["item"]["can"]["abstain"])
        self.committee.sudo().abstention = "not_allowed"
        can = self._state(self.chair)["item"]["can"]
        self.assertTrue(can["vote"])
        self.assertFalse(can["abstain"])

    def test_reasons_are_offered_with_what_they_are_used_for(self):
        choices = self._state(self.secretary)["item"]["choices"]
        used = {number: use for number, _name, use in choices["reasons"]}
        self.assertEqual(used[self.reason_entitled.id], "approve")
        self.assertEqual(used[self.reason_declined.id], "decline")
        self.assertEqual(choices["uses"]["approve_less"], "approve")
        self.assertEqual(choices["uses"]["postpone"], "postpone")

    def test_votes_of_others_are_counted_and_not_shown(self):
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_a="no")
        vote = self._state(self.chair)["item"]["vote"]
        self.assertEqual((vote["voted"], vote["eligible"]), (2, 4))
        self.assertEqual(
            {one["name"]: one["value"] for one in vote["members"] if one["value"]},
            {self.chair.name: "yes"},
        )
        self.assertFalse(vote["tally"])
        self.assertIn("2 of 4", vote["line"])
        self.assertIn("3 yes", vote["line"])
        self._vote(self.item, member_b="yes")
        self.item.action_close_vote()
        vote = self._state(self.chair)["item"]["vote"]
        self.assertEqual(vote["tally"], {"yes": 2, "no": 1, "abstain": 0})
        self.assertTrue(self._state(self.chair)["item"]["decision"]["name"])

    def test_votes_by_name_are_seen_as_they_come_in(self):
        self.committee.ballot = "named"
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_a="no")
        vote = self._state(self.chair)["item"]["vote"]
        self.assertEqual(vote["tally"], {"yes": 1, "no": 1, "abstain": 0})
        self.assertIn("2 more yes", vote["line"])
        self._vote(self.item, member_b="no", researcher_member="no")
        line = self._state(self.chair)["item"]["vote"]["line"]
        self.assertIn("cannot carry", line)

    def test_secret_votes_stay_secret(self):
        self.committee.ballot = "secret"
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_a="yes", member_b="no")
        for user in (self.secretary, self.chair, self.auditor):
            vote = self._state(user)["item"]["vote"]
            self.assertFalse(vote["tally"])
            self.assertFalse([one for one in vote["members"] if one["value"]])
            self.assertIn("3 of 4", vote["line"])

    def test_chair_casts_on_the_screen_when_a_secret_vote_is_equal(self):
        self.committee.write({"ballot": "secret", "tie_rule": "casting_vote"})
        self.item.action_open_vote()
        self._vote(self.item, chair="yes", member_a="no", member_b="yes")
        self.assertFalse(self._state(self.chair)["item"]["can"]["vote"])
        self._vote(self.item, researcher_member="no")
        for user in (self.member_a, self.secretary):
            state = self._state(user)["item"]
            self.assertFalse(state["can"]["vote"])
            self.assertNotIn("equal", state["vote"]["line"])
        state = self._state(self.chair)["item"]
        self.assertTrue(state["can"]["vote"])
        self.assertIn("casting vote", state["vote"]["line"])
        self.assertFalse(state["can"]["abstain"])
        with self.assertRaisesRegex(UserError, "yes or no"):
            self.item.with_user(self.chair)._vote("abstain")
        self.item.with_user(self.chair).action_vote_no()
        self.assertFalse(self._state(self.chair)["item"]["can"]["vote"])
        self.item.action_close_vote()
        self.assertFalse(self.item.decision_ids.passed)

    def test_hidden_applicant_is_a_number_until_the_vote_is_over(self):
        self.committee.hide_applicant = "name"
        name = self.beneficiary.name
        self.assertNotIn(name, str(self._state(self.chair)))
        self.assertIn(name, self._state(self.secretary)["item"]["person"])

    def test_opinions_are_asked_and_shown(self):
        item = self._state(self.chair)["item"]
        self.assertTrue(item["can"]["opine"])
        self.assertFalse(item["opinions"]["given"])
        self.env["beneficiary.opinion"].with_user(self.chair).create(
            {
                "item_id": self.item.id,
                "member_id": self.seats["chair"].id,
                "leaning": "for",
                "text": "They need it",
            }
        )
        item = self._state(self.chair)["item"]
        self.assertFalse(item["can"]["opine"])
        self.assertEqual(item["opinions"]["given"][0]["text"], "They need it")
        self.assertFalse(self._state(self.member_a)["item"]["opinions"]["given"])

    def test_recused_member_counts_the_item_and_sees_nothing_of_it(self):
        self.item.with_user(self.chair).action_recuse()
        state = self._state(self.chair, self.item)
        self.assertFalse(state["item"])
        self.assertEqual(
            state["agenda"], [{"number": 1, "hidden": True, "label": "Pending"}]
        )
        self.item.action_take_up()
        self.assertFalse(self._state(self.chair)["meeting"]["current_id"])
        self.assertNotIn(self.request.name, str(self._state(self.chair)))
        self.assertNotIn(self.beneficiary.name, str(self._state(self.chair)))

    def test_recused_from_one_of_two(self):
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        other = self._put_on_agenda(self.meeting, request)
        self.item.with_user(self.chair).action_recuse()
        for item in (self.item, other):
            item.action_open_vote()
            self._vote(item, member_a="yes", member_b="yes", researcher_member="yes")
            self.env.flush_all()
            self.env.invalidate_all()
            state = self._state(self.chair)
            self.assertEqual([len(row) for row in state["agenda"]], [3, 12])
            self.assertEqual(state["item"]["id"], other.id)
            item.action_close_vote()

    def test_item_of_another_meeting_is_not_shown(self):
        other = self._open_meeting()
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        foreign = self._put_on_agenda(other, request)
        state = self._state(self.chair, foreign)
        self.assertEqual(state["item"]["id"], self.item.id)

    @warmup
    def test_queries_do_not_grow_with_the_agenda(self):
        def count(items):
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            state = self._state(self.chair)
            self.assertEqual(len(state["agenda"]), items)
            return self.cr.sql_log_count - start

        count(1)
        one = count(1)
        for number in range(1, 5):
            person = self._create_other_beneficiary(number)
            self._put_on_agenda(self.meeting, self._refer(self._create_request(person)))
        count(5)
        self.assertLessEqual(count(5), one)
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            self._state(self.chair)

    # ------------------------------------------------------------------
    # Steps of the screen
    # ------------------------------------------------------------------

    def test_taking_up_an_item_is_for_the_secretary(self):
        self.item.action_take_up()
        self.item.action_take_up()
        self.assertEqual(self.meeting.current_item_id, self.item)
        for user in (self.chair, self.officer, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.item.with_user(user).action_take_up()
        with self.assertRaises(AccessError):
            self.meeting.current_item_id = False
        draft = self.env["beneficiary.meeting"].create(
            {"committee_id": self.committee.id}
        )
        request = self._refer(self._create_request(self._create_other_beneficiary()))
        with self.assertRaisesRegex(UserError, "not open"):
            self._put_on_agenda(draft, request).action_take_up()

    # ------------------------------------------------------------------
    # Bus
    # ------------------------------------------------------------------

    def test_changes_are_told_without_a_word_of_the_case(self):
        self._notices()
        before = len(self._notices())
        self.item.motion = "Wording"
        self.item.action_open_vote()
        self._vote(self.item, chair="yes")
        own = [
            message
            for message in self._notices()[before:]
            if "beneficiary_meeting" in message
        ]
        self.assertEqual(
            own,
            [
                '{"type":"beneficiary_meeting/changed",'
                f'"payload":{{"id":{self.meeting.id}}}}}'
            ],
        )

    def test_channel_of_a_meeting_is_for_those_who_follow_it(self):
        channel = f"beneficiary.meeting_{self.meeting.id}"
        base = "odoo.addons.bus.models.ir_websocket.IrWebsocket._build_bus_channel_list"
        with patch(base, lambda self, channels: channels):
            for user, count in (
                (self.chair, 1),
                (self.secretary, 1),
                (self.officer, 0),
                (self.employee, 0),
                (self.env.ref("base.public_user"), 0),
            ):
                with self.subTest(user=user.login):
                    socket = self.env["ir.websocket"].with_user(user)
                    channels = socket._build_bus_channel_list([channel, "other"])
                    meetings = [
                        one
                        for one in channels
                        if getattr(one, "_name", "") == "beneficiary.meeting"
                    ]
                    self.assertEqual(len(meetings), count)
                    # Words only: a channel of a record is no word to compare with.
                    words = [one for one in channels if isinstance(one, str)]
                    self.assertEqual(words, ["other"])


@tagged("post_install", "-at_install")
class TestYesStillNeeded(AidCommon):
    """The live line of the worked cases, without a database."""

    @classmethod
    def setUpClass(cls):
        # Counting needs no association.
        super(AidCommon, cls).setUpClass()

    def _needed(self, open_votes, rules=RULES, **count):
        numbers = {"seats": 7, "present": 7, "recused": 0, "abstain": 0}
        return yes_still_needed(rules, open_votes, **{**numbers, **count})

    def test_cases(self):
        # Case g: four yes of seven carry it whatever comes.
        self.assertEqual(self._needed(3, yes=4, no=0), 0)
        self.assertEqual(self._needed(7, yes=0, no=0), 4)
        self.assertEqual(self._needed(3, yes=2, no=2), 2)
        self.assertIsNone(self._needed(2, yes=1, no=4))
        self.assertIsNone(self._needed(1, yes=0, no=0, abstain=0, present=1))
        two_thirds = {**RULES, "pass_kind": "two_thirds"}
        self.assertEqual(self._needed(6, two_thirds, yes=0, no=0, present=6), 4)

    def test_one_less_is_not_enough(self):
        for yes in range(4):
            for no in range(4):
                open_votes = 7 - yes - no
                needed = self._needed(open_votes, yes=yes, no=no)
                if not needed:
                    continue
                less = count_ballot(
                    RULES,
                    seats=7,
                    present=7,
                    recused=0,
                    abstain=0,
                    yes=yes + needed - 1,
                    no=no + open_votes - needed + 1,
                )
                self.assertNotEqual(less.outcome, "passed")
