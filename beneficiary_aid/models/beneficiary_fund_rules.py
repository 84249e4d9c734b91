from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class BeneficiaryFund(models.Model):
    """What the kind of a fund demands: zakat, endowment, bank account, own costs.

    Zakat reaches people of its channels through a bank account of its own, and passes
    into their hands unless the association's sharia body or the person allowed
    otherwise. The capital of an endowment is kept: what it yields is spent from
    another fund. Rules of zakat and waqf: domain rules of restricted money.
    """

    _inherit = "beneficiary.fund"

    zakat_channel_ids = fields.Many2many(
        comodel_name="beneficiary.zakat.channel",
        string="Zakat Channels",
        help="Whom this zakat is for. Empty: all eight channels.",
    )
    bank_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Own Bank Account",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('type', '=', 'bank')]",
        help="The money of the fund comes and goes through this account only, and no "
        "other fund uses it.",
    )
    admin_share = fields.Float(
        string="Administration Share (%)",
        digits=(5, 2),
        required=True,
        default=0.0,
        tracking=True,
        help="The part of each donation that covers the costs of the association. "
        "Booked apart with the donation.",
    )
    admin_fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="Share Goes to",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '=', 'unrestricted'), ('id', '!=', id)]",
    )
    yield_fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="Yield Goes to",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '!=', 'endowment'), ('id', '!=', id)]",
        help="The capital of an endowment is kept. Its yield is booked on this fund "
        "and spent from there.",
    )
    endowment_ids = fields.One2many(
        comodel_name="beneficiary.fund",
        inverse_name="yield_fund_id",
        string="Fed by Endowments",
    )

    _journal_uniq = models.UniqueIndex(
        "(bank_journal_id) WHERE bank_journal_id IS NOT NULL",
        "Another fund uses this bank account as its own.",
    )
    _admin_share_bounds = models.Constraint(
        "CHECK(admin_share >= 0 AND admin_share < 100"
        " AND (admin_share = 0 OR admin_fund_id IS NOT NULL))",
        "The administration share is from 0 up to, not including, 100 percent, and a "
        "share needs the fund it goes to.",
    )

    # === Constraints === #

    @api.constrains("admin_share", "admin_fund_id", "yield_fund_id", "kind")
    def _check_linked_funds(self):
        for fund in self | self.search(
            [("admin_fund_id", "in", self.ids), ("admin_share", ">", 0)]
        ):
            if fund.admin_share and (
                fund.admin_fund_id == fund or fund.admin_fund_id.kind != "unrestricted"
            ):
                raise ValidationError(
                    self.env._(
                        "%(fund)s: the administration share goes to an unrestricted "
                        "fund.",
                        fund=fund.display_name,
                    )
                )
        for fund in self | self.search([("yield_fund_id", "in", self.ids)]):
            if fund.yield_fund_id and (
                fund.kind != "endowment" or fund.yield_fund_id.kind == "endowment"
            ):
                raise ValidationError(
                    self.env._(
                        "%(fund)s: the yield of an endowment goes to a fund that may "
                        "be spent, and only an endowment yields.",
                        fund=fund.display_name,
                    )
                )

    @api.constrains("zakat_channel_ids", "kind")
    def _check_zakat_channels(self):
        for fund in self:
            if fund.zakat_channel_ids and fund.kind != "zakat":
                raise ValidationError(
                    self.env._(
                        "%(fund)s is no zakat fund: take its zakat channels away.",
                        fund=fund.display_name,
                    )
                )

    # === What a fund may pay === #

    def _get_refusal_reason(self, aid_type, beneficiary, request=None):
        if self.kind == "endowment":
            return self._refusal_of_capital()
        reason = super()._get_refusal_reason(aid_type, beneficiary, request)
        if not reason and request and self.kind == "zakat":
            reason = self._refusal_of_zakat(aid_type, request)
        return reason

    def _refusal_of_capital(self):
        if self.yield_fund_id:
            return self.env._(
                "The capital of the endowment %(fund)s is kept. Pay from %(yield)s, "
                "which holds what it yields.",
                fund=self.display_name,
                **{"yield": self.yield_fund_id.display_name},
            )
        return self.env._(
            "The capital of the endowment %(fund)s is kept, and no fund for its yield "
            "is set. Choose another fund.",
            fund=self.display_name,
        )

    def _refusal_of_zakat(self, aid_type, request):
        channel = request.zakat_channel_id
        if not channel:
            return self.env._(
                "%(request)s: choose the zakat channel the person belongs to before "
                "zakat is given.",
                request=request.display_name,
            )
        if self.zakat_channel_ids and channel not in self.zakat_channel_ids:
            return self.env._(
                "The fund %(fund)s is kept for other zakat channels than "
                "“%(channel)s”. Choose another fund.",
                fund=self.display_name,
                channel=channel.name,
            )
        if aid_type.nature in ("vendor", "in_kind"):
            return self._refusal_without_word(request)
        return None

    def _get_goods_refusal(self, request):
        """Why goods of the fund may not be handed out, whatever the kind of help."""
        return self._refusal_without_word(request) if self.kind == "zakat" else None

    def _refusal_without_word(self, request):
        """Why zakat may not be given to a vendor or in goods: nobody allowed it."""
        if not (
            request.zakat_authorised_on
            or request.company_id.beneficiary_zakat_approval_date
        ):
            return self.env._(
                "%(request)s: zakat passes into the person's hands. To pay a vendor or "
                "give goods, record the person's authorisation, or the sharia "
                "approval of the association in the settings.",
                request=request.display_name,
            )
        return None

    def _commit(self, amount):
        if self.kind == "endowment":
            raise UserError(self._refusal_of_capital())
        return super()._commit(amount)

    # === Bank account === #

    def _check_journal(self, journal):
        """Refuse to mix the money of a fund with that of others at the bank.

        :param journal: the bank ``account.journal`` money comes or goes through
        :raise ValidationError: naming the fund and the account to use
        """
        owner = self.sudo().search([("bank_journal_id", "=", journal.id)], limit=1)
        for fund in self:
            own = fund.bank_journal_id
            if own and own != journal:
                raise ValidationError(
                    self.env._(
                        "The money of the fund %(fund)s goes through its own bank "
                        "account %(account)s.",
                        fund=fund.display_name,
                        account=own.display_name,
                    )
                )
            if owner and owner != fund:
                raise ValidationError(
                    self.env._(
                        "The bank account %(account)s belongs to the fund %(owner)s. "
                        "Choose another account for %(fund)s.",
                        account=journal.display_name,
                        owner=owner.display_name,
                        fund=fund.display_name,
                    )
                )
            if (
                fund.kind == "zakat"
                and not own
                and fund.company_id.beneficiary_zakat_own_bank
            ):
                raise ValidationError(
                    self.env._(
                        "Zakat is kept on a bank account of its own. Set the own bank "
                        "account of the fund %(fund)s first.",
                        fund=fund.display_name,
                    )
                )

    def _may_use(self, journal):
        """Tell whether money of the fund may pass through a bank account."""
        if self.bank_journal_id:
            return self.bank_journal_id == journal
        # Which accounts funds keep for themselves is asked whoever enters money.
        return not self.sudo().search_count(
            [("bank_journal_id", "=", journal.id)], limit=1
        )

    def _default_bank(self, company):
        """Return the bank journal money of the fund comes through.

        :param company: ``res.company``
        :return: ``account.journal``; the fund's own one, or one no fund keeps
        """
        if self.bank_journal_id:
            return self.bank_journal_id
        journals = self.env["account.journal"]
        # Which accounts funds keep for themselves is asked whoever enters money.
        kept = self.sudo().search([("company_id", "=", company.id)]).bank_journal_id
        return journals.search(
            [
                *journals._check_company_domain(company),
                ("type", "=", "bank"),
                ("id", "not in", kept.ids),
            ],
            limit=1,
        )

    # === Administration share === #

    def _split_donation(self, amount):
        """Split a donation between the fund and the costs of the association.

        :param float amount: in company currency
        :return: ``[(fund, amount)]``, summing up to the amount
        """
        self.ensure_one()
        share = self.currency_id.round(amount * self.admin_share / 100)
        if self.currency_id.is_zero(share):
            return [(self, amount)]
        rest = self.currency_id.round(amount - share)
        return [(self, rest), (self.admin_fund_id, share)]
