from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.lists import join_phrases

from .beneficiary_aid_request_flow import MANAGER

REGULARISE = "beneficiary_aid.mail_activity_type_regularise"


class BeneficiaryAidRequest(models.Model):
    """The urgent route: a sick applicant does not wait for papers or a formal day.

    Marking a request urgent puts it first in the lists. That its answer need not
    wait, and that it is studied with papers missing, is approved by a manager by
    name, with a reason and a day by which the papers are there (C42, C43).
    """

    _inherit = "beneficiary.aid.request"

    urgent_reason = fields.Char(
        string="Reason of the Urgency",
        copy=False,
        tracking=True,
        help="Why the answer cannot wait, for colleagues. No details of health.",
    )
    urgent_approved_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Urgent Route Approved by",
        readonly=True,
        copy=False,
        tracking=True,
    )
    urgent_approved_on = fields.Date(readonly=True, copy=False)
    regularise_due = fields.Date(
        string="To Be Regularised by",
        copy=False,
        tracking=True,
        help="By this day what was missing when the urgent route was approved must "
        "be there. Empty: after the days of the kind of help.",
    )
    regularise_note = fields.Text(
        string="Missing at the Approval", readonly=True, copy=False
    )
    regularised_on = fields.Date(readonly=True, copy=False, tracking=True)
    regularise_reminded = fields.Boolean(readonly=True, copy=False)

    _regularise_idx = models.Index(
        "(company_id, regularise_due)"
        " WHERE regularise_note IS NOT NULL AND regularised_on IS NULL"
    )

    def write(self, vals):
        """Take an approval back with the urgency or the reason it was given for."""
        self._check_regularise_due(vals)
        result = super().write(vals)
        if "urgency" in vals or "urgent_reason" in vals:
            # Results, not input; what they stood on was changed.
            self.sudo().filtered("urgent_approved_on").write(
                {
                    "urgent_approved_by_id": False,
                    "urgent_approved_on": False,
                    "regularise_due": False,
                    "regularise_note": False,
                    "regularise_reminded": False,
                }
            )
        return result

    def _check_regularise_due(self, vals):
        """Let the day of regularising be moved by a manager only.

        :raise AccessError: for everybody else
        """
        if "regularise_due" not in vals or self.env.su:
            return
        day = fields.Date.to_date(vals["regularise_due"])
        if any(request.regularise_due != (day or False) for request in self):
            self._check_role(MANAGER)

    def action_approve_urgent(self):
        """Approve that a request waits neither for its papers nor for the first day.

        :raise UserError: not marked urgent, no reason, or no urgent route
        """
        self.check_access("write")
        self._check_role(MANAGER)
        for request in self:
            request._check_can_approve_urgent()
        # Results, not input; the role was checked.
        for request in self.sudo():
            today = request._business_day()
            gaps = request._file_gaps()
            days = timedelta(days=request.aid_type_id.urgent_days)
            request.write(
                {
                    "urgent_approved_by_id": self.env.uid,
                    "urgent_approved_on": today,
                    "regularise_note": "\n".join(gaps) or False,
                    "regularise_due": gaps and (request.regularise_due or today + days),
                    "regularised_on": False,
                    "regularise_reminded": False,
                }
            )

    def _check_can_approve_urgent(self):
        self.ensure_one()
        if self.urgency != "urgent" or not self.urgent_reason:
            raise UserError(
                self.env._(
                    "Mark request %(name)s as urgent and enter the reason; then "
                    "approve it.",
                    name=self.display_name,
                )
            )
        if self.regularise_due and self.regularise_due < self._business_day():
            raise UserError(
                self.env._(
                    "Request %(name)s: the day of regularising has passed. Choose a "
                    "day to come.",
                    name=self.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _is_on_urgent_route(self):
        """Tell whether a manager let the request go on with papers missing."""
        self.ensure_one()
        return bool(self.urgency == "urgent" and self.urgent_approved_on)

    def _is_to_regularise(self):
        self.ensure_one()
        return bool(self.regularise_note and not self.regularised_on)

    def _gate_study(self, request, vals):
        if request._is_on_urgent_route() and request.status != "decision":
            return None
        return super()._gate_study(request, vals)

    def _file_gaps_for_decision(self):
        gaps = super()._file_gaps_for_decision()
        if self._is_on_urgent_route():
            waived = set(self._file_gaps())
            gaps = [gap for gap in gaps if gap not in waived]
        return gaps

    def _gate_closed(self, request, vals):
        reason = super()._gate_closed(request, vals)
        outcome = vals.get("outcome") or request.outcome
        if reason or outcome != "served" or not request._is_to_regularise():
            return reason
        gaps = request._file_gaps()
        if not gaps:
            return None
        return self.env._(
            "Request %(name)s went the urgent route and is to be regularised before "
            "it is closed. Missing: %(missing)s.",
            name=request.display_name,
            missing=join_phrases(gaps, self.env.lang),
        )

    # ------------------------------------------------------------------
    # Regularising
    # ------------------------------------------------------------------

    def _regularise(self):
        """Note which requests of the urgent route have become complete."""
        for request in self.sudo():
            # Results, not input: the papers say it.
            if request._is_to_regularise() and not request._file_gaps():
                request.regularised_on = request._business_day()
                request._keep_accepted_documents()
                request.activity_feedback([REGULARISE])

    @api.model
    def _cron_regularise(self):
        """Remind of urgent requests whose papers are not there on their day."""
        for company in self.env["res.company"].search([]):
            domain = [
                ("company_id", "=", company.id),
                ("regularise_note", "!=", False),
                ("regularised_on", "=", False),
                ("regularise_reminded", "=", False),
                (
                    "regularise_due",
                    "<",
                    company._beneficiary_day(fields.Datetime.now()),
                ),
                ("status", "not in", ("rejected", "cancelled", "closed")),
            ]
            if not self.env["ir.cron"]._in_slices(
                self, domain, "_remind_to_regularise"
            ):
                return

    def _remind_to_regularise(self):
        """Ask whoever approved the urgent route to see to it, once."""
        self._regularise()
        for request in self.filtered(lambda one: one._is_to_regularise()):
            user = request.urgent_approved_by_id.filtered(
                lambda one: one.active and one.has_group(MANAGER)
            ) or self._escalation_manager(request.company_id)
            if user:
                words = user._in_own_language(request)
                words.activity_schedule(
                    REGULARISE,
                    date_deadline=request.regularise_due,
                    user_id=user.id,
                )
        self.regularise_reminded = True

    def _missing_lines(self):
        lines = super()._missing_lines()
        if self._is_to_regularise() and self.status not in ("received", "verification"):
            lines += [
                self.env._("To regularise: %(gap)s", gap=gap)
                for gap in self._file_gaps()
            ]
        return lines

    @api.depends("regularise_note", "regularised_on")
    def _compute_missing_note(self):
        return super()._compute_missing_note()
