"""The sessions of the committee: agenda, attendance, votes, minutes."""

from datetime import datetime, time, timedelta

MEMBERS = ("member1", "member2", "member3", "member4", "member5")
HOUR = time(7, 0)
CANCELLED_DAYS = 95
PLACE = "قاعة الاجتماعات بمقر الجمعية"


class Committee:
    """What the secretary and the members do."""

    def __init__(self, demonstration, plan):
        self.demonstration = demonstration
        self.sessions = {}
        for row in plan:
            if row["session"]:
                day = demonstration.moved(row["session"])
                self.sessions.setdefault(day, []).append(row)

    def events(self):
        """Yield what happens: day, rank, what to do, its arguments."""
        today = self.demonstration.today
        for day, rows in self.sessions.items():
            if day < today:
                yield day, 50, self.hold, (day, rows)
            elif day == today:
                yield today, 50, self.begin, (day, rows)
            else:
                yield today, 51, self.call, (day, rows)
        yield today - timedelta(days=CANCELLED_DAYS), 52, self.cancel, ()

    # ------------------------------------------------------------
    # Sessions
    # ------------------------------------------------------------

    def call(self, day, rows):
        """Call a meeting and put the requests on its agenda."""
        env = self.demonstration.as_user("secretary")
        meeting = env["beneficiary.meeting"].create(
            {"date": datetime.combine(day, HOUR), "place": PLACE}
        )
        for row in rows:
            env["beneficiary.agenda.item"].create(self._item(meeting, row))
            self._move_card(row, "decision")
        meeting.action_call()
        return meeting

    def begin(self, day, rows):
        """Open a meeting and the first vote; two members have voted."""
        meeting = self.call(day, rows)
        self._take_attendance(meeting, MEMBERS)
        meeting.action_open()
        item = meeting.item_ids[0]
        item.action_open_vote()
        self._vote(item, "member2", "yes")
        self._vote(item, "member3", "no")

    def hold(self, day, rows):
        """Hold a whole meeting: every item is decided."""
        meeting = self.call(day, rows)
        absent = "member5" if day.day % 3 == 0 else None
        present = [login for login in MEMBERS if login != absent]
        self._take_attendance(meeting, present)
        meeting.action_open()
        for item in meeting.item_ids:
            item.action_open_vote()
            for login, value in self._votes(item, present):
                self._vote(item, login, value)
            item.action_close_vote()
        meeting.action_close()

    def cancel(self):
        """Call a meeting that could not be held."""
        env = self.demonstration.as_user("secretary")
        meeting = env["beneficiary.meeting"].create(
            {"date": self.demonstration.now(), "place": PLACE}
        )
        meeting.action_call()
        meeting.remarks = "تعذر اكتمال النصاب، وأجل الاجتماع."
        meeting.action_cancel()

    # ------------------------------------------------------------
    # Motions and votes
    # ------------------------------------------------------------

    def _item(self, meeting, row):
        request = self.demonstration.ref(row["request"])
        reason = "beneficiary_aid.decision_reason_%s"
        values = {"meeting_id": meeting.id, "request_id": request.id}
        if row["end"] == "rejected":
            return {
                **values,
                "outcome": "decline",
                "reason_id": meeting.env.ref(reason % self._why(request)).id,
            }
        amount = float(row["approved"] or request.amount_requested)
        fund = self.demonstration.ref(f"fund_{row['fund'] or 'general'}")
        if fund.kind == "zakat":
            # The researcher found that the person is poor.
            poor = "beneficiary_aid.zakat_channel_poor"
            request.zakat_channel_id = meeting.env.ref(poor)
        less = amount < request.amount_requested
        return {
            **values,
            "outcome": "approve_less" if less else "approve",
            "amount": amount,
            "fund_id": fund.id,
            "reason_id": meeting.env.ref(reason % "entitled").id,
        }

    def _why(self, request):
        return ("not_proved", "not_entitled", "served_elsewhere")[request.id % 3]

    def _take_attendance(self, meeting, logins):
        for seat in meeting.attendance_ids:
            login = seat.member_id.user_id.login
            here = login in logins or login == "secretary"
            seat.presence = "present" if here else "excused"

    def _votes(self, item, present):
        """Yield who votes how: mostly yes, at times somebody against."""
        for number, login in enumerate(present):
            value = "yes"
            if number == len(present) - 1 and item.id % 3 == 0:
                value = "no"
            elif number == len(present) - 2 and item.id % 5 == 0:
                value = "abstain"
            yield login, value

    def _vote(self, item, login, value):
        """Give one member's vote, as that member."""
        item = item.with_env(self.demonstration.as_user(login))
        action = getattr(item, f"action_vote_{value}")()
        if action:
            item.env[action["res_model"]].with_context(**action["context"]).create(
                {"reason": "تربطني بالأسرة معرفة سابقة"}
            ).action_abstain()

    def _move_card(self, row, code):
        """Drag the card of a request to another column of the same status."""
        env = self.demonstration.as_user("officer")
        request = self.demonstration.ref(row["request"]).with_env(env)
        request.stage_id = self.demonstration.stage(env, code)
