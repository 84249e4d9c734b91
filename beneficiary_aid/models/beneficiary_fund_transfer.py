from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

APPROVERS = (
    "beneficiary_aid.group_finance_releaser",
    "beneficiary_aid.group_aid_manager",
)


class BeneficiaryFundTransfer(models.Model):
    """Money that passes from one fund to another, as far as its condition allows.

    ============  ============================================================
    from          may pass to
    ============  ============================================================
    unrestricted  any fund but zakat
    restricted    any fund but zakat, with the donor's consent as evidence
    zakat         zakat only, with evidence
    endowment     nowhere: its capital is kept
    ============  ============================================================

    A clerk enters it, somebody else approves it, and approving posts the entry. Only
    what is free passes.
    """

    _name = "beneficiary.fund.transfer"
    _description = "Transfer between Funds"
    _inherit = ["beneficiary.posted.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    _frozen_when_posted = frozenset(
        {"amount", "company_id", "date", "from_fund_id", "reason", "to_fund_id"}
    )
    _never_typed = frozenset(
        {
            "approved_by_id",
            "is_cancelled",
            "move_id",
            "move_line_id",
            "name",
            "prepared_by_id",
            "state",
        }
    )

    name = fields.Char(string="Number")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    from_fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="From",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '!=', 'endowment')]",
        tracking=True,
    )
    to_fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="To",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('id', '!=', from_fund_id)]",
        tracking=True,
    )
    free = fields.Monetary(related="from_fund_id.free", string="Free in the Fund")
    amount = fields.Monetary(required=True, tracking=True)
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    reason = fields.Text(required=True)
    evidence_name = fields.Char()
    evidence = fields.Binary(
        attachment=True,
        copy=False,
        help="The donor's consent, or the decision the transfer rests on.",
    )
    needs_evidence = fields.Boolean(compute="_compute_needs_evidence")
    prepared_by_id = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    approved_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    state = fields.Selection(
        selection=[
            ("draft", "To Approve"),
            ("posted", "Posted"),
            ("reversed", "Reversed"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
        tracking=True,
    )

    _amount_bounds = models.Constraint(
        "CHECK(amount > 0 AND amount < 1e12)",
        "The amount of a transfer must be above zero.",
    )
    _two_funds = models.Constraint(
        "CHECK(from_fund_id <> to_fund_id)",
        "A transfer goes from one fund to another one.",
    )
    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "This number of a transfer is taken already.",
    )

    # === Computes === #

    @api.depends("from_fund_id.kind")
    def _compute_needs_evidence(self):
        for transfer in self:
            transfer.needs_evidence = transfer.from_fund_id.kind in (
                "restricted",
                "zakat",
            )

    @api.depends("is_cancelled", "move_id.state", "move_id.reversal_move_ids.state")
    def _compute_state(self):
        for transfer in self:
            move = transfer.move_id
            if transfer.is_cancelled:
                transfer.state = "cancelled"
            elif not move:
                transfer.state = "draft"
            elif "posted" in move.reversal_move_ids.mapped("state"):
                transfer.state = "reversed"
            else:
                transfer.state = "posted"

    # === Constraints === #

    @api.constrains("from_fund_id", "to_fund_id")
    def _check_kinds(self):
        for transfer in self:
            source, target = transfer.from_fund_id, transfer.to_fund_id
            values = {"giver": source.display_name, "taker": target.display_name}
            if source.kind == "endowment":
                raise ValidationError(
                    self.env._(
                        "The capital of the endowment %(giver)s is kept: nothing "
                        "passes from it to another fund.",
                        **values,
                    )
                )
            if source.kind == "zakat" and target.kind != "zakat":
                raise ValidationError(
                    self.env._(
                        "%(giver)s is zakat: it passes to a zakat fund only, not to "
                        "%(taker)s.",
                        **values,
                    )
                )
            if target.kind == "zakat" and source.kind != "zakat":
                raise ValidationError(
                    self.env._(
                        "%(taker)s holds zakat only: other money, such as that of "
                        "%(giver)s, is not mixed into it.",
                        **values,
                    )
                )

    # === CRUD === #

    def _complete_new(self, vals_list):
        for vals in vals_list:
            vals["prepared_by_id"] = self.env.uid
        self.env["ir.sequence"]._number_vals(
            self._name,
            "name",
            vals_list,
            lambda vals: vals.get("company_id") or self.env.company.id,
        )

    # === Actions === #

    def action_approve(self):
        """Approve transfers that somebody else entered, and post their entries.

        :raise AccessError: when the user neither releases payments nor manages aid
        :raise UserError: with the reason, nothing being posted
        """
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(*APPROVERS)
        for transfer in self:
            transfer._check_can_approve()
        self._touch()
        # Whoever approves need not be an accountant; the role is checked above.
        transfers = self.sudo()
        moves = self.env["account.move"].sudo()
        moves = moves.create([transfer._prepare_move() for transfer in transfers])
        moves.action_post()
        for transfer, move in zip(transfers, moves, strict=True):
            transfer.write({"move_id": move.id, "approved_by_id": self.env.uid})
        # In the lock order of the counters: what passed must have been free.
        for transfer in transfers.sorted(lambda one: one.from_fund_id.id):
            transfer.from_fund_id._settle(0.0, transfer.amount)

    def action_cancel(self):
        """Cancel transfers that are not posted."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        for transfer in self:
            if transfer.state != "draft":
                raise UserError(transfer._already_words())
        # The flag is not typed in by people; the role is checked above.
        self.sudo().write({"is_cancelled": True})

    def action_reverse(self):
        """Take posted transfers back by the reversed entry.

        :raise UserError: when the money is not free in the other fund any more
        """
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(*APPROVERS)
        for transfer in self:
            if transfer.state != "posted":
                raise UserError(
                    self.env._(
                        "%(number)s is not posted: there is nothing to reverse.",
                        number=transfer.name,
                    )
                )
        self._touch()
        # As in action_approve.
        for transfer in self.sudo().sorted(lambda one: one.to_fund_id.id):
            transfer.move_id._reverse_moves(
                [
                    {
                        "ref": self.env._(
                            "Reversal of %(number)s", number=transfer.name
                        ),
                        "date": fields.Date.context_today(self),
                    }
                ],
                cancel=True,
            )
            transfer.to_fund_id._settle(0.0, transfer.amount)

    def action_open_entry(self):
        """Open the journal entry."""
        self.ensure_one()
        self.check_access("read")
        return self.move_id._get_records_action(name=self.env._("Journal Entry"))

    # === Helpers === #

    def _check_can_approve(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self._already_words())
        if self.prepared_by_id == self.env.user:
            raise UserError(
                self.env._(
                    "%(number)s was entered by you. Somebody else approves it.",
                    number=self.name,
                )
            )
        if self.needs_evidence and not self.with_context(bin_size=True).evidence:
            raise UserError(
                self.env._(
                    "%(number)s: the money of %(fund)s has a condition. Add the "
                    "donor's consent, or the decision the transfer rests on.",
                    number=self.name,
                    fund=self.from_fund_id.display_name,
                )
            )
        if not self.to_fund_id.active or not self.from_fund_id.active:
            raise UserError(
                self.env._(
                    "%(number)s: one of the funds is archived.", number=self.name
                )
            )

    def _prepare_move(self):
        """Values of the entry: one account on both sides, from fund to fund."""
        self.ensure_one()
        company = self.company_id
        account = company._beneficiary_required("beneficiary_donation_account_id")
        return company._beneficiary_entry(
            self.date,
            self.name,
            [
                {
                    "account_id": account.id,
                    side: self.amount,
                    "analytic_distribution": fund._distribution(),
                }
                for side, fund in (
                    ("debit", self.from_fund_id),
                    ("credit", self.to_fund_id),
                )
            ],
        )
