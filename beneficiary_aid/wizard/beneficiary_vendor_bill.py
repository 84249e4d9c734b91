from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.text import clean_text
from odoo.addons.beneficiary_relations.tools.touch import touch

MAX_REFERENCE = 64


class BeneficiaryVendorBill(models.TransientModel):
    """The bill of one vendor for several requests, a line for each person."""

    _name = "beneficiary.vendor.bill"
    _description = "Vendor's Bill"
    _check_company_auto = True

    @api.model
    def _default_line_ids(self):
        requests = self.env["beneficiary.aid.request"].browse(
            self.env.context.get("bill_request_ids", [])
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
        comodel_name="res.partner", required=True, check_company=True
    )
    reference = fields.Char(
        string="Bill Number", required=True, help="The number the vendor gave the bill."
    )
    date = fields.Date(
        string="Bill Date", required=True, default=fields.Date.context_today
    )
    tax_id = fields.Many2one(
        comodel_name="account.tax",
        string="Tax within the Amounts",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase'), ('price_include', '=', True)]",
        help="A purchase tax that is included in the price. The amounts below are what "
        "the fund pays, tax included. Leave it empty to book no tax.",
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.vendor.bill.line",
        inverse_name="bill_id",
        default=lambda self: self._default_line_ids(),
    )
    total = fields.Monetary(compute="_compute_total")
    move_id = fields.Many2one(comodel_name="account.move", readonly=True)

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for bill in self:
            bill.total = sum(bill.line_ids.mapped("amount"))

    @api.constrains("tax_id")
    def _check_tax(self):
        for bill in self:
            if bill.tax_id and not bill.tax_id.price_include:
                raise ValidationError(
                    self.env._(
                        "%(tax)s is added to the price. Choose a tax that is included "
                        "in it.",
                        tax=bill.tax_id.display_name,
                    )
                )

    def action_post(self):
        """Post the bill with a disbursement for each line.

        :return: the bill
        :raise AccessError: when the user is no finance clerk
        :raise UserError: with the reason, nothing being posted
        """
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "beneficiary_aid.group_finance_clerk"
        )
        touch(self)
        if self.move_id:
            raise UserError(
                self.env._(
                    "This bill is posted already as %(bill)s.",
                    bill=self.move_id.display_name,
                )
            )
        if not self.line_ids:
            raise UserError(self.env._("Name at least one request on the bill."))
        self.line_ids._check_meant()
        reference = self._get_reference()
        disbursements = self.env["beneficiary.disbursement"].create(
            [line._prepare_disbursement() for line in self.line_ids]
        )
        self.move_id = disbursements._post_bill(reference, self.tax_id)
        return self.move_id._get_records_action(name=self.env._("Vendor's Bill"))

    def _get_reference(self):
        """The number of the bill, cleaned.

        :raise UserError: when there is none, or it is too long
        """
        try:
            reference = clean_text(self.reference, MAX_REFERENCE)
        except ValueError:
            reference = None
        if not reference:
            raise UserError(
                self.env._(
                    "Enter the number of the bill, %(count)s letters at most.",
                    count=MAX_REFERENCE,
                )
            )
        return reference


class BeneficiaryVendorBillLine(models.TransientModel):
    """What the bill asks for one request."""

    _name = "beneficiary.vendor.bill.line"
    _description = "Line of a Vendor's Bill"
    _inherit = "beneficiary.aid.request.line.mixin"

    bill_id = fields.Many2one(
        comodel_name="beneficiary.vendor.bill", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="bill_id.company_id")
    amount = fields.Monetary(string="Amount with Tax")

    _amount_bounds = models.Constraint(
        "CHECK(amount >= 0 AND amount < 1e12)",
        "The amounts of a bill are numbers above zero.",
    )
    _request_uniq = models.UniqueIndex(
        "(bill_id, request_id)", "A request is named once on a bill."
    )

    def _prepare_disbursement(self):
        """Values of what is owed to the vendor for the line."""
        self.ensure_one()
        return {
            "request_id": self.request_id.id,
            "payee_id": self.bill_id.vendor_id.id,
            "amount": self.amount,
            "date": self.bill_id.date,
        }
