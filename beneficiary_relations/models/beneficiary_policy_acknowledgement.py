from odoo import api, fields, models


class BeneficiaryPolicyAcknowledgement(models.Model):
    """Whether one member of the staff has read a version of the policy (C05).

    Rows are made by circulating and filled in by the person himself, through the
    buttons of the policy; nobody types them in.
    """

    _name = "beneficiary.policy.acknowledgement"
    _description = "Acknowledgement of a Policy"
    _order = "acknowledged_on desc, id"
    _rec_name = "user_id"

    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Member of the Staff",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    circulated_on = fields.Date(required=True, readonly=True)
    acknowledged_on = fields.Date(readonly=True)
    reminded_on = fields.Date(readonly=True)
    state = fields.Selection(
        selection=[("waiting", "Not read yet"), ("done", "Read")],
        compute="_compute_state",
        store=True,
    )

    _once = models.UniqueIndex(
        "(policy_id, user_id)",
        "This person is on the list of this policy already.",
    )

    @api.depends("acknowledged_on")
    def _compute_state(self):
        for row in self:
            row.state = "done" if row.acknowledged_on else "waiting"

    def _remind(self):
        """Put the policy on the desk of those who have not read it, once a day."""
        today = fields.Date.context_today(self)
        waiting = self.filtered(
            lambda row: row.state == "waiting" and row.reminded_on != today
        )
        if not waiting:
            return waiting
        kind = self.env.ref(
            "beneficiary_relations.mail_activity_type_policy_acknowledge"
        )
        # Who works for the association and has still to read is known to the caller.
        waiting_sudo = waiting.sudo()
        on_the_desk = {
            (activity.res_id, activity.user_id)
            for activity in self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("activity_type_id", "=", kind.id),
                    ("res_model", "=", "beneficiary.policy"),
                    ("res_id", "in", waiting_sudo.policy_id.ids),
                ]
            )
        }
        model_id = self.env["ir.model"]._get_id("beneficiary.policy")
        self.env["mail.activity"].sudo().create(
            [
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "res_model_id": model_id,
                    "res_id": row.policy_id.id,
                    "user_id": row.user_id.id,
                    "date_deadline": row._date_due(),
                }
                for row in waiting_sudo
                if (row.policy_id.id, row.user_id) not in on_the_desk
            ]
        )
        waiting_sudo.reminded_on = today
        return waiting

    def _date_due(self):
        self.ensure_one()
        return fields.Date.add(self.circulated_on, days=self.policy_id.acknowledge_days)
