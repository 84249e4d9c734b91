from odoo import fields, models


class BeneficiaryDonationRedesignate(models.TransientModel):
    """The donor names another purpose: a transfer another person approves."""

    _name = "beneficiary.donation.redesignate"
    _description = "Change of the Purpose of a Donation"

    donation_id = fields.Many2one(
        comodel_name="beneficiary.donation", required=True, readonly=True
    )
    company_id = fields.Many2one(related="donation_id.company_id")
    from_fund_id = fields.Many2one(related="donation_id.fund_id", string="From")
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="New Fund",
        required=True,
        domain="[('company_id', '=', company_id), ('id', '!=', from_fund_id),"
        " ('kind', '!=', 'endowment')]",
    )
    reason = fields.Text(required=True)
    evidence_name = fields.Char()
    evidence = fields.Binary(string="The Donor's Word", required=True)

    def action_ask(self):
        """Prepare the transfer; somebody else approves it.

        :return: the transfer
        """
        self.ensure_one()
        donation = self.donation_id
        donation.check_access("write")
        donation._check_role()
        donation._check_can_redesignate()
        # What the costs of the association took stays with them.
        [(fund, amount), *_share] = donation._split()
        transfer = self.env["beneficiary.fund.transfer"].create(
            {
                "company_id": donation.company_id.id,
                "from_fund_id": fund.id,
                "to_fund_id": self.fund_id.id,
                "amount": amount,
                "reason": self.reason,
                "evidence": self.evidence,
                "evidence_name": self.evidence_name,
            }
        )
        # The link is not typed in; the role is checked above.
        transfer.sudo().donation_id = donation
        return transfer._get_records_action(name=self.env._("Transfer"))
