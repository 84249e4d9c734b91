from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BeneficiaryCampaign(models.Model):
    """A call for donations that an authority licensed, with its days and its target.

    Raising money needs a licence: a donation of a campaign is received in its days
    and goes to its fund. What came in is read from the posted donations.
    """

    _name = "beneficiary.campaign"
    _description = "Donation Campaign"
    _inherit = ["beneficiary.amounts.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "licence_number"]

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    licence_number = fields.Char(required=True, tracking=True)
    licence_authority = fields.Char(
        string="Licensed by", help="The authority that licensed the campaign."
    )
    licence_name = fields.Char(string="Licence File Name")
    licence = fields.Binary(string="Licence File", attachment=True, copy=False)
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_to = fields.Date(string="Until", required=True, tracking=True)
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    target = fields.Monetary(required=True, default=0.0, tracking=True)
    purpose = fields.Text(help="What the donors are told the money is for.")
    donation_ids = fields.One2many(
        comodel_name="beneficiary.donation", inverse_name="campaign_id"
    )
    donation_count = fields.Integer(compute="_compute_received")
    amount_received = fields.Monetary(
        string="Received",
        compute="_compute_received",
        help="The posted donations of the campaign.",
    )
    progress = fields.Float(
        string="Progress (%)", compute="_compute_received", digits=(16, 1)
    )
    state = fields.Selection(
        selection=[("coming", "Coming"), ("running", "Running"), ("over", "Over")],
        compute="_compute_state",
        search="_search_state",
    )

    _licence_uniq = models.UniqueIndex(
        "(company_id, licence_number)",
        "Another campaign has this licence number already.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_from <= date_to)",
        "A campaign ends after it begins. Correct one of the dates.",
    )
    _target_bounds = models.Constraint(
        "CHECK(target >= 0 AND target < 1e12)",
        "The target of a campaign is a number from zero up.",
    )

    # === Computes === #

    def _compute_received(self):
        Donation = self.env["beneficiary.donation"]
        received = {
            campaign: (count, amount)
            for campaign, count, amount in (
                Donation._read_group(
                    [("campaign_id", "in", self.ids), ("state", "=", "posted")],
                    ["campaign_id"],
                    ["__count", "amount:sum"],
                )
                if Donation.has_access("read")
                else ()
            )
        }
        for campaign in self:
            count, amount = received.get(campaign, (0, 0.0))
            campaign.donation_count = count
            campaign.amount_received = amount
            campaign.progress = 100 * amount / campaign.target if campaign.target else 0

    @api.depends("date_from", "date_to")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for campaign in self:
            if not campaign.date_from or campaign.date_from > today:
                campaign.state = "coming"
            elif campaign.date_to and campaign.date_to < today:
                campaign.state = "over"
            else:
                campaign.state = "running"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "coming": fields.Domain("date_from", ">", today),
            "running": fields.Domain("date_from", "<=", today)
            & fields.Domain("date_to", ">=", today),
            "over": fields.Domain("date_to", "<", today),
        }
        return fields.Domain.OR(domains[one] for one in value if one in domains)

    # === Constraints === #

    @api.constrains("fund_id", "date_from", "date_to", "company_id")
    def _check_donations(self):
        """What was received stays inside the licence."""
        for campaign in self:
            # All donations count, also those the user may not read.
            for donation in campaign.sudo().donation_ids:
                if donation.state == "posted":
                    donation._check_campaign()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for campaign in self:
            if campaign.sudo().donation_ids:
                raise UserError(
                    self.env._(
                        "The campaign %(name)s has donations. Archive it instead.",
                        name=campaign.name,
                    )
                )

    # === Actions === #

    def action_open_donations(self):
        """Open the donations of the campaign."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_donation_action"
        )
        action["domain"] = [("campaign_id", "=", self.id)]
        action["context"] = {
            "default_campaign_id": self.id,
            "default_fund_id": self.fund_id.id,
        }
        return action

    # === Helpers === #

    def _check_takes(self, donation):
        """Refuse a donation outside the days of the licence, or for another fund.

        :param donation: ``beneficiary.donation``
        :raise ValidationError: naming the campaign and its days
        """
        self.ensure_one()
        if donation.date and not self.date_from <= donation.date <= self.date_to:
            raise ValidationError(
                self.env._(
                    "The licence of the campaign %(name)s runs from %(start)s until "
                    "%(end)s. Correct the day of the donation, or take the campaign "
                    "away.",
                    name=self.name,
                    start=fields.Date.to_string(self.date_from),
                    end=fields.Date.to_string(self.date_to),
                )
            )
        if donation.fund_id != self.fund_id:
            raise ValidationError(
                self.env._(
                    "Donations of the campaign %(name)s go to the fund %(fund)s.",
                    name=self.name,
                    fund=self.fund_id.display_name,
                )
            )
