from odoo import fields, models


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
        :raise UserError: when the association has no journal of aid yet
        """
        self.ensure_one()
        journal = journal or self._beneficiary_required("beneficiary_aid_journal_id")
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
