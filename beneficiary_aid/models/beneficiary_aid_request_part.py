from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER

# A request is divided while it is worked on and before it is decided.
DIVISIBLE = ("verification", "study", "decision")


class BeneficiaryAidRequest(models.Model):
    """One request that is decided in several parts, each by whoever decides it.

    A part is a request of its own, with its kind of help and its amount; it begins
    where the whole stood and stands on the whole's declaration, papers and study. All
    parts together are not more than was asked, and count together towards the band
    of an authority: dividing does not go around a limit (C26, committee.md).
    """

    _inherit = "beneficiary.aid.request"

    whole_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        string="Part of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    part_ids = fields.One2many(
        comodel_name="beneficiary.aid.request",
        inverse_name="whole_id",
        string="Parts",
        readonly=True,
    )
    part_count = fields.Integer(string="Number of Parts", compute="_compute_part_count")

    _not_part_of_itself = models.Constraint(
        "CHECK(whole_id IS NULL OR whole_id <> id)",
        "A request is no part of itself.",
    )

    @api.depends("part_ids")
    def _compute_part_count(self):
        counts = dict(
            self._read_group([("whole_id", "in", self.ids)], ["whole_id"], ["__count"])
        )
        for request in self:
            request.part_count = counts.get(request._origin, 0)

    @api.depends("whole_id.declaration_ids")
    def _compute_is_declared(self):
        """A part stands on the declaration of the whole."""
        result = super()._compute_is_declared()
        for request in self:
            if not request.is_declared and request.whole_id:
                request.is_declared = bool(request.whole_id.declaration_ids)
        return result

    @api.constrains("whole_id", "amount_requested", "beneficiary_id")
    def _check_parts(self):
        for whole in self.sudo().whole_id:
            parts = whole.part_ids.filtered(lambda part: part.status != "cancelled")
            if parts.beneficiary_id - whole.beneficiary_id:
                raise ValidationError(
                    self.env._(
                        "The parts of %(request)s are for the same person.",
                        request=whole.display_name,
                    )
                )
            whole._check_parts_amount(parts.mapped("amount_requested"))

    def _check_parts_amount(self, amounts):
        """Refuse parts that are together more than was asked.

        :param list amounts: of the parts
        :raise ValidationError: naming what was asked
        """
        self.ensure_one()
        currency = self.currency_id
        asked = self.amount_requested
        if asked and currency.compare_amounts(sum(amounts), asked) > 0:
            raise ValidationError(
                self.env._(
                    "The parts of %(request)s are together %(total)s, more than was "
                    "asked for, which is %(asked)s.",
                    request=self.display_name,
                    total=currency.format(sum(amounts)),
                    asked=currency.format(asked),
                )
            )

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_divide(self):
        """Ask into which parts a request is divided.

        :return: a window
        """
        self.ensure_one()
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        self._check_can_divide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Divide into Parts"),
            "res_model": "beneficiary.aid.request.divide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def action_open_parts(self):
        """Open the parts of a request, or the whole of a part."""
        self.ensure_one()
        self.check_access("read")
        requests = self.part_ids or self.whole_id
        return requests._get_records_action(name=self.env._("Parts"))

    # ------------------------------------------------------------------
    # Dividing
    # ------------------------------------------------------------------

    def _check_can_divide(self):
        self.ensure_one()
        if self.status not in DIVISIBLE or self.whole_id or self.is_appeal:
            raise UserError(
                self.env._(
                    "Request %(name)s is not divided: only a whole request that is "
                    "checked, studied or before the committee is.",
                    name=self.display_name,
                )
            )
        reason = self._gate_leave_committee(self)
        if reason:
            raise UserError(reason)

    def _divide(self, parts, reason):
        """Divide a request into parts that are decided apart.

        :param list parts: values of the parts: ``aid_type_id``, ``amount_requested``
            and ``reason``
        :param str reason: why, for colleagues
        :return: the parts
        :raise UserError: when it may not be divided
        :raise ValidationError: when the parts are together more than was asked
        """
        self.ensure_one()
        self.check_access("write")
        self._check_role(OFFICER, RESEARCHER)
        # Of two sessions that divide it at once one is run again, and refused.
        self._touch()
        self._check_can_divide()
        if len(parts) < 2:
            raise UserError(self.env._("Enter two parts or more."))
        if any(part["amount_requested"] <= 0 for part in parts):
            raise UserError(self.env._("Enter the amount of each part."))
        self._check_parts_amount([part["amount_requested"] for part in parts])
        # Results, not input; role and state were checked.
        whole = self.sudo()
        common = whole._prepare_part_values()
        created = whole.create([{**common, **part} for part in parts])
        created.accepted_document_ids = whole.accepted_document_ids
        whole._stop(reason, "divided")
        numbers = format_list(self.env, created.mapped("name"))
        whole._message_log(
            body=self.env._("Divided into: %(numbers)s", numbers=numbers)
        )
        created._log_reason(
            self.env._("Part of request %(name)s", name=self.display_name)
        )
        return created.sudo(self.env.su)

    def _prepare_part_values(self):
        """Return what each part takes over from the whole: clock, people, place."""
        self.ensure_one()
        return {
            "whole_id": self.id,
            "beneficiary_id": self.beneficiary_id.id,
            "household_id": self.household_id.id,
            "company_id": self.company_id.id,
            "branch_id": self.branch_id.id,
            "channel_id": self.channel_id.id,
            "policy_id": self.policy_id.id,
            "stage_id": self.stage_id.id,
            "urgency": self.urgency,
            "urgent_reason": self.urgent_reason,
            "urgent_approved_by_id": self.urgent_approved_by_id.id,
            "urgent_approved_on": self.urgent_approved_on,
            "regularise_due": self.regularise_due,
            "regularise_note": self.regularise_note,
            "regularised_on": self.regularised_on,
            "date_received": self.date_received,
            "entered_by_id": self.entered_by_id.id,
            "acknowledged_on": self.acknowledged_on,
            "user_id": self.user_id.id,
            "researcher_id": self.researcher_id.id,
            "reply_start": self.reply_start,
            "paused_days": self.paused_days,
            "is_declared": self.is_declared,
        }

    def _whole(self):
        """Return the requests with the wholes they are parts of.

        Declaration and study of a part are those of the whole.
        """
        # A part is read with what it stands on, whoever reads it.
        return self | self.sudo().whole_id.with_env(self.env)

    def _earlier_of_household(self):
        """Count the other parts towards the band, of whatever kind they are."""
        earlier = super()._earlier_of_household()
        for request in self:
            # As there: what the rule counts does not depend on who looks.
            parts = request.sudo().whole_id.part_ids - request._origin
            earlier[request] |= parts.filtered(
                lambda part: part.status not in ("rejected", "cancelled")
            )
        return earlier

    def _counts_with(self, other, scope):
        """The parts of one request are no help given again."""
        return super()._counts_with(other, scope) and not (
            self.whole_id and self.whole_id == other.whole_id
        )

    def _one_of_each_whole(self):
        """Count what was asked once as once, in however many parts it is decided."""
        seen = set()
        return self.filtered(
            lambda request: (
                not request.whole_id
                or (request.whole_id not in seen and not seen.add(request.whole_id))
            )
        )

    def _granted_with(self):
        """Return what the other parts of the same kind were granted already.

        The ceiling holds for what was asked once: dividing does not raise it.
        """
        self.ensure_one()
        # What the rule counts does not depend on who looks.
        request = self.sudo()
        granted = super()._granted_with()
        others = request.whole_id.part_ids - request
        return granted + sum(
            others.filtered(
                lambda part: (
                    part.aid_type_id == request.aid_type_id
                    and part.decision_id._is_approval()
                )
            ).mapped("amount_approved")
        )

    def _gate_received(self, request, vals):
        if request.part_ids:
            return self.env._(
                "Request %(name)s was divided: its parts go on in its place.",
                name=request.display_name,
            )
        return super()._gate_received(request, vals)
