from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# A paper in one of these states has not been looked at, or was refused.
WAITING = ("missing", "submitted", "rejected", "not_available")


class BeneficiaryDocument(models.Model):
    """One paper in a person's wallet, matched once and reused until it expires.

    Source: C38 (completing and matching the data), C39 (validity at submission).
    """

    _name = "beneficiary.document"
    _description = "Document"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "beneficiary.hijri.mixin",
    ]
    _check_company_auto = True
    _order = "beneficiary_id, type_id, id desc"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    identity_kind = fields.Selection(related="beneficiary_id.identity_kind")
    identity_number = fields.Char(related="beneficiary_id.identity_number")
    birth_date = fields.Date(related="beneficiary_id.birth_date")
    birth_date_hijri = fields.Char(related="beneficiary_id.birth_date_hijri")
    type_id = fields.Many2one(
        comodel_name="beneficiary.document.type",
        required=True,
        index=True,
        check_company=True,
        tracking=True,
    )
    number = fields.Char()
    issue_date = fields.Date()
    issue_date_hijri = fields.Char(
        string="Issue Date (Hijri)",
        compute="_compute_hijri_dates",
        inverse="_inverse_issue_date_hijri",
    )
    expiry_date = fields.Date(
        compute="_compute_expiry_date",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
    )
    expiry_date_hijri = fields.Char(
        string="Expiry Date (Hijri)",
        compute="_compute_hijri_dates",
        inverse="_inverse_expiry_date_hijri",
    )
    state = fields.Selection(
        selection=[
            ("missing", "Missing"),
            ("submitted", "Submitted"),
            ("verified", "Verified"),
            ("rejected", "Rejected"),
            ("not_available", "Not available"),
            ("not_applicable", "Not applicable"),
        ],
        required=True,
        default="submitted",
        index=True,
        tracking=True,
        copy=False,
    )
    page_ids = fields.One2many(
        comodel_name="beneficiary.document.page",
        inverse_name="document_id",
        string="Pages",
    )
    page_count = fields.Integer(compute="_compute_page_count")
    collected_from = fields.Selection(
        selection=[
            ("official", "Official document"),
            ("statement", "Person's statement"),
            ("visit", "Field visit"),
        ],
        default="official",
        required=True,
        help="Where the information comes from.",
    )
    verified_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Matched by",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    verified_on = fields.Date(string="Matched on", readonly=True, copy=False)
    reject_reason = fields.Char(readonly=True, copy=False, tracking=True)
    is_expired = fields.Boolean(
        compute="_compute_is_expired", search="_search_is_expired"
    )
    status = fields.Selection(
        selection=lambda self: [
            *self._fields["state"]._description_selection(self.env),
            ("expired", self.env._("Expired")),
        ],
        compute="_compute_status",
        help="The state, and that a matched paper has run out since.",
    )

    _dates = models.Constraint(
        "CHECK(issue_date IS NULL OR expiry_date IS NULL OR issue_date <= expiry_date)",
        "A document expires after it was issued. Correct one of the dates.",
    )
    _reject_reason_given = models.Constraint(
        "CHECK(state <> 'rejected' OR reject_reason IS NOT NULL)",
        "Say why the document is rejected.",
    )
    _to_verify_idx = models.Index("(company_id, id) WHERE state = 'submitted'")

    @api.depends("issue_date", "type_id")
    def _compute_expiry_date(self):
        for document in self:
            months = document.type_id.validity_months
            if document.issue_date and months and not document.expiry_date:
                document.expiry_date = document.issue_date + relativedelta(
                    months=months
                )

    @api.depends("issue_date", "expiry_date")
    def _compute_hijri_dates(self):
        for document in self:
            document.issue_date_hijri = self._hijri_text(document.issue_date)
            document.expiry_date_hijri = self._hijri_text(document.expiry_date)

    @api.onchange("issue_date_hijri")
    def _inverse_issue_date_hijri(self):
        self._set_from_hijri("issue_date_hijri", "issue_date")

    @api.onchange("expiry_date_hijri")
    def _inverse_expiry_date_hijri(self):
        self._set_from_hijri("expiry_date_hijri", "expiry_date")

    @api.depends("page_ids")
    def _compute_page_count(self):
        for document in self:
            document.page_count = len(document.page_ids)

    @api.depends("expiry_date")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for document in self:
            document.is_expired = bool(
                document.expiry_date and document.expiry_date < today
            )

    @api.model
    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        expired = Domain("expiry_date", "<", fields.Date.context_today(self))
        if True in value and False in value:
            return Domain.TRUE
        return expired if True in value else ~expired

    @api.depends("state", "is_expired")
    def _compute_status(self):
        for document in self:
            expired = document.state == "verified" and document.is_expired
            document.status = "expired" if expired else document.state

    @api.depends("type_id", "number")
    def _compute_display_name(self):
        for document in self:
            document.display_name = " ".join(
                filter(None, [document.type_id.name, document.number])
            )

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents.filtered(
            lambda document: document.state in ("verified", "not_applicable")
        )._check_may_verify()
        # Administrators bring papers that were matched before this system, expired
        # ones and those without a picture included.
        if not self.env.user.has_group("beneficiary_relations.group_administrator"):
            documents._check_verified()
        return documents

    def write(self, vals):
        """Freeze what has been matched: a renewed paper is a new document."""
        matched = {
            "type_id",
            "beneficiary_id",
            "number",
            "issue_date",
            "expiry_date",
            "collected_from",
        }
        verified = self.filtered(lambda document: document.state == "verified")
        if matched.intersection(vals):
            verified._check_not_frozen()
        # Both answer a requirement, and a matched paper is not unmatched by anybody.
        if vals.get("state") in ("verified", "not_applicable"):
            self._check_may_verify()
        elif "state" in vals:
            verified._check_may_verify()
        result = super().write(vals)
        if vals.get("state") == "verified":
            self._check_verified()
        return result

    def action_verify(self):
        """Record that the papers were matched with the data of the file.

        Papers matched already keep who matched them and when.

        :raise UserError: for an expired paper or one without a page
        """
        self.check_access("write")
        waiting = self.filtered(lambda document: document.state in WAITING)
        for document in waiting:
            document._check_can_verify()
        waiting.write(
            {
                "state": "verified",
                "verified_by_id": self.env.uid,
                "verified_on": fields.Date.context_today(self),
                "reject_reason": False,
            }
        )

    def action_not_available(self):
        """Record that the person does not have the papers."""
        self.check_access("write")
        self._check_may_verify()
        self.filtered(lambda document: document.state in WAITING).write(
            {"state": "not_available"}
        )

    def action_not_applicable(self):
        """Record that the papers are not asked from this person."""
        self.check_access("write")
        self._check_may_verify()
        self.filtered(lambda document: document.state in WAITING).write(
            {"state": "not_applicable"}
        )

    def action_submit(self):
        """Take the papers as handed in, to be looked at."""
        self.check_access("write")
        self.filtered(
            lambda document: document.state not in ("submitted", "verified")
        ).write({"state": "submitted"})

    def action_verify_each(self):
        """Look at the papers one by one, each picture beside its data."""
        self.check_access("read")
        return {
            "type": "ir.actions.client",
            "tag": "beneficiary_relations.verify_documents",
            "params": {"ids": self.ids},
        }

    def action_reject(self):
        """Ask for the reason, then reject."""
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reject Documents"),
            "res_model": "beneficiary.document.reject",
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_ids": self.ids},
        }

    def _reject(self, reason):
        """Reject the documents.

        :param str reason: words the person reads
        """
        self._check_may_verify()
        self.write(
            {
                "state": "rejected",
                "reject_reason": reason,
                "verified_by_id": False,
                "verified_on": False,
            }
        )

    def _is_valid_on(self, date):
        """Tell whether the document is matched and not expired on a day."""
        self.ensure_one()
        return self.state == "verified" and (
            not self.expiry_date or self.expiry_date >= date
        )

    def _check_may_verify(self):
        """Keep matching to the people whose work it is, by any route."""
        if self and not self.env.su:
            self.env["beneficiary.beneficiary"]._require_group(
                "group_relations_officer", "group_social_researcher"
            )

    def _check_not_frozen(self):
        """Keep the data and the pages of matched papers as they were seen."""
        if self and not self.env.su:
            raise UserError(
                self.env._(
                    "The document %(name)s has been matched and keeps its data. Add "
                    "the renewed paper as a new document.",
                    name=self[0].display_name,
                )
            )

    def _check_verified(self):
        """Refuse expired papers and papers without a page as matched."""
        if not self.env.su:
            for document in self:
                if document.state == "verified":
                    document._check_can_verify()

    def _check_can_verify(self):
        self.ensure_one()
        if self.is_expired:
            raise UserError(
                self.env._(
                    "The document %(name)s has expired. Ask for a valid one.",
                    name=self.display_name,
                )
            )
        if self.issue_date and self.issue_date > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "The document %(name)s is issued on a day to come. Correct the "
                    "date from the paper.",
                    name=self.display_name,
                )
            )
        if not self.page_ids and self.collected_from == "official":
            raise UserError(
                self.env._(
                    "The document %(name)s has no page to match. Add a picture or a "
                    "PDF, or say that it was seen on a visit.",
                    name=self.display_name,
                )
            )
