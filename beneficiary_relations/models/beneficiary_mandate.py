import base64
import binascii

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..exceptions import PortalError
from ..tools.anonymise import is_anonymising
from ..tools.files import check_upload
from ..tools.text import clean_text

DEFAULT_MAJORITY_AGE = 18
ENDED_PER_SLICE = 500
SCOPES = ("view", "apply", "sign", "receive")


class BeneficiaryMandate(models.Model):
    """Somebody acts for a person: what he may do, on what paper, until when.

    A guardian's mandate over a child ends by itself on the day before the child
    reaches the age set in the policy. While it is active the holder's portal user
    reaches the file; every act is logged under both names.

    ======================  ==================================================
    prepare, change drafts  relations officer, branch representative
    activate, end           relations officer
    read                    every reader; representatives of the branch
    portal user             never the record, only what the mandate opens
    ======================  ==================================================
    """

    _name = "beneficiary.mandate"
    _description = "Mandate to Act for a Person"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "beneficiary_id, date_start desc, id desc"

    # What an active or ended mandate says, nobody rewrites.
    _frozen_fields = frozenset(
        {
            "beneficiary_id",
            "holder_id",
            "kind",
            "date_start",
            "can_view",
            "can_apply",
            "can_sign",
            "can_receive",
            "proof",
        }
    )

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
    beneficiary_partner_id = fields.Many2one(
        related="beneficiary_id.partner_id",
        store=True,
        precompute=True,
        index=True,
        string="Person's Contact",
    )
    holder_id = fields.Many2one(
        comodel_name="res.partner",
        string="Acts for the Person",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    holder_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Login of the Holder",
        compute="_compute_holder_user_id",
        compute_sudo=True,
    )
    kind = fields.Selection(
        selection=[
            ("guardian", "Guardian"),
            ("agent", "Agent"),
            ("branch_representative", "Branch representative"),
        ],
        required=True,
        default="guardian",
        tracking=True,
    )
    can_view = fields.Boolean(string="View the File", default=True)
    can_apply = fields.Boolean(string="Apply and Hand in", default=True)
    can_sign = fields.Boolean(string="Sign", default=False)
    can_receive = fields.Boolean(string="Receive Aid", default=False)
    document_id = fields.Many2one(
        comodel_name="beneficiary.document",
        string="Paper in the Wallet",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('beneficiary_id', '=', beneficiary_id)]",
        help="The court deed, power of attorney or family card that proves it.",
    )
    proof = fields.Binary(attachment=True, copy=False)
    proof_filename = fields.Char(copy=False)
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        tracking=True,
    )
    date_end = fields.Date(string="Until", tracking=True)
    ends_at_majority = fields.Boolean(
        string="Ends at Majority",
        compute="_compute_ends_at_majority",
        store=True,
        readonly=False,
        help="The mandate ends by itself when the child reaches the age set in the "
        "policy. Untick it for a guardian whom a court appointed over an adult.",
    )
    last_day = fields.Date(
        compute="_compute_last_day",
        store=True,
        help="The earlier of the end date and the day before majority.",
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("active", "Active"), ("ended", "Ended")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    activated_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    ended_on = fields.Date(readonly=True, copy=False)
    end_reason = fields.Char(readonly=True, copy=False)
    note = fields.Text()

    # Both orders of the same two people give one key: parallel transactions cannot
    # make A act for B and B for A.
    _pair_uniq = models.UniqueIndex(
        "(company_id, LEAST(holder_id, beneficiary_partner_id),"
        " GREATEST(holder_id, beneficiary_partner_id)) WHERE state = 'active'",
        "There is an active mandate between these two people already. End it first.",
    )
    _not_oneself = models.Constraint(
        "CHECK(holder_id <> beneficiary_partner_id)",
        "A person acts for himself without a mandate. Choose another holder.",
    )
    _dates = models.Constraint(
        "CHECK(date_end IS NULL OR date_start <= date_end)",
        "A mandate ends after it starts. Correct one of the dates.",
    )
    _some_scope = models.Constraint(
        "CHECK(can_view OR can_apply OR can_sign OR can_receive)",
        "Tick at least one thing the holder may do.",
    )
    _due_idx = models.Index("(last_day) WHERE state = 'active'")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("holder_id", "kind")
    def _compute_holder_user_id(self):
        users = self.env["res.users"].search(
            [("partner_id", "in", self.holder_id.ids)], order="share, id"
        )
        by_partner = {user.partner_id: user for user in users}
        for mandate in self:
            mandate.holder_user_id = by_partner.get(mandate.holder_id)

    @api.depends("kind", "beneficiary_id")
    def _compute_ends_at_majority(self):
        today = fields.Date.context_today(self)
        for mandate in self:
            majority = mandate._majority_date()
            mandate.ends_at_majority = mandate.kind == "guardian" and (
                not majority or majority > today
            )

    @api.depends(
        "date_end", "ends_at_majority", "beneficiary_id.birth_date", "company_id"
    )
    def _compute_last_day(self):
        for mandate in self:
            majority = mandate.ends_at_majority and mandate._majority_date()
            days = [mandate.date_end, majority and majority - relativedelta(days=1)]
            mandate.last_day = min(filter(None, days), default=False)

    @api.depends("holder_id.name", "beneficiary_id.file_number")
    def _compute_display_name(self):
        for mandate in self:
            mandate.display_name = self.env._(
                "%(holder)s for %(person)s",
                holder=mandate.holder_id.name or "",
                person=mandate.beneficiary_id.display_name or "",
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("holder_id", "beneficiary_id", "state")
    def _check_not_circular(self):
        """Refuse a chain of mandates that comes back to where it began."""
        for mandate in self.filtered(lambda one: one.state != "ended"):
            reached = seen = mandate.holder_id
            while reached:
                if mandate.beneficiary_id.partner_id in reached:
                    raise ValidationError(
                        self.env._(
                            "%(mandate)s: the holder is himself represented by this "
                            "person. Mandates must not go round in a circle: end the "
                            "other one, or choose another holder.",
                            mandate=mandate.display_name,
                        )
                    )
                reached = (
                    self.search(
                        [
                            ("beneficiary_partner_id", "in", reached.ids),
                            ("state", "!=", "ended"),
                        ]
                    ).holder_id
                    - seen
                )
                seen |= reached

    @api.constrains("kind", "holder_id", "beneficiary_id")
    def _check_representative(self):
        """A branch representative is a colleague of the file's branch."""
        for mandate in self:
            if mandate.kind != "branch_representative":
                continue
            branch_users = mandate.beneficiary_id.branch_id.user_ids
            if mandate.holder_id not in branch_users.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(holder)s does not represent the branch of %(person)s. Add "
                        "him to the branch, or choose another kind of mandate.",
                        holder=mandate.holder_id.name,
                        person=mandate.beneficiary_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("state", "draft") != "draft" and not self.env.su:
                self._refuse_typed_state()
        mandates = super().create([self._checked(vals) for vals in vals_list])
        if not self.env.su and any(mandate.state != "draft" for mandate in mandates):
            self._refuse_typed_state()
        return mandates

    def write(self, vals):
        if "state" in vals and not self.env.su:
            self._refuse_typed_state()
        anonymising = is_anonymising(self.env)
        if self._frozen_fields.intersection(vals) and not anonymising:
            for mandate in self:
                if mandate.state != "draft":
                    raise UserError(
                        self.env._(
                            "The mandate %(name)s is no draft any more and keeps what "
                            "it says. End it and write a new one.",
                            name=mandate.display_name,
                        )
                    )
        result = super().write(self._checked(vals))
        if {"date_end", "ends_at_majority"}.intersection(vals):
            self._sync_portal_access()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for mandate in self:
            if mandate.state != "draft":
                raise UserError(
                    self.env._(
                        "The mandate %(name)s has been used and is kept. End it "
                        "instead.",
                        name=mandate.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_activate(self):
        """Let the mandates take effect, and open the files to their holders."""
        self.check_access("write")
        self._require_officer()
        for mandate in self:
            mandate._check_can_activate()
        self._activate()

    def action_end(self):
        """End the mandates today, and close the files to their holders."""
        self.check_access("write")
        self._require_officer()
        self._end(self.env._("Ended by %(user)s", user=self.env.user.name))

    def action_grant_portal(self):
        """Give the holders a portal login, and open the files to it."""
        self.check_access("write")
        self._require_officer()
        for mandate in self:
            mandate._grant_holder_portal()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    @api.model
    def _acting_for(self, beneficiary, user=None):
        """Return the mandate under which a user acts for a person.

        :param beneficiary: the file of the person
        :param user: ``res.users``, the current user by default
        :return: one active mandate as superuser (portal users do not read mandates;
            only the user's own is asked), empty for whoever acts for himself
        """
        return self._held_mandates(beneficiary, user)[:1]

    @api.model
    def _held_mandates(self, beneficiaries, user=None):
        """Return all active mandates of a user over some persons, as superuser."""
        user = user or self.env.user
        today = fields.Date.context_today(self)
        return self.sudo().search(
            Domain("beneficiary_id", "in", beneficiaries.ids)
            & Domain("holder_id", "=", user.sudo().partner_id.id)
            & Domain("state", "=", "active")
            & Domain("date_start", "<=", today)
            & (Domain("last_day", "=", False) | Domain("last_day", ">=", today)),
        )

    @api.model
    def _require_scope(self, beneficiary, scope):
        """Refuse a holder what his mandate does not name.

        The person himself needs no mandate, and access given without one (before
        mandates were recorded) keeps what it opens.

        :param str scope: ``view``, ``apply``, ``sign`` or ``receive``
        :return: the mandate, see :meth:`_acting_for`
        :raise PortalError: in plain words, with the remedy
        """
        mandates = self._require_scopes(beneficiary, scope)
        return mandates.get(beneficiary.id, self.sudo().browse())

    @api.model
    def _require_scopes(self, beneficiaries, scope):
        """Ask for a scope over many persons in one query, see :meth:`_require_scope`.

        :return: ``{id of the file: mandate}``, only of those one acts for
        """
        mandates = self._held_mandates(beneficiaries)
        for mandate in mandates:
            if not mandate[f"can_{scope}"]:
                raise PortalError(
                    self.env._(
                        "Your mandate for %(name)s does not cover this. Bring us a "
                        "paper that does, or ask the person to do it.",
                        name=mandate.beneficiary_id.name,
                    )
                )
        return {mandate.beneficiary_id.id: mandate for mandate in mandates}

    def _check_covers(self, beneficiary, scope, day):
        """Refuse a mandate for somebody else, for another act or another time.

        :raise ValidationError: naming the mandate and the remedy
        """
        self.ensure_one()
        covers = (
            self.beneficiary_id == beneficiary
            and self.state != "draft"
            and self[f"can_{scope}"]
            and self.date_start <= day
            and (not self.last_day or day <= self.last_day)
            and (not self.ended_on or day <= self.ended_on)
        )
        if not covers:
            raise ValidationError(
                self.env._(
                    "The mandate %(name)s does not cover this act on %(day)s. Choose "
                    "an active one for this person whose scope covers it.",
                    name=self.display_name,
                    day=day,
                )
            )

    def _log_act(self, text, record=None):
        """Write an act under both names, on the mandate and where it was done.

        :param str text: what was done, such as "handed in a paper"
        :param record: record with a chatter the act was done on
        """
        self.ensure_one()
        body = self.env._(
            "%(holder)s for %(person)s: %(act)s",
            holder=self.holder_id.name,
            person=self.beneficiary_id.name,
            act=text,
        )
        # The holder writes no chatter himself: the line is the system's, about an
        # act that was checked, and nobody is subscribed or told by it.
        for thread in filter(None, (self, record)):
            thread.sudo().with_context(
                mail_create_nosubscribe=True, mail_post_autofollow_author_skip=True
            ).message_post(body=body, author_id=self.env.ref("base.partner_root").id)

    @api.model
    def _cron_end(self):
        """End what has run out, day by day."""
        today = fields.Date.context_today(self)
        self.search([("state", "=", "active")])._sync_portal_access()
        domain = [("state", "=", "active"), ("last_day", "<", today)]
        reason = self.env._("Ended by itself on its last day")
        self.env["ir.cron"]._in_slices(
            self, domain, "_end", reason, size=ENDED_PER_SLICE
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _activate(self):
        """Make drafts active; what is active already stays as it is."""
        drafts = self.filtered(lambda mandate: mandate.state == "draft")
        # The state is read-only for everybody; the role was checked by the caller.
        drafts.sudo().write({"state": "active", "activated_by_id": self.env.uid})
        # A parallel opposite mandate must hit the index before access is given.
        drafts.flush_recordset()
        drafts._sync_portal_access()

    def _end(self, reason):
        """End drafts and active mandates; ended ones stay as they are."""
        running = self.filtered(lambda mandate: mandate.state != "ended")
        running.sudo().write(
            {
                "state": "ended",
                "ended_on": fields.Date.context_today(self),
                "end_reason": reason,
            }
        )
        running._sync_portal_access()

    def _sync_portal_access(self):
        """Make the portal access of the holders what the mandates say."""
        # Access follows the mandate, whoever prepares or ends it.
        Access = self.env["beneficiary.portal.access"].sudo()
        links = {
            (link.user_id, link.beneficiary_id): link
            for link in Access.search(
                [
                    ("beneficiary_id", "in", self.beneficiary_id.ids),
                    ("user_id", "in", self.holder_user_id.ids),
                    ("kind", "=", "mandate"),
                ]
            )
        }
        today = fields.Date.context_today(self)
        for mandate in self.sudo():
            user = mandate.holder_user_id
            link = links.get((user, mandate.beneficiary_id))
            opens = (
                mandate.state == "active"
                and mandate.date_start <= today
                and mandate.can_view
                and user.share
            )
            if opens and (not link or link.date_end != mandate.last_day):
                user.company_ids |= mandate.company_id
                Access._link(user, mandate.beneficiary_id, "mandate", mandate.last_day)
            elif link and not opens:
                link.unlink()

    def _grant_holder_portal(self):
        self.ensure_one()
        if self.kind == "branch_representative":
            raise UserError(
                self.env._(
                    "%(name)s works for the association and logs in as a colleague.",
                    name=self.holder_id.name,
                )
            )
        self.env["beneficiary.portal.access"]._portal_user(
            self.holder_id, self.company_id
        )
        self.invalidate_recordset(["holder_user_id"])
        self._sync_portal_access()

    def _check_can_activate(self):
        """Refuse a mandate without a paper, or one that has run out already.

        :raise UserError: naming the mandate and the remedy
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.state == "ended":
            raise UserError(
                self.env._(
                    "The mandate %(name)s has ended. Write a new one.",
                    name=self.display_name,
                )
            )
        if not self.proof and not self.document_id:
            raise UserError(
                self.env._(
                    "The mandate %(name)s has no proof. Add the court deed, power of "
                    "attorney or family card first.",
                    name=self.display_name,
                )
            )
        if self.ends_at_majority and not self.beneficiary_id.birth_date:
            raise UserError(
                self.env._(
                    "%(name)s: enter the birth date of the child first, so that the "
                    "mandate can end at majority.",
                    name=self.display_name,
                )
            )
        if self.last_day and self.last_day < today:
            raise UserError(
                self.env._(
                    "The mandate %(name)s has run out on %(day)s. Correct its dates, "
                    "or let the person act for himself.",
                    name=self.display_name,
                    day=self.last_day,
                )
            )

    def _cut_proof(self):
        """Delete the papers of mandates over a person whose data are destroyed."""
        self.write({"proof": False, "proof_filename": False, "document_id": False})

    def _majority_date(self):
        """Return the day the person comes of age, ``False`` without birth date."""
        self.ensure_one()
        born = self.beneficiary_id.birth_date
        if not born:
            return False
        return born + relativedelta(years=self.beneficiary_id._majority_age())

    def _checked(self, vals):
        """Return values with the proof's type told by its content."""
        if not vals.get("proof"):
            return vals
        name = clean_text(vals.get("proof_filename") or "proof")[-120:]
        try:
            check_upload(base64.b64decode(vals["proof"]), name)
        except (ValueError, binascii.Error) as error:
            message = self.env["beneficiary.document.page"]._upload_message(
                str(error), name
            )
            raise ValidationError(message) from None
        return dict(vals, proof_filename=name)

    def _refuse_typed_state(self):
        raise UserError(
            self.env._("Use the buttons of a mandate to activate or to end it.")
        )

    def _require_officer(self):
        self.env["beneficiary.beneficiary"]._require_group("group_relations_officer")
