from odoo import models


class BeneficiaryInteraction(models.Model):
    """A closed complaint asks the person how it was handled."""

    _inherit = "beneficiary.interaction"

    def write(self, vals):
        closing = self.browse()
        if vals.get("state") == "closed":
            closing = self.filtered(
                lambda one: (
                    one.kind == "complaint"
                    and one.state != "closed"
                    and one.beneficiary_id
                )
            )
        res = super().write(vals)
        if closing:
            closing._ask_about_complaint()
        return res

    def _ask_about_complaint(self):
        Policy = self.env["beneficiary.policy"]
        policies = {
            company: Policy.sudo()._in_force(company) for company in self.company_id
        }
        self.env["beneficiary.survey.rule"]._on_event(
            "complaint_closed",
            [
                (one.beneficiary_id, policies[one.company_id], f"interaction/{one.id}")
                for one in self
            ],
        )
