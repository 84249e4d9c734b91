import ast
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.beneficiary_relations.tools.period import period_label

SERVED_STATES = ("verification", "active")


class BeneficiaryListingMixin(models.AbstractModel):
    """People chosen by criteria, each with the reason why he is in or out.

    The *scope* (areas, branches, categories, a saved search) says whose files are
    looked at; the *conditions* (need band, size of the household, conditions of the
    policy, what was given lately) are answered for each of them with the value that
    was seen. Every condition is one query for the whole list.
    """

    _name = "beneficiary.listing.mixin"
    _description = "People Chosen by Criteria"
    _check_company_auto = True

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    aid_type_id = fields.Many2one(
        comodel_name="beneficiary.aid.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )

    # Whose files are looked at
    area_ids = fields.Many2many(
        comodel_name="beneficiary.area",
        string="Areas",
        domain="[('company_id', '=', company_id)]",
        help="The areas and everything that is part of them. Empty: everywhere.",
    )
    branch_ids = fields.Many2many(
        comodel_name="beneficiary.branch",
        string="Branches",
        check_company=True,
        help="Empty: every branch.",
    )
    category_ids = fields.Many2many(
        comodel_name="beneficiary.category",
        string="Categories",
        check_company=True,
        help="Empty: every category.",
    )
    domain = fields.Char(
        string="Search on Files",
        required=True,
        default="[]",
        help="Narrows the files that are looked at, like a search on files.",
    )

    # What is asked of each
    need_band_ids = fields.Many2many(
        comodel_name="beneficiary.need.band",
        string="Need Bands",
        domain="[('policy_id.state', '=', 'in_force'), "
        "('policy_id.company_id', '=', company_id)]",
        help="Empty: whatever the income for each person.",
    )
    members_from = fields.Integer(
        string="Household from", help="Number of members. 0: no limit."
    )
    members_to = fields.Integer(
        string="Household up to", help="Number of members. 0: no limit."
    )
    criterion_ids = fields.Many2many(
        comodel_name="beneficiary.criterion",
        string="Conditions of the Policy",
        check_company=True,
        domain="[('kind', '=', 'automatic'), ('policy_id.state', '=', 'in_force'), "
        "('company_id', '=', company_id)]",
    )
    not_again_days = fields.Integer(
        string="Not again within (days)",
        help="Whoever got this kind of help within so many days is left out. 0: no "
        "limit.",
    )
    per_household = fields.Boolean(
        string="Once for a Household",
        default=True,
        help="Only one person of a household is chosen: its head, or whose file is "
        "the oldest.",
    )

    _members_bounds = models.Constraint(
        "CHECK(members_from BETWEEN 0 AND 99 AND members_to BETWEEN 0 AND 99"
        " AND (members_to = 0 OR members_from <= members_to))",
        "The size of a household lies between 0 and 99, and its lower bound is not "
        "above the upper one.",
    )
    _days_bounds = models.Constraint(
        "CHECK(not_again_days BETWEEN 0 AND 3660)",
        "The days within which nobody is served again lie between 0 and 3660.",
    )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("domain")
    def _check_domain(self):
        for listing in self:
            try:
                listing._parsed_domain().validate(self.env["beneficiary.beneficiary"])
                listing._search_files(limit=1)
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The search on files is not valid: %(error)s", error=error
                    )
                ) from None

    @api.constrains("domain")
    def _check_not_sensitive(self):
        """Reasons are read by many: no health, disability or prison data in them."""
        Criterion = self.env["beneficiary.criterion"]
        for listing in self:
            fields_asked = Criterion._fields_asked(
                "beneficiary.beneficiary", listing._parsed_domain()
            )
            if Criterion._any_sensitive(fields_asked):
                raise ValidationError(
                    self.env._(
                        "The search on files asks for health, disability or prison "
                        "data: who is on the list would tell them to everybody."
                    )
                )

    # ------------------------------------------------------------------
    # Whose files are looked at
    # ------------------------------------------------------------------

    def _parsed_domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))

    def _scope(self):
        """Return the domain of the files that are looked at."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id) & Domain(
            "state", "in", SERVED_STATES
        )
        if self.area_ids:
            domain &= Domain("area_id", "child_of", self.area_ids.ids)
        if self.branch_ids:
            domain &= Domain("branch_id", "in", self.branch_ids.ids)
        if self.category_ids:
            domain &= Domain("category_id", "in", self.category_ids.ids)
        return domain & self._parsed_domain()

    def _search_files(self, limit=None):
        """Search the scope with the rights of whoever makes the list."""
        self.ensure_one()
        return self.env["beneficiary.beneficiary"].search(
            self._scope(), order="id", limit=limit
        )

    # ------------------------------------------------------------------
    # What is asked of each
    # ------------------------------------------------------------------

    def _judge(self, people):
        """Answer the conditions for people.

        :param people: ``beneficiary.beneficiary``
        :return: ``{person: [(condition, result, value)]}`` with ``met``,
            ``not_met``, ``unknown`` or ``later`` as results
        :rtype: dict
        """
        self.ensure_one()
        # The figures of a household do not depend on who makes the list; they are
        # read at once for all.
        people = people.sudo()
        people.household_id.fetch(["member_count", "need_band_id", "per_capita_income"])
        findings = defaultdict(list)
        for answers in self._answers(people):
            for person, finding in answers.items():
                findings[person].append(finding)
        return {person: findings[person] for person in people}

    def _answers(self, people):
        """Yield the answers to one condition after the other: ``{person: finding}``."""
        if self.need_band_ids:
            yield self._answer_band(people)
        if self.members_from or self.members_to:
            yield self._answer_members(people)
        criteria = self._asked_criteria().sudo()
        for criterion, results in criteria._evaluate(people).items():
            # What only a person can answer is asked later and leaves nobody out.
            manual = criterion.kind == "manual"
            yield {
                person: (criterion.name, "later" if manual else result, value)
                for person, (result, value) in results.items()
            }
        if self.not_again_days:
            yield self._answer_not_again(people)

    def _asked_criteria(self):
        """Return the conditions of the policy that are asked."""
        return self.criterion_ids

    def _answer_band(self, people):
        label = self.env._("Need band")
        return {
            person: (
                label,
                self._result(
                    person.household_id.need_band_id,
                    person.household_id.need_band_id in self.need_band_ids,
                ),
                person.household_id.need_band_id.name or "",
            )
            for person in people
        }

    def _answer_members(self, people):
        label = self.env._("Members of the household")
        upper = self.members_to or 99
        answers = {}
        for person in people:
            count = person.household_id.member_count
            answers[person] = (
                label,
                self._result(count, self.members_from <= count <= upper),
                str(count or ""),
            )
        return answers

    def _answer_not_again(self, people):
        label = self.env._(
            "Not served within the last %(period)s",
            period=period_label(self.not_again_days, "day", self.env.lang),
        )
        served = self._served_since(
            people, self._business_day() - timedelta(days=self.not_again_days)
        )
        return {
            person: (
                label,
                "not_met" if served.get(person) else "met",
                served.get(person, ""),
            )
            for person in people
        }

    def _served_since(self, people, day):
        """Return who got this kind of help since a day, and where it is written.

        :param people: ``beneficiary.beneficiary``, as superuser
        :param date day: the first day that counts
        :return: ``{person: number}``, only those who did
        :rtype: dict
        """
        # What was given counts whoever makes the list.
        Request = self.env["beneficiary.aid.request"].sudo()
        requests = Request.search_fetch(
            [
                ("beneficiary_id", "in", people.ids),
                ("aid_type_id", "=", self.aid_type_id.id),
                ("delivered_on", ">=", day),
            ],
            ["beneficiary_id", "name"],
        )
        return {one.beneficiary_id: one.name for one in requests}

    @api.model
    def _result(self, known, met):
        if not known:
            return "unknown"
        return "met" if met else "not_met"

    # ------------------------------------------------------------------
    # Results
    # ------------------------------------------------------------------

    @api.model
    def _all_met(self, findings):
        return all(result in ("met", "later") for _name, result, _value in findings)

    def _one_for_household(self, people):
        """Return, of people of one household, who stands for it.

        :return: ``{person: the person who stands for the household}``
        :rtype: dict
        """
        if not self.per_household:
            return {person: person for person in people}
        chosen = {}
        for person in people.sorted(lambda one: (one.relationship != "head", one.id)):
            chosen.setdefault(person.household_id or person, person)
        return {person: chosen[person.household_id or person] for person in people}

    def _in_words(self, findings):
        """Return findings as text, a line for each condition."""
        words = {
            "met": self.env._("met"),
            "not_met": self.env._("not met"),
            "unknown": self.env._("not known"),
            "later": self.env._("to be asked"),
        }
        return "\n".join(
            f"{name}: {words[result]} ({value})"
            if value
            else f"{name}: {words[result]}"
            for name, result, value in findings
        )

    def _business_day(self):
        self.ensure_one()
        return self.company_id._beneficiary_day(
            fields.Datetime.now(), fallback=self.env.user.tz
        )

    def _require_people(self, people):
        """Refuse a list without anybody.

        :raise UserError: when no file is in the scope
        """
        if not people:
            raise UserError(
                self.env._(
                    "%(name)s: no file is in this scope. Widen the areas, categories "
                    "or the search.",
                    name=self.display_name,
                )
            )
