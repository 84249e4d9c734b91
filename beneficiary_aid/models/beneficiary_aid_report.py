from odoo import fields, models
from odoo.tools import SQL

AID_READERS = (
    "beneficiary_relations.group_auditor",
    "beneficiary_relations.group_manager",
    "beneficiary_aid.group_aid_manager",
    "beneficiary_aid.group_finance_clerk",
    "beneficiary_aid.group_finance_releaser",
)
# Posted, and not taken back by another entry.
LIVE = ("due", "sent", "paid")
AGE_BANDS = [
    ("child", "Under 18"),
    ("young", "18 to 35"),
    ("adult", "36 to 59"),
    ("old", "60 and Over"),
]


class BeneficiaryAidReport(models.Model):
    """Aid that was booked, as the ledger has it, by whatever people ask about.

    A line a live disbursement. People and households are counted and never named;
    the area and the category are those of the file today, the age that of the day.
    """

    _name = "beneficiary.aid.report"
    _description = "Aid Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "fund_id"
    _depends = {
        "beneficiary.disbursement": [
            "aid_type_id",
            "amount",
            "company_id",
            "fund_id",
            "move_id",
            "request_id",
            "state",
        ],
        "beneficiary.aid.request": ["beneficiary_id", "branch_id", "household_id"],
        "beneficiary.beneficiary": [
            "area_id",
            "birth_date",
            "category_id",
            "gender",
        ],
        "account.move": ["date"],
    }

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(readonly=True)
    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement", readonly=True
    )
    fund_id = fields.Many2one(comodel_name="beneficiary.fund", readonly=True)
    kind = fields.Selection(
        selection=lambda self: self.env["beneficiary.fund"]._fields["kind"].selection,
        string="Kind of Fund",
        readonly=True,
    )
    aid_type_id = fields.Many2one(comodel_name="beneficiary.aid.type", readonly=True)
    category_id = fields.Many2one(comodel_name="beneficiary.category", readonly=True)
    area_id = fields.Many2one(comodel_name="beneficiary.area", readonly=True)
    branch_id = fields.Many2one(comodel_name="beneficiary.branch", readonly=True)
    gender = fields.Selection(
        selection=[("male", "Male"), ("female", "Female")], readonly=True
    )
    age_band = fields.Selection(selection=AGE_BANDS, string="Age", readonly=True)
    state = fields.Selection(
        selection=[("due", "Due"), ("sent", "Sent"), ("paid", "Paid")], readonly=True
    )
    amount = fields.Monetary(readonly=True)
    person_key = fields.Integer(
        string="Persons", readonly=True, aggregator="count_distinct"
    )
    household_key = fields.Integer(
        string="Households",
        readonly=True,
        aggregator="count_distinct",
        help="Who lives alone, or in a household nobody entered, counts as one.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT paid.id,
                   paid.id AS disbursement_id,
                   paid.company_id,
                   move.date,
                   paid.fund_id,
                   fund.kind,
                   paid.aid_type_id,
                   file.category_id,
                   file.area_id,
                   request.branch_id,
                   file.gender,
                   CASE WHEN file.birth_date IS NULL THEN NULL
                        WHEN age(move.date, file.birth_date) < interval '18 years'
                        THEN 'child'
                        WHEN age(move.date, file.birth_date) < interval '36 years'
                        THEN 'young'
                        WHEN age(move.date, file.birth_date) < interval '60 years'
                        THEN 'adult'
                        ELSE 'old'
                   END AS age_band,
                   paid.state,
                   paid.amount,
                   request.beneficiary_id AS person_key,
                   COALESCE(request.household_id, -request.beneficiary_id)
                       AS household_key
              FROM beneficiary_disbursement paid
              JOIN account_move move ON move.id = paid.move_id
              JOIN beneficiary_fund fund ON fund.id = paid.fund_id
              JOIN beneficiary_aid_request request ON request.id = paid.request_id
              JOIN beneficiary_beneficiary file ON file.id = request.beneficiary_id
             WHERE paid.state = ANY(%(live)s)
            """,
            live=list(LIVE),
        )
