from odoo import models

from .beneficiary_voucher import CLERK


class BeneficiaryDistribution(models.Model):
    """A list whose people buy at a shop instead of fetching a basket."""

    _inherit = "beneficiary.distribution"

    def action_prepare_vouchers(self):
        """Open the window that prepares vouchers for the people on the list.

        A voucher is money of an approved request: of those on the list it takes the
        requests that are approved for help that is bought, and still open.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: when nobody on the list has such a request
        """
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(CLERK)
        self._check_state("approved", "open")
        # Who is entitled follows from the list; the requests are read as the clerk.
        people = self.sudo()._entitled_lines().beneficiary_id
        requests = self.env["beneficiary.aid.request"].search(
            [
                ("beneficiary_id", "in", people.ids),
                ("company_id", "=", self.company_id.id),
            ]
        )
        return requests._open_voucher_window()
