import base64
import binascii
import io
import re
import secrets

from PIL import Image

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.beneficiary_relations.exceptions import PortalError
from odoo.addons.beneficiary_relations.tools.text import clean_text, to_latin_digits

REASON_MAX_LENGTH = 5000
NAME_MAX_LENGTH = 200
MAX_AMOUNT = 10**9
MAX_FILES = 20
MAX_SIGNATURE_BYTES = 300 * 1024
MAX_SIGNATURE_SIDE = 2000
_PNG_PREFIX = "data:image/png;base64,"
_AMOUNT = re.compile(r"^\d{1,9}(\.\d{1,2})?$")
_THOUSANDS = re.compile(r"^\d{1,3}([,٬ ]\d{3})+([.٫]\d{1,2})?$")


class BeneficiaryAidDraft(models.TransientModel):
    """A request a person is writing in the portal, kept answer by answer.

    It lets him stop, lose the line or make a mistake without losing anything, also
    not the files. Its ``form_key`` is issued to one user and becomes the key of the
    one request sent from it (C7: sending twice gives the first request). Portal
    users have no access right on drafts: every method here finds the draft through
    :meth:`_portal_find`, which knows only the drafts of the user asking. Drafts
    nobody touched for two weeks are deleted.
    """

    _name = "beneficiary.aid.draft"
    _description = "Request Being Written in the Portal"
    _transient_max_hours = 24 * 14

    user_id = fields.Many2one(
        comodel_name="res.users", required=True, index=True, ondelete="cascade"
    )
    form_key = fields.Char(
        required=True, index=True, default=lambda self: secrets.token_urlsafe(24)
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="beneficiary_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    aid_type_id = fields.Many2one(
        comodel_name="beneficiary.aid.type", required=True, ondelete="cascade"
    )
    reason = fields.Text()
    amount = fields.Monetary()
    amount_unknown = fields.Boolean()
    documents_seen = fields.Boolean()
    file_ids = fields.One2many(
        comodel_name="beneficiary.aid.draft.file", inverse_name="draft_id"
    )
    signer_name = fields.Char()
    signature = fields.Binary(attachment=True)
    signed_on = fields.Datetime()
    signed_address = fields.Char()
    declaration_text = fields.Text()
    declaration_version = fields.Char()

    _form_key_uniq = models.UniqueIndex("(form_key)", "This form was opened twice.")

    @api.ondelete(at_uninstall=False)
    def _unlink_with_files(self):
        """Delete the files through the ORM, so that their contents go as well."""
        self.file_ids.unlink()

    # ------------------------------------------------------------------
    # Finding and opening
    # ------------------------------------------------------------------

    @api.model
    def _portal_find(self, domain):
        """Return the drafts of the current user among those of a domain.

        :param list domain: further conditions
        :return: drafts as superuser, newest first; the user owns each of them and
            still acts for its file
        """
        own = self.env["beneficiary.beneficiary"]._portal_own()
        # Portal users have no right on drafts; the domain is the owner check.
        return self.sudo().search(
            [
                *domain,
                ("user_id", "=", self.env.uid),
                ("beneficiary_id", "in", own.ids),
            ],
            order="id desc",
        )

    @api.model
    def _portal_types(self, beneficiary):
        """Return the kinds of help a person may ask his association for.

        :param beneficiary: a file of the current user
        :return: aid types as superuser: portal users read nothing of their
            configuration, pages take name, description and papers only
        """
        AidType = self.env["beneficiary.aid.type"].sudo()
        if beneficiary.state == "closed":
            return AidType
        return AidType.search(
            [
                ("company_id", "=", beneficiary.company_id.id),
                ("is_requestable", "=", True),
            ]
        )

    @api.model
    def _portal_start(self, beneficiary, aid_type_id):
        """Open a draft, or the one begun before for the same person and help.

        :param beneficiary: a file of the current user
        :param int aid_type_id: from the form
        :return: the draft as superuser
        :raise AccessError: the file is not his
        :raise PortalError: this help cannot be asked for, or the mandate of whoever
            acts for the person covers no asking or no signing
        """
        if beneficiary not in self.env["beneficiary.beneficiary"]._portal_own():
            raise AccessError(self.env._("This is not your file."))
        aid_type = self._portal_types(beneficiary).filtered(
            lambda aid_type: aid_type.id == aid_type_id
        )
        if not aid_type:
            raise PortalError(self.env._("Choose the kind of help you need."))
        # Said before anything is written: without the signature nothing can be sent.
        for scope in ("apply", "sign"):
            self.env["beneficiary.mandate"]._require_scope(beneficiary, scope)
        draft = self._portal_find(
            [
                ("beneficiary_id", "=", beneficiary.id),
                ("aid_type_id", "=", aid_type.id),
            ]
        )[:1]
        # Portal users create no draft themselves; the values are all checked.
        return draft or self.sudo().create(
            {
                "user_id": self.env.uid,
                "beneficiary_id": beneficiary.id,
                "aid_type_id": aid_type.id,
            }
        )

    # ------------------------------------------------------------------
    # Answers: each method checks, saves what is right and returns the errors
    # ------------------------------------------------------------------

    def _save_need(self, reason, amount, amount_unknown):
        """Keep what the person needs and how much it costs.

        :param str reason: own words
        :param str amount: as typed, in either family of digits
        :param bool amount_unknown: "I do not know"
        :return: ``{field: message}``, empty when all is right
        """
        self.ensure_one()
        errors = {}
        values = {"amount_unknown": amount_unknown}
        try:
            values["reason"] = clean_text(reason, REASON_MAX_LENGTH, multiline=True)
            if not values["reason"]:
                errors["reason"] = self.env._("Tell us in a few words what you need.")
        except ValueError:
            errors["reason"] = self.env._(
                "Your text is longer than %(count)s letters. Please shorten it.",
                count=REASON_MAX_LENGTH,
            )
        if amount_unknown:
            values["amount"] = 0
        else:
            parsed = self._parse_amount(amount)
            if parsed:
                values["amount"] = parsed
            else:
                errors["amount"] = self.env._(
                    "Write the amount as a number above zero, for example 1500. If "
                    "you do not know it, tick the box below."
                )
        self.write(values)
        return errors

    @api.model
    def _parse_amount(self, amount):
        """Return a typed amount, or None when it is no amount above zero.

        :param str amount: digits of either family, with or without separators
        """
        text = to_latin_digits((amount or "").strip())
        if _THOUSANDS.match(text):
            text = re.sub(r"[,٬ ]", "", text)
        text = text.replace("٫", ".")
        if not _AMOUNT.match(text):
            return None
        value = float(text)
        return value if 0 < value < MAX_AMOUNT else None

    def _document_types(self):
        """Return the kinds of papers this request asks for."""
        self.ensure_one()
        return self.beneficiary_id._required_document_types(
            self.aid_type_id.document_type_ids
        )[self.beneficiary_id]

    def _add_files(self, type_id, uploads):
        """Keep files of one kind of paper until the request is sent.

        :param int type_id: kind of paper, from the form
        :param list uploads: ``[(file name, content)]``
        :raise AccessError: the paper is not asked for here
        :raise PortalError: what is wrong with a file, in plain words
        """
        self.ensure_one()
        if type_id not in self._document_types().ids:
            raise AccessError(self.env._("There is no such document."))
        pages = self.env["beneficiary.document"]._portal_check_files(uploads)
        if len(self.file_ids) + len(pages) > MAX_FILES:
            raise PortalError(
                self.env._(
                    "You can add up to %(count)s files. Remove one first.",
                    count=MAX_FILES,
                )
            )
        self.write(
            {
                "file_ids": [
                    fields.Command.create(
                        {
                            "type_id": type_id,
                            "filename": filename,
                            "content": base64.b64encode(content),
                        }
                    )
                    for filename, content in pages
                ]
            }
        )

    def _remove_file(self, file_id):
        """Take back one file that was added."""
        self.ensure_one()
        self.file_ids.filtered(lambda file: file.id == file_id).unlink()

    def _sign(self, name, signature, address):
        """Keep the signed declaration, with the very text that was shown.

        :param str name: typed full name
        :param str signature: the drawing as a PNG data URL
        :param str address: network address the signature came from
        :return: ``{field: message}``, empty when all is right
        """
        self.ensure_one()
        errors = {}
        try:
            name = clean_text(name, NAME_MAX_LENGTH)
        except ValueError:
            name = False
        if not name or len(name) < 3:
            errors["signer_name"] = self.env._("Write your full name.")
        drawing = self._read_signature(signature)
        if signature and not drawing:
            errors["signature"] = self.env._(
                "We could not read your signature. Please draw it again."
            )
        elif not drawing and not (self.signature and self._is_declared()):
            errors["signature"] = self.env._("Sign with your finger in the box.")
        try:
            self.env["beneficiary.mandate"]._require_scope(self.beneficiary_id, "sign")
        except PortalError as error:
            errors["signature"] = error.args[0]
        values = {"signer_name": name}
        if drawing:
            values["signature"] = base64.b64encode(drawing)
        if not errors:
            text, version = self._declaration()
            values.update(
                declaration_text=text,
                declaration_version=version,
                signed_on=fields.Datetime.now(),
                signed_address=address,
            )
        self.write(values)
        return errors

    @api.model
    def _read_signature(self, data_url):
        """Return the bytes of a drawn signature, or None when it is none.

        The size is read from the header before anything is decoded, and an empty
        drawing is not a signature.
        """
        if not (data_url or "").startswith(_PNG_PREFIX):
            return None
        try:
            content = base64.b64decode(data_url[len(_PNG_PREFIX) :], validate=True)
            if not content or len(content) > MAX_SIGNATURE_BYTES:
                return None
            image = Image.open(io.BytesIO(content), formats=["PNG"])
            if max(image.size) > MAX_SIGNATURE_SIDE:
                return None
            drawn = image.convert("RGBA").getchannel("A").getbbox()
        except (
            binascii.Error,
            ValueError,
            OSError,
            SyntaxError,
            Image.DecompressionBombError,
        ):
            return None
        return content if drawn else None

    def _declaration(self):
        """Return the text to sign and its version, as the policy has them now."""
        self.ensure_one()
        policy = self.env["beneficiary.policy"]._in_force(self.company_id)
        text = policy.declaration_text or self.env._(
            "I declare that what I wrote here is true and complete. I will tell the "
            "association when something changes."
        )
        return text, policy.declaration_version or "1"

    def _is_declared(self):
        """Tell whether the declaration is signed, in the wording of today."""
        self.ensure_one()
        return bool(
            self.signed_on
            and self.signature
            and self.declaration_text == self._declaration()[0]
        )

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def _first_open_step(self):
        """Return the first page that still lacks an answer, ``check`` when none."""
        self.ensure_one()
        if not self.reason or not (self.amount or self.amount_unknown):
            return "need"
        if not self.documents_seen:
            return "documents"
        return "check" if self._is_declared() else "declaration"

    def _send(self):
        """Send the request written here.

        :return: the request, as the user
        :raise PortalError: an answer is missing, in plain words; nothing is saved
        """
        self.ensure_one()
        step = self._first_open_step()
        if step != "check":
            raise PortalError(self._missing_step_message(step))
        return (
            self.env["beneficiary.aid.request"]
            .with_user(self.user_id)
            ._portal_submit(
                {
                    "form_key": self.form_key,
                    "beneficiary_id": self.beneficiary_id.id,
                    "aid_type_id": self.aid_type_id.id,
                    "reason": self.reason,
                    "amount_requested": self.amount,
                },
                [
                    {
                        "type_id": file.type_id.id,
                        "filename": file.filename,
                        "content": base64.b64decode(file.content),
                    }
                    for file in self.file_ids
                ],
                {
                    "text": self.declaration_text,
                    "text_version": self.declaration_version,
                    "signer_name": self.signer_name,
                    "signature": self.signature,
                    "signed_on": self.signed_on,
                    "address": self.signed_address,
                },
            )
        )

    def _missing_step_message(self, step):
        return {
            "need": self.env._("Tell us first what you need."),
            "documents": self.env._("Look at the papers first."),
            "declaration": self.env._("Please read and sign the declaration."),
        }[step]
