import base64
import binascii

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..tools.files import check_upload
from ..tools.text import clean_text, normalise_identity
from .beneficiary_beneficiary_duplicate import ALMOST_SAME_NAME

# With these the person comes or goes, whichever the membership makes of it.
EITHER_WAY = ("marriage", "divorce", "custody")


class BeneficiaryLifeEvent(models.Model):
    """Something happened in a household; recording it makes the dated changes.

    What was recorded is never rewritten or deleted: a counter-event takes it back
    and stays beside it.

    ====================  ====================================================
    prepare, record       relations officer, representative of the branch
    take back             manager
    read                  every reader; representatives of the branch
    ====================  ====================================================
    """

    _name = "beneficiary.life.event"
    _description = "Life Event"
    _inherit = ["beneficiary.hijri.mixin"]
    _check_company_auto = True
    _order = "date desc, id desc"

    # Written by the registry alone.
    _kept_fields = frozenset(
        {"state", "done_by_id", "done_on", "ended_mandates", "line_ids"}
    )

    household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        index=True,
    )
    kind = fields.Selection(
        selection=[
            ("birth", "Birth"),
            ("marriage", "Marriage"),
            ("divorce", "Divorce"),
            ("death", "Death"),
            ("custody", "Change of custody"),
            ("move_in", "Moving in"),
            ("move_out", "Moving out"),
            ("new_head", "New head"),
        ],
        string="What Happened",
        required=True,
        index=True,
    )
    date = fields.Date(
        string="Happened on",
        required=True,
        default=lambda self: fields.Date.context_today(self),
    )
    date_hijri = fields.Char(
        string="Happened on (Hijri)",
        compute="_compute_date_hijri",
        inverse="_inverse_date_hijri",
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        string="Person",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    relationship = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.beneficiary"]
            ._fields["relationship"]
            ._description_selection(self.env)
        ),
        compute="_compute_relationship",
        store=True,
        readonly=False,
        help="What the person is to the head of the household he joins.",
    )
    is_new_household = fields.Boolean(
        string="Heads a New Household",
        help="A household is opened for the person, who becomes its head.",
    )
    to_household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        string="Moves to",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Empty: the person lives with nobody the association knows.",
    )
    new_head_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Who heads the household that the person leaves.",
    )
    new_holder_id = fields.Many2one(
        comodel_name="res.partner",
        string="Acts and Receives from Now on",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Takes over the mandates. They are prepared as drafts, which an officer "
        "activates with their own paper.",
    )

    # A newborn child without a file
    child_name = fields.Char(string="Full Name of the Child")
    child_gender = fields.Selection(selection=[("male", "Male"), ("female", "Female")])
    child_identity_number = fields.Char(string="National ID of the Child")
    child_matches_note = fields.Text(
        string="May Be the Same Child", compute="_compute_child_matches_note"
    )
    is_new_person = fields.Boolean(string="None of Them Is the Child")

    proof = fields.Binary(attachment=True, copy=False)
    proof_filename = fields.Char(copy=False)
    note = fields.Text()

    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("done", "Recorded"),
            ("undone", "Taken Back"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    done_by_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", readonly=True, copy=False
    )
    done_on = fields.Datetime(string="Recorded on", readonly=True, copy=False)
    reverses_id = fields.Many2one(
        comodel_name="beneficiary.life.event",
        string="Takes Back",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    reversed_by_ids = fields.One2many(
        comodel_name="beneficiary.life.event",
        inverse_name="reverses_id",
        string="Taken Back by",
    )
    ended_mandates = fields.Integer(readonly=True, copy=False)
    line_ids = fields.One2many(
        comodel_name="beneficiary.life.event.line",
        inverse_name="event_id",
        string="What Changed",
        readonly=True,
        copy=False,
    )

    # What the screen asks for
    is_joining = fields.Boolean(compute="_compute_needs")
    is_leaving = fields.Boolean(compute="_compute_needs")
    needs_new_head = fields.Boolean(compute="_compute_needs")
    needs_new_holder = fields.Boolean(compute="_compute_needs")
    left_household_id = fields.Many2one(
        comodel_name="beneficiary.household",
        string="Household Left",
        compute="_compute_needs",
    )

    _someone = models.Constraint(
        "CHECK(household_id IS NOT NULL OR beneficiary_id IS NOT NULL)",
        "Choose the household, or the person it happened to.",
    )
    _one_counter = models.UniqueIndex(
        "(reverses_id) WHERE state = 'done'",
        "This life event was taken back already.",
    )
    _household_idx = models.Index("(household_id, date DESC)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("household_id.company_id", "beneficiary_id.company_id")
    def _compute_company_id(self):
        for event in self:
            event.company_id = (
                event.household_id.company_id
                or event.beneficiary_id.company_id
                or self.env.company
            )

    @api.depends("date")
    def _compute_date_hijri(self):
        for event in self:
            event.date_hijri = self._hijri_text(event.date)

    @api.onchange("date_hijri")
    def _inverse_date_hijri(self):
        self._set_from_hijri("date_hijri", "date")

    @api.depends(
        "kind",
        "child_gender",
        "beneficiary_id",
        "household_id",
        "is_new_household",
        "to_household_id",
    )
    def _compute_relationship(self):
        children = {"male": "son", "female": "daughter"}
        for event in self:
            gender = event.beneficiary_id.gender or event.child_gender
            if event.state != "draft":
                event.relationship = event.relationship
            elif event.kind in ("birth", "custody"):
                event.relationship = children.get(gender)
            elif event.kind == "marriage" and event._is_arriving():
                event.relationship = "spouse"
            elif not event._is_arriving() and not event.to_household_id:
                event.relationship = False
            else:
                # Typed by hand, or kept.
                event.relationship = event.relationship

    @api.depends(
        "kind", "beneficiary_id", "household_id", "is_new_household", "to_household_id"
    )
    def _compute_needs(self):
        for event in self:
            left = event._household_left()
            event.left_household_id = left
            event.is_joining = event._is_arriving()
            event.is_leaving = bool(left)
            event.needs_new_head = event._lacks_head()
            event.needs_new_holder = bool(event._mandates_ceded_sudo())

    @api.depends(
        "kind", "date", "beneficiary_id", "child_name", "child_identity_number"
    )
    def _compute_child_matches_note(self):
        for event in self:
            cards = event.env["beneficiary.beneficiary"]._cards(event._child_matches())
            event.child_matches_note = "\n".join(
                f"{card['title']} — {card['why']}" for card in cards
            )

    @api.depends("kind", "date", "household_id.code", "reverses_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for event in self:
            name = self.env._(
                "%(kind)s, %(date)s",
                kind=kinds.get(event.kind, ""),
                date=format_date(self.env, event.date),
            )
            if event.reverses_id:
                name = self.env._("Taken back: %(event)s", event=name)
            event.display_name = name

    # ------------------------------------------------------------------
    # Constraints and changes on the screen
    # ------------------------------------------------------------------

    @api.constrains("date")
    def _check_date(self):
        today = fields.Date.context_today(self)
        for event in self:
            if event.date > today:
                raise ValidationError(
                    self.env._(
                        "The life event of %(date)s lies in the future. Record it when "
                        "it has happened.",
                        date=event.date,
                    )
                )

    @api.onchange("beneficiary_id")
    def _onchange_beneficiary_id(self):
        if not self.household_id:
            self.household_id = self.beneficiary_id.household_id

    @api.onchange("kind")
    def _onchange_kind(self):
        """What another kind of event asked for does not stay behind unseen."""
        if self.kind in ("birth", "move_in", "death", "new_head"):
            self.is_new_household = False
            self.to_household_id = False
        if self.kind != "birth":
            self.child_name = self.child_identity_number = False
            self.child_gender = False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("reverses_id"):
                vals.update(self._counter_values(vals["reverses_id"]))
        events = super().create(vals_list)
        # A state may come from the context as well.
        if not self.env.su and any(
            event.state != "draft" or event.done_by_id or event.line_ids
            for event in events
        ):
            self._refuse_typed()
        return events

    def write(self, vals):
        if not self.env.su:
            if self._kept_fields.intersection(vals) or "reverses_id" in vals:
                self._refuse_typed()
            for event in self:
                if event.state != "draft":
                    raise UserError(
                        self.env._(
                            "The life event %(name)s is recorded and stays as it is. "
                            "Take it back with a counter-event instead.",
                            name=event.display_name,
                        )
                    )
        return super().write(self._clean(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for event in self:
            if event.state != "draft":
                raise UserError(
                    self.env._(
                        "The life event %(name)s is recorded and is kept. Take it back "
                        "with a counter-event instead.",
                        name=event.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_record(self):
        """Make the changes of the events, once.

        :raise UserError: naming what is missing and the remedy
        """
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group(
            "group_relations_officer", "group_branch_representative"
        )
        for event in self:
            event._check_can_record()
            event._record()

    def action_take_back(self):
        """Open the counter-event that takes a recorded event back."""
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group("group_manager")
        self._check_is_recorded()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take a Life Event Back"),
            "res_model": self._name,
            "view_mode": "form",
            "context": {
                "default_reverses_id": self.id,
                "default_kind": self.kind,
                "default_household_id": self.household_id.id,
                "default_beneficiary_id": self.beneficiary_id.id,
            },
        }

    # ------------------------------------------------------------------
    # What the event means
    # ------------------------------------------------------------------

    def _is_arriving(self):
        """Tell whether the person comes to live in the household."""
        self.ensure_one()
        if self.kind in EITHER_WAY:
            return bool(self.beneficiary_id) and (
                self.beneficiary_id.household_id != self.household_id
            )
        return self.kind in ("birth", "move_in")

    def _opens_household(self):
        """Tell whether the person leaves to head a household of his own."""
        self.ensure_one()
        return (
            self.is_new_household
            and self.kind in ("move_out", *EITHER_WAY)
            and not self._is_arriving()
        )

    def _household_left(self):
        """Return the household the person leaves, or an empty one."""
        self.ensure_one()
        if self.kind in (False, "birth", "new_head"):
            return self.env["beneficiary.household"]
        return self.beneficiary_id.household_id

    def _household_joined(self):
        """Return the household the person joins; a new one is not there yet."""
        self.ensure_one()
        if self.kind in ("death", "new_head"):
            return self.env["beneficiary.household"]
        return self.household_id if self._is_arriving() else self.to_household_id

    def _lacks_head(self):
        """Tell whether the event leaves people behind without a head."""
        self.ensure_one()
        left, person = self._household_left(), self.beneficiary_id
        # Members of another branch need a head, too.
        return person.relationship == "head" and bool(left.sudo().member_ids - person)

    def _mandates_ceded_sudo(self):
        """Return the active mandates that need a holder with this event.

        Those of whoever dies, those for the members a person leaves behind, and the
        guardian's over a child whose custody changes.
        """
        self.ensure_one()
        # Asked for everybody concerned, also where the user sees one branch only.
        mandates_sudo = self.env["beneficiary.mandate"].sudo()
        person = self.beneficiary_id
        if not person or self.kind in (False, "birth", "new_head"):
            return mandates_sudo
        domain = [("state", "=", "active")]
        if self.kind == "custody":
            domain += [("beneficiary_id", "=", person.id), ("kind", "=", "guardian")]
        else:
            domain += [("holder_id", "=", person.partner_id.id)]
            if self.kind != "death":
                stay = self._household_left().sudo().member_ids - person
                domain += [("beneficiary_id", "in", stay.ids)]
        return mandates_sudo.search(domain)

    def _child_matches(self):
        """Return the files that may be the newborn child, with the reasons.

        Brothers and sisters have almost the same name, but another birth date.

        :rtype: dict[int, set[str]]
        """
        self.ensure_one()
        if self.kind != "birth" or self.beneficiary_id or self.state != "draft":
            return {}
        File = self.env["beneficiary.beneficiary"]
        matches = File._matches(
            {
                "identity_number": self.child_identity_number,
                "name": self.child_name,
                "birth_date": self.date,
            },
            self.company_id,
            similar_name=ALMOST_SAME_NAME,
        )
        # Only compared, not shown: see _cards for what the user may know.
        same_sudo = (
            File.sudo()
            .browse(matches)
            .filtered(
                lambda file: (
                    "number" in matches[file.id]
                    or not file.birth_date
                    or file.birth_date == self.date
                )
            )
        )
        return {file_id: matches[file_id] for file_id in same_sudo.ids}

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _open_new(self, household, person=None):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record a Life Event"),
            "res_model": self._name,
            "view_mode": "form",
            "context": {
                "default_household_id": household.id,
                "default_beneficiary_id": person.id if person else False,
            },
        }

    def _counter_values(self, event_id):
        """Return what a counter-event shares with the event it takes back."""
        event = self.browse(event_id)
        event.check_access("read")
        return {
            "kind": event.kind,
            "household_id": event.household_id.id,
            "beneficiary_id": event.beneficiary_id.id,
        }

    def _check_is_recorded(self):
        self.ensure_one()
        if self.state != "done" or self.reverses_id:
            raise UserError(
                self.env._(
                    "%(name)s is not in force: only a recorded life event is taken "
                    "back, and only once.",
                    name=self.display_name,
                )
            )

    def _clean(self, vals):
        """Return values with clean words, and the proof's type told by its content."""
        vals = dict(vals)
        if vals.get("child_name"):
            vals["child_name"] = self.env["beneficiary.beneficiary"]._clean_name(
                vals["child_name"]
            )
        if "child_identity_number" in vals:
            vals["child_identity_number"] = (
                normalise_identity(vals["child_identity_number"]) or False
            )
        if vals.get("proof"):
            name = clean_text(vals.get("proof_filename") or "proof")[-120:]
            try:
                check_upload(base64.b64decode(vals["proof"]), name)
            except (ValueError, binascii.Error) as error:
                message = self.env["beneficiary.document.page"]._upload_message(
                    str(error), name
                )
                raise ValidationError(message) from None
            vals["proof_filename"] = name
        return vals

    def _refuse_typed(self):
        raise UserError(
            self.env._("Use the buttons of a life event to record it or take it back.")
        )
