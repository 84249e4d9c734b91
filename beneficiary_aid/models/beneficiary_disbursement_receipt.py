from odoo import api, fields, models


class BeneficiaryDisbursement(models.Model):
    """Whether a payment was received, and what waits when one was not."""

    _name = "beneficiary.disbursement"
    _inherit = ["beneficiary.disbursement", "beneficiary.received.mixin"]

    _receipt_field = "disbursement_id"

    receipt_ids = fields.One2many(
        comodel_name="beneficiary.receipt",
        inverse_name="disbursement_id",
        string="Proofs of Receipt",
    )
    call_ids = fields.One2many(
        comodel_name="beneficiary.receipt.call",
        inverse_name="disbursement_id",
        string="Call-backs",
    )

    _to_draw_idx = models.Index("(company_id, date) WHERE sampled_on IS NULL")

    def _can_be_received(self):
        return self.state in ("sent", "paid")

    # === Holding === #

    @api.model
    def _next_after(self, reports):
        """Return the first unpaid instalment after each that was not received."""
        # The same instalment waits, whoever looks.
        unpaid = self.sudo().search(
            [
                ("request_id", "in", reports.request_id.ids),
                ("state", "in", ("draft", "due")),
            ],
            order="instalment_no, id",
        )
        by_request = unpaid.grouped("request_id")
        found = self.browse()
        for report in reports.filtered("disbursement_id"):
            number = report.disbursement_id.instalment_no
            later = (by_request.get(report.request_id) or unpaid.browse()).filtered(
                lambda one, after=number: one.instalment_no > after
            )
            found |= later[:1]
        return found.sudo(False)

    def _get_held(self):
        return super()._get_held() | self._get_unreceived()

    def _get_hold_refusals(self):
        reasons = super()._get_hold_refusals()
        for disbursement in self._get_unreceived():
            reasons[disbursement] = self.env._(
                "%(number)s: the instalment before was not received. This one waits "
                "until the complaint about it is closed.",
                number=disbursement.display_name,
            )
        return reasons

    @api.model
    def _search_is_held(self, operator, value):
        domain = super()._search_is_held(operator, value)
        if domain is NotImplemented:
            return domain
        mine = self._waiting_domain()
        return domain | mine if True in value else domain & ~mine

    def _is_paid_to_others(self):
        """Whether a vendor has the money, and neither the person nor who acts for
        him."""
        self.ensure_one()
        # Who is paid; nothing else of the contacts.
        payment = self.sudo()
        own = payment.beneficiary_id.partner_id
        return payment.payee_id != own and not payment.mandate_id

    # === Portal === #

    @api.model
    def _portal_receipts(self):
        """Return the payments of the last half year of which the person can tell.

        Only of files the logged-in person may act for, and no word of what for.

        :rtype: recordset, as superuser
        """
        people = self.env["beneficiary.beneficiary"]._portal_own()
        day = fields.Date.subtract(fields.Date.context_today(self), months=6)
        # Portal users have no right on payments: only those of their own files, and
        # of these only what the page names.
        return self.sudo().search(
            [
                ("request_id.beneficiary_id", "in", people.ids),
                ("state", "in", ("sent", "paid")),
                ("date", ">=", day),
            ]
        )
