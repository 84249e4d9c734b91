from odoo import api, fields, models


class BeneficiaryClauseReferenceMixin(models.AbstractModel):
    """Something that is said about clauses, by their codes.

    The code of a core clause (``C42``) means that clause in each of the five texts;
    the code of a clause (``BR-36``) means that one only.
    """

    _name = "beneficiary.clause.reference.mixin"
    _description = "Reference to Clauses"

    reference = fields.Char(
        string="Clauses",
        required=True,
        readonly=True,
        help="Codes of core clauses or of single clauses, separated by blanks.",
    )
    clause_ids = fields.Many2many(
        comodel_name="beneficiary.clause",
        compute="_compute_clause_ids",
        store=True,
        string="Clauses Meant",
    )

    @api.depends("reference")
    def _compute_clause_ids(self):
        codes = {code for record in self for code in (record.reference or "").split()}
        by_code = {}
        for clause in self.env["beneficiary.clause"].search(
            ["|", ("code", "in", codes), ("core", "in", codes)]
        ):
            for code in filter(None, [clause.code, clause.core]):
                by_code.setdefault(code, clause.browse())
                by_code[code] |= clause
        for record in self:
            record.clause_ids = self.env["beneficiary.clause"].union(
                *[
                    by_code[code]
                    for code in (record.reference or "").split()
                    if code in by_code
                ]
            )
