from odoo import api, fields, models
from odoo.exceptions import ValidationError


class BeneficiaryAidRequest(models.Model):
    """Why a request ends: a reason of the association, and the outcome behind it."""

    _inherit = "beneficiary.aid.request"

    outcome = fields.Selection(
        help="What the closing reason means; the rules of closing follow from it."
    )
    close_reason_id = fields.Many2one(
        comodel_name="beneficiary.close.reason",
        string="Closing Reason",
        compute="_compute_close_reason_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        tracking=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', 'in', [False, company_id]),"
        " ('outcome', 'not in', ['referred', 'duplicate', 'divided'])]",
    )

    @api.depends("outcome")
    def _compute_close_reason_id(self):
        """Keep the reason as long as it says what the outcome says."""
        other = self.filtered(
            lambda request: request.close_reason_id.sudo().outcome != request.outcome
        )
        ended = other.filtered("outcome")
        (other - ended).close_reason_id = False
        usual = self.env["beneficiary.close.reason"]._usual(ended) if ended else {}
        for request in ended:
            request.close_reason_id = usual[request]
        for request in self - other:
            request.close_reason_id = request.close_reason_id

    @api.constrains("close_reason_id", "outcome")
    def _check_close_reason(self):
        for request in self.filtered("close_reason_id"):
            reason = request.close_reason_id.sudo()
            if reason.outcome != request.outcome:
                raise ValidationError(
                    self.env._(
                        "Request %(name)s: the closing reason %(reason)s says "
                        "something else than the outcome. Choose another reason.",
                        name=request.display_name,
                        reason=reason.name,
                    )
                )
            reason._check_fits(request.beneficiary_id)

    def _clean_vals(self, vals):
        vals = super()._clean_vals(vals)
        if "close_reason_id" in vals:
            # What a reason means is no secret to whoever chooses it.
            reason = self.env["beneficiary.close.reason"].browse(
                vals["close_reason_id"] or ()
            )
            vals["outcome"] = reason.sudo().outcome
        return vals

    @api.onchange("close_reason_id")
    def _onchange_close_reason_id(self):
        self.outcome = self.close_reason_id.outcome
