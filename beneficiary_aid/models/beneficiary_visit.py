from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryVisit(models.Model):
    """The request a visit is made for: through its study, or as a follow-up."""

    _inherit = "beneficiary.visit"

    follow_up_id = fields.Many2one(
        comodel_name="beneficiary.follow.up",
        string="Follow-up",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'planned')]",
    )
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        compute="_compute_request_id",
        store=True,
        precompute=True,
        index="btree_not_null",
    )

    @api.depends("assessment_id.request_id", "follow_up_id.request_id")
    def _compute_request_id(self):
        for visit in self:
            visit.request_id = (
                visit.assessment_id.request_id or visit.follow_up_id.request_id
            )

    def _next_attempt_context(self):
        """Let the next attempt be one of the same follow-up, while it is open."""
        open_one = self.follow_up_id.filtered(lambda one: one.state == "planned")
        return {
            **super()._next_attempt_context(),
            "default_follow_up_id": open_one.id,
        }

    @api.constrains("follow_up_id", "beneficiary_id")
    def _check_follow_up(self):
        for visit in self.filtered("follow_up_id"):
            if visit.follow_up_id.beneficiary_id != visit.beneficiary_id:
                raise ValidationError(
                    self.env._(
                        "The visit %(visit)s and its follow-up are about different "
                        "people.",
                        visit=visit.name or "",
                    )
                )
