from odoo import fields, models
from odoo.exceptions import AccessError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    beneficiary_donation_account_id = fields.Many2one(
        related="company_id.beneficiary_donation_account_id",
        readonly=False,
    )
    beneficiary_aid_account_id = fields.Many2one(
        related="company_id.beneficiary_aid_account_id",
        readonly=False,
    )
    beneficiary_aid_journal_id = fields.Many2one(
        related="company_id.beneficiary_aid_journal_id",
        readonly=False,
    )

    beneficiary_goods_account_id = fields.Many2one(
        related="company_id.beneficiary_goods_account_id", readonly=False
    )
    beneficiary_vendor_account_id = fields.Many2one(
        related="company_id.beneficiary_vendor_account_id", readonly=False
    )
    beneficiary_in_kind_account_id = fields.Many2one(
        related="company_id.beneficiary_in_kind_account_id", readonly=False
    )
    beneficiary_recurring_account_id = fields.Many2one(
        related="company_id.beneficiary_recurring_account_id", readonly=False
    )
    beneficiary_payable_account_id = fields.Many2one(
        related="company_id.beneficiary_payable_account_id", readonly=False
    )
    beneficiary_net_assets_account_id = fields.Many2one(
        related="company_id.beneficiary_net_assets_account_id", readonly=False
    )
    beneficiary_restricted_account_id = fields.Many2one(
        related="company_id.beneficiary_restricted_account_id", readonly=False
    )
    beneficiary_endowment_account_id = fields.Many2one(
        related="company_id.beneficiary_endowment_account_id", readonly=False
    )
    beneficiary_donation_journal_ids = fields.Many2many(
        related="company_id.beneficiary_donation_journal_ids", readonly=False
    )
    beneficiary_deposit_alert_days = fields.Integer(
        related="company_id.beneficiary_deposit_alert_days", readonly=False
    )
    beneficiary_donor_identity_from = fields.Monetary(
        related="company_id.beneficiary_donor_identity_from", readonly=False
    )
    beneficiary_foreign_donation_approval = fields.Boolean(
        related="company_id.beneficiary_foreign_donation_approval", readonly=False
    )
    beneficiary_redesignation_days = fields.Integer(
        related="company_id.beneficiary_redesignation_days", readonly=False
    )
    beneficiary_zakat_own_bank = fields.Boolean(
        related="company_id.beneficiary_zakat_own_bank", readonly=False
    )
    beneficiary_zakat_approval_date = fields.Date(
        related="company_id.beneficiary_zakat_approval_date", readonly=False
    )
    beneficiary_zakat_approval = fields.Char(
        related="company_id.beneficiary_zakat_approval", readonly=False
    )
    beneficiary_bank_file_days = fields.Integer(
        related="company_id.beneficiary_bank_file_days", readonly=False
    )
    beneficiary_commitment_days = fields.Integer(
        related="company_id.beneficiary_commitment_days", readonly=False
    )
    beneficiary_smallest_group = fields.Integer(
        related="company_id.beneficiary_smallest_group", readonly=False
    )

    def action_beneficiary_setup_accounting(self):
        """Create or map the accounts and the journal of donations and aid."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("account.group_account_manager") and not (
            self.env.user.has_group("beneficiary_relations.group_administrator")
        ):
            raise AccessError(
                self.env._(
                    "Only an accounting administrator or an administrator of "
                    "beneficiary relations sets up the accounts."
                )
            )
        self.env.company._beneficiary_setup_accounting()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The accounts and the journal of donations and aid are there."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
