from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.period import period_label


class BeneficiaryDonation(models.Model):
    """Where a donation comes from and where it went: batch, bank line, new purpose."""

    _inherit = "beneficiary.donation"

    batch_id = fields.Many2one(
        comodel_name="beneficiary.donation.batch",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
    )
    bank_line_id = fields.Many2one(
        comodel_name="account.bank.statement.line",
        string="Entered from Bank Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    # The other end of what a settlement is read from: found for many at once.
    settlement_ids = fields.Many2many(
        comodel_name="beneficiary.settlement",
        copy=False,
        groups="account.group_account_readonly,beneficiary_aid.group_finance_clerk,"
        "beneficiary_aid.group_finance_releaser",
    )
    transfer_ids = fields.One2many(
        comodel_name="beneficiary.fund.transfer",
        inverse_name="donation_id",
        string="Changes of Purpose",
    )

    _bank_line_uniq = models.UniqueIndex(
        "(bank_line_id) WHERE bank_line_id IS NOT NULL AND is_cancelled IS NOT TRUE",
        "A donation was entered from this bank line already.",
    )

    @api.constrains("batch_id")
    def _check_batch_open(self):
        for donation in self:
            if donation.batch_id.state == "posted" and donation.state == "draft":
                raise ValidationError(
                    self.env._(
                        "The batch %(name)s is posted and takes no more donations.",
                        name=donation.batch_id.name,
                    )
                )

    def action_redesignate(self):
        """Ask for the other fund the donor names, with his word.

        :return: a window
        """
        self.ensure_one()
        self.check_access("read")
        self._check_role()
        self._check_can_redesignate()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Purpose"),
            "res_model": "beneficiary.donation.redesignate",
            "view_mode": "form",
            "target": "new",
            "context": {"default_donation_id": self.id},
        }

    def _check_can_redesignate(self):
        """Refuse a change of purpose that comes late or twice.

        :raise UserError: naming the receipt and the days
        """
        self.ensure_one()
        if self.state != "posted" or self.kind != "money":
            raise UserError(
                self.env._(
                    "%(number)s is no posted donation of money.",
                    number=self.display_name,
                )
            )
        # How long a donor may change his mind is no secret of the settings.
        days = self.company_id.sudo().beneficiary_redesignation_days
        if (fields.Date.context_today(self) - self.date).days > days:
            raise UserError(
                self.env._(
                    "%(number)s: its purpose could be changed within %(period)s after "
                    "the donation. Ask for a transfer between funds instead.",
                    number=self.display_name,
                    period=period_label(days, "day", self.env.lang),
                )
            )
        if self.transfer_ids.filtered(lambda one: one.state in ("draft", "posted")):
            raise UserError(
                self.env._(
                    "%(number)s: a change of its purpose was asked for already.",
                    number=self.display_name,
                )
            )


class BeneficiaryFundTransfer(models.Model):
    """A transfer may rest on the word of a donor about his donation."""

    _inherit = "beneficiary.fund.transfer"

    donation_id = fields.Many2one(
        comodel_name="beneficiary.donation",
        string="Of Donation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _donation_uniq = models.UniqueIndex(
        "(donation_id) WHERE donation_id IS NOT NULL AND state IN ('draft', 'posted')",
        "A change of the purpose of this donation was asked for already.",
    )
