from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import email_normalize, format_list

from odoo.addons.base_iban.models.res_partner_bank import (
    normalize_iban,
    validate_iban,
)

from ..tools.hijri import format_hijri
from ..tools.identity import ISSUED_HERE, check_identity
from ..tools.text import (
    clean_text,
    normalise_arabic,
    normalise_identity,
    to_latin_digits,
)

NAME_MAX_LENGTH = 200


class BeneficiaryBeneficiary(models.Model):
    """The file of a person the association serves.

    The person's contact is reached by delegation, so that payments, letters and
    the portal use one truth, while everything sensitive stays in this table with
    access rules of its own.
    """

    _name = "beneficiary.beneficiary"
    _description = "Beneficiary"
    _inherit = ["mail.thread", "mail.activity.mixin", "beneficiary.company.mixin"]
    _inherits = {"res.partner": "partner_id"}
    _check_company_auto = True
    _mail_post_access = "read"
    _order = "file_number desc, id desc"
    _primary_email = "email"

    # Stored as digits and letters only, whatever came along when they were pasted.
    _cleaned_numbers = (
        "building_number",
        "email",
        "iban",
        "identity_number",
        "phone",
        "short_address",
    )
    # A state may be reached from these states only.
    _state_moves = {
        "verification": {"draft"},
        "active": {"draft", "verification", "suspended", "closed"},
        "suspended": {"verification", "active"},
        "closed": {"draft", "verification", "active", "suspended"},
        "draft": {"verification"},
    }

    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Person's Contact",
        required=True,
        index=True,
        ondelete="restrict",
        copy=False,
    )
    file_number = fields.Char(readonly=True, copy=False, index="trigram")
    search_name = fields.Char(
        string="Name for Searching",
        compute="_compute_search_name",
        store=True,
        precompute=True,
        index="trigram",
        help="The name in one spelling, so that أحمد and احمد are found together.",
    )

    # Identity
    identity_kind = fields.Selection(
        selection=[
            ("citizen", "National ID"),
            ("resident", "Resident ID"),
            ("gcc", "GCC ID"),
            ("passport", "Passport"),
            ("border", "Border number"),
            ("other", "Other"),
        ],
        required=True,
        default="citizen",
        tracking=True,
    )
    identity_number = fields.Char(
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Arabic digits and spaces are accepted and stored as plain digits.",
    )
    identity_country_id = fields.Many2one(
        comodel_name="res.country",
        string="Issuing Country",
        compute="_compute_identity_country_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    identity_expiry = fields.Date()
    identity_expiry_hijri = fields.Char(
        string="Identity Expiry (Hijri)", compute="_compute_hijri_dates"
    )
    birth_date = fields.Date(tracking=True)
    birth_date_hijri = fields.Char(
        string="Birth Date (Hijri)", compute="_compute_hijri_dates"
    )
    age = fields.Integer(compute="_compute_age", search="_search_age")
    gender = fields.Selection(selection=[("male", "Male"), ("female", "Female")])
    nationality_id = fields.Many2one(comodel_name="res.country")
    residence_expiry = fields.Date(string="Legal Residence until")
    is_legal_resident = fields.Boolean(
        string="Resides Legally",
        compute="_compute_is_legal_resident",
        search="_search_is_legal_resident",
        help="A citizen of the Kingdom or the GCC, or a residence still valid today.",
    )

    # Situation
    marital_status = fields.Selection(
        selection=[
            ("single", "Single"),
            ("married", "Married"),
            ("divorced", "Divorced"),
            ("widowed", "Widowed"),
            ("deserted", "Deserted"),
        ]
    )
    education = fields.Selection(
        selection=[
            ("none", "None"),
            ("primary", "Primary school"),
            ("intermediate", "Intermediate school"),
            ("secondary", "Secondary school"),
            ("diploma", "Diploma"),
            ("university", "University"),
        ]
    )
    work_status = fields.Selection(
        selection=[
            ("employed", "Employed"),
            ("self_employed", "Self-employed"),
            ("unemployed", "Unemployed"),
            ("retired", "Retired"),
            ("student", "Student"),
            ("home", "At home"),
            ("unable", "Unable to work"),
        ]
    )
    category_id = fields.Many2one(
        comodel_name="beneficiary.category",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    area_id = fields.Many2one(
        comodel_name="beneficiary.area", index="btree_not_null", check_company=True
    )
    branch_id = fields.Many2one(
        comodel_name="beneficiary.branch",
        index="btree_not_null",
        check_company=True,
        default=lambda self: self._default_branch_id(),
        tracking=True,
    )
    preferred_channel_id = fields.Many2one(
        comodel_name="beneficiary.channel", check_company=True
    )
    iban = fields.Char(
        string="IBAN",
        compute="_compute_iban",
        inverse="_inverse_iban",
        help="Kept on the contact's bank account, which payments use.",
    )

    # Household
    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    relationship = fields.Selection(
        selection=[
            ("head", "Head of household"),
            ("spouse", "Spouse"),
            ("son", "Son"),
            ("daughter", "Daughter"),
            ("parent", "Parent"),
            ("sibling", "Brother or sister"),
            ("grandparent", "Grandparent"),
            ("other", "Other"),
        ],
        help="What this person is to the head of the household.",
    )
    counts_in_household = fields.Boolean(
        string="Counts in the Household",
        default=True,
        help="Counted when the household's income is shared among its members.",
    )
    household_weight = fields.Float(default=1.0, digits=(6, 2))
    per_capita_income = fields.Monetary(
        related="household_id.per_capita_income", currency_field="household_currency_id"
    )
    household_currency_id = fields.Many2one(
        related="household_id.currency_id", string="Currency of the Household"
    )
    need_band_id = fields.Many2one(related="household_id.need_band_id")
    household_member_ids = fields.One2many(
        related="household_id.member_ids", string="Members of the Household"
    )

    # Sensitive: health, disability and prison data
    health_condition = fields.Text(groups="beneficiary_relations.group_sensitive")
    special_needs = fields.Selection(
        selection=[
            ("none", "None"),
            ("mobility", "Mobility"),
            ("sight", "Sight"),
            ("hearing", "Hearing"),
            ("mental", "Mental"),
            ("multiple", "Multiple"),
        ],
        groups="beneficiary_relations.group_sensitive",
    )
    prison_status = fields.Selection(
        selection=[
            ("none", "None"),
            ("inmate", "Inmate"),
            ("released", "Released"),
            ("relative", "Relative of an inmate"),
        ],
        groups="beneficiary_relations.group_sensitive",
    )

    # Life of the file
    state = fields.Selection(
        string="File State",
        selection=[
            ("draft", "Draft"),
            ("verification", "Under Verification"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("closed", "Closed"),
        ],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    state_reason_id = fields.Many2one(
        comodel_name="beneficiary.state.reason",
        copy=False,
        tracking=True,
        groups="base.group_user",
    )
    state_note = fields.Text(copy=False, groups="base.group_user")
    state_changed_on = fields.Date(readonly=True, copy=False)
    next_review_date = fields.Date(copy=False, tracking=True)
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        index="btree_not_null",
        check_company=True,
        compute="_compute_policy_id",
        store=True,
        precompute=True,
        readonly=False,
        help="The policy in force when the file was opened.",
    )

    # What hangs on the file
    document_ids = fields.One2many(
        comodel_name="beneficiary.document", inverse_name="beneficiary_id"
    )
    document_requirement_ids = fields.One2many(
        comodel_name="beneficiary.document.requirement",
        inverse_name="beneficiary_id",
        string="Required Documents",
        groups="base.group_user",
    )
    assessment_ids = fields.One2many(
        comodel_name="beneficiary.assessment",
        inverse_name="beneficiary_id",
        groups="base.group_user",
    )
    interaction_ids = fields.One2many(
        comodel_name="beneficiary.interaction",
        inverse_name="beneficiary_id",
        groups="base.group_user",
    )
    portal_access_ids = fields.One2many(
        comodel_name="beneficiary.portal.access",
        inverse_name="beneficiary_id",
        groups="base.group_user",
    )
    document_count = fields.Integer(compute="_compute_counts")
    assessment_count = fields.Integer(
        compute="_compute_counts", groups="base.group_user"
    )
    interaction_count = fields.Integer(
        compute="_compute_counts", groups="base.group_user"
    )
    missing_document_note = fields.Char(
        string="Missing Documents", compute="_compute_missing_document_note"
    )

    _identity_uniq = models.UniqueIndex(
        # The country of a number the Kingdom gives out tells nobody apart.
        "(company_id, identity_kind, (CASE WHEN identity_kind IN"
        " ('citizen', 'resident', 'border') THEN 0"
        " ELSE COALESCE(identity_country_id, 0) END), identity_number)"
        " WHERE identity_number IS NOT NULL",
        "There is a file with this identity already. Search for it, closed and "
        "archived files included, and reopen it instead of opening a second one.",
    )
    _identity_format = models.Constraint(
        "CHECK(identity_number IS NULL OR identity_kind NOT IN ('citizen', 'resident')"
        " OR identity_number ~ '^[12][0-9]{9}$')",
        "A national or resident ID has ten digits and begins with 1 or 2.",
    )
    _partner_uniq = models.Constraint(
        "UNIQUE(partner_id)",
        "This contact has a file already. Open that file instead.",
    )
    _file_number_uniq = models.Constraint(
        "UNIQUE(company_id, file_number)",
        "This file number is taken already. Leave it empty to get the next one.",
    )
    _one_head = models.UniqueIndex(
        "(household_id) WHERE relationship = 'head' AND active IS TRUE",
        "This household has a head already. Choose another relationship.",
    )
    _head_has_household = models.Constraint(
        "CHECK(relationship IS DISTINCT FROM 'head' OR household_id IS NOT NULL)",
        "A head needs a household. Choose the household first.",
    )
    _weight_positive = models.Constraint(
        "CHECK(household_weight > 0 AND household_weight <= 10)",
        "The weight of a member lies above 0 and is at most 10.",
    )
    _list_idx = models.Index(
        "(company_id, file_number DESC, id DESC) WHERE active IS TRUE"
    )
    _review_idx = models.Index("(next_review_date) WHERE state = 'active'")

    # ------------------------------------------------------------------
    # Defaults
    # ------------------------------------------------------------------

    @api.model
    def _default_branch_id(self):
        """Return the branch of a representative who works for one branch only."""
        if not self.env.user.has_group(
            "beneficiary_relations.group_branch_representative"
        ):
            return False
        branches = self.env["beneficiary.branch"].search(
            [("user_ids", "in", self.env.uid)], limit=2
        )
        return branches if len(branches) == 1 else False

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("partner_id.name")
    def _compute_search_name(self):
        for beneficiary in self:
            beneficiary.search_name = normalise_arabic(beneficiary.partner_id.name)

    @api.depends("identity_kind")
    def _compute_identity_country_id(self):
        saudi_arabia = self.env.ref("base.sa")
        for beneficiary in self:
            if beneficiary.identity_kind in ISSUED_HERE:
                beneficiary.identity_country_id = saudi_arabia

    @api.depends("company_id")
    def _compute_policy_id(self):
        Policy = self.env["beneficiary.policy"]
        in_force = {company: Policy._in_force(company) for company in self.company_id}
        for beneficiary in self:
            if not beneficiary.policy_id:
                beneficiary.policy_id = in_force.get(beneficiary.company_id)

    @api.depends("birth_date", "identity_expiry")
    def _compute_hijri_dates(self):
        for beneficiary in self:
            beneficiary.birth_date_hijri = format_hijri(beneficiary.birth_date)
            beneficiary.identity_expiry_hijri = format_hijri(
                beneficiary.identity_expiry
            )

    @api.depends("birth_date")
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for beneficiary in self:
            beneficiary.age = (
                relativedelta(today, beneficiary.birth_date).years
                if beneficiary.birth_date
                else 0
            )

    @api.model
    def _search_age(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        today = fields.Date.context_today(self)
        # Older than a number of years means born earlier than that many years ago.
        years = value + 1 if operator in ("<=", ">") else value
        born = today - relativedelta(years=years)
        return [("birth_date", "<=" if operator in (">", ">=") else ">", born)]

    @api.depends("identity_kind", "residence_expiry")
    def _compute_is_legal_resident(self):
        today = fields.Date.context_today(self)
        for beneficiary in self:
            expiry = beneficiary.residence_expiry
            beneficiary.is_legal_resident = (
                beneficiary.identity_kind in ("citizen", "gcc")
                or bool(expiry)
                and expiry >= today
            )

    @api.model
    def _search_is_legal_resident(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        today = fields.Date.context_today(self)
        return Domain("identity_kind", "in", ("citizen", "gcc")) | Domain(
            "residence_expiry", ">=", today
        )

    @api.depends("file_number", "name")
    def _compute_display_name(self):
        for beneficiary in self:
            number = beneficiary.file_number
            name = beneficiary.name or ""
            beneficiary.display_name = f"[{number}] {name}" if number else name

    @api.model
    def _search_display_name(self, operator, value):
        """Search by exact number or by name in any spelling.

        Numbers and names have columns and indexes of their own: one branch without
        an index would make the whole search slow.
        """
        if not isinstance(value, str) or operator not in ("ilike", "=ilike", "like"):
            return super()._search_display_name(operator, value)
        number = normalise_identity(value)
        if number and any(character.isdigit() for character in number):
            return (
                Domain("identity_number", "=", number)
                | Domain("file_number", "=ilike", to_latin_digits(value.strip()))
                | Domain("partner_id", "in", self._partners_by_phone(value))
            )
        return Domain("search_name", "like", normalise_arabic(value))

    def _compute_iban(self):
        accounts = self.env["res.partner.bank"].search(
            [("partner_id", "in", self.partner_id.ids)], order="sequence, id"
        )
        iban_by_partner = {}
        for account in accounts:
            if account.acc_type == "iban":
                iban_by_partner.setdefault(
                    account.partner_id.id, account.sanitized_acc_number
                )
        for beneficiary in self:
            beneficiary.iban = iban_by_partner.get(beneficiary.partner_id.id, False)

    def _inverse_iban(self):
        """Put the person's IBAN before the contact's other bank accounts.

        An emptied IBAN leaves the accounts alone: payments may stand on them.
        """
        # Accounting may keep the rights on bank accounts to itself. Whoever may
        # write the file may enter the person's own IBAN, and nobody else's.
        Bank_sudo = self.env["res.partner.bank"].sudo()
        accounts_sudo = Bank_sudo.with_context(active_test=False).search(
            [("partner_id", "in", self.partner_id.ids)]
        )
        by_partner = accounts_sudo.grouped(lambda account: account.partner_id.id)
        new_accounts = []
        for beneficiary in self:
            iban = beneficiary._clean_iban(beneficiary.iban)
            if not iban:
                continue
            own = by_partner.get(beneficiary.partner_id.id, Bank_sudo)
            chosen = own.filtered(
                lambda account, iban=iban: account.sanitized_acc_number == iban
            )
            (own - chosen).filtered(lambda account: account.sequence < 10).write(
                {"sequence": 10}
            )
            if chosen:
                chosen.write({"sequence": 0, "active": True})
            else:
                new_accounts.append(
                    {
                        "acc_number": iban,
                        "partner_id": beneficiary.partner_id.id,
                        "company_id": beneficiary.company_id.id,
                        "sequence": 0,
                    }
                )
        Bank_sudo.create(new_accounts)

    @api.depends("document_ids", "assessment_ids", "interaction_ids")
    def _compute_counts(self):
        for field_name, model in (
            ("document_count", "beneficiary.document"),
            ("assessment_count", "beneficiary.assessment"),
            ("interaction_count", "beneficiary.interaction"),
        ):
            if not self.env[model].has_access("read"):
                self[field_name] = 0
                continue
            counts = dict(
                self.env[model]._read_group(
                    [("beneficiary_id", "in", self.ids)],
                    ["beneficiary_id"],
                    ["__count"],
                )
            )
            for beneficiary in self:
                beneficiary[field_name] = counts.get(beneficiary._origin, 0)

    @api.depends("document_ids.state", "document_ids.expiry_date", "category_id")
    def _compute_missing_document_note(self):
        missing = self._missing_document_types()
        for beneficiary in self:
            beneficiary.missing_document_note = format_list(
                self.env, missing[beneficiary].mapped("name")
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("identity_kind", "identity_number")
    def _check_identity_number(self):
        for beneficiary in self.filtered("identity_number"):
            fault = check_identity(
                beneficiary.identity_kind, beneficiary.identity_number
            )
            if fault:
                raise ValidationError(beneficiary._identity_message(fault))

    @api.constrains("identity_kind", "identity_number", "identity_country_id")
    def _check_unknown_country(self):
        """A number without a country is nobody else's: it may be the same paper.

        Two known countries that differ are two papers; the database compares those.
        """
        files = self.filtered(
            lambda file: file.identity_number and file.identity_kind not in ISSUED_HERE
        )
        if not files:
            return
        # Closed, archived and hidden files count, too; no data of theirs is told.
        others_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [
                    ("identity_number", "in", files.mapped("identity_number")),
                    ("company_id", "in", files.company_id.ids),
                ],
                ["company_id", "identity_kind", "identity_number"],
            )
        )
        same = others_sudo.grouped(
            lambda file: (file.company_id, file.identity_kind, file.identity_number)
        )
        for file in files:
            twins = same.get(
                (file.company_id, file.identity_kind, file.identity_number), file
            )
            if any(
                not (file.identity_country_id and other.identity_country_id)
                for other in twins - file
            ):
                raise ValidationError(
                    self.env._(
                        "%(name)s: there is a file with this identity number already, "
                        "and one of the two says no issuing country. Search for it "
                        "and reopen it, or enter both countries.",
                        name=file.display_name,
                    )
                )

    @api.constrains("birth_date")
    def _check_birth_date(self):
        today = fields.Date.context_today(self)
        for beneficiary in self:
            if beneficiary.birth_date and beneficiary.birth_date > today:
                raise ValidationError(
                    self.env._(
                        "The birth date of %(name)s lies in the future. Correct it.",
                        name=beneficiary.display_name,
                    )
                )

    @api.constrains("company_id", "partner_id")
    def _check_partner_company(self):
        for beneficiary in self:
            # The rule of contacts hides them by company: read it regardless.
            if beneficiary.partner_id.sudo().company_id != beneficiary.company_id:
                raise ValidationError(
                    self.env._(
                        "The contact of %(name)s must belong to the file's "
                        "association.",
                        name=beneficiary.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Open files, each on a contact of its own.

        Contacts, numbers and flags are made for the whole batch at once.
        """
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        self._create_partners(vals_list)
        self.env["ir.sequence"]._number_vals(
            "beneficiary.beneficiary", "file_number", vals_list
        )
        # Nobody becomes a follower by typing a file in.
        beneficiaries = (
            super(
                BeneficiaryBeneficiary, self.with_context(mail_create_nosubscribe=True)
            )
            .create(vals_list)
            .with_env(self.env)
        )
        # The flag is the addon's own and read-only for everybody: after the create
        # right on the file has been checked above.
        beneficiaries.partner_id.sudo().filtered(
            lambda partner: not partner.is_beneficiary
        ).write({"is_beneficiary": True})
        return beneficiaries

    def write(self, vals):
        vals = self._clean_vals(vals)
        if "company_id" in vals or "partner_id" in vals:
            self._check_identity_of_file_kept(vals)
        if "state" in vals:
            self._check_state_move(vals)
            vals = dict(vals, state_changed_on=fields.Date.context_today(self))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for beneficiary in self:
            if beneficiary.state != "draft":
                raise UserError(
                    self.env._(
                        "The file %(name)s has left the draft state and cannot be "
                        "deleted. Close or archive it instead.",
                        name=beneficiary.display_name,
                    )
                )

    def copy_data(self, default=None):
        """Copy the person's contact data along; identity and household stay."""
        vals_list = super().copy_data(default=default)
        for beneficiary, vals in zip(self, vals_list, strict=True):
            vals.pop("partner_id", None)
            vals.setdefault("name", beneficiary.name)
            if vals.get("relationship") == "head":
                vals["relationship"] = False
        return vals_list

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_submit(self):
        """Hand the files over to verification."""
        self.check_access("write")
        self._require_group("group_relations_officer", "group_branch_representative")
        self.write({"state": "verification"})

    def action_back_to_draft(self):
        """Take files back from verification, to correct them."""
        self.check_access("write")
        self._require_group("group_relations_officer", "group_branch_representative")
        self.write({"state": "draft"})

    def action_activate(self):
        """Complete the registration of verified files by hand.

        Usually the first positive decision does it (C44).
        """
        self.check_access("write")
        self._require_group("group_manager")
        self._activate()

    def action_suspend(self):
        """Ask for the reason, then suspend."""
        return self._open_state_wizard("suspended")

    def action_close(self):
        """Ask for the reason, then close."""
        return self._open_state_wizard("closed")

    def action_reopen(self):
        """Bring suspended or closed files back to work."""
        self.check_access("write")
        self._require_group("group_manager")
        self.write({"state": "active", "active": True})

    def action_grant_portal(self):
        """Give the persons their own access to the portal.

        :raise UserError: when a person has no e-mail address to log in with
        """
        self.check_access("write")
        self._require_group("group_relations_officer")
        for beneficiary in self:
            beneficiary._grant_portal()

    def action_open_documents(self):
        """Open the documents of this person."""
        return self._open_related("beneficiary_relations.beneficiary_document_action")

    def action_capture_documents(self):
        """Take in the papers of this person that are still asked for."""
        self.ensure_one()
        return self.env["beneficiary.document.capture"]._open(self)

    def action_open_assessments(self):
        """Open the assessments of this person."""
        return self._open_related("beneficiary_relations.beneficiary_assessment_action")

    def action_open_interactions(self):
        """Open the interactions with this person."""
        return self._open_related(
            "beneficiary_relations.beneficiary_interaction_action"
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _activate(self):
        """Complete the registration of the files (C44).

        Files that are active, suspended or closed stay as they are: a decision is
        no reason to reopen a file.

        :return: the files that became active
        """
        files = self.filtered(lambda file: file.state in ("draft", "verification"))
        if files:
            today = fields.Date.context_today(self)
            files.write(
                {
                    "state": "active",
                    "next_review_date": today + relativedelta(years=1),
                }
            )
        return files

    def _change_state(self, state, reason, note=False):
        """Suspend or close files for a coded reason.

        :param str state: ``suspended`` or ``closed``
        :param reason: ``beneficiary.state.reason``
        :param str note: words of explanation
        """
        self.write({"state": state, "state_reason_id": reason.id, "state_note": note})

    def _required_document_types(self, extra_types=None):
        """Return what each person must hand in.

        :param extra_types: ``beneficiary.document.type`` asked for a reason of its
            own, such as an aid type
        :return: a set of document types for each file
        :rtype: dict[beneficiary.beneficiary, beneficiary.document.type]
        """
        DocumentType = self.env["beneficiary.document.type"]
        types = DocumentType.search(
            [
                ("company_id", "in", self.company_id.ids),
                "|",
                ("required_for_all", "=", True),
                ("category_ids", "in", self.category_id.ids),
            ]
        )
        extra_types = extra_types or DocumentType
        return {
            beneficiary: extra_types
            | types.filtered(
                lambda kind, file=beneficiary: (
                    kind.company_id == file.company_id
                    and (kind.required_for_all or file.category_id in kind.category_ids)
                )
            )
            for beneficiary in self
        }

    def _missing_document_types(self, extra_types=None, at_date=None):
        """Return what each person still has to hand in, or renew.

        A type counts as there when one document of it is verified and valid, or is
        recorded as not applicable.

        :param extra_types: see :meth:`_required_document_types`
        :param date at_date: the day documents must be valid on, today by default
        :rtype: dict[beneficiary.beneficiary, beneficiary.document.type]
        """
        at_date = at_date or fields.Date.context_today(self)
        there = {
            beneficiary: beneficiary.document_ids.filtered(
                lambda document: (
                    document._is_valid_on(at_date) or document.state == "not_applicable"
                )
            ).type_id
            for beneficiary in self
        }
        required = self._required_document_types(extra_types)
        return {file: required[file] - there[file] for file in self}

    @api.model
    def _portal_own(self):
        """Return the files the current user may act for.

        Read under the user's own rules: the one owner check of the portal.
        """
        # Portal users do not read the link table; only their own links are asked.
        links_sudo = (
            self.env["beneficiary.portal.access"]
            .sudo()
            .search(
                Domain("user_id", "=", self.env.uid)
                & (Domain("date_end", "=", False) | Domain("date_end", ">=", "today"))
            )
        )
        return self.search([("id", "in", links_sudo.beneficiary_id.ids)])

    def _grant_portal(self):
        """Create or find the person's portal user and link it to the file."""
        self.ensure_one()
        user = self.env["beneficiary.portal.access"]._portal_user(
            self.partner_id, self.company_id
        )
        self.env["beneficiary.portal.access"]._link(user, self)
        return user

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _clean_vals(self, vals):
        """Return values with numbers and names in the form they are stored in."""
        vals = dict(vals)
        self._refuse_hidden_characters(vals)
        if "name" in vals:
            vals["name"] = self._clean_name(vals["name"])
            if not vals["name"]:
                raise ValidationError(
                    self.env._("A file needs the person's name. Write it.")
                )
        if "identity_number" in vals:
            vals["identity_number"] = (
                normalise_identity(vals["identity_number"]) or False
            )
        if vals.get("phone"):
            vals["phone"] = self._clean_phone(vals)
        if vals.get("email"):
            vals["email"] = self._clean_email(vals["email"])
        if vals.get("iban"):
            vals["iban"] = self._clean_iban(vals["iban"])
        return vals

    def _clean_name(self, name):
        self._refuse_hidden_characters({"name": name})
        try:
            return clean_text(name, NAME_MAX_LENGTH)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "The name has more than %(count)s characters. Shorten it.",
                    count=NAME_MAX_LENGTH,
                )
            ) from None

    def _clean_phone(self, vals):
        number = to_latin_digits(vals["phone"])
        company = self.env["res.company"].browse(vals.get("company_id"))
        country = (company or self[:1].company_id or self.env.company).country_id
        formatted = self.env["res.partner"]._phone_format(
            number=number, country=country or self.env.ref("base.sa")
        )
        if not formatted:
            raise ValidationError(
                self.env._(
                    "The phone number %(number)s is not valid. Write it like "
                    "0501234567.",
                    number=number,
                )
            )
        return formatted

    def _clean_email(self, email):
        normalised = email_normalize(email)
        if not normalised:
            raise ValidationError(
                self.env._(
                    "The e-mail address %(email)s is not valid. Write it like "
                    "name@example.org.",
                    email=email,
                )
            )
        return normalised

    def _clean_iban(self, iban):
        iban = normalize_iban(to_latin_digits(iban or ""))
        if not iban:
            return False
        try:
            validate_iban(iban)
        except ValidationError:
            raise ValidationError(
                self.env._(
                    "The IBAN %(iban)s is not valid: its check digits do not fit. "
                    "Copy it again from the bank's paper.",
                    iban=iban,
                )
            ) from None
        return iban.upper()

    def _identity_message(self, fault):
        """Return what is wrong with this file's identity number, in plain words."""
        self.ensure_one()
        number = self.identity_number
        kind = dict(self._fields["identity_kind"]._description_selection(self.env))[
            self.identity_kind
        ]
        messages = {
            "length": self.env._(
                "%(kind)s %(number)s: write ten digits, beginning with 1 for a "
                "citizen or 2 for a resident.",
                kind=kind,
                number=number,
            ),
            "first_digit": self.env._(
                "%(kind)s %(number)s: the first digit does not fit this kind of "
                "identity. Correct the number or the kind.",
                kind=kind,
                number=number,
            ),
            "check_digit": self.env._(
                "%(kind)s %(number)s: the check digit does not fit. Read the number "
                "again from the document.",
                kind=kind,
                number=number,
            ),
            "format": self.env._(
                "%(kind)s %(number)s: write 4 to 20 Latin letters and digits.",
                kind=kind,
                number=number,
            ),
        }
        return messages[fault]

    def _partners_by_phone(self, value):
        """Return the ids of contacts with a phone number.

        Asked first: a condition on the contact's own column beside conditions on
        the file would read the whole registry.
        """
        key = self._phone_key(value)
        if not key:
            return []
        # The ids only narrow the search of files, which has rules of its own.
        Partner_sudo = self.env["res.partner"].sudo()
        return Partner_sudo.search([("phone_sanitized", "=", key)], limit=100).ids

    def _phone_key(self, value):
        return self.env["res.partner"]._phone_format(
            number=to_latin_digits(value),
            country=self.env.company.country_id or self.env.ref("base.sa"),
        )

    def _create_partners(self, vals_list):
        """Give each set of values its own contact, made in one batch."""
        # The file has the history, and nobody follows the contact.
        Partner = self.env["res.partner"].with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True
        )
        without = [vals for vals in vals_list if not vals.get("partner_id")]
        self._take_over_partners([vals for vals in vals_list if vals.get("partner_id")])
        contact_fields = [
            name
            for name, field in self._fields.items()
            if field.inherited and name in Partner._fields
        ]
        partners = Partner.create(
            [
                dict(
                    {name: vals.pop(name) for name in contact_fields if name in vals},
                    company_id=vals.get("company_id") or self.env.company.id,
                )
                for vals in without
            ]
        )
        for vals, partner in zip(without, partners, strict=True):
            vals["partner_id"] = partner.id

    def _take_over_partners(self, vals_list):
        """Make contacts chosen by hand belong to the file's association."""
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals["partner_id"])
            company_id = vals.get("company_id") or self.env.company.id
            if not partner.company_id:
                partner.company_id = company_id

    def _check_identity_of_file_kept(self, vals):
        for beneficiary in self:
            for name in ("company_id", "partner_id"):
                if name in vals and vals[name] != beneficiary[name].id:
                    raise UserError(
                        self.env._(
                            "The file %(name)s keeps its association and its contact "
                            "for good. Open a file in the other association instead.",
                            name=beneficiary.display_name,
                        )
                    )

    def _check_state_move(self, vals):
        """Refuse a move the life of a file does not know, or one without reason."""
        target = vals["state"]
        labels = dict(self._fields["state"]._description_selection(self.env))
        for beneficiary in self:
            if beneficiary.state == target:
                continue
            if beneficiary.state not in self._state_moves[target]:
                raise UserError(
                    self.env._(
                        "The file %(name)s is %(state)s and cannot become %(target)s.",
                        name=beneficiary.display_name,
                        state=labels[beneficiary.state],
                        target=labels[target],
                    )
                )
            if target in ("suspended", "closed") and not vals.get("state_reason_id"):
                raise UserError(
                    self.env._(
                        "Say why the file %(name)s becomes %(target)s: choose a "
                        "reason.",
                        name=beneficiary.display_name,
                        target=labels[target],
                    )
                )
            if target in ("verification", "active"):
                beneficiary._check_ready_for_verification(vals)

    def _check_ready_for_verification(self, vals):
        self.ensure_one()
        if not (vals.get("identity_number") or self.identity_number):
            raise UserError(
                self.env._(
                    "The file %(name)s has no identity number. Enter it first.",
                    name=self.display_name,
                )
            )

    def _require_group(self, *groups):
        """Refuse users with none of the roles.

        :param str groups: names of groups of this addon, or full external ids
        :raise AccessError: naming the roles, one of which is missing
        """
        roles = [
            group if "." in group else f"beneficiary_relations.{group}"
            for group in groups
        ]
        if self.env.su or any(self.env.user.has_group(role) for role in roles):
            return
        # Names of groups are no secret, yet not everybody may read them.
        names = [self.env.ref(role).sudo().full_name for role in roles]
        raise AccessError(
            self.env._(
                "This needs the role %(roles)s.",
                roles=self.env._(" or ").join(names),
            )
        )

    def _open_state_wizard(self, state):
        self.check_access("write")
        self._require_group("group_relations_officer")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the State of Files"),
            "res_model": "beneficiary.state.change",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_beneficiary_ids": self.ids,
                "default_target_state": state,
            },
        }

    def _open_related(self, action_xmlid):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(action_xmlid)
        action["domain"] = [("beneficiary_id", "=", self.id)]
        action["context"] = {"default_beneficiary_id": self.id}
        return action
