from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text

from .beneficiary_aid_request_flow import OFFICER, RESEARCHER
from .beneficiary_aid_type_follow_up import FOLLOW_UP_KINDS

DUE = "beneficiary_aid.mail_activity_type_follow_up"
NOTE_MAX_LENGTH = 5000
# When a visit is proposed, on the clock of the association.
VISIT_TIME = time(9)
# Results that say something of the help; the others ask for another attempt.
REACHED = ("received", "ongoing", "not_received")


class BeneficiaryFollowUp(models.Model):
    """One dated contact or visit after help was given (ST-32).

    The plan of the kind of help makes them; others are added by hand. Each ends with
    a result, and the first that says the help was received is proof enough to close
    the request.

    =================  =====================================================
    plan, record       relations officer, social researcher
    read               every reader; representatives of the branch
    delete             nobody; what is not needed is called off
    =================  =====================================================
    """

    _name = "beneficiary.follow.up"
    _description = "Follow-up of a Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "date_planned, id"
    _rec_name = "subject"

    _result_fields = frozenset({"state", "done_on", "done_by_id", "interaction_id"})
    # What was planned or found stays as it is once it is over.
    _free_when_over = frozenset({"message_main_attachment_id", "reminded"})

    request_id = fields.Many2one(
        comodel_name="beneficiary.aid.request",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    beneficiary_id = fields.Many2one(
        related="request_id.beneficiary_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    aid_type_id = fields.Many2one(related="request_id.aid_type_id")
    branch_id = fields.Many2one(related="request_id.branch_id")
    subject = fields.Char(string="What to Ask or See", required=True, size=200)
    kind = fields.Selection(selection=FOLLOW_UP_KINDS, required=True, default="contact")
    date_planned = fields.Date(string="Planned for", required=True, tracking=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
    )
    state = fields.Selection(
        selection=[
            ("planned", "Planned"),
            ("done", "Recorded"),
            ("cancelled", "Called off"),
        ],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    is_late = fields.Boolean(
        string="Late", compute="_compute_is_late", search="_search_is_late"
    )
    result = fields.Selection(
        selection=[
            ("received", "The help was received"),
            ("ongoing", "Still under way"),
            ("not_received", "Not received"),
            ("not_reached", "Nobody was reached"),
        ],
        copy=False,
        tracking=True,
    )
    note = fields.Text(string="What Was Said or Seen", copy=False)
    proof = fields.Binary(attachment=True, copy=False)
    proof_filename = fields.Char(copy=False)
    visit_ids = fields.One2many(
        comodel_name="beneficiary.visit", inverse_name="follow_up_id", string="Visits"
    )
    interaction_id = fields.Many2one(
        comodel_name="beneficiary.interaction",
        string="Logged Contact",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    done_on = fields.Date(string="Recorded on", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", readonly=True, copy=False
    )
    reminded = fields.Boolean(readonly=True, copy=False)

    _done_has_result = models.Constraint(
        "CHECK(state <> 'done' OR result IS NOT NULL)",
        "A follow-up that is recorded has a result. Choose it.",
    )
    _due_idx = models.Index("(company_id, date_planned) WHERE state = 'planned'")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("state", "date_planned")
    def _compute_is_late(self):
        for follow_up in self:
            follow_up.is_late = bool(
                follow_up.state == "planned"
                and follow_up.date_planned
                and follow_up.date_planned < follow_up._today()
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "planned"), ("date_planned", "<", self._today())]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        for vals in vals_list:
            self._check_typed(vals)
        follow_ups = super(
            BeneficiaryFollowUp, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        if not self.env.su:
            follow_ups._check_can_plan()
        return follow_ups.with_env(self.env)

    def write(self, vals):
        if is_anonymising(self.env):
            return super().write(vals)
        vals = self._clean_vals(vals)
        self._check_typed(vals)
        over = self.filtered(lambda one: one.state != "planned")
        if over and set(vals) - self._free_when_over:
            raise UserError(
                self.env._(
                    "The follow-up of %(request)s is over and stays as it was "
                    "recorded. Plan another one.",
                    request=over[0].request_id.display_name,
                )
            )
        result = super().write(vals)
        if "request_id" in vals and not self.env.su:
            self._check_can_plan()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recorded(self):
        for follow_up in self:
            if follow_up.state == "done":
                raise UserError(
                    self.env._(
                        "The follow-up of %(request)s was recorded and is kept.",
                        request=follow_up.request_id.display_name,
                    )
                )

    def _check_typed(self, vals):
        """Refuse results that are typed in."""
        if not self.env.su and self._result_fields.intersection(
            name for name, value in vals.items() if value
        ):
            raise AccessError(
                self.env._("Use the buttons to record a follow-up or to call it off.")
            )

    def _check_can_plan(self):
        for follow_up in self:
            request = follow_up.request_id
            if request.status not in ("approved", "delivery", "follow_up"):
                raise UserError(
                    self.env._(
                        "Request %(name)s is not approved, or is closed: there is no "
                        "help to follow up.",
                        name=request.display_name,
                    )
                )

    @api.model
    def _clean_vals(self, vals):
        vals = dict(vals)
        if vals.get("note"):
            try:
                vals["note"] = clean_text(vals["note"], NOTE_MAX_LENGTH, multiline=True)
            except ValueError:
                raise ValidationError(
                    self.env._(
                        "The text has more than %(count)s characters. Shorten it.",
                        count=NOTE_MAX_LENGTH,
                    )
                ) from None
        if vals.get("proof"):
            self.env["beneficiary.aid.request"]._check_proof(
                vals["proof"], vals.get("proof_filename")
            )
        return vals

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_done(self):
        """Record the result of follow-ups.

        :raise UserError: naming what is missing
        """
        self.check_access("write")
        self.request_id._check_role(OFFICER, RESEARCHER)
        for follow_up in self:
            follow_up._check_can_record()
        contacts = self._record_contacts()
        # The state is not typed in; role and record were checked.
        for follow_up in self.sudo():
            follow_up.write(
                {
                    "state": "done",
                    "done_on": follow_up._today(),
                    "done_by_id": self.env.uid,
                    "interaction_id": contacts.get(follow_up.id, False),
                }
            )
        self.sudo().activity_feedback([DUE])

    def _check_can_record(self):
        self.ensure_one()
        request = self.request_id.display_name
        if self.state != "planned":
            raise UserError(
                self.env._(
                    "The follow-up of %(request)s is recorded or called off already.",
                    request=request,
                )
            )
        if not self.result:
            raise UserError(
                self.env._(
                    "Follow-up of %(request)s: choose the result.", request=request
                )
            )
        if self.result in REACHED and not (self.note or self.proof or self.visit_ids):
            raise UserError(
                self.env._(
                    "Follow-up of %(request)s: write what was said or seen, or add "
                    "the proof.",
                    request=request,
                )
            )
        if self.kind == "proof" and self.result == "received" and not self.proof:
            raise UserError(
                self.env._(
                    "Follow-up of %(request)s: add the proof from whoever gave the "
                    "help.",
                    request=request,
                )
            )
        if (
            self.kind == "visit"
            and self.result in REACHED
            and not self.visit_ids.filtered("is_met")
        ):
            raise UserError(
                self.env._(
                    "Follow-up of %(request)s: record the visit at which the person "
                    "was met first.",
                    request=request,
                )
            )

    def _record_contacts(self):
        """Keep calls and messages among the contacts of the person, too.

        :return: ids of the contacts by id of the follow-up, where the association
            has a type for them
        :rtype: dict
        """
        calls = self.filtered(lambda one: one.kind == "contact")
        found = {}
        for company, own in calls.grouped("company_id").items():
            kind = self.env["beneficiary.interaction.type"].search(
                [
                    ("company_id", "=", company.id),
                    ("kind", "=", "follow_up"),
                    ("confidential", "=", False),
                ],
                limit=1,
            )
            if not kind:
                continue
            labels = dict(self._fields["result"]._description_selection(self.env))
            # Contacts are kept by whoever follows up; the role was checked.
            contacts = (
                self.env["beneficiary.interaction"]
                .sudo()
                .create(
                    [
                        {
                            "type_id": kind.id,
                            "beneficiary_id": one.beneficiary_id.id,
                            "company_id": company.id,
                            "subject": self.env._(
                                "Follow-up of request %(number)s",
                                number=one.request_id.name,
                            ),
                            # What was said stays with the follow-up.
                            "answer": labels[one.result],
                            "user_id": self.env.uid,
                            "state": "closed",
                            "closed_on": one._today(),
                        }
                        for one in own
                    ]
                )
            )
            found.update(zip(own.ids, contacts.ids, strict=True))
        return found

    def action_cancel(self):
        """Call planned follow-ups off."""
        self.check_access("write")
        self.request_id._check_role(OFFICER, RESEARCHER)
        self._call_off()

    def _call_off(self):
        # The state is not typed in; the caller checked the right to it.
        planned = self.sudo().filtered(lambda one: one.state == "planned")
        planned.activity_unlink([DUE])
        planned.write({"state": "cancelled"})

    def action_plan_visit(self):
        """Open the visit of a follow-up, or a new one."""
        self.ensure_one()
        self.check_access("read")
        self.request_id._check_role(OFFICER, RESEARCHER)
        planned = self.visit_ids.filtered(lambda one: one.state == "planned")
        if planned:
            return planned[:1]._get_records_action(name=self.env._("Visit"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Visit"),
            "res_model": "beneficiary.visit",
            "view_mode": "form",
            "context": {
                "default_beneficiary_id": self.beneficiary_id.id,
                "default_follow_up_id": self.id,
                "default_researcher_id": self._visitor().id,
                "default_planned_on": self._visit_start(),
            },
        }

    def _visitor(self):
        """Return who visits: only a researcher can record it."""
        users = (self.user_id, self.request_id.researcher_id, self.env.user)
        able = (user for user in users if user.active and user.has_group(RESEARCHER))
        return next(able, self.env["res.users"])

    def _visit_start(self):
        """Return when the visit is proposed: in the morning, and not on a past day.

        :return: in universal time
        :rtype: datetime
        """
        zone = self.company_id._beneficiary_zone(self.env.user.tz)
        morning = datetime.combine(
            max(self.date_planned, self._today()), VISIT_TIME, ZoneInfo(zone)
        )
        return morning.astimezone(UTC).replace(tzinfo=None)

    def action_open_request(self):
        """Open the request that is followed up."""
        self.ensure_one()
        self.check_access("read")
        return self.request_id._get_records_action(name=self.env._("Request"))

    # ------------------------------------------------------------------
    # Reminding
    # ------------------------------------------------------------------

    @api.model
    def _cron_remind(self):
        """Remind of follow-ups on their day, each once."""
        for company in self.env["res.company"].search([]):
            today = company._beneficiary_day(fields.Datetime.now())
            domain = [
                ("company_id", "=", company.id),
                ("state", "=", "planned"),
                ("reminded", "=", False),
                ("date_planned", "<=", today),
            ]
            if not self.env["ir.cron"]._in_slices(self, domain, "_remind"):
                return

    def _remind(self):
        """Plan an activity for whoever is responsible, else for the manager."""
        for follow_up in self:
            user = follow_up.user_id.filtered(lambda one: one.active)
            user = user or follow_up.request_id._escalation_manager(
                follow_up.company_id
            )
            if user:
                words = user._in_own_language(follow_up)
                words.activity_schedule(
                    DUE, date_deadline=follow_up.date_planned, user_id=user.id
                )
        self.reminded = True

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _today(self):
        company = self[:1].company_id or self.env.company
        return company._beneficiary_day(
            fields.Datetime.now(), fallback=self.env.user.tz
        )
