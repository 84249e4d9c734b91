from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.beneficiary_relations.tools.lists import join_phrases

from .beneficiary_aid_request_flow import OFFICER

# What is given to a bank account of whoever receives it.
TO_ACCOUNT = ("cash", "recurring")


class BeneficiaryAidRequest(models.Model):
    """After the decision the registration is completed, then help is given (C44)."""

    _inherit = "beneficiary.aid.request"

    registered_on = fields.Date(
        string="Registration Completed on", readonly=True, copy=False, tracking=True
    )
    registered_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Registration Completed by",
        readonly=True,
        copy=False,
    )

    def action_register(self):
        """Record that the registration was completed after the decision (C44).

        :raise UserError: naming what is missing
        """
        self.check_access("write")
        self._check_role(OFFICER)
        for request in self:
            if request.status not in ("approved", "delivery"):
                raise UserError(
                    self.env._(
                        "Request %(name)s: the registration is completed after the "
                        "decision that approves it.",
                        name=request.display_name,
                    )
                )
            reason = request._registration_refusal()
            if reason:
                raise UserError(reason)
        self._note_registration()

    def _note_registration(self):
        """Note the completed registration, once."""
        # Results, not input; the role was checked.
        self.sudo().filtered(lambda request: not request.registered_on).write(
            {
                "registered_on": self._business_day(),
                "registered_by_id": self.env.uid,
            }
        )

    def _registration_gaps(self):
        """Return what the registration still lacks before help can be given.

        :rtype: list[str]
        """
        self.ensure_one()
        # What the file lacks is no secret to whoever gives the help; no value of it
        # is told.
        request = self.sudo()
        beneficiary = request.beneficiary_id
        gaps = []
        if beneficiary.state != "active":
            gaps.append(self.env._("an active file"))
        if request.aid_type_id.nature in TO_ACCOUNT and not request._receiving_banks():
            gaps.append(self.env._("a bank account of whoever receives the money"))
        return gaps

    def _receiving_banks(self):
        """Return the accounts of the person and of who may receive for him."""
        self.ensure_one()
        mandates = self.env["beneficiary.mandate"].search(
            [
                ("beneficiary_id", "=", self.beneficiary_id.id),
                ("state", "=", "active"),
                ("can_receive", "=", True),
            ]
        )
        return (self.beneficiary_id.partner_id | mandates.holder_id).bank_ids

    def _registration_refusal(self):
        self.ensure_one()
        gaps = self._registration_gaps()
        if not gaps:
            return None
        return self.env._(
            "Request %(name)s: the registration is not complete. Missing: "
            "%(missing)s. Complete the file, then go on.",
            name=self.display_name,
            missing=join_phrases(gaps, self.env.lang),
        )

    def _gate_delivery(self, request, vals):
        reason = super()._gate_delivery(request, vals)
        if reason or request.registered_on:
            return reason
        return request._registration_refusal()

    def _after_move(self, status):
        result = super()._after_move(status)
        if status in ("delivery", "follow_up"):
            self._note_registration()
        return result

    def _missing_lines(self):
        lines = super()._missing_lines()
        if self.status == "approved" and not self.registered_on:
            lines += [
                self.env._("Registration: %(gap)s", gap=gap)
                for gap in self._registration_gaps()
            ]
        return lines

    @api.depends("registered_on", "beneficiary_id.state")
    def _compute_missing_note(self):
        return super()._compute_missing_note()
