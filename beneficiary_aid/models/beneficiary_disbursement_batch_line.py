from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryDisbursementBatchLine(models.Model):
    """One attempt to pay one disbursement.

    A payment the bank rejected stays on its batch with the reason, and the
    disbursement is paid again by a line of another batch: it has several attempts and
    one live one. What became of an attempt is read from the ledger.
    """

    _name = "beneficiary.disbursement.batch.line"
    _description = "Payee of a Disbursement Batch"
    _order = "batch_id, id"
    _check_company_auto = True
    _rec_name = "disbursement_id"

    _never_typed = frozenset(
        {
            "bank_answer",
            "bank_item_id",
            "is_live",
            "payment_line_id",
            "rejection_line_id",
            "rejection_reason",
        }
    )

    batch_id = fields.Many2one(
        comodel_name="beneficiary.disbursement.batch",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="batch_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    amount = fields.Monetary(
        related="disbursement_id.amount", store=True, precompute=True
    )
    payee_id = fields.Many2one(related="disbursement_id.payee_id")
    payee_bank_id = fields.Many2one(related="disbursement_id.payee_bank_id")
    fund_id = fields.Many2one(related="disbursement_id.fund_id")
    request_id = fields.Many2one(related="disbursement_id.request_id")
    disbursement_state = fields.Selection(
        related="disbursement_id.state", string="Disbursement Status"
    )
    is_live = fields.Boolean(
        default=True,
        required=True,
        readonly=True,
        copy=False,
        help="Not rejected and not cancelled: the disbursement is in no other batch.",
    )
    payment_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Payment Item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    bank_item_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Item for the Bank",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    rejection_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Returned Item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    bank_answer = fields.Selection(
        selection=[("paid", "Executed"), ("rejected", "Rejected")],
        string="Answer of the Bank",
        readonly=True,
        copy=False,
        help="What the result file says. Only the bank statement proves a payment.",
    )
    rejection_reason = fields.Char(readonly=True, copy=False)
    outcome = fields.Selection(
        selection=[
            ("waiting", "Not Paid Yet"),
            ("sent", "Sent"),
            ("paid", "Paid"),
            ("rejected", "Rejected"),
        ],
        compute="_compute_outcome",
        store=True,
        index=True,
        help="Read from the ledger.",
    )

    _disbursement_uniq = models.UniqueIndex(
        "(disbursement_id) WHERE is_live IS TRUE",
        "A disbursement is in another batch already. Finish or cancel that one first.",
    )
    _rejected_not_live = models.Constraint(
        "CHECK(rejection_line_id IS NULL OR is_live IS NOT TRUE)",
        "A rejected payment is not live.",
    )

    # === Compute === #

    @api.depends(
        "payment_line_id.parent_state",
        "payment_line_id.reconciled",
        "payment_line_id.matched_credit_ids.credit_move_id",
        "bank_item_id.reconciled",
        "bank_item_id.matched_debit_ids.debit_move_id.parent_state",
        "rejection_line_id.parent_state",
    )
    def _compute_outcome(self):
        # The ledger as it is, whoever looks; one item may stand for a whole batch.
        lines_sudo = self.sudo()
        proven = {item: lines_sudo._is_proven(item) for item in lines_sudo.bank_item_id}
        for line, line_sudo in zip(self, lines_sudo, strict=True):
            payment = line_sudo.payment_line_id
            if line_sudo.rejection_line_id.parent_state == "posted":
                line.outcome = "rejected"
            elif not payment.reconciled or (
                line_sudo.disbursement_id.move_line_id
                not in payment.matched_credit_ids.credit_move_id
            ):
                line.outcome = "waiting"
            elif proven.get(line_sudo.bank_item_id):
                line.outcome = "paid"
            else:
                line.outcome = "sent"

    @api.model
    def _is_proven(self, item):
        """Whether the bank statement, less what was returned, shows an item whole."""
        counterparts = item.matched_debit_ids.debit_move_id
        on_bank = counterparts.filtered("statement_line_id")
        others = counterparts - on_bank
        return bool(
            item.reconciled
            and on_bank
            and all(line.parent_state == "posted" for line in counterparts)
            and all(self._is_returned(line) for line in others)
        )

    @api.model
    def _is_returned(self, item):
        """Whether an item is of money that a batch took back."""
        return bool(
            self.env["beneficiary.disbursement.batch.line"]
            .sudo()
            .search_count(
                [("rejection_line_id.move_id", "=", item.move_id.id)], limit=1
            )
        )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
        batches = self.env["beneficiary.disbursement.batch"].browse(
            {vals.get("batch_id") for vals in vals_list}
        )
        batches._check_open_for_payees()
        # Places given up in this transaction are free before they are taken again.
        self.flush_model(["is_live"])
        return super().create(vals_list)

    def write(self, vals):
        self._check_typed(vals)
        if vals.keys() & {"batch_id", "disbursement_id"}:
            self.batch_id._check_open_for_payees()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.batch_id._check_open_for_payees()

    def _check_typed(self, vals):
        if vals.keys() & self._never_typed and not self.env.su:
            raise UserError(
                self.env._(
                    "What becomes of a payment is read from the ledger and from the "
                    "answer of the bank; it is not typed in."
                )
            )

    # === Actions === #

    def action_open_disbursement(self):
        """Open the disbursement of the line."""
        self.ensure_one()
        self.check_access("read")
        return self.disbursement_id._get_records_action(name=self.env._("Disbursement"))
