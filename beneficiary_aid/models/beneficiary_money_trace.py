from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.fifo import Event, allocate
from .beneficiary_aid_report import AID_READERS, LIVE

# What comes in on a day is there for what leaves on it.
ORDER = {"in": 0, "move": 1, "out": 2}


class BeneficiaryMoneyTrace(models.TransientModel):
    """From which donations aid was paid, and what a donation did.

    Money has no name in a fund: the oldest is taken to be spent first, donation by
    donation, in the order of the ledger, through transfers between funds. Only what
    stands is followed; what was cancelled or reversed never was. The answer follows
    from the posted entries alone and is the same each time.
    """

    _name = "beneficiary.money.trace"
    _description = "Way of the Money"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    request_id = fields.Many2one(comodel_name="beneficiary.aid.request", readonly=True)
    donation_id = fields.Many2one(comodel_name="beneficiary.donation", readonly=True)
    line_ids = fields.One2many(
        comodel_name="beneficiary.money.trace.line",
        inverse_name="trace_id",
        readonly=True,
    )
    amount = fields.Monetary(
        readonly=True, help="What the request cost, or what was given."
    )
    traced = fields.Monetary(
        string="Followed", readonly=True, help="How much of it the lines explain."
    )

    # === Following === #

    @api.model
    def _check_reader(self):
        self.env["beneficiary.beneficiary"]._require_group(*AID_READERS)

    @api.model
    def _trace(self, company):
        """Follow the money of an association.

        :return: ``{disbursement id: {donation id, or None for other money: amount}}``
        """
        self.env.flush_all()
        units = 10**company.currency_id.decimal_places
        paid = allocate(self._get_events(company, units))
        return {
            use: {source: part / units for source, part in sources.items()}
            for use, sources in paid.items()
            if use is not None
        }

    def _get_events(self, company, units):
        """Return what happened, in the order of the ledger: four queries at most."""
        column = self.env["beneficiary.fund"]._plan_column()
        if not column:
            return []
        rows = [
            *self._get_income(company, column),
            *self._get_transfers(company),
            *self._get_aid(company),
            *self._get_others(company, column),
        ]
        rows.sort(key=lambda row: (row[0], ORDER[row[1]], row[2]))
        return [
            Event(kind, fund, key, round(amount * units), to_fund)
            for _day, kind, _id, fund, key, amount, to_fund in rows
        ]

    def _get_income(self, company, column):
        return self.env.execute_query(
            SQL(
                """
                SELECT move.date, 'in', move.id, fund.id, donation.id,
                       SUM(line.amount)::float8, 0
                  FROM beneficiary_donation donation
                  JOIN account_move move ON move.id = donation.move_id
                  JOIN account_move_line item ON item.move_id = move.id
                  JOIN account_analytic_line line ON line.move_line_id = item.id
                  JOIN beneficiary_fund fund ON fund.analytic_account_id = %(plan)s
                 WHERE donation.company_id = %(company)s AND donation.state = 'posted'
              GROUP BY move.date, move.id, fund.id, donation.id
                HAVING SUM(line.amount) > 0
                """,
                plan=SQL.identifier("line", column),
                company=company.id,
            )
        )

    def _get_transfers(self, company):
        return self.env.execute_query(
            SQL(
                """
                SELECT move.date, 'move', move.id, transfer.from_fund_id,
                       transfer.donation_id, transfer.amount::float8,
                       transfer.to_fund_id
                  FROM beneficiary_fund_transfer transfer
                  JOIN account_move move ON move.id = transfer.move_id
                 WHERE transfer.company_id = %(company)s
                   AND transfer.state = 'posted'
                """,
                company=company.id,
            )
        )

    def _get_aid(self, company):
        return self.env.execute_query(
            SQL(
                """
                SELECT move.date, 'out', paid.id, paid.fund_id, paid.id,
                       paid.amount::float8, 0
                  FROM beneficiary_disbursement paid
                  JOIN account_move move ON move.id = paid.move_id
                 WHERE paid.company_id = %(company)s AND paid.state = ANY(%(live)s)
                """,
                company=company.id,
                live=list(LIVE),
            )
        )

    def _get_others(self, company, column):
        """Return entries of the funds that are none of ours, nor take one back."""
        return self.env.execute_query(
            SQL(
                """
                WITH ours AS (
                    SELECT move_id FROM beneficiary_donation
                     WHERE company_id = %(company)s
                     UNION
                    SELECT move_id FROM beneficiary_fund_transfer
                     WHERE company_id = %(company)s
                     UNION
                    SELECT move_id FROM beneficiary_disbursement
                     WHERE company_id = %(company)s
                )
                SELECT move.date,
                       CASE WHEN SUM(line.amount) > 0 THEN 'in' ELSE 'out' END,
                       move.id, fund.id, NULL, ABS(SUM(line.amount))::float8, 0
                  FROM account_analytic_line line
                  JOIN beneficiary_fund fund ON fund.analytic_account_id = %(plan)s
                  JOIN account_move_line item ON item.id = line.move_line_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE fund.company_id = %(company)s
                   AND NOT EXISTS (SELECT FROM ours WHERE ours.move_id IN
                                   (move.id, move.reversed_entry_id))
              GROUP BY move.date, move.id, fund.id
                HAVING SUM(line.amount) <> 0
                """,
                plan=SQL.identifier("line", column),
                company=company.id,
            )
        )

    # === Answers === #

    @api.model
    def _open_request(self, request):
        """Show from which donations a request was paid.

        :param request: one ``beneficiary.aid.request`` the user may read
        :return: a window
        """
        self._check_reader()
        live = request.disbursement_ids.filtered(lambda one: one.state in LIVE)
        paid = self._trace(request.company_id)
        values = [
            {"disbursement_id": one.id, "donation_id": source, "amount": amount}
            for one in live.sorted("id")
            for source, amount in paid.get(one.id, {}).items()
        ]
        return self._open(
            {
                "company_id": request.company_id.id,
                "request_id": request.id,
                "amount": sum(live.mapped("amount")),
            },
            values,
            self.env._("Cost of %(number)s", number=request.name),
        )

    @api.model
    def _open_donation(self, donation):
        """Show what a donation did.

        :param donation: one ``beneficiary.donation`` the user may read
        :return: a window
        """
        self._check_reader()
        return self._open(
            {
                "company_id": donation.company_id.id,
                "donation_id": donation.id,
                "amount": donation.amount,
            },
            [
                {"disbursement_id": use, "donation_id": donation.id, "amount": amount}
                for use, amount in self._get_uses(donation)
            ],
            self.env._("Use of %(number)s", number=donation.name or ""),
        )

    @api.model
    def _get_uses(self, donation):
        """Return what a donation paid: ``[(disbursement id, amount)]``."""
        paid = self._trace(donation.company_id)
        return [
            (use, sources[donation.id])
            for use, sources in sorted(paid.items())
            if donation.id in sources
        ]

    def _open(self, vals, lines, name):
        currency = self.env["res.company"].browse(vals["company_id"]).currency_id
        trace = self.create(
            {
                **vals,
                "traced": currency.round(sum(line["amount"] for line in lines)),
                "line_ids": [fields.Command.create(line) for line in lines],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "res_id": trace.id,
            "view_mode": "form",
            "target": "new",
        }


class BeneficiaryMoneyTraceLine(models.TransientModel):
    """A part of a disbursement that one donation paid."""

    _name = "beneficiary.money.trace.line"
    _description = "Part of the Way of the Money"

    trace_id = fields.Many2one(
        comodel_name="beneficiary.money.trace", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="trace_id.currency_id")
    disbursement_id = fields.Many2one(comodel_name="beneficiary.disbursement")
    date = fields.Date(related="disbursement_id.date")
    fund_id = fields.Many2one(related="disbursement_id.fund_id")
    aid_type_id = fields.Many2one(related="disbursement_id.aid_type_id")
    donation_id = fields.Many2one(
        comodel_name="beneficiary.donation",
        help="Empty: an opening balance, or an entry an accountant made by hand.",
    )
    amount = fields.Monetary()


class BeneficiaryAidRequest(models.Model):
    _inherit = "beneficiary.aid.request"

    def action_open_cost(self):
        """Show what the request cost, and from which donations.

        :return: a window
        :raise AccessError: for whoever does not read the reports on aid
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["beneficiary.money.trace"]._open_request(self)


class BeneficiaryDonation(models.Model):
    _inherit = "beneficiary.donation"

    def action_open_use(self):
        """Show what the donation did.

        :return: a window
        :raise AccessError: for whoever does not read the reports on aid
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["beneficiary.money.trace"]._open_donation(self)

    def _use_html(self):
        """Return what the donation did, for its donor: by kind of aid and month.

        Nobody who was helped is named or counted.

        :rtype: Markup
        """
        self.ensure_one()
        donation = self.with_context(lang=self._paper_donor_lang())
        env, currency = donation.env, donation.currency_id
        uses = env["beneficiary.money.trace"]._get_uses(donation)
        sums = {}
        # The kind of aid and the month, nothing of the person.
        aid = env["beneficiary.disbursement"].sudo()
        for use, amount in uses:
            one = aid.browse(use)
            key = (one.date.strftime("%Y-%m"), one.aid_type_id.name)
            sums[key] = sums.get(key, 0.0) + amount
        spent = currency.round(sum(sums.values()))
        facts = [
            (env._("Receipt"), donation.name),
            (env._("Received on"), donation._paper_day(donation.date)),
            (env._("For the fund"), donation.fund_id.name),
            (env._("Amount"), currency.format(donation.amount)),
            (env._("Spent on aid so far"), currency.format(spent)),
        ]
        rows = [
            (month, name, currency.format(amount))
            for (month, name), amount in sorted(sums.items())
        ]
        head = [env._("Month"), env._("Aid"), env._("Amount")]
        return donation._paper_html(
            env._("What Your Donation Did"),
            donation.name or "",
            fields.Date.context_today(donation),
            [
                donation._paper_section("donation", False, facts),
                donation._paper_section("use", env._("Aid"), rows, "table", head),
            ],
            # The name of the association is public.
            closing=donation.sudo().company_id.name,
        )
