import base64

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.tools.hijri import format_hijri
from odoo.addons.beneficiary_relations.tools.rtl_print import render_paper

from .beneficiary_voucher import CLERK, LIVE_VOUCHERS, RELEASER


class BeneficiaryVoucher(models.Model):
    """The voucher on paper, and in the portal."""

    _inherit = "beneficiary.voucher"

    # === Paper === #

    def _papers_html(self):
        """Return printed vouchers, each with its code; that they were printed is
        written on them.

        :raise AccessError: for whoever neither prepares nor issues vouchers
        :raise UserError: for a voucher that is not valid
        """
        self._check_role(CLERK, RELEASER)
        for voucher in self:
            if voucher.state not in LIVE_VOUCHERS:
                raise UserError(
                    self.env._(
                        "%(number)s is %(state)s: only a valid voucher is printed.",
                        number=voucher.name,
                        state=voucher._get_state_label(),
                    )
                )
        # Codes are read by nobody but for the paper of the person, who reads it, not
        # the colleague who prints it.
        lang = self.env["beneficiary.policy"]._document_lang()
        vouchers = self.sudo().with_context(lang=lang)
        papers = render_paper(
            vouchers.env,
            "beneficiary_aid.report_vouchers_document",
            {"vouchers": [voucher._paper_values() for voucher in vouchers]},
        )
        self.sudo()._message_log_batch(
            bodies={
                voucher.id: self.env._(
                    "Printed by %(user)s.", user=self.env.user.sudo().name
                )
                for voucher in self
            }
        )
        return papers

    def _paper_values(self):
        self.ensure_one()
        picture = self.env["ir.actions.report"].barcode(
            "QR", self.code, width=240, height=240
        )
        return {
            "association": self.company_id.name,
            "number": self.name,
            "name": self.beneficiary_id.name,
            "shop": self.vendor_id.name,
            "goods": self.goods,
            "amount": self.currency_id.format(self.amount_left),
            "uses": self.use_limit - self.use_count,
            # Beside each other in one text the PDF program swaps their years.
            "days": [
                (format_date(self.env, one, date_format="d MMMM y"), format_hijri(one))
                for one in (self.date_from, self.date_until)
            ],
            "code": self._spelt_code(),
            "picture": f"data:image/png;base64,{base64.b64encode(picture).decode()}",
        }

    # === Portal === #

    @api.model
    def _portal_values(self):
        """Return the vouchers of the logged-in person, with their codes.

        Only of files the person may act for: the shop, the limits, what is left and
        what was bought; no word of what for.

        :rtype: list[dict]
        """
        people = self.env["beneficiary.beneficiary"]._portal_own()
        day = self.env["beneficiary.access.mixin"]._portal_date
        # Portal users have no right on vouchers: only those of their own files, and
        # of these only what is named here.
        vouchers = self.sudo().search(
            [
                ("beneficiary_id", "in", people.ids),
                ("state", "in", ("issued", "partly", "used", "expired")),
            ]
        )
        several = len(people) > 1
        return [
            {
                "number": voucher.name,
                "for_name": voucher.beneficiary_id.name if several else "",
                "shop": voucher.vendor_id.name,
                "goods": voucher.goods or "",
                "left": voucher.currency_id.format(voucher.amount_left),
                "amount": voucher.currency_id.format(voucher.amount),
                "uses_left": voucher.use_limit - voucher.use_count,
                "date_from": day(voucher.date_from),
                "date_until": day(voucher.date_until),
                "state": voucher.state,
                "code": voucher._spelt_code() if voucher._can_show_code() else "",
                "uses": [
                    (day(use.date), use.currency_id.format(use.amount))
                    for use in voucher.use_ids
                    if use.standing != "void"
                ],
            }
            for voucher in vouchers
        ]

    def _can_show_code(self):
        self.ensure_one()
        return self.state in LIVE_VOUCHERS and self.date_until >= self._today()
