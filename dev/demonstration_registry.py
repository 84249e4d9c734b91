"""What happens to files without a request: checked, suspended, closed, to do."""

from datetime import timedelta

import sample

REQUESTS = "beneficiary.aid.request.csv"
CHECKED_DAYS = (430, 300, 190, 80)
NEWEST = 24
SUSPENDED = (("not_updated", 4), ("duplicate_benefit", 1))
CLOSED = (("moved", 2), ("death", 1), ("income_improved", 1))
TASKS = (
    (-3, "الاتصال بالمستفيد لاستكمال المستندات"),
    (-1, "مراجعة عرض السعر مع المستشفى"),
    (0, "تأكيد موعد الزيارة المنزلية"),
    (0, "إبلاغ المستفيد بموعد الرد"),
    (2, "متابعة حالة المريض بعد العملية"),
    (5, "تجهيز ملف الطلب للجنة"),
)


class RegistryWork:
    """What the officers do with the registry through the year."""

    def __init__(self, demonstration, requests):
        self.demonstration = demonstration
        self.requests = requests

    def events(self):
        """Yield what happens: day, rank, what to do, its arguments."""
        today = self.demonstration.today
        for number, days in enumerate(CHECKED_DAYS):
            yield today - timedelta(days=days), 23, self.check, (number,)
        yield today - timedelta(days=28), 97, self.change_states, ()
        yield today, 98, self.plan_work, ()

    def check(self, part):
        """Hand a part of the registry over to verification and match its papers."""
        env = self.demonstration.as_user("officer")
        people = env["beneficiary.beneficiary"].search([("state", "=", "draft")])
        people = people[NEWEST:].filtered(
            lambda person: person.id % len(CHECKED_DAYS) == part
        )
        people.action_submit()
        self.requests.match_papers(people)

    def change_states(self):
        """Suspend and close some files, each for its reason."""
        env = self.demonstration.as_user("manager")
        people = env["beneficiary.beneficiary"].search(
            [("state", "=", "verification"), ("relationship", "!=", "head")]
        )
        asking = {row["beneficiary_id/id"] for row in sample.records(REQUESTS)}
        for xmlid in asking:
            people -= self.demonstration.ref(xmlid).with_env(env)
        for state, reasons in (("suspended", SUSPENDED), ("closed", CLOSED)):
            for code, count in reasons:
                self._change(env, people[:count], state, code)
                people = people[count:]

    def _change(self, env, people, state, code):
        action = (
            people.action_suspend() if state == "suspended" else people.action_close()
        )
        reason = env.ref(f"beneficiary_relations.state_reason_{code}")
        env[action["res_model"]].with_context(**action["context"]).create(
            {"reason_id": reason.id}
        ).action_apply()

    def plan_work(self):
        """Leave things to do on the requests that are open."""
        env = self.demonstration.as_user("officer")
        requests = env["beneficiary.aid.request"].search(
            [("is_open", "=", True)], order="id desc"
        )
        today = self.demonstration.today
        for number, (days, summary) in enumerate(TASKS * 2):
            requests[number * 4].activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=today + timedelta(days=days),
                summary=summary,
                user_id=self.demonstration.users[
                    ("officer", "researcher")[number % 2]
                ].id,
            )
