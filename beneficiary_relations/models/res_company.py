from odoo import fields, models

# Where an association says nothing of its own.
DEFAULT_ZONE = "Asia/Riyadh"


class ResCompany(models.Model):
    _inherit = "res.company"

    beneficiary_address = fields.Char(
        string="Address of the Public Pages",
        copy=False,
        help="The last part of the address under which everybody reads the "
        "association's charter, services and policy.",
    )

    _beneficiary_address_uniq = models.UniqueIndex(
        "(beneficiary_address) WHERE beneficiary_address IS NOT NULL",
        "Another association has this public address. Choose another one.",
    )
    _beneficiary_address_form = models.Constraint(
        "CHECK(beneficiary_address ~ '^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$')",
        "A public address has 3 to 50 small Latin letters, digits and hyphens.",
    )

    def _beneficiary_zone(self, fallback=None):
        """Return the name of the association's time zone.

        :param str fallback: what counts where the association has none
        """
        # The time zone of the association is no secret; its contact is not read.
        return self.sudo().partner_id.tz or fallback or DEFAULT_ZONE

    def _beneficiary_day(self, moment, fallback=None):
        """Return the day a moment falls on at the association.

        :param datetime moment: in universal time
        :param str fallback: as for :meth:`_beneficiary_zone`
        :rtype: date
        """
        here = self.with_context(tz=self._beneficiary_zone(fallback))
        return fields.Datetime.context_timestamp(here, moment).date()
