from odoo import fields, models
from odoo.tools import SQL


class BeneficiaryFundCounter(models.Model):
    """What a fund holds and what of it is promised, as one row to lock.

    The ledger says what a fund holds; this row repeats it so that two sessions
    cannot promise the same money. Every change is one UPDATE of the row: of two
    transactions that started from the same figures, PostgreSQL lets the second one
    fail with a serialization error and Odoo runs it again on the new figures. A lock
    followed by a sum would not do: cursors are REPEATABLE READ, and the sum would
    still see the old rows.

    Lock order, everywhere: request, then the numbering of the journal, then the
    counters by the id of their fund. Only the methods of this model write the
    table; people have read access only.
    """

    _name = "beneficiary.fund.counter"
    _description = "Fund Counter"
    _rec_name = "fund_id"
    _log_access = False

    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        required=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="fund_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="fund_id.currency_id")
    balance = fields.Monetary(required=True, default=0.0, readonly=True)
    committed = fields.Monetary(required=True, default=0.0, readonly=True)
    overdrawn = fields.Boolean(required=True, default=False, readonly=True)

    _fund_uniq = models.UniqueIndex("(fund_id)", "A fund has one counter.")
    _balance_bounds = models.Constraint(
        "CHECK(balance > -1e15 AND balance < 1e15)",
        "The balance of the fund is out of bounds.",
    )
    _committed_bounds = models.Constraint(
        "CHECK(committed >= 0 AND committed < 1e15)",
        "What a fund has promised can be neither negative nor without bounds.",
    )
    _committed_covered = models.Constraint(
        "CHECK(overdrawn IS TRUE OR committed <= balance)",
        "A fund cannot promise more than it holds.",
    )

    # === The only writers of the table === #

    def _take(self, fund, amount):
        """Promise an amount, provided that it is free and the fund not overdrawn.

        ``overdrawn`` is left alone, so that the CHECK stays the last word.

        :return: whether the amount was taken
        """
        return self._update_row(
            fund,
            SQL("committed = c.committed + %s", amount),
            SQL("NOT c.overdrawn AND c.committed + %s <= c.balance", amount),
        )

    def _give_back(self, fund, amount):
        """Take back a promise; heals an overdrawn fund when it is enough.

        :return: whether so much was promised
        """
        return self._update_row(
            fund,
            SQL(
                "committed = c.committed - %(amount)s,"
                " overdrawn = (c.committed - %(amount)s > c.balance)",
                amount=amount,
            ),
            SQL("c.committed >= %s", amount),
        )

    def _settle(self, fund, promised, extra):
        """Close promises whose payment has just lowered the balance.

        :param promised: what was promised before
        :param extra: what the payment took beyond it; it must have been free
        :return: whether the fund held the money
        """
        where = SQL("c.committed >= %s AND c.balance >= 0", promised)
        if extra:
            where = SQL("%s AND c.committed - %s <= c.balance", where, promised)
        return self._update_row(
            fund,
            SQL(
                "committed = c.committed - %(promised)s,"
                " overdrawn = (c.committed - %(promised)s > c.balance)",
                promised=promised,
            ),
            where,
        )

    def _follow(self, fund, amount):
        """Add what the ledger just gained or lost. Never refuses: an accountant is
        not blocked by a fund, the fund is marked overdrawn instead."""
        return self._update_row(
            fund,
            SQL(
                "balance = c.balance + %(amount)s,"
                " overdrawn = (c.committed > c.balance + %(amount)s)",
                amount=amount,
            ),
            SQL("TRUE"),
        )

    def _correct(self, fund, balance, committed):
        """Set both figures to what the ledger and the requests say."""
        return self._update_row(
            fund,
            SQL(
                "balance = %(balance)s, committed = %(committed)s,"
                " overdrawn = (%(committed)s > %(balance)s)",
                balance=balance,
                committed=committed,
            ),
            SQL("TRUE"),
        )

    def _update_row(self, fund, assignments, where):
        """Run one UPDATE of the counter of one fund.

        No savepoint and no ``except`` here: a serialization error has to reach
        Odoo's retry.

        :return: whether the row was changed
        :rtype: bool
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE beneficiary_fund_counter AS c
                   SET %(assignments)s
                  FROM beneficiary_fund_counter AS old
                 WHERE c.fund_id = %(fund)s AND old.id = c.id AND %(where)s
             RETURNING c.overdrawn, old.overdrawn
                """,
                assignments=assignments,
                fund=fund.id,
                where=where,
            )
        )
        self.invalidate_model(["balance", "committed", "overdrawn"])
        fund.invalidate_model(["balance", "committed", "free", "overdrawn"])
        for overdrawn, was_overdrawn in rows:
            if overdrawn and not was_overdrawn:
                fund._log_overdrawn()
        return bool(rows)
