from odoo import models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    def _beneficiary_bill_journal(self):
        """Return the journal of vendors' bills.

        :return: ``account.journal``
        :raise UserError: when the association has none
        """
        self.ensure_one()
        Journal = self.env["account.journal"]
        journal = Journal.search(
            [*Journal._check_company_domain(self), ("type", "=", "purchase")], limit=1
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no purchase journal. Create one in Accounting, "
                    "Configuration, Journals.",
                    company=self.display_name,
                )
            )
        return journal
