from odoo import fields, models


class BeneficiaryDonationDeposit(models.TransientModel):
    """Cheques went to the bank: the slip and the day."""

    _name = "beneficiary.donation.deposit"
    _description = "Deposit of Cheques"

    donation_ids = fields.Many2many(
        comodel_name="beneficiary.donation", required=True, readonly=True
    )
    reference = fields.Char(string="Deposit Slip", required=True)
    date = fields.Date(
        string="Deposited on", required=True, default=fields.Date.context_today
    )

    def action_deposit(self):
        """Note slip and day on the cheques."""
        self.ensure_one()
        self.donation_ids.check_access("write")
        self.donation_ids._check_role()
        self.donation_ids._deposit(self.reference, self.date)
        return {"type": "ir.actions.act_window_close"}
