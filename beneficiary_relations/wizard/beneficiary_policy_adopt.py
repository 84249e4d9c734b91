from odoo import fields, models


class BeneficiaryPolicyAdopt(models.TransientModel):
    """Adopts one of the template policies for an association."""

    _name = "beneficiary.policy.adopt"
    _description = "Adopt a Policy Template"

    template_code = fields.Selection(
        selection="_selection_template_code",
        string="Template",
        required=True,
        help="The policy text to start from. Everything in it can be changed later.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        string="Association",
        required=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="In Force from",
        required=True,
        default=fields.Date.context_today,
    )

    def _selection_template_code(self):
        return self.env["beneficiary.policy"]._selection_template_code()

    def action_adopt(self):
        """Adopt the template and open the policy."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        policy = self.env["beneficiary.policy"]._adopt(
            self.template_code, self.company_id, self.date_from
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": policy._name,
            "res_id": policy.id,
            "view_mode": "form",
        }
