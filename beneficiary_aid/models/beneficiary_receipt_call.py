import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

from .beneficiary_receipt import CONFIRMERS, NOTE_LENGTH

# Older payments are not drawn any more.
DRAWN_DAYS = 30
DRAWN_STATES = {"beneficiary.disbursement": "paid", "beneficiary.delivery": "delivered"}
LOT = 10**6


class BeneficiaryReceiptCall(models.Model):
    """One payment or delivery drawn by lot: somebody calls and asks whether it was
    received.

    The association sets the share that is drawn. Nobody can tell beforehand which.
    """

    _name = "beneficiary.receipt.call"
    _description = "Call-back"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "number"

    _never_typed = frozenset(
        {"state", "done_on", "done_by_id", "disbursement_id", "delivery_id"}
    )

    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement",
        string="Payment",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    delivery_id = fields.Many2one(
        comodel_name="beneficiary.delivery",
        index="btree_not_null",
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        compute="_compute_request_id",
        store=True,
        precompute=True,
        index=True,
    )
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(compute="_compute_paper", compute_sudo=True)
    amount = fields.Monetary(
        string="Amount or Value", compute="_compute_paper", compute_sudo=True
    )
    date = fields.Date(string="Given on", compute="_compute_paper", compute_sudo=True)
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
    _delivery_once = models.UniqueIndex(
        "(delivery_id)", "This delivery was drawn for a call-back already."
    )
    _one_paper = models.Constraint(
        "CHECK(num_nonnulls(disbursement_id, delivery_id) = 1)",
        "A call-back is about one payment or one delivery.",
    )
    _done_has_outcome = models.Constraint(
        "CHECK(state <> 'done' OR outcome IS NOT NULL)",
        "A call that is done has an outcome. Choose it.",
    )

    # === Computes === #

    @api.depends("disbursement_id.request_id", "delivery_id.request_id")
    def _compute_request_id(self):
        for call in self:
            call.request_id = call._paper().request_id

    @api.depends("disbursement_id", "delivery_id")
    def _compute_paper(self):
        for call in self:
            paper = call._paper()
            call.number = paper.name
            call.date = paper.date
            call.amount = call.disbursement_id.amount or call.delivery_id.value

    def _paper(self):
        """What the call is about."""
        self.ensure_one()
        return self.disbursement_id or self.delivery_id

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
        paper = self._paper()
        if self.outcome != "not_reached" and paper.receipt_state != self.outcome:
            paper._record_receipt(self.outcome, "call", note=self.note)

    # === Drawing === #

    @api.model
    def _cron_draw(self):
        """Decide by lot which of the new payments and deliveries are called back."""
        first = fields.Date.subtract(
            self.env.company._beneficiary_day(fields.Datetime.now()), days=DRAWN_DAYS
        )
        for name, state in DRAWN_STATES.items():
            domain = [
                ("sampled_on", "=", False),
                ("state", "=", state),
                ("date", ">=", first),
                ("company_id.beneficiary_callback_share", ">", 0),
            ]
            if not self.env["ir.cron"]._in_slices(self.env[name], domain, "_draw"):
                return


class BeneficiaryReceivedMixin(models.AbstractModel):
    _inherit = "beneficiary.received.mixin"

    def _draw(self):
        """Draw for each payment or delivery, once."""
        day = self.env.company._beneficiary_day(fields.Datetime.now())
        # Nobody follows what is drawn.
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
            .create([{self._receipt_field: one.id} for one in drawn])
        )
