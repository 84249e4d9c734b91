from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.touch import touch

OFFICER = "beneficiary_relations.group_relations_officer"


class BeneficiaryDelivery(models.Model):
    """Goods handed to a person: aid in kind out of what was given or bought.

    The entry books the aid against the goods, both on the fund of the goods: its
    balance stays, as given goods were never money of it and bought ones were paid when
    they were bought. What the fund of the request promised is free again by the value
    of the goods. Reversing puts goods and promise back.

    Goods that the person says did not arrive hold the next delivery of the request,
    until the complaint about them is closed.

    ==================  =============================
    prepare, deliver    relations officer
    reverse             finance clerk
    ==================  =============================
    """

    _name = "beneficiary.delivery"
    _description = "Delivery"
    _inherit = [
        "beneficiary.posted.mixin",
        "beneficiary.received.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    _receipt_field = "delivery_id"
    _frozen_when_posted = frozenset({"request_id", "date", "line_ids"})
    _never_typed = frozenset(
        {
            "name",
            "move_id",
            "move_line_id",
            "is_cancelled",
            "state",
            "delivered_by_id",
            "promise_freed",
            "sampled_on",
        }
    )

    name = fields.Char(string="Number")
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_payable', '=', True)]",
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    line_ids = fields.One2many(
        comodel_name="beneficiary.delivery.line", inverse_name="delivery_id"
    )
    value = fields.Monetary(string="Goods Value", compute="_compute_value", store=True)
    promise_freed = fields.Monetary(
        readonly=True,
        copy=False,
        required=True,
        default=0.0,
        help="What the fund of the request had promised and need not pay any more, as "
        "the person got it in goods.",
    )
    is_held = fields.Boolean(
        string="Held",
        compute="_compute_is_held",
        search="_search_is_held",
        help="The delivery before was not received: this one waits until the complaint "
        "about it is closed.",
    )
    state = fields.Selection(
        selection=[
            ("draft", "To Deliver"),
            ("delivered", "Delivered"),
            ("reversed", "Reversed"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )
    delivered_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    receipt_ids = fields.One2many(
        comodel_name="beneficiary.receipt",
        inverse_name="delivery_id",
        string="Proofs of Receipt",
    )
    call_ids = fields.One2many(
        comodel_name="beneficiary.receipt.call",
        inverse_name="delivery_id",
        string="Call-backs",
    )

    _promise_freed_bounds = models.Constraint(
        "CHECK(promise_freed >= 0 AND promise_freed < 1e12)",
        "What a delivery frees of a promise is out of bounds.",
    )
    _to_draw_idx = models.Index("(company_id, date) WHERE sampled_on IS NULL")

    @api.depends("line_ids.value")
    def _compute_value(self):
        for delivery in self:
            delivery.value = sum(delivery.line_ids.mapped("value"))

    @api.depends("move_id.state", "move_id.reversal_move_ids.state")
    def _compute_state(self):
        for delivery in self:
            # The officer who delivers reads no entries; only its state counts.
            move = delivery.sudo().move_id
            if not move:
                delivery.state = "draft"
            elif "posted" in move.reversal_move_ids.mapped("state"):
                delivery.state = "reversed"
            else:
                delivery.state = "delivered"

    @api.depends("request_id", "state")
    def _compute_is_held(self):
        held = self._get_unreceived()
        for delivery in self:
            delivery.is_held = delivery in held

    @api.model
    def _search_is_held(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        waiting = self._waiting_domain()
        return waiting if True in value else ~waiting

    def _complete_new(self, vals_list):
        self.env["beneficiary.aid.request"]._number_papers(self._name, vals_list)

    # === Actions === #

    def action_deliver(self):
        """Hand out: count the goods out and post their value.

        :raise AccessError: for whoever does not hand out
        :raise UserError: naming what is not enough, or not allowed
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(OFFICER)
        for delivery in self:
            delivery._deliver()

    def action_reverse(self):
        """Take a mistaken delivery back: the goods are in stock again."""
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        self._touch()
        self.request_id._touch_money()
        # In the order in which they are handed out: first goods, then entries.
        touch(self.line_ids.lot_id)
        for delivery in self:
            if delivery.state != "delivered":
                raise UserError(delivery._already_words())
            # Whoever takes back need not write deliveries; the role is checked.
            one = delivery.sudo()
            one.move_id._reverse_moves(
                [
                    {
                        "ref": self.env._("Reversal of %(number)s", number=one.name),
                        "date": fields.Date.context_today(self),
                    }
                ],
                cancel=True,
            )

    def action_open_request(self):
        """Open the request it is for."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))

    # === Delivering === #

    def _deliver(self):
        self._touch()
        request = self.request_id
        request._touch_money()
        if self.state != "draft":
            raise UserError(self._already_words())
        if self._get_unreceived():
            raise UserError(
                self.env._(
                    "%(number)s: the delivery before was not received. This one waits "
                    "until the complaint about it is closed.",
                    number=self.name,
                )
            )
        if not self.line_ids:
            raise UserError(self.env._("%(number)s: choose goods.", number=self.name))
        if not request._is_payable():
            raise UserError(
                self.env._(
                    "%(number)s: the request %(request)s is not approved, or closed.",
                    number=self.name,
                    request=request.display_name,
                )
            )
        for fund in self.line_ids.lot_id.fund_id:
            reason = fund._get_refusal_reason(
                request.aid_type_id, request.beneficiary_id, request
            ) or fund._get_goods_refusal(request)
            if reason:
                raise UserError(reason)
        # Stock and entry are not typed in; whoever hands out is checked above.
        delivery = self.sudo()
        for line in delivery.line_ids.sorted(lambda one: (one.lot_id.id, one.id)):
            line.value = line.lot_id._take(line.quantity)
        delivery._check_ceiling()
        move = self.env["account.move"].sudo().create(delivery._prepare_move())
        move.action_post()
        delivery.write(
            {
                "move_id": move.id,
                "delivered_by_id": self.env.uid,
                "promise_freed": delivery.request_id._free_promise(delivery.value),
            }
        )

    def _put_back(self):
        """Take back what the ledger has reversed: goods in stock, promise of the fund.

        Once, however often the entry is reversed.
        """
        self._touch()
        self.request_id._touch_money()
        for delivery in self.filtered(lambda one: not one.is_cancelled):
            delivery.is_cancelled = True
            for line in delivery.line_ids.sorted(lambda one: (one.lot_id.id, one.id)):
                line.lot_id._put_back(line.quantity, line.value)
            freed = delivery.promise_freed
            again = delivery.request_id._promise_again(freed)
            if delivery.currency_id.compare_amounts(again, freed) < 0:
                delivery._message_log(
                    body=self.env._(
                        "The fund has not promised the value of these goods again: it "
                        "is not free there any more, or the request has ended."
                    )
                )
            delivery.promise_freed = 0.0

    @api.model
    def _next_after(self, reports):
        # The same one waits, whoever looks.
        waiting = self.sudo().search(
            [
                ("request_id", "in", reports.filtered("delivery_id").request_id.ids),
                ("state", "=", "draft"),
            ],
            order="date, id",
        )
        by_request = waiting.grouped("request_id").values()
        return self.browse([deliveries[0].id for deliveries in by_request])

    def _check_ceiling(self):
        """Where an amount was approved, goods and money together stay within it."""
        request = self.request_id
        if not request.amount_approved:
            return
        total = request._get_given_amount() + self.value
        if request.currency_id.compare_amounts(total, request.amount_approved) > 0:
            raise UserError(
                self.env._(
                    "%(request)s: goods and payments of %(total)s exceed the approved "
                    "%(approved)s.",
                    request=request.display_name,
                    total=request.currency_id.format(total),
                    approved=request.currency_id.format(request.amount_approved),
                )
            )

    def _prepare_move(self):
        """Values of the entry; its words are the number and nothing else."""
        company = self.company_id
        expense = company._beneficiary_expense_account(self.request_id.aid_type_id)
        goods = company._beneficiary_required("beneficiary_goods_account_id")
        items = []
        for fund, given in self.line_ids.grouped(
            lambda one: one.lot_id.fund_id
        ).items():
            amount = sum(given.mapped("value"))
            for account, side in ((expense, "debit"), (goods, "credit")):
                items.append(
                    {
                        "account_id": account.id,
                        side: amount,
                        "analytic_distribution": fund._distribution(),
                    }
                )
        return company._beneficiary_entry(self.date, self.name, items)

    # === Receipt === #

    def _can_be_received(self):
        return self.state == "delivered"


class BeneficiaryDeliveryLine(models.Model):
    """So many pieces out of one lot."""

    _name = "beneficiary.delivery.line"
    _description = "Goods of a Delivery"
    _check_company_auto = True
    _rec_name = "lot_id"

    delivery_id = fields.Many2one(
        comodel_name="beneficiary.delivery",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="delivery_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    lot_id = fields.Many2one(
        comodel_name="beneficiary.goods.lot",
        string="Goods",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    left = fields.Integer(related="lot_id.left")
    quantity = fields.Integer(required=True, default=1)
    value = fields.Monetary(
        string="Goods Value", readonly=True, copy=False, default=0.0, required=True
    )

    _quantity_bounds = models.Constraint(
        "CHECK(quantity > 0)", "The quantity is a whole number above zero."
    )
    _value_bounds = models.Constraint(
        "CHECK(value >= 0 AND value < 1e12)", "The value of goods is out of bounds."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._checked(vals) for vals in vals_list])
        lines._check_draft()
        return lines

    def write(self, vals):
        if not self.env.su:
            self._check_draft()
        return super().write(self._checked(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_delivered(self):
        self._check_draft()

    def _checked(self, vals):
        if "value" in vals and not self.env.su:
            raise UserError(self.env._("The value follows from the goods."))
        return vals

    def _check_draft(self):
        if any(line.delivery_id.state != "draft" for line in self):
            raise ValidationError(
                self.env._("What was delivered stays as it is. Reverse it instead.")
            )


class BeneficiaryReceipt(models.Model):
    """Proof that goods were received."""

    _inherit = "beneficiary.receipt"

    delivery_id = fields.Many2one(
        comodel_name="beneficiary.delivery",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    _delivery_once = models.UniqueIndex(
        "(delivery_id, result) WHERE delivery_id IS NOT NULL",
        "This was recorded for the delivery already.",
    )
    _one_paper = models.Constraint(
        "CHECK(num_nonnulls(disbursement_id, delivery_id) = 1)",
        "A receipt is of one payment or one delivery.",
    )

    def _paper_number(self):
        return self.delivery_id.name or super()._paper_number()
