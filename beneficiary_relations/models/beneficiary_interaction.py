from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class BeneficiaryInteraction(models.Model):
    """One contact with a person over one channel: asked, answered, closed.

    Whoever a complaint is about neither sees nor handles it, by any route.
    """

    _name = "beneficiary.interaction"
    _description = "Interaction"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "date desc, id desc"

    name = fields.Char(string="Number", readonly=True, copy=False, index=True)
    type_id = fields.Many2one(
        comodel_name="beneficiary.interaction.type",
        required=True,
        index=True,
        check_company=True,
    )
    kind = fields.Selection(related="type_id.kind", store=True, index=True)
    confidential = fields.Boolean(related="type_id.confidential", store=True)
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        index="btree_not_null",
        check_company=True,
        groups="beneficiary_relations.group_reader,"
        "beneficiary_relations.group_branch_representative",
        help="Empty for people without a file.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    channel_id = fields.Many2one(comodel_name="beneficiary.channel", check_company=True)
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        string="Received under",
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        groups="beneficiary_relations.group_reader,"
        "beneficiary_relations.group_branch_representative",
        help="The version of the policy in force when the contact came in.",
    )
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    subject = fields.Char(required=True)
    description = fields.Text()
    answer = fields.Text()
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
    )
    complained_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Complaint about",
        help="This person neither sees nor handles the complaint.",
    )
    date_due = fields.Date(
        string="Reply by", compute="_compute_date_due", store=True, readonly=False
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    waiting_since = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("waiting", "Waiting on the person"),
            ("closed", "Closed"),
        ],
        required=True,
        default="open",
        copy=False,
        index=True,
        group_expand=True,
    )
    closed_on = fields.Date(readonly=True, copy=False)

    _handler_not_subject = models.Constraint(
        "CHECK(complained_user_id IS NULL OR user_id IS NULL"
        " OR complained_user_id <> user_id)",
        "The person complained about cannot handle the complaint. Choose another "
        "responsible person.",
    )
    _open_idx = models.Index("(company_id, date_due) WHERE state <> 'closed'")

    @api.depends("company_id")
    def _compute_policy_id(self):
        Policy = self.env["beneficiary.policy"]
        for company, interactions in self.grouped("company_id").items():
            interactions.policy_id = Policy._in_force(company)

    @api.depends("type_id", "date")
    def _compute_date_due(self):
        for interaction in self:
            days = interaction.type_id.reply_days
            interaction.date_due = (
                fields.Datetime.context_timestamp(interaction, interaction.date).date()
                + timedelta(days=days)
                if days and interaction.date
                else False
            )

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for interaction in self:
            interaction.is_late = bool(
                interaction.state == "open"
                and interaction.date_due
                and interaction.date_due < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [
            ("state", "=", "open"),
            ("date_due", "<", fields.Date.context_today(self)),
        ]

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for interaction in self:
            interaction.display_name = " ".join(
                filter(None, [interaction.name, interaction.subject])
            )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._refuse_policy(vals)
        self.env["ir.sequence"]._number_vals(
            "beneficiary.interaction", "name", vals_list
        )
        for vals in vals_list:
            if (
                vals.get("complained_user_id")
                == self.env.uid
                == vals.get("user_id", self.env.uid)
            ):
                vals["user_id"] = False
        return super().create(vals_list)

    def _refuse_policy(self, vals):
        """Keep the version a contact was received under from being typed in."""
        if "policy_id" in vals and not self.env.su:
            raise AccessError(
                self.env._(
                    "The policy a contact was received under follows from its day and "
                    "is not typed in. Leave it out."
                )
            )

    def write(self, vals):
        self._refuse_policy(vals)
        if vals.get("state") == "closed":
            for interaction in self:
                interaction._check_can_close(vals)
            vals = dict(vals, closed_on=fields.Date.context_today(self))
        return super().write(vals)

    def action_wait(self):
        """Stop the clock while the person is asked for something."""
        self.check_access("write")
        self.filtered(lambda interaction: interaction.state == "open").write(
            {"state": "waiting", "waiting_since": fields.Date.context_today(self)}
        )

    def action_resume(self):
        """Start the clock again; the days of waiting move the due date."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        for interaction in self.filtered(lambda one: one.state == "waiting"):
            waited = today - (interaction.waiting_since or today)
            interaction.write(
                {
                    "state": "open",
                    "waiting_since": False,
                    "date_due": interaction.date_due and interaction.date_due + waited,
                }
            )

    def action_close(self):
        """Close what has been answered.

        :raise UserError: where there is no answer yet
        """
        self.check_access("write")
        self.write({"state": "closed"})

    def action_reopen(self):
        """Take up a closed interaction again."""
        self.check_access("write")
        self.write({"state": "open", "closed_on": False})

    def _check_can_close(self, vals):
        self.ensure_one()
        if not (vals.get("answer") or self.answer):
            raise UserError(
                self.env._(
                    "%(name)s has no answer yet. Write the answer, then close it.",
                    name=self.display_name,
                )
            )
