from odoo import fields, models
from odoo.tools import format_list


class BeneficiaryMechanismRule(models.Model):
    """Which verification a policy asks for, of whom: Baraem's BR-48.

    Mechanisms differ with the service and the category. A policy without rules asks
    for none by name. Where several rules name one mechanism, it is owed when one of
    them requires it.
    """

    _name = "beneficiary.mechanism.rule"
    _description = "Rule of a Verification Mechanism"
    _inherit = ["beneficiary.policy.part.mixin"]
    _check_company_auto = True
    _order = "policy_id, sequence, id"
    _rec_name = "mechanism_id"

    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="policy_id.company_id", store=True, index=True, precompute=True
    )
    mechanism_id = fields.Many2one(
        comodel_name="beneficiary.mechanism",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    category_ids = fields.Many2many(
        comodel_name="beneficiary.category",
        string="Categories",
        check_company=True,
        help="Empty: people of every category.",
    )
    requirement = fields.Selection(
        selection=[
            ("required", "Required"),
            ("optional", "Where the case calls for it"),
        ],
        required=True,
        default="required",
    )
    sequence = fields.Integer(default=10)
    clause = fields.Char(help="The clause of the policy it comes from.")
    to_confirm = fields.Boolean(
        help="A proposal that the association has not confirmed yet."
    )
    template_code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _of(self, beneficiary):
        """Return the rules that hold for a person's category.

        :param beneficiary: ``beneficiary.beneficiary``
        """
        category = beneficiary.category_id
        return self.filtered(
            lambda rule: not rule.category_ids or category in rule.category_ids
        )

    def _scope_label(self):
        """Return in words of whom the rule asks its verification."""
        self.ensure_one()
        if not self.category_ids:
            return self.env._("Everybody")
        return format_list(self.env, self.category_ids.mapped("name"))

    def _whatever_service(self):
        """Return the rules that hold for every service; others narrow them down."""
        return self

    def _owed(self, done):
        """Return the required mechanisms that were not carried out, in order.

        :param done: ``beneficiary.mechanism`` carried out
        """
        required = self.filtered(lambda rule: rule.requirement == "required")
        return required.sorted("sequence").mechanism_id - done
