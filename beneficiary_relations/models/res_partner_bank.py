from odoo import api, models
from odoo.exceptions import UserError

# What decides where money goes. Trust and notes stay with accounting.
_ACCOUNT_FIELDS = {"acc_number", "partner_id", "sequence", "active"}


class ResPartnerBank(models.Model):
    """Bank accounts of files change with proof and a second person only."""

    _inherit = "res.partner.bank"

    @api.model_create_multi
    def create(self, vals_list):
        partner_ids = {vals.get("partner_id") for vals in vals_list} - {None, False}
        self._refuse_account_change(partner_ids, having_accounts=True)
        return super().create(vals_list)

    def write(self, vals):
        changed = _ACCOUNT_FIELDS.intersection(vals)
        if changed:
            moving = self.filtered(
                lambda account: any(
                    account._fields[name].convert_to_write(account[name], account)
                    != vals[name]
                    for name in changed
                )
            )
            self._refuse_account_change(moving.partner_id.ids)
            if vals.get("partner_id"):
                self._refuse_account_change({vals["partner_id"]}, having_accounts=True)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_not_of_files(self):
        self._refuse_account_change(self.partner_id.ids)

    def _refuse_account_change(self, partner_ids, having_accounts=False):
        """Refuse what would send money of a file elsewhere.

        The code of this addon works as superuser after its own checks.

        :param having_accounts: refuse only where an account exists already
        :raise UserError: naming the contact and the way to change an IBAN
        """
        if self.env.su or not partner_ids:
            return
        domain = [("id", "in", list(partner_ids)), ("is_beneficiary", "=", True)]
        if having_accounts:
            domain.append(("bank_ids", "!=", False))
        # The flag and the accounts of the contact, whatever the rules hide.
        partner = self.env["res.partner"].sudo().search(domain, limit=1)
        if partner:
            raise UserError(
                self.env._(
                    "The bank account of %(name)s is changed on the file only, with "
                    "the bank's paper and a second person: use the button Change "
                    "IBAN there.",
                    name=partner.sudo(False).display_name
                    if partner.sudo(False).has_access("read")
                    else partner.id,
                )
            )
