from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_decision import APPROVALS

LIST_MOTIONS = ("approve", "in_kind", "decline", "postpone")


class BeneficiaryAgendaItem(models.Model):
    """A list of people before the committee: one item, one vote, one decision.

    Meeting, votes, count and seal are those of a request; only what is decided is a
    list (``beneficiary.decided.list.mixin``). Ties of members are looked for with
    everybody on the list; a member who has one leaves the discussion and the vote.
    """

    _inherit = "beneficiary.agenda.item"
    _rec_names_search = [
        "request_id.name",
        "distribution_id.display_name",
        "emergency_id.display_name",
    ]

    # The fields of which one says what is decided, where it is no request.
    _list_fields = ("distribution_id", "emergency_id")

    request_id = fields.Many2one(required=False)
    distribution_id = fields.Many2one(
        comodel_name="beneficiary.distribution",
        string="List of a Distribution",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'decision'), ('company_id', '=', company_id)]",
        help="The list that is decided as a whole.",
    )
    emergency_id = fields.Many2one(
        comodel_name="beneficiary.emergency",
        string="Emergency to Confirm",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="What was approved urgently is confirmed as one list.",
    )
    is_list = fields.Boolean(string="A List", compute="_compute_is_list")

    _one_subject = models.Constraint(
        "CHECK(num_nonnulls(request_id, distribution_id, emergency_id) = 1)",
        "An agenda item is about one request or one list.",
    )
    _live_distribution_uniq = models.UniqueIndex(
        "(distribution_id) WHERE state IN ('pending', 'voting')",
        "This list is on an agenda already. Take it off there first.",
    )

    _live_emergency_uniq = models.UniqueIndex(
        "(emergency_id) WHERE state IN ('pending', 'voting')",
        "This emergency is on an agenda already. Take it off there first.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(lambda self: self._list_fields)
    def _compute_is_list(self):
        for item in self:
            item.is_list = bool(item._listed())

    @api.depends(lambda self: self._list_fields)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for item in self.filtered("is_list"):
            # The name of a list names nobody on it.
            item.display_name = item._listed().sudo().display_name
        return result

    # ------------------------------------------------------------------
    # Putting a list on the agenda
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete_list_vals(vals) for vals in vals_list]
        return super().create(vals_list)

    def _complete_list_vals(self, vals):
        """Begin the motion about a list with its value and a wording."""
        listed = self._listed_in(vals)
        if not listed:
            return vals
        return {
            "outcome": "in_kind",
            "amount": listed._list_amount(),
            "motion": listed._list_words(),
            **vals,
        }

    def _listed_in(self, vals):
        for name in self._list_fields:
            if vals.get(name):
                model = self._fields[name].comodel_name
                # Its words and value; whether it may be added is checked after.
                return self.env[model].sudo().browse(vals[name])
        return None

    def _listed(self):
        """Return the list the item is about, or ``None``."""
        self.ensure_one()
        for name in self._list_fields:
            if self[name]:
                return self[name]
        return None

    def _check_can_add(self):
        listed = self._listed()
        if listed is None:
            return super()._check_can_add()
        if self.meeting_id.state not in ("draft", "called", "open"):
            raise UserError(
                self.env._(
                    "The meeting %(name)s is over. Choose another meeting.",
                    name=self.meeting_id.display_name,
                )
            )
        return listed._check_list_waits(self.committee_id)

    def _files_before(self):
        """Return, for a list, everybody on it: ties are looked for with all of them."""
        if not self.is_list:
            return super()._files_before()
        return self._listed()._list_people()

    # ------------------------------------------------------------------
    # The vote
    # ------------------------------------------------------------------

    def _check_motion(self):
        if not self.is_list:
            return super()._check_motion()
        if self.outcome not in LIST_MOTIONS:
            raise UserError(
                self.env._(
                    "%(name)s: a list is approved, declined or postponed as a whole. "
                    "To leave people out, take the list back and correct it.",
                    name=self.display_name,
                )
            )
        if self.outcome == "decline" and not self.reason_id:
            raise UserError(
                self.env._(
                    "%(request)s: choose the reason the applicant is told.",
                    request=self.display_name,
                )
            )
        return None

    def _open_vote(self):
        if self.is_list:
            # What is voted on is fixed now; the role was checked.
            self._listed().sudo()._freeze_for(self)
        return super()._open_vote()

    def _study_authors(self):
        """Return, for a list, the members who made it: they do not vote on it."""
        if not self.is_list:
            return super()._study_authors()
        # See the method for a request.
        authors = self._listed().sudo()._list_authors()
        return self.committee_id.member_ids.filtered(
            lambda member: member.user_id in authors
        )

    def _earlier_deciders(self):
        if not self.is_list:
            return super()._earlier_deciders()
        return self.env["beneficiary.committee.member"]

    def _touch_requests(self):
        result = super()._touch_requests()
        for item in self.filtered("is_list"):
            item._listed()._touch_list()
        return result

    def _dossier(self):
        """Return, for a list, everybody on it and the motion."""
        if not self.is_list:
            return super()._dossier()
        # The seal is made of everything, whatever the secretary may read.
        item = self.sudo()
        return {
            "list": item._listed()._list_dossier(),
            "motion": [item.outcome, f"{item.amount:.2f}", item.motion or ""],
        }

    # ------------------------------------------------------------------
    # The decision
    # ------------------------------------------------------------------

    def _tier_values(self, outcome):
        if not self.is_list:
            return super()._tier_values(outcome)
        # One authority decides a list; a declined one comes back as another item.
        return {"tier": 1, "is_final": True}

    def _prepare_decision_values(self, count, votes, passed):
        vals = super()._prepare_decision_values(count, votes, passed)
        if self.is_list:
            vals.update(
                {name: self[name].id for name in self._list_fields}, fund_id=False
            )
        return vals

    def _apply_to_subjects(self, decisions):
        lists = self.filtered("is_list")
        for item in lists:
            # The secretary who closes the vote has no right to change lists; nothing
            # but the decision is written.
            item._listed().sudo()._apply_list_decision(
                decisions.filtered(lambda one, item=item: one.item_id == item)
            )
        own = decisions.filtered(lambda one: one.item_id not in lists)
        return super(BeneficiaryAgendaItem, self - lists)._apply_to_subjects(own)

    def _public_words(self, outcome):
        if not self.is_list:
            return super()._public_words(outcome)
        if outcome in APPROVALS:
            return self.env._("The list was approved.")
        return self.env._("The list could not be approved.")

    def _minutes_title(self, number):
        if not self.is_list:
            return super()._minutes_title(number)
        return self._list_title(number)

    def _minutes_heading(self, number):
        if not self.is_list:
            return super()._minutes_heading(number)
        return self._list_title(number)

    def _list_title(self, number):
        return self.env._(
            "%(number)s. List %(name)s",
            number=number,
            name=self.display_name,
        )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_open_request(self):
        """Open the dossier of what is decided: the request, or the list."""
        self.ensure_one()
        self.check_access("read")
        if self.is_list:
            return self._listed()._get_records_action(name=self.env._("List"))
        return super().action_open_request()


