import base64
import binascii
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.anonymise import is_anonymising
from ..tools.files import check_upload
from ..tools.text import clean_text

# Only the anonymising of a person cuts a signed agreement.
CUT_FIELDS = frozenset({"signer_name", "signature", "scan", "scan_filename"})


class BeneficiaryAgreement(models.Model):
    """A person signed one version of a text: what, when, how, and who signed (C02).

    Append-only. The words are kept with the signature, so that what was signed can
    be shown as it was, and a hash tells that nobody changed it.
    """

    _name = "beneficiary.agreement"
    _description = "Signed Agreement"
    _check_company_auto = True
    _order = "signed_on desc, id desc"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    text_id = fields.Many2one(
        comodel_name="beneficiary.agreement.text",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'in_force')]",
    )
    kind = fields.Selection(related="text_id.kind", store=True)
    full_text = fields.Text(string="Words Signed", readonly=True)
    text_hash = fields.Char(string="Fingerprint", readonly=True)
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Signed by Mandate",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id), ('state', '=', 'active')]",
        help="Empty when the person signed in person.",
    )
    signer_name = fields.Char(string="Signed by", readonly=True)
    signed_on = fields.Datetime(required=True, default=fields.Datetime.now)
    method = fields.Selection(
        selection=[("drawn", "Drawn on the screen"), ("paper", "Signed on paper")],
        required=True,
        default="drawn",
    )
    signature = fields.Binary(attachment=True, copy=False)
    scan = fields.Binary(string="Scan of the Paper", attachment=True, copy=False)
    scan_filename = fields.Char(copy=False)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Recorded by",
        readonly=True,
        default=lambda self: self.env.user,
    )

    @api.depends("text_id", "beneficiary_id.file_number")
    def _compute_display_name(self):
        for agreement in self:
            agreement.display_name = " · ".join(
                filter(
                    None,
                    [
                        agreement.text_id.display_name,
                        agreement.beneficiary_id.file_number,
                    ],
                )
            )

    @api.constrains("mandate_id", "beneficiary_id")
    def _check_signer(self):
        for agreement in self:
            mandate = agreement.mandate_id
            if mandate:
                mandate._check_covers(
                    agreement.beneficiary_id, "sign", agreement.signed_on.date()
                )
            elif agreement.beneficiary_id._is_minor():
                raise ValidationError(
                    self.env._(
                        "%(name)s is under age: the guardian signs. Choose the "
                        "guardian's mandate.",
                        name=agreement.beneficiary_id.display_name,
                    )
                )

    @api.constrains("signed_on")
    def _check_signed_on(self):
        now = fields.Datetime.now()
        for agreement in self:
            if agreement.signed_on > now:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot be signed at a time to come.",
                        name=agreement.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the words, their fingerprint and the signer's name with the signature.

        :raise ValidationError: nothing is signed, or the file is no picture
        :raise UserError: the text is not in force
        """
        agreements = super().create([self._prepared(vals) for vals in vals_list])
        for agreement in agreements.filtered("mandate_id"):
            agreement.mandate_id._log_act(
                self.env._("signed %(name)s", name=agreement.text_id.display_name)
            )
        return agreements

    def write(self, vals):
        anonymising = is_anonymising(self.env)
        if not anonymising or not CUT_FIELDS.issuperset(vals):
            raise UserError(
                self.env._(
                    "A signed agreement is never changed. Let the person sign again."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A signed agreement is kept as evidence."))

    def _prepared(self, vals):
        """Return values completed with what was signed and by whom."""
        text = self.env["beneficiary.agreement.text"].browse(vals.get("text_id"))
        if text.state != "in_force":
            raise UserError(
                self.env._(
                    "%(name)s is not in force. Choose the version in force.",
                    name=text.display_name or self.env._("The text"),
                )
            )
        mandate = self.env["beneficiary.mandate"].browse(vals.get("mandate_id"))
        person = self.env["beneficiary.beneficiary"].browse(vals["beneficiary_id"])
        # The words in the language of the person who signs them.
        lang = person.lang or self.env.lang
        full_text = text.with_context(lang=lang)._full_text()
        return dict(
            self._checked_files(vals),
            full_text=full_text,
            text_hash=hashlib.sha256(full_text.encode()).hexdigest(),
            signer_name=mandate.holder_id.name or person.name,
            user_id=self.env.uid,
        )

    def _checked_files(self, vals):
        method = vals.get("method") or "drawn"
        wanted = "signature" if method == "drawn" else "scan"
        if not vals.get(wanted):
            raise ValidationError(
                self.env._("The signature is empty. Let the person sign first.")
                if method == "drawn"
                else self.env._("Add a scan or picture of the signed paper.")
            )
        vals = dict(vals)
        name = clean_text(vals.get("scan_filename") or "")[-120:]
        if method == "drawn":
            name = "signature.png"
        try:
            check_upload(base64.b64decode(vals[wanted]), name)
        except (ValueError, binascii.Error) as error:
            message = self.env["beneficiary.document.page"]._upload_message(
                str(error), name
            )
            raise ValidationError(message) from None
        return vals
