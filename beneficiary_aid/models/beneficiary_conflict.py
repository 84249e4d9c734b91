from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

REASON_MAX_LENGTH = 1000
# Ties of kin: nobody decides for his own people, so the vote waits for an answer.
KIN = ("self", "household", "former_household", "mandate")


class BeneficiaryConflict(models.Model):
    """A tie between a member and the person of an item that may keep him from deciding.

    Proposed from the registry when an item comes on an agenda and when the members
    are called, or declared by the member. The secretary confirms it, which recuses
    the member, or rejects it with a reason. What was compared is not kept: only the
    kind of the tie (committee.md, conflicts declared).
    """

    _name = "beneficiary.conflict"
    _description = "Conflict of Interest"
    _check_company_auto = True
    _order = "item_id, member_id, id"
    _rec_name = "member_id"

    item_id = fields.Many2one(
        comodel_name="beneficiary.agenda.item",
        string="Agenda Item",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    meeting_id = fields.Many2one(
        related="item_id.meeting_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="item_id.company_id", store=True, precompute=True, index=True
    )
    member_id = fields.Many2one(
        comodel_name="beneficiary.committee.member",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    kind = fields.Selection(
        selection=[
            ("self", "The person himself"),
            ("household", "Same household"),
            ("former_household", "Was in the same household"),
            ("mandate", "Acts for the person, or the person for him"),
            ("phone", "Same phone"),
            ("iban", "Same bank account"),
            ("address", "Same address"),
            ("employer", "Same employer"),
            ("study", "Studied the case"),
            ("declared", "Declared by the member"),
        ],
        required=True,
        readonly=True,
    )
    origin = fields.Selection(
        selection=[
            ("registry", "Registry"),
            ("study", "Study"),
            ("member", "Member"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[
            ("proposed", "To answer"),
            ("confirmed", "Confirmed"),
            ("rejected", "Rejected"),
        ],
        required=True,
        readonly=True,
        default="proposed",
        index=True,
    )
    reason = fields.Text(readonly=True)
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True
    )
    decided_on = fields.Datetime(string="Answered on", readonly=True)
    is_kin = fields.Boolean(string="Kin", compute="_compute_is_kin")

    _once = models.UniqueIndex(
        "(item_id, member_id, kind)", "This conflict is on the list already."
    )
    _rejected_with_reason = models.Constraint(
        "CHECK(state <> 'rejected' OR reason IS NOT NULL)",
        "A conflict is rejected with a reason. Write it down.",
    )

    @api.depends("kind")
    def _compute_is_kin(self):
        for conflict in self:
            conflict.is_kin = conflict.kind in KIN

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        conflicts = super().create(vals_list)
        conflicts.item_id.meeting_id._notify_session()
        return conflicts

    def write(self, vals):
        if not self.env.su or (
            not is_anonymising(self.env)
            and any(conflict.item_id.state == "decided" for conflict in self)
        ):
            raise AccessError(
                self.env._("Conflicts are confirmed or rejected, and not typed in.")
            )
        res = super().write(vals)
        self.item_id.meeting_id._notify_session()
        return res

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_confirm(self):
        """Confirm ties: the members leave the discussion, the vote and the file.

        :raise UserError: when the vote is open or over
        """
        self._check_can_answer()
        self._answer("confirmed")

    def action_ask_reject(self):
        """Ask for the reason of a rejection.

        :return: the window that asks
        """
        self._check_can_answer()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Why Is It No Conflict?"),
            "res_model": "beneficiary.conflict.reject",
            "view_mode": "form",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_conflict_ids": self.ids},
        }

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _check_can_answer(self):
        self.check_access("read")
        self.env["beneficiary.meeting"]._check_secretary()
        for conflict in self:
            if conflict.item_id.state != "pending":
                raise UserError(
                    self.env._(
                        "%(request)s: the vote is open or over, and its conflicts "
                        "were answered.",
                        request=conflict.item_id.display_name,
                    )
                )

    def _reject(self, reason):
        """Reject ties with a reason; a member recused for them alone is back.

        :param str reason: kept with the conflict
        :raise UserError: without a reason, about oneself, or of whoever studied
        """
        self._check_can_answer()
        reason = clean_text(reason, multiline=True)
        if not reason or len(reason) > REASON_MAX_LENGTH:
            raise UserError(
                self.env._(
                    "Write down why it is no conflict, in up to %(count)s characters.",
                    count=REASON_MAX_LENGTH,
                )
            )
        for conflict in self:
            if conflict.member_id.user_id == self.env.user:
                raise UserError(
                    self.env._(
                        "%(request)s: nobody rejects his own conflict. Ask another "
                        "secretary.",
                        request=conflict.item_id.display_name,
                    )
                )
            if conflict.kind == "study":
                raise UserError(
                    self.env._(
                        "%(request)s: whoever studied the case does not vote on it.",
                        request=conflict.item_id.display_name,
                    )
                )
        self._answer("rejected", reason)

    def _answer(self, state, reason=False):
        # Answers are not typed in; role and moment were checked.
        conflicts = self.sudo()
        conflicts.write(
            {
                "state": state,
                "reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
            }
        )
        conflicts.item_id._apply_conflicts()
