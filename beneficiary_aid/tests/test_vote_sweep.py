from odoo.tests import tagged

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestVoteSweep(AidCommon):
    """Votes that are over are finished or reported; those that run are left alone."""

    def _open_vote(self, **votes):
        item = self._put_on_agenda(self._open_meeting(), self._refer())
        item.action_open_vote()
        self._vote(item, **votes)
        return item

    def _sweep(self):
        cron = self.env.ref("beneficiary_aid.ir_cron_sweep_votes")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()

    def _reminders(self, item):
        kind = self.env.ref("beneficiary_aid.mail_activity_type_vote_stuck")
        return item.sudo().meeting_id.activity_ids.filtered(
            lambda one: one.activity_type_id == kind
        )

    def test_certain_vote_is_closed_where_the_rules_say_so(self):
        item = self._open_vote(chair="yes", member_a="yes", member_b="yes")
        # The session that was to close it broke off.
        self.committee.auto_close = True
        self._sweep()
        self.assertEqual(item.state, "decided")
        self.assertEqual(item.request_id.status, "approved")
        self._sweep()
        self.assertEqual(len(item.decision_ids), 1)
        self.assertFalse(self._reminders(item))

    def test_otherwise_the_secretary_is_reminded_once(self):
        item = self._open_vote(chair="yes", member_a="yes", member_b="yes")
        self._sweep()
        self._sweep()
        self.assertEqual(item.state, "voting")
        self.assertEqual(len(self._reminders(item)), 1)
        self.assertEqual(self._reminders(item).user_id, self.secretary)

    def test_a_vote_that_runs_is_left_alone(self):
        self.committee.auto_close = True
        item = self._open_vote(chair="yes")
        self._sweep()
        self.assertEqual(item.state, "voting")
        self.assertFalse(item.stuck_on or self._reminders(item))

    def test_what_stops_the_decision_is_told(self):
        item = self._open_vote(chair="yes", member_a="yes", member_b="yes")
        self.fund._commit(self.fund.free)
        self.committee.auto_close = True
        self._sweep()
        self.assertEqual(item.state, "voting")
        self.assertTrue(item.result)
        self.assertEqual(len(self._reminders(item)), 1)
