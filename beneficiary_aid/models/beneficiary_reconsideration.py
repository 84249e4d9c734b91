from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.period import period_label

from .beneficiary_meeting import SECRETARY


class BeneficiaryReconsideration(models.Model):
    """Who brought a decision before the committee again, and why.

    By the rule sheet: a member who voted with the side that prevailed, or new facts,
    so many times and within so many days.
    """

    _name = "beneficiary.reconsideration"
    _description = "Reconsideration of a Decision"
    _check_company_auto = True
    _order = "id desc"
    _rec_name = "decision_id"

    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    request_id = fields.Many2one(
        related="decision_id.request_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="decision_id.company_id", store=True, precompute=True, index=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        required=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        selection=[
            ("winning", "A member of the winning side"),
            ("facts", "New facts"),
        ],
        string="Because of",
        required=True,
    )
    reason = fields.Text(required=True)

    _decision_uniq = models.UniqueIndex(
        "(decision_id)", "This decision is being reconsidered already."
    )
    _reason_length = models.Constraint(
        "CHECK(char_length(reason) <= 4000)",
        "The reason has at most 4000 characters.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise UserError(
                self.env._("A reconsideration is asked for on the decision.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if self and not (is_anonymising(self.env) and vals.keys() == {"reason"}):
            raise UserError(self.env._("A reconsideration stays as it was asked for."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A reconsideration stays as it was asked for."))


class BeneficiaryDecision(models.Model):
    """A committee looks at its own decision again (committee.md, re-opening)."""

    _inherit = "beneficiary.decision"

    reconsideration_ids = fields.One2many(
        comodel_name="beneficiary.reconsideration",
        inverse_name="decision_id",
        string="Asked for Again",
    )

    def action_reconsider(self):
        """Ask why the committee should look at its decision again."""
        self.ensure_one()
        self.check_access("read")
        kind = "winning" if self._was_on_winning_side() else "facts"
        self._check_can_reconsider(kind)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reconsider the Decision"),
            "res_model": "beneficiary.decision.reconsider",
            "view_mode": "form",
            "target": "new",
            "context": {"default_decision_id": self.id, "default_kind": kind},
        }

    def _was_on_winning_side(self):
        """Tell whether the current user voted with the side that prevailed.

        Of a secret ballot nobody can tell.
        """
        self.ensure_one()
        value = "yes" if self.passed else "no"
        # The user's own votes only.
        votes = (
            self.env["beneficiary.vote"]
            .sudo()
            .search(
                [
                    ("item_id", "=", self.item_id.id),
                    ("round", "=", self.round),
                    ("member_id.user_id", "=", self.env.uid),
                ],
                order="version",
            )
        )
        return votes[-1:].value == value

    def _check_can_reconsider(self, kind):
        """Refuse what the rule sheet does not allow.

        :param str kind: ``winning`` or ``facts``
        :raise AccessError: by somebody who is neither a member nor the secretary, or
            was not on the winning side
        :raise UserError: not by these rules, too often or too late
        """
        self.ensure_one()
        committee = self.sudo().committee_id
        rule = committee.reopen_kind
        if not committee or rule == "never" or (rule == "facts" and kind != "facts"):
            raise UserError(
                self.env._(
                    "Decision %(name)s: the rules do not let it be reconsidered for "
                    "this.",
                    name=self.name,
                )
            )
        self._check_asks_again(committee, kind)
        now = fields.Datetime.now()
        if self.decided_on + timedelta(days=committee.reopen_days) < now:
            raise UserError(
                self.env._(
                    "Decision %(name)s could be reconsidered within %(period)s, "
                    "which are over.",
                    name=self.name,
                    period=period_label(committee.reopen_days, "day", self.env.lang),
                )
            )
        # How often is counted for the rule, whatever the member may read.
        times = self.env["beneficiary.reconsideration"].sudo()
        if (
            times.search_count([("request_id", "=", self.request_id.id)])
            >= committee.reopen_times
        ):
            raise UserError(
                self.env._(
                    "Decision %(name)s: the request was reconsidered %(times)s; "
                    "the rules allow no more.",
                    name=self.name,
                    times=period_label(committee.reopen_times, "time", self.env.lang),
                )
            )

    def _check_asks_again(self, committee, kind):
        today = self.env["beneficiary.aid.request"]._business_day()
        seat = committee._serving_members(today).filtered(
            lambda member: member.user_id == self.env.user and member.votes
        )
        if kind == "winning":
            allowed = bool(seat) and self._was_on_winning_side()
        else:
            allowed = bool(seat) or self.env.user.has_group(SECRETARY)
        if not allowed:
            raise AccessError(
                self.env._(
                    "Decision %(name)s: only members who voted with the side that "
                    "prevailed ask for it again, or members and the secretary because "
                    "of new facts.",
                    name=self.name,
                )
            )

    def _reconsider(self, kind, reason):
        """Bring a decision before the committee again; it stands until the new one.

        :param str kind: ``winning`` or ``facts``
        :param str reason: for the committee
        """
        self.ensure_one()
        self._check_can_reconsider(kind)
        # Members may not write requests nor decisions; the rule sheet lets them ask.
        decision = self.sudo()
        self.env["beneficiary.reconsideration"].sudo().create(
            {
                "decision_id": self.id,
                "user_id": self.env.uid,
                "kind": kind,
                "reason": reason,
            }
        )
        return decision._correct(reason)
