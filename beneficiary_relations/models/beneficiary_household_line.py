from odoo import fields, models


class BeneficiaryHouseholdLine(models.Model):
    """One monthly income or obligation of a household."""

    _name = "beneficiary.household.line"
    _description = "Income or Obligation of a Household"
    _inherit = "beneficiary.amounts.mixin"
    _order = "kind, sequence, id"

    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="household_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="household_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        selection=[("income", "Income"), ("obligation", "Obligation")],
        required=True,
        default="income",
    )
    source = fields.Selection(
        selection=[
            ("salary", "Salary"),
            ("pension", "Pension"),
            ("social_security", "Social security"),
            ("citizen_account", "Citizen account"),
            ("rehabilitation", "Comprehensive rehabilitation"),
            ("property", "Property"),
            ("rent", "Rent"),
            ("instalment", "Instalment or loan"),
            ("utilities", "Electricity, water and telephone"),
            ("treatment", "Treatment"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    name = fields.Char(string="Remark")
    amount = fields.Monetary(string="Amount a Month", required=True)
    counts = fields.Boolean(
        default=True,
        help="Counted in the household's figures. Support that must not lower the "
        "entitlement can be recorded without counting it.",
    )

    _amount_positive = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e9)",
        "An income or an obligation is an amount above zero.",
    )
