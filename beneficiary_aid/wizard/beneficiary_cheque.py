from odoo import api, fields, models

from ..models.beneficiary_cheque import CLERK, RELEASER


class BeneficiaryChequeHandOver(models.TransientModel):
    """Who takes the cheques of a payee, with a signature or a photo."""

    _name = "beneficiary.cheque.hand.over"
    _description = "Hand a Cheque Over"

    cheque_ids = fields.Many2many(
        comodel_name="beneficiary.cheque", string="Cheques", required=True
    )
    payee_id = fields.Many2one(related="cheque_ids.payee_id")
    amount = fields.Monetary(compute="_compute_amount")
    currency_id = fields.Many2one(related="cheque_ids.currency_id")
    taker_name = fields.Char(string="Name of the Taker", required=True, size=200)
    signature = fields.Binary()
    photo = fields.Binary()

    @api.depends("cheque_ids")
    def _compute_amount(self):
        for window in self:
            window.amount = sum(window.cheque_ids.mapped("amount"))

    def action_hand_over(self):
        """Record the handing-over."""
        self.ensure_one()
        self.check_access("write")
        self.cheque_ids._check_role(CLERK)
        self.cheque_ids._hand_over(self.taker_name, self.signature, self.photo)
        return {"type": "ir.actions.act_window_close"}


class BeneficiaryChequeVoid(models.TransientModel):
    """Why a cheque is void."""

    _name = "beneficiary.cheque.void"
    _description = "Void a Cheque"

    cheque_id = fields.Many2one(comodel_name="beneficiary.cheque", required=True)
    kind = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.cheque"]
            ._fields["void_kind"]
            ._description_selection(self.env)
        ),
        string="Why",
        required=True,
    )
    reason = fields.Char(string="What Happened", size=300)

    def action_void(self):
        """Make the cheque void; what it paid is due again."""
        self.ensure_one()
        self.check_access("write")
        self.cheque_id._check_role(RELEASER)
        self.cheque_id._void(self.kind, self.reason)
        return {"type": "ir.actions.act_window_close"}
