from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits


class BeneficiaryDisbursement(models.Model):
    """A bill paid for somebody: whose bill, its number, and what the bank answered."""

    _inherit = "beneficiary.disbursement"

    biller = fields.Char(size=120, help="Who sent the bill, as the bank names him.")
    bill_number = fields.Char(size=60)
    bank_receipt = fields.Char(
        string="Receipt of the Bank",
        size=60,
        copy=False,
        help="The number the bank answered with when the bill was paid.",
    )

    _biller_whole = models.Constraint(
        "CHECK((biller IS NULL) = (bill_number IS NULL))",
        "A bill has a biller and a number. Enter both.",
    )
    _biller_once = models.UniqueIndex(
        "(company_id, lower(biller), bill_number)"
        " WHERE bill_number IS NOT NULL AND state NOT IN ('cancelled', 'reversed')",
        "This bill is being paid already.",
    )

    @api.constrains("bank_receipt")
    def _check_bank_receipt(self):
        for one in self:
            if one.bank_receipt and not one.bill_number:
                raise ValidationError(
                    self.env._("A receipt of the bank belongs to a bill. Enter it.")
                )

    def _check_vals(self, vals):
        result = super()._check_vals(vals)
        for name in ("biller", "bill_number", "bank_receipt"):
            if name in vals:
                vals[name] = clean_text(to_latin_digits(vals[name] or "")) or False
        return result

    def write(self, vals):
        if vals.keys() & {"biller", "bill_number"}:
            for one in self:
                if one.move_id:
                    raise UserError(
                        self.env._(
                            "%(number)s is posted: its bill stays.", number=one.name
                        )
                    )
        return super().write(vals)
