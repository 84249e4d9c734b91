from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_aid_request_flow import OFFICER


class BeneficiaryOutreach(models.Model):
    """Opening requests for people who qualify and have not asked (C09).

    From the conditions of a kind of help: who meets each of them, with the value that
    was seen; who has an open request of that kind, or got it as often as allowed, is
    left out and listed with the reason. The requests are opened in one batch, and the
    people are invited to complete and sign them.

    Officers prepare and open; readers and auditors read.
    """

    _name = "beneficiary.outreach"
    _description = "Outreach"
    _inherit = [
        "beneficiary.numbered.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "beneficiary.listing.mixin",
    ]
    _check_company_auto = True
    _mail_post_access = "read"
    _order = "id desc"

    aid_type_id = fields.Many2one(
        domain="[('is_requestable', '=', True), ('nature', '!=', 'fund')]"
    )
    need = fields.Char(
        string="What Is Needed",
        help="What the requests say until the person writes it in his own words.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "List"),
            ("done", "Requests Opened"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.outreach.line",
        inverse_name="outreach_id",
        string="People",
    )
    request_ids = fields.One2many(
        comodel_name="beneficiary.aid.request", inverse_name="outreach_id"
    )
    listed_on = fields.Datetime(string="List Made on", readonly=True, copy=False)
    in_count = fields.Integer(string="Qualify", compute="_compute_counts")
    out_count = fields.Integer(string="Left Out", compute="_compute_counts")
    request_count = fields.Integer(string="Requests", compute="_compute_counts")
    declared_count = fields.Integer(string="Signed", compute="_compute_counts")

    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "This number of an outreach is taken already."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    def _compute_counts(self):
        lines = self.env["beneficiary.outreach.line"]._read_group(
            [("outreach_id", "in", self.ids)], ["outreach_id", "result"], ["__count"]
        )
        requests = self.env["beneficiary.aid.request"]._read_group(
            [("outreach_id", "in", self.ids)],
            ["outreach_id", "is_declared"],
            ["__count"],
        )
        for outreach in self:
            results = {result: n for one, result, n in lines if one == outreach}
            opened = {signed: n for one, signed, n in requests if one == outreach}
            outreach.in_count = results.get("in", 0)
            outreach.out_count = results.get("out", 0)
            outreach.request_count = sum(opened.values())
            outreach.declared_count = opened.get(True, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def _check_typed(self, vals):
        res = super()._check_typed(vals)
        if vals.keys() - {"active", "message_main_attachment_id"} and not self.env.su:
            for outreach in self:
                outreach._check_draft()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for outreach in self:
            outreach._check_draft()

    def _results_words(self, results):
        return self.env._("Number and state of an outreach are not typed in.")

    def _check_draft(self):
        """Refuse to change what was opened.

        :raise UserError: naming the outreach
        """
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "%(name)s: its requests are opened, or it was cancelled. Make a "
                    "new one.",
                    name=self.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_make_list(self):
        """List who qualifies and has not asked, and who is left out and why.

        :raise UserError: when no file is in the scope
        """
        self.ensure_one()
        self._check_may_open()
        self._check_draft()
        people = self._search_files()
        self._require_people(people)
        rows = self._prepare_lines(people.sudo())
        # Results are not typed in; the role was checked.
        outreach = self.sudo()
        outreach.line_ids.unlink()
        outreach.line_ids.create(rows)
        outreach.listed_on = fields.Datetime.now()

    def action_open_requests(self):
        """Open a request for everybody on the list and invite them to sign.

        Who has asked in the meantime is left out with the reason.

        :raise UserError: without anybody on the list
        """
        self.ensure_one()
        self._check_may_open()
        self._check_draft()
        # The row is written first: of two sessions that open the same list, the
        # second is run again and sees that it is done. Role and state were checked.
        outreach = self.sudo()
        outreach.state = "done"
        outreach.flush_recordset(["state"])
        outreach._leave_out_who_asked()
        lines = outreach.line_ids.filtered(lambda line: line._is_chosen())
        if not lines:
            raise UserError(
                self.env._(
                    "%(name)s: nobody on the list qualifies. Look at the reasons and "
                    "widen the scope.",
                    name=self.display_name,
                )
            )
        lines._open_requests()
        return self.action_view_requests()

    def action_view_requests(self):
        """Open the requests that were opened."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_aid_request_action_all"
        )
        action["domain"] = [("outreach_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_open_lines(self):
        """Open the people of the list."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_outreach_line_action"
        )
        action["domain"] = [("outreach_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_cancel(self):
        """Stop an outreach of which no request was opened."""
        self._check_may_open()
        for outreach in self:
            outreach._check_draft()
        # Results are not typed in; the role was checked.
        self.sudo().state = "cancelled"

    # ------------------------------------------------------------------
    # The list
    # ------------------------------------------------------------------

    def _asked_criteria(self):
        """Return the mandatory conditions of the kind of help, and those chosen."""
        # Conditions are no secret to whoever works with requests.
        of_type = self.aid_type_id.sudo().criterion_ids.filtered(
            lambda one: (
                one.active and one.mandatory and one.policy_id.state == "in_force"
            )
        )
        return self.criterion_ids.sudo() | of_type

    def _prepare_lines(self, people):
        findings = self._judge(people)
        busy = self._who_asked(people)
        chosen = people.filtered(
            lambda person: self._all_met(findings[person]) and person not in busy
        )
        stands = self._one_for_household(chosen)
        rows = []
        for person in people:
            words = [self._in_words(findings[person])]
            if person in busy:
                words.append(busy[person])
            twin = stands.get(person, person)
            if twin != person:
                words.append(
                    self.env._(
                        "The household is on the list with file %(number)s.",
                        number=twin.file_number,
                    )
                )
            is_in = person in chosen and twin == person
            rows.append(
                {
                    "outreach_id": self.id,
                    "beneficiary_id": person.id,
                    "branch_id": person.branch_id.id,
                    "result": "in" if is_in else "out",
                    "reason": "\n".join(filter(None, words))
                    or self.env._("In the scope of the list."),
                }
            )
        return rows

    def _who_asked(self, people):
        """Return who has asked for this help, or got it as often as allowed.

        :param people: ``beneficiary.beneficiary``, as superuser
        :return: ``{person: why he is left out}``
        :rtype: dict
        """
        Request = self.env["beneficiary.aid.request"].sudo()
        earlier = Request.search(
            [
                ("company_id", "=", self.company_id.id),
                ("aid_type_id", "=", self.aid_type_id.id),
                ("status", "not in", ("rejected", "cancelled")),
                "|",
                ("beneficiary_id", "in", people.ids),
                ("household_id", "in", people.household_id.ids),
            ]
        )
        left_out = {}
        homes = earlier.household_id
        for one in earlier.filtered("is_open"):
            left_out[one.beneficiary_id] = self.env._(
                "Has asked already: request %(number)s.", number=one.name
            )
        # How often is asked only of those of whom there is something to count.
        known = people.filtered(
            lambda person: (
                person not in left_out
                and (person in earlier.beneficiary_id or person.household_id in homes)
            )
        )
        asking = Request.browse()
        for person in known:
            asking |= Request.new(
                {
                    "beneficiary_id": person.id,
                    "household_id": person.household_id.id,
                    "aid_type_id": self.aid_type_id.id,
                    "company_id": self.company_id.id,
                    "date_received": fields.Datetime.now(),
                }
            )
        breaches = asking._limit_breaches()
        for one in asking:
            if breaches[one]:
                left_out[one.beneficiary_id._origin] = self.env._(
                    "Got it as often as allowed: %(rule)s",
                    rule=self.aid_type_id.frequency_text,
                )
        return left_out

    def _leave_out_who_asked(self):
        lines = self.line_ids.filtered(lambda line: line._is_chosen())
        busy = self._who_asked(lines.beneficiary_id)
        for line in lines:
            why = busy.get(line.beneficiary_id)
            if why:
                line.write({"result": "out", "reason": f"{line.reason}\n{why}"})

    def _check_may_open(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(OFFICER)
