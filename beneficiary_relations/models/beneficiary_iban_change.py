import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.files import check_upload
from ..tools.names import compare_names
from ..tools.text import clean_text

_ASKED_FIELDS = {
    "beneficiary_id",
    "old_iban",
    "new_iban",
    "holder_name",
    "proof",
    "proof_filename",
}


class BeneficiaryIbanChange(models.Model):
    """Another bank account for a person: proof, a second person, a name check.

    Until a second person has looked, the next payment is held.

    ==================  =====================================================
    ask                 relations officer, branch representative
    confirm, refuse     relations officer other than the one who asked
    read                every reader; representatives of the branch
    ==================  =====================================================
    """

    _name = "beneficiary.iban.change"
    _description = "Change of a Person's IBAN"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "beneficiary_id"

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
    old_iban = fields.Char(string="IBAN until Now", readonly=True)
    new_iban = fields.Char(string="New IBAN", required=True)
    holder_name = fields.Char(
        string="Holder on the Proof",
        required=True,
        help="The name as the bank's paper prints it.",
    )
    name_check = fields.Selection(
        selection=[
            ("same", "Same name"),
            ("close", "Same first and last name"),
            ("different", "Another name"),
        ],
        compute="_compute_name_check",
        store=True,
        help="The holder on the bank's paper compared with the name of the file.",
    )
    name_note = fields.Char(
        string="Why Another Name",
        help="Needed to confirm an account in another name, such as the guardian's.",
    )
    proof = fields.Binary(required=True, attachment=True)
    proof_filename = fields.Char()
    state = fields.Selection(
        selection=[
            ("asked", "Asked"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
        ],
        required=True,
        default="asked",
        readonly=True,
        copy=False,
        index=True,
    )
    asked_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    asked_on = fields.Datetime(
        readonly=True, required=True, default=fields.Datetime.now
    )
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True, copy=False
    )
    confirmed_on = fields.Datetime(string="Answered on", readonly=True, copy=False)
    refuse_reason = fields.Char(copy=False)

    _one_open = models.UniqueIndex(
        "(beneficiary_id) WHERE state = 'asked'",
        "A change of this person's IBAN is waiting already. Confirm or refuse it "
        "first.",
    )
    _second_person = models.Constraint(
        "CHECK(confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id)",
        "Whoever asked for the change does not confirm it. Ask a colleague.",
    )

    @api.depends("holder_name", "beneficiary_id.search_name")
    def _compute_name_check(self):
        for change in self:
            change.name_check = compare_names(
                change.holder_name, change.beneficiary_id.name
            )

    @api.depends("beneficiary_id.file_number")
    def _compute_display_name(self):
        for change in self:
            change.display_name = self.env._(
                "New IBAN of %(person)s", person=change.beneficiary_id.display_name
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Ask for changes; who asks and what is there now are not typed."""
        vals_list = [self._asked_vals(vals) for vals in vals_list]
        changes = super().create(vals_list)
        changes._touch_payees()
        for change in changes:
            change._check_is_a_change()
            change._tell(
                self.env._(
                    "A new IBAN ending in %(end)s was asked for.", end=change._end()
                ),
                notify=True,
            )
        return changes

    def write(self, vals):
        if not self.env.su:
            answered = self.filtered(lambda change: change.state != "asked")
            typed = {"state", "confirmed_by_id", "confirmed_on", "asked_by_id"}
            if typed.intersection(vals) or _ASKED_FIELDS.intersection(vals) or answered:
                raise UserError(
                    self.env._(
                        "%(name)s: what was asked stays as it is. Use the buttons to "
                        "answer it, and ask anew to correct it.",
                        name=self[:1].display_name,
                    )
                )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_confirm(self):
        """Put the new IBAN in the place of the old one."""
        self.check_access("write")
        self.beneficiary_id._require_group("group_relations_officer")
        for change in self:
            change._check_can_answer()
            change._check_can_confirm()
            change._confirm()

    def action_refuse(self):
        """Keep the old IBAN; the reason must have been written."""
        self.check_access("write")
        self.beneficiary_id._require_group("group_relations_officer")
        for change in self:
            change._check_can_answer()
            if not change.refuse_reason:
                raise UserError(
                    self.env._(
                        "%(name)s: write why you refuse it first.",
                        name=change.display_name,
                    )
                )
            change._answer("refused")
            change._tell(
                self.env._(
                    "The new IBAN ending in %(end)s was refused.", end=change._end()
                )
            )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _confirm(self):
        self.ensure_one()
        self._answer("confirmed")
        # Only this path changes an IBAN: the second person was checked above.
        self.sudo().beneficiary_id._put_iban_first(self.new_iban)
        self._tell(
            self.env._(
                "The new IBAN ending in %(end)s was confirmed.", end=self._end()
            ),
            notify=True,
        )

    def _answer(self, state):
        self._touch_payees()
        # The state is read-only for everybody; role and person were checked.
        self.sudo().write(
            {
                "state": state,
                "confirmed_by_id": self.env.uid,
                "confirmed_on": fields.Datetime.now(),
            }
        )
        # The next change of the same file must find this one answered.
        self.flush_recordset(["state"])

    def _tell(self, words, notify=False):
        """Write the step on the file, without the number, and tell the person."""
        self.ensure_one()
        file = self.beneficiary_id
        file._message_log(body=words)
        if notify and file.partner_id.phone:
            here = self.with_context(lang=file.partner_id.lang or self.env.lang)
            text = here.env._(
                "%(company)s: your bank account with us is being changed. Was it not "
                "you? Call us.",
                company=file.company_id.name,
            )
            self.env["beneficiary.message"]._send_sms(file.partner_id, text, file)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _touch_payees(self):
        files = self.beneficiary_id
        files._touch_payees(files.partner_id)

    def _end(self):
        """Return the last digits of the new IBAN, which tell it without giving it."""
        return self.new_iban[-4:]

    def _asked_vals(self, vals):
        """Return the values of a new change, checked and completed."""
        vals = dict(vals)
        file = self.env["beneficiary.beneficiary"].browse(vals.get("beneficiary_id"))
        name = clean_text(vals.get("proof_filename") or "proof")[-120:]
        try:
            check_upload(base64.b64decode(vals.get("proof") or b""), name)
        except (ValueError, binascii.Error) as error:
            message = self.env["beneficiary.document.page"]._upload_message(
                str(error), name
            )
            raise ValidationError(message) from None
        vals.update(
            new_iban=file._clean_iban(vals.get("new_iban")),
            holder_name=file._clean_name(vals.get("holder_name")),
            proof_filename=name,
            old_iban=file.iban,
            state="asked",
            asked_by_id=self.env.uid,
            asked_on=fields.Datetime.now(),
            confirmed_by_id=False,
            confirmed_on=False,
        )
        return vals

    def _check_is_a_change(self):
        self.ensure_one()
        if not self.old_iban:
            raise UserError(
                self.env._(
                    "%(name)s has no IBAN yet. Enter the first one on the file.",
                    name=self.beneficiary_id.display_name,
                )
            )
        if self.old_iban == self.new_iban:
            raise UserError(
                self.env._(
                    "%(name)s has this IBAN already. There is nothing to change.",
                    name=self.beneficiary_id.display_name,
                )
            )

    def _check_can_answer(self):
        self.ensure_one()
        if self.state != "asked":
            raise UserError(
                self.env._(
                    "%(name)s was answered already. Ask for a new change.",
                    name=self.display_name,
                )
            )
        if self.asked_by_id == self.env.user:
            raise UserError(
                self.env._(
                    "You asked for this change, so a colleague answers it: %(name)s.",
                    name=self.display_name,
                )
            )

    def _check_can_confirm(self):
        self.ensure_one()
        if self.beneficiary_id.iban != self.old_iban:
            raise UserError(
                self.env._(
                    "%(name)s: the IBAN of the file is another one by now. Refuse "
                    "this change and ask anew.",
                    name=self.display_name,
                )
            )
        if self.name_check == "different" and not self.name_note:
            raise UserError(
                self.env._(
                    "%(name)s: the account is in another name, %(holder)s. Refuse it, "
                    "or write why this is right.",
                    name=self.display_name,
                    holder=self.holder_name,
                )
            )
