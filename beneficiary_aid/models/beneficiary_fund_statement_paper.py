from odoo import fields, models
from odoo.tools import formatLang

FUND_FIGURES = (
    "opening",
    "donations",
    "aid",
    "transfers",
    "amount_in",
    "amount_out",
    "closing",
)
CLASS_FIGURES = ("opening", "income", "aid", "transfers", "other", "closing")
ACCOUNT_FIGURES = ("in_ledger", "on_funds", "on_no_fund", "difference")


class BeneficiaryFundStatement(models.TransientModel):
    """The statement of the funds on paper, for the board and the auditor to sign."""

    _name = "beneficiary.fund.statement"
    _inherit = ["beneficiary.fund.statement", "beneficiary.paper.mixin"]

    # === Actions === #

    def action_print(self):
        """Print the statement.

        :return: the report
        :raise AccessError: when the user may not read the funds' figures
        """
        self.ensure_one()
        self.check_access("read")
        self._check_reader()
        if not self.line_ids:
            self._compute_statement()
        return self.env.ref(
            "beneficiary_aid.action_report_fund_statement"
        ).report_action(self, config=False)

    # === Paper === #

    def _statement_html(self):
        """Return the statement as HTML for the PDF.

        :rtype: Markup
        """
        self.ensure_one()
        self._check_reader()
        paper = self.with_context(lang=self._paper_lang())
        # The codes of the accounts are those of the association.
        paper = paper.with_company(self.company_id)
        return paper._paper_html(
            paper.env._("Fund Statement"),
            "",
            fields.Date.context_today(paper),
            [
                paper._paper_section("period", False, paper._paper_period()),
                paper._paper_figures(
                    "funds",
                    paper.env._("Funds"),
                    paper.line_ids,
                    "fund_id",
                    FUND_FIGURES,
                ),
                paper._paper_figures(
                    "classes",
                    paper.env._("Classes of Restriction"),
                    paper.class_ids,
                    "restriction",
                    CLASS_FIGURES,
                ),
                paper._paper_figures(
                    "accounts",
                    paper.env._("Trial Balance"),
                    paper.account_ids,
                    "account_id",
                    ACCOUNT_FIGURES,
                ),
            ],
            closing=paper._paper_tied(),
            signers=[
                {"name": paper.env._("Prepared by"), "role": paper.env._("Finance")},
                {
                    "name": paper.env._("Approved by"),
                    "role": paper.env._("Name, signature"),
                },
            ],
        )

    def _paper_period(self):
        return [
            (self.env._("From"), self._paper_day(self.date_from)),
            (self.env._("Until"), self._paper_day(self.date_to)),
            (self.env._("Amounts in"), self._paper_currency()),
        ]

    def _paper_currency(self):
        return self.currency_id.currency_unit_label or self.currency_id.name

    def _paper_tied(self):
        if self.is_tied:
            return self.env._("The statement ties with the ledger.")
        return self.env._(
            "The funds and the ledger disagree by %(amount)s.",
            amount=self.currency_id.format(self.difference),
        )

    def _paper_figures(self, key, title, lines, name, figures):
        """Return a table of the lines, with their total in the last row.

        :param str name: the field that says what a line is about
        :param figures: names of the fields with amounts
        """
        labels = lines.fields_get([name, *figures], ["string"])
        currency = self.currency_id

        def written(amount):
            # The currency is named once: eight columns have no room for it.
            return formatLang(self.env, currency.round(amount), currency.decimal_places)

        rows = [
            (
                self._paper_label(line, name)
                if line._fields[name].type == "selection"
                else line[name].display_name,
                *(written(line[figure]) for figure in figures),
            )
            for line in lines
        ]
        if rows:
            rows.append(
                (
                    self.env._("Total"),
                    *(written(sum(lines.mapped(figure))) for figure in figures),
                )
            )
        head = [labels[field]["string"] for field in (name, *figures)]
        return self._paper_section(key, title, rows, "table", head)
