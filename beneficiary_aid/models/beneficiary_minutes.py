import logging
import secrets

from psycopg2 import OperationalError

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_list

from odoo.addons.beneficiary_relations.tools.text import clean_text

from ..tools.append_only import cutting
from .beneficiary_decision import CUT
from .beneficiary_meeting import SECRETARY

_logger = logging.getLogger(__name__)

REPORT = "beneficiary_aid.report_minutes"


class BeneficiaryMinutes(models.Model):
    """The minutes of a meeting as they were written when it was closed (committee.md).

    Sealed and written once: who signs and every word is fixed at that moment. What
    was wrong is put right by an addendum, which is signed like the minutes. Words
    that may name a person stand apart from the rest, each under a digest of its own,
    so that they can be cut when personal data are destroyed.
    """

    _name = "beneficiary.minutes"
    _description = "Minutes"
    _inherit = ["beneficiary.once.mixin", "beneficiary.paper.mixin"]
    _check_company_auto = True
    _order = "id desc"

    _cut_fields = frozenset({"words"})

    name = fields.Char(string="Number", required=True, readonly=True, index="trigram")
    kind = fields.Selection(
        selection=[("minutes", "Minutes"), ("addendum", "Addendum")],
        required=True,
        default="minutes",
        readonly=True,
    )
    meeting_id = fields.Many2one(
        comodel_name="beneficiary.meeting",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="meeting_id.company_id", store=True, precompute=True, index=True
    )
    committee_id = fields.Many2one(
        related="meeting_id.committee_id", store=True, precompute=True, index=True
    )
    written_on = fields.Datetime(required=True, readonly=True)
    sign_due = fields.Date(string="Sign until", readonly=True)
    # Read through ``body`` only, which leaves out what a recused member may not read.
    content = fields.Json(required=True, readonly=True, groups=fields.NO_ACCESS)
    words = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    body = fields.Html(string="Text", compute="_compute_body", compute_sudo=False)
    signer_ids = fields.Many2many(
        comodel_name="beneficiary.committee.member",
        relation="beneficiary_minutes_signer_rel",
        string="Signed by (due)",
        readonly=True,
    )
    signature_ids = fields.One2many(
        comodel_name="beneficiary.minutes.signature", inverse_name="minutes_id"
    )
    file_ids = fields.One2many(
        comodel_name="beneficiary.minutes.file", inverse_name="minutes_id"
    )
    missing_names = fields.Char(
        string="Signatures Missing from", compute="_compute_state"
    )
    state = fields.Selection(
        selection=[("to_sign", "To Sign"), ("signed", "Signed")],
        compute="_compute_state",
        search="_search_state",
    )
    can_sign = fields.Boolean(compute="_compute_can_sign", search="_search_can_sign")
    seal = fields.Char(compute="_compute_seal")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "These minutes are written already."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("signature_ids")
    def _compute_state(self):
        for minutes in self:
            missing = minutes._missing_signers()
            minutes.missing_names = format_list(
                self.env, missing.mapped("display_name")
            )
            minutes.state = "to_sign" if missing else "signed"

    def _missing_signers(self):
        """Return the members whose signature is missing."""
        self.ensure_one()
        return self.signer_ids - self.signature_ids.member_id

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        unsigned = self._unsigned_sql(SQL("TRUE"))
        if set(value) >= {"to_sign", "signed"}:
            return []
        return [("id", "in" if "to_sign" in value else "not in", unsigned)]

    @api.depends_context("uid")
    @api.depends("signature_ids")
    def _compute_can_sign(self):
        for minutes in self:
            minutes.can_sign = bool(minutes._my_signer())

    def _search_can_sign(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self._unsigned_sql(SQL("member.user_id = %s", self.env.uid))
        return [("id", "in" if True in value else "not in", mine)]

    @api.model
    def _unsigned_sql(self, condition):
        """Return a query for the minutes that lack a signature."""
        return SQL(
            """(
            SELECT signer.beneficiary_minutes_id
              FROM beneficiary_minutes_signer_rel signer
              JOIN beneficiary_committee_member member
                ON member.id = signer.beneficiary_committee_member_id
             WHERE %s
               AND NOT EXISTS (
                   SELECT 1 FROM beneficiary_minutes_signature signature
                    WHERE signature.minutes_id = signer.beneficiary_minutes_id
                      AND signature.member_id = member.id
               ))""",
            condition,
        )

    def _my_signer(self):
        """Return the seat for which the current user has still to sign."""
        self.ensure_one()
        return self._missing_signers().filtered(
            lambda member: member.user_id == self.env.user
        )[:1]

    def _compute_seal(self):
        # The seal is printed on the paper; the chain itself is for the auditor.
        seals = self.env["beneficiary.seal"].sudo()._of(self)
        by_id = {seal.res_id: seal.hash for seal in seals}
        for minutes in self:
            minutes.seal = by_id.get(minutes.id)

    @api.depends_context("uid", "lang")
    @api.depends("signature_ids")
    def _compute_body(self):
        for minutes in self:
            minutes.body = self.env["ir.qweb"]._render(
                "beneficiary_aid.minutes_body",
                {"sections": minutes._shown_sections(), "dir": minutes._direction()},
            )

    def _direction(self):
        return self.env["res.lang"]._get_data(code=self._paper_lang()).direction

    # ------------------------------------------------------------------
    # Written once
    # ------------------------------------------------------------------

    @api.model
    def _record(self, meeting, kind, content, words, signers, sign_due):
        """Store minutes or an addendum: number and seal are given here.

        :param meeting: ``beneficiary.meeting``, written in this transaction
        :param dict content: see ``meeting._minutes_content``
        :param dict words: by key, what may name a person
        :param signers: ``beneficiary.committee.member``
        :param date sign_due: last day to sign, or False
        :return: the minutes as superuser
        """
        # Nobody has a right to create minutes; closing the meeting, or the addendum
        # of a secretary, which were checked, are their only source.
        Minutes = self.sudo()
        # Sessions that seal for one committee follow each other.
        meeting.sudo().committee_id._touch_seals()
        number = meeting.name
        if kind == "addendum":
            count = Minutes.search_count([("meeting_id", "=", meeting.id)])
            number = f"{meeting.name}/{count}"
        minutes = Minutes.create(
            [
                {
                    "name": number,
                    "kind": kind,
                    "meeting_id": meeting.id,
                    "written_on": fields.Datetime.now(),
                    "sign_due": sign_due,
                    "content": content,
                    "words": {
                        key: {"text": text, "salt": secrets.token_hex(16)}
                        for key, text in words.items()
                    },
                    "signer_ids": [Command.set(signers.ids)],
                }
            ]
        )
        # What the chain seals is read back as it was stored.
        minutes.flush_recordset()
        minutes.invalidate_recordset()
        self.env["beneficiary.seal"]._append(minutes._chain(), minutes)
        return minutes

    def _chain(self):
        self.ensure_one()
        return f"committee:{self.committee_id.id}"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            content = dict(vals["content"])
            content["digests"] = {
                key: self._word_digest(word) for key, word in vals["words"].items()
            }
            vals["content"] = content
        return super().create(vals_list)

    @api.model
    def _once_words(self):
        return self.env._(
            "Minutes stay as they were written. Put right what is wrong by an addendum."
        )

    def _once_delete_words(self):
        return self.env._("Minutes are kept.")

    @api.model
    def _once_typed_words(self):
        return self.env._("Minutes come from closing a meeting, not from typing.")

    @api.model
    def _word_digest(self, word):
        return self.env["beneficiary.seal"]._digest_of([word["salt"], word["text"]])

    def _seal_digest(self):
        """Return the digest of minutes; cut words stand for themselves only."""
        self.ensure_one()
        # Content and words are nobody's to read; they only serve the seal.
        minutes = self.sudo()
        sealed = minutes.content.get("digests", {})
        digests = {}
        for key, word in (minutes.words or {}).items():
            is_cut = word["text"] == CUT and not word["salt"]
            digests[key] = sealed.get(key) if is_cut else self._word_digest(word)
        return self.env["beneficiary.seal"]._digest_of(
            [
                minutes.name,
                minutes.kind,
                minutes.meeting_id.id,
                fields.Datetime.to_string(minutes.written_on),
                str(minutes.sign_due or ""),
                minutes.content,
                digests,
                sorted(minutes.signer_ids.ids),
            ]
        )

    def _cut_words(self, keys, said):
        """Destroy words about a person, and the files that hold them.

        :param keys: keys whose words go whatever they say
        :param said: words that say who the person is
        """
        for minutes in self:
            words = dict(minutes.words or {})
            cut = {
                key
                for key, word in words.items()
                if key in keys or any(one in word["text"] for one in said)
            }
            if not cut:
                continue
            words.update({key: {"text": CUT, "salt": False} for key in cut})
            minutes.write({"words": words})
            minutes.file_ids._destroy()

    # ------------------------------------------------------------------
    # The paper
    # ------------------------------------------------------------------

    def _shown_sections(self, everything=False):
        """Return the sections of the minutes, as the reader may see them.

        A member who stepped aside on an item reads that it was there, no more.

        :param bool everything: for the file that is kept
        """
        self.ensure_one()
        # What is nobody's to read as a whole is shown by parts.
        minutes = self.sudo()
        shown = []
        for section in minutes.content["sections"]:
            section = dict(section)
            if not everything and self.env.uid in section.get("recused", ()):
                section["rows"] = [section["recused_text"]]
                section["kind"] = "text"
            else:
                section["rows"] = [minutes._fill_row(row) for row in section["rows"]]
            shown.append(section)
        return shown

    def _fill_row(self, row):
        """Put words in the place of their key."""
        if isinstance(row, dict):
            return self.words[row["word"]]["text"]
        if isinstance(row, list):
            return [self._fill_row(cell) for cell in row]
        return row

    def _minutes_html(self, everything=False):
        """Return the minutes for the PDF, in the language they were written in."""
        self.ensure_one()
        self.check_access("read")
        minutes = self.with_context(lang=self._paper_lang())
        # The title was frozen with the text.
        content = minutes.sudo().content
        sections = minutes._shown_sections(everything)
        return minutes._paper_html(
            content["title"],
            minutes.name,
            minutes.company_id._beneficiary_day(minutes.written_on),
            sections,
            signers=minutes._paper_signers(),
            closing=minutes.env._("Seal: %(seal)s", seal=(minutes.seal or "")[:16]),
        )

    def _paper_signers(self):
        self.ensure_one()
        # Signatures are printed for whoever reads the minutes.
        signatures = {one.member_id: one for one in self.sudo().signature_ids}
        return [
            signatures[member]._paper_values()
            if member in signatures
            else {
                "name": member.display_name,
                "role": self._paper_label(member, "role"),
            }
            for member in self.sudo().with_context(lang=self.env.lang).signer_ids
        ]

    def action_print(self):
        """Print the minutes, as the reader may see them."""
        self.check_access("read")
        return self.env.ref("beneficiary_aid.action_report_minutes").report_action(self)

    # ------------------------------------------------------------------
    # Signing
    # ------------------------------------------------------------------

    def action_sign(self):
        """Open the dialog in which a member signs."""
        self.ensure_one()
        self.check_access("read")
        self._check_can_sign()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sign the Minutes"),
            "res_model": "beneficiary.minutes.sign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_minutes_id": self.id},
        }

    def _check_can_sign(self):
        """Refuse whoever is no signer, has signed, or would sign for another.

        :raise AccessError: naming the minutes
        :return: the seat that signs
        """
        self.ensure_one()
        member = self._my_signer()
        if not member:
            raise AccessError(
                self.env._(
                    "%(name)s: you are not among those who sign, or you have signed "
                    "already.",
                    name=self.name,
                )
            )
        return member

    def _sign(self, method, signature=False, scan=False, address=False):
        """Sign as the current user.

        :param str method: ``drawn``, ``code`` or ``paper``
        :param signature: drawing, base64
        :param scan: signed paper, base64
        :param str address: network address
        :return: the signature as superuser
        :raise AccessError: see :meth:`_check_can_sign`
        """
        self.ensure_one()
        self.check_access("read")
        self.meeting_id.sudo().committee_id._touch_seals()
        member = self._check_can_sign()
        # Members have no right to store signatures; that it is their own is checked.
        signed = (
            self.env["beneficiary.minutes.signature"]
            .sudo()
            .create(
                [
                    {
                        "minutes_id": self.id,
                        "member_id": member.id,
                        "user_id": self.env.uid,
                        "method": method,
                        "signature": signature,
                        "scan": scan,
                        "signed_on": fields.Datetime.now(),
                        "address": clean_text(address) or False,
                    }
                ]
            )
        )
        self.env["beneficiary.seal"]._append(self._chain(), signed)
        self.invalidate_recordset(["state", "can_sign", "missing_names"])
        # What follows from a signature is not the member's input.
        self.meeting_id.sudo()._after_signature(self.env.user)
        if self.state == "signed":
            self._keep_file_at_once()
        return signed

    def _keep_file_at_once(self):
        """Keep the PDF with the last signature; a paper that cannot be made must not
        take the signature back."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                # What follows from a signature is not the member's input.
                self.sudo()._keep_file()
        except UserError as error:
            _logger.warning("No PDF of minutes %s yet: %s", self.id, error)

    def _keep_file(self):
        """Keep the signed minutes as a PDF with its seal.

        Without the PDF program the nightly task tries again.

        :return: whether there is such a program
        :rtype: bool
        """
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() not in ("ok", "workers", "upgrade"):
            return False
        for minutes in self.filtered(lambda one: not one.file_ids):
            content, _kind = Report.with_context(
                force_report_rendering=True, minutes_everything=True
            )._render_qweb_pdf(REPORT, minutes.ids)
            self.env["beneficiary.minutes.file"]._keep(minutes, content)
        return True

    @api.model
    def _cron_keep_files(self):
        """Make the PDF of signed minutes that have none, one by one.

        The program was missing, or failed, when the last member signed.
        """
        domain = Domain("state", "=", "signed") & Domain("file_ids", "=", False)
        waiting = self.search(domain, order="id")
        left = len(waiting)
        for minutes in waiting:
            left -= 1
            try:
                minutes.meeting_id.committee_id._touch_seals()
                minutes.invalidate_recordset(["file_ids"])
                if not minutes._keep_file():
                    _logger.warning("No PDF program: signed minutes are not kept")
                    return
                self.env.flush_all()
            except (OperationalError, UserError) as error:
                # One that fails keeps no other waiting; the next night tries again.
                self.env.cr.rollback()
                self.env.invalidate_all()
                _logger.info("No PDF of minutes %s: %s", minutes.id, error)
            if not self.env["ir.cron"]._commit_progress(processed=1, remaining=left):
                return

    # ------------------------------------------------------------------
    # Addendum
    # ------------------------------------------------------------------

    def action_addendum(self):
        """Open the dialog for an addendum."""
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(SECRETARY)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Addendum to the Minutes"),
            "res_model": "beneficiary.minutes.addendum",
            "view_mode": "form",
            "target": "new",
            "context": {"default_meeting_id": self.meeting_id.id},
        }

    @api.model
    def _anonymise(self, meeting, items, said):
        """Destroy what minutes of a meeting say about a person.

        :param meeting: ``beneficiary.meeting``
        :param items: the person's agenda items
        :param said: words that say who he is
        """
        keys = {
            f"{item.id}:{name}"
            for item in items
            for name in ("motion", "condition", "correction")
        }
        with cutting(self.env.cr):
            meeting.minutes_ids._cut_words(keys, said)
            self.env.flush_all()
