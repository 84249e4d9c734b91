from odoo import models


class BeneficiaryAidRequest(models.Model):
    _inherit = "beneficiary.aid.request"

    def action_enter_bill(self):
        """Ask for the bill of a vendor for several requests.

        :return: a window
        :raise AccessError: when the user is no finance clerk
        """
        self.check_access("read")
        self._check_role("beneficiary_aid.group_finance_clerk")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_vendor_bill_action"
        )
        action["context"] = {"bill_request_ids": self.ids}
        return action
