import base64
import hashlib

from odoo import fields, models
from odoo.exceptions import UserError

# A payment order makes a payment for each payee: beyond this it takes minutes.
MOST_PAYEES = 300


class BeneficiaryDisbursementBatch(models.Model):
    """A batch that is paid by a payment order, for banks that take its file.

    Gathering, preparing and the two signatures are those of every batch; the order
    takes the place of the outgoing entry and of the bank sheet.
    """

    _inherit = "beneficiary.disbursement.batch"

    payment_mode_id = fields.Many2one(
        comodel_name="account.payment.mode",
        check_company=True,
        ondelete="restrict",
        domain="[('payment_type', '=', 'outbound'), ('payment_order_ok', '=', True)]",
        help="Choose one to pay by a payment order (up to 300 payees). Empty: by the "
        "bank sheet.",
    )
    payment_order_id = fields.Many2one(
        comodel_name="account.payment.order",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # === CRUD === #

    def _check_vals(self, vals):
        if "payment_order_id" in vals and not self.env.su:
            raise UserError(self.env._("The payment order of a batch is not typed in."))
        return super()._check_vals(vals)

    def write(self, vals):
        if "payment_mode_id" in vals:
            self._check_open_for_payees()
        return super().write(vals)

    # === Actions === #

    def action_open_payment_order(self):
        """Open the payment order of the batch."""
        self.ensure_one()
        self.check_access("read")
        return self.payment_order_id._get_records_action(
            name=self.env._("Payment Order")
        )

    # === Preparing === #

    def _prepare(self):
        if self.payment_mode_id and len(self.line_ids) > MOST_PAYEES:
            raise UserError(
                self.env._(
                    "%(number)s: a payment order takes up to %(most)s payees. Use the "
                    "bank sheet, or several batches.",
                    number=self.name,
                    most=MOST_PAYEES,
                )
            )
        method = self.payment_mode_id.payment_method_id
        if self.pay_method == "card" and method.bank_account_required:
            # Its file would send the money to the bank accounts of the card holders.
            raise UserError(
                self.env._(
                    "%(number)s loads cards, and the payment mode %(mode)s pays to "
                    "bank accounts. Choose a mode without a bank account, or the load "
                    "file alone.",
                    number=self.name,
                    mode=self.payment_mode_id.display_name,
                )
            )
        return super()._prepare()

    # === Paying === #

    def _pay_slice(self):
        if not self.payment_mode_id:
            return super()._pay_slice()
        self._touch()
        if not self.payment_order_id:
            # Two people released the batch; they need not manage payment orders.
            self.sudo().payment_order_id = self.sudo()._create_payment_order()
        # Steps are not typed in.
        self.sudo().step = "released"
        return False

    def _create_payment_order(self):
        """A confirmed order with a line for each payee."""
        order = self.env["account.payment.order"].create(
            {
                "payment_mode_id": self.payment_mode_id.id,
                "payment_type": "outbound",
                "journal_id": self.journal_id.id,
                "company_id": self.company_id.id,
                "date_prefered": "fixed",
                "date_scheduled": max(self.date, fields.Date.context_today(self)),
                "description": self.name,
            }
        )
        self.env["account.payment.line"].create(
            [
                {
                    **line.disbursement_id.move_line_id._prepare_payment_line_vals(
                        order
                    ),
                    # Words for the payee are our number; the account is the one
                    # both people signed for.
                    "communication": line.disbursement_id.name,
                    "partner_bank_id": self.pay_method == "transfer"
                    and line.payee_bank_id.id,
                }
                for line in self.line_ids
            ]
        )
        order.draft2open()
        return order

    # === File === #

    def _export(self):
        if not self.payment_order_id:
            return super()._export()
        self._check_content()
        # The releaser is checked above; he need not manage payment orders.
        order_sudo = self.payment_order_id.sudo()
        if order_sudo.state == "open":
            order_sudo.open2generated()
        attachment_sudo = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", order_sudo._name),
                    ("res_id", "=", order_sudo.id),
                    ("res_field", "=", False),
                ],
                order="id desc",
                limit=1,
            )
        )
        content = attachment_sudo.raw or self._write_without_handler()
        # The file and its seal are not typed in.
        self.sudo().write(
            {
                "export_file": base64.b64encode(content),
                "export_filename": attachment_sudo.name or self._get_export_filename(),
                "export_hash": hashlib.sha256(content).hexdigest(),
                "export_count": self.control_count,
                "export_amount": self.control_amount,
                "exported_on": fields.Datetime.now(),
                "exported_by_id": self.env.uid,
            }
        )
        # Its payments are made and meet the debts: the payees are sent.
        order_sudo.generated2uploaded()
        self.sudo().step = "exported"
        return None

    def _write_without_handler(self):
        """The bank sheet, for a payment method that makes no file of its own."""
        if not self.sheet_id:
            raise UserError(
                self.env._(
                    "%(number)s: the payment mode %(mode)s makes no file, and no bank "
                    "sheet is chosen.",
                    number=self.name,
                    mode=self.payment_mode_id.display_name,
                )
            )
        return self.sheet_id._write(self)

    def _remove_bank_files(self):
        """Remove the order's own copy of the file, too: it names the same people."""
        for batch_sudo in self.sudo().filtered("payment_order_id"):
            content = batch_sudo.with_context(bin_size=False).export_file
            order = batch_sudo.payment_order_id
            attachments = self.env["ir.attachment"].sudo()
            attachments.search(
                [
                    ("res_model", "=", order._name),
                    ("res_id", "=", order.id),
                    ("res_field", "=", False),
                    (
                        "checksum",
                        "=",
                        attachments._compute_checksum(base64.b64decode(content or b"")),
                    ),
                ]
            ).unlink()
        return super()._remove_bank_files()

    # === Answer === #

    def _reject(self, reasons):
        if not self.payment_order_id:
            return super()._reject(reasons)
        lines = self.env["beneficiary.disbursement.batch.line"].concat(*reasons)
        payments_sudo = self.env["account.payment"].sudo()
        for line in lines.sudo():
            payments_sudo |= line._get_order_payment()
        # Numbered already: the entries are reversed, so that no number is missing.
        payments_sudo.action_reject()
        payments_sudo.move_id._reverse_moves(
            [{"ref": self._get_rejection_ref()} for _payment in payments_sudo],
            cancel=True,
        )
        # What the bank said is not typed in; the caller checked role and file.
        for line in lines.sudo():
            line.write({"rejection_reason": reasons[line], "is_live": False})
        return self.env["account.move"]
