from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

OFFICER = "beneficiary_relations.group_relations_officer"
MANAGER = "beneficiary_relations.group_manager"
# What the list is made of; it stays as the committee saw it.
LIST_FIELDS = frozenset(
    {
        "aid_type_id",
        "area_ids",
        "branch_ids",
        "category_ids",
        "committee_id",
        "company_id",
        "criterion_ids",
        "domain",
        "item_ids",
        "line_ids",
        "members_from",
        "members_to",
        "need_band_ids",
        "not_again_days",
        "packages",
        "per_household",
    }
)


class BeneficiaryDistribution(models.Model):
    """A seasonal distribution: baskets, clothing, heaters for many people at once.

    The list is made by criteria and shows for everybody why he is in or out. The
    committee decides the list by one vote; each entitlement on it carries the number
    of that decision. Whoever is on it gets a one-time code, and picks up once.

    ===================  ========================================================
    role                 may
    ===================  ========================================================
    reader, auditor      read
    relations officer    make the list, refer it, hand out, close
    representative       read and hand out to people of the own branch
    manager              take a handing-out back
    committee            decides; members do not change the list
    administrator        delete what was never referred
    ===================  ========================================================
    """

    _name = "beneficiary.distribution"
    _description = "Seasonal Distribution"
    _inherit = [
        "beneficiary.numbered.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "beneficiary.listing.mixin",
        "beneficiary.decided.list.mixin",
    ]
    _check_company_auto = True
    _mail_post_access = "read"
    _order = "date_from desc, id desc"

    season = fields.Selection(
        selection=[
            ("ramadan", "Ramadan"),
            ("eid", "Eid"),
            ("winter", "Winter"),
            ("school", "Start of School"),
            ("other", "Other"),
        ],
        required=True,
        default="ramadan",
        tracking=True,
    )
    state = fields.Selection(
        selection=[
            ("draft", "List"),
            ("decision", "Before the Committee"),
            ("approved", "Approved"),
            ("open", "Handing Out"),
            ("closed", "Closed"),
            ("declined", "Declined"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    date_from = fields.Date(
        string="Pick-up from", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Pick-up until", required=True, default=fields.Date.context_today
    )
    place = fields.Char(
        string="Pick-up at", tracking=True, help="As people are told it."
    )
    aid_type_id = fields.Many2one(domain="[('nature', '=', 'in_kind')]")
    packages = fields.Integer(
        help="How many there are. Whoever is in need most comes first, the others "
        "wait in reserve. 0: as many as are on the list.",
    )
    note = fields.Text()
    item_ids = fields.One2many(
        comodel_name="beneficiary.distribution.item",
        inverse_name="distribution_id",
        string="What Is Given",
        copy=True,
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.distribution.line",
        inverse_name="distribution_id",
        string="People",
    )
    agenda_item_ids = fields.One2many(
        comodel_name="beneficiary.agenda.item", inverse_name="distribution_id"
    )
    listed_on = fields.Datetime(string="List Made on", readonly=True, copy=False)
    listed_by_id = fields.Many2one(
        comodel_name="res.users", string="List Made by", readonly=True, copy=False
    )

    # Figures
    in_count = fields.Integer(string="On the List", compute="_compute_figures")
    out_count = fields.Integer(string="Left Out", compute="_compute_figures")
    reserve_count = fields.Integer(string="In Reserve", compute="_compute_figures")
    handed_count = fields.Integer(string="Handed Out", compute="_compute_figures")
    rest_count = fields.Integer(string="Not Fetched", compute="_compute_figures")
    value_in = fields.Monetary(string="Value of the List", compute="_compute_figures")
    value_handed = fields.Monetary(
        string="Value Handed Out", compute="_compute_figures"
    )
    handed_percent = fields.Integer(string="Handed Out (%)", compute="_compute_figures")

    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "This number of a distribution is taken already."
    )
    _dates_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "The pick-up ends after it begins. Correct one of the days.",
    )
    _packages_bounds = models.Constraint(
        "CHECK(packages BETWEEN 0 AND 1000000)",
        "The number of packages lies between 0 and a million.",
    )
    _decided = models.Constraint(
        "CHECK(state NOT IN ('approved', 'open', 'closed', 'declined')"
        " OR decision_id IS NOT NULL)",
        "Nothing is handed out before the committee decided the list.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    def _compute_figures(self):
        Line = self.env["beneficiary.distribution.line"]
        rows = Line._read_group(
            [("distribution_id", "in", self.ids)],
            ["distribution_id", "result", "state"],
            ["__count", "value:sum"],
        )
        for distribution in self:
            own = [row[1:] for row in rows if row[0] == distribution]
            handed = [row for row in own if row[1] == "handed"]
            listed = [row for row in own if row[0] == "in"]
            distribution.in_count = sum(row[2] for row in listed)
            distribution.out_count = sum(row[2] for row in own if row[0] == "out")
            distribution.reserve_count = sum(
                row[2] for row in own if row[0] == "reserve"
            )
            distribution.handed_count = sum(row[2] for row in handed)
            distribution.rest_count = distribution.in_count - distribution.handed_count
            distribution.value_in = sum(row[3] for row in listed)
            distribution.value_handed = sum(row[3] for row in handed)
            distribution.handed_percent = (
                100 * distribution.handed_count // distribution.in_count
                if distribution.in_count
                else 0
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("aid_type_id")
    def _check_in_kind(self):
        for distribution in self:
            if distribution.aid_type_id.nature != "in_kind":
                raise ValidationError(
                    self.env._(
                        "%(name)s: choose a kind of help that is given in kind.",
                        name=distribution.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def _check_typed(self, vals):
        res = super()._check_typed(vals)
        if LIST_FIELDS & vals.keys():
            for distribution in self:
                distribution._check_list_is_open()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for distribution in self:
            if distribution.state != "draft" or distribution.agenda_item_ids:
                raise UserError(
                    self.env._(
                        "%(name)s was before the committee and is kept. Cancel it "
                        "instead.",
                        name=distribution.display_name,
                    )
                )

    def _results_words(self, results):
        return self.env._("Number, state and decision of a list are not typed in.")

    def _check_list_is_open(self):
        """Refuse to change a list that is before the committee or decided.

        :raise UserError: naming the list
        """
        self.ensure_one()
        if self.state != "draft" and not self.env.su:
            raise UserError(
                self.env._(
                    "%(name)s: the list is before the committee or decided and stays "
                    "as it was seen. Take it back first.",
                    name=self.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_make_list(self):
        """Make the list by its criteria, or make it again.

        What was put in or taken out by hand stays so.

        :raise UserError: when no file is in the scope
        """
        self.ensure_one()
        self._check_may_prepare()
        self._check_list_is_open()
        self._make_list()

    def action_refer(self):
        """Refer the list to the committee; from now on it stays as it is.

        :raise UserError: without a list, a committee or anything to give
        """
        self._check_may_prepare()
        for distribution in self:
            distribution._check_list_is_open()
            distribution._check_can_refer()
        # The state is not typed in; role and list were checked.
        self.sudo().write({"state": "decision"})

    def action_take_back(self):
        """Take the list back from the committee to correct it."""
        self._check_may_prepare()
        for distribution in self:
            distribution._check_state("decision", "declined")
            # Whether a vote is open is no secret to whoever made the list.
            items_sudo = distribution.sudo().agenda_item_ids
            if "voting" in items_sudo.mapped("state"):
                raise UserError(
                    self.env._(
                        "The committee is voting on %(name)s. Wait for the result.",
                        name=distribution.display_name,
                    )
                )
            items_sudo._withdraw()
        # As above.
        self.sudo().write({"state": "draft", "decision_id": False})
        self.sudo().line_ids.write({"state": "listed", "decision_id": False})

    def action_start(self):
        """Begin to hand out: everybody on the list gets a one-time code."""
        self._check_may_prepare()
        for distribution in self:
            distribution._check_state("approved")
            # Codes are shown to nobody but the person.
            distribution.sudo()._entitled_lines()._give_codes()
        # As above.
        self.sudo().write({"state": "open"})

    def action_notify(self):
        """Tell everybody who has not fetched yet where, when and with which code."""
        self.ensure_one()
        self._check_may_prepare()
        self._check_state("open")
        # Whoever tells people need not read their codes.
        told = self.sudo()._entitled_lines()._notify()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Messages sent: %(count)s", count=told),
            },
        }

    def action_close(self):
        """End the pick-up; what nobody fetched is listed."""
        self._check_may_prepare()
        for distribution in self:
            distribution._check_state("open")
        self.sudo()._entitled_lines().write({"state": "not_fetched"})
        # As above.
        self.sudo().write({"state": "closed"})

    def action_cancel(self):
        """Stop a distribution of which nothing was handed out."""
        self._check_may_prepare()
        for distribution in self:
            distribution._check_state("draft", "decision", "approved", "open")
            if distribution.handed_count:
                raise UserError(
                    self.env._(
                        "%(name)s: something was handed out already. Close it instead.",
                        name=distribution.display_name,
                    )
                )
            items_sudo = distribution.sudo().agenda_item_ids
            if "voting" in items_sudo.mapped("state"):
                raise UserError(
                    self.env._(
                        "The committee is voting on %(name)s. Wait for the result.",
                        name=distribution.display_name,
                    )
                )
            items_sudo._withdraw()
        # As above.
        self.sudo().write({"state": "cancelled"})

    def action_hand_out(self):
        """Open the screen on which codes are typed or scanned."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_hand_out()
        self._check_state("open")
        return self.env["beneficiary.distribution.pickup"]._open(self)

    def action_open_lines(self):
        """Open the people on the list."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_distribution_line_action"
        )
        action["domain"] = [("distribution_id", "=", self.id)]
        action["context"] = {
            "default_distribution_id": self.id,
            "search_default_in": self.state == "draft",
        }
        return action

    def action_print_codes(self):
        """Print a slip with the code for everybody who has not fetched yet."""
        self.ensure_one()
        self._check_may_prepare()
        self._check_state("open")
        self._message_log(body=self.env._("The slips with the codes were printed."))
        return self.env.ref(
            "beneficiary_aid.action_report_distribution_slips"
        ).report_action(self)

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    def _make_list(self):
        """Judge every file in the scope and store the list, in one go."""
        self.ensure_one()
        people = self._search_files()
        self._require_people(people)
        Line = self.env["beneficiary.distribution.line"]
        hand = Line.search(
            [("distribution_id", "=", self.id), ("override", "!=", False)]
        )
        kept = {
            line.beneficiary_id.id: {
                "override": line.override,
                "override_reason": line.override_reason,
                "override_by_id": line.override_by_id.id,
            }
            for line in hand
        }
        people |= hand.beneficiary_id
        rows = self._prepare_lines(people.sudo(), kept)
        # Results are not typed in; the right to make a list was checked.
        lists = self.sudo()
        lists.line_ids.unlink()
        Line.sudo().create(rows)
        lists.write({"listed_on": fields.Datetime.now(), "listed_by_id": self.env.uid})

    def _prepare_lines(self, people, kept):
        """Return the values of lines, those in need most first.

        :param people: ``beneficiary.beneficiary``, as superuser
        :param dict kept: what was decided by hand, by the id of the file
        """
        findings = self._judge(people)
        judged = {
            person: "in" if self._all_met(findings[person]) else "out"
            for person in people
        }
        for person in people:
            if person.id in kept:
                judged[person] = kept[person.id]["override"]
        twins = self._twins_in_household(people, judged, kept)
        ranked = self._ranked(people)
        rows = []
        taken = 0
        for rank, person in enumerate(ranked, start=1):
            result = "out" if person in twins else judged[person]
            if result == "in":
                taken += 1
                if self.packages and taken > self.packages:
                    result = "reserve"
            rows.append(
                {
                    "distribution_id": self.id,
                    "beneficiary_id": person.id,
                    "household_id": person.household_id.id,
                    "branch_id": person.branch_id.id,
                    "members": person.household_id.member_count or 1,
                    "rank": rank,
                    "result": result,
                    "value": self._value_for(person),
                    "reason": self._reason_words(
                        findings[person], twins.get(person), result
                    ),
                    **kept.get(person.id, {}),
                }
            )
        return rows

    def _twins_in_household(self, people, judged, kept):
        """Return who is left out for somebody else of the household.

        :return: ``{person: who is on the list instead}``
        """
        chosen = people.filtered(lambda person: judged[person] == "in")
        stands = self._one_for_household(chosen)
        return {
            person: stands[person]
            for person in chosen
            if stands[person] != person and person.id not in kept
        }

    def _ranked(self, people):
        """Return people with the least income for each person first."""
        return people.sorted(
            lambda person: (
                not person.household_id,
                person.household_id.per_capita_income,
                person.id,
            )
        )

    def _reason_words(self, findings, twin, result):
        words = [self._in_words(findings)]
        if twin:
            words.append(
                self.env._(
                    "The household is on the list with file %(number)s.",
                    number=twin.file_number,
                )
            )
        if result == "reserve":
            words.append(self.env._("Meets the conditions; the packages do not reach."))
        return "\n".join(filter(None, words)) or self.env._("In the scope of the list.")

    def _value_for(self, person):
        members = person.household_id.member_count or 1
        return sum(
            item._quantity_for(members) * item.unit_value for item in self.item_ids
        )

    def _served_since(self, people, day):
        """Count what other distributions handed out, too, to the whole household."""
        served = super()._served_since(people, day)
        lines = (
            self.env["beneficiary.distribution.line"]
            .sudo()
            .search_fetch(
                [
                    ("distribution_id.aid_type_id", "=", self.aid_type_id.id),
                    ("distribution_id", "!=", self.id),
                    ("state", "=", "handed"),
                    ("handed_day", ">=", day),
                    "|",
                    ("beneficiary_id", "in", people.ids),
                    ("household_id", "in", people.household_id.ids),
                ],
                ["beneficiary_id", "household_id", "distribution_id"],
            )
        )
        persons = {line.beneficiary_id: line.distribution_id.number for line in lines}
        households = {
            line.household_id: line.distribution_id.number
            for line in lines
            if self.per_household and line.household_id
        }
        for person in people:
            number = persons.get(person) or households.get(person.household_id)
            if number:
                served[person] = number
        return served

    def _entitled_lines(self):
        return self.line_ids.filtered(lambda line: line.state == "entitled")

    # ------------------------------------------------------------------
    # The committee, see beneficiary.decided.list.mixin
    # ------------------------------------------------------------------

    def _list_waits(self):
        self.ensure_one()
        return self.state == "decision"

    def _list_people(self):
        return self._lines_in().beneficiary_id

    def _list_authors(self):
        """Return the users who made the list, or changed it by hand."""
        return self.listed_by_id | self.line_ids.override_by_id

    def _lines_in(self):
        # What is before the committee does not depend on who looks.
        return self.sudo().line_ids.filtered(lambda line: line.result == "in")

    def _list_amount(self):
        return self.currency_id.round(sum(self._lines_in().mapped("value")))

    def _list_words(self):
        self.ensure_one()
        return self.env._(
            "%(name)s: %(aid_type)s for %(count)s people, value %(value)s.",
            name=self.name,
            aid_type=self.aid_type_id.name,
            count=len(self._lines_in()),
            value=self.currency_id.format(self._list_amount()),
        )

    def _list_dossier(self):
        return {
            "number": self.number,
            "items": [
                [item.name, item.quantity, item.per_member, f"{item.unit_value:.2f}"]
                for item in self.item_ids.sorted("id")
            ],
            "lines": [
                [line.beneficiary_id.id, f"{line.value:.2f}"]
                for line in self._lines_in().sorted("id")
            ],
        }

    def _apply_list_decision(self, decision):
        self.ensure_one()
        if decision._is_approval():
            self.write({"state": "approved", "decision_id": decision.id})
            self._lines_in().write({"state": "entitled", "decision_id": decision.id})
        else:
            self.write({"state": "declined", "decision_id": decision.id})

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_may_prepare(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(OFFICER)

    def _check_may_hand_out(self):
        self.env["beneficiary.beneficiary"]._require_group(
            OFFICER, "beneficiary_relations.group_branch_representative"
        )

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for distribution in self:
            if distribution.state not in states:
                raise UserError(
                    self.env._(
                        "%(name)s is: %(state)s. This step does not come now.",
                        name=distribution.display_name,
                        state=labels[distribution.state],
                    )
                )

    def _check_can_refer(self):
        missing = []
        if not self._lines_in():
            missing.append(self.env._("people on the list"))
        if not self.item_ids:
            missing.append(self.env._("what is given"))
        if not self.committee_id:
            missing.append(self.env._("the committee that decides"))
        if not self.place:
            missing.append(self.env._("where it is picked up"))
        if missing:
            raise UserError(
                self.env._(
                    "%(name)s cannot be referred yet. Missing: %(missing)s.",
                    name=self.display_name,
                    missing=format_list(self.env, missing),
                )
            )
        short = self.item_ids.filtered(
            lambda item: item._needed(self._lines_in()) > item.stocked
        )
        if short:
            raise UserError(
                self.env._(
                    "%(name)s: there is not enough of %(items)s for everybody on the "
                    "list. Count the stock again, or enter the number of packages.",
                    name=self.display_name,
                    items=format_list(self.env, short.mapped("name")),
                )
            )
