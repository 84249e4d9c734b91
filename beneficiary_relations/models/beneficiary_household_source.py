from odoo import api, fields, models


class BeneficiaryHouseholdLine(models.Model):
    """Where an income or an obligation is known from (BR-39)."""

    _name = "beneficiary.household.line"
    _inherit = ["beneficiary.household.line", "beneficiary.source.mixin"]
    _check_company_auto = True

    _collected_fields = frozenset({"amount", "kind", "source"})

    @api.ondelete(at_uninstall=False)
    def _log_removed(self):
        for line in self:
            line._log_source(line._trace(), self.env._("removed"))

    def _source_people(self):
        # A member whose file was archived brought papers, too.
        return self.household_id.with_context(active_test=False).member_ids

    def _trace(self):
        # Not what it is spent on, which may tell of an illness.
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return " · ".join(
            filter(
                None,
                [
                    kinds[self.kind],
                    self.household_id._money(self.amount),
                    self._source_in_words(),
                ],
            )
        )

    def _log_source(self, before, after):
        self.household_id._message_log(
            body=self.env._("%(before)s → %(after)s", before=before, after=after)
        )


class BeneficiaryHousehold(models.Model):
    """The visits to a household."""

    _inherit = "beneficiary.household"

    visit_ids = fields.One2many(
        comodel_name="beneficiary.visit", inverse_name="household_id", string="Visits"
    )
    visit_count = fields.Integer(
        string="Visits (number)", compute="_compute_visit_count"
    )

    @api.depends("visit_ids")
    def _compute_visit_count(self):
        counts = dict(
            self.env["beneficiary.visit"]._read_group(
                [("household_id", "in", self.ids)], ["household_id"], ["__count"]
            )
        )
        for household in self:
            household.visit_count = counts.get(household._origin, 0)

    def action_open_visits(self):
        """Open the visits to this household."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_visit_action"
        )
        action["domain"] = [("household_id", "=", self.id)]
        action["context"] = {"default_beneficiary_id": self.head_id.id}
        return action
