from odoo import api, fields, models


class BeneficiaryStateChange(models.TransientModel):
    """Suspends or closes files, with the reason."""

    _name = "beneficiary.state.change"
    _description = "Suspend or Close Files"

    beneficiary_ids = fields.Many2many(
        comodel_name="beneficiary.beneficiary", string="Files", required=True
    )
    target_state = fields.Selection(
        selection=[("suspended", "Suspended"), ("closed", "Closed")], required=True
    )
    reason_id = fields.Many2one(
        comodel_name="beneficiary.state.reason",
        required=True,
        domain="[('id', 'in', allowed_reason_ids)]",
    )
    allowed_reason_ids = fields.Many2many(
        comodel_name="beneficiary.state.reason", compute="_compute_allowed_reason_ids"
    )
    note = fields.Text()

    @api.depends("beneficiary_ids", "target_state")
    def _compute_allowed_reason_ids(self):
        """Offer the reasons that hold for every one of the files (BR-51)."""
        for change in self:
            reasons = self.env["beneficiary.state.reason"].search(
                [
                    ("target_state", "in", (change.target_state, "any")),
                    (
                        "company_id",
                        "in",
                        [False, *change.beneficiary_ids.company_id.ids],
                    ),
                ]
            )
            categories = [file.category_id for file in change.beneficiary_ids]
            change.allowed_reason_ids = reasons.filtered(
                lambda reason, categories=categories: all(
                    reason._fits(category) for category in categories
                )
            )

    def action_apply(self):
        """Move the files to the chosen state."""
        self.ensure_one()
        files = self.beneficiary_ids
        files.check_access("write")
        files._require_group("group_relations_officer")
        files._change_state(self.target_state, self.reason_id, self.note)
        return {"type": "ir.actions.act_window_close"}
