from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.touch import touch

from ..models.beneficiary_voucher import CLERK

DAYS_VALID = 30


class BeneficiaryVoucherPrepare(models.TransientModel):
    """Prepare vouchers of one shop for one or many approved requests."""

    _name = "beneficiary.voucher.prepare"
    _description = "Prepare Vouchers"
    _inherit = "beneficiary.amounts.mixin"
    _check_company_auto = True

    @api.model
    def _default_line_ids(self):
        requests = self.env["beneficiary.aid.request"].browse(
            self.env.context.get("voucher_request_ids", [])
        )
        return [fields.Command.create({"request_id": one.id}) for one in requests]

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    vendor_id = fields.Many2one(
        comodel_name="res.partner",
        string="Shop",
        required=True,
        check_company=True,
        domain="[('is_beneficiary', '=', False), ('partner_share', '=', True)]",
    )
    goods = fields.Text(string="May Buy")
    date_from = fields.Date(
        string="Valid from",
        required=True,
        default=lambda self: self.env["beneficiary.voucher"]._default_day(),
    )
    date_until = fields.Date(
        string="Valid until",
        required=True,
        default=lambda self: (
            self.env["beneficiary.voucher"]._default_day() + timedelta(days=DAYS_VALID)
        ),
    )
    use_limit = fields.Integer(string="Uses at Most", required=True, default=1)
    same_amount = fields.Monetary(
        string="The Same Limit for All",
        help="Leave it empty to take what is approved and open of each.",
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.voucher.prepare.line",
        inverse_name="prepare_id",
        default=lambda self: self._default_line_ids(),
    )
    total = fields.Monetary(compute="_compute_total")
    drafts_note = fields.Text(
        string="Drafts of Earlier", compute="_compute_drafts_note"
    )
    is_done = fields.Boolean(readonly=True)

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for window in self:
            window.total = sum(window.line_ids.mapped("amount"))

    @api.depends("line_ids.request_id", "line_ids.amount")
    def _compute_drafts_note(self):
        """Tell what will be refused at issuing: drafts for more than is open."""
        drafts = self.line_ids.request_id._get_voucher_drafts()
        for window in self:
            notes = [
                line._get_drafts_note(drafts.get(line.request_id._origin, 0.0))
                for line in window.line_ids
            ]
            window.drafts_note = "\n".join(filter(None, notes))

    def action_prepare(self):
        """Make the drafts; a releaser issues them.

        :return: the vouchers
        :raise AccessError: when the user is no finance clerk
        :raise UserError: naming the request that can have none
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(CLERK)
        touch(self)
        if self.is_done or not self.line_ids:
            raise UserError(
                self.env._("Name at least one request, and prepare them once.")
            )
        self.line_ids._check_meant()
        vouchers = self.env["beneficiary.voucher"].create(
            [line._prepare_voucher() for line in self.line_ids]
        )
        self.is_done = True
        return vouchers._get_records_action(name=self.env._("Prepared Vouchers"))


class BeneficiaryVoucherPrepareLine(models.TransientModel):
    """One request of which a voucher is prepared."""

    _name = "beneficiary.voucher.prepare.line"
    _description = "Request of Prepared Vouchers"
    _inherit = "beneficiary.aid.request.line.mixin"

    prepare_id = fields.Many2one(
        comodel_name="beneficiary.voucher.prepare", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="prepare_id.company_id")
    amount = fields.Monetary(string="Limit")

    _amount_bounds = models.Constraint(
        "CHECK(amount >= 0 AND amount < 1e12)",
        "The limit of a voucher is an amount above zero.",
    )

    @api.depends("prepare_id.same_amount")
    def _compute_amount(self):
        result = super()._compute_amount()
        for line in self.filtered("prepare_id.same_amount"):
            line.amount = line.prepare_id.same_amount
        return result

    def _get_drafts_note(self, drafts):
        """Say that drafts of the request and this one are more than is open.

        :param float drafts: the limits of the drafts there are
        :return: a sentence, or ``None``
        """
        self.ensure_one()
        together = drafts + self.amount
        if (
            not drafts
            or self.currency_id.compare_amounts(together, self.amount_open) <= 0
        ):
            return None
        return self.env._(
            "%(request)s: drafts of %(drafts)s are prepared already, and %(open)s is "
            "open. Not all of them can be issued.",
            request=self.request_id.display_name,
            drafts=self.currency_id.format(drafts),
            open=self.currency_id.format(self.amount_open),
        )

    def _prepare_voucher(self):
        self.ensure_one()
        window = self.prepare_id
        return {
            "request_id": self.request_id.id,
            "vendor_id": window.vendor_id.id,
            "goods": window.goods,
            "amount": self.amount,
            "use_limit": window.use_limit,
            "date_from": window.date_from,
            "date_until": window.date_until,
        }
