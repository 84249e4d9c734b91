from odoo import api, fields, models


class BeneficiaryBeneficiary(models.Model):
    """What a person got by a list, on his file."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    distribution_line_ids = fields.One2many(
        comodel_name="beneficiary.distribution.line",
        inverse_name="beneficiary_id",
        string="Distributions",
        groups="base.group_user",
    )
    distribution_line_count = fields.Integer(
        string="Number of Distributions",
        compute="_compute_distribution_line_count",
        groups="base.group_user",
    )

    def _compute_distribution_line_count(self):
        counts = dict(
            self.env["beneficiary.distribution.line"]._read_group(
                [("beneficiary_id", "in", self.ids)], ["beneficiary_id"], ["__count"]
            )
        )
        for beneficiary in self:
            beneficiary.distribution_line_count = counts.get(beneficiary._origin, 0)

    def action_open_distribution_lines(self):
        """Open what distributions had for the person."""
        self.check_access("read")
        return self._open_related(
            "beneficiary_aid.beneficiary_distribution_line_action"
        )

    @api.model
    def _person_links(self, model):
        """Items and decisions about a request lead to a person, those of lists not."""
        links = super()._person_links(model)
        if model._name in ("beneficiary.agenda.item", "beneficiary.decision"):
            links += ("request_id",)
        return links

    @api.model
    def _person_copy_hidden(self):
        hidden = super()._person_copy_hidden()
        hidden["beneficiary.distribution.line"] = {
            "code": "a one-time key, shown in the portal",
            "rank": "tells how others stand",
        }
        return hidden
