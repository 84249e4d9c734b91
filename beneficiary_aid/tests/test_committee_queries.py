from odoo.tests import tagged
from odoo.tests.common import warmup

from .common import AidCommon


@tagged("post_install", "-at_install")
class TestCommitteeQueries(AidCommon):
    """A vote and its closing cost the same in a long meeting as in a short one."""

    VOTE, CLOSING = 16, 60

    def _meeting(self, items, first):
        meeting = self._open_meeting()
        for number in range(items):
            person = self._create_beneficiary(
                name=f"Person {first + number}",
                identity_kind="other",
                identity_number=f"Q{first + number:05}",
            )
            request = self._refer(self._create_request(beneficiary=person))
            item = self._put_on_agenda(meeting, request, amount=100)
            item.action_open_vote()
        return meeting.item_ids

    def _count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _cost(self, item):
        """Return the statements of one vote, and of the closing."""
        vote = self._count(lambda: self._vote(item, chair="yes"))
        self._vote(item, member_a="yes", member_b="yes")
        closing = self._count(item.with_user(self.secretary).action_close_vote)
        self.assertEqual(item.request_id.status, "approved")
        return vote, closing

    @warmup
    def test_a_long_meeting_costs_no_more_an_item(self):
        # Once for what is read for the first time.
        self._cost(self._meeting(1, 1))
        short = self._cost(self._meeting(1, 10))
        long = self._cost(self._meeting(6, 20)[3])
        self.assertLessEqual(long[0] - short[0], 2, (short, long))
        self.assertLessEqual(long[1] - short[1], 4, (short, long))
        self.assertLessEqual(long[0], self.VOTE, (short, long))
        self.assertLessEqual(long[1], self.CLOSING, (short, long))
