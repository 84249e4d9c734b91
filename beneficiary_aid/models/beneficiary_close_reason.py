from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryCloseReason(models.Model):
    """Why a request ends, as an association says it.

    Words and codes are the association's; what the program does follows from the
    outcome behind them: only a served request needs the proof of receipt.
    """

    _name = "beneficiary.close.reason"
    _description = "Closing Reason"
    _inherit = ["beneficiary.reason.mixin"]
    _check_company_auto = True
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    outcome = fields.Selection(
        selection=lambda self: self._outcomes(),
        string="What It Means",
        required=True,
        help="What the program does follows from it.",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        index="btree_not_null",
        help="Empty: every association.",
    )
    active = fields.Boolean(default=True)

    @api.model
    def _outcomes(self):
        Request = self.env["beneficiary.aid.request"]
        return Request._fields["outcome"]._description_selection(self.env)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if "outcome" in vals:
            for reason in self:
                if reason.outcome != vals["outcome"] and reason._is_used():
                    raise UserError(
                        self.env._(
                            "%(reason)s is the reason of requests already: what it "
                            "means stays. Archive it and add another one.",
                            reason=reason.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for reason in self:
            if reason._is_used():
                raise UserError(
                    self.env._(
                        "%(reason)s is the reason of requests already. Archive it "
                        "instead.",
                        reason=reason.name,
                    )
                )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _is_used(self):
        self.ensure_one()
        # That there is a request, not which one.
        Request = self.env["beneficiary.aid.request"].sudo()
        return bool(
            Request.with_context(active_test=False).search_count(
                [("close_reason_id", "=", self.id)], limit=1
            )
        )

    @api.model
    def _usual(self, requests):
        """Return the first reason of its association for each request's outcome.

        :param requests: ``beneficiary.aid.request``
        :return: ``{request: reason}`` as superuser; none where no reason fits
        :rtype: dict
        """
        # The reasons are shared words; whoever closes need not configure them.
        reasons = self.sudo().search([("outcome", "in", requests.mapped("outcome"))])
        return {
            request: reasons.filtered(lambda one, request=request: one._suits(request))[
                :1
            ]
            for request in requests
        }

    def _suits(self, request):
        """Tell whether the reason says the outcome of a request of these people."""
        self.ensure_one()
        return (
            self.outcome == request.outcome
            and (not self.company_id or self.company_id == request.company_id)
            # The category alone, and only where it matters.
            and (
                not self.category_ids
                or self._fits(request.sudo().beneficiary_id.category_id)
            )
        )
