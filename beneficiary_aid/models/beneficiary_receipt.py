from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

CONFIRMERS = (
    "beneficiary_relations.group_relations_officer",
    "beneficiary_relations.group_social_researcher",
)
NAME_LENGTH = 200
NOTE_LENGTH = 1000


class BeneficiaryReceipt(models.Model):
    """What a person said of one payment or delivery: received it, or not.

    Written once. The database holds one *received* for each payment. *Not received*
    opens a complaint and holds the next instalment of the same request until the
    complaint is closed; nothing else of the person waits.
    """

    _name = "beneficiary.receipt"
    _description = "Proof of Receipt"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "request_id"

    disbursement_id = fields.Many2one(
        comodel_name="beneficiary.disbursement",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    result = fields.Selection(
        selection=[("received", "Received"), ("not_received", "Not received")],
        required=True,
    )
    method = fields.Selection(
        selection=[
            ("code", "One-time code"),
            ("signature", "Signature"),
            ("photo", "Photo"),
            ("portal", "The person, in the portal"),
            ("call", "Call-back"),
            ("told", "Told at the association"),
        ],
        string="Shown by",
        required=True,
    )
    taker_name = fields.Char(string="Name of the Taker")
    signature = fields.Binary(attachment=True)
    photo = fields.Binary(attachment=True)
    note = fields.Text(string="What Was Said")
    user_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", required=True
    )
    confirmed_on = fields.Datetime(
        string="Recorded on", required=True, default=fields.Datetime.now
    )
    interaction_id = fields.Many2one(
        comodel_name="beneficiary.interaction",
        string="Complaint",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _disbursement_once = models.UniqueIndex(
        "(disbursement_id) WHERE result = 'received' AND disbursement_id IS NOT NULL",
        "The receipt of this payment was confirmed already.",
    )
    _disbursement_missing_once = models.UniqueIndex(
        "(disbursement_id)"
        " WHERE result = 'not_received' AND disbursement_id IS NOT NULL",
        "That this payment was not received was recorded already.",
    )
    _shown = models.Constraint(
        "CHECK(result = 'not_received' OR method <> 'code' OR taker_name IS NOT NULL)",
        "Say who gave the code.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._("What was received is recorded with its button.")
            )
        receipts = super().create([self._clean_vals(vals) for vals in vals_list])
        for receipt in receipts:
            receipt._check_proof()
        for receipt in receipts.filtered(lambda one: one.result == "not_received"):
            receipt._open_complaint()
        return receipts

    def write(self, vals):
        if self and not (is_anonymising(self.env) or self.env.su):
            raise AccessError(self.env._("What was said of a receipt stays as it was."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was said of a receipt is kept."))

    @api.model
    def _clean_vals(self, vals):
        vals = dict(vals)
        for name, length in (("taker_name", NAME_LENGTH), ("note", NOTE_LENGTH)):
            if vals.get(name):
                vals[name] = clean_text(vals[name][:length], multiline=name == "note")
        return vals

    def _check_proof(self):
        self.ensure_one()
        if self.result == "received" and (
            (self.method == "signature" and not self.signature)
            or (self.method == "photo" and not self.photo)
        ):
            raise ValidationError(
                self.env._("Let the taker sign, or take a photo of the handing-out.")
            )

    def _open_complaint(self):
        """Open a complaint, which says the number and nothing of the help."""
        self.ensure_one()
        types = self.env["beneficiary.interaction.type"]
        kind = [("company_id", "=", self.company_id.id), ("kind", "=", "complaint")]
        complaint_type = types.search(kind, limit=1) or types.create(
            {
                "name": self.env._("Complaint"),
                "kind": "complaint",
                "company_id": self.company_id.id,
            }
        )
        self.interaction_id = self.env["beneficiary.interaction"].create(
            {
                "type_id": complaint_type.id,
                "beneficiary_id": self.beneficiary_id.id,
                "company_id": self.company_id.id,
                "subject": self.env._(
                    "Not received: %(number)s", number=self._paper_number()
                ),
                "description": self.note,
                "user_id": False,
            }
        )

    def _paper_number(self):
        """The number of what was paid or delivered."""
        return self.disbursement_id.name

    # === Holding === #

    @api.model
    def _unsettled(self, domain=()):
        """Reports of something not received whose complaint is not closed."""
        # That something waits is told to whoever pays; not what was said.
        return self.sudo().search(
            [
                ("result", "=", "not_received"),
                ("interaction_id.state", "!=", "closed"),
                *domain,
            ]
        )


class BeneficiaryReceivedMixin(models.AbstractModel):
    """Something paid or delivered whose receipt is proved."""

    _name = "beneficiary.received.mixin"
    _description = "Receipt Is Proved"

    # The field of the proof that leads here.
    _receipt_field = None

    sampled_on = fields.Date(
        string="Drawn on",
        readonly=True,
        copy=False,
        help="The day on which it was decided by lot whether to call back.",
    )
    receipt_state = fields.Selection(
        selection=[
            ("none", "Not asked yet"),
            ("received", "Received"),
            ("not_received", "Not received"),
        ],
        string="Receipt by the Person",
        compute="_compute_receipt_state",
        store=True,
        readonly=True,
    )

    @api.depends("receipt_ids.result")
    def _compute_receipt_state(self):
        for record in self:
            # The last word counts: what came late was received.
            last = record.receipt_ids.sorted("id")[-1:]
            record.receipt_state = last.result or "none"

    def _can_be_received(self):
        """Whether it was paid or delivered, so that its receipt can be told."""
        self.ensure_one()
        return False

    def _check_may_confirm(self):
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(*CONFIRMERS)
        self._check_can_be_received()

    def _check_can_be_received(self, is_denied=False):
        """Refuse what cannot be told of it.

        :param bool is_denied: somebody who called was told that it did not arrive,
            which counts also against a signature
        """
        if not self._can_be_received():
            raise UserError(
                self.env._(
                    "%(number)s was not paid or delivered yet: nothing can have been "
                    "received.",
                    number=self.display_name,
                )
            )
        if self.receipt_state == "received" and not is_denied:
            raise UserError(
                self.env._(
                    "The receipt of %(number)s was confirmed already.",
                    number=self.display_name,
                )
            )

    def _record_receipt(self, result, method, **values):
        """Record what the person said; the caller checked who says it.

        :param str result: ``received`` or ``not_received``
        :param str method: how it was shown
        :return: the proof
        :raise UserError: when it cannot have been received, or was confirmed
        """
        self.ensure_one()
        self._check_can_be_received(
            is_denied=method == "call" and result == "not_received"
        )
        # Proofs are written once, by nobody's hand.
        return (
            self.env["beneficiary.receipt"]
            .sudo()
            .create(
                {
                    self._receipt_field: self.id,
                    "request_id": self.sudo().request_id.id,
                    "result": result,
                    "method": method,
                    "user_id": self.env.uid,
                    **values,
                }
            )
        )

    # === Holding === #

    def _get_unreceived(self):
        """Return those that wait because the one before was not received."""
        reports = self.env["beneficiary.receipt"]._unsettled(
            [
                ("request_id", "in", self.request_id.ids),
                (self._receipt_field, "!=", False),
            ]
        )
        return self & self._next_after(reports) if reports else self.browse()

    @api.model
    def _next_after(self, reports):
        """Return the one that comes next after each that was not received.

        :param reports: ``beneficiary.receipt``
        """
        return self.browse()

    @api.model
    def _waiting_domain(self):
        """The condition that one waits for the complaint about the one before."""
        reports = self.env["beneficiary.receipt"]._unsettled()
        return Domain("id", "in", self._next_after(reports).ids)

    # === Dialog === #

    def action_confirm_receipt(self):
        """Open the dialog in which the taker shows that it was received.

        :raise UserError: when it was not paid, or was confirmed already
        """
        self._check_may_confirm()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Proof of Receipt"),
            "res_model": "beneficiary.receipt.confirm",
            "view_mode": "form",
            "target": "new",
            "context": {f"default_{self._receipt_field}": self.id},
        }
