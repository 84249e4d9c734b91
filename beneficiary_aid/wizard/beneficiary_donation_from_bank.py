from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryDonationFromBank(models.TransientModel):
    """Enter the donation a line of the bank tells of, and match both."""

    _name = "beneficiary.donation.from.bank"
    _description = "Donation from Bank Line"

    bank_line_id = fields.Many2one(
        comodel_name="account.bank.statement.line", required=True, readonly=True
    )
    company_id = fields.Many2one(related="bank_line_id.company_id")
    currency_id = fields.Many2one(related="bank_line_id.currency_id")
    journal_id = fields.Many2one(related="bank_line_id.journal_id")
    amount = fields.Monetary(related="bank_line_id.amount")
    date = fields.Date(related="bank_line_id.date")
    payment_ref = fields.Char(related="bank_line_id.payment_ref")
    donation_id = fields.Many2one(
        comodel_name="beneficiary.donation",
        string="Receipt",
        compute="_compute_donation_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id), ('state', '=', 'posted'),"
        " ('is_matched', '=', False), ('journal_id', '=', journal_id),"
        " ('amount', '=', amount)]",
        help="A receipt that was posted already for this money. Empty: a new one.",
    )
    donor_id = fields.Many2one(
        comodel_name="res.partner",
        compute="_compute_donor_id",
        store=True,
        readonly=False,
        domain="[('is_beneficiary', '=', False),"
        " ('company_id', 'in', [False, company_id])]",
    )
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        compute="_compute_fund_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    campaign_id = fields.Many2one(
        comodel_name="beneficiary.campaign",
        domain="[('company_id', '=', company_id), ('date_from', '<=', date),"
        " ('date_to', '>=', date)]",
    )
    channel = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.donation"]
            ._fields["channel"]
            ._description_selection(self.env)
        ),
        required=True,
        default="transfer",
    )
    is_anonymous = fields.Boolean(string="Anonymous")
    is_foreign = fields.Boolean(string="From Abroad")
    foreign_approval = fields.Char()
    donor_identity = fields.Char()

    @api.depends("bank_line_id")
    def _compute_donation_id(self):
        for wizard in self:
            line = wizard.bank_line_id
            candidates = self.env["beneficiary.donation"].search(
                [
                    ("company_id", "=", line.company_id.id),
                    ("journal_id", "=", line.journal_id.id),
                    ("state", "=", "posted"),
                    ("is_matched", "=", False),
                    ("amount", "=", line.amount),
                ]
            )
            words = (line.payment_ref or "").split()
            wizard.donation_id = candidates.filtered(
                lambda one, words=words: one.reference in words or one.name in words
            )[:1]

    @api.depends("bank_line_id")
    def _compute_donor_id(self):
        for wizard in self:
            partner = wizard.bank_line_id.partner_id
            # A beneficiary is no donor; the contact of the line is only proposed.
            wizard.donor_id = partner if not partner.sudo().is_beneficiary else False

    @api.depends("bank_line_id", "campaign_id")
    def _compute_fund_id(self):
        for wizard in self:
            own = self.env["beneficiary.fund"].search(
                [("bank_journal_id", "=", wizard.journal_id.id)], limit=1
            )
            wizard.fund_id = wizard.campaign_id.fund_id or own or wizard.fund_id

    def action_create(self):
        """Post the donation and reconcile its item with the bank line.

        :return: the donation
        """
        self.ensure_one()
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        line = self.bank_line_id
        line.check_access("read")
        line._check_beneficiary_donation()
        if self.donation_id:
            return self._match_receipt(line)
        if not (self.donor_id and self.fund_id):
            raise UserError(
                self.env._("Choose the donor and the fund, or the receipt posted.")
            )
        donation = self.env["beneficiary.donation"].create(
            {
                "company_id": line.company_id.id,
                "donor_id": self.donor_id.id,
                "fund_id": self.fund_id.id,
                "campaign_id": self.campaign_id.id,
                "channel": self.channel,
                "amount": line.amount,
                "date": line.date,
                "journal_id": line.journal_id.id,
                "reference": line.payment_ref,
                "is_anonymous": self.is_anonymous,
                "is_foreign": self.is_foreign,
                "foreign_approval": self.foreign_approval,
                "donor_identity": self.donor_identity,
            }
        )
        # The link is not typed in; the role is checked above.
        donation.sudo().bank_line_id = line
        donation.action_post()
        line._match_beneficiary_item(donation.move_line_id)
        return donation._get_records_action(name=self.env._("Donation"))

    def _match_receipt(self, line):
        """Match the line with a receipt that was posted already.

        :raise UserError: when the receipt is of another amount, or matched meanwhile
        """
        donation = self.donation_id
        donation._touch()
        if (
            donation.state != "posted"
            or donation.is_matched
            or donation.currency_id.compare_amounts(donation.amount, line.amount)
        ):
            raise UserError(
                self.env._(
                    "The receipt %(number)s is of another amount, cancelled, or "
                    "matched already.",
                    number=donation.display_name,
                )
            )
        line._match_beneficiary_item(donation.move_line_id)
        return donation._get_records_action(name=self.env._("Donation"))
