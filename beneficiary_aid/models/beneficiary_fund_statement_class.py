from odoo import fields, models

# What a donor's condition makes of the money; zakat is the strictest condition.
CLASS_OF_KIND = {
    "unrestricted": "unrestricted",
    "restricted": "restricted",
    "zakat": "restricted",
    "endowment": "endowment",
}


class BeneficiaryFundStatement(models.TransientModel):
    """The funds of a statement by class of restriction, as the auditor asks."""

    _inherit = "beneficiary.fund.statement"

    class_ids = fields.One2many(
        comodel_name="beneficiary.fund.statement.class",
        inverse_name="statement_id",
        readonly=True,
    )

    def _compute_statement(self):
        res = super()._compute_statement()
        self.class_ids.unlink()
        lines = self.line_ids.grouped(lambda line: CLASS_OF_KIND[line.kind])
        self.write(
            {
                "class_ids": [
                    fields.Command.create(
                        self._class_values(
                            name, lines.get(name) or self.line_ids.browse()
                        )
                    )
                    for name in ("unrestricted", "restricted", "endowment")
                ]
            }
        )
        return res

    def _class_values(self, restriction, lines):
        """Return the sums of the funds of one class; all of them tie with the funds."""
        total = {
            name: self.currency_id.round(sum(lines.mapped(name)))
            for name in ("opening", "donations", "aid", "transfers", "closing")
        }
        explained = (
            total["opening"] + total["donations"] + total["transfers"] - total["aid"]
        )
        zakat = lines.filtered(lambda line: line.kind == "zakat")
        return {
            "restriction": restriction,
            "opening": total["opening"],
            "income": total["donations"],
            "aid": total["aid"],
            "transfers": total["transfers"],
            "other": self.currency_id.round(total["closing"] - explained),
            "closing": total["closing"],
            "zakat": self.currency_id.round(sum(zakat.mapped("closing"))),
        }


class BeneficiaryFundStatementClass(models.TransientModel):
    """The funds of one class of restriction in a statement."""

    _name = "beneficiary.fund.statement.class"
    _description = "Class of Restriction in a Fund Statement"

    statement_id = fields.Many2one(
        comodel_name="beneficiary.fund.statement", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="statement_id.currency_id")
    company_id = fields.Many2one(related="statement_id.company_id")
    restriction = fields.Selection(
        selection=[
            ("unrestricted", "Unrestricted"),
            ("restricted", "Restricted, Zakat Included"),
            ("endowment", "Endowment"),
        ],
        required=True,
    )
    opening = fields.Monetary()
    income = fields.Monetary()
    aid = fields.Monetary()
    transfers = fields.Monetary()
    other = fields.Monetary(
        string="Reversals and Other Entries",
        help="Entries that were taken back, and those an accountant made by hand.",
    )
    closing = fields.Monetary()
    zakat = fields.Monetary(string="Of Which Zakat", help="Zakat in the closing.")
