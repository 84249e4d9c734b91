from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryDisbursement(models.Model):
    """An instalment of a sponsorship."""

    _inherit = "beneficiary.disbursement"

    sponsorship_id = fields.Many2one(
        comodel_name="beneficiary.sponsorship",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    period_date = fields.Date(
        string="Day of the Plan",
        readonly=True,
        copy=False,
        help="The day of the sponsorship this instalment is for.",
    )

    _period_uniq = models.UniqueIndex(
        "(sponsorship_id, period_date) WHERE sponsorship_id IS NOT NULL"
        " AND state NOT IN ('cancelled', 'reversed')",
        "This instalment of the sponsorship has a live disbursement already.",
    )
    _period_known = models.Constraint(
        "CHECK(sponsorship_id IS NULL OR period_date IS NOT NULL)",
        "An instalment of a sponsorship says which day of the plan it is for.",
    )

    def _carried(self):
        """Return what each sponsor carries of the instalment.

        :return: ``{line of the sponsor: amount}``, adding up to the amount when there
            are sponsors
        """
        self.ensure_one()
        lines = self.sponsorship_id.line_ids._on(self.period_date)
        return lines._carry(self.amount)

    def _check_vals(self, vals):
        if vals.keys() & {"sponsorship_id", "period_date"} and not self.env.su:
            raise UserError(
                self.env._("Instalments of a sponsorship are made by its run.")
            )
        return super()._check_vals(vals)
