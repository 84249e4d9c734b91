import base64
import binascii
import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.http import request as http_request
from odoo.tools.image import image_data_uri

from odoo.addons.beneficiary_relations.tools.files import check_upload
from odoo.addons.beneficiary_relations.tools.text import clean_text

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER

REPORT = "beneficiary_aid.report_declaration"
REPRESENTATIVE = "beneficiary_relations.group_branch_representative"
PDF_STATES = ("ok", "workers", "upgrade")


class BeneficiaryDeclaration(models.Model):
    """What shows that a declaration was signed: drawing, code or scanned paper (C40).

    Name, time, network address and a fingerprint of all of it are kept with the
    words, and a PDF with its digest.
    """

    _name = "beneficiary.declaration"
    _inherit = ["beneficiary.declaration", "beneficiary.paper.mixin"]

    scan = fields.Binary(string="Scan of the Paper", attachment=True, copy=False)
    scan_filename = fields.Char(copy=False)
    phone_hint = fields.Char(
        string="Code Sent to",
        readonly=True,
        copy=False,
        help="The last digits of the phone the code was sent to.",
    )
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Computed from the words, the name, the time, the way and what was drawn "
        "or scanned: it differs when any of them does.",
    )
    file_ids = fields.One2many(
        comodel_name="beneficiary.declaration.file", inverse_name="declaration_id"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for the proof of the way that was chosen, and seal it.

        :raise ValidationError: no scan, or one that is no paper or picture
        :raise UserError: a code that was not checked
        """
        if not self.env.su:
            for vals in vals_list:
                self._check_method(vals)
        declarations = super().create(
            [self._with_fingerprint(vals) for vals in vals_list]
        )
        return declarations

    @api.model
    def _check_method(self, vals):
        """Refuse a way of signing without its proof; for people, by any route."""
        method = vals.get("method") or self.default_get(["method"])["method"]
        if method == "code":
            raise UserError(
                self.env._(
                    "A declaration is confirmed by the code the person received. Use "
                    "the button that sends it."
                )
            )
        if method == "paper" and not vals.get("scan"):
            raise ValidationError(
                self.env._("Add a scan or picture of the signed paper.")
            )
        if vals.get("scan"):
            name = clean_text(vals.get("scan_filename") or "")[-120:] or "scan.pdf"
            try:
                check_upload(base64.b64decode(vals["scan"]), name)
            except (ValueError, binascii.Error) as error:
                message = self.env["beneficiary.document.page"]._upload_message(
                    str(error), name
                )
                raise ValidationError(message) from None

    @api.model
    def _with_fingerprint(self, vals):
        """Return values with what is a fact and not input."""
        vals = dict(vals)
        defaults = self.default_get(["text", "text_version", "method"])
        words = {name: vals.get(name, defaults.get(name)) for name in defaults}
        vals.update(words)
        vals.setdefault("signed_on", fields.Datetime.now())
        if not self.env.su:
            vals["phone_hint"] = False
        facts = [
            vals.get("request_id") or self.env.context.get("default_request_id"),
            words.get("text"),
            words.get("text_version"),
            words.get("method"),
            vals.get("signer_name"),
            fields.Datetime.to_string(fields.Datetime.to_datetime(vals["signed_on"])),
            *(self._file_digest(vals.get(name)) for name in ("signature", "scan")),
        ]
        vals["fingerprint"] = hashlib.sha256(
            json.dumps(facts, ensure_ascii=False).encode()
        ).hexdigest()
        return vals

    @api.model
    def _file_digest(self, content):
        if not content:
            return ""
        content = content.encode() if isinstance(content, str) else content
        return hashlib.sha256(content).hexdigest()

    @api.model
    def _network_address(self):
        """Return where the signature came from, of a request over the network."""
        return http_request and http_request.httprequest.remote_addr or False

    # ------------------------------------------------------------------
    # On paper
    # ------------------------------------------------------------------

    def action_print(self):
        """Open the kept PDF of a declaration, made now where there is none yet.

        :raise UserError: where no PDF can be made here
        """
        self.ensure_one()
        self.check_access("read")
        self.request_id._check_role(OFFICER, RESEARCHER, REPRESENTATIVE)
        # The file is made by the system, from what the user may read.
        self.sudo()._keep_file()
        if not self.file_ids:
            raise UserError(
                self.env._("No PDF can be made at the moment. Try again later.")
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/beneficiary.declaration.file/{self.file_ids.id}"
            "/file?download=true&filename_field=filename",
            "target": "download",
        }

    @api.model
    def _cron_keep_files(self):
        """Keep the PDF of every declaration that has none yet."""
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() in PDF_STATES:
            self.env["ir.cron"]._in_slices(
                self, [("file_ids", "=", False)], "_keep_file", size=10
            )

    def _keep_file(self):
        """Keep declarations as PDF with the digest, once."""
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() not in PDF_STATES:
            return
        for declaration in self.filtered(lambda one: not one.file_ids):
            content, _kind = Report.with_context(
                force_report_rendering=True
            )._render_qweb_pdf(REPORT, declaration.ids)
            number = declaration.request_id.name.replace("/", "-")
            File = self.env["beneficiary.declaration.file"]
            File.create(
                {
                    "declaration_id": declaration.id,
                    **File._file_values(f"{number}-{declaration.id}.pdf", content),
                }
            )

    def _declaration_html(self):
        """Return the signed declaration for the PDF."""
        self.ensure_one()
        self.check_access("read")
        declaration = self.with_context(lang=self._paper_lang())
        request = declaration.request_id
        return declaration._paper_html(
            declaration.env._("Declaration"),
            request.name,
            request._business_day(declaration.signed_on),
            declaration._declaration_sections(request),
            signers=[
                {
                    "name": declaration.signer_name,
                    "role": declaration.mandate_id
                    and declaration._paper_label(declaration.mandate_id, "kind")
                    or declaration.env._("The applicant"),
                    "image": declaration.signature
                    and image_data_uri(declaration.signature),
                    "note": declaration._paper_label(declaration, "method"),
                }
            ],
        )

    def _declaration_sections(self, request):
        person = request.beneficiary_id
        return [
            self._paper_section(
                "person",
                self.env._("The Person"),
                [
                    (self.env._("Name"), person.name),
                    (self.env._("File number"), person.file_number),
                    (self.env._("Request number"), request.name),
                ],
            ),
            self._paper_section(
                "words",
                self.env._("What Is Declared"),
                self.text.splitlines(),
                kind="text",
            ),
            self._paper_section(
                "proof",
                self.env._("How It Was Signed"),
                [
                    (self.env._("Signed by"), self.signer_name),
                    (
                        self.env._("Signed on"),
                        self._paper_day(request._business_day(self.signed_on)),
                    ),
                    (self.env._("Way"), self._paper_label(self, "method")),
                    (self.env._("Code sent to"), self.phone_hint),
                    (self.env._("Network address"), self.address),
                    (self.env._("Version of the words"), self.text_version),
                    (self.env._("Fingerprint"), self.fingerprint),
                ],
            ),
        ]
