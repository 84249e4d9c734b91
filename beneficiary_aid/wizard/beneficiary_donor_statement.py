from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError


class BeneficiaryDonorStatement(models.TransientModel):
    """What one donor gave between two days, as a paper for him."""

    _name = "beneficiary.donor.statement"
    _description = "Donor Statement"
    _inherit = ["beneficiary.paper.mixin", "beneficiary.period.mixin"]

    donor_id = fields.Many2one(
        comodel_name="res.partner",
        required=True,
        domain="[('is_beneficiary', '=', False),"
        " ('company_id', 'in', [False, company_id])]",
    )

    def action_print(self):
        """Print the statement.

        :return: the report
        :raise UserError: when the donor gave nothing in these days
        """
        self.ensure_one()
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk",
            "beneficiary_aid.group_finance_releaser",
        )
        if not self._donations():
            raise UserError(
                self.env._("No donation of this donor was posted in these days.")
            )
        return self.env.ref(
            "beneficiary_aid.action_report_donor_statement"
        ).report_action(self, config=False)

    def _donations(self):
        """Return the posted donations of the donor, the oldest first."""
        self.ensure_one()
        return self.env["beneficiary.donation"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("donor_id", "=", self.donor_id.id),
                ("state", "=", "posted"),
                ("date", ">=", self.date_from or date.min),
                ("date", "<=", self.date_to or date.max),
            ],
            order="date, id",
        )

    def _statement_html(self):
        """Return the statement as HTML for the PDF.

        :rtype: Markup
        """
        self.ensure_one()
        paper = self.with_context(lang=self.donor_id.lang or self._paper_lang())
        donations = paper._donations()
        currency = paper.company_id.currency_id
        head = [
            paper.env._("Date"),
            paper.env._("Receipt"),
            paper.env._("Fund"),
            paper.env._("Amount"),
        ]
        rows = [
            (
                paper._paper_day(donation.date),
                donation.name,
                donation.fund_id.name,
                currency.format(donation.amount),
            )
            for donation in donations
        ]
        facts = [
            (paper.env._("Donor"), paper.donor_id.name),
            (paper.env._("From"), paper._paper_day(paper.date_from)),
            (paper.env._("Until"), paper._paper_day(paper.date_to)),
            (
                paper.env._("Total"),
                currency.format(sum(donations.mapped("amount"))),
            ),
        ]
        today = fields.Date.context_today(paper)
        return paper._paper_html(
            paper.env._("Donor Statement"),
            "",
            today,
            [
                paper._paper_section("donor", False, facts),
                paper._paper_section(
                    "donations", paper.env._("Donations"), rows, "table", head
                ),
            ],
        )
