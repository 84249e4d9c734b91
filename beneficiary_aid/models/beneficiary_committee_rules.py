from odoo import fields, models

# Settings beside the counting that a vote keeps with its decision, too.
MORE_RULE_FIELDS = (
    "minutes_signers",
    "minutes_sign_days",
)


class BeneficiaryCommittee(models.Model):
    """The rest of the rule sheet: how a committee meets, not how it counts.

    Every line of the table of committee rules is a field here or beside the count.
    """

    _inherit = "beneficiary.committee"

    # Minutes
    minutes_signers = fields.Selection(
        selection=[
            ("all_present", "All members present"),
            ("chair_secretary", "The chair and the secretary"),
        ],
        string="Minutes Are Signed by",
        required=True,
        default="all_present",
        tracking=True,
    )
    minutes_sign_days = fields.Integer(
        string="Days to Sign",
        default=7,
        tracking=True,
        help="Whoever has not signed by then is reminded. 0: nobody is reminded.",
    )

    _minutes_bounds = models.Constraint(
        "CHECK(minutes_sign_days BETWEEN 0 AND 365)",
        "The days to sign the minutes are from 0 to 365.",
    )

    def _rule_sheet(self):
        return {
            **super()._rule_sheet(),
            **{name: self[name] for name in MORE_RULE_FIELDS},
        }
