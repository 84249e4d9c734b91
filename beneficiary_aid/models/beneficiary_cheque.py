import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits
from odoo.addons.beneficiary_relations.tools.touch import touch

from .beneficiary_disbursement import LIVE_PAYMENT_STATES

CLERK = "beneficiary_aid.group_finance_clerk"
RELEASER = "beneficiary_aid.group_finance_releaser"
NAME_LENGTH = 200
REASON_LENGTH = 300
# A cheque nobody presented for so long is looked after.
OLD_DAYS = 180
NUMBER = re.compile(r"[0-9]{1,20}")


class BeneficiaryCheque(models.Model):
    """A cheque that pays what is owed: written, handed over, cleared by the bank.

    It stands on Odoo's payment, and whether it is cleared is read from the bank
    statement. A cheque that is lost or spoilt is void: its payment is taken back, the
    debt is due again and is paid again from the same promise of the fund.

    ==================  ========  =================================================
    step                role
    ==================  ========  =================================================
    write               releaser  with the payment, see ``account.payment.register``
    hand over           clerk     with who took it, and a signature or a photo
    void                releaser  not after the bank cleared it
    ==================  ========  =================================================
    """

    _name = "beneficiary.cheque"
    _description = "Cheque Handed Out"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "number"
    _check_company_auto = True
    _mail_post_access = "read"

    number = fields.Char(required=True, readonly=True, copy=False, index="trigram")
    date = fields.Date(string="Date of the Cheque", required=True, readonly=True)
    payment_id = fields.Many2one(
        comodel_name="account.payment",
        required=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    journal_id = fields.Many2one(
        related="payment_id.journal_id", store=True, precompute=True, string="Bank"
    )
    company_id = fields.Many2one(
        related="payment_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    payee_id = fields.Many2one(
        related="payment_id.partner_id",
        store=True,
        precompute=True,
        index=True,
        string="Payee",
    )
    amount = fields.Monetary(
        related="payment_id.amount", store=True, precompute=True, string="Amount"
    )
    disbursement_ids = fields.Many2many(
        comodel_name="beneficiary.disbursement",
        relation="beneficiary_cheque_disbursement_rel",
        column1="cheque_id",
        column2="disbursement_id",
        string="Disbursements",
        readonly=True,
        check_company=True,
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        compute="_compute_beneficiary_id",
        store=True,
        index="btree_not_null",
        help="The person it is for. None for the bill of a vendor.",
    )
    state = fields.Selection(
        selection=[
            ("written", "To Hand Over"),
            ("handed", "Handed Out"),
            ("cleared", "Cleared"),
            ("void", "Void"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
        help="Cleared: the bank statement shows it.",
    )
    is_old = fields.Boolean(
        string="Waits Long", compute="_compute_is_old", search="_search_is_old"
    )

    # Handing over
    handed_on = fields.Date(readonly=True, copy=False, tracking=True)
    handed_to = fields.Char(readonly=True, copy=False)
    handed_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    signature = fields.Binary(attachment=True, readonly=True, copy=False)
    photo = fields.Binary(attachment=True, readonly=True, copy=False)

    # Void
    void_kind = fields.Selection(
        selection=[
            ("lost", "Lost"),
            ("spoilt", "Spoilt or written wrongly"),
            ("old", "Too old to be cleared"),
            ("returned", "Returned by the bank or the payee"),
        ],
        string="Why Void",
        readonly=True,
        copy=False,
        tracking=True,
    )
    void_reason = fields.Char(string="What Happened", readonly=True, copy=False)
    void_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    void_on = fields.Datetime(readonly=True, copy=False)

    _number_uniq = models.UniqueIndex(
        "(journal_id, number)",
        "A cheque of this bank with this number was written already.",
    )
    _payment_uniq = models.UniqueIndex(
        "(payment_id)", "This payment has a cheque already."
    )
    _handed_whole = models.Constraint(
        "CHECK((handed_on IS NULL) = (handed_to IS NULL)"
        " AND (handed_on IS NULL) = (handed_by_id IS NULL))",
        "Say who took the cheque, and when.",
    )
    _void_whole = models.Constraint(
        "CHECK((void_on IS NULL) = (void_kind IS NULL)"
        " AND (void_on IS NULL) = (void_by_id IS NULL))",
        "Say why the cheque is void.",
    )
    _open_idx = models.Index("(company_id, date) WHERE state IN ('written', 'handed')")

    # === Compute === #

    @api.depends("disbursement_ids.beneficiary_id", "disbursement_ids.bill_line_id")
    def _compute_beneficiary_id(self):
        for cheque in self:
            own = cheque.disbursement_ids.filtered(lambda one: not one.bill_line_id)
            people = own.beneficiary_id
            cheque.beneficiary_id = people if len(people) == 1 else False

    @api.depends("handed_on", "void_on", "payment_id.state", "payment_id.is_matched")
    def _compute_state(self):
        disbursements = self.env["beneficiary.disbursement"]
        for cheque in self:
            # The ledger as it is, whoever looks.
            payment = cheque.sudo().payment_id
            if cheque.void_on or payment.state not in LIVE_PAYMENT_STATES:
                cheque.state = "void"
            elif disbursements._is_on_bank_statement(payment):
                cheque.state = "cleared"
            else:
                cheque.state = "handed" if cheque.handed_on else "written"

    @api.depends("date", "state")
    def _compute_is_old(self):
        limit = self._old_limit()
        for cheque in self:
            waits = cheque.state in ("written", "handed")
            cheque.is_old = waits and cheque.date < limit

    @api.model
    def _search_is_old(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        old = Domain("state", "in", ("written", "handed")) & Domain(
            "date", "<", self._old_limit()
        )
        return old if True in value else ~old

    @api.model
    def _old_limit(self):
        today = self.env.company._beneficiary_day(fields.Datetime.now())
        return fields.Date.subtract(today, days=OLD_DAYS)

    @api.depends("number", "journal_id")
    def _compute_display_name(self):
        for cheque in self:
            bank = cheque.sudo().journal_id.name
            cheque.display_name = f"{cheque.number or ''} ({bank})"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(self.env._("A cheque is written by releasing its payment."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not is_anonymising(self.env):
            readonly = [
                name
                for name in vals
                if name in self._fields and self._fields[name].readonly
            ]
            if readonly:
                raise UserError(
                    self.env._(
                        "What became of a cheque is not typed in. Use its buttons."
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A cheque is kept. Make it void instead."))

    # === Actions === #

    def action_hand_over(self):
        """Ask who takes the cheques of a payee, and for the proof.

        :raise UserError: for one that was handed over, or for several payees
        """
        self._check_role(CLERK)
        self._check_state("written")
        self._check_one_payee()
        return self._open_window(
            "beneficiary.cheque.hand.over",
            self.env._("Hand the Cheque Over"),
            default_cheque_ids=self.ids,
        )

    def action_void(self):
        """Ask why a cheque is void."""
        self.ensure_one()
        self._check_role(RELEASER)
        self._check_state("written", "handed")
        return self._open_window(
            "beneficiary.cheque.void",
            self.env._("Void Cheque"),
            default_cheque_id=self.id,
        )

    def action_open_disbursements(self):
        """Open what the cheque pays."""
        self.ensure_one()
        self.check_access("read")
        return self.disbursement_ids._get_records_action(
            name=self.env._("Disbursements")
        )

    def action_open_payment(self):
        """Open the payment the cheque stands on."""
        self.ensure_one()
        self.check_access("read")
        return self.payment_id._get_records_action(name=self.env._("Payment"))

    def _open_window(self, model, name, **context):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    # === Writing === #

    @api.model
    def _clean_number(self, number):
        """The number of a cheque as plain digits.

        :raise UserError: when it is none
        """
        number = to_latin_digits(clean_text(number or "")).replace(" ", "")
        if not NUMBER.fullmatch(number):
            raise UserError(
                self.env._("Enter the number of the cheque: digits, twenty at most.")
            )
        return number

    @api.model
    def _record(self, payment, number, date, disbursements):
        """Record a cheque with its payment; the caller checked who releases it."""
        # Cheques come from payments only.
        return self.sudo().create(
            {
                "number": self._clean_number(number),
                "date": date,
                "payment_id": payment.id,
                "disbursement_ids": [fields.Command.set(disbursements.ids)],
            }
        )

    # === Handing over === #

    def _hand_over(self, taker, signature=False, photo=False):
        """Record who took the cheques of a payee.

        For a payment to the person himself it is the proof of receipt as well.

        :param str taker: name of who took them
        :raise UserError: without a name or a proof, for one that was handed over, or
            for several payees
        """
        touch(self)
        self._check_state("written")
        self._check_one_payee()
        taker = clean_text((taker or "")[:NAME_LENGTH])
        if not taker:
            raise UserError(self.env._("Write down who took it."))
        if not signature and not photo:
            raise ValidationError(
                self.env._("Let the taker sign, or take a photo of the handing-out.")
            )
        # Not typed in; the role is checked.
        self.sudo().write(
            {
                "handed_on": self.company_id._beneficiary_day(fields.Datetime.now()),
                "handed_to": taker,
                "handed_by_id": self.env.uid,
                "signature": signature,
                "photo": photo,
            }
        )
        for disbursement in self.disbursement_ids:
            # What a vendor took is no word of the person.
            if (
                not disbursement._is_paid_to_others()
                and disbursement._can_be_received()
                and disbursement.receipt_state != "received"
            ):
                disbursement._record_receipt(
                    "received",
                    "signature" if signature else "photo",
                    taker_name=taker,
                    signature=signature,
                    photo=photo,
                )

    # === Void === #

    def _void(self, kind, reason):
        """Make a cheque void: its payment is taken back, the debt is due again.

        :param str kind: of ``void_kind``
        :param str reason: what happened
        :raise UserError: when the bank cleared it, or it is void
        """
        self.ensure_one()
        self.disbursement_ids._touch()
        touch(self)
        self.invalidate_recordset(["state"])
        self._check_state("written", "handed")
        # Not typed in; the role is checked. The payment follows its cheque, also for
        # a releaser who may not write payments.
        cheque = self.sudo()
        cheque.write(
            {
                "void_kind": kind,
                "void_reason": clean_text((reason or "")[:REASON_LENGTH]),
                "void_by_id": self.env.uid,
                "void_on": fields.Datetime.now(),
            }
        )
        cheque.payment_id.action_reject()
        cheque.disbursement_ids._take_back_rejected_payments()

    # === Helpers === #

    def _check_role(self, *groups):
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(*groups)

    def _check_one_payee(self):
        """A signature or a photo is of one payee, and shows nobody else."""
        if len(self.payee_id) > 1 or len(self.company_id) > 1:
            raise UserError(
                self.env._(
                    "One taker signs for the cheques of one payee. Choose those of "
                    "one payee, and print the slips for the others."
                )
            )

    def _check_state(self, *states):
        for cheque in self:
            if cheque.state not in states:
                labels = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "The cheque %(number)s is %(state)s already.",
                        number=cheque.number,
                        state=labels[cheque.state],
                    )
                )
