from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class ResCompany(models.Model):
    """The one shape of our entries in the journal of aid."""

    _inherit = "res.company"

    def _beneficiary_entry(self, day, words, items, journal=None):
        """Return the values of an entry of aid, donations or funds.

        :param date day: of the entry
        :param str words: what bank, vendor or payee may read; the items carry them
            unless they have a ``name`` of their own
        :param list items: values of the journal items; one is on no fund unless it
            says which
        :param journal: ``account.journal``; that of aid when left out
        :return: values for ``account.move.create``
        :rtype: dict
        :raise UserError: when the association has no journal of aid yet, or the day
            is in a closed period
        """
        self.ensure_one()
        journal = journal or self._beneficiary_required("beneficiary_aid_journal_id")
        self._beneficiary_check_period(day, words, journal)
        common = {
            "name": words,
            "currency_id": self.currency_id.id,
            # Given, so that no distribution model is looked up.
            "analytic_distribution": False,
        }
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "company_id": self.id,
            "date": day,
            "ref": words,
            "line_ids": [fields.Command.create({**common, **item}) for item in items],
        }

    def _beneficiary_check_period(self, day, number, journal):
        """Refuse an entry in a closed period.

        Odoo would post it on the first open day: paper and ledger would differ.

        :param date day: of the entry
        :param str number: of the paper it stands for
        :param journal: ``account.journal``
        :raise UserError: naming the paper and the day
        """
        self.ensure_one()
        if self._get_violated_lock_dates(day, False, journal):
            raise UserError(
                self.env._(
                    "%(number)s: %(date)s is in a period that is closed. Choose a "
                    "later day.",
                    number=number,
                    date=format_date(self.env, day),
                )
            )
