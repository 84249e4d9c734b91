from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .beneficiary_aid_stage import ENDED

# Where a request brought from before can only be after a decision.
DECIDED = ("approved", "delivery", "follow_up")
# Which clocks have started by the time a request is at a status.
CLOCKS = {
    "received": ("submission",),
    "verification": ("submission",),
    "study": ("submission", "complete"),
}
BROUGHT_FIELDS = (
    "brought_reference",
    "brought_on",
    "brought_amount",
    "brought_fund_id",
    "brought_told_on",
)


class BeneficiaryAidRequest(models.Model):
    """Going live in the middle of a year: open requests with their dates.

    An administrator imports them at the stage they have reached. What was decided on
    paper becomes a decision of its own kind, with the number and the day of the
    paper: no vote is made up, and the fund promises the amount from now on.
    """

    _name = "beneficiary.aid.request"
    _inherit = ["beneficiary.aid.request", "beneficiary.import.mixin"]

    _import_template = "aid_requests.csv"
    _import_addon = "beneficiary_aid"
    _import_blanks = {"urgency": "normal"}

    brought_reference = fields.Char(
        string="Decision before Going Live",
        copy=False,
        help="Number of the minutes or of the board's decision, as the paper has it.",
    )
    brought_on = fields.Date(string="Decided on Paper on", copy=False)
    brought_amount = fields.Monetary(
        string="Amount Still to Pay",
        copy=False,
        help="What was approved and not paid yet. Zero for help in kind.",
    )
    brought_fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        string="Fund of That Decision",
        copy=False,
        ondelete="restrict",
        check_company=True,
    )
    brought_told_on = fields.Date(string="Told before Going Live on", copy=False)

    _brought_amount_bounds = models.Constraint(
        "CHECK(brought_amount IS NULL"
        " OR (brought_amount >= 0 AND brought_amount < 1e12))",
        "The amount still to pay is a number from zero up.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Take up requests where they stand; the past is an administrator's work.

        :raise UserError: a past that cannot be, naming the request and the remedy
        """
        if any(vals.get(name) for vals in vals_list for name in BROUGHT_FIELDS):
            self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        requests = super().create(vals_list)
        if not self.env.su and self._brings_history():
            for request in requests:
                request._bring_in()
        return requests

    def write(self, vals):
        if not self.env.su and any(name in vals for name in BROUGHT_FIELDS):
            raise UserError(
                self.env._(
                    "What was decided before going live stays as it was brought. A "
                    "correction is a new decision of the committee."
                )
            )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Taking up
    # ------------------------------------------------------------------

    @api.model
    def _brings_history(self):
        """Tell whether the user may enter requests at a later stage."""
        return self.env.user.has_group("beneficiary_relations.group_administrator")

    def _bring_in(self):
        """Start the clocks on the historical day, and record the decision on paper."""
        self.ensure_one()
        status = self.status
        is_decided = bool(self.brought_on or self.brought_reference)
        if status == "received" and not is_decided:
            return
        self._check_brought(status, is_decided)
        # Results are not typed in: they follow from what the administrator brought.
        request_sudo = self.sudo()
        if not request_sudo.reply_start and (
            request_sudo.policy_id.window_start
            in CLOCKS.get(status, ("submission", "complete", "referral"))
        ):
            request_sudo.reply_start = self._business_day(self.date_received)
        if is_decided:
            request_sudo._record_brought_decision()

    def _check_brought(self, status, is_decided):
        """Refuse a past that cannot be.

        :raise ValidationError: naming the request and the remedy
        """
        self.ensure_one()
        received = self._business_day(self.date_received)
        today = self._business_day()
        told = self.brought_told_on
        for is_wrong, reason in (
            (
                status in ENDED,
                self.env._("only open requests are brought. Leave closed ones out."),
            ),
            (
                status in DECIDED and not is_decided,
                self.env._(
                    "its stage comes after a decision. Add the number and the day of "
                    "the decision."
                ),
            ),
            (
                is_decided and status not in DECIDED,
                self.env._(
                    "it was decided and its stage comes before a decision. Choose a "
                    "later stage."
                ),
            ),
            (
                is_decided and not (self.brought_on and self.brought_reference),
                self.env._("a decision needs its number and its day."),
            ),
            (
                bool(self.brought_amount) and not self.brought_fund_id,
                self.env._("choose the fund that pays the amount."),
            ),
            (
                bool(self.brought_on) and not received <= self.brought_on <= today,
                self.env._(
                    "the decision lies between the day it was received and today."
                ),
            ),
            (
                bool(told)
                and not (self.brought_on and self.brought_on <= told <= today),
                self.env._("the person was told after the decision, not before."),
            ),
        ):
            if is_wrong:
                raise ValidationError(
                    self.env._(
                        "Request of %(person)s: %(reason)s",
                        person=self.beneficiary_id.file_number,
                        reason=reason,
                    )
                )

    def _record_brought_decision(self):
        """Store the decision of the paper, without a vote, and let it take effect."""
        self.ensure_one()
        stage = self.stage_id
        decision = self.env["beneficiary.decision"]._record(
            {
                "company_id": self.company_id.id,
                "request_id": self.id,
                "kind": "brought",
                "round": 0,
                "outcome": "approve" if self.brought_amount else "in_kind",
                "passed": True,
                "amount": self.brought_amount,
                "fund_id": self.brought_fund_id.id,
                "public_text": self.env._("Your request was approved."),
                "explanation": self.env._(
                    "Decided before going live: %(reference)s",
                    reference=self.brought_reference,
                ),
                "decided_on": fields.Datetime.to_datetime(self.brought_on),
            }
        )
        self._apply_decision(decision)
        self.write({"stage_id": stage.id, "told_on": self.brought_told_on})

    # ------------------------------------------------------------------
    # Rows of a spreadsheet
    # ------------------------------------------------------------------

    @api.model
    def _import_faults(self, rows):
        messages = super()._import_faults(rows)
        if self.env.su or self._brings_history():
            return messages
        for index, values in rows:
            if any(values.get(name) for name in BROUGHT_FIELDS) or values.get(
                "stage_id/.id"
            ):
                return [
                    *messages,
                    self._import_message(
                        index,
                        "stage_id",
                        self.env._(
                            "only an administrator imports requests at a later stage "
                            "or with a decision. Remove these columns, or ask an "
                            "administrator."
                        ),
                    ),
                ]
        return messages
