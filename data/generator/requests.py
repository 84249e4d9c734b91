"""Requests for support, and the way each one goes in the demonstration."""

from datetime import timedelta

from . import names

REQUESTS = 120
SECOND_REQUESTS = 12
# Where each request stands on the day the files are dated.
ENDS = {
    "received": 12,
    "verification": 9,
    "waiting": 5,
    "study": 4,
    "referred": 8,
    "agenda": 6,
    "session": 4,
    "approved": 10,
    "delivery": 12,
    "follow_up": 12,
    "closed": 24,
    "withdrawn": 2,
    "rejected": 8,
    "cancelled": 4,
}
# Days before today on which the committee decided, for each end.
DECIDED = {
    "approved": (5, 40),
    "delivery": (50, 85),
    "follow_up": (75, 140),
    "closed": (130, 390),
    "rejected": (20, 330),
}
AIMS = (
    ("treatment",) * 10
    + ("medicine",) * 9
    + ("device",) * 6
    + ("patient_sponsorship",) * 5
)
PAYEES = {
    "treatment": ("hospital_rafaa", "hospital_nakhla"),
    "medicine": ("pharmacy_wadi",),
    "device": ("devices_sanad",),
}
FUNDS = {
    "treatment": ("surgery", "surgery", "general"),
    "device": ("surgery", "general"),
    "medicine": ("zakat", "general"),
    "patient_sponsorship": ("zakat", "zakat", "general"),
}
REASONS = (
    "أطلب المساعدة في {aim} حيث إن دخل الأسرة لا يكفي تكاليفه.",
    "نرجو دعمنا في {aim}، والتقرير الطبي وعرض السعر مرفقان.",
    "حالتي الصحية تستدعي {aim} ولا أستطيع تحمل التكلفة.",
    "تم تحويلنا من المستشفى لتوفير {aim} بصفة عاجلة.",
)
SESSION_EVERY = 21
SUNDAY = 6
FIRST_SESSION = 399


