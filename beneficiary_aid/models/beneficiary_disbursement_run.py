from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.base_iban.models.res_partner_bank import validate_iban


class BeneficiaryDisbursement(models.Model):
    """A disbursement that is paid in a batch."""

    _inherit = "beneficiary.disbursement"

    attempt_ids = fields.One2many(
        comodel_name="beneficiary.disbursement.batch.line",
        inverse_name="disbursement_id",
        string="Attempts",
    )
    batch_id = fields.Many2one(
        comodel_name="beneficiary.disbursement.batch",
        compute="_compute_batch_id",
        compute_sudo=True,
        help="The batch in which it is being paid.",
    )
    is_in_batch = fields.Boolean(
        compute="_compute_batch_id",
        compute_sudo=True,
        search="_search_is_in_batch",
    )
    is_rejected = fields.Boolean(
        string="Rejected by the Bank",
        compute="_compute_is_rejected",
        store=True,
        help="The bank returned the last payment. The debt is due again; the fund "
        "promises nothing a second time.",
    )
    rejection_reason = fields.Char(
        compute="_compute_rejection_reason", compute_sudo=True
    )

    # === Compute === #

    @api.depends("attempt_ids.is_live")
    def _compute_batch_id(self):
        for disbursement in self:
            live = disbursement.attempt_ids.filtered("is_live")
            disbursement.batch_id = live.batch_id
            disbursement.is_in_batch = bool(live)

    @api.model
    def _search_is_in_batch(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        # Also for whoever reads disbursements and no batches.
        live = Domain("attempt_ids", "any!", [("is_live", "=", True)])
        return live if True in value else ~live

    @api.depends("attempt_ids.outcome")
    def _compute_state(self):
        return super()._compute_state()

    @api.depends("attempt_ids.outcome")
    def _compute_amount_paid(self):
        return super()._compute_amount_paid()

    def _get_settlement(self):
        settled = super()._get_settlement()
        # An item of a batch is proven by the bank line of its batch.
        for attempt in self.attempt_ids:
            if attempt.outcome == "paid" and attempt.is_live:
                proven = min(attempt.amount, settled["sent"])
                settled["sent"] -= proven
                settled["paid"] += proven
        return settled

    @api.depends("attempt_ids.outcome", "attempt_ids.is_live", "state")
    def _compute_is_rejected(self):
        for disbursement in self:
            last = disbursement.attempt_ids.sorted("id")[-1:]
            disbursement.is_rejected = (
                disbursement.state == "due" and last.outcome == "rejected"
            )

    @api.depends("is_rejected")
    def _compute_rejection_reason(self):
        for disbursement in self:
            attempts = disbursement.attempt_ids.sorted("id")
            disbursement.rejection_reason = (
                attempts[-1:].rejection_reason if disbursement.is_rejected else False
            )

    # === Actions === #

    def action_post(self):
        self._check_not_in_batch()
        return super().action_post()

    def action_cancel(self):
        self._check_not_in_batch()
        return super().action_cancel()

    def action_reverse(self):
        self._check_not_in_batch()
        return super().action_reverse()

    def action_add_to_batch(self):
        """Put disbursements into a new batch, and open it.

        :raise UserError: when some are in a batch already, or not ready
        """
        self._check_role("beneficiary_aid.group_finance_clerk")
        self._check_not_in_batch()
        batch = self.env["beneficiary.disbursement.batch"].create(
            {"company_id": self.company_id.id}
        )
        batch._add(self)
        return batch._get_records_action(name=self.env._("Disbursement Batch"))

    def action_open_batch(self):
        """Open the batch in which it is being paid."""
        self.ensure_one()
        self.check_access("read")
        return self.batch_id._get_records_action(name=self.env._("Disbursement Batch"))

    # === Guards === #

    def _check_not_in_batch(self):
        """Refuse to treat by itself what is being paid with others."""
        # The guard meets everybody, also one who may not read batches.
        for disbursement in self.sudo():
            if disbursement.is_in_batch:
                raise UserError(
                    self.env._(
                        "%(number)s is in the batch %(batch)s. Take it out of the "
                        "batch first.",
                        number=disbursement.name,
                        batch=disbursement.batch_id.name,
                    )
                )

    def _check_may_release(self, user):
        self._check_not_in_batch()
        return super()._check_may_release(user)

    def _note_release(self, user):
        self.filtered(lambda one: not one._is_paid_by_batch())._check_not_in_batch()
        return super()._note_release(user)

    def _is_paid_by_batch(self):
        """Whether single payments are made for its batch, by another addon."""
        return False

    def _get_batch_refusals(self, batch):
        """Why disbursements cannot be paid in a batch, whoever pays.

        A fixed number of queries, whatever the number of payees.

        :return: ``{disbursement: reason}``
        """
        reasons = self._get_hold_refusals() | self._get_scope_refusals()
        for disbursement in self:
            reason = (
                disbursement._get_batch_refusal(batch)
                or reasons.get(disbursement)
                or disbursement._get_account_refusal()
            )
            if reason:
                reasons[disbursement] = reason
        return reasons

    def _get_batch_refusal(self, batch):
        """Why the debt itself cannot be paid in a batch, or ``None``."""
        self.ensure_one()
        if self.company_id != batch.company_id:
            return self.env._(
                "%(number)s belongs to another company.", number=self.name
            )
        if self.state == "draft" and not self.move_id:
            return self._get_post_refusal()
        if self.state != "due":
            return self._already_words()
        item = self.move_line_id
        if item.company_currency_id.compare_amounts(-item.amount_residual, self.amount):
            return self.env._(
                "%(number)s: a part of it is paid already. Pay the rest by itself.",
                number=self.name,
            )
        return None

    def _get_paid_to(self):
        """Where the money goes, as it is signed for."""
        self.ensure_one()
        return self.payee_bank_id.sanitized_acc_number or ""

    def _check_account_given(self):
        """Refuse to pay to a bank account that cannot take the money.

        A payee without an account is paid in another way, by cheque for example.

        :raise UserError: naming the disbursement and the remedy
        """
        for disbursement in self.filtered("payee_bank_id"):
            reason = disbursement._get_account_refusal()
            if reason:
                raise UserError(reason)

    def _get_account_refusal(self):
        """Why the bank account of the payee cannot be used, or ``None``."""
        self.ensure_one()
        # Whoever pays may not read the accounts of every contact.
        account = self.payee_bank_id.sudo()
        if not account:
            return self.env._(
                "%(number)s: the payee has no bank account. Enter the IBAN on the "
                "file.",
                number=self.name,
            )
        if not account.active:
            return self.env._(
                "%(number)s: the bank account of the payee is archived. Choose another "
                "one.",
                number=self.name,
            )
        currency = self.currency_id
        if account.currency_id and account.currency_id != currency:
            return self.env._(
                "%(number)s: the bank account of the payee is in another currency. Aid "
                "is paid in %(currency)s.",
                number=self.name,
                currency=currency.name,
            )
        try:
            validate_iban(account.sanitized_acc_number)
        except ValidationError:
            return self.env._(
                "%(number)s: the IBAN of the payee is not valid. Correct it on the "
                "file.",
                number=self.name,
            )
        return None

    # === Reconciliation === #

    def _get_items_for_bank(self):
        """Items that a bank line has still to prove: of a payment, or of a batch that
        the bank shows payee by payee."""
        self.ensure_one()
        attempts = self.attempt_ids.filtered(
            lambda attempt: attempt.batch_id.booking == "line"
        )
        returned = attempts.rejection_line_id.move_id.line_ids.filtered(
            lambda item: (
                item.name == self.name and item.account_type != "liability_payable"
            )
        )
        payments = self.move_line_id.matched_debit_ids.debit_move_id.payment_id
        liquidity = self.env["account.move.line"]
        for payment in payments:
            liquidity |= payment._seek_for_lines()[0]
        return (attempts.bank_item_id | returned | liquidity).filtered(
            lambda item: not item.reconciled and item.parent_state == "posted"
        )

    # === Reversing === #

    def _reverse_entries(self):
        shared_moves = {
            move
            for move, count in self.sudo()._read_group(
                [("move_id", "in", self.move_id.ids)], ["move_id"], ["__count"]
            )
            if count > 1
        }
        shared = self.filtered(lambda one: one.move_id in shared_moves)
        result = super(BeneficiaryDisbursement, self - shared)._reverse_entries()
        shared._reverse_own_item()
        return result

    def _reverse_own_item(self):
        """Reverse one payee of a batch: the entry of the others stays."""
        for disbursement in self:
            amount, fund = disbursement.amount, disbursement.fund_id
            item = disbursement.move_line_id
            vals = disbursement.company_id._beneficiary_entry(
                fields.Date.context_today(disbursement),
                disbursement.name,
                [
                    {
                        "account_id": item.account_id.id,
                        "partner_id": item.partner_id.id,
                        "debit": amount,
                    },
                    {
                        "account_id": disbursement._get_charged_account().id,
                        "credit": amount,
                        "analytic_distribution": fund._distribution(),
                    },
                ],
                journal=disbursement.move_id.journal_id,
            )
            vals["ref"] = self.env._("Reversal of %(number)s", number=disbursement.name)
            move = self.env["account.move"].create(vals)
            move.action_post()
            # After posting: Odoo would match the whole entry with its reversal.
            move.reversed_entry_id = disbursement.move_id
            payable = move.line_ids.filtered(lambda line: line.debit)
            (item | payable).reconcile()

    def _get_charged_account(self):
        """The account its entry charged, and not the one the aid type has today."""
        self.ensure_one()
        if self.expense_account_id:
            return self.expense_account_id
        # Posted before the account was noted: its fund may be charged on one only.
        # Nobody may read analytic accounts to take money back.
        own_sudo = self.sudo()
        fund = own_sudo.fund_id.analytic_account_id
        accounts = own_sudo.move_id.line_ids.filtered(
            lambda line: line.debit and fund in line.distribution_analytic_account_ids
        ).account_id
        account = accounts if len(accounts) == 1 else self._get_expense_account()
        return account.with_env(self.env)
