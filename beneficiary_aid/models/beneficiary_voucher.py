import hashlib
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits
from odoo.addons.beneficiary_relations.tools.touch import touch

from .beneficiary_aid_request_finance import LIVE_STATES

CLERK = "beneficiary_aid.group_finance_clerk"
RELEASER = "beneficiary_aid.group_finance_releaser"
# Help that is bought for the person; money for his own hand takes no voucher.
BOUGHT_NATURES = ("vendor", "in_kind", "recurring")
LIVE_VOUCHERS = ("issued", "partly")
# Letters and digits that are not taken for one another, on paper and by telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12
GOODS_LENGTH = 300
REASON_LENGTH = 300
MAX_USES = 1000


class BeneficiaryVoucher(models.Model):
    """The right to buy at one shop, up to an amount, until a day.

    A voucher is money of an approved request: it counts within the approval from the
    moment it is issued, and the fund's promise to the request stands behind it, not a
    second one. What a shop gives on it is a use; uses are paid to the shop by its
    bill. What nobody used when it ends goes back to the fund.

    ==================  ========  =====================================================
    step                role      not allowed
    ==================  ========  =====================================================
    prepare             clerk     more than is approved and open; for no shop
    issue               releaser  whoever prepared it, or voted on the request
    redeem              clerk     without the code, above the limits, outside the days
    cancel a use        releaser  whoever recorded it; after the shop's bill
    cancel, replace     releaser
    ==================  ========  =====================================================

    The code is shown to the person, in the portal and on the printed voucher. The
    system finds a voucher by a digest; staff see the last four letters. After its
    last day a voucher keeps no code.
    """

    _name = "beneficiary.voucher"
    _description = "Purchase Voucher"
    _inherit = [
        "beneficiary.finance.paper.mixin",
        "beneficiary.released.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True

    _never_typed = frozenset(
        {
            "amount_used",
            "code",
            "code_digest",
            "code_last",
            "end_reason",
            "ended_on",
            "issued_by_id",
            "issued_on",
            "name",
            "notified_on",
            "prepared_by_id",
            "replaces_id",
            "state",
            "use_count",
        }
    )
    _content_fields = frozenset(
        {
            "amount",
            "date_from",
            "date_until",
            "goods",
            "period_date",
            "request_id",
            "sponsorship_id",
            "use_limit",
            "vendor_id",
        }
    )

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    active = fields.Boolean(default=True)
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_payable', '=', True),"
        " ('aid_type_id.nature', 'in', ('vendor', 'in_kind', 'recurring'))]",
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    aid_type_id = fields.Many2one(
        related="request_id.aid_type_id", store=True, precompute=True
    )
    fund_id = fields.Many2one(
        related="request_id.fund_id", store=True, precompute=True, index=True
    )
    sponsorship_id = fields.Many2one(
        comodel_name="beneficiary.sponsorship",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('request_id', '=', request_id), ('state', '=', 'running')]",
        help="The sponsorship of which an instalment is given as a voucher.",
    )
    period_date = fields.Date(
        string="Day of the Plan",
        help="The instalment the voucher takes the place of.",
    )
    vendor_id = fields.Many2one(
        comodel_name="res.partner",
        string="Shop",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_beneficiary', '=', False), ('partner_share', '=', True)]",
        tracking=True,
    )
    goods = fields.Text(
        string="May Buy",
        help="The kinds of goods, as the shop reads them. Leave it empty when the shop "
        "gives anything it has.",
    )
    amount = fields.Monetary(
        string="Limit",
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        tracking=True,
        help="What may be bought with it altogether.",
    )
    use_limit = fields.Integer(
        string="Uses at Most", required=True, default=1, aggregator=None
    )
    date_from = fields.Date(
        string="Valid from", required=True, default=lambda self: self._default_day()
    )
    date_until = fields.Date(
        string="Valid until", required=True, tracking=True, copy=False
    )
    state = fields.Selection(
        selection=[
            ("draft", "To Issue"),
            ("issued", "Issued"),
            ("partly", "Partly Used"),
            ("used", "Used"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )

    # The counter: written by one UPDATE for each use
    amount_used = fields.Monetary(
        string="Used", required=True, default=0.0, readonly=True, copy=False
    )
    use_count = fields.Integer(
        string="Uses", required=True, default=0, readonly=True, copy=False
    )
    amount_left = fields.Monetary(
        string="Left",
        compute="_compute_left",
        store=True,
        help="What may still be bought with it.",
    )
    amount_owed = fields.Monetary(
        string="Owed to the Shop",
        compute="_compute_owed",
        store=True,
        help="Used, and not on a bill of the shop yet.",
    )
    amount_reserved = fields.Monetary(
        string="Kept for It",
        compute="_compute_owed",
        store=True,
        help="What is left and what is owed: it is not paid in any other way.",
    )
    use_ids = fields.One2many(
        comodel_name="beneficiary.voucher.use", inverse_name="voucher_id"
    )

    # The code
    code = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    code_digest = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    code_last = fields.Char(
        string="Code Ends in",
        readonly=True,
        copy=False,
        help="The last four letters of the code, to tell one voucher from another.",
    )

    # People and moments
    prepared_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    issued_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, tracking=True
    )
    issued_on = fields.Datetime(readonly=True, copy=False)
    notified_on = fields.Datetime(string="Told on", readonly=True, copy=False)
    ended_on = fields.Date(readonly=True, copy=False)
    end_reason = fields.Char(string="Why It Ended", readonly=True, copy=False)
    replaces_id = fields.Many2one(
        comodel_name="beneficiary.voucher",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    release_refusal = fields.Char(compute="_compute_release_refusal")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "This number of a voucher is taken already."
    )
    _code_uniq = models.UniqueIndex(
        "(company_id, code_digest) WHERE code_digest IS NOT NULL",
        "This code was given to another voucher. Try again.",
    )
    _amount_bounds = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e12)",
        "The limit of a voucher is an amount above zero.",
    )
    _used_bounds = models.Constraint(
        "CHECK(amount_used >= 0 AND amount_used <= amount)",
        "A voucher is not used above its limit.",
    )
    _use_bounds = models.Constraint(
        f"CHECK(use_limit BETWEEN 1 AND {MAX_USES}"
        " AND use_count BETWEEN 0 AND use_limit)",
        "A voucher is used from once to a thousand times, and not more often than it "
        "says.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_from <= date_until)",
        "A voucher ends after it begins. Correct one of the days.",
    )
    _issued_by_somebody = models.Constraint(
        "CHECK(state IN ('draft', 'cancelled') OR (issued_by_id IS NOT NULL"
        " AND code_digest IS NOT NULL))",
        "A voucher is issued by a releaser, and has a code.",
    )
    _ended_explained = models.Constraint(
        "CHECK(state <> 'cancelled' OR end_reason IS NOT NULL)",
        "Say why the voucher is cancelled.",
    )
    _ended_without_code = models.Constraint(
        "CHECK(code IS NULL OR state IN ('issued', 'partly', 'used'))",
        "A voucher that is over keeps no code.",
    )
    _period_uniq = models.UniqueIndex(
        "(sponsorship_id, period_date) WHERE sponsorship_id IS NOT NULL"
        " AND (state IN ('draft', 'issued', 'partly', 'used') OR amount_used > 0)",
        "This instalment of the sponsorship is given as a voucher already.",
    )
    _period_known = models.Constraint(
        "CHECK((sponsorship_id IS NULL) = (period_date IS NULL))",
        "Say which instalment of the sponsorship the voucher takes the place of.",
    )
    _live_idx = models.Index(
        "(company_id, date_until) WHERE state IN ('issued', 'partly')"
    )
    _owed_idx = models.Index("(vendor_id) WHERE amount_owed > 0")

    # === Defaults === #

    @api.model
    def _default_day(self):
        return self.env.company._beneficiary_day(fields.Datetime.now())

    # === Compute === #

    @api.depends("request_id")
    def _compute_amount(self):
        empty = self.filtered(lambda voucher: not voucher.amount)
        open_amounts = empty.request_id._get_open_amounts() if empty else {}
        for voucher in empty:
            voucher.amount = open_amounts.get(voucher.request_id._origin, 0.0)

    @api.depends("amount", "amount_used", "state")
    def _compute_left(self):
        for voucher in self:
            voucher.amount_left = (
                voucher.currency_id.round(voucher.amount - voucher.amount_used)
                if voucher.state in LIVE_VOUCHERS
                else 0.0
            )

    @api.depends(
        "amount_left",
        "amount_used",
        "use_ids.disbursement_ids.amount",
        "use_ids.disbursement_ids.state",
    )
    def _compute_owed(self):
        billed = self._get_billed_amounts()
        for voucher in self:
            voucher.amount_owed = voucher.currency_id.round(
                voucher.amount_used - billed.get(voucher._origin, 0.0)
            )
            voucher.amount_reserved = voucher.amount_left + voucher.amount_owed

    @api.depends("state", "prepared_by_id")
    @api.depends_context("uid")
    def _compute_release_refusal(self):
        drafts = self._origin.filtered(lambda voucher: voucher.state == "draft")
        reasons = drafts._get_release_refusals(self.env.user)
        for voucher in self:
            voucher.release_refusal = reasons.get(voucher._origin, False)

    # === Constraints === #

    @api.constrains("vendor_id")
    def _check_vendor(self):
        """A shop is no person the association helps, nor a colleague."""
        # Whether a contact is a person of the registry is asked, nothing else of it.
        for voucher in self.sudo():
            vendor = voucher.vendor_id
            if vendor.is_beneficiary or not vendor.partner_share:
                raise ValidationError(
                    self.env._(
                        "%(number)s: choose a shop. A beneficiary or a colleague takes "
                        "no vouchers.",
                        number=voucher.display_name,
                    )
                )

    @api.constrains("request_id")
    def _check_request(self):
        for voucher in self:
            if voucher.aid_type_id.nature not in BOUGHT_NATURES:
                raise ValidationError(
                    self.env._(
                        "%(request)s is paid to the person's own hand. Vouchers are "
                        "for help that is bought for the person.",
                        request=voucher.request_id.display_name,
                    )
                )

    @api.constrains("sponsorship_id", "period_date", "request_id", "amount")
    def _check_instalment(self):
        """An instalment is given once, and not more than it is worth."""
        for voucher in self.filtered("sponsorship_id"):
            plan, day = voucher.sponsorship_id, voucher.period_date
            if plan.request_id != voucher.request_id:
                raise ValidationError(
                    self.env._(
                        "%(number)s: the sponsorship belongs to another request.",
                        number=voucher.display_name,
                    )
                )
            # What is taken by this voucher itself is open to it.
            if day not in plan._days() or day in plan._get_disbursed_days():
                raise ValidationError(
                    self.env._(
                        "%(number)s: the sponsorship has no open instalment on "
                        "%(day)s.",
                        number=voucher.display_name,
                        day=day,
                    )
                )
            worth = plan._amount_on(day)
            if voucher.currency_id.compare_amounts(voucher.amount, worth) > 0:
                raise ValidationError(
                    self.env._(
                        "%(number)s: the instalment is worth %(worth)s, less than the "
                        "limit of the voucher.",
                        number=voucher.display_name,
                        worth=voucher.currency_id.format(worth),
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._cleaned(vals) for vals in vals_list]
        requests = self.env["beneficiary.aid.request"]
        for vals in vals_list:
            vals["prepared_by_id"] = self.env.uid
        self.env["ir.sequence"]._number_vals(
            self._name,
            "name",
            vals_list,
            lambda vals: requests.browse(vals.get("request_id")).company_id.id,
        )
        # Nobody becomes a follower by preparing a voucher.
        vouchers = super(
            BeneficiaryVoucher, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        return vouchers.with_env(self.env)

    def write(self, vals):
        vals = self._cleaned(vals)
        if not self.env.su and vals.keys() & self._content_fields:
            for voucher in self:
                if voucher.state != "draft":
                    raise UserError(
                        self.env._(
                            "%(number)s is %(state)s: what it is worth stays as it was "
                            "issued. Cancel or replace it.",
                            number=voucher.name,
                            state=voucher._get_state_label(),
                        )
                    )
            # Whoever changes what it is worth prepared it, and does not issue it.
            vals["prepared_by_id"] = self.env.uid
        if vals.get("active") is False:
            self._check_ended()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for voucher in self:
            if voucher.state != "draft":
                raise UserError(
                    self.env._(
                        "%(number)s was issued and is kept. Cancel it instead.",
                        number=voucher.name,
                    )
                )

    def _cleaned(self, vals):
        """Refuse what nobody types in; clean words and amounts.

        :raise UserError: for a typed state or number, or what is no money
        """
        if vals.keys() & self._never_typed and not (
            self.env.su or is_anonymising(self.env)
        ):
            raise UserError(
                self.env._(
                    "Number, state, code and people of a voucher are not typed in. Use "
                    "its buttons."
                )
            )
        vals = dict(vals)
        if vals.get("amount") is not None:
            vals["amount"] = self.env.company._beneficiary_amount(vals["amount"])
        if vals.get("goods"):
            try:
                vals["goods"] = clean_text(vals["goods"], GOODS_LENGTH, multiline=True)
            except ValueError:
                raise UserError(
                    self.env._(
                        "Describe the goods in %(count)s letters at most.",
                        count=GOODS_LENGTH,
                    )
                ) from None
        return vals

    def _check_ended(self):
        """Refuse to put away what still counts.

        :raise UserError: naming the voucher
        """
        for voucher in self:
            if voucher.state == "draft" or voucher.amount_reserved:
                raise UserError(
                    self.env._(
                        "%(number)s is not over, or the shop is still owed something. "
                        "It is archived afterwards.",
                        number=voucher.name,
                    )
                )

    # === Actions === #

    def action_issue(self):
        """Issue vouchers: they count within the approval, and get their codes.

        :raise AccessError: when the user is no finance releaser
        :raise UserError: naming the voucher and the reason; nothing is issued then
        """
        self._check_role(RELEASER)
        self._issue()

    def action_tell(self):
        """Tell the persons the shop, the days and the code once more."""
        self._check_role(CLERK, RELEASER)
        self._check_state(*LIVE_VOUCHERS)
        # Whoever tells people need not read their codes.
        told = self.sudo()._tell()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if told else "warning",
                "message": self.env._("Messages sent: %(count)s", count=told)
                if told
                else self.env._(
                    "Nobody was told: no telephone number is known. Print the voucher."
                ),
            },
        }

    def action_cancel(self):
        """Ask why vouchers are cancelled, and whether others take their place."""
        self._check_role(CLERK, RELEASER)
        if any(voucher.state != "draft" for voucher in self):
            self._check_role(RELEASER)
        self._check_state("draft", *LIVE_VOUCHERS)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Vouchers"),
            "res_model": "beneficiary.voucher.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_voucher_ids": self.ids},
        }

    def action_redeem(self):
        """Open the window on which the code of a voucher is typed or scanned."""
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(CLERK)
        return self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_voucher_redeem_action"
        )

    def action_open_uses(self):
        """Open what shops gave on the vouchers."""
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_voucher_use_action"
        )
        action["domain"] = [("voucher_id", "in", self.ids)]
        action["context"] = {}
        return action

    def action_open_request(self):
        """Open the request a voucher is for."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))

    # === Issuing === #

    def _issue(self):
        """Issue drafts, whoever may; see :meth:`action_issue`."""
        self.request_id._touch_money()
        self._touch()
        self._check_state("draft")
        for reason in self._get_release_refusals(self.env.user).values():
            raise UserError(reason)
        for voucher in self:
            reason = voucher._get_issue_refusal()
            if reason:
                raise UserError(reason)
        now = fields.Datetime.now()
        # State and code are not typed in; the role is checked.
        for voucher in self.sudo():
            voucher.write(
                {
                    "state": "issued",
                    "issued_by_id": self.env.uid,
                    "issued_on": now,
                    **self._new_code(),
                }
            )
        self.request_id._check_vouchers_covered()
        self._log_duty_uses(self.env.user)
        self.sudo()._tell()

    def _get_issue_refusal(self):
        """Why the voucher cannot be issued, or ``None``."""
        self.ensure_one()
        request = self.request_id
        if not request._is_payable():
            return self.env._(
                "%(number)s: the request %(request)s is not approved, or closed.",
                number=self.name,
                request=request.display_name,
            )
        if not request.amount_approved or not request.fund_id:
            return self.env._(
                "%(request)s has no decision that approves an amount from a fund. "
                "Nothing can be paid before the decision.",
                request=request.display_name,
            )
        if self.date_until < self._today():
            return self.env._(
                "%(number)s: its last day is over. Choose a later one.",
                number=self.name,
            )
        if not self.company_id._beneficiary_payable(self.vendor_id):
            return self.env._(
                "%(number)s: the payee has no payable account in %(company)s.",
                number=self.name,
                company=self.company_id.display_name,
            )
        return self._get_fund_refusal()

    def _get_fund_refusal(self):
        """Why the fund may not pay a shop for this request, or ``None``."""
        request, fund = self.request_id, self.request_id.fund_id
        reason = fund._get_refusal_reason(
            request.aid_type_id, request.beneficiary_id, request
        )
        if reason:
            return reason
        if (
            fund.kind == "zakat"
            and not request.zakat_authorised_on
            and not request.company_id.beneficiary_zakat_approval_date
        ):
            return self.env._(
                "%(request)s: zakat passes into the person's hands. To pay a vendor or "
                "give goods, record the person's authorisation, or the sharia "
                "approval of the association in the settings.",
                request=request.display_name,
            )
        return None

    # === Codes === #

    @api.model
    def _new_code(self):
        """A code nobody guesses, with what is kept of it: 59 bits by chance."""
        code = "".join(secrets.choice(ALPHABET) for _letter in range(CODE_LENGTH))
        return {
            "code": code,
            "code_digest": self._digest(code),
            "code_last": code[-4:],
        }

    @api.model
    def _digest(self, code):
        return hashlib.sha256(f"beneficiary.voucher:{code}".encode()).hexdigest()

    @api.model
    def _of_code(self, code):
        """Return the voucher a code stands for, under the rules of the user, or none.

        :param str code: as it was typed or scanned, with hyphens or without
        """
        letters = to_latin_digits(clean_text(code or "")).upper()
        letters = "".join(letter for letter in letters if letter in ALPHABET)
        if len(letters) != CODE_LENGTH:
            return self.browse()
        # Nobody reads codes; whoever has one finds its voucher, under his own rules.
        found = self.sudo().search([("code_digest", "=", self._digest(letters))])
        return self.search([("id", "in", found.ids)])

    def _spelt_code(self):
        """The code in groups of four, as it is printed; empty when it is over."""
        self.ensure_one()
        code = self.code or ""
        return "-".join(code[start : start + 4] for start in range(0, len(code), 4))

    # === Telling === #

    def _tell(self):
        """Tell people shop, days and code; neutral words only.

        :return: how many were told
        """
        notices = [
            (voucher.beneficiary_id.partner_id, voucher._notice_words(), voucher)
            for voucher in self
            if voucher.code and voucher.beneficiary_id.partner_id.phone
        ]
        messages = self.env["beneficiary.message"]._send_many(notices, kind="code")
        # Staff read the log of messages: what was sent stays there without its code.
        for message, (_partner, _words, voucher) in zip(messages, notices, strict=True):
            code = voucher._spelt_code()
            message.body = message.body.replace(code, f"…{voucher.code_last}")
        self.browse([voucher.id for _partner, _words, voucher in notices]).write(
            {"notified_on": fields.Datetime.now()}
        )
        return len(notices)

    def _notice_words(self):
        self.ensure_one()
        partner = self.beneficiary_id.partner_id
        words = self.with_context(lang=partner.lang or self.env.lang)
        return words.env._(
            "%(association)s: you can buy at %(shop)s for up to %(amount)s until "
            "%(day)s. Your code: %(code)s. Show it at the till, and to nobody else.",
            association=self.company_id.name,
            shop=self.vendor_id.name,
            amount=words.currency_id.format(self.amount_left),
            day=words.env["beneficiary.access.mixin"]._portal_date(self.date_until),
            code=self._spelt_code(),
        )

    # === Ending === #

    def _cancel(self, reason, then="release"):
        """Cancel vouchers.

        :param str reason: why, for the record
        :param str then: what becomes of what is left: ``release`` gives it back to
            the fund, ``keep`` leaves it promised to the request, ``replace`` prepares
            new vouchers for it
        :return: the new drafts
        """
        self.request_id._touch_money()
        self._touch()
        self._check_state("draft", *LIVE_VOUCHERS)
        reason = clean_text((reason or "")[:REASON_LENGTH])
        if not reason:
            raise UserError(self.env._("Say why the vouchers are cancelled."))
        live = self.filtered(lambda voucher: voucher.state in LIVE_VOUCHERS)
        rests = {voucher: voucher.amount_left for voucher in live}
        self._end("cancelled", reason)
        if then == "release":
            self.request_id._release_voucher_rests(rests)
        if then != "replace":
            return self.browse()
        # Whoever cancels need not prepare vouchers; another releaser issues them.
        return (
            self.sudo()
            .create(
                [
                    {**voucher._replacement_values(rest), "replaces_id": voucher.id}
                    for voucher, rest in rests.items()
                ]
            )
            .sudo(False)
        )

    def _replacement_values(self, rest):
        return {
            "request_id": self.request_id.id,
            "vendor_id": self.vendor_id.id,
            "goods": self.goods,
            "amount": rest,
            "use_limit": self.use_limit - self.use_count,
            "date_from": max(self.date_from, self._today()),
            "date_until": self.date_until,
        }

    def _end(self, state, reason):
        """Let vouchers be over; the caller gives back what is left."""
        # State and reason are not typed in; the caller checked the right.
        self.sudo().write(
            {
                "state": state,
                "end_reason": reason,
                "ended_on": self._today(),
                "code": False,
            }
        )

    @api.model
    def _cron_expire(self):
        """End vouchers whose last day is over; each association has its own day."""
        now = fields.Datetime.now()
        cron = self.env["ir.cron"]
        for company in self.env["res.company"].search([]):
            over = Domain(
                [
                    ("company_id", "=", company.id),
                    ("date_until", "<", company._beneficiary_day(now)),
                ]
            )
            live = over & Domain("state", "in", LIVE_VOUCHERS)
            used = over & Domain([("state", "=", "used"), ("code", "!=", False)])
            if not (
                cron._in_slices(self, live, "_expire")
                and cron._in_slices(self, used, "_forget_codes")
            ):
                return

    def _expire(self):
        """End vouchers and give back what nobody bought with them."""
        self.request_id._touch_money()
        self._touch()
        live = self.filtered(lambda voucher: voucher.state in LIVE_VOUCHERS)
        rests = {voucher: voucher.amount_left for voucher in live}
        live._end("expired", self.env._("Its last day is over."))
        live.request_id._release_voucher_rests(rests)
        for voucher, rest in rests.items():
            voucher.request_id._note_voucher_expired(voucher, rest)

    def _forget_codes(self):
        self.write({"code": False})

    # === Helpers === #

    def _touch(self):
        """Write the rows, so that a second session doing the same step fails and is
        run again on what the first one left."""
        touch(self)

    def _today(self):
        """The day at the association, whoever asks."""
        company = self.company_id[:1] or self.env.company
        return company._beneficiary_day(fields.Datetime.now())

    def _get_billed_amounts(self):
        """What stands on live bills of the shops: ``{voucher: amount}``."""
        # The same figures for whoever reads the voucher.
        disbursements = (
            self.env["beneficiary.disbursement"]
            .sudo()
            .search(
                [
                    ("voucher_use_id.voucher_id", "in", self._origin.ids),
                    ("state", "in", LIVE_STATES),
                ]
            )
        )
        return {
            voucher.with_env(self.env): sum(records.mapped("amount"))
            for voucher, records in disbursements.grouped(
                lambda one: one.voucher_use_id.voucher_id
            ).items()
        }

    def _check_role(self, *groups):
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(*groups)

    def _check_state(self, *states):
        for voucher in self:
            if voucher.state not in states:
                raise UserError(voucher._already_words())
