from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from odoo.addons.beneficiary_relations.tools.period import period_label

UNITS = [("month", "Months"), ("year", "Years"), ("lifetime", "Whole life")]
SCOPES = ("person", "household")
MAX_PERIOD = 600


class BeneficiaryAidType(models.Model):
    """How often a kind of help is given, and whether it knows an urgent route."""

    _inherit = "beneficiary.aid.type"

    person_limit = fields.Integer(
        string="Times per Person",
        required=True,
        default=0,
        help="So often one person may get it within the time beside. 0: no limit.",
    )
    person_period = fields.Integer(
        string="Within (person)", required=True, default=1, aggregator=None
    )
    person_unit = fields.Selection(
        selection=UNITS, string="Unit (person)", required=True, default="year"
    )
    household_limit = fields.Integer(
        string="Times per Household",
        required=True,
        default=0,
        help="So often all people of one household together may get it within the "
        "time beside. 0: no limit.",
    )
    household_period = fields.Integer(
        string="Within (household)", required=True, default=1, aggregator=None
    )
    household_unit = fields.Selection(
        selection=UNITS, string="Unit (household)", required=True, default="year"
    )
    frequency_text = fields.Char(
        string="How Often",
        compute="_compute_frequency_text",
        help="The limits above in words, as the catalogue and refusals say them.",
    )
    urgent_allowed = fields.Boolean(
        string="Urgent Route",
        default=True,
        help="A request may be marked urgent, and be studied before its papers are "
        "complete when a manager approves it.",
    )
    urgent_days = fields.Integer(
        string="Days to Regularise",
        required=True,
        default=30,
        aggregator=None,
        help="So many days after the approval of the urgent route the papers that "
        "were missing must be there.",
    )

    _limit_bounds = models.Constraint(
        "CHECK(person_limit BETWEEN 0 AND 10000"
        " AND household_limit BETWEEN 0 AND 10000)",
        "How often help is given is a number from zero up.",
    )
    _period_bounds = models.Constraint(
        f"CHECK(person_period BETWEEN 1 AND {MAX_PERIOD}"
        f" AND household_period BETWEEN 1 AND {MAX_PERIOD})",
        "The time within which help is counted is between 1 and 600 months or years.",
    )
    _urgent_days_bounds = models.Constraint(
        "CHECK(urgent_days BETWEEN 1 AND 366)",
        "The days to regularise an urgent request are between 1 and 366.",
    )
    _fund_not_requestable = models.Constraint(
        "CHECK(nature <> 'fund' OR is_requestable IS NOT TRUE)",
        "A kind of help that raises funds cannot be asked for. Choose another nature, "
        "or do not offer it.",
    )

    @api.onchange("nature")
    def _onchange_nature(self):
        if self.nature == "fund":
            self.is_requestable = False

    @api.depends(
        "person_limit",
        "person_period",
        "person_unit",
        "household_limit",
        "household_period",
        "household_unit",
    )
    def _compute_frequency_text(self):
        for aid_type in self:
            aid_type.frequency_text = " ".join(
                aid_type._limit_words(scope)
                for scope in SCOPES
                if aid_type[f"{scope}_limit"]
            )

    def _limit_words(self, scope):
        """Return one limit in words.

        :param str scope: ``person`` or ``household``
        """
        self.ensure_one()
        values = {"times": period_label(self[f"{scope}_limit"], "time", self.env.lang)}
        if self[f"{scope}_unit"] == "lifetime":
            if scope == "person":
                return self.env._("At most %(times)s per person.", **values)
            return self.env._("At most %(times)s per household.", **values)
        values["period"] = period_label(
            self[f"{scope}_period"], self[f"{scope}_unit"], self.env.lang
        )
        if scope == "person":
            return self.env._("At most %(times)s per person in %(period)s.", **values)
        return self.env._("At most %(times)s per household in %(period)s.", **values)

    def _limit_end(self, scope, day):
        """Return the first day on which help of a day no longer counts.

        :param str scope: ``person`` or ``household``
        :param date day: when the help was asked for
        :return: False when it counts for good
        """
        self.ensure_one()
        period = self[f"{scope}_period"]
        return {
            "month": day + relativedelta(months=period),
            "year": day + relativedelta(years=period),
            "lifetime": False,
        }[self[f"{scope}_unit"]]
