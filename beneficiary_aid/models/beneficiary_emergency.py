from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

OFFICER = "beneficiary_relations.group_relations_officer"
RESEARCHER = "beneficiary_relations.group_social_researcher"
BRANCH = "beneficiary_relations.group_branch_representative"
MANAGER = "beneficiary_relations.group_manager"


class BeneficiaryEmergency(models.Model):
    """An emergency: a flood, a fire, a building that fell.

    The households that were hit are assessed on the spot with few fields, before they
    have a file. Requests are opened for many at once; those named with urgent power
    approve them under a cap, with a reason. The committee confirms them afterwards,
    as one list, within the days of the emergency; what it does not confirm stands as
    not confirmed and is reported.

    ===================  ========================================================
    role                 may
    ===================  ========================================================
    reader, auditor      read
    officer, researcher  assess households, open requests
    representative       assess, and see what he or his branch assessed
    manager              open, change and close the emergency
    named approvers      approve urgently under the cap
    committee            confirms the list
    administrator        delete an emergency nothing hangs on
    ===================  ========================================================
    """

    _name = "beneficiary.emergency"
    _description = "Emergency"
    _inherit = [
        "beneficiary.amounts.mixin",
        "beneficiary.numbered.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "beneficiary.decided.list.mixin",
    ]
    _check_company_auto = True
    _mail_post_access = "read"
    _order = "date desc, id desc"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        string="Happened on",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    kind = fields.Selection(
        selection=[
            ("flood", "Flood"),
            ("fire", "Fire"),
            ("collapse", "Collapse"),
            ("cold", "Cold wave"),
            ("accident", "Accident"),
            ("other", "Other"),
        ],
        required=True,
        default="flood",
        tracking=True,
    )
    area_ids = fields.Many2many(
        comodel_name="beneficiary.area",
        string="Areas",
        domain="[('company_id', '=', company_id)]",
    )
    article = fields.Char(
        string="Article of the By-law",
        tracking=True,
        help="Where the by-law gives the power to act before the committee meets.",
    )
    note = fields.Text()
    state = fields.Selection(
        selection=[("open", "Open"), ("closed", "Closed")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    committee_id = fields.Many2one(
        string="Committee That Confirms",
        help="It confirms afterwards what was approved urgently.",
    )
    urgent_cap = fields.Monetary(
        string="Urgent Power up to",
        required=True,
        default=0.0,
        tracking=True,
        help="For one household. 0: nobody approves before the committee.",
    )
    approver_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_emergency_approver_rel",
        string="Who Has Urgent Power",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    confirm_days = fields.Integer(
        string="Days to Confirm",
        required=True,
        default=30,
        tracking=True,
        help="Within so many days the committee confirms what was approved urgently.",
    )
    household_ids = fields.One2many(
        comodel_name="beneficiary.emergency.household",
        inverse_name="emergency_id",
        string="Households",
    )
    request_ids = fields.One2many(
        comodel_name="beneficiary.aid.request", inverse_name="emergency_id"
    )
    decision_ids = fields.One2many(
        comodel_name="beneficiary.decision",
        inverse_name="emergency_id",
        string="Decisions",
    )
    agenda_item_ids = fields.One2many(
        comodel_name="beneficiary.agenda.item", inverse_name="emergency_id"
    )

    # Figures
    household_count = fields.Integer(
        string="Number of Households", compute="_compute_figures"
    )
    people_count = fields.Integer(string="People", compute="_compute_figures")
    request_count = fields.Integer(string="Requests", compute="_compute_figures")
    waiting_count = fields.Integer(
        string="Waiting for the Committee", compute="_compute_figures"
    )
    not_confirmed_count = fields.Integer(
        string="Not Confirmed", compute="_compute_figures"
    )
    amount_asked = fields.Monetary(string="Asked", compute="_compute_figures")
    amount_approved = fields.Monetary(string="Approved", compute="_compute_figures")
    papers_missing_count = fields.Integer(
        string="Papers Missing", compute="_compute_papers_missing"
    )
    confirm_due = fields.Date(
        string="To Confirm by",
        compute="_compute_confirm_due",
        search="_search_confirm_due",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_confirm_due", search="_search_is_overdue"
    )
    may_approve = fields.Boolean(compute="_compute_may_approve")

    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "This number of an emergency is taken already."
    )
    _cap_bounds = models.Constraint(
        "CHECK(urgent_cap >= 0 AND urgent_cap < 1e9)",
        "The cap of the urgent power is a number from zero up.",
    )
    _days_bounds = models.Constraint(
        "CHECK(confirm_days BETWEEN 1 AND 366)",
        "The days to confirm lie between 1 and 366.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    def _compute_figures(self):
        households = {
            emergency: figures
            for emergency, *figures in self.env[
                "beneficiary.emergency.household"
            ]._read_group(
                [("emergency_id", "in", self.ids)],
                ["emergency_id"],
                ["__count", "members:sum"],
            )
        }
        rows = self.env["beneficiary.aid.request"]._read_group(
            [("emergency_id", "in", self.ids), ("status", "!=", "cancelled")],
            ["emergency_id", "confirm_state"],
            ["__count", "amount_requested:sum", "amount_approved:sum"],
        )
        for emergency in self:
            count, people = households.get(emergency, (0, 0))
            own = [row[1:] for row in rows if row[0] == emergency]
            states = {state: number for state, number, *_sums in own}
            emergency.household_count = count
            emergency.people_count = people
            emergency.request_count = sum(row[1] for row in own)
            emergency.waiting_count = states.get("to_confirm", 0)
            emergency.not_confirmed_count = states.get("not_confirmed", 0)
            emergency.amount_asked = sum(row[2] for row in own)
            emergency.amount_approved = sum(row[3] for row in own)

    def _compute_papers_missing(self):
        requests = self.env["beneficiary.aid.request"].search(
            [
                ("emergency_id", "in", self.ids),
                ("status", "not in", ("rejected", "cancelled")),
            ]
        )
        lacking = requests.filtered(lambda one: one._lacks_papers()).grouped(
            "emergency_id"
        )
        for emergency in self:
            emergency.papers_missing_count = len(lacking.get(emergency, ()))

    def _compute_confirm_due(self):
        due = dict(
            self.env["beneficiary.aid.request"]._read_group(
                [
                    ("emergency_id", "in", self.ids),
                    ("confirm_state", "=", "to_confirm"),
                ],
                ["emergency_id"],
                ["confirm_due:min"],
            )
        )
        for emergency in self:
            emergency.confirm_due = due.get(emergency)
            emergency.is_overdue = bool(
                emergency.confirm_due
                and emergency.confirm_due < emergency._business_day()
            )

    def _search_confirm_due(self, operator, value):
        return Domain(
            "request_ids",
            "any",
            [("confirm_state", "=", "to_confirm"), ("confirm_due", operator, value)],
        )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_confirm_due(
            "<",
            self.env.company._beneficiary_day(
                fields.Datetime.now(), fallback=self.env.user.tz
            ),
        )

    @api.depends("approver_ids", "state", "urgent_cap")
    @api.depends_context("uid")
    def _compute_may_approve(self):
        for emergency in self:
            emergency.may_approve = (
                emergency.state == "open"
                and self.env.user in emergency.approver_ids
                and emergency.urgent_cap > 0
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        for emergency in self:
            if emergency.request_ids or emergency.household_ids:
                raise UserError(
                    self.env._(
                        "%(name)s has households or requests and is kept. Close it "
                        "instead.",
                        name=emergency.display_name,
                    )
                )

    def _results_words(self, results):
        return self.env._("Number and state of an emergency are not typed in.")

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_assess(self):
        """Open the quick form, for one household after the other."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_assess()
        self._check_open()
        return self.env["beneficiary.emergency.household"]._quick_form(self)

    def action_open_requests(self):
        """Open requests for the households that have none: asks what they get."""
        self.ensure_one()
        self.check_access("read")
        self._require(OFFICER, RESEARCHER)
        self._check_open()
        waiting = self.household_ids.filtered(lambda one: one.state != "dismissed")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter Requests"),
            "res_model": "beneficiary.emergency.open",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_emergency_id": self.id,
                "default_household_ids": waiting.filtered(
                    lambda one: not one.request_ids
                ).ids,
            },
        }

    def action_approve(self):
        """Approve urgently: asks for the requests and the reason."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_approve()
        waiting = self._requests_to_approve()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve Urgently"),
            "res_model": "beneficiary.emergency.approve",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_emergency_id": self.id,
                "default_request_ids": waiting.ids,
            },
        }

    def action_view_households(self):
        """Open the households."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_emergency_household_action"
        )
        action["domain"] = [("emergency_id", "=", self.id)]
        action["context"] = {"default_emergency_id": self.id}
        return action

    def action_view_requests(self):
        """Open the requests of the emergency."""
        self.ensure_one()
        self.check_access("read")
        return self._open_request_list([("emergency_id", "=", self.id)])

    def action_view_waiting(self):
        """Open the requests the committee has not confirmed yet."""
        self.ensure_one()
        self.check_access("read")
        return self._open_request_list(
            [("emergency_id", "=", self.id), ("confirm_state", "=", "to_confirm")]
        )

    def action_view_papers_missing(self):
        """Open the requests of which papers or the signature are missing."""
        self.ensure_one()
        self.check_access("read")
        lacking = self.request_ids.filtered(
            lambda one: (
                one.status not in ("rejected", "cancelled") and one._lacks_papers()
            )
        )
        return self._open_request_list([("id", "in", lacking.ids)])

    def action_close(self):
        """Close the emergency when everything is confirmed or decided.

        Of households that were never registered only the figures are kept.

        :raise UserError: while something waits for the committee
        """
        self.check_access("write")
        self._require(MANAGER)
        for emergency in self:
            emergency._check_open()
            if emergency.waiting_count:
                raise UserError(
                    self.env._(
                        "%(name)s: %(count)s requests wait for the committee's "
                        "confirmation. Put them on its agenda first.",
                        name=emergency.display_name,
                        count=emergency.waiting_count,
                    )
                )
        # The state is not typed in; the role was checked.
        self.sudo().household_ids._forget_unregistered()
        self.sudo().write({"state": "closed"})

    def action_reopen(self):
        """Open the emergency again."""
        self.check_access("write")
        self._require(MANAGER)
        # As above.
        self.sudo().write({"state": "open"})

    def _open_request_list(self, domain):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_aid_request_action_all"
        )
        action["domain"] = domain
        action["context"] = {}
        return action

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_open(self):
        self.ensure_one()
        if self.state != "open":
            raise UserError(self.env._("%(name)s is closed.", name=self.display_name))

    def _check_may_assess(self):
        self._require(OFFICER, RESEARCHER, BRANCH)

    def _require(self, *groups):
        self.env["beneficiary.beneficiary"]._require_group(*groups)

    def _business_day(self):
        self.ensure_one()
        return self.company_id._beneficiary_day(
            fields.Datetime.now(), fallback=self.env.user.tz
        )
