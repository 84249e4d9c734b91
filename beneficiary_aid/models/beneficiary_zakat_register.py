from odoo import fields, models
from odoo.tools import SQL

from .beneficiary_aid_report import LIVE


class BeneficiaryZakatRegister(models.Model):
    """Who was given zakat: by number of the file, channel, amount, day and decision.

    A line a live disbursement of a zakat fund. The file stands in it by its number
    only; the name is for those who may open the file.
    """

    _name = "beneficiary.zakat.register"
    _description = "Zakat Register"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "disbursement_id"
    _depends = {
        "beneficiary.disbursement": [
            "amount",
            "company_id",
            "decision_id",
            "fund_id",
            "move_id",
            "request_id",
            "state",
        ],
        "beneficiary.aid.request": [
            "beneficiary_id",
            "zakat_authorised_on",
            "zakat_channel_id",
        ],
        "beneficiary.beneficiary": ["file_number"],
        "beneficiary.fund": ["kind"],
        "account.move": ["date"],
    }

    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(readonly=True)
    file_number = fields.Char(readonly=True)
    zakat_channel_id = fields.Many2one(
        comodel_name="beneficiary.zakat.channel", readonly=True
    )
    fund_id = fields.Many2one(comodel_name="beneficiary.fund", readonly=True)
    aid_type_id = fields.Many2one(comodel_name="beneficiary.aid.type", readonly=True)
    amount = fields.Monetary(readonly=True)
    request_id = fields.Many2one(comodel_name="beneficiary.aid.request", readonly=True)
    decision_id = fields.Many2one(comodel_name="beneficiary.decision", readonly=True)
    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement", readonly=True
    )
    receipt = fields.Selection(
        selection=[
            ("due", "Not Paid Yet"),
            ("sent", "Sent to the Bank"),
            ("paid", "On the Bank Statement"),
        ],
        readonly=True,
        help="How far it is proved that the money arrived.",
    )
    zakat_authorised_on = fields.Date(
        string="Authorised on",
        readonly=True,
        help="The day the person allowed to pay a vendor, or to give goods, instead.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT paid.id,
                   paid.id AS disbursement_id,
                   paid.company_id,
                   move.date,
                   file.file_number,
                   request.zakat_channel_id,
                   paid.fund_id,
                   paid.aid_type_id,
                   paid.amount,
                   paid.request_id,
                   paid.decision_id,
                   paid.state AS receipt,
                   request.zakat_authorised_on
              FROM beneficiary_disbursement paid
              JOIN beneficiary_fund fund
                ON fund.id = paid.fund_id AND fund.kind = 'zakat'
              JOIN account_move move ON move.id = paid.move_id
              JOIN beneficiary_aid_request request ON request.id = paid.request_id
              JOIN beneficiary_beneficiary file ON file.id = request.beneficiary_id
             WHERE paid.state = ANY(%(live)s)
            """,
            live=list(LIVE),
        )

    def action_open_disbursement(self):
        """Open the disbursement of the line."""
        self.ensure_one()
        self.check_access("read")
        return self.disbursement_id._get_records_action(name=self.env._("Disbursement"))
