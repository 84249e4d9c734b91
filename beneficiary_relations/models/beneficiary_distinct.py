from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.anonymise import is_anonymising
from ..tools.text import clean_text

REASON_MAX_LENGTH = 500


class BeneficiaryDistinct(models.Model):
    """Two files that look alike and are two persons: an officer found out.

    The pair has no order, is not proposed as a double again and cannot be merged
    until the finding is undone. Nobody edits or deletes it: it says who looked.

    ============  ==================================================
    record, undo  relations officer
    read          every reader
    ============  ==================================================
    """

    _name = "beneficiary.distinct"
    _description = "Not the Same Person"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "first_id"

    first_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="This Person",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    second_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Is Not",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="first_id.company_id", store=True, index=True, precompute=True
    )
    reason = fields.Char(
        string="How We Know",
        required=True,
        help="Such as: both came to the desk, or the mother's names differ.",
    )
    recorded_by_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", required=True, readonly=True
    )
    recorded_on = fields.Date(readonly=True, required=True)
    undone_by_id = fields.Many2one(comodel_name="res.users", readonly=True, copy=False)
    undone_on = fields.Date(readonly=True, copy=False)

    _ordered = models.Constraint(
        "CHECK(first_id < second_id)",
        "Choose two different files: a person is not told apart from himself.",
    )
    _pair_uniq = models.UniqueIndex(
        "(first_id, second_id) WHERE undone_on IS NULL",
        "These two files are recorded as two persons already.",
    )

    @api.depends("first_id.file_number", "second_id.file_number")
    def _compute_display_name(self):
        for pair in self:
            pair.display_name = self.env._(
                "%(first)s is not %(second)s",
                first=pair.first_id.file_number or "",
                second=pair.second_id.file_number or "",
            )

    @api.constrains("first_id", "second_id")
    def _check_one_association(self):
        for pair in self:
            if pair.first_id.company_id != pair.second_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s: choose two files of one association.",
                        name=pair.display_name,
                    )
                )
            if pair.first_id in pair.second_id.merged_into_id or (
                pair.second_id in pair.first_id.merged_into_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(name)s: one was merged into the other. Undo the merge "
                        "first.",
                        name=pair.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Record pairs in either order; who found out and when is not typed."""
        self.env["beneficiary.beneficiary"]._require_group("group_relations_officer")
        return super().create([self._ordered_vals(vals) for vals in vals_list])

    def write(self, vals):
        anonymising = is_anonymising(self.env)
        if not anonymising and not (self.env.su and "undone_on" in vals):
            raise UserError(
                self.env._("What was found out stays. Undo it, and record it anew.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What was found out stays. Undo it instead."))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_undo(self):
        """Let the pairs be proposed as doubles again; a second click does nothing."""
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_relations_officer")
        standing = self.filtered(lambda pair: not pair.undone_on)
        # The end is not typed; the role was checked.
        standing.sudo().write(
            {
                "undone_on": fields.Date.context_today(self),
                "undone_by_id": self.env.uid,
            }
        )

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _pairs_of(self, files):
        """Return the standing pairs in which files take part, in one query."""
        # Asked by whoever registers; shown as far as the files themselves are.
        return self.sudo().search(
            [
                ("undone_on", "=", False),
                "|",
                ("first_id", "in", files.ids),
                ("second_id", "in", files.ids),
            ]
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _ordered_vals(self, vals):
        vals = dict(
            vals,
            recorded_by_id=self.env.uid,
            recorded_on=fields.Date.context_today(self),
            undone_by_id=False,
            undone_on=False,
        )
        pair = [vals.get("first_id"), vals.get("second_id")]
        if all(pair):
            vals["first_id"], vals["second_id"] = sorted(pair)
        try:
            vals["reason"] = clean_text(vals.get("reason") or "", REASON_MAX_LENGTH)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "Write at most %(count)s characters.", count=REASON_MAX_LENGTH
                )
            ) from None
        if not vals["reason"]:
            raise ValidationError(
                self.env._("Write how you know that they are two persons.")
            )
        return vals
