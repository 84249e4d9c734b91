from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits

from .beneficiary_aid_request_finance import LIVE_STATES
from .beneficiary_voucher import LIVE_VOUCHERS, RELEASER

REFERENCE_LENGTH = 60
NOTE_LENGTH = 300


class BeneficiaryVoucher(models.Model):
    """Buying with a voucher: the counter, and what it refuses."""

    _inherit = "beneficiary.voucher"

    def _redeem(self, amount, reference=None, goods=None):
        """Record that the shop gave something on the voucher.

        The caller found the voucher by its code. The counter is one UPDATE of the
        row: of two sessions that started from the same figures, PostgreSQL lets the
        second one fail and Odoo runs it again on the new ones.

        :param float amount: what it cost
        :param str reference: number of the shop's till receipt
        :param str goods: what was bought
        :return: the use
        :raise UserError: above the limits, outside the days, or when it is over
        """
        self.ensure_one()
        amount = self.company_id._beneficiary_amount(amount)
        if not self._count(amount):
            raise UserError(self._get_use_refusal(amount))
        # Uses are written once, by nobody's hand; the caller checked the role.
        use = (
            self.env["beneficiary.voucher.use"]
            .sudo()
            .create(
                {
                    "voucher_id": self.id,
                    "kind": "use",
                    "amount": amount,
                    "date": self._today(),
                    "reference": reference,
                    "goods": goods,
                    "user_id": self.env.uid,
                }
            )
        )
        self._follow_counter()
        return use.sudo(False)

    def _carried(self):
        """Return what each sponsor carries of what was bought.

        :return: ``{line of the sponsor: amount}``
        """
        self.ensure_one()
        lines = self.sponsorship_id.line_ids._on(self.period_date)
        return lines._carry(self.amount_used)

    def _count(self, amount):
        """Take an amount off what is left, when it is there.

        :return: whether it was
        :rtype: bool
        """
        today = self._today()
        return self._update_counter(
            SQL(
                "amount_used = amount_used + %s, use_count = use_count + 1",
                self._to_numeric(amount),
            ),
            SQL(
                "state IN %s AND active AND date_from <= %s AND date_until >= %s"
                " AND amount_used + %s <= amount AND use_count < use_limit",
                LIVE_VOUCHERS,
                today,
                today,
                self._to_numeric(amount),
            ),
        )

    def _count_back(self, amount):
        """Take a use back that is cancelled."""
        return self._update_counter(
            SQL(
                "amount_used = amount_used - %s, use_count = use_count - 1",
                self._to_numeric(amount),
            ),
            SQL("amount_used >= %s AND use_count > 0", self._to_numeric(amount)),
        )

    def _to_numeric(self, amount):
        return SQL("ROUND(%s::numeric, %s)", amount, self.currency_id.decimal_places)

    def _update_counter(self, assignments, where):
        """Run one UPDATE of the counter of one voucher.

        No savepoint and no ``except`` here: a serialization error has to reach
        Odoo's retry.

        :return: whether the row was changed
        """
        self.ensure_one()
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                "UPDATE beneficiary_voucher SET %s WHERE id = %s AND %s RETURNING id",
                assignments,
                self.id,
                where,
            )
        )
        counted = ["amount_used", "use_count"]
        self.invalidate_recordset(counted, flush=False)
        # What follows from the counter is kept in the database, too.
        self.modified(counted)
        return bool(rows)

    def _follow_counter(self):
        """Let the state say what the counter says; a voucher that is used up gives
        back what is left below its limit."""
        rest = self.currency_id.round(self.amount - self.amount_used)
        over = self.currency_id.is_zero(rest) or self.use_count >= self.use_limit
        # The state is not typed in; the caller checked the right.
        voucher = self.sudo()
        if not over:
            voucher.state = "partly" if self.use_count else "issued"
            return
        voucher.write({"state": "used", "ended_on": self._today()})
        self.request_id._release_voucher_rests({self: rest})

    def _follow_void(self, amount, was_full):
        """Let the state say what the counter says after a use was cancelled.

        :param float amount: what was counted back
        :param bool was_full: whether nothing was left before
        """
        valid = self.date_until >= self._today()
        if self.state in LIVE_VOUCHERS:
            self.sudo().state = "partly" if self.use_count else "issued"
        elif self.state == "used" and was_full and valid:
            # What it counted back is still promised: it can be bought again.
            state = "partly" if self.use_count else "issued"
            self.sudo().write({"state": state, "ended_on": False})
        else:
            self.request_id._release_voucher_rests({self: amount})

    def _get_use_refusal(self, amount):
        """Why nothing, or not so much, may be bought with the voucher."""
        self.ensure_one()
        if self.state not in LIVE_VOUCHERS:
            return self.env._(
                "%(number)s is %(state)s: nothing can be bought with it.",
                number=self.name,
                state=self._get_state_label(),
            )
        if not self.date_from <= self._today() <= self.date_until:
            return self.env._(
                "%(number)s is valid from %(start)s to %(end)s only.",
                number=self.name,
                start=format_date(self.env, self.date_from),
                end=format_date(self.env, self.date_until),
            )
        if self.use_count >= self.use_limit:
            return self.env._(
                "%(number)s was used %(count)s times, as often as it may be.",
                number=self.name,
                count=self.use_count,
            )
        return self.env._(
            "%(number)s: %(left)s is left on it, and %(amount)s was asked.",
            number=self.name,
            left=self.currency_id.format(self.amount_left),
            amount=self.currency_id.format(amount),
        )


