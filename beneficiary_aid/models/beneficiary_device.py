from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising

OFFICER = "beneficiary_relations.group_relations_officer"
CONDITIONS = [
    ("good", "In order"),
    ("worn", "Worn, works"),
    ("broken", "Broken"),
]


class BeneficiaryDevice(models.Model):
    """A device that is lent and comes back, known by its serial number."""

    _name = "beneficiary.device"
    _description = "Device to Lend"
    _inherit = "beneficiary.company.mixin"
    _check_company_auto = True
    _order = "name, serial_number, id"
    _rec_names_search = ["name", "serial_number"]

    name = fields.Char(string="Device", required=True, size=200)
    serial_number = fields.Char(string="Serial No.", required=True, size=100)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    loan_ids = fields.One2many(
        comodel_name="beneficiary.device.loan", inverse_name="device_id"
    )
    is_lent = fields.Boolean(compute="_compute_is_lent", store=True)
    condition = fields.Selection(
        selection=CONDITIONS,
        string="State of the Device",
        required=True,
        default="good",
        help="As it came back last. What is broken is not lent before it is mended.",
    )
    active = fields.Boolean(default=True)

    _serial_uniq = models.UniqueIndex(
        "(company_id, serial_number)", "A device with this serial number is known."
    )

    @api.depends("loan_ids.returned_on")
    def _compute_is_lent(self):
        for device in self:
            device.is_lent = any(not loan.returned_on for loan in device.loan_ids)

    @api.depends("name", "serial_number")
    def _compute_display_name(self):
        for device in self:
            device.display_name = f"{device.name or ''} ({device.serial_number or ''})"


class BeneficiaryDeviceLoan(models.Model):
    """A device with a person, until it comes back. One loan of a device at a time."""

    _name = "beneficiary.device.loan"
    _description = "Loan of a Device"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "date_out desc, id desc"
    _rec_name = "device_id"

    # Written by the buttons and the reminder.
    _never_typed = frozenset({"returned_on", "lent_by_id", "reminded_on"})
    _free_when_over = frozenset({"message_main_attachment_id"})

    device_id = fields.Many2one(
        comodel_name="beneficiary.device",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_lent', '=', False), ('condition', '!=', 'broken')]",
    )
    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('is_payable', '=', True)]",
    )
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    date_out = fields.Date(
        string="Lent on", required=True, default=fields.Date.context_today
    )
    date_due = fields.Date(string="Back until", tracking=True)
    returned_on = fields.Date(readonly=True, copy=False, tracking=True)
    condition_back = fields.Selection(
        selection=CONDITIONS,
        string="How It Came Back",
        copy=False,
        tracking=True,
    )
    condition = fields.Char(string="Condition on Return", copy=False, size=200)
    reminded_on = fields.Date(
        readonly=True,
        copy=False,
        help="The last day on which the person was reminded of the return.",
    )
    lent_by_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )

    _lent_once = models.UniqueIndex(
        "(device_id) WHERE returned_on IS NULL",
        "This device is lent already. Record its return first.",
    )
    _dates = models.Constraint(
        "CHECK(returned_on >= date_out AND date_due >= date_out)",
        "A device comes back after it was lent. Correct one of the days.",
    )
    _late_idx = models.Index("(company_id, date_due) WHERE returned_on IS NULL")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_typed(vals)
            vals["lent_by_id"] = self.env.uid
        # What came back in this transaction must be so in the index, too.
        self.flush_model(["returned_on"])
        # Nobody becomes a follower by lending.
        quiet = self.with_context(mail_create_nosubscribe=True)
        loans = super(BeneficiaryDeviceLoan, quiet).create(vals_list)
        loans = loans.with_env(self.env)
        for loan in loans:
            if loan.device_id.condition == "broken":
                raise UserError(
                    self.env._(
                        "%(device)s is broken. Have it mended, and say so on it, "
                        "before it is lent.",
                        device=loan.device_id.display_name,
                    )
                )
            request = loan.request_id
            if not request._is_payable():
                raise UserError(
                    self.env._(
                        "%(request)s is not approved, or closed. A device is lent for "
                        "an approved request.",
                        request=request.display_name,
                    )
                )
        return loans

    def write(self, vals):
        self._check_typed(vals)
        changes = vals.keys() - self._free_when_over
        if changes and not self.env.su and not is_anonymising(self.env):
            if any(loan.returned_on for loan in self) or vals.keys() & {
                "device_id",
                "request_id",
                "date_out",
            }:
                raise UserError(self.env._("A loan stays as it was recorded."))
        if "date_due" in vals:
            # Whoever gives more time is not reminded before it is over.
            self.sudo()._forget_reminder()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A loan is kept. Record the return instead."))

    def _check_typed(self, vals):
        if vals.keys() & self._never_typed and not self.env.su:
            raise UserError(self.env._("Use the button to record the return."))

    def action_return(self):
        """Record that devices came back, in the condition that was chosen.

        :raise AccessError: for whoever lends no devices
        :raise UserError: when one came back already, or nobody said how
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(OFFICER)
        for loan in self:
            if loan.returned_on:
                raise UserError(self.env._("This device came back already."))
            if not loan.condition_back:
                raise UserError(
                    self.env._(
                        "%(device)s: choose in which condition it came back.",
                        device=loan.device_id.display_name,
                    )
                )
        for loan in self:
            # The day is not typed in; the role is checked above.
            loan.sudo().returned_on = loan.company_id._beneficiary_day(
                fields.Datetime.now(), fallback=self.env.user.tz
            )
            loan.device_id.sudo().condition = loan.condition_back
        self.sudo()._forget_reminder()

    def action_open_request(self):
        """Open the request it is lent for."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))
