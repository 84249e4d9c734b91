from odoo import api, models

HANDED_IN = ("submitted", "verified", "not_applicable")


class BeneficiaryDocument(models.Model):
    """A paper that comes in answers the requests that wait for it."""

    _inherit = "beneficiary.document"

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents.filtered(lambda one: one.state in HANDED_IN)._answer_requests()
        return documents

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in HANDED_IN:
            self._answer_requests()
        return result

    def _answer_requests(self):
        """Go on with the requests that waited for the papers."""
        # Whose papers they are was checked when they were written.
        people_sudo = self.sudo().beneficiary_id
        if people_sudo:
            self.env["beneficiary.aid.request"]._on_papers(people_sudo)
