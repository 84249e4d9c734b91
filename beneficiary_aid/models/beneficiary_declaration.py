from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryDeclaration(models.Model):
    """What an applicant declared and signed, word for word (C40).

    Written once: a new signature is a new record.
    """

    _name = "beneficiary.declaration"
    _description = "Declaration"
    _inherit = "beneficiary.once.mixin"
    _check_company_auto = True
    _order = "signed_on desc, id desc"
    _rec_name = "signer_name"

    _cut_fields = frozenset(
        {
            "address",
            "phone_hint",
            "scan",
            "scan_filename",
            "signature",
            "signer_name",
            "text",
        }
    )

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    text = fields.Text(
        required=True,
        default=lambda self: self._default_text(),
        help="The words that were signed.",
    )
    text_version = fields.Char(
        string="Version",
        default=lambda self: self._default_policy().declaration_version,
    )
    signer_name = fields.Char(string="Signed by", required=True)
    signature = fields.Binary(attachment=True)
    signed_on = fields.Datetime(required=True, default=fields.Datetime.now)
    method = fields.Selection(
        selection=[
            ("drawn", "Drawn on the screen"),
            ("code", "Confirmed by a code"),
            ("paper", "Signed on paper"),
        ],
        required=True,
        default="paper",
    )
    address = fields.Char(string="Network Address")
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Signed by Mandate",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active'),"
        " ('can_sign', '=', True)]",
        help="The guardian or agent who signs in the person's name.",
    )
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Entered by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )

    _signer_named = models.Constraint(
        "CHECK(length(signer_name) > 0)", "Say who signed the declaration."
    )

    @api.constrains("mandate_id", "request_id")
    def _check_mandate(self):
        for declaration in self.filtered("mandate_id"):
            declaration.mandate_id._check_covers(
                declaration.request_id.beneficiary_id,
                "sign",
                fields.Date.context_today(declaration, declaration.signed_on),
            )

    @api.model
    def _default_policy(self):
        request = self.env["beneficiary.aid.request"].browse(
            self.env.context.get("default_request_id")
        )
        policy = request.policy_id or self.env["beneficiary.policy"]._in_force(
            self.env.company
        )
        # The wording of the declaration is shown to the person who signs it.
        return policy.sudo()

    @api.model
    def _default_text(self):
        return self._default_policy().declaration_text

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # Who entered it and the network address are facts, not input.
            for vals in vals_list:
                vals.update(user_id=self.env.uid, address=self._network_address())
            self._fill_mandates(vals_list)
        declarations = super().create(vals_list)
        for declaration in declarations.filtered("mandate_id"):
            declaration.mandate_id._log_act(
                self.env._("signed the declaration"), declaration.request_id
            )
        for declaration in declarations:
            if declaration.method == "drawn" and not declaration.signature:
                raise UserError(
                    self.env._(
                        "The declaration of %(request)s is not signed. Draw the "
                        "signature, or say that it was signed on paper.",
                        request=declaration.request_id.display_name,
                    )
                )
        self.env["beneficiary.aid.request"]._on_papers(
            declarations.request_id.beneficiary_id
        )
        return declarations

    @api.model
    def _fill_mandates(self, vals_list):
        """Give declarations entered by a representative the mandate he signs by."""
        Request = self.env["beneficiary.aid.request"]
        unsigned = {
            vals["request_id"]: Request.browse(vals["request_id"])
            for vals in vals_list
            if vals.get("request_id") and not vals.get("mandate_id")
        }
        files = Request.browse(unsigned).beneficiary_id
        mandates = self.env["beneficiary.mandate"]._require_scopes(files, "sign")
        for vals in vals_list:
            request = unsigned.get(vals.get("request_id"), Request)
            if request.beneficiary_id.id in mandates:
                vals["mandate_id"] = mandates[request.beneficiary_id.id].id

    @api.model
    def _once_words(self):
        return self.env._(
            "A signed declaration is never changed. Add a new declaration to "
            "the request instead."
        )

    def _once_delete_words(self):
        return self.env._(
            "The declaration of %(request)s was signed and is kept.",
            request=self[:1].request_id.display_name,
        )
