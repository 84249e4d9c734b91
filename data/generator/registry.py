"""Households, their income and obligations, and the people in them."""

from datetime import date, timedelta

from . import names, numbers

HOUSEHOLDS = 90
PEOPLE = 300
# How many households of each kind there are.
KINDS = {
    "couple": 50,
    "widow": 14,
    "divorced": 9,
    "old_couple": 6,
    "old_single": 7,
    "grandparent": 4,
}
FIRST_CHILDREN = {"couple": 2, "widow": 2, "divorced": 2, "grandparent": 2}
CONDITIONS = {
    "treatment": "يحتاج إلى تدخل جراحي بحسب التقرير الطبي",
    "patient_sponsorship": "مرض مزمن يحتاج إلى متابعة شهرية",
    "device": "يحتاج إلى جهاز طبي في المنزل",
    "medicine": "مرض مزمن يحتاج إلى دواء مستمر",
}


class Registry:
    """Makes the registry and keeps what the other parts of the sample need."""

    def __init__(self, random, today):
        self.random = random
        self.today = today
        self.numbers = numbers.Numbers(random)
        self.households = []
        self.lines = []
        self.people = []
        for kind, country, children in self._plan():
            self._add_household(kind, country, children)

    # ------------------------------------------------------------
    # Rows of the files
    # ------------------------------------------------------------

    def areas(self):
        """Rows of ``beneficiary.area``."""
        return [
            {"id": f"area_{number:02d}", "name": name, "is_served": int(served)}
            for number, (name, _branch, served) in enumerate(names.DISTRICTS, 1)
        ]

    def branches(self):
        """Rows of ``beneficiary.branch``."""
        rows = []
        for code, name in names.BRANCHES:
            areas = [
                f"area_{number:02d}"
                for number, (_area, branch, _served) in enumerate(names.DISTRICTS, 1)
                if branch == code
            ]
            rows.append(
                {"id": f"branch_{code}", "name": name, "area_ids/id": ",".join(areas)}
            )
        return rows

    def household_rows(self):
        """Rows of ``beneficiary.household``."""
        return [
            {
                "id": household["id"],
                "area_id/id": household["area"],
                "branch_id/id": household["branch"],
                "dwelling_kind": household["dwelling"],
            }
            for household in self.households
        ]

    def people_rows(self):
        """Rows of ``beneficiary.beneficiary``."""
        return [self._person_row(person) for person in self.people]

    # ------------------------------------------------------------
    # Households
    # ------------------------------------------------------------

    def _plan(self):
        """Return (kind, country, children) of each household; 300 people in all."""
        kinds = [kind for kind, count in KINDS.items() for _number in range(count)]
        self.random.shuffle(kinds)
        countries = ["sa"] * (HOUSEHOLDS - len(names.COUNTRIES)) + list(names.COUNTRIES)
        self.random.shuffle(countries)
        children = [FIRST_CHILDREN.get(kind, 0) for kind in kinds]
        adults = {"couple": 2, "old_couple": 2}
        people = sum(adults.get(kind, 1) for kind in kinds) + sum(children)
        with_children = [n for n, count in enumerate(children) if count]
        while people != PEOPLE:
            number = self.random.choice(with_children)
            step = 1 if people < PEOPLE else -1
            if 1 <= children[number] + step <= 6:
                children[number] += step
                people += step
        return list(zip(kinds, countries, children, strict=True))

    def _add_household(self, kind, country, children):
        district = self.random.randrange(len(names.DISTRICTS) - 1)
        if len(self.households) in (17, 58):
            district = len(names.DISTRICTS) - 1
        branch = names.DISTRICTS[district][1]
        number = len(self.households) + 1
        household = {
            "id": f"household_{number:03d}",
            "kind": kind,
            "country": country,
            "area": f"area_{district + 1:02d}",
            "branch": f"branch_{branch}" if branch else "",
            "district": names.DISTRICTS[district][0],
            "street": self.random.choice(names.STREETS),
            "dwelling": self.random.choice(
                ("rented",) * 6 + ("owned", "owned", "family")
            ),
            "members": [],
        }
        self.households.append(household)
        self._add_members(household, children)
        self._add_lines(household)

    def _add_members(self, household, children):
        kind = household["kind"]
        female_head = kind in ("widow", "divorced") or (
            kind in ("old_single", "grandparent") and self.random.random() < 0.6
        )
        age = {
            "couple": self.random.randint(31, 56),
            "widow": self.random.randint(33, 55),
            "divorced": self.random.randint(29, 48),
        }.get(kind, self.random.randint(66, 82))
        marital = {
            "couple": "married",
            "old_couple": "married",
            "divorced": "divorced",
        }.get(kind, "widowed")
        head = self._person(
            household, "head", "female" if female_head else "male", age, marital
        )
        if kind in ("couple", "old_couple"):
            self._person(household, "spouse", "female", age - self.random.randint(2, 9))
            household["members"][-1]["marital_status"] = "married"
        parent = head if kind != "grandparent" else None
        oldest = min(22, age - 20 if kind != "grandparent" else 17)
        for child_age in sorted(
            self.random.sample(range(2, max(oldest, children + 2) + 1), children),
            reverse=True,
        ):
            self._child(household, parent, child_age)

    def _child(self, household, parent, age):
        boy = self.random.random() < 0.52
        relationship = "other" if parent is None else "son" if boy else "daughter"
        gender = "male" if boy else "female"
        self._person(household, relationship, gender, age, "single", child=True)

    # ------------------------------------------------------------
    # People
    # ------------------------------------------------------------

    def _person(
        self, household, relationship, gender, age, marital="single", child=False
    ):
        country = household["country"]
        family, father, grandfather = self._lineage(household, relationship, child)
        person = {
            "id": f"person_{len(self.people) + 1:03d}",
            "household": household,
            "relationship": relationship,
            "gender": gender,
            "age": age,
            "marital_status": marital,
            "country": country,
            "first": self._first_name(household, gender, child),
            "family": family,
            "birth_date": self._birth_date(age),
            "aims": [],
        }
        person["name"] = " ".join((person["first"], father, grandfather, family))
        person["education"], person["work_status"] = self._occupation(person)
        self._identity(person)
        if age >= 18:
            person["phone"] = self.numbers.mobile()
        household["members"].append(person)
        self.people.append(person)
        return person

    def _lineage(self, household, relationship, child):
        """Return family, father and grandfather; children have those of the house."""
        random = self.random
        country = household["country"]
        if not child or "children_of" not in household:
            lineage = (
                random.choice(names.FAMILIES[country]),
                random.choice(names.MEN),
                random.choice(names.ELDERS),
            )
            if not child and relationship == "head":
                head_is_father = household["kind"] in ("couple", "old_couple")
                household["lineage"] = lineage if head_is_father else None
            if not child:
                return lineage
            head = household["members"][0]
            if household["lineage"]:
                family, grandfather, _elder = household["lineage"]
                lineage = (family, head["first"], grandfather)
            household["children_of"] = lineage
        return household["children_of"]

    def _first_name(self, household, gender, child):
        pools = {
            ("male", True): names.BOYS,
            ("female", True): names.GIRLS,
            ("male", False): names.MEN,
            ("female", False): names.WOMEN,
        }
        taken = {member["first"] for member in household["members"]}
        return self.random.choice(
            [name for name in pools[gender, child] if name not in taken]
        )

    def _birth_date(self, age):
        start = date(self.today.year - age - 1, self.today.month, 28)
        return start + timedelta(days=self.random.randint(5, 345))

    def _identity(self, person):
        kind = "citizen" if person["country"] == "sa" else "resident"
        if person["id"] == "person_040":
            kind, person["country"] = "gcc", "kw"
        elif person["id"] == "person_121":
            kind, person["country"] = "passport", "sd"
        elif person["id"] == "person_202":
            kind, person["country"] = "border", "ye"
        person["identity_kind"] = kind
        person["identity_country"] = ""
        if kind in ("citizen", "resident"):
            number = self.numbers.identity("1" if kind == "citizen" else "2")
        elif kind == "gcc":
            number, person["identity_country"] = self.numbers.digits(12), "base.kw"
        elif kind == "passport":
            number = "P" + self.numbers.digits(8)
            person["identity_country"] = "base.sd"
        else:
            number, person["identity_country"] = self.numbers.digits(10), "base.sa"
        person["identity_number"] = number
        days = self.random.randint(60, 1700)
        if self.random.random() < 0.03:
            days = -self.random.randint(10, 200)
        expiry = self.today + timedelta(days=days)
        person["identity_expiry"] = expiry if person["age"] >= 15 else ""
        person["residence_expiry"] = expiry if kind in ("resident", "border") else ""

    def _occupation(self, person):
        random = self.random
        age = person["age"]
        if age < 6:
            return "none", ""
        if age < 19:
            level = (
                "primary" if age < 13 else "intermediate" if age < 16 else "secondary"
            )
            return level, "student"
        if age < 24 and person["relationship"] in ("son", "daughter"):
            return random.choice(("secondary", "diploma")), random.choice(
                ("student", "unemployed")
            )
        if age >= 62:
            retired = person["gender"] == "male" and random.random() < 0.5
            return random.choice(
                ("none", "primary")
            ), "retired" if retired else "unable"
        education = random.choice(
            ("primary", "intermediate", "intermediate", "secondary", "diploma")
        )
        if person["gender"] == "female":
            work = random.choice(("home", "home", "home", "unemployed", "employed"))
        else:
            work = random.choice(
                ("employed", "employed", "self_employed", "unemployed", "unable")
            )
        return education, work

    def _category(self, person):
        if person["aims"]:
            return "patient"
        if person["age"] >= 65:
            return "elderly"
        household = person["household"]
        if household["kind"] == "widow" and person["relationship"] == "head":
            return "widow"
        if household["kind"] == "divorced" and person["relationship"] == "head":
            return "divorced"
        if household["kind"] == "widow" and person["age"] < 18:
            return "orphan"
        return "poor"

    def _writes(self, person):
        """Tell whether the person has an address: who asks, also for a child."""
        asks = person["aims"] or (
            person["relationship"] == "head"
            and any(member["aims"] for member in person["household"]["members"])
        )
        return person["age"] >= 18 and asks

    def _person_row(self, person):
        household = person["household"]
        aim = person["aims"][0] if person["aims"] else None
        special = ""
        if aim == "device" or (aim == "patient_sponsorship" and person["age"] < 15):
            special = "hearing" if person["age"] < 10 else "mobility"
        return {
            "id": person["id"],
            "name": person["name"],
            "identity_kind": person["identity_kind"],
            "identity_number": person["identity_number"],
            "identity_country_id/id": person["identity_country"],
            "identity_expiry": person["identity_expiry"],
            "residence_expiry": person["residence_expiry"],
            "nationality_id/id": "base." + person["country"],
            "birth_date": person["birth_date"],
            "gender": person["gender"],
            "marital_status": person["marital_status"],
            "education": person["education"],
            "work_status": person["work_status"],
            "category_id": names.CATEGORIES[self._category(person)],
            "household_id/id": household["id"],
            "relationship": person["relationship"],
            "branch_id/id": household["branch"],
            "area_id/id": household["area"],
            "phone": person.get("phone", ""),
            "email": f"{person['id']}@example.org" if self._writes(person) else "",
            "street": household["street"],
            "street2": "حي " + household["district"],
            "city": "جدة",
            "country_id/id": "base.sa",
            "iban": person.get("iban", ""),
            "health_condition": CONDITIONS[aim] if aim else "",
            "special_needs": special,
            "sensitive_basis": "paper_consent" if aim or special else "",
        }

    # ------------------------------------------------------------
    # Income and obligations
    # ------------------------------------------------------------

    def _add_lines(self, household):
        head = household["members"][0]
        head["iban"] = self.numbers.iban()
        for member in household["members"][1:]:
            if member["age"] >= 18 and self.random.random() < 0.5:
                member["iban"] = self.numbers.iban()
        incomes = self._incomes(household, head)
        for kind, lines in (
            ("income", incomes),
            ("obligation", self._obligations(household)),
        ):
            for source, remark, low, high in lines:
                self._line(household, kind, source, remark, low, high)

    def _incomes(self, household, head):
        random = self.random
        citizen = household["country"] == "sa"
        incomes = []
        if head["work_status"] in ("employed", "self_employed"):
            low, high = (3200, 4600) if citizen else (1800, 3000)
            incomes.append(("salary", "راتب شهري", low, high))
        elif head["work_status"] == "retired":
            incomes.append(("pension", "معاش تقاعدي", 2000, 3600))
        elif citizen:
            incomes.append(("social_security", "الضمان الاجتماعي المطور", 1100, 2600))
        if citizen and random.random() < 0.7:
            incomes.append(("citizen_account", "حساب المواطن", 300, 1400))
        if household["kind"] == "divorced" and random.random() < 0.5:
            incomes.append(("other", "نفقة", 500, 1200))
        if random.random() < 0.08:
            incomes.append(("rehabilitation", "مكافأة التأهيل الشامل", 833, 1667))
        return incomes or [("other", "دخل متقطع", 400, 1500)]

    def _obligations(self, household):
        random = self.random
        obligations = []
        if household["dwelling"] == "rented":
            obligations.append(("rent", "إيجار السكن", 700, 1500))
        if random.random() < 0.45:
            obligations.append(("instalment", "قسط قرض", 250, 700))
        if random.random() < 0.6:
            obligations.append(("utilities", "كهرباء وماء", 100, 320))
        if random.random() < 0.5:
            obligations.append(("treatment", "أدوية شهرية", 100, 450))
        return obligations

    def _line(self, household, kind, source, remark, low, high):
        self.lines.append(
            {
                "id": f"household_line_{len(self.lines) + 1:03d}",
                "household_id/id": household["id"],
                "kind": kind,
                "source": source,
                "name": remark,
                "amount": self.random.randint(low // 10, high // 10) * 10,
                # Money for a disability must not lower what the family may get.
                "counts": int(source != "rehabilitation"),
            }
        )
