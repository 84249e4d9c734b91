from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.text import clean_text

# The law gives an association this long to answer.
ANSWER_DAYS = 30
VALUE_MAX_LENGTH = 500
# What a person may ask to have corrected in this way. Accounts change by their own
# way, with proof and a second person; sensitive data are corrected where they stand.
CORRECTABLE = (
    "name",
    "birth_date",
    "gender",
    "identity_number",
    "identity_expiry",
    "residence_expiry",
    "marital_status",
    "education",
    "work_status",
    "phone",
    "email",
    "street",
    "street2",
    "city",
)


class BeneficiaryCorrection(models.Model):
    """A person asks to have data corrected: before, after, and the answer in time."""

    _name = "beneficiary.correction"
    _description = "Correction Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "date_due, id"

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="beneficiary_id.company_id", store=True, index=True, precompute=True
    )
    field_name = fields.Selection(
        selection="_selection_field_name", string="What to Correct", required=True
    )
    value_before = fields.Char(string="Before", readonly=True, copy=False)
    value_after = fields.Char(string="After", required=True)
    explanation = fields.Text()
    requested_on = fields.Date(
        required=True, default=lambda self: fields.Date.context_today(self)
    )
    mandate_id = fields.Many2one(
        comodel_name="beneficiary.mandate",
        string="Asked by Mandate",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id)]",
    )
    date_due = fields.Date(
        string="Answer by", compute="_compute_date_due", store=True, index=True
    )
    state = fields.Selection(
        selection=[
            ("open", "Open"),
            ("applied", "Applied"),
            ("refused", "Refused"),
        ],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    refuse_reason = fields.Char(
        string="Reason of Refusal", help="The person reads these words.", copy=False
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users", string="Answered by", readonly=True, copy=False
    )
    decided_on = fields.Date(string="Answered on", readonly=True, copy=False)

    _reason_given = models.Constraint(
        "CHECK(state <> 'refused' OR refuse_reason IS NOT NULL)",
        "Say why the correction is refused.",
    )

    @api.model
    def _selection_field_name(self):
        files = self.env["beneficiary.beneficiary"]
        return [
            (name, files._fields[name]._description_string(self.env))
            for name in CORRECTABLE
        ]

    @api.depends("requested_on")
    def _compute_date_due(self):
        for correction in self:
            correction.date_due = correction.requested_on and (
                correction.requested_on + timedelta(days=ANSWER_DAYS)
            )

    @api.depends("field_name", "beneficiary_id.file_number")
    def _compute_display_name(self):
        labels = dict(self._selection_field_name())
        for correction in self:
            correction.display_name = " · ".join(
                filter(
                    None,
                    [
                        correction.beneficiary_id.file_number,
                        labels.get(correction.field_name),
                    ],
                )
            )

    @api.constrains("value_after", "field_name")
    def _check_value_after(self):
        for correction in self:
            correction._value_to_store()

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the value there was, and give the answer a deadline."""
        corrections = super().create([self._clean(vals) for vals in vals_list])
        if not self.env.su and any(one.state != "open" for one in corrections):
            self._refuse_typed_state()
        for correction in corrections:
            correction.value_before = correction._current_value()
            user = correction._activity_user()
            correction = user._in_own_language(correction)
            correction.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=correction.date_due,
                summary=correction.env._("Answer the request for correction"),
                user_id=user.id,
            )
        return corrections

    def write(self, vals):
        if not self.env.su and {"state", "decided_by_id", "decided_on"} & set(vals):
            self._refuse_typed_state()
        if {"field_name", "value_after", "beneficiary_id", "requested_on"} & set(vals):
            self._check_open()
        return super().write(self._clean(vals))

    def action_apply(self):
        """Correct the files as the persons asked."""
        self.check_access("write")
        self._require_officer()
        self._check_open()
        for correction in self:
            # As the officer: every rule of the file holds for the new value.
            correction.beneficiary_id.write(
                {correction.field_name: correction._value_to_store()}
            )
        self._decide("applied")

    def action_refuse(self):
        """Refuse the corrections, each for the reason written on it."""
        self.check_access("write")
        self._require_officer()
        self._check_open()
        for correction in self:
            if not correction.refuse_reason:
                raise UserError(
                    self.env._(
                        "%(name)s: write the reason of the refusal first. The person "
                        "reads it.",
                        name=correction.display_name,
                    )
                )
        self._decide("refused")

    def _decide(self, state):
        # The state is read-only for everybody; the role was checked by the caller.
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Date.context_today(self),
            }
        )
        self.activity_feedback(["mail.mail_activity_data_todo"])

    def _current_value(self):
        self.ensure_one()
        value = self.beneficiary_id[self.field_name]
        return str(value) if value else ""

    def _value_to_store(self):
        """Return the new value as the field takes it.

        :raise ValidationError: the value does not fit the field
        """
        self.ensure_one()
        field = self.beneficiary_id._fields[self.field_name]
        value = self.value_after
        try:
            if field.type == "date":
                return fields.Date.to_date(value)
            if field.type == "selection":
                labels = {
                    label.lower(): key
                    for key, label in field._description_selection(self.env)
                }
                keys = {key: key for key in labels.values()}
                return (labels | keys)[value.lower()]
        except (ValueError, KeyError):
            raise ValidationError(
                self.env._(
                    "“%(value)s” does not fit %(field)s. Write a day as 2001-12-31, "
                    "or one of the choices of the file.",
                    value=value,
                    field=field._description_string(self.env),
                )
            ) from None
        return value

    def _clean(self, vals):
        vals = dict(vals)
        try:
            for name in ("value_after", "refuse_reason"):
                if vals.get(name):
                    vals[name] = clean_text(vals[name], VALUE_MAX_LENGTH)
        except ValueError:
            raise ValidationError(
                self.env._(
                    "Write at most %(count)s characters.", count=VALUE_MAX_LENGTH
                )
            ) from None
        return vals

    def _check_open(self):
        for correction in self:
            if correction.state != "open":
                raise UserError(
                    self.env._(
                        "%(name)s has been answered already. Enter a new request.",
                        name=correction.display_name,
                    )
                )

    def _refuse_typed_state(self):
        raise UserError(self.env._("Use the buttons to answer a correction request."))

    def _require_officer(self):
        self.env["beneficiary.beneficiary"]._require_group(
            "group_relations_officer", "group_privacy_officer"
        )
