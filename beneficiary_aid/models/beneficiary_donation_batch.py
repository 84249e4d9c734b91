from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryDonationBatch(models.Model):
    """Donations of one day or one source, entered together with control totals.

    Number and sum are counted before anything is typed. The donations are posted when
    what was typed agrees with them, all or none.
    """

    _name = "beneficiary.donation.batch"
    _description = "Batch of Donations"
    _inherit = ["beneficiary.amounts.mixin", "mail.thread"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, help="e.g. Receipts of Sunday")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Proposed for each donation.",
    )
    expected_count = fields.Integer(
        string="Donations Expected", required=True, tracking=True
    )
    expected_amount = fields.Monetary(
        string="Total Expected", required=True, tracking=True
    )
    donation_ids = fields.One2many(
        comodel_name="beneficiary.donation", inverse_name="batch_id"
    )
    entered_count = fields.Integer(
        string="Donations Entered", compute="_compute_entered"
    )
    entered_amount = fields.Monetary(string="Total Entered", compute="_compute_entered")
    is_balanced = fields.Boolean(string="Agrees", compute="_compute_entered")
    state = fields.Selection(
        selection=[("draft", "Being Entered"), ("posted", "Posted")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )

    _bounds = models.Constraint(
        "CHECK(expected_count > 0 AND expected_count <= 100000"
        " AND expected_amount > 0 AND expected_amount < 1e12)",
        "Count the donations and their sum first: both are above zero.",
    )

    # === Computes === #

    @api.depends(
        "donation_ids.amount",
        "donation_ids.is_cancelled",
        "expected_count",
        "expected_amount",
    )
    def _compute_entered(self):
        for batch in self:
            live = batch.donation_ids.filtered(lambda one: not one.is_cancelled)
            batch.entered_count = len(live)
            batch.entered_amount = sum(live.mapped("amount"))
            currency = batch.currency_id or self.env.company.currency_id
            batch.is_balanced = (
                bool(live)
                and batch.entered_count == batch.expected_count
                and not currency.compare_amounts(
                    batch.entered_amount, batch.expected_amount
                )
            )

    # === CRUD === #

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("The state of a batch is not typed in."))
        if vals.keys() - {"name"}:
            for batch in self:
                if batch.state == "posted":
                    raise UserError(
                        self.env._(
                            "The batch %(name)s is posted and stays as it was.",
                            name=batch.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for batch in self:
            if batch.state == "posted":
                raise UserError(
                    self.env._(
                        "The batch %(name)s is posted and stays as it was.",
                        name=batch.name,
                    )
                )

    # === Actions === #

    def action_post(self):
        """Post the donations of batches that agree with their control totals.

        :raise AccessError: when the user is no finance clerk
        :raise UserError: naming the difference; nothing is posted
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        for batch in self:
            if batch.state == "posted":
                raise UserError(
                    self.env._(
                        "The batch %(name)s is posted and stays as it was.",
                        name=batch.name,
                    )
                )
            if not batch.is_balanced:
                raise UserError(
                    self.env._(
                        "%(name)s: %(count)s donations of %(amount)s were entered, "
                        "%(expected_count)s of %(expected)s were counted. Find the "
                        "difference before you post.",
                        name=batch.name,
                        count=batch.entered_count,
                        amount=batch.currency_id.format(batch.entered_amount),
                        expected_count=batch.expected_count,
                        expected=batch.currency_id.format(batch.expected_amount),
                    )
                )
        self.donation_ids.filtered(lambda one: one.state == "draft").action_post()
        # The state is not typed in; the role is checked above.
        self.sudo().write({"state": "posted"})
