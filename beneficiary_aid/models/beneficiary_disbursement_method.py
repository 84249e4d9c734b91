from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

METHODS = [
    ("transfer", "Bank Transfer"),
    ("cheque", "Cheque"),
    ("card", "Prepaid Card"),
]


class BeneficiaryDisbursement(models.Model):
    """How a payee gets the money: by transfer, by cheque, or onto a prepaid card.

    There is no cash box. Whatever the method, what is owed, the fund's promise and
    the state follow the ledger: a cheque that was handed out is *sent*, and *paid*
    when the bank statement shows it.
    """

    _inherit = "beneficiary.disbursement"

    pay_method = fields.Selection(
        selection=METHODS, string="Paid by", required=True, default="transfer"
    )
    card_id = fields.Many2one(
        comodel_name="beneficiary.aid.card",
        string="Prepaid Card",
        compute="_compute_card_id",
        store=True,
        precompute=True,
        readonly=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active')]",
    )
    cheque_ids = fields.Many2many(
        comodel_name="beneficiary.cheque",
        relation="beneficiary_cheque_disbursement_rel",
        column1="disbursement_id",
        column2="cheque_id",
        string="Cheques",
        readonly=True,
        copy=False,
    )

    # === Compute === #

    @api.depends("pay_method", "request_id")
    def _compute_card_id(self):
        by_card = self.filtered(lambda one: one.pay_method == "card")
        cards = (
            self.env["beneficiary.aid.card"]
            .search(
                [
                    ("beneficiary_id", "in", by_card.beneficiary_id.ids),
                    ("state", "=", "active"),
                ]
            )
            .grouped("beneficiary_id")
        )
        (self - by_card).card_id = False
        for disbursement in by_card:
            if not disbursement.card_id:
                own = cards.get(disbursement.beneficiary_id._origin)
                disbursement.card_id = own[:1] if own else False

    # === Constraints === #

    @api.constrains("pay_method", "card_id", "payee_id", "request_id")
    def _check_card(self):
        for disbursement in self:
            card = disbursement.card_id
            if disbursement.pay_method != "card" or not card:
                continue
            holder = card.beneficiary_id
            if (
                holder != disbursement.beneficiary_id
                or disbursement.payee_id != holder.partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(number)s: a card is loaded for the person who holds it, "
                        "and for nobody else.",
                        number=disbursement.display_name,
                    )
                )

    # === CRUD === #

    def write(self, vals):
        if vals.keys() & {"pay_method", "card_id"} and not self.env.su:
            for disbursement in self:
                if disbursement.state not in ("draft", "due"):
                    raise UserError(
                        self.env._(
                            "%(number)s is %(state)s: how it was paid stays.",
                            number=disbursement.name,
                            state=disbursement._get_state_label(),
                        )
                    )
        return super().write(vals)

    # === Releasing === #

    def _check_may_release(self, user):
        for disbursement in self:
            reason = disbursement._get_card_refusal()
            if reason:
                raise UserError(reason)
        return super()._check_may_release(user)

    def _get_card_refusal(self):
        """Why the card cannot be loaded, or ``None``."""
        self.ensure_one()
        if self.pay_method != "card":
            return None
        # Whoever pays may not read every card.
        card = self.card_id.sudo()
        if not card:
            return self.env._(
                "%(number)s: the person has no card. Enter it on the file, or choose "
                "another way to pay.",
                number=self.name,
            )
        if card.state != "active":
            return self.env._(
                "%(number)s: the card %(card)s is blocked. Choose another one.",
                number=self.name,
                card=card.display_name,
            )
        return None

    # === Batches === #

    def _get_account_refusal(self):
        if self.pay_method == "card":
            return self._get_card_refusal()
        return super()._get_account_refusal()

    def _get_paid_to(self):
        if self.pay_method == "card":
            # As for the bank account.
            return self.card_id.sudo().reference or ""
        return super()._get_paid_to()

    def _get_batch_refusal(self, batch):
        if self.pay_method != batch.pay_method:
            return self.env._(
                "%(number)s is paid by another method than the batch. A cheque is "
                "written by itself, cards have a batch of their own.",
                number=self.name,
            )
        return super()._get_batch_refusal(batch)


class BeneficiaryDisbursementBatch(models.Model):
    """A batch of transfers, or of loads of prepaid cards."""

    _inherit = "beneficiary.disbursement.batch"

    pay_method = fields.Selection(
        selection=[method for method in METHODS if method[0] != "cheque"],
        string="Paid by",
        required=True,
        default="transfer",
        tracking=True,
        help="Cards: the file goes to whoever issues them, and needs no IBAN.",
    )

    @api.depends("pay_method")
    def _compute_sheet_id(self):
        return super()._compute_sheet_id()

    def write(self, vals):
        if "pay_method" in vals:
            self._check_open_for_payees()
        return super().write(vals)

    def _get_ready_domain(self):
        return super()._get_ready_domain() & Domain("pay_method", "=", self.pay_method)


class BeneficiaryDisbursementBatchLine(models.Model):
    _inherit = "beneficiary.disbursement.batch.line"

    pay_method = fields.Selection(related="disbursement_id.pay_method")
    card_id = fields.Many2one(related="disbursement_id.card_id")


class BeneficiaryBankSheet(models.Model):
    """The load file for prepaid cards is a sheet like that of a bank."""

    _inherit = "beneficiary.bank.sheet"

    pay_method = fields.Selection(
        selection=[method for method in METHODS if method[0] != "cheque"],
        string="For Batches of",
        required=True,
        default="transfer",
    )

    def _may_serve(self, batch):
        return super()._may_serve(batch) and self.pay_method == batch.pay_method


class BeneficiaryBankSheetColumn(models.Model):
    _inherit = "beneficiary.bank.sheet.column"

    content = fields.Selection(
        selection_add=[
            ("card", "Reference of the card"),
            ("card_last", "Last four digits of the card"),
        ],
        ondelete={"card": "cascade", "card_last": "cascade"},
    )

    def _get_texts(self, line):
        card = line.card_id
        return super()._get_texts(line) | {
            "card": card.reference,
            "card_last": card.last_digits,
        }
