from odoo import api, fields, models

from .beneficiary_decision import APPROVALS
from .beneficiary_decision_reason import USES


class BeneficiaryAgendaItem(models.Model):
    """A motion gives a reason that holds for the person's category (BR-51)."""

    _inherit = "beneficiary.agenda.item"

    category_id = fields.Many2one(
        comodel_name="beneficiary.category",
        compute="_compute_category_id",
        help="Of the person; the reasons offered are those of the category.",
    )
    reason_use = fields.Char(
        compute="_compute_reason_use", help="The reasons offered are for this outcome."
    )
    reason_id = fields.Many2one(
        domain="[('company_id', 'in', [False, company_id]), "
        "('outcome', 'in', ['any', reason_use]), '|', "
        "('category_ids', '=', False), ('category_ids', '=', category_id)]"
    )

    @api.depends("request_id")
    def _compute_category_id(self):
        for item in self:
            # Members who decide need not read the file; its category is before them.
            item.category_id = item.request_id.sudo().beneficiary_id.category_id

    @api.depends("outcome")
    def _compute_reason_use(self):
        for item in self:
            item.reason_use = USES.get(item.outcome)

    def _check_motion(self):
        result = super()._check_motion()
        self.reason_id._check_serves(self.outcome, self.display_name)
        return result

    @api.constrains("reason_id", "request_id")
    def _check_reason_category(self):
        for item in self.filtered("reason_id"):
            item.reason_id._check_fits(item.request_id.sudo().beneficiary_id)


class BeneficiaryDecision(models.Model):
    """The same holds of what is decided."""

    _inherit = "beneficiary.decision"

    @api.model
    def _record_all(self, vals_list):
        """Give an approval its usual reason, where nobody chose another one.

        A refusal is always given a reason by whoever moves it; what was brought from
        before going live keeps what its paper said.
        """
        return super()._record_all([self._with_reason(vals) for vals in vals_list])

    @api.model
    def _with_reason(self, vals):
        if (
            vals.get("reason_id")
            or vals.get("outcome") not in APPROVALS
            or vals.get("kind") == "brought"
        ):
            return vals
        request = self.env["beneficiary.aid.request"].browse(vals.get("request_id"))
        reason = self.env["beneficiary.decision.reason"]._usual_approval(
            self.env["res.company"].browse(vals["company_id"]),
            # Only its category is looked at, whoever decides.
            request.sudo().beneficiary_id.category_id,
            vals.get("power") == "urgent",
        )
        return {**vals, "reason_id": reason.id}

    @api.constrains("reason_id")
    def _check_reason_category(self):
        for decision in self.filtered("reason_id"):
            decision.reason_id._check_fits(decision.request_id.beneficiary_id)
