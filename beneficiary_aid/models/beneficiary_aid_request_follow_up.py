import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.beneficiary_relations.tools.files import check_upload
from odoo.addons.beneficiary_relations.tools.text import clean_text


class BeneficiaryAidRequest(models.Model):
    """Follow-up until the help is received or the plan ends; proof at the end."""

    _inherit = "beneficiary.aid.request"

    follow_up_ids = fields.One2many(
        comodel_name="beneficiary.follow.up", inverse_name="request_id"
    )
    follow_up_count = fields.Integer(
        string="Follow-ups to Do", compute="_compute_follow_up_count"
    )
    next_follow_up = fields.Date(
        string="Next Follow-up", compute="_compute_follow_up_count"
    )
    receipt = fields.Binary(
        string="Proof of Receipt",
        attachment=True,
        copy=False,
        help="The signed receipt, the bill or the discharge paper.",
    )
    receipt_filename = fields.Char(copy=False)

    @api.depends("follow_up_ids.state", "follow_up_ids.date_planned")
    def _compute_follow_up_count(self):
        for request in self:
            planned = request.follow_up_ids.filtered(lambda one: one.state == "planned")
            request.follow_up_count = len(planned)
            request.next_follow_up = min(planned.mapped("date_planned"), default=False)

    def write(self, vals):
        if vals.get("receipt"):
            self._check_proof(vals["receipt"], vals.get("receipt_filename"))
        return super().write(vals)

    @api.model
    def _check_proof(self, content, filename):
        """Refuse files that are no paper or picture.

        :raise ValidationError: naming the file and the remedy
        """
        name = clean_text(filename or "")[-120:] or "proof.pdf"
        try:
            check_upload(base64.b64decode(content), name)
        except (ValueError, binascii.Error) as error:
            message = self.env["beneficiary.document.page"]._upload_message(
                str(error), name
            )
            raise ValidationError(message) from None

    # ------------------------------------------------------------------
    # The plan
    # ------------------------------------------------------------------

    def _on_delivered(self):
        result = super()._on_delivered()
        self._plan_follow_ups()
        return result

    def _plan_follow_ups(self):
        """Make the dated follow-ups of the kind of help, once; in one go."""
        # The plan is the association's; whoever gives the help starts it.
        requests = self.sudo().filtered(
            lambda one: one.status == "follow_up" and not one.follow_up_ids
        )
        values = [
            {
                "request_id": request.id,
                "subject": line.subject,
                "kind": line.kind,
                "date_planned": day,
                "user_id": request._follow_up_user().id,
            }
            for request in requests
            for line in request.aid_type_id.follow_up_ids
            for day in line._dates_after(request.delivered_on)
        ]
        values.sort(key=lambda vals: vals["date_planned"])
        return self.env["beneficiary.follow.up"].sudo().create(values)

    def _follow_up_user(self):
        """Return who follows up: who is responsible, or who studied the case."""
        self.ensure_one()
        users = (self.user_id, self.researcher_id, self.entered_by_id)
        colleagues = (user for user in users if user.active and not user.share)
        return next(colleagues, self.env["res.users"])

    # ------------------------------------------------------------------
    # The end
    # ------------------------------------------------------------------

    def _is_receipt_proved(self):
        """Tell whether something shows that the help was received."""
        self.ensure_one()
        # What proves it is no secret to whoever closes the request.
        request = self.sudo()
        return bool(
            request.receipt
            or request.payment_state == "paid"
            or request._was_received()
        )

    def _was_received(self):
        """Tell whether a follow-up found that the help was received."""
        return bool(
            self.follow_up_ids.filtered(
                lambda one: one.state == "done" and one.result == "received"
            )
        )

    def _gate_closed(self, request, vals):
        """A served request closes on proof, or when its plan has ended with it.

        Every other outcome is a coded reason and closes at once: recovered, died,
        refused, moved, withdrawn.
        """
        reason = super()._gate_closed(request, vals)
        outcome = vals.get("outcome") or request.outcome
        if reason or outcome != "served":
            return reason
        if not (vals.get("receipt") or request._is_receipt_proved()):
            return self.env._(
                "Request %(name)s: nothing shows that the help was received. Add the "
                "proof of receipt, record a follow-up that says so, or choose another "
                "outcome.",
                name=request.display_name,
            )
        # A payment on the bank statement says nothing yet about the treatment.
        if request.follow_up_count and not (
            vals.get("receipt") or request.receipt or request._was_received()
        ):
            return self.env._(
                "Request %(name)s: its follow-up has not ended, %(count)s are still "
                "to do. Record them or call them off.",
                name=request.display_name,
                count=request.follow_up_count,
            )
        return None

    def _after_move(self, status):
        result = super()._after_move(status)
        if status in ("closed", "cancelled", "rejected"):
            self.sudo().follow_up_ids._call_off()
        return result

    def _missing_lines(self):
        lines = super()._missing_lines()
        if self.status == "follow_up":
            if self.follow_up_count:
                lines.append(
                    self.env._(
                        "Follow-ups to do: %(count)s", count=self.follow_up_count
                    )
                )
            if self.outcome in (False, "served") and not self._is_receipt_proved():
                lines.append(self.env._("Proof of receipt"))
        return lines

    @api.depends("follow_up_ids.state", "follow_up_ids.result", "receipt", "outcome")
    def _compute_missing_note(self):
        return super()._compute_missing_note()

    def action_open_follow_ups(self):
        """Open the follow-ups of the request."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_aid.beneficiary_follow_up_action"
        )
        action["domain"] = [("request_id", "=", self.id)]
        action["context"] = {"default_request_id": self.id}
        return action
