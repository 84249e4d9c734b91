from odoo import api, fields, models
from odoo.exceptions import UserError

from .beneficiary_aid_request_flow import MANAGER
from .beneficiary_meeting import SECRETARY

CORRECTABLE = ("approved", "rejected")


class BeneficiaryDecision(models.Model):
    """A decision that was wrong is put right by another vote, never by an edit."""

    _inherit = "beneficiary.decision"

    replaced_by_ids = fields.One2many(
        comodel_name="beneficiary.decision",
        inverse_name="replaces_id",
        string="Replaced by",
    )
    is_standing = fields.Boolean(
        string="Stands", compute="_compute_is_standing", compute_sudo=True
    )

    @api.depends("request_id.decision_id")
    def _compute_is_standing(self):
        for decision in self:
            request = decision.request_id
            decision.is_standing = request.decision_id == decision

    def action_correct(self):
        """Ask why a decision is wrong, to bring it before the same body again."""
        self.ensure_one()
        self.check_access("read")
        self._check_can_correct()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the Decision"),
            "res_model": "beneficiary.decision.correct",
            "view_mode": "form",
            "target": "new",
            "context": {"default_decision_id": self.id},
        }

    def _check_can_correct(self):
        """Refuse a correction that has nothing to correct.

        What a department, a manager or another authority decided goes before it again;
        a manager may ask for that, too.

        :raise AccessError: without the role of a secretary
        :raise UserError: with the reason
        """
        self.ensure_one()
        # Whether money moved is asked by the rule, whatever the secretary may read.
        request = self.sudo().request_id
        if self.committee_id:
            self.env["beneficiary.beneficiary"]._require_group(SECRETARY)
        else:
            request.with_env(self.env)._check_role(SECRETARY, MANAGER)
        if self.kind == "brought":
            raise UserError(
                self.env._(
                    "Decision %(name)s was taken before going live and cannot be "
                    "corrected here. Enter a new request.",
                    name=self.name,
                )
            )
        if not self.is_standing:
            raise UserError(
                self.env._(
                    "Decision %(name)s does not stand any more. Only the decision that "
                    "stands is corrected.",
                    name=self.name,
                )
            )
        if "pending" in self.sudo().ratification_ids.mapped("state"):
            raise UserError(
                self.env._(
                    "Decision %(name)s of the chair waits to be ratified. Put its "
                    "ratification to the vote first.",
                    name=self.name,
                )
            )
        if request.status not in CORRECTABLE:
            raise UserError(
                self.env._(
                    "Decision %(name)s is being carried out or is over. It can no "
                    "longer be corrected by a vote.",
                    name=self.name,
                )
            )
        if request.payment_state in ("due", "sent", "paid"):
            raise UserError(
                self.env._(
                    "Decision %(name)s: money was posted for it. Reverse the payments "
                    "first.",
                    name=self.name,
                )
            )

    def _correct(self, reason):
        """Bring the request before the same body again; the decision stands until
        the new one.

        :param str reason: what is wrong, for whoever decides again
        """
        self.ensure_one()
        self._check_can_correct()
        # The secretary has no right to change requests; nothing but the way back to
        # the committee is written. Of two at once one is run again and refused.
        request = self.sudo().request_id
        request._touch()
        request.write({"correcting_id": self.id, "correction_reason": reason})
        stage = self.env["beneficiary.aid.stage"]._of_status(
            "decision", request.company_id, request.policy_id
        )
        request.write({"stage_id": stage.id})
        request._message_log(
            body=self.env._(
                "Decision %(name)s is decided again, to be corrected.",
                name=self.name,
            )
        )
        return request


class BeneficiaryAidRequest(models.Model):
    _inherit = "beneficiary.aid.request"

    correcting_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        string="Decision to Correct",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    correction_reason = fields.Text(
        string="Why It Is Corrected", readonly=True, copy=False
    )

    def _begin_appeal(self, today):
        """A correction is no appeal: the same committee votes, and tells anew."""
        corrected = self.filtered("correcting_id")
        corrected.write(
            {
                "outcome": False,
                "closed_on": False,
                "told_on": False,
                "told_by_id": False,
                "early_reason": False,
            }
        )
        corrected._forget_escalation()
        return super(BeneficiaryAidRequest, self - corrected)._begin_appeal(today)

    def _person_explanation(self, power):
        return self._with_correction(super()._person_explanation(power))

    def _with_correction(self, explanation):
        """Say in an explanation which decision is corrected, if any."""
        # Which decision is corrected is known to whoever decides again.
        corrected = self.sudo().correcting_id
        if not corrected:
            return explanation
        return self.env._(
            "%(explanation)s Corrects decision %(number)s.",
            explanation=explanation,
            number=corrected.name,
        )

    def _apply_decision(self, decisions):
        result = super()._apply_decision(decisions)
        # The correction is done; its reason stays with the item's minutes.
        done = self._of_decisions(decisions.filtered("is_final")).sudo()
        done.filtered(lambda one: one.correcting_id or one.correction_reason).write(
            {"correcting_id": False, "correction_reason": False}
        )
        return result


class BeneficiaryAgendaItem(models.Model):
    _inherit = "beneficiary.agenda.item"

    correcting_id = fields.Many2one(related="request_id.correcting_id")
    correction_reason = fields.Text(
        string="Why It Is Corrected",
        readonly=True,
        copy=False,
        help="What was wrong in the decision before, kept with the item.",
    )

    def _open_vote(self):
        """Keep why the decision is corrected: the request forgets it afterwards."""
        result = super()._open_vote()
        # Not typed in: it is the reason the secretary gave.
        reason = self.request_id.sudo().correction_reason
        if reason:
            self.sudo().correction_reason = reason
        return result

    def _decision_before(self):
        """Return, as superuser, the decision the motion is to take the place of: the
        one to correct, or the one an appeal is filed against."""
        self.ensure_one()
        request = self.request_id.sudo()
        if request.correcting_id or self.kind != "appeal":
            return request.correcting_id
        return request.decision_id

    def _prepare_decision_values(self, count, votes, passed):
        """Let the decision before stand where the motion is not carried.

        Nobody decided to take away what was granted: the new decision says the same.
        """
        values = super()._prepare_decision_values(count, votes, passed)
        before = self._decision_before()
        if passed or not before or before.outcome == "decline":
            return values
        return {
            **values,
            "is_final": True,
            "outcome": before.outcome,
            "amount": before.amount,
            "fund_id": before.fund_id.id,
            "reason_id": before.reason_id.id,
            "public_text": before.public_text,
            "condition": before.condition,
        }

    def _explain(self, count, votes):
        explanation = super()._explain(count, votes)
        before = self._decision_before()
        if before and count.outcome == "failed":
            return self.env._(
                "%(explanation)s Decision %(number)s stands.",
                explanation=explanation,
                number=before.name,
            )
        return self.request_id._with_correction(explanation)

    def _minutes_decisions(self, words):
        rows = super()._minutes_decisions(words)
        if self.correction_reason:
            words[f"{self.id}:correction"] = self.correction_reason
            rows.append(
                [self.env._("Why corrected"), {"word": f"{self.id}:correction"}]
            )
        return rows