class BeneficiaryVoucherUse(models.Model):
    """What a shop gave on a voucher, or that such a record was a mistake.

    Written once: the database refuses changes. A use that was a mistake is cancelled
    by a second record with its reason, made by somebody else than who recorded it. A
    use becomes one disbursement to the shop, a line of its bill.
    """

    _name = "beneficiary.voucher.use"
    _description = "Use of a Voucher"
    _inherit = ["beneficiary.once.mixin"]
    _check_company_auto = True
    _order = "id desc"

    _cut_fields = frozenset({"goods", "reason", "reference"})

    voucher_id = fields.Many2one(
        comodel_name="beneficiary.voucher",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    request_id = fields.Many2one(
        related="voucher_id.request_id", store=True, precompute=True, index=True
    )
    beneficiary_id = fields.Many2one(related="voucher_id.beneficiary_id")
    vendor_id = fields.Many2one(
        related="voucher_id.vendor_id", store=True, precompute=True, index=True
    )
    fund_id = fields.Many2one(related="voucher_id.fund_id")
    company_id = fields.Many2one(
        related="voucher_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=[("use", "Bought"), ("void", "Cancelled")], required=True
    )
    amount = fields.Monetary(required=True)
    date = fields.Date(required=True, index=True)
    reference = fields.Char(
        string="Till Receipt", help="The number the shop gave the purchase."
    )
    goods = fields.Char(string="Bought")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Recorded by",
        required=True,
        ondelete="restrict",
    )
    voids_id = fields.Many2one(
        comodel_name="beneficiary.voucher.use",
        string="Cancels",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    void_ids = fields.One2many(
        comodel_name="beneficiary.voucher.use", inverse_name="voids_id"
    )
    reason = fields.Char(string="Why It Was Cancelled")
    disbursement_ids = fields.One2many(
        comodel_name="beneficiary.disbursement", inverse_name="voucher_use_id"
    )
    standing = fields.Selection(
        selection=[
            ("open", "To Settle"),
            ("billed", "On a Bill"),
            ("void", "Cancelled"),
        ],
        compute="_compute_standing",
        compute_sudo=True,
        search="_search_standing",
    )

    _amount_bounds = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e12)",
        "What is bought with a voucher is an amount above zero.",
    )
    _void_whole = models.Constraint(
        "CHECK((kind = 'void') = (voids_id IS NOT NULL)"
        " AND (kind = 'use' OR reason IS NOT NULL))",
        "Say which use is cancelled, and why.",
    )
    _void_once = models.UniqueIndex(
        "(voids_id) WHERE voids_id IS NOT NULL", "This use was cancelled already."
    )

    # === Compute === #

    @api.depends("void_ids", "disbursement_ids.state", "kind")
    def _compute_standing(self):
        for use in self:
            live = any(one.state in LIVE_STATES for one in use.disbursement_ids)
            is_void = use.kind == "void" or use.void_ids
            use.standing = "void" if is_void else "billed" if live else "open"

    @api.model
    def _search_standing(self, operator, value):
        if operator != "in":
            return NotImplemented
        billed = ("disbursement_ids", "any", [("state", "in", LIVE_STATES)])
        valid = [("kind", "=", "use"), ("void_ids", "=", False)]
        domains = {
            "open": ["&", "&", *valid, "!", billed],
            "billed": ["&", "&", *valid, billed],
            "void": ["|", ("kind", "=", "void"), ("void_ids", "!=", False)],
        }
        chosen = [domains[one] for one in value if one in domains]
        return Domain.OR(chosen)

    @api.depends("voucher_id", "date")
    def _compute_display_name(self):
        for use in self:
            day = format_date(self.env, use.date) if use.date else ""
            use.display_name = f"{use.voucher_id.name or ''} {day}".strip()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._cleaned(vals) for vals in vals_list])

    @api.model
    def _once_words(self):
        return self.env._("What was bought with a voucher stays.")

    @api.model
    def _once_typed_words(self):
        return self.env._("What was bought is recorded with the code of the voucher.")

    @api.model
    def _cleaned(self, vals):
        vals = dict(vals)
        for name, length in (
            ("reference", REFERENCE_LENGTH),
            ("goods", NOTE_LENGTH),
            ("reason", NOTE_LENGTH),
        ):
            if vals.get(name):
                vals[name] = clean_text(to_latin_digits(vals[name])[:length])
        return vals

    # === Actions === #

    def action_void(self):
        """Ask why a use is cancelled."""
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(RELEASER)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel a Use"),
            "res_model": "beneficiary.voucher.void",
            "view_mode": "form",
            "target": "new",
            "context": {"default_use_id": self.id},
        }

    def action_bill(self):
        """Open the shop's bill with the uses that are not on one yet.

        :raise UserError: for uses of several shops, or when nothing is open
        """
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        uses = self.filtered(lambda use: use.standing == "open")
        if not uses:
            raise UserError(
                self.env._("These uses are on a bill already, or were cancelled.")
            )
        if len(uses.vendor_id) > 1 or len(uses.company_id) > 1:
            raise UserError(
                self.env._(
                    "A bill has one vendor and one company. Enter a bill for each."
                )
            )
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_vendor_bill_action"
        )
        action["context"] = {
            "bill_use_ids": uses.ids,
            "default_vendor_id": uses.vendor_id.id,
            "default_company_id": uses.company_id.id,
        }
        return action

    # === Cancelling === #

    def _void(self, reason):
        """Cancel a use that was a mistake: the voucher counts it back.

        A voucher that was over stays over, unless it was used to its limit; what it
        counted back then goes to the fund.

        :param str reason: why
        :return: the record that cancels it
        :raise UserError: when it is on a bill, was cancelled, or was recorded by
            the same person
        """
        self.ensure_one()
        voucher = self.voucher_id
        voucher.request_id._touch_money()
        voucher._touch()
        reason = clean_text((reason or "")[:NOTE_LENGTH])
        if not reason:
            raise UserError(self.env._("Say why the use is cancelled."))
        if self.standing != "open":
            raise UserError(
                self.env._(
                    "This use was cancelled, or stands on a bill of the shop. Take the "
                    "bill back by a credit note first."
                )
            )
        if self.user_id == self.env.user and not self.env.user._is_superuser():
            raise UserError(
                self.env._("Whoever recorded a use does not cancel it. Ask another.")
            )
        was_full = voucher.currency_id.is_zero(voucher.amount - voucher.amount_used)
        voucher._count_back(self.amount)
        # Written once, by nobody's hand; role and person are checked.
        void = self.sudo().create(
            {
                "voucher_id": voucher.id,
                "kind": "void",
                "amount": self.amount,
                "date": voucher._today(),
                "voids_id": self.id,
                "reason": reason,
                "user_id": self.env.uid,
            }
        )
        voucher._follow_void(self.amount, was_full)
        return void.sudo(False)

    def _get_bill_refusal(self):
        """Why the use cannot stand on a bill, or ``None``."""
        self.ensure_one()
        if self.standing != "open":
            return self.env._(
                "%(number)s: this use is on a bill already, or was cancelled.",
                number=self.voucher_id.name,
            )
        return None
