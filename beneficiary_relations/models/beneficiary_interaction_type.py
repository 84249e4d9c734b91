from odoo import fields, models

INTERACTION_KINDS = [
    ("inquiry", "Inquiry"),
    ("complaint", "Complaint"),
    ("suggestion", "Suggestion"),
    ("referral", "Referral"),
    ("visit", "Visit"),
    ("follow_up", "Follow-up"),
    ("letter_in", "Letter received"),
    ("letter_out", "Letter sent"),
]


class BeneficiaryInteractionType(models.Model):
    """A kind of contact with people, and how soon it is answered."""

    _name = "beneficiary.interaction.type"
    _description = "Interaction Type"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(selection=INTERACTION_KINDS, required=True)
    reply_days = fields.Integer(
        string="Reply within (days)", help="Calendar days. 0: no time is set."
    )
    confidential = fields.Boolean(help="Seen by complaints officers and managers only.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    template_code = fields.Char(readonly=True, copy=False)
    active = fields.Boolean(default=True)

    _reply_days_positive = models.Constraint(
        "CHECK(reply_days >= 0)", "The days to reply cannot be negative."
    )
