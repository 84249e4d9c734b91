from odoo import Command, api, fields, models

# The roles that the set-up offers, by the field that takes the people.
ROLE_FIELDS = {
    "officer_ids": "group_relations_officer",
    "researcher_ids": "group_social_researcher",
    "complaints_ids": "group_complaints_officer",
    "manager_ids": "group_manager",
    "auditor_ids": "group_auditor",
}


class BeneficiaryPolicyAdopt(models.TransientModel):
    """Sets an association up: a template policy, its own data, its people.

    What stands there already is shown and kept; what is left empty changes nothing.
    """

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

    # The association
    company_name = fields.Char(
        string="Name of the Association",
        compute="_compute_association",
        store=True,
        readonly=False,
    )
    licence_number = fields.Char(
        string="Licence No.",
        compute="_compute_association",
        store=True,
        readonly=False,
        help="The association's own licence. None is taken from the template.",
    )
    phone = fields.Char(compute="_compute_association", store=True, readonly=False)
    email = fields.Char(compute="_compute_association", store=True, readonly=False)
    public_address = fields.Char(
        string="Address of the Public Pages",
        compute="_compute_association",
        store=True,
        readonly=False,
        help="Small Latin letters, digits and hyphens.",
    )
    logo = fields.Binary(help="For the letterhead. Empty: the logo stays as it is.")

    # The people
    officer_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_policy_adopt_officer_rel",
        string="Relations Officers",
    )
    researcher_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_policy_adopt_researcher_rel",
        string="Social Researchers",
    )
    complaints_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_policy_adopt_complaints_rel",
        string="Complaints Officers",
    )
    manager_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_policy_adopt_manager_rel",
        string="Managers",
    )
    auditor_ids = fields.Many2many(
        comodel_name="res.users",
        relation="beneficiary_policy_adopt_auditor_rel",
        string="Auditors",
    )

    @api.depends("company_id")
    def _compute_association(self):
        for wizard in self:
            # What stands on a letterhead is public.
            company = wizard.company_id.sudo()
            policy = self.env["beneficiary.policy"]._in_force(company)
            wizard.company_name = company.name
            wizard.licence_number = policy.licence_number
            wizard.phone = company.phone
            wizard.email = company.email
            wizard.public_address = company.beneficiary_address

    def _selection_template_code(self):
        return self.env["beneficiary.policy"]._selection_template_code()

    def action_adopt(self):
        """Adopt the template, enter the association's data and open the policy.

        What is to be confirmed stands on top of the policy.
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        self._set_up_company()
        policy = self.env["beneficiary.policy"]._adopt(
            self.template_code, self.company_id, self.date_from
        )
        if self.licence_number and policy.licence_number != self.licence_number:
            policy.licence_number = self.licence_number
        self._set_up_roles()
        return {
            "type": "ir.actions.act_window",
            "res_model": policy._name,
            "res_id": policy.id,
            "view_mode": "form",
        }

    def _set_up_company(self):
        values = {
            "name": self.company_name,
            "phone": self.phone,
            "email": self.email,
            "beneficiary_address": self.public_address,
            "logo": self.logo,
        }
        # These fields of his own association, and no other, the administrator of the
        # registry may set; the rule of companies is asked first.
        self.company_id.check_access("read")
        company = self.company_id.sudo()
        changed = {
            name: value
            for name, value in values.items()
            if value and value != company[name]
        }
        if changed:
            company.write(changed)

    def _set_up_roles(self):
        """Give the chosen people their roles; nobody loses one.

        Only roles of the registry that this wizard names, only employees of the
        association, and never the access to sensitive data.
        """
        for name, group in ROLE_FIELDS.items():
            # Which associations a colleague belongs to is asked, and nothing else.
            users = (
                self[name]
                .sudo()
                .filtered(
                    lambda user: not user.share and self.company_id in user.company_ids
                )
            )
            missing = users.filtered(
                lambda user, group=group: (
                    not user.has_group(f"beneficiary_relations.{group}")
                )
            )
            if missing:
                # The administrator of the registry hands out its roles.
                self.env.ref(f"beneficiary_relations.{group}").sudo().write(
                    {"user_ids": [Command.link(user.id) for user in missing]}
                )
