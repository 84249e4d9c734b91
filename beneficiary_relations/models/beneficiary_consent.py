from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What a consent said stays; only its withdrawal is added.
WITHDRAWAL_FIELDS = frozenset({"withdrawn_on", "withdrawal_note"})


class BeneficiaryConsent(models.Model):
    """A person agreed to one use of the data, and may withdraw it at any time.

    For a child, or whoever is represented, the guardian gives it under a mandate
    that covers signing. A consent is never edited: it is withdrawn, and given anew.
    """

    _name = "beneficiary.consent"
    _description = "Consent"
    _check_company_auto = True
    _order = "given_on desc, id desc"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    purpose = fields.Selection(
        selection=[
            ("service", "Service, sensitive data included"),
            ("hospital", "Sharing with a hospital"),
            ("donor", "Sharing with a donor"),
            ("photo", "Photos"),
            ("messages", "Messages"),
        ],
        required=True,
        default="service",
    )
    notice_id = fields.Many2one(
        comodel_name="beneficiary.privacy.notice",
        required=True,
        ondelete="restrict",
        check_company=True,
        default=lambda self: self.env["beneficiary.privacy.notice"]._in_force(
            self.env.company
        ),
        help="The version the person was told before agreeing.",
    )
    given_on = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self)
    )
    channel_id = fields.Many2one(comodel_name="beneficiary.channel", check_company=True)
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Given by Mandate",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active')]",
        help="Empty when the person gave it in person.",
    )
    recorded_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Recorded by",
        readonly=True,
        default=lambda self: self.env.user,
    )
    withdrawn_on = fields.Date(readonly=True, copy=False)
    withdrawal_note = fields.Char(readonly=True, copy=False)
    is_given = fields.Boolean(
        string="In Force", compute="_compute_is_given", search="_search_is_given"
    )

    _one_per_purpose = models.UniqueIndex(
        "(beneficiary_id, purpose) WHERE withdrawn_on IS NULL",
        "This consent has been given already. Withdraw it first to record it anew.",
    )
    _dates = models.Constraint(
        "CHECK(withdrawn_on IS NULL OR given_on <= withdrawn_on)",
        "A consent is withdrawn after it was given. Correct the date.",
    )

    @api.depends("withdrawn_on")
    def _compute_is_given(self):
        for consent in self:
            consent.is_given = not consent.withdrawn_on

    @api.model
    def _search_is_given(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        return [("withdrawn_on", "=" if True in value else "!=", False)]

    @api.depends("purpose", "beneficiary_id.file_number")
    def _compute_display_name(self):
        labels = dict(self._fields["purpose"]._description_selection(self.env))
        for consent in self:
            consent.display_name = " · ".join(
                filter(
                    None,
                    [labels.get(consent.purpose), consent.beneficiary_id.file_number],
                )
            )

    @api.constrains("given_on")
    def _check_given_on(self):
        today = fields.Date.context_today(self)
        for consent in self:
            if consent.given_on > today:
                raise ValidationError(
                    self.env._(
                        "The consent %(name)s cannot be given on a day to come.",
                        name=consent.display_name,
                    )
                )

    @api.constrains("notice_id")
    def _check_notice(self):
        for consent in self:
            if consent.notice_id.state == "draft":
                raise ValidationError(
                    self.env._(
                        "%(notice)s is a draft nobody was told yet. Put it in force "
                        "first.",
                        notice=consent.notice_id.display_name,
                    )
                )

    @api.constrains("mandate_id", "beneficiary_id")
    def _check_mandate(self):
        """For a child the guardian agrees, under a mandate that covers signing."""
        for consent in self:
            mandate = consent.mandate_id
            if not mandate:
                if consent.beneficiary_id._is_minor():
                    raise ValidationError(
                        self.env._(
                            "%(name)s is under age: the guardian gives the consent. "
                            "Choose the guardian's mandate.",
                            name=consent.beneficiary_id.display_name,
                        )
                    )
                continue
            mandate._check_covers(consent.beneficiary_id, "sign", consent.given_on)

    @api.model_create_multi
    def create(self, vals_list):
        consents = super().create(vals_list)
        for consent in consents.filtered("mandate_id"):
            consent.mandate_id._log_act(
                self.env._("gave the consent %(name)s", name=consent.display_name)
            )
        return consents

    def write(self, vals):
        if not self.env.su or not WITHDRAWAL_FIELDS.issuperset(vals):
            raise UserError(
                self.env._("A consent is not edited. Withdraw it, and record it anew.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A consent is kept as evidence. Withdraw it instead.")
        )

    def action_withdraw(self):
        """Withdraw the consents from today on; a second click changes nothing."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "group_relations_officer",
            "group_social_researcher",
            "group_branch_representative",
            "group_privacy_officer",
        )
        self._withdraw()

    def _withdraw(self, note=False):
        """Withdraw consents, and ask the privacy officers what becomes of the data."""
        given = self.filtered("is_given")
        # Nobody edits a consent; the right to withdraw was checked by the caller.
        given.sudo().write(
            {
                "withdrawn_on": fields.Date.context_today(self),
                "withdrawal_note": note,
            }
        )
        given.beneficiary_id._ask_for_review_of_data()
