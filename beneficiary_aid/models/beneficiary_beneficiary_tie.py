import re

from odoo import api, fields, models

from odoo.addons.beneficiary_relations.tools.text import normalise_arabic

# Of a Saudi number, whether it is written with the country or without.
PHONE_DIGITS = 9


def phone_digits(number):
    """Return the digits of a number that are the same in each of its spellings."""
    return re.sub(r"\D", "", number or "")[-PHONE_DIGITS:]


class BeneficiaryBeneficiary(models.Model):
    """What of a file is compared with the own details of a committee's members."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    employer = fields.Char(
        size=200, help="Compared with those of the members who decide on a request."
    )

    def _traces_of_files(self):
        """Return phone, account, address and employer of each file, normalised.

        :rtype: dict
        """
        accounts = self._accounts_of(self.partner_id)
        return {
            file: {
                "phone": {phone_digits(file.phone)} - {""},
                "iban": accounts.get(file.partner_id.id, set()),
                "address": {file.short_address} - {False},
                "employer": {normalise_arabic(file.employer or "")} - {""},
            }
            for file in self
        }

    @api.model
    def _accounts_of(self, partners):
        """Return the bank accounts of contacts, by id of the contact."""
        rows = self.env["res.partner.bank"].search_fetch(
            [("partner_id", "in", partners.ids)], ["partner_id", "sanitized_acc_number"]
        )
        accounts = {}
        for row in rows:
            accounts.setdefault(row.partner_id.id, set()).add(row.sanitized_acc_number)
        return accounts
