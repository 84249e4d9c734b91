from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.beneficiary_relations.tools.anonymise import is_anonymising
from odoo.addons.beneficiary_relations.tools.text import clean_text
from odoo.addons.beneficiary_relations.tools.touch import touch

from .beneficiary_aid_stage import ENDED

REASON_MAX_LENGTH = 5000


class BeneficiaryAidRequest(models.Model):
    """A person's request for help, from the counter to the last receipt.

    Who may do what:

    ==================  =========================================================
    role                may
    ==================  =========================================================
    reader, auditor     read
    representative      read and enter those of the own branch
    relations officer   enter, check, refer, tell, deliver, close, cancel
    social researcher   check, study, refer
    committee           read; decisions change the request, members do not
    administrator       delete what was never worked on
    ==================  =========================================================

    Money, decision, window and telling are results (readonly fields): the steps that
    produce them write them, and they are refused as input. The steps are in
    ``beneficiary_aid_request_flow``, what they need in
    ``beneficiary_aid_request_documents``, the reply window in
    ``beneficiary_aid_request_reply``.
    """

    _name = "beneficiary.aid.request"
    _description = "Support Request"
    _inherit = [
        "beneficiary.amounts.mixin",
        "beneficiary.log.mixin",
        "mail.activity.mixin",
        "beneficiary.company.mixin",
        "beneficiary.results.mixin",
    ]
    _check_company_auto = True
    _mail_post_access = "read"
    _order = "urgency desc, date_received desc, id desc"

    # What was asked; it stays as the committee saw it.
    _asked_fields = frozenset(
        {
            "aid_type_id",
            "amount_recommended",
            "amount_requested",
            "beneficiary_id",
            "date_received",
            "reason",
        }
    )

    # Words of people, cleaned on the way in.
    _word_fields = frozenset(
        {
            "close_note",
            "postponed_reason",
            "reason",
            "referral_text",
            "referred_to",
            "reopen_reason",
            "stop_reason",
        }
    )

    @api.model
    def _default_user_id(self):
        """Whoever is there for requests is responsible for those entered."""
        user = self.env.user
        officer = "beneficiary_relations.group_relations_officer"
        return user if not self.env.su and user.has_group(officer) else user.browse()

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    # Stored: each amount of each row asks for it.
    currency_id = fields.Many2one(
        related="company_id.currency_id", store=True, precompute=True
    )

    # Who asks for what
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The household at the time of the request.",
    )
    aid_type_id = fields.Many2one(
        comodel_name="beneficiary.aid.type",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    reason = fields.Text(string="What Is Needed", help="In the person's own words.")
    urgency = fields.Selection(
        selection=[("normal", "Normal"), ("urgent", "Urgent")],
        required=True,
        default="normal",
        tracking=True,
        help="An urgent request comes first in the lists. That its answer does not "
        "wait for the earliest day, a manager approves.",
    )

    # Where it came from
    date_received = fields.Datetime(
        string="Received on",
        required=True,
        default=fields.Datetime.now,
        copy=False,
        tracking=True,
        help="Papers must be valid on this day, and the time to answer runs from it. "
        "Once the request is entered, only an administrator corrects it.",
    )
    channel_id = fields.Many2one(
        comodel_name="beneficiary.channel",
        check_company=True,
        help="How the request reached the association.",
    )
    branch_id = fields.Many2one(
        comodel_name="beneficiary.branch",
        index="btree_not_null",
        check_company=True,
    )
    entered_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Entered by",
        readonly=True,
        copy=False,
        default=lambda self: self.env.user,
    )
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        check_company=True,
        help="The policy in force when the request was received.",
    )

    # Where it stands
    stage_id = fields.Many2one(
        comodel_name="beneficiary.aid.stage",
        required=True,
        index=True,
        copy=False,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        group_expand="_group_expand_stage_id",
    )
    status = fields.Selection(
        related="stage_id.status", store=True, precompute=True, index=True
    )
    is_open = fields.Boolean(compute="_compute_is_open", store=True, precompute=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self._default_user_id(),
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    researcher_id = fields.Many2one(
        comodel_name="res.users",
        index="btree_not_null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    # Amounts
    amount_requested = fields.Monetary(
        string="Requested Amount", required=True, default=0.0
    )
    amount_recommended = fields.Monetary(
        string="Recommended Amount",
        required=True,
        default=0.0,
        copy=False,
        help="What the researcher proposes to the committee.",
    )
    amount_approved = fields.Monetary(
        string="Approved Amount",
        required=True,
        default=0.0,
        readonly=True,
        copy=False,
    )
    fund_id = fields.Many2one(
        comodel_name="beneficiary.fund",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )

    # What it needs
    declaration_ids = fields.One2many(
        comodel_name="beneficiary.declaration", inverse_name="request_id"
    )
    is_declared = fields.Boolean(
        string="Declaration Signed", compute="_compute_is_declared", store=True
    )
    # Study and decision
    assessment_ids = fields.One2many(
        comodel_name="beneficiary.assessment", inverse_name="request_id"
    )
    agenda_item_ids = fields.One2many(
        comodel_name="beneficiary.agenda.item", inverse_name="request_id"
    )
    decision_ids = fields.One2many(
        comodel_name="beneficiary.decision", inverse_name="request_id"
    )
    decision_id = fields.Many2one(
        comodel_name="beneficiary.decision",
        string="Standing Decision",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The decision that stands.",
    )
    is_appeal = fields.Boolean(
        string="Appeal",
        readonly=True,
        copy=False,
        help="Before a committee again, whose members did not decide the first time.",
    )

    # The end
    delivered_on = fields.Date(readonly=True, copy=False)
    outcome = fields.Selection(
        selection=[
            ("served", "Served"),
            ("declined", "Declined"),
            ("withdrawn", "Withdrawn by the person"),
            ("refused", "Aid refused by the person"),
            ("recovered", "Need no longer exists"),
            ("moved", "Moved away"),
            ("died", "Died"),
        ],
        copy=False,
    )
    close_note = fields.Text(copy=False)
    closed_on = fields.Date(readonly=True, copy=False)
    form_key = fields.Char(readonly=True, copy=False, groups="base.group_system")

    _amount_bounds = models.Constraint(
        "CHECK(amount_requested >= 0 AND amount_requested < 1e12"
        " AND amount_recommended >= 0 AND amount_recommended < 1e12"
        " AND amount_approved >= 0 AND amount_approved < 1e12)",
        "The amounts of a request are numbers from zero up. Correct the amount.",
    )
    _name_uniq = models.UniqueIndex(
        "(company_id, name)", "This request number is taken already."
    )
    _form_key_uniq = models.UniqueIndex(
        "(form_key) WHERE form_key IS NOT NULL",
        "This form was sent already.",
    )
    _board_idx = models.Index(
        "(stage_id, urgency DESC, date_received DESC, id DESC) WHERE active IS TRUE"
    )
    _open_idx = models.Index(
        "(company_id, urgency DESC, date_received DESC, id DESC)"
        " WHERE active IS TRUE AND is_open IS TRUE"
    )
    _list_idx = models.Index(
        "(company_id, urgency DESC, date_received DESC, id DESC) WHERE active IS TRUE"
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("status")
    def _compute_is_open(self):
        for request in self:
            request.is_open = request.status not in ENDED

    @api.depends("declaration_ids")
    def _compute_is_declared(self):
        for request in self:
            request.is_declared = bool(request.declaration_ids)

    @api.model
    def _group_expand_stage_id(self, stages, domain):
        """Show the columns of the association the user works in, also empty ones.

        They are those of the policy in force, and those of no policy: a stage may
        belong to policies of the past. One query, names included.
        """
        company = self.env.company
        # Which policy is in force is no secret to whoever works with requests.
        in_force = (
            self.env["beneficiary.policy"]
            .sudo()
            ._search([("company_id", "=", company.id), ("state", "=", "in_force")])
        )
        used = Domain("policy_ids", "=", False) | Domain("policy_ids", "in", in_force)
        own = Domain("company_id", "=", company.id)
        shown = stages.search_fetch(own & used) or stages.search_fetch(own)
        return (stages | shown).sorted(lambda stage: (stage.sequence, stage.id))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("beneficiary_id", "company_id")
    def _check_person(self):
        for request in self:
            if request.beneficiary_id.state == "closed" and request.is_open:
                raise ValidationError(
                    self.env._(
                        "The file of request %(request)s is closed. Reopen the file "
                        "first.",
                        request=request.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create requests with numbers, stage, policy and household of their own.

        Numbers, stages and policies are taken once for a batch.
        """
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        beneficiaries = self.env["beneficiary.beneficiary"].browse(
            {vals["beneficiary_id"] for vals in vals_list if vals.get("beneficiary_id")}
        )
        by_id = {beneficiary.id: beneficiary for beneficiary in beneficiaries}
        by_company = {}
        for vals in vals_list:
            self._check_results(vals)
            beneficiary = by_id.get(vals.get("beneficiary_id"))
            self._complete_vals(vals, beneficiary)
            by_company.setdefault(vals["company_id"], []).append(vals)
        for company_id, rows in by_company.items():
            self._complete_company_vals(
                self.env["res.company"].browse(company_id), rows
            )
        # Nobody becomes a follower by typing a request in.
        requests = super(
            BeneficiaryAidRequest, self.with_context(mail_create_nosubscribe=True)
        ).create(vals_list)
        return requests.with_env(self.env)

    def _complete_vals(self, vals, beneficiary):
        """Take from the file what the request keeps of it."""
        if beneficiary:
            # The file may be of a branch whose household the user does not read.
            file_sudo = beneficiary.sudo()
            vals.setdefault("company_id", file_sudo.company_id.id)
            vals.setdefault("branch_id", file_sudo.branch_id.id)
            vals.setdefault("household_id", file_sudo.household_id.id)
        if not vals.get("company_id"):
            vals["company_id"] = self.env.company.id
        # Known before the row is there, so that it is written once.
        if not vals.get("declaration_ids"):
            vals.setdefault("is_declared", False)
        if not vals.get("disbursement_ids"):
            vals.update(amount_paid=0.0, payment_state="none")
        # A request received today is in time; one with a past is looked at.
        if not vals.keys() & {"date_received", "stage_id", "told_on"}:
            vals.update(window_result=False, reply_days=0)

    def _complete_company_vals(self, company, rows):
        """Give new requests of one association its policy, stage and numbers."""
        policy = self.env["beneficiary.policy"]._in_force(company)
        numbers = self.env["ir.sequence"]._next_numbers(
            "beneficiary.aid.request",
            company,
            sum(1 for vals in rows if not vals.get("name")),
        )
        stage = None
        for vals in rows:
            if not vals.get("policy_id"):
                vals["policy_id"] = policy.id
            if not vals.get("name"):
                vals["name"] = numbers.pop(0)
            if not vals.get("stage_id"):
                vals["stage_id"] = self.env.context.get("default_stage_id")
            if not vals["stage_id"]:
                stage = stage or self.env["beneficiary.aid.stage"]._of_status(
                    "received", company, policy
                )
                vals["stage_id"] = stage.id
        self._check_first_stage({vals["stage_id"] for vals in rows})

    def _check_first_stage(self, stage_ids):
        if self.env.su or self._brings_history():
            return
        for stage in self.env["beneficiary.aid.stage"].browse(stage_ids):
            if stage.status != "received":
                raise UserError(
                    self.env._(
                        "A new request begins at its first stage, not at %(stage)s. "
                        "Enter it there, then move it on.",
                        stage=stage.name,
                    )
                )

    def write(self, vals):
        vals = self._clean_vals(vals)
        self._check_results(vals)
        self._check_asked(vals)
        if "stage_id" not in vals:
            return super().write(vals)
        stage = self.env["beneficiary.aid.stage"].browse(vals["stage_id"])
        entering = self.filtered(lambda request: request.status != stage.status)
        entering._check_move(stage.status, vals)
        res = super().write(vals)
        entering._after_move(stage.status)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_worked_on(self):
        for request in self:
            if request.status not in ("received", "cancelled") or (
                request.declaration_ids
                or request.assessment_ids
                or request.decision_ids
            ):
                raise UserError(
                    self.env._(
                        "Request %(name)s has been worked on and is kept. Cancel it "
                        "instead.",
                        name=request.display_name,
                    )
                )

    def _check_asked(self, vals):
        """Keep what was asked as the committee sees it."""
        if is_anonymising(self.env):
            return
        if vals.keys() & {"company_id"}:
            self._check_company_kept(vals)
        if not self._asked_fields & vals.keys():
            return
        if "date_received" in vals:
            self._check_received_kept(vals["date_received"])
        for request in self:
            changed = [
                name
                for name in self._asked_fields & vals.keys()
                if request._fields[name].convert_to_cache(vals[name], request)
                != request._fields[name].convert_to_cache(request[name], request)
            ]
            if changed and (
                request.status not in ("received", "verification", "study")
                or ("beneficiary_id" in changed and request.is_declared)
            ):
                raise UserError(
                    self.env._(
                        "Request %(name)s is before the committee or decided: what "
                        "was asked stays as it is. Return it to the study first.",
                        name=request.display_name,
                    )
                )

    def _check_received_kept(self, received):
        """Keep the day papers are compared with and the time to answer runs from.

        :raise UserError: for everybody but an administrator, whose change is tracked
        """
        if self.env.su or self._brings_history():
            return
        received = fields.Datetime.to_datetime(received)
        for request in self:
            if request.date_received != received:
                raise UserError(
                    self.env._(
                        "Request %(name)s keeps the day it was received: papers and "
                        "the time to answer are counted from it. Ask an "
                        "administrator to correct a wrong day.",
                        name=request.display_name,
                    )
                )

    def _check_company_kept(self, vals):
        for request in self:
            if vals["company_id"] != request.company_id.id:
                raise UserError(
                    self.env._(
                        "Request %(name)s keeps its association. Enter a new request "
                        "in the other one.",
                        name=request.display_name,
                    )
                )

    def _clean_vals(self, vals):
        vals = dict(vals)
        received = fields.Datetime.to_datetime(vals.get("date_received"))
        if received and received > fields.Datetime.now():
            raise ValidationError(
                self.env._(
                    "A request cannot be received on a day to come. Correct the day."
                )
            )
        for name in self._word_fields & vals.keys():
            if vals[name]:
                try:
                    vals[name] = clean_text(
                        vals[name], REASON_MAX_LENGTH, multiline=True
                    )
                except ValueError:
                    raise ValidationError(
                        self.env._(
                            "The text has more than %(count)s characters. Shorten it.",
                            count=REASON_MAX_LENGTH,
                        )
                    ) from None
        return vals

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _creation_message(self):
        received = self.date_received.date()
        if received == fields.Datetime.now().date():
            return self.env._("Request received")
        return self.env._(
            "Request entered today, received on %(day)s",
            day=format_date(self.env, received),
        )

    def _touch(self):
        """Write the rows of the requests without changing them.

        Votes, decisions, amounts and payments of a request all begin with it; see
        :func:`~odoo.addons.beneficiary_relations.tools.touch.touch`.
        """
        touch(self)

    def _done_assessments(self):
        """Return the finished assessments that recommend something."""
        return self._whole().assessment_ids.filtered(
            lambda assessment: (
                assessment.state == "done"
                and assessment.recommendation != "more_information"
            )
        )
