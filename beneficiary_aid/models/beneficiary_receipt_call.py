import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

from .beneficiary_receipt import CONFIRMERS, NOTE_LENGTH

# Older payments are not drawn any more.
DRAWN_DAYS = 30
LOT = 10**6


class BeneficiaryReceiptCall(models.Model):
    """One payment drawn by lot: somebody calls and asks whether it was received.

    The association sets the share that is drawn. Nobody can tell beforehand which.
    """

    _name = "beneficiary.receipt.call"
    _description = "Call-back"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "disbursement_id"

    _never_typed = frozenset({"state", "done_on", "done_by_id", "disbursement_id"})

    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement",
        string="Payment",
        required=True,
        index=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    request_id = fields.Many2one(related="disbursement_id.request_id", store=True)
    beneficiary_id = fields.Many2one(
        related="disbursement_id.request_id.beneficiary_id",
        store=True,
        precompute=True,
        index=True,
    )
    company_id = fields.Many2one(
        related="disbursement_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(related="disbursement_id.amount")
    date = fields.Date(related="disbursement_id.date", string="Paid on")
    phone = fields.Char(related="beneficiary_id.phone")
    state = fields.Selection(
        selection=[("to_call", "To Call"), ("done", "Done")],
        required=True,
        default="to_call",
        readonly=True,
        index=True,
    )
    outcome = fields.Selection(
        selection=[
            ("received", "Received"),
            ("not_received", "Not received"),
            ("not_reached", "Nobody was reached"),
        ],
    )
    note = fields.Text(string="What Was Said")
    done_on = fields.Datetime(string="Called on", readonly=True)
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Called by", readonly=True
    )

    _once = models.UniqueIndex(
        "(disbursement_id)", "This payment was drawn for a call-back already."
    )
    _done_has_outcome = models.Constraint(
        "CHECK(state <> 'done' OR outcome IS NOT NULL)",
        "A call that is done has an outcome. Choose it.",
    )

    # === CRUD === #

    def write(self, vals):
        if not self.env.su and not is_anonymising(self.env):
            if vals.keys() & self._never_typed:
                raise UserError(self.env._("Use the button to record the call."))
            if any(call.state == "done" for call in self):
                raise UserError(self.env._("A call that is done stays as recorded."))
        if vals.get("note"):
            try:
                vals = {
                    **vals,
                    "note": clean_text(vals["note"], NOTE_LENGTH, multiline=True),
                }
            except ValueError as error:
                raise ValidationError(
                    self.env._("The note is too long. Shorten it.")
                ) from error
        return super().write(vals)

    # === Actions === #

    def action_done(self):
        """Record the call; what was not received opens a complaint.

        :raise AccessError: for whoever does not call people
        :raise UserError: without an outcome, or when it is done already
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(*CONFIRMERS)
        for call in self:
            call._finish()

    def _finish(self):
        if self.state == "done":
            raise UserError(self.env._("This call is done already."))
        if not self.outcome:
            raise UserError(self.env._("Choose what came of the call first."))
        # The step is not typed in; the role is checked above.
        self.sudo().write(
            {
                "state": "done",
                "done_on": fields.Datetime.now(),
                "done_by_id": self.env.uid,
            }
        )
        payment = self.disbursement_id
        if self.outcome != "not_reached" and payment.receipt_state != self.outcome:
            payment._record_receipt(self.outcome, "call", note=self.note)

    # === Drawing === #

    @api.model
    def _cron_draw(self):
        """Decide by lot which of the new payments are called back."""
        first = fields.Date.subtract(
            self.env.company._beneficiary_day(fields.Datetime.now()), days=DRAWN_DAYS
        )
        self.env["ir.cron"]._in_slices(
            self.env["beneficiary.disbursement"],
            [
                ("sampled_on", "=", False),
                ("state", "=", "paid"),
                ("date", ">=", first),
                ("company_id.beneficiary_callback_share", ">", 0),
            ],
            "_draw",
        )


class BeneficiaryDisbursement(models.Model):
    _inherit = "beneficiary.disbursement"

    def _draw(self):
        """Draw for each payment, once."""
        day = self.env.company._beneficiary_day(fields.Datetime.now())
        # Nobody follows a payment that is drawn.
        self.with_context(mail_notrack=True).write({"sampled_on": day})
        drawn = self.filtered(
            lambda one: (
                secrets.randbelow(LOT)
                < one.company_id.beneficiary_callback_share / 100 * LOT
            )
        )
        # Calls are drawn, not entered.
        return (
            self.env["beneficiary.receipt.call"]
            .sudo()
            .create([{"disbursement_id": one.id} for one in drawn])
        )
