from odoo import models

ENDED = ("closed", "rejected", "cancelled")


class BeneficiaryBeneficiary(models.Model):
    """Personal data are needed while a request of the person is open."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    def _anonymise_obstacles(self):
        obstacles = super()._anonymise_obstacles()
        # Whoever proposes the destruction need not read requests.
        requests_sudo = self.env["beneficiary.aid.request"].sudo()
        if requests_sudo.search_count(
            [("beneficiary_id", "=", self.id), ("status", "not in", ENDED)], limit=1
        ):
            obstacles.append(self.env._("a request is open"))
        return obstacles
