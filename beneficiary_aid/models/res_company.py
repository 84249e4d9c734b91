import math

from odoo import fields, models
from odoo.exceptions import UserError

# Amounts of single records stay below this; PostgreSQL calls NaN greater than any.
AMOUNT_LIMIT = 1e12


class ResCompany(models.Model):
    _inherit = "res.company"

    beneficiary_donation_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Donation Income Account",
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
    )
    beneficiary_aid_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Aid Expense Account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
    )
    beneficiary_aid_journal_id = fields.Many2one(
        comodel_name="account.journal",
        string="Aid and Donation Journal",
        check_company=True,
        domain="[('type', '=', 'general')]",
        help="A journal of its own keeps the entries of aid apart and fast.",
    )

    beneficiary_goods_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Donated Goods Account",
        check_company=True,
        domain="[('account_type', '=', 'asset_current')]",
        help="Goods that were given and are not handed out yet.",
    )
    beneficiary_vendor_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Services for Beneficiaries Account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="Aid that is paid to a vendor. Empty: the aid expense account.",
    )
    beneficiary_in_kind_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Aid in Kind Account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="Goods that were handed out. Empty: the aid expense account.",
    )
    beneficiary_recurring_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Recurring Aid Account",
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="Sponsorships and other aid that comes again. Empty: the aid expense "
        "account.",
    )
    beneficiary_payable_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Aid Payable Account",
        check_company=True,
        domain="[('account_type', '=', 'liability_payable')]",
        help="What is owed to beneficiaries, apart from what is owed to suppliers. "
        "Empty: the payable account of each payee.",
    )
    beneficiary_net_assets_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Unrestricted Net Assets",
        check_company=True,
        domain="[('account_type', '=', 'equity')]",
    )
    beneficiary_restricted_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Restricted Net Assets",
        check_company=True,
        domain="[('account_type', '=', 'equity')]",
        help="Net assets with a donor's condition, zakat included.",
    )
    beneficiary_endowment_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Endowment Net Assets",
        check_company=True,
        domain="[('account_type', '=', 'equity')]",
        help="The kept capital of endowments.",
    )
    beneficiary_donation_journal_ids = fields.Many2many(
        comodel_name="account.journal",
        relation="res_company_beneficiary_donation_journal_rel",
        string="Accounts for Donations",
        domain="[('type', '=', 'bank'), ('company_id', '=', id)]",
        help="Donations that come in on another bank account are reported and moved. "
        "Empty: every bank account takes donations.",
    )
    beneficiary_deposit_alert_days = fields.Integer(
        string="Days to Report",
        default=5,
        help="Working days to report a donation outside the designated accounts.",
    )
    beneficiary_donor_identity_from = fields.Monetary(
        string="Donor Known from",
        help="From this amount up a donation needs the donor's identity. 0: never.",
    )
    beneficiary_foreign_donation_approval = fields.Boolean(
        string="Foreign Donations Need Approval",
        help="A donation from abroad is posted only with the authority's approval.",
    )
    beneficiary_redesignation_days = fields.Integer(
        string="Days to Change the Purpose",
        default=30,
        help="So many days after the donation its donor may name another fund.",
    )
    beneficiary_zakat_own_bank = fields.Boolean(
        string="Zakat on Its Own Bank Account",
        default=True,
        help="Zakat is received and paid through the bank account of its fund only.",
    )
    beneficiary_zakat_approval_date = fields.Date(
        string="Sharia Approval of",
        help="The day the sharia body allowed the association to pay vendors, or give "
        "goods, from zakat. Empty: each person authorises it.",
    )
    beneficiary_zakat_approval = fields.Char(
        string="Sharia Approval", help="Who approved it, and the number of the paper."
    )
    beneficiary_commitment_days = fields.Integer(
        string="Promises End after",
        help="Days after the decision. What was approved and not used by then is free "
        "for other people again. 0: promises do not end.",
    )

    beneficiary_smallest_group = fields.Integer(
        string="Smallest Group in Published Figures",
        default=5,
        help="Figures of fewer people are added up with others before they are "
        "published. Never fewer than 5.",
    )

    _beneficiary_smallest_group_bounds = models.Constraint(
        "CHECK(beneficiary_smallest_group BETWEEN 5 AND 1000)",
        "The smallest group in published figures is from 5 to 1000 people.",
    )
    beneficiary_bank_file_days = fields.Integer(
        string="Keep Bank Files for",
        default=365,
        help="Days after the file was made. Files of settled batches and the answers "
        "of the bank name people and accounts; they are removed then, their "
        "fingerprints, counts and totals are kept. 0: files are kept.",
    )

    _beneficiary_bank_file_days_bounds = models.Constraint(
        "CHECK(beneficiary_bank_file_days BETWEEN 0 AND 7300)",
        "The days for which bank files are kept are from 0 to 7300.",
    )
    _beneficiary_commitment_days_bounds = models.Constraint(
        "CHECK(beneficiary_commitment_days BETWEEN 0 AND 3650)",
        "The days until promises end are from 0 to 3650.",
    )
    _beneficiary_donation_bounds = models.Constraint(
        "CHECK(beneficiary_deposit_alert_days BETWEEN 0 AND 365"
        " AND beneficiary_redesignation_days BETWEEN 0 AND 3650"
        " AND beneficiary_donor_identity_from >= 0"
        " AND beneficiary_donor_identity_from < 1e12)",
        "The days and the amount of the rules on donations are numbers from zero up.",
    )

    # === Set-up === #

    def _beneficiary_setup_accounting(self):
        """Create or find what donations and aid need in the chart of the company.

        Works with any chart: a chart is loaded when there is none, and only what is
        missing is created. Running it again changes nothing.
        """
        for company in self:
            # Configuration, not data of a person; the callers check the role.
            company_sudo = company.sudo().with_company(company)
            company_sudo = company_sudo.with_context(allowed_company_ids=company.ids)
            company_sudo._beneficiary_load_chart()
            if not company_sudo.beneficiary_donation_account_id:
                company_sudo.beneficiary_donation_account_id = (
                    company_sudo._beneficiary_account(
                        "donation", lambda env: env._("Donations"), "income", "450000"
                    )
                )
            if not company_sudo.beneficiary_aid_account_id:
                company_sudo.beneficiary_aid_account_id = (
                    company_sudo._beneficiary_account(
                        "aid",
                        lambda env: env._("Aid to Beneficiaries"),
                        "expense",
                        "650000",
                    )
                )
            company_sudo._beneficiary_setup_net_assets()
            company_sudo._beneficiary_setup_aid()
            if not company_sudo.beneficiary_goods_account_id:
                company_sudo.beneficiary_goods_account_id = (
                    company_sudo._beneficiary_account(
                        "goods",
                        lambda env: env._("Donated Goods"),
                        "asset_current",
                        "109000",
                    )
                )
            if not company_sudo.beneficiary_aid_journal_id:
                company_sudo.beneficiary_aid_journal_id = (
                    company_sudo._beneficiary_journal()
                )
            company_sudo._beneficiary_setup_outstanding()

    def _beneficiary_setup_net_assets(self):
        """Create the equity accounts by class of restriction that a chart lacks."""
        self.ensure_one()
        for key, label in (
            ("net_assets", lambda env: env._("Unrestricted Net Assets")),
            ("restricted", lambda env: env._("Restricted Net Assets")),
            ("endowment", lambda env: env._("Endowment Net Assets")),
        ):
            field = f"beneficiary_{key}_account_id"
            if not self[field]:
                self[field] = self._beneficiary_account(key, label, "equity", "301000")

    def _beneficiary_setup_aid(self):
        """Create the accounts of aid by its nature, and what is owed for it."""
        self.ensure_one()
        for key, label, account_type, code in (
            (
                "vendor",
                lambda env: env._("Services for Beneficiaries"),
                "expense",
                "650000",
            ),
            ("in_kind", lambda env: env._("Aid in Kind"), "expense", "650000"),
            ("recurring", lambda env: env._("Recurring Aid"), "expense", "650000"),
            (
                "payable",
                lambda env: env._("Aid Payable"),
                "liability_payable",
                "211000",
            ),
        ):
            field = f"beneficiary_{key}_account_id"
            if not self[field]:
                self[field] = self._beneficiary_account(key, label, account_type, code)

    def _beneficiary_expense_account(self, aid_type):
        """Return the account a kind of aid costs: its own, or that of its nature.

        :param aid_type: ``beneficiary.aid.type``
        :return: ``account.account``
        :raise UserError: when the association has none yet
        """
        self.ensure_one()
        by_nature = {
            "vendor": self.beneficiary_vendor_account_id,
            "in_kind": self.beneficiary_in_kind_account_id,
            "recurring": self.beneficiary_recurring_account_id,
        }
        return (
            aid_type.expense_account_id
            or by_nature.get(aid_type.nature)
            or self._beneficiary_required("beneficiary_aid_account_id")
        )

    def _beneficiary_payable(self, payee):
        """Return the account of what is owed to a payee.

        :param payee: ``res.partner``
        :return: ``account.account``; none when the payee has no payable account
        """
        self.ensure_one()
        # That a payee is a beneficiary is known to whoever pays.
        if payee.sudo().is_beneficiary and self.beneficiary_payable_account_id:
            return self.beneficiary_payable_account_id
        return payee.with_company(self).property_account_payable_id

    def _beneficiary_class_account(self, kind):
        """Return the net assets account of a kind of fund.

        :param str kind: ``beneficiary.fund.kind``
        :return: ``account.account``
        :raise UserError: when the association has none yet
        """
        return self._beneficiary_required(
            {
                "unrestricted": "beneficiary_net_assets_account_id",
                "endowment": "beneficiary_endowment_account_id",
            }.get(kind, "beneficiary_restricted_account_id")
        )

    def _beneficiary_load_chart(self):
        """Load a chart when there is none: the country's one, if installed."""
        self.ensure_one()
        if self.chart_template or self.parent_id.chart_template:
            return
        template = self.env["account.chart.template"]
        installed = {
            code
            for code, values in template._get_chart_template_mapping().items()
            if values["installed"]
        }
        guess = template._guess_chart_template(self.country_id)
        code = guess if guess in installed else "generic_coa"
        if code not in installed:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts. Choose one under Settings, "
                    "Accounting, Fiscal Localization first.",
                    company=self.display_name,
                )
            )
        template.try_loading(code, self, install_demo=False)

    def _beneficiary_account(self, key, label, account_type, code):
        """Find by its external id, or create, an account of the company.

        :param str key: part of the external id
        :param label: function of an environment, the name in its language
        :param str code: of the account, or the next free one
        """
        self.ensure_one()
        # As the chart's own accounts: they outlive the addon that asked for them.
        xmlid = self.env["account.chart.template"].company_xmlid(
            f"beneficiary_{key}", self
        )
        account = self.env.ref(xmlid, raise_if_not_found=False)
        if account and account.exists():
            return account
        accounts = self.env["account.account"]
        [account] = accounts._load_records(
            [
                {
                    "xml_id": xmlid,
                    "noupdate": True,
                    "values": {
                        "name": label(self.env),
                        "code": accounts._search_new_account_code(code),
                        "account_type": account_type,
                        "company_ids": [fields.Command.set(self.ids)],
                    },
                }
            ]
        )
        self._beneficiary_translate(account, label)
        return account

    def _beneficiary_translate(self, record, label):
        """Name a record in every language of the database, as a chart does."""
        for code, _name in self.env["res.lang"].get_installed():
            translated = record.with_context(lang=code)
            translated.name = label(translated.env)

    def _beneficiary_journal(self):
        """Find by its code, or create, the journal of aid and donations."""
        self.ensure_one()
        journals = self.env["account.journal"]
        journal = journals.with_context(active_test=False).search(
            [
                *journals._check_company_domain(self),
                ("code", "=", "AID"),
                ("type", "=", "general"),
            ],
            limit=1,
        )
        if journal:
            journal.active = True
            return journal

        def label(env):
            return env._("Aid and Donations")

        journal = journals.create(
            {
                "name": label(self.env),
                "code": "AID",
                "type": "general",
                "company_id": self.id,
                "show_on_dashboard": True,
            }
        )
        self._beneficiary_translate(journal, label)
        return journal

    def _beneficiary_setup_outstanding(self):
        """Give each payment method of the banks an outstanding account.

        Without one, Odoo Community falls back on the chart's or on the transfer
        account, and a payment could not be told apart from one on the bank.
        """
        self.ensure_one()
        banks = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self),
                ("type", "=", "bank"),
            ]
        )
        for direction in ("inbound", "outbound"):
            lines = banks[f"{direction}_payment_method_line_ids"].filtered(
                lambda line: not line.payment_account_id
            )
            if lines:
                lines.payment_account_id = self._beneficiary_chart_outstanding(
                    direction
                )

    def _beneficiary_chart_outstanding(self, direction):
        """The chart's account for money on its way to or from the bank."""
        self.ensure_one()
        debit_or_credit = "debit" if direction == "inbound" else "credit"
        account = (
            self.env["account.chart.template"]
            .with_context(allowed_company_ids=self.root_id.ids)
            .ref(
                f"account_journal_payment_{debit_or_credit}_account_id",
                raise_if_not_found=False,
            )
        )
        if account:
            return account

        def label(env):
            if direction == "inbound":
                return env._("Outstanding Receipts")
            return env._("Outstanding Payments")

        account = self._beneficiary_account(
            f"outstanding_{direction}", label, "asset_current", "101400"
        )
        account.reconcile = True
        return account

    # === Used by the records === #

    def _beneficiary_required(self, name):
        """A part of the accounting set-up, or a message that says how to get it.

        :param str name: field of the company
        """
        self.ensure_one()
        record = self[name]
        if not record:
            raise UserError(
                self.env._(
                    "%(company)s has no %(field)s yet. Open Settings, Beneficiary Aid, "
                    "and press Set Up Accounts.",
                    company=self.display_name,
                    field=self._fields[name]._description_string(self.env),
                )
            )
        return record

    def _beneficiary_outstanding_account(self, journal):
        """Where money received through a bank journal waits for its bank line."""
        self.ensure_one()
        lines = journal.inbound_payment_method_line_ids
        account = lines.payment_account_id[:1]
        if account:
            return account
        return self.sudo()._beneficiary_chart_outstanding("inbound")

    def _beneficiary_amount(self, amount):
        """Check an amount from outside and round it to the currency.

        :raise UserError: when it is no number, not finite, not above zero, too large
        :rtype: float
        """
        currency = self.currency_id
        try:
            amount = float(amount)
        except (TypeError, ValueError):
            amount = math.nan
        if not math.isfinite(amount) or currency.compare_amounts(amount, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "The amount must be a number above zero. Correct the amount."
                )
            )
        if amount >= AMOUNT_LIMIT:
            raise UserError(
                self.env._("The amount is too large to be right. Correct the amount.")
            )
        return currency.round(amount)
