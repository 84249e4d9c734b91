from odoo import fields, models
from odoo.exceptions import UserError

PAID_STATES = ("due", "sent", "paid")


class BeneficiarySponsorStatement(models.TransientModel):
    """What one sponsor carried between two days, as a paper for him.

    An instalment is money that was paid, or what was bought with a voucher of its
    day. The person is a number of the sponsorship; the name stands there only with
    the person's consent to share it with a donor. What the help is for, and what was
    bought, is not said.
    """

    _name = "beneficiary.sponsor.statement"
    _description = "Sponsor Statement"
    _inherit = ["beneficiary.paper.mixin", "beneficiary.period.mixin"]

    sponsor_id = fields.Many2one(
        comodel_name="res.partner",
        required=True,
        domain="[('is_beneficiary', '=', False),"
        " ('company_id', 'in', [False, company_id])]",
    )

    def action_print(self):
        """Print the statement.

        :return: the report
        :raise UserError: when the sponsor carried nothing in these days
        """
        self.ensure_one()
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk",
            "beneficiary_aid.group_finance_releaser",
            "beneficiary_aid.group_aid_manager",
        )
        if not self._rows():
            raise UserError(
                self.env._("Nothing was paid for this sponsor in these days.")
            )
        return self.env.ref(
            "beneficiary_aid.action_report_sponsor_statement"
        ).report_action(self, config=False)

    def _rows(self):
        """Return ``(instalment, share in money)``, the oldest first.

        An instalment is a disbursement, or a voucher with which something was bought.
        """
        self.ensure_one()
        lines = self.env["beneficiary.sponsorship.sponsor"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "=", self.sponsor_id.id),
            ]
        )
        planned = [
            ("sponsorship_id", "in", lines.sponsorship_id.ids),
            ("period_date", ">=", self.date_from),
            ("period_date", "<=", self.date_to),
        ]
        paid = self.env["beneficiary.disbursement"].search(
            [*planned, ("state", "in", PAID_STATES)]
        )
        bought = self.env["beneficiary.voucher"].search(
            [*planned, ("amount_used", ">", 0)]
        )
        return [
            (one, part)
            for one in sorted([*paid, *bought], key=lambda one: one.period_date)
            for line, part in one._carried().items()
            if line in lines
        ]

    def _named(self, plans):
        """Return the names of those who agreed that a donor learns them.

        :return: ``{sponsorship: name}``
        """
        # Whoever prints need not read consents; only whether there is one counts.
        people = plans.sudo().beneficiary_id
        agreed = (
            self.env["beneficiary.consent"]
            .sudo()
            .search(
                [
                    ("beneficiary_id", "in", people.ids),
                    ("purpose", "=", "donor"),
                    ("withdrawn_on", "=", False),
                ]
            )
            .beneficiary_id
        )
        return {
            plan: plan.sudo().beneficiary_id.name
            for plan in plans
            if plan.sudo().beneficiary_id in agreed
        }

    def _statement_html(self):
        """Return the statement as HTML for the PDF.

        :rtype: Markup
        """
        self.ensure_one()
        paper = self.with_context(lang=self.sponsor_id.lang or self._paper_lang())
        rows = paper._rows()
        names = paper._named(
            self.env["beneficiary.sponsorship"].union(
                *(one.sponsorship_id for one, _share in rows)
            )
        )
        currency = paper.company_id.currency_id
        head = [
            paper.env._("Sponsorship"),
            paper.env._("Day"),
            paper.env._("Given as"),
            paper.env._("Your Share"),
            paper.env._("State"),
        ]
        table = [
            (
                paper._plan_words(one.sponsorship_id, names),
                paper._paper_day(one.period_date),
                paper._given_as(one),
                currency.format(share),
                paper._paper_label(one.with_env(paper.env), "state"),
            )
            for one, share in rows
        ]
        facts = [
            (paper.env._("Sponsor"), paper.sponsor_id.name),
            (paper.env._("From"), paper._paper_day(paper.date_from)),
            (paper.env._("Until"), paper._paper_day(paper.date_to)),
            (paper.env._("Total"), currency.format(sum(share for _one, share in rows))),
        ]
        return paper._paper_html(
            paper.env._("Sponsor Statement"),
            "",
            fields.Date.context_today(paper),
            [
                paper._paper_section("sponsor", False, facts),
                paper._paper_section(
                    "instalments", paper.env._("Instalments"), table, "table", head
                ),
            ],
        )

    def _plan_words(self, plan, names):
        """Return the number of a plan, with the name its person lets the donor know."""
        return " - ".join(filter(None, (plan.name, names.get(plan))))

    def _given_as(self, instalment):
        """Return how an instalment was given, in a word that tells no reason."""
        if instalment._name == "beneficiary.voucher":
            return self.env._("Purchase Voucher")
        return self.env._("Sum of Money")
