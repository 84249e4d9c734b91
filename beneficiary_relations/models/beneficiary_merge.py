from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What moves from the double to the survivor. Contacts stay apart: entries in the
# books name them, and posted entries are never repointed.
_MOVED_MODELS = (
    "beneficiary.document",
    "beneficiary.assessment",
    "beneficiary.interaction",
    "beneficiary.life.event",
    "beneficiary.life.event.line",
    "beneficiary.visit",
)


class BeneficiaryMerge(models.Model):
    """Two files of one person: the double is closed and points to the survivor.

    Papers, assessments, visits, interactions and life events move, and are listed so
    that undoing moves them back. Only managers merge and undo; readers see the trail.
    """

    _name = "beneficiary.merge"
    _description = "Merge of Two Files"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "double_id"

    survivor_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="File to Keep",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    double_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('id', '!=', survivor_id), ('merged_into_id', '=', False)]",
    )
    company_id = fields.Many2one(
        related="survivor_id.company_id", store=True, index=True, precompute=True
    )
    note = fields.Text(
        string="How We Know", required=True, help="Why the two are one person."
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("done", "Merged"), ("undone", "Undone")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.merge.line",
        inverse_name="merge_id",
        string="Moved",
        readonly=True,
        copy=False,
    )
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Merged by", readonly=True, copy=False
    )
    done_on = fields.Datetime(string="Merged on", readonly=True, copy=False)
    undone_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    undone_on = fields.Datetime(readonly=True, copy=False)
    # How the double was, to undo.
    old_state = fields.Char(readonly=True, copy=False)
    old_state_reason_id = fields.Many2one(
        comodel_name="beneficiary.state.reason", readonly=True, copy=False
    )
    old_state_note = fields.Text(readonly=True, copy=False)
    old_counts_in_household = fields.Boolean(readonly=True, copy=False)

    _one_merge = models.UniqueIndex(
        "(double_id) WHERE state = 'done'",
        "This double has been merged already. Undo that merge first.",
    )
    _two_files = models.Constraint(
        "CHECK(survivor_id <> double_id)",
        "A file cannot be merged with itself. Choose the double.",
    )

    def write(self, vals):
        if not self.env.su and (
            "state" in vals or any(merge.state != "draft" for merge in self)
        ):
            raise UserError(
                self.env._(
                    "What was merged stays on record. Use the buttons to merge or to "
                    "undo."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(merge.state != "draft" for merge in self):
            raise UserError(
                self.env._("A merge that was done stays on record. Undo it instead.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_merge(self):
        """Close the double and move what hangs on it."""
        self.ensure_one()
        self.check_access("write")
        self._require_manager()
        self._lock_files()
        self._check_can_merge()
        self._merge()

    def action_undo(self):
        """Move everything back and put the double as it was."""
        self.ensure_one()
        self.check_access("write")
        self._require_manager()
        self._lock_files()
        self._check_can_undo()
        self._undo()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _merge(self):
        survivor, double = self.survivor_id, self.double_id
        self._answer(
            "done",
            done_by_id=self.env.uid,
            done_on=fields.Datetime.now(),
            old_state=double.state,
            old_state_reason_id=double.state_reason_id.id,
            old_state_note=double.state_note,
            old_counts_in_household=double.counts_in_household,
        )
        self._move_records(double, survivor)
        reason = self.env.ref("beneficiary_relations.state_reason_duplicate")
        if double.state != "closed":
            double._change_state("closed", reason, self.note)
        # Matched papers and finished assessments are frozen for everybody, and the
        # pointer is read-only: the manager's right was checked above.
        double.sudo().write(
            {"merged_into_id": survivor.id, "counts_in_household": False}
        )
        double._message_log(
            body=self.env._("Merged into %(name)s.", name=survivor.display_name)
        )
        survivor._message_log(
            body=self.env._("%(name)s was merged into it.", name=double.display_name)
        )

    def _move_records(self, double, survivor):
        lines = []
        for model in _MOVED_MODELS:
            records_sudo = self._movable_records(model, double)
            lines += [
                {
                    "merge_id": self.id,
                    "res_model": model,
                    "res_id": record.id,
                    "name": record.display_name,
                }
                for record in records_sudo
            ]
            records_sudo.write({"beneficiary_id": survivor.id})
        self.env["beneficiary.merge.line"].sudo().create(lines)

    def _movable_records(self, model, double):
        """Return what moves, as superuser: frozen papers move, too.

        An assessment made for a request of the double stays with that request.
        """
        records_sudo = self.env[model].sudo().with_context(active_test=False)
        domain = [("beneficiary_id", "=", double.id)]
        if "request_id" in records_sudo._fields:
            domain.append(("request_id", "=", False))
        return records_sudo.search(domain)

    def _undo(self):
        survivor, double = self.survivor_id, self.double_id
        for model in _MOVED_MODELS:
            ids = self.line_ids.filtered(
                lambda line, model=model: line.res_model == model
            ).mapped("res_id")
            self.env[model].sudo().browse(ids).exists().filtered(
                lambda record: record.beneficiary_id == survivor
            ).write({"beneficiary_id": double.id})
        double.sudo()._restore_state(
            {
                "merged_into_id": False,
                "counts_in_household": self.old_counts_in_household,
                "state": self.old_state,
                "state_reason_id": self.old_state_reason_id.id,
                "state_note": self.old_state_note,
            }
        )
        self._answer(
            "undone", undone_by_id=self.env.uid, undone_on=fields.Datetime.now()
        )
        for file in survivor | double:
            file._message_log(
                body=self.env._("The merge of %(name)s was undone.", name=double.name)
            )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _answer(self, state, **vals):
        # The state is read-only for everybody; the role was checked by the action.
        self.sudo().write(dict(vals, state=state))

    def _lock_files(self):
        """Let two people merge the same files one after the other.

        The rows are also written: a lock alone would leave the second transaction
        with what it saw before the first one ended.
        """
        files_sudo = (self.survivor_id | self.double_id).sudo().sorted("id")
        # Waits for the other session, whose result is then told in plain words.
        self.env.cr.execute(
            SQL(
                "SELECT id FROM beneficiary_beneficiary WHERE id = ANY(%s)"
                " ORDER BY id FOR UPDATE",
                files_sudo.ids,
            )
        )
        for file_sudo in files_sudo:
            file_sudo.merge_count += 1
        files_sudo.flush_recordset(["merge_count"])

    def _check_can_merge(self):
        """Refuse what would not be one person's two files in one association."""
        survivor, double = self.survivor_id, self.double_id
        if self.state != "draft":
            self._refuse_answered()
        if survivor == double or survivor.company_id != double.company_id:
            raise UserError(
                self.env._(
                    "%(first)s and %(second)s are not two files of one association.",
                    first=survivor.display_name,
                    second=double.display_name,
                )
            )
        for file in survivor | double:
            if file.merged_into_id:
                raise UserError(
                    self.env._(
                        "%(name)s has been merged already. Undo that merge first.",
                        name=file.display_name,
                    )
                )
            if file._payment_held():
                raise UserError(
                    self.env._(
                        "A change of the IBAN of %(name)s is waiting. Confirm or "
                        "refuse it before you merge.",
                        name=file.display_name,
                    )
                )
        self._check_not_told_apart()
        self._check_not_a_head(double)

    def _check_not_told_apart(self):
        files = self.survivor_id | self.double_id
        pairs = self.env["beneficiary.distinct"]._pairs_of(self.survivor_id)
        if pairs.filtered(lambda pair: pair.first_id | pair.second_id == files):
            raise UserError(
                self.env._(
                    "%(first)s and %(second)s are recorded as two persons. Undo that "
                    "first, on one of the files.",
                    first=self.survivor_id.display_name,
                    second=self.double_id.display_name,
                )
            )

    def _check_not_a_head(self, double):
        others = double.household_id.member_ids - double - self.survivor_id
        if double.relationship == "head" and others:
            raise UserError(
                self.env._(
                    "%(name)s heads a household. Choose another head there before you "
                    "merge.",
                    name=double.display_name,
                )
            )

    def _check_can_undo(self):
        if self.state != "done":
            self._refuse_answered()
        if self.survivor_id.merged_into_id:
            raise UserError(
                self.env._(
                    "%(name)s was itself merged later. Undo that merge first.",
                    name=self.survivor_id.display_name,
                )
            )

    def _refuse_answered(self):
        raise UserError(
            self.env._(
                "This merge of %(name)s was answered already.",
                name=self.double_id.display_name,
            )
        )

    def _require_manager(self):
        self.env["beneficiary.beneficiary"]._require_group("group_manager")


class BeneficiaryMergeLine(models.Model):
    """A record that a merge moved, so that undoing moves it back."""

    _name = "beneficiary.merge.line"
    _description = "Record Moved by a Merge"
    _order = "merge_id, id"

    merge_id = fields.Many2one(
        comodel_name="beneficiary.merge", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="merge_id.company_id", store=True, index=True, precompute=True
    )
    res_model = fields.Char(string="Model", required=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="res_model", required=True
    )
    name = fields.Char(string="What Was Moved")
