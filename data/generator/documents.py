"""The papers people handed in."""

from datetime import timedelta

from . import names

# What an aid type asks for beside the papers of every applicant.
OF_AIM = {
    "treatment": ("quotation",),
    "device": ("quotation",),
    "medicine": ("prescription",),
    "patient_sponsorship": ("iban",),
}
OF_APPLICANT = ("identity", "home_proof", "income_proof", "medical_report")
VALID_DAYS = {
    "home_proof": 365,
    "income_proof": 365,
    "medical_report": 180,
    "prescription": 180,
    "quotation": 90,
}


def document_rows(registry, requests):
    """Rows of ``beneficiary.document``, in the order in which they came in."""
    wallet = Wallet(registry)
    for request in requests:
        wallet.add_for_request(request)
    for person in registry.people:
        wallet.add_for_member(person)
    return wallet.rows


class Wallet:
    """Papers by person; one that is still valid is not handed in twice."""

    def __init__(self, registry):
        self.random = registry.random
        self.today = registry.today
        self.numbers = registry.numbers
        self.valid_until = {}
        self.rows = []

    def add_for_request(self, request):
        """Add what the request needs and the person has not handed in yet."""
        person, day = request["person"], request["received"]
        known = len(self.rows)
        for code in OF_APPLICANT + OF_AIM[request["aim"]]:
            until = self.valid_until.get((person["id"], code))
            if until and until > day + timedelta(days=45):
                continue
            self._add(person, code, day)
        if len(self.rows) == known:
            return
        if request["end"] == "waiting":
            # The last paper is what everybody waits for.
            self.rows[-1].update({"state": "missing", "issue_date": "", "number": ""})
        elif request["end"] == "verification" and self.random.random() < 0.3:
            self.rows[-1].update(
                {
                    "state": "rejected",
                    "reject_reason": "الصورة غير واضحة، نأمل إرفاق صورة أوضح للمستند.",
                }
            )

    def add_for_member(self, person):
        """Add the papers of a family that asked for nothing yet."""
        day = self.today - timedelta(days=self.random.randint(20, 300))
        if (person["id"], "identity") not in self.valid_until and person["age"] >= 15:
            self._add(person, "identity", day)
        if person["relationship"] != "head":
            return
        kind = person["household"]["kind"]
        self._add(person, "family_record", day)
        if kind == "widow":
            self._add(person, "death_certificate", day)
        elif kind == "divorced":
            self._add(person, "divorce_deed", day)
        if person["household"]["country"] == "sa":
            self._add(person, "citizen_account", day)
        else:
            self._add(person, "citizen_account", day, state="not_applicable")

    def _add(self, person, code, day, state="submitted"):
        issued = day - timedelta(days=self.random.randint(1, 30))
        expiry = ""
        if code == "identity":
            issued = day - timedelta(days=self.random.randint(200, 1200))
            expiry = person["identity_expiry"]
        valid = VALID_DAYS.get(code, 3650)
        self.valid_until[person["id"], code] = day + timedelta(days=valid)
        given = state == "submitted"
        self.rows.append(
            {
                "id": f"document_{len(self.rows) + 1:03d}",
                "beneficiary_id/id": person["id"],
                "type_id": names.DOCUMENT_TYPES[code],
                "number": self._number(person, code) if given else "",
                "issue_date": issued if given else "",
                "expiry_date": expiry if given else "",
                "state": state,
                "collected_from": "official",
                "reject_reason": "",
            }
        )

    def _number(self, person, code):
        if code == "identity":
            return person["identity_number"]
        if code == "iban":
            return ""
        return self.numbers.digits(8)
