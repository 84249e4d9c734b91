from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

GROUNDS_MAX_LENGTH = 5000
# What the answer to an appeal does to the first decision.
RESULTS = [
    ("affirm", "The first decision stands"),
    ("amend", "The first decision is amended"),
    ("reverse", "The first decision is reversed"),
]


class BeneficiaryAppeal(models.Model):
    """An applicant asks that a decision be looked at again, and why (C02).

    Filed once per decision, on one level, at the desk or in the portal
    (:meth:`beneficiary.aid.request._file_appeal`); what is decided answers it.
    """

    _name = "beneficiary.appeal"
    _description = "Appeal"
    _check_company_auto = True
    _order = "filed_on desc, id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    beneficiary_id = fields.Many2one(related="request_id.beneficiary_id")
    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        string="Against Decision",
        required=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    grounds = fields.Text(
        required=True, readonly=True, help="In the person's own words."
    )
    via = fields.Selection(
        selection=[("desk", "At the desk"), ("portal", "In the portal")],
        string="Received",
        required=True,
        readonly=True,
        default="desk",
    )
    filed_on = fields.Datetime(required=True, readonly=True)
    filed_by_id = fields.Many2one(
        comodel_name="res.users", string="Entered by", required=True, readonly=True
    )
    deadline = fields.Date(
        string="Could Be Filed until", readonly=True, help="Empty: no limit."
    )
    late_reason = fields.Char(string="Why Admitted Late", readonly=True)
    admitted_by_id = fields.Many2one(
        comodel_name="res.users", string="Admitted Late by", readonly=True
    )
    answer_due = fields.Date(string="Answer due", readonly=True)
    answer_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    answered_on = fields.Datetime(readonly=True)
    result = fields.Selection(selection=RESULTS, readonly=True)
    stage_id = fields.Many2one(
        comodel_name="beneficiary.aid.stage",
        string="Filed at",
        readonly=True,
        ondelete="restrict",
        help="Where the request was. Help that had begun goes on from there when the "
        "first decision stands.",
    )

    is_late = fields.Boolean(
        string="Answer Late", compute="_compute_is_late", search="_search_is_late"
    )

    _decision_uniq = models.UniqueIndex(
        "(decision_id)", "This decision was appealed against already."
    )
    _answered = models.Constraint(
        "CHECK((answer_id IS NULL) = (result IS NULL))",
        "The answer to an appeal says what it does to the first decision.",
    )
    _grounds_length = models.Constraint(
        f"CHECK(length(grounds) BETWEEN 1 AND {GROUNDS_MAX_LENGTH})",
        "The grounds of an appeal are between 1 and 5000 characters.",
    )

    @api.depends("answer_due", "answer_id")
    def _compute_is_late(self):
        for appeal in self:
            today = appeal.request_id._business_day()
            appeal.is_late = bool(
                appeal.answer_due and not appeal.answer_id and appeal.answer_due < today
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        if wanted == {True, False}:
            return Domain.TRUE
        today = self.env["beneficiary.aid.request"]._business_day()
        late = Domain("answer_id", "=", False) & Domain("answer_due", "<", today)
        return late if True in wanted else ~late

    @api.model_create_multi
    def create(self, vals_list):
        self._check_by_program()
        return super().create(
            [
                {**vals, "grounds": self._clean_grounds(vals.get("grounds"))}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not is_anonymising(self.env):
            self._check_by_program()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An appeal stays with its decision."))

    def _check_by_program(self):
        if not self.env.su:
            raise UserError(
                self.env._(
                    "An appeal is filed at its request and answered by a decision, "
                    "and not changed."
                )
            )

    @api.model
    def _clean_grounds(self, text):
        """Return the grounds cleaned.

        :raise ValidationError: nothing or too much written
        """
        try:
            grounds = clean_text(text or "", GROUNDS_MAX_LENGTH, multiline=True)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "The text has more than %(count)s characters. Shorten it.",
                    count=GROUNDS_MAX_LENGTH,
                )
            ) from None
        if not grounds:
            raise ValidationError(
                self.env._("Write why the decision should be looked at again.")
            )
        return grounds

    def _answer(self, decision):
        """Note what the decision on an appeal does to the first one.

        :param decision: ``beneficiary.decision`` on the appeal
        """
        for appeal in self:
            appeal.write(
                {
                    "answer_id": decision.id,
                    "answered_on": fields.Datetime.now(),
                    "result": appeal._result_of(decision),
                }
            )

    def _result_of(self, decision):
        self.ensure_one()
        first = self.decision_id
        if decision.outcome == "decline" or self._is_same(decision):
            return "affirm"
        if first._is_approval():
            return "amend"
        return "reverse" if decision.outcome == "approve" else "amend"

    def _is_same(self, decision):
        """Tell whether the answer gives what the first decision gave, and asks no more
        and no less for it."""
        first = self.decision_id
        return (
            decision.outcome == first.outcome
            and not decision.currency_id.compare_amounts(decision.amount, first.amount)
            and (decision.condition or "") == (first.condition or "")
        )

    def _take_up_again(self):
        """Let help that had begun go on where it was, when the decision stands."""
        for appeal in self:
            stage = appeal.stage_id
            if appeal.result == "affirm" and stage.status in ("delivery", "follow_up"):
                appeal.request_id.stage_id = stage

    def action_open_request(self):
        """Open the request."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))