class Requests:
    """Makes the requests of a registry."""

    def __init__(self, registry):
        self.random = registry.random
        self.today = registry.today
        self.registry = registry
        self.sessions = [
            self.today - timedelta(days=days)
            for days in range(FIRST_SESSION, 0, -SESSION_EVERY)
        ]
        self.next_session = self.today + timedelta(days=9)
        self.requests = self._make()

    def rows(self):
        """Rows of ``beneficiary.aid.request``."""
        return [
            {
                "id": request["id"],
                "beneficiary_id/id": request["person"]["id"],
                "aid_type_id": names.AID_TYPES[request["aim"]],
                "channel_id": request["channel"],
                "date_received": f"{request['received']} {request['time']}",
                "reason": request["reason"],
                "amount_requested": request["amount"],
                "urgency": "urgent" if request["urgent"] else "normal",
            }
            for request in self.requests
        ]

    def plan_rows(self):
        """Rows of the plan, which the demonstration follows."""
        columns = (
            "verified",
            "assessed",
            "referred",
            "session",
            "told",
            "delivered",
            "followed",
            "closed",
        )
        return [
            {
                "request": request["id"],
                "end": request["end"],
                **{column: request.get(column, "") for column in columns},
                "outcome": request.get("outcome", ""),
                "approved": request.get("approved", ""),
                "fund": request.get("fund", ""),
                "payee": request.get("payee", ""),
                "instalments": len(request.get("payments", ())) or "",
            }
            for request in self.requests
        ]

    def payment_rows(self):
        """Rows of the payments that the demonstration makes."""
        return [
            {
                "reference": payment["reference"],
                "request": request["id"],
                "instalment": number,
                "amount": payment["amount"],
                "payee": request["payee"],
                "posted": payment["posted"],
                "sent": payment.get("sent", ""),
                "bank": payment.get("bank", ""),
                "matched": payment.get("matched", ""),
            }
            for request in self.requests
            for number, payment in enumerate(request.get("payments", ()), 1)
        ]

    # ------------------------------------------------------------
    # Requests
    # ------------------------------------------------------------

    def _make(self):
        ends = [end for end, count in ENDS.items() for _number in range(count)]
        self.random.shuffle(ends)
        people = self._applicants()
        requests = [
            self._request(person, end) for person, end in zip(people, ends, strict=True)
        ]
        requests.sort(key=lambda request: (request["received"], request["time"]))
        for number, request in enumerate(requests, 1):
            request["id"] = f"request_{number:03d}"
            for instalment, payment in enumerate(request.get("payments", ()), 1):
                payment["reference"] = f"HOPE-{number:03d}-{instalment}"
        return requests

    def _applicants(self):
        """Return the person of each request; patients are more often old or young."""

        def weight(person):
            young_or_old = person["age"] < 15 or person["age"] >= 55
            return self.random.random() * (3 if young_or_old else 1)

        served = [
            person
            for person in self.registry.people
            if person["household"]["branch"] and person["identity_kind"] != "passport"
        ]
        ranked = sorted(served, key=weight, reverse=True)
        first = ranked[: REQUESTS - SECOND_REQUESTS]
        return first + self.random.sample(first, SECOND_REQUESTS)

    def _request(self, person, end):
        random = self.random
        aim = random.choice(AIMS)
        if person["aims"] and aim == person["aims"][0]:
            aim = "medicine" if aim != "medicine" else "treatment"
        person["aims"].append(aim)
        words, low, high = random.choice(names.AIMS[aim])
        request = {
            "person": person,
            "aim": aim,
            "end": end,
            "amount": random.randint(low // 100, high // 100) * 100,
            "reason": random.choice(REASONS).format(aim=words),
            "channel": random.choice(names.CHANNELS),
            "time": f"{random.randint(6, 12):02d}:{random.randint(0, 59):02d}:00",
            "urgent": random.random() < 0.12,
        }
        self._renew_identity(person)
        if end in DECIDED:
            self._plan_decided(request)
        else:
            self._plan_open(request)
        return request

    def _renew_identity(self, person):
        """Leave nobody who asks with an identity that runs out in these weeks."""
        soon = self.today + timedelta(days=60)
        if person["identity_expiry"] and person["identity_expiry"] < soon:
            person["identity_expiry"] = self._after(soon, 30, 900)
            if person["residence_expiry"]:
                person["residence_expiry"] = person["identity_expiry"]

    def _before(self, day, low, high):
        return day - timedelta(days=self.random.randint(low, high))

    def _after(self, day, low, high):
        return day + timedelta(days=self.random.randint(low, high))

    def _plan_open(self, request):
        """Set the days of a request that is not decided yet."""
        end, today = request["end"], self.today
        if end == "received":
            request["received"] = self._before(today, 1, 8)
        elif end in ("verification", "waiting"):
            request["received"] = self._before(today, 9, 35)
            request["verified"] = self._after(request["received"], 1, 6)
        elif end == "study":
            request["received"] = self._before(today, 16, 40)
            self._study_after(request)
            del request["referred"]
        elif end == "cancelled":
            request["received"] = self._before(today, 40, 200)
            request["verified"] = self._after(request["received"], 1, 6)
            request["closed"] = self._after(request["verified"], 5, 25)
            request["outcome"] = self.random.choice(("withdrawn", "moved", "recovered"))
        elif end == "withdrawn":
            request["end"] = "cancelled"
            request["received"] = self._before(today, 60, 90)
            self._study_after(request)
            request["closed"] = self._after(request["referred"], 2, 9)
            request["outcome"] = "recovered"
        else:
            low, high = (75, 95) if end == "referred" and self._late() else (24, 50)
            request["received"] = self._before(today, low, high)
            self._study_after(request)
            if end != "referred":
                request["session"] = today if end == "session" else self.next_session

    def _late(self):
        return self.random.random() < 0.35

    def _study_after(self, request):
        request["verified"] = self._after(request["received"], 1, 5)
        request["assessed"] = self._after(request["verified"], 2, 7)
        request["referred"] = self._after(request["assessed"], 1, 4)

    def _plan_decided(self, request):
        """Set the days of a decided request: back to its entry, on to its end."""
        random = self.random
        low, high = DECIDED[request["end"]]
        sessions = [
            day for day in self.sessions if low <= (self.today - day).days <= high
        ]
        session = request["session"] = random.choice(sessions)
        late = not request["urgent"] and random.random() < 0.08
        waited = (46, 55) if late else (5, 22)
        request["referred"] = self._before(session, *waited)
        request["assessed"] = self._before(request["referred"], 1, 4)
        request["verified"] = self._before(request["assessed"], 2, 7)
        request["received"] = self._before(request["verified"], 1, 5)
        floor = request["referred"] + timedelta(days=32)
        told = max(
            self._after(session, 1, 3), floor + timedelta(days=random.randint(0, 5))
        )
        if late:
            told = request["referred"] + timedelta(days=random.randint(63, 72))
        elif request["urgent"]:
            told = self._after(session, 1, 2)
        if told <= self.today:
            request["told"] = told
        if request["end"] == "rejected":
            request["outcome"] = "declined"
            return
        self._plan_aid(request)
        if request["end"] != "approved":
            self._plan_delivery(request)

    def _plan_aid(self, request):
        random = self.random
        amount = request["amount"]
        if random.random() < 0.35:
            amount = int(amount * random.choice((0.5, 0.6, 0.75, 0.8)) / 100) * 100
        request["approved"] = amount
        request["fund"] = random.choice(FUNDS[request["aim"]])
        payees = PAYEES.get(request["aim"])
        request["payee"] = random.choice(payees) if payees else self._payee(request)

    def _payee(self, request):
        """Return who receives a sponsorship: the person, or the head for a child."""
        person = request["person"]
        if person.get("iban"):
            return person["id"]
        return person["household"]["members"][0]["id"]

    def _plan_delivery(self, request):
        """Set the payments, and the days after them."""
        end = request["end"]
        request["told"] = min(request["told"], self.today - timedelta(days=12))
        request["delivered"] = self._after(request["told"], 1, 4)
        count = 3 if request["aim"] == "patient_sponsorship" else 1
        share = request["approved"] // count
        request["payments"] = [
            {"amount": share if number else request["approved"] - share * (count - 1)}
            for number in range(count)
        ]
        self._plan_payments(request)
        if end == "delivery":
            return
        last = max(payment["matched"] for payment in request["payments"])
        request["followed"] = min(self._after(last, 0, 5), self.today)
        if end == "closed":
            request["closed"] = min(
                self._after(request["followed"], 12, 35), self.today
            )
            request["outcome"] = "served"

    def _plan_payments(self, request):
        """Set the days of the payments: *delivery* shows all their states."""
        how_far = "matched"
        if request["end"] == "delivery":
            how_far = self.random.choice(("due", "sent", "bank", "matched"))
        days_apart = 7 if request["end"] == "follow_up" else 14
        latest = self.today - timedelta(days=11)
        for number, payment in enumerate(request["payments"]):
            day = request["delivered"] + timedelta(days=1 + number * days_apart)
            payment["posted"] = min(day, latest + timedelta(days=number))
            if how_far == "due":
                continue
            payment["sent"] = self._after(payment["posted"], 1, 2)
            if how_far == "sent":
                continue
            payment["bank"] = self._after(payment["sent"], 0, 1)
            if how_far == "matched":
                payment["matched"] = self._next_statement(payment["bank"])

    def _next_statement(self, day):
        """Return the Sunday on which a line of that day comes with the statement."""
        return day + timedelta(days=(SUNDAY - day.weekday()) % 7)
