from odoo import api, fields, models


class BeneficiaryBeneficiary(models.Model):
    """The visits to a person, and the verifications the policy still asks for."""

    _inherit = "beneficiary.beneficiary"

    visit_ids = fields.One2many(
        comodel_name="beneficiary.visit",
        inverse_name="beneficiary_id",
        string="Visits",
        groups="base.group_user",
    )
    visit_count = fields.Integer(
        string="Visits (number)",
        compute="_compute_visit_count",
        groups="base.group_user",
    )
    owed_mechanism_ids = fields.Many2many(
        comodel_name="beneficiary.mechanism",
        string="Verifications Still Owed",
        compute="_compute_owed_mechanism_ids",
        help="Required by the policy in force for this person's category, and not "
        "carried out by an assessment that is still valid.",
    )

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        if not self.env["beneficiary.visit"].has_access("read"):
            self.visit_count = 0
            return
        counts = dict(
            self.env["beneficiary.visit"]._read_group(
                [("beneficiary_id", "in", self.ids)], ["beneficiary_id"], ["__count"]
            )
        )
        for file in self:
            file.visit_count = counts.get(file._origin, 0)

    @api.depends(
        "category_id",
        "assessment_ids.state",
        "assessment_ids.valid_until",
        "visit_ids.state",
        "visit_ids.outcome",
    )
    def _compute_owed_mechanism_ids(self):
        today = fields.Date.context_today(self)
        Policy = self.env["beneficiary.policy"]
        for company, files in self.grouped("company_id").items():
            rules = Policy._in_force(company).mechanism_rule_ids._whatever_service()
            for file in files:
                valid = file.assessment_ids.filtered(
                    lambda one: not one.valid_until or one.valid_until >= today
                )
                file.owed_mechanism_ids = rules._of(file)._owed(
                    valid._done_mechanisms()
                )

    def action_open_visits(self):
        """Open the visits to this person."""
        return self._open_related("beneficiary_relations.beneficiary_visit_action")

    # ------------------------------------------------------------------
    # End of personal data
    # ------------------------------------------------------------------

    def _anonymise_obstacles(self):
        obstacles = super()._anonymise_obstacles()
        # Whoever proposes the destruction need not be of the branch.
        if self.sudo().visit_ids.filtered(lambda visit: visit.state == "planned"):
            obstacles.append(self.env._("a visit is planned"))
        return obstacles

    def _anonymise_values(self, model):
        values = super()._anonymise_values(model)
        if model == "beneficiary.visit":
            return {"report": False, "latitude": 0.0, "longitude": 0.0}
        if model == "beneficiary.assessment.line":
            return {**values, "sensitive_value": False}
        return values

    def _anonymise_related(self, related):
        res = super()._anonymise_related(related)
        related["beneficiary.visit.photo"].unlink()
        related["beneficiary.visit"]._drop_events()
        return res

    @api.model
    def _person_copy(self):
        return {
            **super()._person_copy(),
            "beneficiary.visit": True,
            "beneficiary.visit.photo": True,
        }

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    def _portal_values(self):
        """Add the appointments to come: day and time, and nothing else."""
        rows = super()._portal_values()
        # The owner was checked; of a visit only its time is told.
        visits_sudo = (
            self.env["beneficiary.visit"]
            .sudo()
            .search(
                [
                    ("beneficiary_id", "in", self.ids),
                    ("state", "=", "planned"),
                    ("planned_on", ">=", fields.Datetime.now()),
                ],
                order="planned_on",
            )
        )
        by_file = visits_sudo.grouped(lambda visit: visit.beneficiary_id.id)
        for row in rows:
            row["appointments"] = [
                visit_sudo._portal_moment()
                for visit_sudo in by_file.get(row["id"], visits_sudo.browse())
            ]
        return rows
