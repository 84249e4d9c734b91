from dateutil.relativedelta import relativedelta

from odoo import fields, models

FOLLOW_UP_KINDS = [
    ("visit", "Visit"),
    ("contact", "Call or message"),
    ("proof", "Proof from whoever gave the help"),
]


class BeneficiaryAidTypeFollowUp(models.Model):
    """One line of the plan by which a kind of help is followed up (ST-32).

    A line may repeat: every 30 days, six times, is a treatment of half a year.
    """

    _name = "beneficiary.aid.type.follow.up"
    _description = "Follow-up Plan of an Aid Type"
    _check_company_auto = True
    _order = "aid_type_id, days, sequence, id"
    _rec_name = "subject"

    aid_type_id = fields.Many2one(
        comodel_name="beneficiary.aid.type",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="aid_type_id.company_id", store=True, precompute=True, index=True
    )
    sequence = fields.Integer(default=10)
    subject = fields.Char(
        string="What to Ask or See", required=True, translate=True, size=200
    )
    kind = fields.Selection(selection=FOLLOW_UP_KINDS, required=True, default="contact")
    days = fields.Integer(
        string="Days after the Help",
        required=True,
        default=14,
        aggregator=None,
        help="Counted from the day the help was given.",
    )
    times = fields.Integer(
        required=True, default=1, aggregator=None, help="How often it is repeated."
    )
    every_days = fields.Integer(
        string="Every (days)",
        required=True,
        default=30,
        aggregator=None,
        help="Days between two of them, when it is repeated.",
    )

    _bounds = models.Constraint(
        "CHECK(days BETWEEN 0 AND 3660 AND times BETWEEN 1 AND 60"
        " AND every_days BETWEEN 1 AND 366)",
        "A follow-up comes within 3660 days, at most 60 times, every 1 to 366 days.",
    )

    def _dates_after(self, day):
        """Return the days on which the line asks for a follow-up.

        :param date day: when the help was given
        :rtype: list[date]
        """
        self.ensure_one()
        return [
            day + relativedelta(days=self.days + number * self.every_days)
            for number in range(self.times)
        ]


class BeneficiaryAidType(models.Model):
    _inherit = "beneficiary.aid.type"

    follow_up_ids = fields.One2many(
        comodel_name="beneficiary.aid.type.follow.up",
        inverse_name="aid_type_id",
        string="Follow-up Plan",
        copy=True,
        help="What is asked or seen after the help was given, until it is received.",
    )
