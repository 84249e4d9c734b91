import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import consteq, format_date

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import to_latin_digits

CODE_DIGITS = 8
RESULTS = [("in", "On the List"), ("reserve", "In Reserve"), ("out", "Left Out")]


class BeneficiaryDistributionLine(models.Model):
    """One person on a list: in or out and why, his code, and what he fetched.

    Result and reason are what the criteria said when the list was made. An officer may
    put somebody in or take somebody out by hand, with a reason and under his name.
    """

    _name = "beneficiary.distribution.line"
    _description = "Person of a Distribution"
    _inherit = "beneficiary.results.mixin"
    _check_company_auto = True
    _order = "distribution_id desc, rank, id"
    _rec_name = "beneficiary_id"

    distribution_id = fields.Many2one(
        comodel_name="beneficiary.distribution",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="distribution_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    season = fields.Selection(related="distribution_id.season")
    list_state = fields.Selection(
        related="distribution_id.state", string="State of the List"
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        readonly=True,
        index="btree_not_null",
        help="The household when the list was made.",
    )
    branch_id = fields.Many2one(
        comodel_name="beneficiary.branch", readonly=True, index="btree_not_null"
    )
    members = fields.Integer(readonly=True, required=True, default=1, aggregator=None)
    rank = fields.Integer(
        readonly=True, aggregator=None, help="1 is in need most on this list."
    )
    result = fields.Selection(
        selection=RESULTS, required=True, readonly=True, default="in"
    )
    reason = fields.Text(readonly=True, help="Each condition, with the value seen.")
    override = fields.Selection(
        selection=[("in", "Put in"), ("out", "Taken out")],
        string="By Hand",
        copy=False,
    )
    override_reason = fields.Char(string="Why by Hand", copy=False)
    override_by_id = fields.Many2one(
        comodel_name="res.users", string="By Hand of", readonly=True, copy=False
    )
    value = fields.Monetary(
        string="Goods Value", readonly=True, required=True, default=0.0
    )
    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The decision about the list, from which the entitlement comes.",
    )
    state = fields.Selection(
        selection=[
            ("listed", "Listed"),
            ("entitled", "To Fetch"),
            ("handed", "Handed Out"),
            ("not_fetched", "Not Fetched"),
        ],
        required=True,
        default="listed",
        readonly=True,
        copy=False,
    )
    code = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    notified_on = fields.Datetime(string="Told on", readonly=True, copy=False)
    handout_ids = fields.One2many(
        comodel_name="beneficiary.distribution.handout", inverse_name="line_id"
    )
    handed_day = fields.Date(string="Handed out on", readonly=True, copy=False)

    _person_uniq = models.UniqueIndex(
        "(distribution_id, beneficiary_id)", "This person is on the list already."
    )
    _code_uniq = models.UniqueIndex(
        "(distribution_id, code) WHERE code IS NOT NULL",
        "This code was given to somebody else. Try again.",
    )
    _override_reason = models.Constraint(
        "CHECK(override IS NULL OR (override_reason IS NOT NULL"
        " AND override_by_id IS NOT NULL))",
        "Say why somebody is put on the list, or taken off it, by hand.",
    )
    _value_bounds = models.Constraint(
        "CHECK(value >= 0 AND value < 1e12)",
        "The value of an entitlement is a number from zero up.",
    )
    _decided = models.Constraint(
        "CHECK(state = 'listed' OR decision_id IS NOT NULL)",
        "Nobody fetches anything before the committee decided the list.",
    )

    @api.depends("beneficiary_id")
    def _compute_display_name(self):
        for line in self:
            # Whoever reads the line hands out to this person.
            line.display_name = line.sudo().beneficiary_id.display_name

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Put people on a list by hand; the criteria make the others."""
        if self.env.su:
            return super().create(vals_list)
        for vals in vals_list:
            self._check_results(vals)
        self.env["beneficiary.beneficiary"]._require_group("group_relations_officer")
        lines = super().create([{**vals, "override": "in"} for vals in vals_list])
        for line in lines:
            line.distribution_id._check_list_is_open()
            line._complete_by_hand()
        return lines

    def write(self, vals):
        if self.env.su or is_anonymising(self.env):
            return super().write(vals)
        self._check_results(vals)
        for distribution in self.distribution_id:
            distribution._check_list_is_open()
        if "override" in vals and not vals["override"]:
            vals = {**vals, "override_reason": False}
        res = super().write(vals)
        if "override" in vals:
            for line in self:
                line._complete_by_hand()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        for distribution in self.distribution_id:
            distribution._check_list_is_open()

    def _results_words(self, results):
        return self.env._("Results of a list are not typed in: make the list again.")

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_void_handout(self):
        """Take a handing-out back that was a mistake.

        :return: a window that asks for the reason
        """
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back"),
            "res_model": "beneficiary.distribution.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_open_person(self):
        """Open the file of the person."""
        self.ensure_one()
        self.check_access("read")
        return self.beneficiary_id._get_records_action(name=self.env._("File"))

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------

    def _complete_by_hand(self):
        """Take what the list keeps of a person, and let the hand's word count."""
        self.ensure_one()
        # Results are not typed in; that the list is open was checked. Without a word
        # by hand the line says what the criteria say when the list is made again.
        line = self.sudo()
        person = line.beneficiary_id
        line.write(
            {
                "override_by_id": self.env.uid if line.override else False,
                "result": line.override or line.result,
                "household_id": person.household_id.id,
                "branch_id": person.branch_id.id,
                "members": person.household_id.member_count or 1,
                "value": line.distribution_id._value_for(person),
            }
        )

    # ------------------------------------------------------------------
    # Codes
    # ------------------------------------------------------------------

    def _give_codes(self):
        """Give every line a one-time code that no other line of its list has."""
        for lines in self.grouped("distribution_id").values():
            used = set()
            for line in lines:
                code = self._new_code()
                while code in used:
                    code = self._new_code()
                used.add(code)
                line.code = code

    @api.model
    def _new_code(self):
        return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"

    @api.model
    def _of_code(self, distribution, code):
        """Return the line of a list that a code stands for, or none.

        :param distribution: ``beneficiary.distribution``
        :param str code: as it was typed or scanned
        """
        code = to_latin_digits(code or "").replace(" ", "").strip()
        if len(code) != CODE_DIGITS:
            return self.browse()
        # Nobody reads codes; whoever has one finds its line, under his own rules.
        found = self.sudo().search(
            [("distribution_id", "=", distribution.id), ("code", "=", code)]
        )
        found = found.filtered(lambda line: consteq(line.code, code))
        return self.search([("id", "in", found.ids)])

    def _notify(self):
        """Tell people where, when and with which code; neutral words only.

        :return: how many were told
        :rtype: int
        """
        lines = self.filtered(lambda line: line.code)
        notices = [
            (line.beneficiary_id.partner_id, line._notice_words(), line)
            for line in lines
            if line.beneficiary_id.partner_id.phone
        ]
        self.env["beneficiary.message"]._send_many(notices, kind="code")
        self.browse([line.id for _partner, _words, line in notices]).write(
            {"notified_on": fields.Datetime.now()}
        )
        return len(notices)

    def _notice_words(self):
        self.ensure_one()
        partner = self.beneficiary_id.partner_id
        words = self.with_context(lang=partner.lang or self.env.lang)
        distribution = words.distribution_id
        return words.env._(
            "%(association)s: something is ready for you at %(place)s from %(start)s "
            "to %(end)s. Your code: %(code)s. Give it only when you receive it.",
            association=self.company_id.name,
            place=distribution.place,
            start=format_date(words.env, distribution.date_from),
            end=format_date(words.env, distribution.date_to),
            code=self.code,
        )

    # ------------------------------------------------------------------
    # Handing out
    # ------------------------------------------------------------------

    def _hand_out(self, code, vals):
        """Record that the person, or somebody for him, fetched it.

        :param str code: the one-time code
        :param dict vals: who took it and the proof, of
            ``beneficiary.distribution.handout``
        :return: the handing-out
        :raise UserError: for a wrong code, a wrong day, or what was fetched already
        """
        self.ensure_one()
        self.check_access("read")
        distribution = self.distribution_id
        distribution._check_may_hand_out()
        distribution._check_state("open")
        if self._of_code(distribution, code) != self:
            raise UserError(self.env._("This code is not of this list."))
        self._check_can_fetch()
        # Stock and state are counted, not typed in; role and code were checked.
        line = self.sudo()
        distribution.sudo().item_ids._take_out(line.members)
        handout = (
            self.env["beneficiary.distribution.handout"]
            .sudo()
            .create(
                {
                    **vals,
                    "line_id": self.id,
                    "value": line.value,
                    "handed_by_id": self.env.uid,
                }
            )
        )
        line.write({"state": "handed", "handed_day": distribution._business_day()})
        return handout

    def _check_can_fetch(self):
        distribution = self.distribution_id
        if self.state == "handed":
            raise UserError(
                self.env._(
                    "%(person)s fetched it on %(day)s already.",
                    person=self.display_name,
                    day=format_date(self.env, self.handed_day),
                )
            )
        if self.state != "entitled":
            raise UserError(
                self.env._("%(person)s has nothing to fetch.", person=self.display_name)
            )
        today = distribution._business_day()
        if not distribution.date_from <= today <= distribution.date_to:
            raise UserError(
                self.env._(
                    "%(name)s is fetched from %(start)s to %(end)s only.",
                    name=distribution.display_name,
                    start=format_date(self.env, distribution.date_from),
                    end=format_date(self.env, distribution.date_to),
                )
            )

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    @api.model
    def _portal_values(self):
        """Return what the logged-in person may fetch, with the codes.

        Only of files the person may act for; nothing of lists that are not open, of
        reasons, ranks or of others.

        :rtype: list[dict]
        """
        people = self.env["beneficiary.beneficiary"]._portal_own()
        Mixin = self.env["beneficiary.access.mixin"]
        # Portal users have no right on lists: only lines of their own files, and of
        # these only what is named here.
        lines = self.sudo().search(
            [
                ("beneficiary_id", "in", people.ids),
                ("state", "!=", "listed"),
                ("distribution_id.state", "in", ("open", "closed")),
            ]
        )
        several = len(people) > 1
        return [
            {
                "title": line.distribution_id.name,
                "for_name": line.beneficiary_id.name if several else "",
                "place": line.distribution_id.place,
                "date_from": Mixin._portal_date(line.distribution_id.date_from),
                "date_to": Mixin._portal_date(line.distribution_id.date_to),
                "things": [
                    (item.name, item._quantity_for(line.members))
                    for item in line.distribution_id.item_ids
                ],
                "code": line.code if line._can_show_code() else "",
                "state": line.state,
                "handed_day": Mixin._portal_date(line.handed_day),
                "decision": line.decision_id.name,
            }
            for line in lines
        ]

    def _can_show_code(self):
        self.ensure_one()
        return self.state == "entitled" and self.list_state == "open"
