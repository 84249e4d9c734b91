"""Funds, donors, donations and the bank's statement."""

from datetime import timedelta

from . import names

DONATIONS = 60
# Some came in so lately that nobody has matched them with the bank.
RECENT = 8
FEE = 11.5


class Money:
    """Makes the money that pays for the planned aid, and a little more."""

    def __init__(self, registry, requests):
        self.random = registry.random
        self.today = registry.today
        self.numbers = registry.numbers
        self.requests = requests
        self.donors = self._donors()
        self.donations = self._donations()

    # ------------------------------------------------------------
    # Rows of the files
    # ------------------------------------------------------------

    def partner_rows(self):
        """Rows of ``res.partner``: who gives, and who is paid for a service."""
        vendors = [
            {
                "id": code,
                "name": name,
                "company_type": "company",
                "phone": self.numbers.mobile(),
                "city": "جدة",
                "country_id/id": "base.sa",
                "bank_ids/acc_number": self.numbers.iban(),
            }
            for code, name in names.VENDORS
        ]
        return vendors + [
            {
                "id": donor["id"],
                "name": donor["name"],
                "company_type": donor["type"],
                "phone": donor["phone"],
                "city": "جدة",
                "country_id/id": "base.sa",
                "bank_ids/acc_number": "",
            }
            for donor in self.donors
        ]

    def fund_rows(self):
        """Rows of ``beneficiary.fund``."""
        allowed = {
            "surgery": ("treatment", "device"),
            "zakat": ("medicine", "patient_sponsorship"),
        }
        return [
            {
                "id": f"fund_{code}",
                "name": name,
                "code": code.upper(),
                "kind": kind,
                "aid_type_ids": ",".join(
                    names.AID_TYPES[aim] for aim in allowed.get(code, ())
                ),
            }
            for code, name, kind in names.FUNDS
        ]

    def donation_rows(self):
        """Rows of ``beneficiary.donation``, oldest first."""
        return [
            {
                "id": f"donation_{number:02d}",
                "donor_id/id": donation["donor"],
                "is_anonymous": donation["anonymous"],
                "channel": donation["channel"],
                "date": donation["date"],
                "amount": donation["amount"],
                "fund_id/id": f"fund_{donation['fund']}",
                "reference": donation["reference"],
                "purpose": donation["purpose"],
            }
            for number, donation in enumerate(self.donations, 1)
        ]

    def statement_rows(self, payments):
        """Rows of ``account.bank.statement.line``: what the bank reports.

        :param list payments: rows of :meth:`Requests.payment_rows`
        """
        rows = []
        for donation in self.donations:
            if donation["bank"]:
                text = f"{donation['text']} {donation['reference']}"
                rows.append((donation["bank"], text, donation["amount"]))
        for payment in payments:
            if payment["bank"]:
                text = f"تحويل صادر {payment['reference']}"
                rows.append((payment["bank"], text, -payment["amount"]))
        for months in range(12):
            day = (self.today - timedelta(days=2 + 30 * months)).replace(day=3)
            rows.append((day, "رسوم خدمات بنكية", -FEE))
        rows.sort(key=lambda row: (row[0], row[1]))
        return [
            {
                "id": f"bank_{number:03d}",
                "date": day,
                "payment_ref": text,
                "amount": f"{amount:.2f}",
            }
            for number, (day, text, amount) in enumerate(rows, 1)
        ]

    # ------------------------------------------------------------
    # Donations
    # ------------------------------------------------------------

    def _donors(self):
        random = self.random
        donors = [{"name": name, "type": "company"} for name in names.COMPANY_DONORS]
        known = set()
        while len(donors) < 26:
            pool = names.MEN if random.random() < 0.6 else names.WOMEN
            name = " ".join(
                (
                    random.choice(pool),
                    random.choice(names.MEN),
                    random.choice(names.FAMILIES["sa"]),
                )
            )
            if name not in known:
                known.add(name)
                donors.append({"name": name, "type": "person"})
        for number, donor in enumerate(donors, 1):
            donor["id"] = f"donor_{number:02d}"
            donor["phone"] = self.numbers.mobile()
        return donors

    def _donations(self):
        """Return donations that at every session cover what it commits."""
        donations = self._covering_donations()
        while len(donations) < DONATIONS:
            code = self.random.choice(("general", "surgery", "zakat", "waqf", "waqf"))
            recent = len(donations) >= DONATIONS - RECENT
            days = (
                self.random.randint(1, 12) if recent else self.random.randint(13, 400)
            )
            day = self.today - timedelta(days=days)
            amount = self.random.choice(
                (100, 200, 300, 500, 500, 1000, 2500, 5000, 10000)
            )
            donor = self.random.choice(self.donors[len(names.COMPANY_DONORS) :])
            donations.append(self._donation(donor, code, day, amount))
        donations.sort(key=lambda donation: (donation["date"], donation["amount"]))
        for number, donation in enumerate(donations, 1):
            donation["reference"] = f"DON{donation['date']:%y%m}{number:03d}"
        return donations

    def _covering_donations(self):
        """Return large gifts, each before the fund would run out."""
        donations = []
        free = dict.fromkeys(("general", "surgery", "zakat"), 0)
        for request in sorted(
            (request for request in self.requests if request.get("approved")),
            key=lambda request: (request["session"], request["id"]),
        ):
            code = request["fund"]
            while free[code] < request["approved"] * 1.2:
                day = request["session"] - timedelta(days=self.random.randint(6, 30))
                amount = self.random.randint(25, 60) * 1000
                donor = self.random.choice(self.donors[:14])
                donations.append(self._donation(donor, code, day, amount))
                free[code] += amount
            free[code] -= request["approved"]
        return donations

    def _donation(self, donor, fund, day, amount):
        channel = "transfer"
        if amount <= 1000:
            channel = self.random.choice(("pos", "platform", "platform", "transfer"))
        elif amount <= 10000:
            channel = self.random.choice(("transfer", "bank_deposit", "cheque"))
        on_its_way = (self.today - day).days < 4
        return {
            "donor": donor["id"],
            "anonymous": int(self.random.random() < 0.15),
            "channel": channel,
            "date": day,
            "amount": amount,
            "fund": fund,
            "purpose": PURPOSES[fund],
            "text": TEXTS[channel],
            "bank": ""
            if on_its_way
            else day + timedelta(days=self.random.randint(0, 2)),
        }


PURPOSES = {
    "general": "تبرع عام",
    "surgery": "دعم العمليات والأجهزة الطبية",
    "zakat": "زكاة مال",
    "waqf": "مساهمة في الوقف الصحي",
}
TEXTS = {
    "transfer": "حوالة واردة",
    "pos": "تسوية نقاط البيع",
    "platform": "تسوية المنصة",
    "cheque": "إيداع شيك",
    "bank_deposit": "إيداع في الحساب",
}
