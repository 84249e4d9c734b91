from odoo import fields, models


class BeneficiaryBeneficiary(models.Model):
    _inherit = "beneficiary.beneficiary"

    aid_request_ids = fields.One2many(
        comodel_name="beneficiary.aid.request",
        inverse_name="beneficiary_id",
        string="Support Requests",
        groups="base.group_user",
    )
    aid_request_count = fields.Integer(
        string="Requests",
        compute="_compute_aid_request_count",
        groups="base.group_user",
    )

    def _compute_aid_request_count(self):
        counts = dict(
            self.env["beneficiary.aid.request"]._read_group(
                [("beneficiary_id", "in", self.ids)], ["beneficiary_id"], ["__count"]
            )
        )
        for beneficiary in self:
            beneficiary.aid_request_count = counts.get(beneficiary._origin, 0)

    def action_open_aid_requests(self):
        """Open the requests of the person."""
        self.check_access("read")
        return self._open_related("beneficiary_aid.beneficiary_aid_request_action_all")
