import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

FINANCE = (
    "beneficiary_aid.group_finance_clerk,beneficiary_aid.group_finance_releaser,"
    "beneficiary_relations.group_auditor"
)


class BeneficiaryDisbursementBatch(models.Model):
    """What goes to the bank as a file, and what comes back."""

    _inherit = "beneficiary.disbursement.batch"

    sheet_id = fields.Many2one(
        comodel_name="beneficiary.bank.sheet",
        compute="_compute_sheet_id",
        store=True,
        precompute=True,
        readonly=False,
        check_company=True,
        ondelete="restrict",
        help="How the bank wants its file.",
    )
    export_file = fields.Binary(
        string="Bank File",
        attachment=True,
        readonly=True,
        copy=False,
        groups=FINANCE,
    )
    export_filename = fields.Char(readonly=True, copy=False)
    export_hash = fields.Char(
        string="Fingerprint of the File",
        readonly=True,
        copy=False,
        help="SHA-256 of the file. The bank can compare it with what it received.",
    )
    export_count = fields.Integer(
        string="Payees in the File", readonly=True, copy=False
    )
    export_amount = fields.Monetary(
        string="Total of the File",
        readonly=True,
        copy=False,
        default=0.0,
        required=True,
    )
    exported_on = fields.Datetime(readonly=True, copy=False)
    exported_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    result_ids = fields.One2many(
        comodel_name="beneficiary.bank.result",
        inverse_name="batch_id",
    )
    answered_count = fields.Integer(compute="_compute_answered_count")

    _export_bounds = models.Constraint(
        "CHECK(export_amount >= 0 AND export_amount < 1e15)",
        "The total of the file is out of bounds.",
    )
    _export_sealed = models.Constraint(
        "CHECK(step <> 'exported' OR export_hash IS NOT NULL)",
        "A batch at the bank keeps the fingerprint of its file.",
    )

    # === Compute === #

    @api.depends("journal_id", "company_id")
    def _compute_sheet_id(self):
        sheets = self.env["beneficiary.bank.sheet"].search(
            [("company_id", "in", self.company_id.ids)]
        )
        for batch in self:
            if batch.sheet_id and batch.step != "draft":
                continue
            own = sheets.filtered(lambda sheet, batch=batch: sheet._may_serve(batch))
            fitting = own.filtered(
                lambda sheet, batch=batch: batch.journal_id in sheet.journal_ids
            )
            open_to_all = own.filtered(lambda sheet: not sheet.journal_ids)
            batch.sheet_id = (fitting or open_to_all)[:1]

    @api.depends("line_ids.bank_answer")
    def _compute_answered_count(self):
        counts = self._count_lines([("bank_answer", "!=", False)])
        for batch in self:
            batch.answered_count = counts.get(batch._origin, 0)

    # === Actions === #

    def action_export(self):
        """Download the bank file: made the first time, the same one ever after.

        :raise AccessError: when the user is no finance releaser
        :raise UserError: when nothing was paid, or the stored file was changed
        """
        self.ensure_one()
        self._check_releaser()
        self._touch()
        if self.step == "released" and not self.export_hash:
            self._export()
        if self.step != "exported":
            raise UserError(
                self.env._(
                    "%(number)s is %(state)s: the bank file is made when two people "
                    "released the batch.",
                    number=self.name,
                    state=self._get_state_label(),
                )
            )
        self._check_export()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/export_file/"
            f"{self.export_filename}?download=true",
            # The form behind it shows the new step; "download" would not reload it.
            "target": "new",
        }

    def action_import_result(self):
        """Open the screen that takes the answer of the bank."""
        self.ensure_one()
        self._check_clerk()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Answer of the Bank"),
            "res_model": "beneficiary.bank.result.import",
            "view_mode": "form",
            "target": "new",
            "context": {"default_batch_id": self.id},
        }

    def action_open_results(self):
        """Open the files the bank answered with."""
        return self._open("beneficiary_aid.beneficiary_bank_result_action")

    # === Export === #

    def _export(self):
        """Make the file, and keep it with total, count and fingerprint."""
        if not self.sheet_id:
            raise UserError(
                self.env._(
                    "%(number)s: no bank sheet says how the bank wants its file. "
                    "Choose one, or ask the aid manager to set one up for %(journal)s.",
                    number=self.name,
                    journal=self.journal_id.display_name,
                )
            )
        self._check_content()
        content = self.sheet_id._write(self)
        # The file and its seal are not typed in; the role is checked above.
        self.sudo().write(
            {
                "step": "exported",
                "export_file": base64.b64encode(content),
                "export_filename": self._get_export_filename(),
                "export_hash": hashlib.sha256(content).hexdigest(),
                "export_count": self.control_count,
                "export_amount": self.control_amount,
                "exported_on": fields.Datetime.now(),
                "exported_by_id": self.env.uid,
            }
        )

    def _get_export_filename(self):
        return f"{self.name.replace('/', '-')}.{self.sheet_id.file_format}"

    def _check_export(self):
        """Refuse to hand out another file than the one that was made."""
        # Whoever releases may download it; only its content is compared here.
        stored = base64.b64decode(self.sudo().with_context(bin_size=False).export_file)
        if hashlib.sha256(stored).hexdigest() != self.export_hash:
            raise UserError(
                self.env._(
                    "%(number)s: the stored bank file was changed since it was made. "
                    "It is not handed out. Tell the auditor.",
                    number=self.name,
                )
            )

    # === Reconciliation === #

    def action_open_bank_lines(self):
        """Open the bank lines that wait to be matched, of the bank of the batch."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.account_bank_statement_line_action"
        )
        action["domain"] = [
            ("is_reconciled", "=", False),
            ("journal_id", "=", self.journal_id.id),
        ]
        return action

    def _get_items_for_bank(self):
        """Items of the batch that a bank line has still to prove."""
        returned = self.line_ids.rejection_line_id.move_id.line_ids.filtered(
            lambda item: item.account_type != "liability_payable"
        )
        items = self.move_line_id or self.line_ids.bank_item_id
        return (items | returned).filtered(
            lambda item: not item.reconciled and item.parent_state == "posted"
        )

    # === Answer of the bank === #

    def _match_answers(self, answers):
        """Compare answers with the payees of the batch.

        :param list answers: of :meth:`beneficiary.bank.sheet._read`
        :return: ``({line: answer}, [fault])``; answers already known are left out
        """
        lines = {line.disbursement_id.name.upper(): line for line in self.line_ids}
        new, faults, seen = {}, [], set()
        for answer in answers:
            line = lines.get(answer["reference"])
            fault = self._get_answer_fault(answer, line, answer["reference"] in seen)
            seen.add(answer["reference"])
            if fault:
                faults.append(fault)
            elif line.bank_answer != answer["answer"]:
                new[line] = answer
        return new, faults

    def _get_answer_fault(self, answer, line, twice):
        """Why an answer cannot be taken, or ``None``."""
        values = {"row": answer["row"], "reference": answer["reference"][:40]}
        if not line:
            return self.env._(
                "Row %(row)s: %(reference)s is not in this batch.", **values
            )
        if twice:
            return self.env._(
                "Row %(row)s: %(reference)s is answered twice in the file.", **values
            )
        amount, currency = answer["amount"], self.currency_id
        difference = (
            0 if amount is None else currency.compare_amounts(amount, line.amount)
        )
        if difference:
            values |= {
                "amount": currency.format(amount),
                "sent": currency.format(line.amount),
            }
            if difference < 0:
                return self.env._(
                    "Row %(row)s: %(reference)s: %(amount)s is less than the %(sent)s "
                    "that were sent.",
                    **values,
                )
            return self.env._(
                "Row %(row)s: %(reference)s: %(amount)s is more than the %(sent)s that "
                "were sent.",
                **values,
            )
        if line.bank_answer == "rejected" and answer["answer"] == "paid":
            return self.env._(
                "Row %(row)s: %(reference)s was rejected by an earlier file and cannot "
                "be executed now.",
                **values,
            )
        return None

    def _take_answers(self, answers):
        """Note the answers; what was rejected is due again.

        :param dict answers: ``{line: answer}`` of :meth:`_match_answers`
        """
        rejected = {
            line: answer["reason"] or self.env._("No reason given")
            for line, answer in answers.items()
            if answer["answer"] == "rejected"
        }
        # What the bank said is not typed in; the caller checked role and file.
        Line = self.env["beneficiary.disbursement.batch.line"].sudo()
        for kind in ("paid", "rejected"):
            lines = Line.concat(
                *(line.sudo() for line, one in answers.items() if one["answer"] == kind)
            )
            lines.write({"bank_answer": kind})
        if rejected:
            self._reject(rejected)
