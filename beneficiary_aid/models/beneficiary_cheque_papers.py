from odoo import models
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.tools.rtl_print import render_paper

from .beneficiary_cheque import CLERK, RELEASER


class BeneficiaryCheque(models.Model):
    """The slip whoever takes a cheque signs: one for each, nobody reads the others'."""

    _inherit = "beneficiary.cheque"

    def _slips_html(self):
        """Return the slips of cheques that wait for their payees.

        :raise AccessError: for whoever neither writes nor hands over cheques
        :raise UserError: for a cheque that was handed over, cleared or is void
        """
        self._check_role(CLERK, RELEASER)
        self._check_state("written")
        # The people who sign them read them, not the colleague who prints them.
        lang = self.env["beneficiary.policy"]._document_lang()
        cheques = self.with_context(lang=lang)
        return render_paper(
            cheques.env,
            "beneficiary_aid.report_cheque_slips_document",
            {"slips": [cheque._slip_values() for cheque in cheques]},
        )

    def _slip_values(self):
        """What stands on a slip: no word of what the money is for."""
        self.ensure_one()
        # The bank, not our name of the account, which may say what the money is for.
        # Clerks may not read journals.
        bank = self.sudo().journal_id.bank_id.name or ""
        return {
            "association": self.company_id.name,
            "number": self.number,
            "bank": bank,
            "date": format_date(self.env, self.date),
            "payee": self.payee_id.name,
            "amount": self.currency_id.format(self.amount),
        }