class BeneficiaryDecision(models.Model):
    """A decision about a list: everybody's entitlement on it is traced to it."""

    _inherit = "beneficiary.decision"

    request_id = fields.Many2one(required=False)
    distribution_id = fields.Many2one(
        comodel_name="beneficiary.distribution",
        string="List of a Distribution",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    emergency_id = fields.Many2one(
        comodel_name="beneficiary.emergency",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _one_subject = models.Constraint(
        "CHECK(num_nonnulls(request_id, distribution_id, emergency_id) = 1)",
        "A decision is about one request or one list.",
    )


class BeneficiaryMeeting(models.Model):
    """Lists that wait come on the agenda with the requests."""

    _inherit = "beneficiary.meeting"

    def _waiting_lists(self):
        """Return the values of items for the lists that wait for this committee."""
        self.ensure_one()
        waiting = self.env["beneficiary.distribution"].search(
            [
                ("committee_id", "=", self.committee_id.id),
                ("state", "=", "decision"),
                "!",
                ("agenda_item_ids", "any", [("state", "in", ("pending", "voting"))]),
            ]
        )
        emergencies = self.env["beneficiary.emergency"].search(
            [
                ("committee_id", "=", self.committee_id.id),
                ("request_ids", "any", [("confirm_state", "=", "to_confirm")]),
                "!",
                ("agenda_item_ids", "any", [("state", "in", ("pending", "voting"))]),
            ]
        )
        return [
            *super()._waiting_lists(),
            *({"distribution_id": one.id} for one in waiting),
            *({"emergency_id": one.id} for one in emergencies),
        ]
