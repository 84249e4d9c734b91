from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.text import (
    clean_text,
    normalise_identity,
    to_latin_digits,
)

# Numbers as papers carry them; a purpose is a sentence.
TEXT_LENGTHS = {
    "cheque_number": 60,
    "donor_identity": 60,
    "foreign_approval": 100,
    "purpose": 500,
    "reference": 200,
}


class BeneficiaryDonation(models.Model):
    """What the rules on donations ask: licence, known donor, designated account.

    An association is told of cash or cheques late and by other banks' accounts; the
    alert gives the days the rules leave to report and to move the money.
    """

    _inherit = "beneficiary.donation"

    campaign_id = fields.Many2one(
        comodel_name="beneficiary.campaign",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
    )
    cheque_number = fields.Char(copy=False)
    deposit_reference = fields.Char(
        string="Deposit Slip", copy=False, readonly=True, tracking=True
    )
    deposit_date = fields.Date(
        string="Deposited on", copy=False, readonly=True, tracking=True
    )
    is_undeposited = fields.Boolean(
        string="To Deposit",
        compute="_compute_is_undeposited",
        store=True,
        help="A cheque that was received and is not at the bank yet: neither a slip "
        "nor the bank statement tells of it.",
    )
    donor_identity = fields.Char(
        copy=False,
        groups="beneficiary_aid.group_finance_clerk,"
        "beneficiary_aid.group_finance_releaser,account.group_account_readonly",
        help="Number of the identity card or of the registration of the donor.",
    )
    is_foreign = fields.Boolean(
        string="From Abroad",
        tracking=True,
        help="The donor lives or is registered in another country.",
    )
    foreign_approval = fields.Char(
        string="Approval of Foreign Donation",
        copy=False,
        tracking=True,
        help="Number of the paper by which the authority approved it.",
    )
    is_off_account = fields.Boolean(
        string="Not on a Designated Account",
        compute="_compute_is_off_account",
        store=True,
        help="It came in on a bank account that is not kept for donations.",
    )

    _undeposited_idx = models.Index("(company_id, date) WHERE is_undeposited IS TRUE")

    # === Computes === #

    @api.depends("channel", "deposit_date", "is_matched", "state")
    def _compute_is_undeposited(self):
        for donation in self:
            donation.is_undeposited = (
                donation.channel == "cheque"
                and not donation.deposit_date
                and not donation.is_matched
                and donation.state == "posted"
            )

    @api.depends("journal_id", "company_id", "fund_id")
    def _compute_is_off_account(self):
        for donation in self:
            # Which accounts take donations is set by the association.
            company = donation.company_id.sudo()
            designated = company.beneficiary_donation_journal_ids
            own = donation.fund_id.sudo().bank_journal_id
            donation.is_off_account = bool(
                designated and donation.journal_id not in designated | own
            )

    # === Constraints === #

    @api.constrains("campaign_id", "date", "fund_id")
    def _check_campaign(self):
        for donation in self:
            if donation.campaign_id:
                donation.campaign_id._check_takes(donation)

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_vals(vals))

    @api.model
    def _clean_vals(self, vals):
        """Return values as they are stored: Latin digits, nothing invisible.

        :raise ValidationError: for a text that is too long, naming its field
        """
        vals = dict(vals)
        for name in TEXT_LENGTHS.keys() & vals.keys():
            text = vals[name]
            if name == "donor_identity":
                text = normalise_identity(text)
            elif name != "purpose":
                text = to_latin_digits(text)
            try:
                vals[name] = clean_text(text, TEXT_LENGTHS[name])
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of a donation is too long. Shorten it to "
                        "%(length)s characters.",
                        field=self._fields[name]._description_string(self.env),
                        length=TEXT_LENGTHS[name],
                    )
                ) from error
        return vals

    def _check_vals(self, vals):
        res = super()._check_vals(vals)
        if vals.keys() & {"deposit_reference", "deposit_date"} and not self.env.su:
            raise UserError(
                self.env._("Enter the deposit with the button “Deposited”.")
            )
        return res

    # === Actions === #

    def action_post(self):
        for donation in self:
            donation._check_donor_known()
        res = super().action_post()
        self.filtered("is_off_account")._alert_off_account()
        return res

    def action_deposit(self):
        """Ask for the slip and the day on which cheques went to the bank.

        :return: a window
        """
        self.check_access("read")
        self._check_role()
        for donation in self:
            donation._check_to_deposit()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deposit Cheques"),
            "res_model": "beneficiary.donation.deposit",
            "view_mode": "form",
            "target": "new",
            "context": {"default_donation_ids": self.ids},
        }

    # === Helpers === #

    def _check_to_deposit(self):
        self.ensure_one()
        if not self.is_undeposited:
            raise UserError(
                self.env._(
                    "%(number)s is no posted cheque that waits for the bank.",
                    number=self.display_name,
                )
            )

    def _deposit(self, reference, date):
        """Note that cheques are at the bank; the role was checked.

        :param str reference: number of the deposit slip
        :param date date: not before the cheque was received, not to come
        :raise UserError: naming the receipt
        """
        today = fields.Date.context_today(self)
        for donation in self:
            donation._check_to_deposit()
            if not donation.date <= date <= today:
                raise UserError(
                    self.env._(
                        "%(number)s: the day of the deposit is not before the day of "
                        "the cheque, and not to come.",
                        number=donation.display_name,
                    )
                )
        self._touch()
        # The deposit is not typed in; the role was checked by the caller.
        self.sudo().write({"deposit_reference": reference, "deposit_date": date})

    def _check_donor_known(self):
        """Refuse to post money whose giver the rules want known, or approved.

        :raise UserError: naming the donation and what is missing
        """
        self.ensure_one()
        # What the association asks for is no secret of its settings.
        company = self.company_id.sudo()
        limit = company.beneficiary_donor_identity_from
        if (
            limit
            and self.currency_id.compare_amounts(self.amount, limit) >= 0
            and not self.donor_identity
        ):
            raise UserError(
                self.env._(
                    "%(donation)s: from %(limit)s up the donor's identity is needed. "
                    "Enter its number.",
                    donation=self.display_name,
                    limit=self.currency_id.format(limit),
                )
            )
        if (
            self.is_foreign
            and company.beneficiary_foreign_donation_approval
            and not self.foreign_approval
        ):
            raise UserError(
                self.env._(
                    "%(donation)s comes from abroad: enter the approval of the "
                    "authority first.",
                    donation=self.display_name,
                )
            )

    def _alert_off_account(self):
        """Ask the clerk to report donations on other accounts, in the days left."""
        for donation in self:
            days = donation.company_id.sudo().beneficiary_deposit_alert_days
            deadline = fields.Date.context_today(self)
            # Friday and Saturday are no working days.
            while days:
                deadline += timedelta(days=1)
                days -= deadline.weekday() not in (4, 5)
            donation.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=deadline,
                user_id=self.env.uid,
                summary=self.env._("Donation outside the designated accounts"),
                note=self.env._(
                    "%(number)s came in on %(account)s. Report it, and move the money "
                    "to a designated account, until the day of this activity.",
                    number=donation.name,
                    account=donation.journal_id.display_name,
                ),
            )
