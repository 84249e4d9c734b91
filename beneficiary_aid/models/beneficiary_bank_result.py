from odoo import fields, models
from odoo.exceptions import UserError

from .beneficiary_disbursement_batch_bank import FINANCE


class BeneficiaryBankResult(models.Model):
    """A file with which the bank answered to a batch, kept as it came."""

    _name = "beneficiary.bank.result"
    _description = "Answer of a Bank"
    _order = "create_date desc, id desc"
    _rec_name = "filename"
    _check_company_auto = True

    batch_id = fields.Many2one(
        comodel_name="beneficiary.disbursement.batch",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="batch_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    filename = fields.Char(required=True)
    # Empty after the time to keep it: it names people and their accounts.
    file = fields.Binary(attachment=True, groups=FINANCE)
    content_hash = fields.Char(
        string="Fingerprint",
        required=True,
        help="SHA-256 of the file. The same file is taken once.",
    )
    paid_count = fields.Integer(string="Executed")
    rejected_count = fields.Integer(string="Rejected")
    rejected_amount = fields.Monetary()
    known_count = fields.Integer(
        string="Known Before", help="Answers that earlier files gave already."
    )

    _content_uniq = models.UniqueIndex(
        "(batch_id, content_hash)",
        "This file was taken already. Nothing was changed.",
    )

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._("The answer of a bank is kept as it came."))
        return super().write(vals)
