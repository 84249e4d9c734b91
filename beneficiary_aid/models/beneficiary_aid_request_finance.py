from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

LIVE_STATES = ("draft", "due", "sent", "paid")
DONE_STATUSES = ("closed", "rejected", "cancelled")
# Where help that was decided is given.
PAYABLE_STATUSES = ("approved", "delivery", "follow_up")


class BeneficiaryAidRequest(models.Model):
    """The money side of a request.

    The amount approved is promised by the fund in the transaction of the decision
    (:meth:`beneficiary.fund._commit`). Each posted disbursement uses part of the
    promise, and so do goods handed out (:mod:`.beneficiary_aid_request_goods`); what
    is left when the request ends goes back to the fund.
    """

    _inherit = "beneficiary.aid.request"

    disbursement_ids = fields.One2many(
        comodel_name="beneficiary.disbursement",
        inverse_name="request_id",
    )
    disbursement_count = fields.Integer(compute="_compute_disbursement_count")
    amount_committed = fields.Monetary(
        string="Committed Amount",
        required=True,
        default=0.0,
        readonly=True,
        copy=False,
        help="Promised by the fund and not posted yet.",
    )
    is_fully_disbursed = fields.Boolean(compute="_compute_is_fully_disbursed")
    is_payable = fields.Boolean(
        string="May Be Given",
        compute="_compute_is_payable",
        compute_sudo=True,
        search="_search_is_payable",
        help="Decided, and not over: also while an appeal for more is heard.",
    )
    amount_paid = fields.Monetary(
        string="Paid Amount",
        compute="_compute_payment_state",
        store=True,
        help="What the bank statement proves.",
    )
    payment_state = fields.Selection(
        selection=[
            ("none", "Nothing Due"),
            ("due", "Due"),
            ("sent", "Sent"),
            ("paid", "Paid"),
            ("reversed", "Reversed"),
        ],
        string="Payment",
        compute="_compute_payment_state",
        store=True,
    )

    _amount_committed_bounds = models.Constraint(
        "CHECK(amount_committed >= 0 AND amount_committed < 1e12)",
        "The promised amount of a request is out of bounds.",
    )

    # === Compute === #

    @api.depends("disbursement_ids.state", "disbursement_ids.amount_paid")
    def _compute_payment_state(self):
        # Read for all at once: storing an amount asks for the currency one by one.
        self.mapped("currency_id")
        for request in self:
            disbursements = request.disbursement_ids
            states = set(disbursements.mapped("state"))
            request.payment_state = next(
                (
                    state
                    for state in ("due", "sent", "paid", "reversed")
                    if state in states
                ),
                "none",
            )
            # Also the paid part of a vendor's bill that is not paid as a whole.
            request.amount_paid = sum(disbursements.mapped("amount_paid"))

    def _compute_disbursement_count(self):
        disbursement = self.env["beneficiary.disbursement"]
        counts = (
            dict(
                disbursement._read_group(
                    [("request_id", "in", self.ids)], ["request_id"], ["__count"]
                )
            )
            if disbursement.has_access("read")
            else {}
        )
        for request in self:
            request.disbursement_count = counts.get(request, 0)

    @api.depends(
        "amount_approved",
        "disbursement_ids.amount",
        "disbursement_ids.state",
        "delivery_ids.value",
        "delivery_ids.state",
    )
    def _compute_is_fully_disbursed(self):
        totals = self._get_given_amounts()
        for request in self:
            rest = request.amount_approved - totals.get(request._origin, 0.0)
            request.is_fully_disbursed = (
                request.currency_id.compare_amounts(rest, 0.0) <= 0
            )

    @api.depends(
        "status", "decision_id", "is_appeal", "correcting_id", "amount_approved"
    )
    def _compute_is_payable(self):
        for request in self:
            request.is_payable = request._is_payable()

    @api.model
    def _search_is_payable(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        payable = self._payable_domain() & Domain("decision_id", "!=", False)
        return payable if True in value else ~payable

    # === CRUD === #

    def write(self, vals):
        if "fund_id" in vals:
            self._leave_fund(vals)
        res = super().write(vals)
        if "amount_approved" in vals:
            # Not a constraint: a new request has no payments to sum up.
            self._check_approved_covers_disbursed()
        if vals.keys() & {"stage_id", "active"}:
            ended = self.filtered(
                lambda request: request.status in DONE_STATUSES or not request.active
            )
            ended._release_commitment()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_release_commitment(self):
        self._release_commitment()

    def _check_approved_covers_disbursed(self):
        """Refuse to approve less than was disbursed already.

        :raise ValidationError: naming the request and the amount
        """
        totals = self._get_given_amounts()
        for request in self:
            total = totals.get(request._origin, 0.0)
            if request.currency_id.compare_amounts(total, request.amount_approved) > 0:
                raise ValidationError(
                    self.env._(
                        "%(request)s: %(total)s is disbursed already, the approved "
                        "amount cannot be less.",
                        request=request.display_name,
                        total=request.currency_id.format(total),
                    )
                )

    # === Actions === #

    def action_create_disbursement(self):
        """Open a new disbursement of what is approved and not disbursed yet."""
        self.ensure_one()
        self.check_access("read")
        self._check_role("beneficiary_aid.group_finance_clerk")
        if not self.decision_id or not self.amount_approved or not self.fund_id:
            raise UserError(
                self.env._(
                    "%(request)s has no decision that approves an amount from a fund. "
                    "Nothing can be paid before the decision.",
                    request=self.display_name,
                )
            )
        rest = self.amount_approved - self._get_given_amount()
        if self.currency_id.compare_amounts(rest, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "%(request)s: the approved amount is disbursed already.",
                    request=self.display_name,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Disbursement"),
            "res_model": "beneficiary.disbursement",
            "view_mode": "form",
            "context": {"default_request_id": self.id},
        }

    def action_open_disbursements(self):
        """Open the disbursements of the request."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_disbursement_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        action["context"] = {"default_request_id": self.id}
        return action

    # === What may be paid === #

    def _is_payable(self):
        """Tell whether what was approved may be given.

        It is given also while an appeal is heard because it is too little: nobody
        waits for what nobody questions.
        """
        self.ensure_one()
        return bool(self.decision_id) and (
            self.status in PAYABLE_STATUSES
            or bool(
                self.status == "decision"
                and self.is_appeal
                and not self.correcting_id
                and self.amount_approved
            )
        )

    @api.model
    def _payable_domain(self):
        """Return :meth:`_is_payable` as a domain of amounts of money."""
        return Domain("status", "in", PAYABLE_STATUSES) | (
            Domain("status", "=", "decision")
            & Domain("is_appeal", "=", True)
            & Domain("correcting_id", "=", False)
            & Domain("amount_approved", ">", 0)
        )

    # === Promises === #

    def _commit_approved(self):
        """Let the fund promise what is approved and not promised or spent yet.

        Called in the transaction that writes ``amount_approved`` and ``fund_id``. A
        later decision promises only the difference, or gives it back.

        :raise UserError: when the fund has less free
        """
        # Amounts of money are not written by people; whoever decides is checked.
        requests = self.sudo().filtered("fund_id")
        requests._touch()
        posted = requests._get_given_amounts(("due", "sent", "paid"))
        taken, given = defaultdict(float), defaultdict(float)
        for request in requests:
            fund, currency = request.fund_id, request.currency_id
            approved = request.amount_approved - posted.get(request._origin, 0.0)
            target = max(currency.round(approved), 0.0)
            difference = currency.round(target - request.amount_committed)
            if difference > 0:
                taken[fund] += difference
            elif difference < 0:
                given[fund] -= difference
            request.amount_committed = target
        # One row of each fund is written, in the order of the funds.
        for fund in requests.fund_id.sorted("id"):
            if given[fund]:
                fund._release(given[fund])
            if taken[fund]:
                fund._commit(taken[fund])

    def _leave_fund(self, vals):
        """Give the promise back when a new decision takes another fund."""
        for request in self:
            if not request.amount_committed or request.fund_id.id == vals["fund_id"]:
                continue
            if "decision_id" not in vals:
                raise UserError(
                    self.env._(
                        "%(request)s: the fund %(fund)s has promised its money "
                        "already. Only a new decision takes another fund.",
                        request=request.display_name,
                        fund=request.fund_id.display_name,
                    )
                )
            request._release_commitment()

    def _get_disbursed_amount(self, states=LIVE_STATES):
        """Σ of the disbursements that are neither cancelled nor reversed.

        :param tuple states: count only these
        :rtype: float
        """
        return sum(self._get_disbursed_amounts(states).values())

    @api.model
    def _number_papers(self, code, vals_list):
        """Number new papers by the association of the request each is for.

        :param str code: code of the sequence
        :param list vals_list: values of ``create``, changed in place
        """
        self.env["ir.sequence"]._number_vals(
            code,
            "name",
            vals_list,
            lambda vals: self.browse(vals.get("request_id")).company_id.id,
        )

    def _get_disbursed_amounts(self, states=LIVE_STATES):
        """As :meth:`_get_disbursed_amount`, for each request in one query.

        :return: ``{request: amount}``; requests without a disbursement are left out
        """
        # The ceiling counts every disbursement, also one the user may not read.
        totals = (
            self.env["beneficiary.disbursement"]
            .sudo()
            ._read_group(
                [
                    ("request_id", "in", self._origin.ids),
                    ("state", "in", states),
                ],
                ["request_id"],
                ["amount:sum"],
            )
        )
        return {self.browse(request.id): total for request, total in totals}

    def _touch_money(self):
        """Spend from one request in one session at a time; see :meth:`_touch`."""
        self._touch()

    def _use_commitments(self, amounts):
        """Use up open promises for what was just posted, as far as they go.

        :param dict amounts: ``{request: amount}`` posted
        :return: how much of it was promised
        :rtype: float
        """
        used, rests = 0.0, {}
        for request, amount in amounts.items():
            currency = request.currency_id
            promised = currency.round(min(amount, request.amount_committed))
            if promised:
                used += promised
                rest = currency.round(request.amount_committed - promised)
                rests.setdefault(rest, []).append(request.id)
        for rest, ids in rests.items():
            # Amounts of money are not written by people; the poster is checked.
            self.browse(ids).sudo().amount_committed = rest
        return used

    def _release_commitment(self):
        """Give what is promised and not posted back to the funds.

        Repeating it changes nothing. A request opened again pays from what its fund
        has free.
        """
        # As superuser: whoever may end a request ends its promise with it.
        promised = self.sudo().filtered(
            lambda request: request.currency_id.round(request.amount_committed)
        )
        promised._touch()
        for fund, requests in promised.grouped("fund_id").items():
            fund._release(sum(requests.mapped("amount_committed")))
        promised.amount_committed = 0.0
