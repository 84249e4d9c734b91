from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

MANAGER = "beneficiary_relations.group_manager"
PAIRS = [
    ("study_vote", "Studies the case and votes on it"),
    ("vote_release", "Votes on a request and releases its money"),
    ("prepare_release", "Prepares a payment and releases it"),
]


class BeneficiaryDutyException(models.Model):
    """Two duties that do not go together, allowed to one person for a while.

    For small associations that have nobody else: named, with a reason and an end,
    approved by somebody else than the person it serves, and every use is recorded.
    There is none for deciding about one's kin.
    """

    _name = "beneficiary.duty.exception"
    _description = "Exception to the Separation of Duties"
    _inherit = ["mail.thread"]
    _check_company_auto = True
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    pair = fields.Selection(
        selection=PAIRS, string="Duties", required=True, tracking=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    date_from = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(string="Until", required=True, tracking=True)
    reason = fields.Text(required=True, tracking=True)
    state = fields.Selection(
        selection=[
            ("draft", "Proposed"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("ended", "Ended"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="restrict"
    )
    approved_on = fields.Datetime(readonly=True, copy=False)
    use_ids = fields.One2many(
        comodel_name="beneficiary.duty.use", inverse_name="exception_id", string="Uses"
    )
    use_count = fields.Integer(string="Number of Uses", compute="_compute_use_count")

    _period = models.Constraint(
        "CHECK(date_to >= date_from AND date_to - date_from <= 366)",
        "An exception ends after it begins, and within a year.",
    )
    _other_approves = models.Constraint(
        "CHECK(approved_by_id IS NULL OR approved_by_id != user_id)",
        "Somebody else than the person approves an exception.",
    )

    @api.depends("use_ids")
    def _compute_use_count(self):
        counts = dict(
            self.env["beneficiary.duty.use"]._read_group(
                [("exception_id", "in", self.ids)], ["exception_id"], ["__count"]
            )
        )
        for exception in self:
            exception.use_count = counts.get(exception, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if not self.env.su:
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_draft()

    @api.model
    def _check_typed(self, vals):
        typed = {"state", "approved_by_id", "approved_on", "use_ids"} & vals.keys()
        if typed and not self.env.su:
            raise AccessError(
                self.env._("Who approved an exception and when is not typed in.")
            )

    def _check_draft(self):
        for exception in self:
            if exception.state != "draft":
                raise UserError(
                    self.env._(
                        "The exception for %(user)s was decided and stays as it is. "
                        "End it and propose another one.",
                        user=exception.user_id.sudo().name,
                    )
                )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_approve(self):
        """Approve exceptions for somebody else.

        :raise UserError: for oneself, or decided already
        """
        self._check_may_decide()
        self._check_draft()
        # The approval is not typed in; role and person were checked.
        self.sudo().write(
            {
                "state": "approved",
                "approved_by_id": self.env.uid,
                "approved_on": fields.Datetime.now(),
            }
        )

    def action_refuse(self):
        """Refuse exceptions that were proposed."""
        self._check_may_decide()
        self._check_draft()
        # See action_approve.
        self.sudo().state = "refused"

    def action_end(self):
        """End exceptions before their time."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(MANAGER)
        # See action_approve.
        self.filtered(lambda one: one.state == "approved").sudo().state = "ended"

    def action_open_uses(self):
        """Open what was done by exception."""
        self.ensure_one()
        self.check_access("read")
        return self.use_ids._get_records_action(name=self.env._("Uses"))

    def _check_may_decide(self):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(MANAGER)
        if self.env.user in self.user_id:
            raise UserError(
                self.env._(
                    "An exception that serves you is decided by another manager."
                )
            )

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    @api.model
    def _live(self, pair, users, company, day):
        """Return the exceptions that hold for users on a day.

        :param str pair: see :data:`PAIRS`
        :param users: ``res.users``
        :param company: ``res.company``
        :param date day: business day of the association
        :return: exceptions as superuser: that there is one is asked by the rule
            itself, for whoever meets it
        """
        return self.sudo().search(
            [
                ("pair", "=", pair),
                ("state", "=", "approved"),
                ("user_id", "in", users.ids),
                ("company_id", "=", company.id),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ]
        )
