from odoo import fields, models


class BeneficiaryAidType(models.Model):
    """A kind of help that may be given, what it asks for and how it is paid."""

    _name = "beneficiary.aid.type"
    _description = "Aid Type"
    _inherit = "beneficiary.amounts.mixin"
    _check_company_auto = True
    _order = "sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char()
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        index="btree_not_null",
        check_company=True,
        help="The policy that names this kind of help.",
    )
    nature = fields.Selection(
        selection=[
            ("cash", "Money to the person"),
            ("vendor", "Paid to a vendor"),
            ("in_kind", "In kind"),
            ("recurring", "Recurring"),
            ("referral", "Referral"),
            ("fund", "Fund-raising"),
        ],
        required=True,
        default="cash",
    )
    is_requestable = fields.Boolean(
        string="Can Be Asked for",
        default=True,
        help="Offered to people in the portal.",
    )
    ceiling = fields.Monetary(
        required=True,
        default=0.0,
        help="The most that one request may be granted. 0: no ceiling.",
    )
    document_type_ids = fields.Many2many(
        comodel_name="beneficiary.document.type",
        string="Documents",
        check_company=True,
        help="Asked for beside the papers every applicant brings.",
    )
    criterion_ids = fields.Many2many(
        comodel_name="beneficiary.criterion",
        string="Conditions",
        check_company=True,
        help="Asked only of requests for this kind of help. Conditions that no kind "
        "of help names are asked of every request.",
    )
    fund_ids = fields.Many2many(
        comodel_name="beneficiary.fund",
        string="Funds",
        check_company=True,
        help="The funds that may pay for it. Empty: every fund whose own conditions "
        "allow it.",
    )
    expense_account_id = fields.Many2one(
        comodel_name="account.account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="Empty: the aid account of the association.",
    )
    description = fields.Text(
        string="Words for the Applicant",
        translate=True,
        help="What the help is and who gets it, in plain words.",
    )
    clause = fields.Char(help="The clause of the policy it comes from.")
    to_confirm = fields.Boolean(
        help="A proposal that the association has not confirmed yet."
    )
    template_code = fields.Char(readonly=True, copy=False)

    _code_uniq = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "This code of an aid type is taken already. Choose another code.",
    )
    duplicate_days = fields.Integer(
        string="Days between Duplicates",
        default=90,
        help="Requests of one person or household for this help within so many days "
        "are shown as possible duplicates. 0: only those of the same moment.",
    )

    _duplicate_days_bounds = models.Constraint(
        "CHECK(duplicate_days >= 0 AND duplicate_days <= 3660)",
        "The days between duplicates are a number from zero to ten years.",
    )
    _ceiling_bounds = models.Constraint(
        "CHECK(ceiling >= 0 AND ceiling < 1e12)",
        "The ceiling of an aid type cannot be negative.",
    )
