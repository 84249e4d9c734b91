from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.write_each import write_each

# Payees of one slice: what is lost at most when the server is stopped.
SLICE = 1000
# An entry that is being made: unbalanced until its last payee is in it, and with
# nothing to look up for single items.
BUILDING = {
    "beneficiary_slice": True,
    "check_move_validity": False,
    "skip_invoice_sync": True,
    "tracking_disable": True,
}

# Aid bears no tax: looking for cash-basis taxes payee by payee reads the whole entry
# each time. Nor does it have a rate: aid is in the currency of the company. Matching
# changes no amount: whole entries are neither balanced nor synchronised for each slice.
MATCHING = {
    "beneficiary_slice": True,
    "check_move_validity": False,
    "mail_notrack": True,
    "no_cash_basis": True,
    "no_exchange_difference": True,
    "skip_invoice_sync": True,
}


class BeneficiaryDisbursementBatch(models.Model):
    """The two entries of a batch, made payee by payee and posted whole.

    *Payable entry*: the expense of each fund, and a debt to each payee. *Outgoing
    entry*: the debts against the money on its way, which the bank statement proves.
    Their first items carry the control totals; the payees follow slice by slice.
    """

    _inherit = "beneficiary.disbursement.batch"

    def _post_entry(self, move):
        """Post an entry of the batch; Odoo checks again that it balances."""
        self._add_up(move)
        move.with_context(
            tracking_disable=True, beneficiary_batch_entry=True
        ).action_post()

    # === Payable entry === #

    def _post_slice(self):
        """Add payees to the payable entry, or post it when all are in.

        :return: whether there is more to do
        """
        self._touch()
        waiting = self._next_lines(
            [
                ("disbursement_id.state", "=", "draft"),
                ("disbursement_id.move_line_id", "=", False),
            ]
        )
        if waiting:
            if not self.entry_id or self.entry_id.state == "posted":
                self._start_payable_entry(self._get_unposted())
            self._add_payables(waiting.disbursement_id)
            return True
        unposted = self._get_unposted()
        if unposted:
            self._post_payable_entry(unposted)
        self._finish_preparing()
        return False

    def _get_unposted(self):
        return self.line_ids.disbursement_id.filtered(
            lambda disbursement: disbursement.state == "draft"
        )

    def _next_lines(self, domain):
        """Payees of the next slice; reading all of them for each would take the square
        of the time."""
        return self.env["beneficiary.disbursement.batch.line"].search(
            [("batch_id", "=", self.id), *domain], limit=SLICE, order="id"
        )

    def _start_payable_entry(self, disbursements):
        """Make the entry with what its payees will cost each account and fund."""
        costs = disbursements.grouped(
            lambda one: (one._get_expense_account(), one.fund_id)
        )
        items = [
            {
                "account_id": account.id,
                "debit": self.currency_id.round(sum(records.mapped("amount"))),
                "analytic_distribution": fund._distribution(),
            }
            for (account, fund), records in costs.items()
        ]
        # The links to the ledger are not typed in; the caller checked the role.
        self.sudo().entry_id = self._create_entry(items)
        for (account, _fund), records in costs.items():
            records_sudo = records.sudo().with_context(tracking_disable=True)
            records_sudo.expense_account_id = account

    def _create_entry(self, items):
        """A draft entry of the batch in the journal of aid."""
        return (
            self.env["account.move"]
            .with_context(**BUILDING)
            .create(self.company_id._beneficiary_entry(self.date, self.name, items))
            .with_env(self.env)
        )

    def _add_items(self, move, vals_list):
        """Add items to an entry that is being made.

        :param list vals_list: values of the items, with their ``balance``
        """
        common = {
            "move_id": move.id,
            "currency_id": self.currency_id.id,
            "date_maturity": self.date,
            # Given, so that no distribution model, tax or price is looked up.
            "analytic_distribution": False,
            "display_type": "product",
            "is_storno": False,
            "price_subtotal": 0.0,
            "price_total": 0.0,
            "tax_ids": [],
        }
        with self._at_rest(move):
            return (
                self.env["account.move.line"]
                .with_context(**BUILDING)
                .create(
                    [
                        {**common, "amount_currency": vals["balance"], **vals}
                        for vals in vals_list
                    ]
                )
            )

    @contextmanager
    def _at_rest(self, moves):
        """Leave the figures of whole entries alone while a slice is done.

        They would be added up again from all items for every slice, which takes the
        square of the time. :meth:`_add_up` does it when the last slice is in.
        """
        with self.env.protecting(self._get_figures(), moves):
            yield
            # Figures that follow from the slice are left alone here, and not later.
            self.with_context(beneficiary_slice=True).env.flush_all()

    def _add_up(self, moves):
        """Add up the figures of whole entries from their items."""
        for field in self._get_figures():
            self.env.add_to_compute(field, moves)

    @api.model
    def _get_figures(self):
        """Return the stored fields of an entry that follow from its items."""
        depends = self.env.registry.field_depends
        return [
            field
            for field in self.env["account.move"]._fields.values()
            if field.store
            and field.compute
            and any(path.startswith("line_ids") for path in depends[field])
        ]

    def _add_payables(self, disbursements):
        """Add what is owed to each of some payees; words are the number only."""
        accounts = {
            payee.id: self.company_id._beneficiary_payable(payee).id
            for payee in disbursements.payee_id
        }
        items = self._add_items(
            self.entry_id,
            [
                {
                    "name": disbursement.name,
                    "account_id": accounts[disbursement.payee_id.id],
                    "partner_id": disbursement.payee_id.id,
                    "balance": -disbursement.amount,
                }
                for disbursement in disbursements
            ],
        )
        # The link to the ledger is not typed in; the caller checked the role.
        disbursements_sudo = disbursements.sudo().with_context(tracking_disable=True)
        disbursements_sudo.move_id = self.entry_id
        write_each(disbursements_sudo, "move_line_id", items.ids)

    def _post_payable_entry(self, disbursements):
        """Post the entry and close the promises, in the lock order of the counter."""
        disbursements.request_id._touch_money()
        disbursements._check_ceiling()
        self._check_journal()
        self._check_complete(self.entry_id)
        disbursements.payee_id._mark_as_payees()
        self._post_entry(self.entry_id)
        disbursements = disbursements.with_context(tracking_disable=True)
        # The preparer is not typed in either.
        disbursements.sudo().write({"prepared_by_id": self.env.uid})
        for disbursement in disbursements.filtered("mandate_id"):
            # The clerk reads no mandates; that one was used is written on it.
            disbursement.mandate_id.sudo()._log_act(
                self.env._("receives %(number)s", number=disbursement.name)
            )
        disbursements._settle_promises()
        # States that follow are stored here, where no log is kept of each.
        self.env.flush_all()

    def _check_complete(self, move):
        """Refuse to post an entry whose items are not worth its control totals."""
        [[debit, credit]] = self.env["account.move.line"]._read_group(
            [("move_id", "=", move.id)], [], ["debit:sum", "credit:sum"]
        )
        if self.currency_id.compare_amounts(debit or 0.0, credit or 0.0):
            raise UserError(
                self.env._(
                    "%(number)s: the items of the payees are worth %(items)s, and the "
                    "control total is %(total)s. Stop posting and prepare the batch "
                    "again.",
                    number=self.name,
                    items=self.currency_id.format(credit or 0.0),
                    total=self.currency_id.format(debit or 0.0),
                )
            )

    def _finish_preparing(self):
        # Steps are not typed in; the caller checked the role.
        self.sudo().step = "prepared"
        if len(self.line_ids) > SLICE:
            self._analyze()

    def _drop_payable_entry(self):
        """Delete an entry that is not posted; its disbursements are drafts again."""
        move = self.entry_id
        if not move or move.state == "posted":
            return
        # The links to the ledger are not typed in; the caller checked the role.
        disbursements_sudo = self.line_ids.disbursement_id.sudo().filtered(
            lambda disbursement: disbursement.move_id == move
        )
        disbursements_sudo.with_context(tracking_disable=True).write(
            {"move_id": False, "move_line_id": False}
        )
        self.sudo().entry_id = False
        self.env.flush_all()
        move.with_context(**BUILDING).unlink()

    # === Outgoing entry === #

    def _pay_slice(self):
        """Add payees to the outgoing entry, post it, or match it with the debts.

        :return: whether there is more to do
        """
        self._touch()
        if not self.move_id:
            self._start_outgoing_entry()
        missing = self._next_lines([("payment_line_id", "=", False)])
        if missing:
            self._add_payments(missing)
            return True
        if self.move_id.state != "posted":
            self._check_journal()
            self._check_complete(self.move_id)
            self._post_entry(self.move_id)
            return True
        open_lines = self._next_lines([("payment_line_id.reconciled", "=", False)])
        if open_lines:
            self._match_payments(open_lines)
            return True
        self._add_up(self.entry_id | self.move_id)
        # Steps are not typed in; two people released the batch.
        self.sudo().step = "released"
        if len(self.line_ids) > SLICE:
            self._analyze()
        return False

    def _start_outgoing_entry(self):
        """Make the entry with the control total, when the bank shows one line."""
        items = []
        if self.booking == "total":
            items.append(
                {
                    "account_id": self._get_outstanding_account().id,
                    "credit": self.control_amount,
                    "date_maturity": self.date,
                }
            )
        move = self._create_entry(items)
        # The link to the ledger is not typed in; two people released the batch.
        self.sudo().write({"move_id": move.id, "move_line_id": move.line_ids.id})

    def _get_outstanding_account(self):
        """Where money on its way waits for the line of the bank."""
        lines = self.journal_id.outbound_payment_method_line_ids
        account = lines.payment_account_id[:1]
        # The chart's account is configuration; the caller checked the role.
        return account or self.company_id.sudo()._beneficiary_chart_outstanding(
            "outbound"
        )

    def _add_payments(self, lines):
        """Add what goes to each payee and, line by line, what the bank will show."""
        payments = self._add_items(
            self.move_id,
            [
                {
                    "name": line.disbursement_id.name,
                    "account_id": line.disbursement_id.move_line_id.account_id.id,
                    "partner_id": line.disbursement_id.payee_id.id,
                    "balance": line.amount,
                }
                for line in lines
            ],
        )
        # The links to the ledger are not typed in; two people released the batch.
        write_each(lines.sudo(), "payment_line_id", payments.ids)
        if self.booking == "line":
            account = self._get_outstanding_account()
            items = self._add_items(
                self.move_id,
                [
                    {
                        "name": line.disbursement_id.name,
                        "account_id": account.id,
                        "partner_id": line.disbursement_id.payee_id.id,
                        "balance": -line.amount,
                    }
                    for line in lines
                ],
            )
            write_each(lines.sudo(), "bank_item_id", items.ids)
        else:
            lines.sudo().bank_item_id = self.move_line_id

    def _match_payments(self, lines):
        """Match debts and payments of some payees in one plan.

        A debt that was settled otherwise meanwhile stops the batch, and is named.
        """
        reasons = [
            self.env._(
                "%(number)s is settled already by another entry. Undo that entry "
                "before the batch goes on.",
                number=line.disbursement_id.name,
            )
            for line in lines
            if line.disbursement_id.state != "due"
        ]
        self._raise_reasons(reasons)
        # The plan works in the environment of the items, and reads them together.
        items = self.env["account.move.line"].with_context(**MATCHING)
        together = (lines.disbursement_id.move_line_id | lines.payment_line_id).ids
        with self._at_rest(self.entry_id | self.move_id):
            items._reconcile_plan(
                [
                    items.browse(
                        (line.disbursement_id.move_line_id | line.payment_line_id).ids
                    ).with_prefetch(together)
                    for line in lines
                ]
            )

    # === Rejected by the bank === #

    def _reject(self, reasons):
        """Take payments back that the bank rejected: their debts are due again.

        :param dict reasons: ``{line: words of the bank}``
        """
        lines = self.env["beneficiary.disbursement.batch.line"].concat(*reasons)
        account = self._get_outstanding_account()
        today = fields.Date.context_today(self)
        move = self._create_entry([])
        move.write({"date": max(today, self.date), "ref": self._get_rejection_ref()})
        reopened = self._add_items(
            move,
            [
                {
                    "name": line.disbursement_id.name,
                    "account_id": line.payment_line_id.account_id.id,
                    "partner_id": line.payment_line_id.partner_id.id,
                    "balance": -line.amount,
                }
                for line in lines
            ],
        )
        returned = self._add_returns(move, account, lines)
        self._post_entry(move)
        partials = lines.payment_line_id.matched_credit_ids
        partials.with_context(**MATCHING).unlink()
        self.env["account.move.line"].with_context(**MATCHING)._reconcile_plan(
            [
                line.payment_line_id | item
                for line, item in zip(lines, reopened, strict=True)
            ]
            + returned
        )
        # What the bank said is not typed in; the caller checked role and file.
        lines_sudo = lines.sudo()
        lines_sudo.is_live = False
        for line, item in zip(lines_sudo, reopened, strict=True):
            line.write(
                {"rejection_line_id": item.id, "rejection_reason": reasons[line]}
            )
        return move

    def _get_rejection_ref(self):
        return self.env._("%(number)s, returned", number=self.name)

    def _add_returns(self, move, account, lines):
        """Add the money that did not leave, or came back.

        :return: pairs to match at once: payments the bank never showed
        """
        if self.booking == "total":
            self._add_items(
                move,
                [
                    {
                        "name": self.name,
                        "account_id": account.id,
                        "balance": self.currency_id.round(sum(lines.mapped("amount"))),
                    }
                ],
            )
            return []
        items = self._add_items(
            move,
            [
                {
                    "name": line.disbursement_id.name,
                    "account_id": line.bank_item_id.account_id.id,
                    "partner_id": line.payment_line_id.partner_id.id,
                    "balance": line.amount,
                }
                for line in lines
            ],
        )
        return [
            line.bank_item_id | item
            for line, item in zip(lines, items, strict=True)
            if not line.bank_item_id.reconciled
        ]
