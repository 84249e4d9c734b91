from odoo import fields, models

# What a bank asks of a list of transfers at the least; each bank's own sheet is set up
# beside it.
COLUMNS = (
    ("Reference", "reference"),
    ("Name", "payee"),
    ("IBAN", "account"),
    ("Amount", "amount"),
    ("Currency", "currency"),
    ("Date", "date"),
)


class ResCompany(models.Model):
    _inherit = "res.company"

    def _beneficiary_setup_accounting(self):
        result = super()._beneficiary_setup_accounting()
        # Configuration, not data of a person; the callers check the role.
        sheets_sudo = self.env["beneficiary.bank.sheet"].sudo()
        for company in self:
            if not sheets_sudo.with_context(active_test=False).search_count(
                [("company_id", "=", company.id)], limit=1
            ):
                sheets_sudo.create(company._prepare_bank_sheet())
        return result

    def _prepare_bank_sheet(self):
        """Values of a plain list of transfers, for a company that has no sheet."""
        self.ensure_one()
        # Named once, in the language of the association's papers.
        lang = self.env["beneficiary.policy"]._document_lang()
        return {
            "name": self.with_context(lang=lang).env._("List of Transfers"),
            "company_id": self.id,
            # Behind those set up for a bank.
            "sequence": 100,
            "column_ids": [
                fields.Command.create(
                    {"sequence": number, "header": header, "content": content}
                )
                for number, (header, content) in enumerate(COLUMNS)
            ],
        }
