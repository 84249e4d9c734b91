from odoo import api, fields, models
from odoo.tools import format_amount


class BeneficiaryHousehold(models.Model):
    """The people who live in one dwelling, and what they live on.

    The income for each person is the counted income less the counted obligations,
    shared among the weights of the members who count. It is a proposal of
    practice, not a law: flags, weights and bands are the association's own.
    """

    _name = "beneficiary.household"
    _description = "Household"
    _inherit = ["mail.thread", "mail.activity.mixin", "beneficiary.company.mixin"]
    _check_company_auto = True
    _order = "code desc, id desc"

    name = fields.Char(compute="_compute_name", store=True, index="trigram")
    code = fields.Char(readonly=True, copy=False)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    branch_id = fields.Many2one(
        comodel_name="beneficiary.branch",
        index="btree_not_null",
        check_company=True,
        default=lambda self: self.env["beneficiary.beneficiary"]._default_branch_id(),
        tracking=True,
    )
    area_id = fields.Many2one(
        comodel_name="beneficiary.area", index="btree_not_null", check_company=True
    )
    dwelling_kind = fields.Selection(
        selection=[
            ("owned", "Owned"),
            ("rented", "Rented"),
            ("charity", "Charity housing"),
            ("family", "With family"),
            ("other", "Other"),
        ],
        string="Home",
    )
    address_note = fields.Char(string="How to Find the Home")
    head_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        compute="_compute_head_id",
        store=True,
        index="btree_not_null",
        tracking=True,
    )
    member_ids = fields.One2many(
        comodel_name="beneficiary.beneficiary",
        inverse_name="household_id",
        string="Members",
    )
    member_count = fields.Integer(compute="_compute_member_figures", store=True)
    line_ids = fields.One2many(
        comodel_name="beneficiary.household.line",
        inverse_name="household_id",
        string="Income and Obligations",
        copy=True,
    )
    total_income = fields.Monetary(
        string="Counted Income", compute="_compute_totals", store=True
    )
    total_obligations = fields.Monetary(
        string="Counted Obligations", compute="_compute_totals", store=True
    )
    counted_members = fields.Float(
        digits=(6, 2),
        compute="_compute_member_figures",
        store=True,
        help="Sum of the weights of the members who count.",
    )
    per_capita_income = fields.Monetary(
        string="Income per Person",
        compute="_compute_per_capita_income",
        store=True,
        aggregator="avg",
    )
    need_band_id = fields.Many2one(
        comodel_name="beneficiary.need.band",
        compute="_compute_need_band_id",
        store=True,
        index="btree_not_null",
    )
    figures_note = fields.Text(
        string="How the Figures Are Made", compute="_compute_figures_note"
    )
    active = fields.Boolean(default=True)

    _code_uniq = models.Constraint(
        "UNIQUE(company_id, code)",
        "This household number is taken already. Leave it empty to get the next one.",
    )
    _list_idx = models.Index("(company_id, code DESC, id DESC) WHERE active IS TRUE")

    @api.depends("code", "head_id", "head_id.partner_id.name")
    def _compute_name(self):
        for household in self:
            household.name = household.head_id.name or household.code

    @api.depends("name", "code")
    def _compute_display_name(self):
        for household in self:
            parts = [household.code]
            if household.name != household.code:
                parts.append(household.name)
            household.display_name = " ".join(filter(None, parts))

    @api.depends("member_ids.relationship", "member_ids.active")
    def _compute_head_id(self):
        for household in self:
            household.head_id = household.member_ids.filtered(
                lambda member: member.relationship == "head"
            )[:1]

    @api.depends("line_ids.amount", "line_ids.counts", "line_ids.kind")
    def _compute_totals(self):
        for household in self:
            counted = household.line_ids.filtered("counts")
            incomes = counted.filtered(lambda line: line.kind == "income")
            household.total_income = sum(incomes.mapped("amount"))
            household.total_obligations = sum((counted - incomes).mapped("amount"))

    @api.depends(
        "member_ids.counts_in_household",
        "member_ids.household_weight",
        "member_ids.active",
    )
    def _compute_member_figures(self):
        for household in self:
            members = household.member_ids
            household.member_count = len(members)
            household.counted_members = sum(
                members.filtered("counts_in_household").mapped("household_weight")
            )

    @api.depends("total_income", "total_obligations", "counted_members")
    def _compute_per_capita_income(self):
        for household in self:
            net = household.total_income - household.total_obligations
            # A household without counted members is shared by one.
            household.per_capita_income = net / (household.counted_members or 1)

    @api.depends("per_capita_income", "company_id")
    def _compute_need_band_id(self):
        policies = {
            company: self.env["beneficiary.policy"]._in_force(company)
            for company in self.company_id
        }
        for household in self:
            bands = policies[household.company_id].need_band_ids
            household.need_band_id = bands._band_of(household.per_capita_income)

    @api.depends("per_capita_income", "need_band_id", "counted_members")
    def _compute_figures_note(self):
        for household in self:
            household.figures_note = self.env._(
                "(%(income)s income − %(obligations)s obligations) ÷ %(members)s "
                "counted members = %(result)s for each person a month. "
                "Need band: %(band)s.",
                income=household._money(household.total_income),
                obligations=household._money(household.total_obligations),
                members=f"{household.counted_members or 1:g}",
                result=household._money(household.per_capita_income),
                band=household.need_band_id.name or self.env._("none"),
            )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._refuse_hidden_characters(vals)
        self.env["ir.sequence"]._number_vals("beneficiary.household", "code", vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_hidden_characters(vals)
        return super().write(vals)

    def action_capture_documents(self):
        """Take in the papers of the members, the head first."""
        self.ensure_one()
        self.check_access("read")
        members = self.member_ids.sorted(
            lambda member: (member.relationship != "head", member.id)
        )
        return self.env["beneficiary.document.capture"]._open(members)

    def _money(self, amount):
        return format_amount(self.env, amount, self.currency_id)
