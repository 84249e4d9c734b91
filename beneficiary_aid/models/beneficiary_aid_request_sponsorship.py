from odoo import fields, models


class BeneficiaryAidRequest(models.Model):
    """A request whose help comes again and again."""

    _inherit = "beneficiary.aid.request"

    sponsorship_ids = fields.One2many(
        comodel_name="beneficiary.sponsorship",
        inverse_name="request_id",
        string="Sponsorships",
    )
    is_recurring = fields.Boolean(compute="_compute_is_recurring")
    sponsorship_count = fields.Integer(compute="_compute_sponsorship_count")

    def _compute_is_recurring(self):
        for request in self:
            request.is_recurring = request.aid_type_id.nature == "recurring"

    def _compute_sponsorship_count(self):
        sponsorship = self.env["beneficiary.sponsorship"]
        counts = (
            dict(
                sponsorship._read_group(
                    [("request_id", "in", self.ids)], ["request_id"], ["__count"]
                )
            )
            if sponsorship.has_access("read")
            else {}
        )
        for request in self:
            request.sponsorship_count = counts.get(request, 0)

    def action_open_sponsorships(self):
        """Open the sponsorships of the request."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_sponsorship_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        action["context"] = {"default_request_id": self.id}
        return action
