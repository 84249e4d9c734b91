"""The portal page on which a person says whether a payment was received."""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.beneficiary_relations.controllers.portal import portal_page

from .portal import _FORM, _PAGE, BeneficiaryAidPortal

# Longer words are cut: nothing a person wrote is refused for its length here.
MAX_NOTE = 1000


class BeneficiaryReceiptPortal(BeneficiaryAidPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:
            values["receipt_count"] = len(self._get_receipts())
        return values

    def _get_receipts(self):
        """Return the payments of the logged-in person; none for others."""
        if not request.env["beneficiary.beneficiary"].has_access("read"):
            return request.env["beneficiary.disbursement"].browse()
        return request.env["beneficiary.disbursement"]._portal_receipts()

    @http.route("/my/receipts", **_PAGE)
    @portal_page
    def portal_my_receipts(self, **kwargs):
        """What was paid lately, and whether it was received."""
        return self._render_receipts()

    @http.route("/my/receipts/<int:payment_id>", **_FORM)
    @portal_page
    def portal_my_receipt_tell(self, payment_id, answer="", note="", **post):
        """Say whether it was received; a second click shows what was said."""
        payment = self._get_receipts().filtered(lambda one: one.id == payment_id)
        if not payment:
            raise NotFound()
        if answer in ("received", "not_received") and payment.receipt_state != answer:
            try:
                with request.env.cr.savepoint():
                    # Found among the person's own payments, under his own rules.
                    payment._record_receipt(
                        answer, "portal", note=self._to_text(note)[:MAX_NOTE]
                    )
            except UserError as error:
                return self._render_receipts({"receipt": error.args[0]})
        return request.redirect("/my/receipts")

    def _render_receipts(self, errors=None):
        Mixin = request.env["beneficiary.access.mixin"]
        payments = self._get_receipts()
        several = len(payments.request_id.beneficiary_id) > 1
        return self._render_page(
            "beneficiary_aid.portal_my_receipts",
            {
                "receipts": [
                    {
                        "id": payment.id,
                        "number": payment.name,
                        "for_name": several
                        and payment.request_id.beneficiary_id.name
                        or "",
                        "amount": payment.currency_id.format(payment.amount),
                        "date": Mixin._portal_date(payment.date),
                        "state": payment.receipt_state,
                        "to_others": payment._is_paid_to_others(),
                    }
                    for payment in payments
                ],
                "errors": errors or {},
            },
            page_name="receipts",
            status=422 if errors else 200,
        )
