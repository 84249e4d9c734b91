import base64
import binascii
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.text import clean_text

# More faults than this nobody reads at once.
MAX_FAULTS = 50


class BeneficiaryBankResultImport(models.TransientModel):
    """Take the answer of a bank: look at it first, then take the whole or nothing."""

    _name = "beneficiary.bank.result.import"
    _description = "Take the Answer of a Bank"

    batch_id = fields.Many2one(
        comodel_name="beneficiary.disbursement.batch", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="batch_id.currency_id")
    sheet_id = fields.Many2one(related="batch_id.sheet_id")
    file = fields.Binary(attachment=False)
    filename = fields.Char()
    expected_hash = fields.Char(
        string="Fingerprint Given by the Bank",
        help="When the bank gives a SHA-256 fingerprint beside its file, type it here: "
        "a file that was changed on its way is refused.",
    )
    checked_hash = fields.Char(readonly=True)
    faults = fields.Text(readonly=True)
    is_ready = fields.Boolean(readonly=True)
    paid_count = fields.Integer(string="Executed", readonly=True)
    rejected_count = fields.Integer(string="Rejected", readonly=True)
    rejected_amount = fields.Monetary(readonly=True)
    known_count = fields.Integer(string="Known Before", readonly=True)
    missing_count = fields.Integer(string="Without an Answer", readonly=True)

    def action_check(self):
        """Look at the file without changing anything."""
        self.ensure_one()
        self._check_clerk()
        content = self._get_content()
        _new, values = self._examine(content)
        self.write(values)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer of the Bank"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_import(self):
        """Take the file that was looked at.

        :raise UserError: with all its faults; or when it is another file than the one
            looked at, or was taken already. Nothing is changed then.
        """
        self.ensure_one()
        self._check_clerk()
        batch = self.batch_id
        # Of two people with the same file the second one finds it taken.
        batch._touch()
        content = self._get_content()
        new, values = self._examine(content)
        if self.checked_hash and self.checked_hash != values["checked_hash"]:
            raise UserError(
                self.env._("This is not the file you looked at. Check it first.")
            )
        if values["faults"]:
            raise UserError(values["faults"])
        batch._take_answers(new)
        # Nobody has a right to enter an answer by hand.
        self.env["beneficiary.bank.result"].sudo().create(
            {
                "batch_id": batch.id,
                "filename": clean_text((self.filename or "")[-120:]) or "answer",
                "file": base64.b64encode(content),
                "content_hash": values["checked_hash"],
                **{
                    name: values[name]
                    for name in (
                        "paid_count",
                        "rejected_count",
                        "rejected_amount",
                        "known_count",
                    )
                },
            }
        )
        return {"type": "ir.actions.act_window_close"}

    # === Helpers === #

    def _check_clerk(self):
        # A batch one may not read is refused by the first look at it.
        self.batch_id._check_clerk()

    def _get_content(self):
        try:
            content = base64.b64decode(self.file or b"")
        except binascii.Error:
            content = b""
        if not content:
            raise UserError(self.env._("Choose the file of the bank first."))
        return content

    @api.model
    def _shown(self, faults):
        shown = faults[:MAX_FAULTS]
        if len(faults) > MAX_FAULTS:
            shown.append(
                self.env._(
                    "%(count)s more. Correct these first.",
                    count=len(faults) - MAX_FAULTS,
                )
            )
        return "\n".join(shown)

    def _examine(self, content):
        """Read the file and compare it with the batch.

        :return: ``({line: answer}, values of this screen)``
        """
        batch = self.batch_id
        digest = hashlib.sha256(content).hexdigest()
        answers, faults = [], self._get_file_faults(digest)
        if not faults:
            answers, faults = batch.sheet_id._read(content)
        new, unmatched = batch._match_answers(answers)
        faults = [*faults, *unmatched]
        rejected = [line for line, one in new.items() if one["answer"] == "rejected"]
        return new, {
            "checked_hash": digest,
            "faults": self._shown(faults) or False,
            "is_ready": not faults,
            "paid_count": len(new) - len(rejected),
            "rejected_count": len(rejected),
            "rejected_amount": batch.currency_id.round(
                sum(line.amount for line in rejected)
            ),
            "known_count": len(answers) - len(new) - len(unmatched),
            "missing_count": batch.line_count - batch.answered_count - len(new),
        }

    def _get_file_faults(self, digest):
        """Why the file as a whole cannot be taken."""
        batch = self.batch_id
        if batch.step != "exported":
            return [
                self.env._(
                    "%(number)s is %(state)s: the bank has nothing to answer yet.",
                    number=batch.name,
                    state=batch._get_state_label(),
                )
            ]
        expected = (self.expected_hash or "").strip().lower()
        if expected and expected != digest:
            return [
                self.env._(
                    "The file was changed on its way: its fingerprint is not the one "
                    "the bank gave. Fetch it from the bank again."
                )
            ]
        if digest in batch.result_ids.mapped("content_hash"):
            return [
                self.env._(
                    "This file was taken already. Nothing was changed by it now."
                )
            ]
        return []
