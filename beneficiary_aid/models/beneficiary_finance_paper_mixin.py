from odoo import models


class BeneficiaryFinancePaperMixin(models.AbstractModel):
    """Papers of finance: who works on them, and what is said of where they stand.

    A paper has a number in ``name``, and a ``state``.
    """

    _name = "beneficiary.finance.paper.mixin"
    _description = "Paper of Finance"

    def _check_clerk(self):
        """Refuse whoever does not prepare papers of finance.

        :raise AccessError: naming the role
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )

    def _get_state_label(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _already_words(self):
        """Return what is said to somebody who does a step that was done."""
        self.ensure_one()
        return self.env._(
            "%(number)s is %(state)s already.",
            number=self.name,
            state=self._get_state_label(),
        )
