from odoo import api, fields, models

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
    _inherit = "beneficiary.approved.mixin"
    _check_company_auto = True
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    pair = fields.Selection(
        selection=PAIRS, string="Duties", required=True, tracking=True
    )
    user_id = fields.Many2one(string="Person")
    reason = fields.Text(required=True, tracking=True)
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
    # Buttons
    # ------------------------------------------------------------------

    def action_open_uses(self):
        """Open what was done by exception."""
        self.ensure_one()
        self.check_access("read")
        return self.use_ids._get_records_action(name=self.env._("Uses"))

    # ------------------------------------------------------------------
    # The approval, see beneficiary.approved.mixin
    # ------------------------------------------------------------------

    def _served(self):
        return self.user_id

    @api.model
    def _typed_words(self):
        return self.env._("Who approved an exception and when is not typed in.")

    @api.model
    def _own_words(self):
        return self.env._("An exception that serves you is decided by another manager.")

    def _decided_words(self):
        return self.env._(
            "The exception for %(user)s was decided and stays as it is. "
            "End it and propose another one.",
            user=self.user_id.sudo().name,
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
