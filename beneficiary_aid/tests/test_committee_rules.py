from datetime import timedelta

from freezegun import freeze_time
from lxml import etree, html
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import AidCommon


class RulesCommon(AidCommon):
    """A referred request, and an alternate of the committee: ``member_c``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.request = cls._refer()
        cls.member_c = cls._create_aid_user(
            "member_c", "beneficiary_aid.group_committee_member"
        )
        cls.seats["member_c"] = cls.env["beneficiary.committee.member"].create(
            {
                "committee_id": cls.committee.id,
                "user_id": cls.member_c.id,
                "role": "alternate",
                "date_from": "2020-01-01",
            }
        )

    def _item(self, *present, **motion):
        return self._put_on_agenda(self._open_meeting(*present), self.request, **motion)

    def _voting_item(self, *present, **motion):
        item = self._item(*present, **motion)
        item.action_open_vote()
        return item

    def _opine(self, item, name, **values):
        return (
            self.env["beneficiary.opinion"]
            .with_user(getattr(self, name))
            .create({"item_id": item.id, **values})
        )


@tagged("post_install", "-at_install")
class TestQuorumRules(RulesCommon):
    """Who counts as present, who must be there, and what a lost quorum means."""

    def test_chair_or_deputy_must_be_there(self):
        self.committee.quorum_chair = "chair"
        item = self._item("member_a", "member_b", "researcher_member")
        with self.assertRaisesRegex(UserError, "no quorum without: Chair"):
            item.action_open_vote()
        self.committee.quorum_chair = "chair_or_deputy"
        with self.assertRaisesRegex(UserError, "Chair / Deputy"):
            item.action_open_vote()
        self.seats["member_a"].role = "deputy"
        item.action_open_vote()
        self.assertEqual(item.state, "voting")

    def test_chair_who_leaves_before_closing_is_missed(self):
        self.committee.quorum_chair = "chair"
        item = self._voting_item()
        self._vote(item, member_a="yes", member_b="yes", researcher_member="yes")
        with self.assertRaisesRegex(UserError, "no quorum without: Chair"):
            item.action_close_vote()
        self._vote(item, chair="no")
        item.action_close_vote()
        self.assertEqual(item.state, "decided")

    def test_named_office_must_be_there(self):
        sharia = self.env["beneficiary.committee.title"].create(
            {"name": "Sharia member", "company_id": self.company.id}
        )
        self.committee.quorum_title_ids = sharia
        item = self._item()
        with self.assertRaisesRegex(UserError, "Sharia member"):
            item.action_open_vote()
        self.seats["member_b"].title_id = sharia
        item.recused_member_ids = self.seats["member_b"]
        with self.assertRaisesRegex(UserError, "Sharia member"):
            item.action_open_vote()
        item.recused_member_ids = False
        item.action_open_vote()
        self.assertEqual(
            item.committee_id._rule_sheet()["quorum_offices"], [[f"title:{sharia.id}"]]
        )

    def test_remote_members_count_where_the_rules_say_so(self):
        meeting = self._open_meeting("chair", "member_a")
        item = self._put_on_agenda(meeting, self.request)
        meeting.attendance_ids.filtered(
            lambda one: one.member_id == self.seats["member_b"]
        ).presence = "remote"
        self.assertEqual(meeting.present_count, 2)
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self.committee.presence_kind = "remote"
        item.action_open_vote()
        self.assertIn(self.seats["member_b"], item.eligible_member_ids)

    def test_attendance_per_item(self):
        item = self._item("chair", "member_a", "member_b")
        with self.assertRaisesRegex(UserError, "once a meeting"):
            item.absent_member_ids = self.seats["member_b"]
        self.committee.presence_per_item = True
        item.absent_member_ids = self.seats["member_b"]
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self._mark_present(
            item.meeting_id, "chair", "member_a", "member_b", "researcher_member"
        )
        item.action_open_vote()
        self.assertNotIn(self.seats["member_b"], item.eligible_member_ids)

    def test_quorum_at_the_opening_only(self):
        self.committee.quorum_per_item = False
        item = self._item("chair", "member_a")
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self._mark_present(item.meeting_id, "chair", "member_a", "member_b")
        item.recused_member_ids = self.seats["member_b"]
        item.action_open_vote()
        self.assertTrue(item.meeting_id.quorum_seen)
        self._vote(item, chair="yes", member_a="yes")
        item.action_close_vote()
        self.assertEqual(item.decision_ids.present_count, 2)
        second = self._refer(self._create_request(self._create_other_beneficiary()))
        later = self._put_on_agenda(item.meeting_id, second)
        self._mark_present(item.meeting_id, "chair", "member_a")
        later.action_open_vote()
        self.assertEqual(later.state, "voting")

    def test_lost_quorum_goes_to_the_body_above(self):
        board = self.env["beneficiary.committee"].create(
            {"name": "Board", "company_id": self.company.id}
        )
        self.committee.parent_id = board
        item = self._item("chair", "member_a", "member_b")
        item.recused_member_ids = self.seats["member_b"]
        item.action_open_vote()
        self.assertEqual((item.state, item.sent_up_to_id), ("postponed", board))
        self.assertIn("goes up to Board", item.result)
        with self.assertRaisesRegex(UserError, "sent up to Board"):
            with self.cr.savepoint():
                self._item("chair", "member_a", "member_b")
        meeting = (
            self.env["beneficiary.meeting"]
            .with_user(self.secretary)
            .create({"committee_id": board.id})
        )
        self.assertEqual(self._put_on_agenda(meeting, self.request).state, "pending")
        with self.assertRaises(ValidationError):
            board.parent_id = self.committee

    def test_absence_alone_sends_nothing_up(self):
        self.committee.parent_id = self.env["beneficiary.committee"].create(
            {"name": "Board", "company_id": self.company.id}
        )
        item = self._item("chair", "member_a")
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self.assertEqual(item.state, "pending")

    def test_lost_quorum_puts_the_item_off(self):
        self.committee.quorum_lost = "postpone"
        item = self._item("chair", "member_a", "member_b")
        item.recused_member_ids = self.seats["member_b"]
        item.action_open_vote()
        self.assertEqual(item.state, "postponed")
        self.assertIn("left no quorum", item.result)

    def test_alternate_fills_the_seat_of_a_recused_member(self):
        self.committee.quorum_lost = "alternates"
        item = self._item("chair", "member_a", "member_b", "member_c")
        item.recused_member_ids = self.seats["member_b"]
        item.action_open_vote()
        self.assertRecordValues(
            item.stand_in_ids,
            [
                {
                    "kind": "alternate",
                    "member_id": self.seats["member_c"].id,
                    "seat_id": self.seats["member_b"].id,
                }
            ],
        )
        self._vote(item, chair="yes", member_a="no", member_c="yes")
        item.action_close_vote()
        decision = item.decision_ids
        self.assertEqual((decision.present_count, decision.yes_count), (3, 2))
        with self.assertRaises(AccessError):
            item.with_user(self.member_b)._my_member() or item.with_user(
                self.member_b
            ).check_access("write")

    def test_alternate_fills_the_seat_of_an_absent_member(self):
        item = self._item("chair", "member_a", "member_c")
        with self.assertRaisesRegex(UserError, "not recused: 2, needed: 3"):
            item.action_open_vote()
        self.committee.delegation = "alternate"
        self.seats["member_c"].alternate_for_id = self.seats["member_b"]
        item.action_open_vote()
        self.assertEqual(item.stand_in_ids.seat_id, self.seats["member_b"])
        self.assertIn(self.seats["member_c"], item.eligible_member_ids)
        state = item.meeting_id.session_state(item.id)
        acting = {one["id"]: one["acting"] for one in state["item"]["vote"]["members"]}
        self.assertIn("in the place of", acting[self.seats["member_c"].id])
        self.assertFalse(acting[self.seats["chair"].id])
        self._vote(item, chair="yes", member_a="yes", member_c="yes")
        item.action_close_vote()
        item.meeting_id.action_close()
        names = [self.seats[name].display_name for name in ("member_c", "member_b")]
        self.assertIn(
            "Sat as an alternate: {} in the place of {}".format(*names),
            item.meeting_id.minutes,
        )

    def test_members_and_items_are_found_by_what_they_are_called(self):
        item = self._item()
        member = self.seats["member_b"]
        for record, word in ((member, "aid_member_b"), (item, item.request_id.name)):
            pickers = record.with_user(self.secretary)
            self.assertEqual(
                pickers.name_search(word), [(record.id, record.display_name)]
            )
            self.assertFalse(pickers.name_search("Nobody of that name"))

    def test_members_are_listed_by_their_seat(self):
        committee = self.committee.member_ids.search(
            [("committee_id", "=", self.committee.id)]
        )
        self.assertEqual(
            committee.mapped("role"),
            ["chair", "member", "member", "member", "alternate", "secretary"],
        )

    def test_alternate_has_no_vote_of_his_own(self):
        item = self._voting_item(
            "chair", "member_a", "member_b", "researcher_member", "member_c"
        )
        with self.assertRaises(AccessError):
            item.with_user(self.member_c).action_vote_yes()
        self.assertEqual(item.meeting_id.quorum_count, 3)
        with self.assertRaisesRegex(ValidationError, "only an alternate"):
            self.seats["member_a"].alternate_for_id = self.seats["member_b"]

    @mute_logger("odoo.sql_db")
    def test_stand_ins_are_never_changed(self):
        self.committee.delegation = "alternate"
        item = self._voting_item("chair", "member_a", "member_c")
        with self.assertRaises(AccessError):
            item.stand_in_ids.with_user(self.secretary).write({"round": 9})
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("UPDATE beneficiary_stand_in SET round = 9")

    def test_vacant_seats(self):
        self.committee.write({"seats_kind": "all", "seat_count": 7})
        self.assertEqual(self.committee.vacant_count, 3)
        with self.assertRaisesRegex(UserError, "needed: 4"):
            self._item("chair", "member_a", "member_b").action_open_vote()

    def test_members_who_rarely_come_are_marked(self):
        for _number in range(2):
            self._open_meeting("chair", "member_a", "member_b").action_close()
        self._open_meeting().action_close()
        self.env.invalidate_all()
        member = self.seats["researcher_member"]
        self.assertEqual(member.meeting_count, 3)
        self.assertAlmostEqual(member.attendance_rate, 1 / 3, places=3)
        self.assertTrue(member.attendance_low)
        self.assertFalse(self.seats["chair"].attendance_low)
        self.assertEqual(self.committee.low_attendance_note, member.display_name)
        self.committee.attendance_warn = 0.3
        self.assertFalse(member.attendance_low)


@tagged("post_install", "-at_install")
class TestVotingRules(RulesCommon):
    """Votes that change, secret ballots, ties, opinions, amounts, delegations."""

    def test_rules_hold_from_the_opening_to_the_close_of_a_vote(self):
        item = self._item()
        committee = self.committee.with_user(self.aid_manager)
        item.action_open_vote()
        for values in (
            {"pass_kind": "unanimous"},
            {"tie_rule": "casting_vote"},
            {"ballot": "secret"},
            {"quorum_chair": "chair"},
        ):
            with (
                self.subTest(**values),
                self.assertRaisesRegex(UserError, "vote is open"),
            ):
                committee.write(values)
        committee.name = "Another name"
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        committee.tie_rule = "casting_vote"
        self.assertEqual(item.decision_ids.rule_snapshot["tie_rule"], "fails")

    def test_vote_is_changed_until_the_close_and_all_versions_stay(self):
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="no")
        member = item.with_user(self.member_a)
        self.assertTrue(member.can_change_vote)
        with self.assertRaisesRegex(UserError, "in the same way"):
            member.action_vote_yes()
        member.action_vote_no()
        self.assertEqual(member.my_vote, "no")
        self.assertEqual(item.voted_count, 3)
        item.action_close_vote()
        decision = item.decision_ids
        self.assertEqual((decision.yes_count, decision.no_count), (1, 2))
        self.assertEqual(len(decision.ballot_snapshot), 3)
        votes = item.sudo().vote_ids.filtered(
            lambda vote: vote.member_id == self.seats["member_a"]
        )
        self.assertEqual(votes.sorted("version").mapped("value"), ["yes", "no"])
        self.assertEqual(votes.filtered("is_last").value, "no")
        with self.assertRaisesRegex(UserError, "no vote is open"):
            member.action_vote_yes()

    def test_votes_by_name_are_seen_as_they_come_in(self):
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="no")
        Vote = self.env["beneficiary.vote"].with_user(self.member_b)
        self.assertFalse(Vote.search([("item_id", "=", item.id)]))
        self.committee.ballot = "named"
        self.assertEqual(len(Vote.search([("item_id", "=", item.id)])), 2)

    def test_secret_ballot_keeps_who_and_what_apart(self):
        self.committee.ballot = "secret"
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="no", member_b="yes")
        votes = item.sudo().vote_ids
        self.assertEqual(len(votes), 3)
        self.assertEqual(set(votes.mapped("value")), {False})
        self.assertFalse(any(votes.mapped("reason")))
        member = item.with_user(self.member_a)
        self.assertTrue(member.has_voted)
        self.assertFalse(member.my_vote)
        self.assertFalse(member.can_change_vote)
        with self.assertRaisesRegex(UserError, "given once"):
            member.action_vote_yes()
        Box = self.env["beneficiary.ballot.box"]
        for user in (self.secretary, self.chair, self.aid_manager, self.auditor):
            with self.assertRaises(AccessError):
                Box.with_user(user).search([])
        item.action_close_vote()
        decision = item.decision_ids
        self.assertEqual(
            (decision.yes_count, decision.no_count, decision.passed), (2, 1, True)
        )
        self.assertEqual(sorted(decision.ballot_snapshot), ["no", "yes", "yes"])
        self.assertTrue(decision._check_seal())
        # Neither a row, a time nor a hidden column of a ballot leads to a voter.
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'beneficiary_ballot_box'"
        )
        columns = {name for (name,) in self.cr.fetchall()}
        self.assertEqual(
            columns, {"id", "item_id", "company_id", "round", "yes", "no", "abstain"}
        )
        self.cr.execute("SELECT count(*) FROM beneficiary_ballot_box")
        self.assertEqual(self.cr.fetchone()[0], 1)

    def test_secret_abstention_asks_no_reason(self):
        self.committee.ballot = "secret"
        item = self._voting_item()
        self.assertIsNone(item.with_user(self.member_a).action_vote_abstain())
        self._vote(item, chair="yes", member_b="yes")
        item.action_close_vote()
        self.assertEqual(item.decision_ids.abstain_count, 1)

    def test_chair_breaks_the_tie_of_a_secret_ballot_by_name(self):
        self.committee.write({"ballot": "secret", "tie_rule": "casting_vote"})
        item = self._voting_item()
        self._vote(item, chair="no", member_a="yes", member_b="yes")
        with self.assertRaisesRegex(UserError, "given once"):
            self._vote(item, chair="yes")
        self._vote(item, researcher_member="no")
        with self.assertRaisesRegex(UserError, "casting vote"):
            item.action_close_vote()
        self._vote(item, chair="yes")
        item.action_close_vote()
        decision = item.decision_ids
        self.assertTrue(decision.passed)
        self.assertEqual((decision.yes_count, decision.no_count), (2, 2))

    def test_tie_is_voted_on_once_more(self):
        self.committee.tie_rule = "revote"
        item = self._voting_item()
        tie = {
            "chair": "yes",
            "member_a": "yes",
            "member_b": "no",
            "researcher_member": "no",
        }
        self._vote(item, **tie)
        item.action_close_vote()
        self.assertEqual((item.state, item.round, item.revotes), ("voting", 2, 1))
        self.assertEqual(item.voted_count, 0)
        self._vote(item, **tie)
        item.action_close_vote()
        self.assertEqual(item.state, "decided")
        self.assertFalse(item.decision_ids.passed)
        self.assertEqual(len(item.sudo().vote_ids), 8)

    def _rows(self, meeting):
        """What the minutes say of the only item, in English: label and text."""
        meeting.action_close()
        item = meeting.item_ids.sudo().with_context(lang="en_US")
        return [tuple(row) for row in item._minutes_section(1, {})["rows"]]

    def test_minutes_tell_the_tie_before_the_item_was_put_off(self):
        self.committee.tie_rule = "revote"
        item = self._voting_item()
        tie = {"chair": "yes", "member_a": "yes", "member_b": "no"}
        self._vote(item, **tie, researcher_member="no")
        item.action_close_vote()
        self.assertEqual((item.state, item.round), ("voting", 2))
        self._mark_present(item.meeting_id, "chair")
        self._put_off(item)
        self.assertEqual(item.state, "postponed")
        meeting = item.meeting_id
        rows = self._rows(meeting)
        [(_label, text)] = [row for row in rows if row[0] == "Vote 1"]
        self.assertIn("For: 2, against: 2", text)
        self.assertIn("2,000.00", text)
        self.assertIn("put to the vote once more", text)
        for name in tie:
            self.assertIn(f"aid_{name}", text)
        self.assertIn("no quorum", dict(rows)["Result of the vote"])
        self.assertIn("put to the vote once more", meeting.minutes)

    def test_minutes_name_nobody_of_a_secret_tie(self):
        self.committee.write({"tie_rule": "revote", "ballot": "secret"})
        item = self._voting_item()
        votes = {"chair": "yes", "member_a": "yes", "member_b": "no"}
        self._vote(item, **votes, researcher_member="no")
        item.action_close_vote()
        self._vote(item, **votes | {"member_b": "yes"})
        item.action_close_vote()
        rows = self._rows(item.meeting_id)
        self.assertIn("For: 2, against: 2", dict(rows)["Vote 1"])
        self.assertNotIn("aid_", dict(rows)["Vote 1"])

    def test_minutes_tell_the_motion_that_failed_before_the_other(self):
        item = self._voting_item(outcome="decline", reason_id=self.reason_declined.id)
        self._vote(item, chair="no", member_a="no", member_b="no")
        item.action_close_vote()
        item.write({"outcome": "approve", "reason_id": self.reason_entitled.id})
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        rows = self._rows(item.meeting_id)
        self.assertTrue(dict(rows)["Vote 1"].startswith("Decline\n"))
        self.assertIn("against: 3", dict(rows)["Vote 1"])
        self.assertNotIn("Vote 2", dict(rows))

    def test_minutes_tell_a_vote_after_which_nothing_was_reached(self):
        item = self._voting_item(outcome="decline", reason_id=self.reason_declined.id)
        self._vote(item, chair="no", member_a="no", member_b="no")
        item.action_close_vote()
        item.write({"outcome": "approve", "reason_id": self.reason_entitled.id})
        rows = self._rows(item.meeting_id)
        self.assertTrue(dict(rows)["Vote 1"].startswith("Decline\n"))
        self.assertEqual(dict(rows)["Result of the vote"], "Not reached.")
        self.assertNotIn("Against", dict(rows), "The new motion was not voted on.")

    def test_rules_that_wait_for_every_vote(self):
        self.committee.early_finish = "wait"
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        with self.assertRaisesRegex(UserError, "aid_researcher_member"):
            item.action_close_vote()
        self._mark_present(item.meeting_id, "chair", "member_a", "member_b")
        item.action_close_vote()
        self.assertEqual(item.state, "decided")

    def test_vote_closes_by_itself_when_nothing_can_change(self):
        self.committee.auto_close = True
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes")
        self.assertEqual(item.state, "voting")
        self._vote(item, member_b="yes")
        self.assertEqual(item.state, "decided")
        self.assertEqual(self.request.status, "approved")
        with self.assertRaisesRegex(UserError, "no vote is open"):
            self._vote(item, researcher_member="no")

    def test_vote_that_cannot_take_effect_stays_open_for_the_secretary(self):
        self.committee.auto_close = True
        self.fund._commit(9000)
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        self.assertEqual(item.state, "voting")
        self.assertEqual(item.voted_count, 3)
        self.assertIn("Treatment", item.result)
        self.assertFalse(item.decision_ids)

    # ------------------------------------------------------------------
    # Opinions and amounts
    # ------------------------------------------------------------------

    def test_opinion_of_others_is_seen_after_the_own(self):
        item = self._item()
        self._opine(item, "member_a", leaning="for", text="  Needs it ")
        Opinion = self.env["beneficiary.opinion"]
        theirs = [("item_id", "=", item.id)]
        self.assertFalse(Opinion.with_user(self.member_b).search(theirs))
        self.assertFalse(Opinion.with_user(self.auditor).search(theirs))
        self._opine(item, "member_b", leaning="against")
        seen = Opinion.with_user(self.member_b).search(theirs)
        self.assertEqual(len(seen), 2)
        self.assertIn("Needs it", seen.mapped("text"))

    def test_opinions_are_seen_when_all_are_in(self):
        self.committee.independent = "all_in"
        item = self._item("chair", "member_a", "member_b")
        self._opine(item, "member_a")
        self._opine(item, "member_b")
        Opinion = self.env["beneficiary.opinion"].with_user(self.member_b)
        self.assertEqual(Opinion.search_count([("item_id", "=", item.id)]), 1)
        self._opine(item, "chair")
        self.assertTrue(item.opinions_open)
        self.assertEqual(Opinion.search_count([("item_id", "=", item.id)]), 3)

    def test_recused_member_sees_and_gives_no_opinion(self):
        item = self._item()
        item.recused_member_ids = self.seats["member_b"]
        self._opine(item, "member_a")
        with self.assertRaises(AccessError):
            self._opine(item, "member_b")
        item.action_open_vote()
        Opinion = self.env["beneficiary.opinion"]
        self.assertFalse(
            Opinion.with_user(self.member_b).search([("item_id", "=", item.id)])
        )
        self.assertTrue(
            Opinion.with_user(self.chair).search([("item_id", "=", item.id)])
        )

    @mute_logger("odoo.sql_db")
    def test_opinion_is_given_once_by_the_member_before_the_vote(self):
        item = self._item()
        opinion = self._opine(item, "member_a", amount=1500)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._opine(item, "member_a")
        for user in (self.secretary, self.officer, self.aid_manager):
            with self.assertRaises(AccessError):
                self.env["beneficiary.opinion"].with_user(user).create(
                    {"item_id": item.id}
                )
        with self.assertRaises(UserError):
            opinion.sudo().write({"text": "Changed"})
        with self.assertRaisesRegex(UserError, "at most"):
            self._opine(item, "member_b", amount=3001)
        item.action_open_vote()
        with self.assertRaisesRegex(UserError, "open or over"):
            self._opine(item, "member_b")

    def test_vote_waits_for_opinions_where_the_rules_ask_for_them(self):
        self.committee.opinions_required = True
        item = self._item("chair", "member_a", "member_b")
        self._opine(item, "chair")
        with self.assertRaisesRegex(UserError, "opinions first"):
            item.action_open_vote()
        self._opine(item, "member_a")
        self._opine(item, "member_b")
        item.action_open_vote()
        self.assertEqual(item.state, "voting")

    def test_median_of_the_proposals_is_put_into_the_motion(self):
        self.committee.amount_rule = "median"
        item = self._item("chair", "member_a", "member_b")
        with self.assertRaisesRegex(UserError, "nobody proposed"):
            item.action_use_median()
        for name, amount in (("chair", 1000), ("member_a", 2500), ("member_b", 1200)):
            self._opine(item, name, amount=amount)
        item.invalidate_recordset()
        self.assertEqual(item.median_amount, 1200)
        item.action_use_median()
        self.assertEqual(item.amount, 1200)
        with self.assertRaises(AccessError):
            item.with_user(self.member_a).action_use_median()

    def test_amounts_are_voted_on_from_the_lowest_up(self):
        self.committee.amount_rule = "ladder"
        item = self._item("chair", "member_a", "member_b", amount=2000)
        self._opine(item, "chair", amount=1000)
        self._opine(item, "member_a", amount=3000)
        item.action_open_vote()
        self.assertEqual(item.amount, 1000)
        yes = dict.fromkeys(("chair", "member_a", "member_b"), "yes")
        self._vote(item, **yes)
        item.action_close_vote()
        self.assertEqual((item.state, item.amount, item.round), ("voting", 2000, 2))
        self._vote(item, **yes)
        item.action_close_vote()
        self.assertEqual((item.amount, item.carried_amount), (3000, 2000))
        self._vote(item, chair="no", member_a="yes", member_b="no")
        item.action_close_vote()
        decision = item.decision_ids
        self.assertEqual(
            (decision.amount, decision.round, decision.yes_count), (2000, 2, 3)
        )
        self.assertEqual(self.request.amount_approved, 2000)

    def test_lowest_amount_that_fails_decides_nothing_more(self):
        self.committee.amount_rule = "ladder"
        item = self._item("chair", "member_a", "member_b", amount=2000)
        self._opine(item, "chair", amount=1000)
        item.action_open_vote()
        self._vote(item, chair="no", member_a="no", member_b="yes")
        item.action_close_vote()
        self.assertEqual(item.state, "decided")
        self.assertEqual(item.decision_ids.outcome, "decline")

    # ------------------------------------------------------------------
    # Delegation
    # ------------------------------------------------------------------

    def _delegate(self, item, giver="member_b", taker="member_a", **values):
        return (
            self.env["beneficiary.delegation"]
            .with_user(getattr(self, giver))
            .create(
                {
                    "meeting_id": item.meeting_id.id,
                    "giver_id": self.seats[giver].id,
                    "taker_id": self.seats[taker].id,
                    **values,
                }
            )
        )

    def test_no_delegation_by_default(self):
        with self.assertRaisesRegex(UserError, "no member vote for another"):
            self._delegate(self._item("chair", "member_a"))

    def test_delegate_votes_for_the_absent_member(self):
        self.committee.delegation = "member"
        item = self._item("chair", "member_a")
        self._delegate(item)
        item.action_open_vote()
        self.assertIn(self.seats["member_b"], item.eligible_member_ids)
        self._vote(item, chair="no", member_a="yes")
        delegate = item.with_user(self.member_a)
        self.assertEqual(delegate.delegated_seat_id, self.seats["member_b"])
        with self.assertRaises(AccessError):
            item.with_user(self.member_b)._vote("yes")
        with self.assertRaises(AccessError):
            item.with_user(self.chair)._vote("yes", seat=self.seats["member_b"])
        action = delegate.action_vote_delegated()
        self.env["beneficiary.vote.delegated"].with_user(self.member_a).with_context(
            **action["context"]
        ).create({"value": "yes"}).action_vote()
        item.action_close_vote()
        vote = item.sudo().vote_ids.filtered("cast_by_id")
        self.assertEqual(vote.member_id, self.seats["member_b"])
        self.assertEqual(vote.cast_by_id, self.seats["member_a"])
        self.assertEqual(item.decision_ids.yes_count, 2)
        item.meeting_id.action_close()
        names = [self.seats[name].display_name for name in ("member_a", "member_b")]
        words = "Voted by delegation: {} in the place of {}".format(*names)
        self.assertIn(words, item.meeting_id.minutes)
        rows = item.sudo()._minutes_section(1, {})["rows"]
        self.assertIn(tuple(words.split(": ")), [tuple(row) for row in rows])

    def test_delegation_is_given_on_the_form(self):
        self.committee.delegation = "member"
        item = self._item("chair", "member_a")
        Delegation = self.env["beneficiary.delegation"].with_user(self.member_b)
        # The association follows from the meeting: it is not known before.
        domain = Delegation._fields["meeting_id"]._description_domain(Delegation.env)
        offered = item.meeting_id.search(safe_eval(domain, {"company_id": False}))
        self.assertIn(item.meeting_id, offered)
        with Form(Delegation) as form:
            form.meeting_id = item.meeting_id
            self.assertEqual(form.giver_id, self.seats["member_b"])
            form.taker_id = self.seats["member_a"]
        item.action_open_vote()
        self.assertEqual(item.stand_in_ids.seat_id, self.seats["member_b"])

    def test_delegation_is_void_for_an_item_in_conflict(self):
        self.committee.delegation = "member"
        for conflicted in ("member_b", "member_a"):
            item = self._item("chair", "member_a", "researcher_member")
            self._delegate(item)
            self.committee.quorum_kind = "number"
            item.recused_member_ids = self.seats[conflicted]
            item.action_open_vote()
            self.assertFalse(item.stand_in_ids)
            self.assertNotIn(self.seats["member_b"], item.eligible_member_ids)
            item.sudo()._postpone("Next")

    def test_delegator_who_comes_votes_himself(self):
        self.committee.delegation = "member"
        item = self._item()
        self._delegate(item)
        item.action_open_vote()
        self.assertFalse(item.stand_in_ids)
        self._vote(item, member_b="yes")

    @mute_logger("odoo.sql_db")
    def test_nobody_acts_for_more_than_one_and_only_oneself_delegates(self):
        self.committee.delegation = "member"
        item = self._item("chair", "member_a")
        self._delegate(item)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._delegate(item, giver="researcher_member")
        Delegation = self.env["beneficiary.delegation"]
        with self.assertRaisesRegex(AccessError, "Only"), self.cr.savepoint():
            Delegation.with_user(self.member_a).create(
                {
                    "meeting_id": item.meeting_id.id,
                    "giver_id": self.seats["chair"].id,
                    "taker_id": self.seats["researcher_member"].id,
                }
            )
        for taker, scope, words in (
            ("member_c", "meeting", "no voting member"),
            ("researcher_member", "item", "Choose accordingly"),
        ):
            self.committee.delegation_scope = scope
            with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self._delegate(item, giver="chair", taker=taker)
        self._delegate(item, giver="chair", taker="researcher_member", item_id=item.id)

    def test_delegation_is_taken_back_by_its_giver(self):
        self.committee.delegation = "member"
        item = self._item("chair", "member_a", "researcher_member")
        delegation = self._delegate(item)
        with self.assertRaises(AccessError):
            delegation.with_user(self.member_a).action_take_back()
        with self.assertRaisesRegex(UserError, "not changed"):
            delegation.write({"taker_id": self.seats["chair"].id})
        delegation.action_take_back()
        item.action_open_vote()
        self.assertFalse(item.stand_in_ids)

    def test_whoever_voted_for_another_does_not_release_the_money(self):
        self.committee.delegation = "member"
        item = self._item("chair", "member_a")
        self._delegate(item)
        item.action_open_vote()
        item.with_user(self.member_a)._vote("yes", seat=self.seats["member_b"])
        found = self.env["beneficiary.vote"].search_count(
            [("cast_by_id.user_id", "=", self.member_a.id)]
        )
        self.assertEqual(found, 1)


@tagged("post_install", "-at_install")
class TestRulePresets(RulesCommon):
    """Known sets of rules, to begin with."""

    def _fill(self, preset, user=None):
        return (
            self.env["beneficiary.committee.preset"]
            .with_user(user or self.aid_manager)
            .create({"committee_id": self.committee.id, "preset": preset})
        )

    def test_strict_draft_wants_all_and_the_chair_prevails_on_the_present(self):
        wizard = self._fill("strict")
        self.assertIn("Quorum", wizard.changes)
        wizard.action_apply()
        item = self._item("chair", "member_a", "member_b")
        with self.assertRaisesRegex(UserError, "not recused: 3, needed: 4"):
            item.action_open_vote()
        # A recused member is out of the base: the others can still decide.
        item.recused_member_ids = self.seats["researcher_member"]
        self._mark_present(
            item.meeting_id, "chair", "member_a", "member_b", "researcher_member"
        )
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="no", member_b="abstain")
        item.action_close_vote()
        self.assertTrue(item.decision_ids.passed)
        self.assertIn("chair's side", item.result)

    def test_simple_majority_after_the_strict_draft(self):
        self._fill("strict").action_apply()
        self._fill("simple").action_apply()
        item = self._voting_item("chair", "member_a", "member_b")
        self._vote(item, chair="yes", member_a="no", member_b="abstain")
        item.action_close_vote()
        self.assertFalse(item.decision_ids.passed)
        self.assertIn("says so already", self._fill("simple").changes)

    def test_presets_are_for_the_aid_manager(self):
        for user in (self.secretary, self.officer, self.auditor):
            with self.assertRaises(AccessError):
                self._fill("strict", user).action_apply()

    def test_presets_name_rules_that_are_there(self):
        for preset, values in (
            self.env["beneficiary.committee.preset"]._presets().items()
        ):
            with self.subTest(preset=preset):
                self.assertLessEqual(values.keys(), self.committee._fields.keys())
                self.committee.write(values)


@tagged("post_install", "-at_install")
class TestHiddenApplicant(RulesCommon):
    """Members decide without the name, until the vote is over."""

    def _blind_item(self, mode="name"):
        self.committee.hide_applicant = mode
        area = self.env["beneficiary.area"].search([], limit=1) or self.env[
            "beneficiary.area"
        ].create({"name": "North"})
        self.beneficiary.area_id = area
        item = self._item()
        self.env.flush_all()
        self.env.invalidate_all()
        return item

    def test_name_and_file_are_closed_by_every_way(self):
        item = self._blind_item()
        person = self.beneficiary
        name, number = person.name, person.identity_number
        member = item.with_user(self.member_a)
        self.assertTrue(member.is_blind)
        self.assertNotIn(name, member.beneficiary_id.display_name)
        request = member.request_id
        self.assertNotIn(name, request.beneficiary_id.display_name)
        self.assertNotIn(
            name,
            str(request.web_read({"beneficiary_id": {"fields": {"display_name": {}}}})),
        )
        for model, record in (
            ("beneficiary.beneficiary", person),
            ("res.partner", person.partner_id),
            ("beneficiary.document", person.document_ids),
            ("beneficiary.declaration", self.request.declaration_ids),
        ):
            theirs = self.env[model].with_user(self.member_a)
            self.assertTrue(record)
            self.assertFalse(theirs.search([("id", "in", record.ids)]))
            with self.assertRaises(AccessError):
                theirs.browse(record.ids).read(["display_name"])
        people = self.env["beneficiary.beneficiary"].with_user(self.member_a)
        self.assertFalse(people.name_search(name))
        self.assertFalse(people.search_count([("identity_number", "=", number)]))

    def test_district_is_hidden_where_the_rules_say_so(self):
        self.assertTrue(self._blind_item().with_user(self.member_a).applicant_area_id)

    def test_district_hidden_too(self):
        item = self._blind_item("name_district").with_user(self.member_a)
        self.assertFalse(item.applicant_area_id)
        self.assertTrue(item.with_user(self.secretary).applicant_area_id)

    def test_dossier_without_the_name_is_still_read(self):
        item = self._blind_item()
        state = item.meeting_id.with_user(self.member_a).session_state(item.id)
        self.assertNotIn(self.beneficiary.name, str(state))
        self.assertIn("Needs the operation", str(state))
        self.assertEqual(state["item"]["person"], "Name hidden until the vote is over")

    def test_household_does_not_tell_the_name_of_its_head(self):
        item = self._blind_item()
        household = self.beneficiary.household_id
        name = self.beneficiary.name
        self.assertIn(name, household.with_user(self.officer).display_name)
        requests = self.env["beneficiary.aid.request"].with_user(self.member_a)
        own = requests.browse(item.request_id.id)
        for told in (
            own.household_id.display_name,
            own.web_read({"household_id": {"fields": {"display_name": {}}}}),
            requests.formatted_read_group([], ["household_id"], ["__count"]),
        ):
            self.assertIn(household.code, str(told))
            self.assertNotIn(name, str(told))
        theirs = self.env["beneficiary.household"].with_user(self.member_a)
        self.assertFalse(theirs.search([("id", "=", household.id)]))
        self.assertFalse(theirs.name_search(name))

    def test_printed_study_hides_the_name_as_the_screen_does(self):
        item = self._blind_item()
        study = item.request_id.assessment_ids[:1]
        person = self.beneficiary
        told = self._words(study.with_user(self.researcher)._study_html())
        self.assertIn(person.name, told)
        self.assertIn(person.file_number, told)
        self.env.flush_all()
        self.env.invalidate_all()
        theirs = study.with_user(self.member_a)
        paper = self._words(theirs._study_html())
        self.assertNotIn(person.name, paper)
        self.assertNotIn(person.file_number, paper)
        hidden = theirs.beneficiary_id.display_name
        self.assertEqual(theirs._study_sections()[0]["rows"][0][1], hidden)

    def _words(self, paper):
        """Return the words of a printed paper."""
        return " ".join(html.fromstring(paper).text_content().split())

    def test_form_of_the_request_opens_without_the_name(self):
        item = self._blind_item()
        name = self.beneficiary.name
        requests = self.env["beneficiary.aid.request"].with_user(self.member_a)
        own = requests.browse(item.request_id.id)
        arch = etree.fromstring(
            requests.get_views([(False, "form")])["views"]["form"]["arch"]
        )
        shown = {
            node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")
        }
        spec = {
            field: {"fields": {"display_name": {}}}
            if requests._fields[field].relational
            else {}
            for field in shown
        }
        self.assertIn("shown_document_ids", shown)
        [values] = own.web_read(spec)
        self.assertFalse(values["shown_document_ids"])
        self.assertNotIn(name, str(values))
        officer = own.with_user(self.officer)
        self.assertEqual(officer.shown_document_ids, officer.document_ids)

    def test_name_is_told_when_the_vote_is_over_and_to_other_roles_always(self):
        item = self._blind_item()
        for user in (self.secretary, self.officer, self.researcher_member):
            self.assertFalse(item.with_user(user).is_blind)
            self.assertIn(
                self.beneficiary.name,
                self.beneficiary.with_user(user).display_name,
            )
        item.action_open_vote()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        self.assertTrue(item.with_user(self.member_a).is_blind)
        item.action_close_vote()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(item.with_user(self.member_a).is_blind)
        self.assertIn(
            self.beneficiary.name,
            self.beneficiary.with_user(self.member_a).display_name,
        )

    def test_nothing_is_hidden_by_default(self):
        item = self._item().with_user(self.member_a)
        self.assertFalse(item.is_blind)
        self.assertIn(self.beneficiary.name, item.beneficiary_id.display_name)


@tagged("post_install", "-at_install")
class TestReconsideration(RulesCommon):
    """A committee looks at its own decision again, by the rule sheet."""

    def _decision(self, **votes):
        item = self._voting_item()
        self._vote(
            item, **(votes or {"chair": "no", "member_a": "no", "member_b": "yes"})
        )
        item.action_close_vote()
        return item.decision_ids

    def _ask(self, decision, name, **values):
        own = decision.with_user(getattr(self, name))
        action = own.action_reconsider()
        wizard = (
            self.env["beneficiary.decision.reconsider"]
            .with_user(getattr(self, name))
            .with_context(**action["context"])
            .create({"reason": "There is a new report", **values})
        )
        wizard.action_reconsider()
        return wizard

    def test_member_of_the_winning_side_brings_it_back(self):
        decision = self._decision()
        self.assertEqual(self.request.status, "rejected")
        wizard = self._ask(decision, "member_a")
        self.assertEqual(wizard.kind, "winning")
        self.assertEqual(self.request.status, "decision")
        self.assertTrue(decision.is_standing)
        # Whoever looks at the decision sees that it is asked for again, and by whom.
        asked = decision.with_user(self.member_b).reconsideration_ids
        self.assertEqual(asked.user_id, self.member_a)
        item = self._voting_item()
        self._vote(item, chair="yes", member_a="yes", member_b="yes")
        item.action_close_vote()
        again = item.decision_ids
        self.assertEqual(again.replaces_id, decision)
        self.assertEqual(self.request.status, "approved")
        # Once only, by these rules.
        with self.assertRaisesRegex(UserError, "allow no more"):
            self._ask(again, "member_a")
        self.committee.reopen_times = 2
        self._ask(again, "member_a")
        self.assertEqual(self.request.status, "decision")

    def test_losing_side_needs_new_facts(self):
        decision = self._decision()
        with self.assertRaises(AccessError):
            self._ask(decision, "member_b", kind="winning")
        self.assertEqual(self._ask(decision, "member_b").kind, "facts")
        self.assertEqual(self.request.status, "decision")

    def test_winning_side_alone_where_only_facts_count(self):
        self.committee.reopen_kind = "facts"
        decision = self._decision()
        with self.assertRaisesRegex(UserError, "do not let it"):
            self._ask(decision, "member_a")
        self._ask(decision, "secretary")
        self.assertEqual(self.request.status, "decision")

    def test_never_too_late_and_by_strangers(self):
        decision = self._decision()
        for user in (self.officer, self.aid_manager, self.auditor):
            with self.assertRaises(AccessError):
                decision.with_user(user)._reconsider("facts", "Because")
        late = fields.Datetime.now() + timedelta(days=31)
        with freeze_time(late), self.assertRaisesRegex(UserError, "are over"):
            self._ask(decision, "member_a")
        self.committee.reopen_kind = "never"
        with self.assertRaisesRegex(UserError, "do not let it"):
            self._ask(decision, "secretary")

    def test_of_a_secret_ballot_nobody_can_tell_the_side(self):
        self.committee.ballot = "secret"
        decision = self._decision()
        with self.assertRaises(AccessError):
            self._ask(decision, "member_a", kind="winning")
        self._ask(decision, "member_a")

    def test_asking_twice_is_refused(self):
        decision = self._decision()
        self.committee.reopen_times = 5
        self._ask(decision, "member_a")
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            with mute_logger("odoo.sql_db"):
                self._ask(decision, "chair")
        record = self.env["beneficiary.reconsideration"].search([])
        self.assertEqual(record.user_id, self.member_a)
        with self.assertRaises(UserError):
            record.sudo().write({"reason": "Other"})


@tagged("post_install", "-at_install")
class TestRuleRoles(RulesCommon):
    """The role table of what the rule sheet brought, cell by cell."""

    # Letters of create, read, write and unlink, by model and user.
    RIGHTS = {
        "beneficiary.committee.title": {
            "aid_manager": "crwu",
            "member_a": "r",
            "secretary": "r",
            "officer": "r",
            "auditor": "r",
            "employee": "",
        },
        "beneficiary.stand.in": {
            "aid_manager": "r",
            "member_a": "r",
            "secretary": "r",
            "officer": "r",
            "auditor": "r",
            "employee": "",
        },
        "beneficiary.delegation": {
            "aid_manager": "r",
            "member_a": "crw",
            "secretary": "crw",
            "officer": "r",
            "auditor": "r",
            "employee": "",
        },
        "beneficiary.opinion": {
            "aid_manager": "r",
            "member_a": "cr",
            "secretary": "cr",
            "officer": "",
            "auditor": "r",
            "employee": "",
        },
        "beneficiary.ballot.box": dict.fromkeys(
            (
                "aid_manager",
                "member_a",
                "secretary",
                "officer",
                "auditor",
                "administrator",
                "employee",
            ),
            "",
        ),
        "beneficiary.reconsideration": {
            "aid_manager": "r",
            "member_a": "r",
            "secretary": "r",
            "officer": "r",
            "auditor": "r",
            "employee": "",
        },
    }

    def test_roles(self):
        for model, roles in self.RIGHTS.items():
            for role, rights in roles.items():
                records = self.env[model].with_user(getattr(self, role))
                found = "".join(
                    right[0]
                    for right in ("create", "read", "write", "unlink")
                    if records.has_access(right)
                )
                with self.subTest(model=model, role=role):
                    self.assertEqual(found, rights)

    def test_offices_of_another_association_are_not_seen(self):
        other = self._create_association("Other")
        title = self.env["beneficiary.committee.title"].create(
            {"name": "Theirs", "company_id": other.id}
        )
        own = self.env["beneficiary.committee.title"].with_user(self.aid_manager)
        self.assertNotIn(title, own.search([]))
        with self.assertRaises(UserError):
            self.committee.quorum_title_ids = title
            self.env.flush_all()
