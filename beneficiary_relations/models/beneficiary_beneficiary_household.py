from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .beneficiary_household_membership import CHANGE, Change

_MEMBERSHIP = frozenset({"household_id", "relationship"})


class BeneficiaryBeneficiary(models.Model):
    """The person's households over time, and what happened in the person's life."""

    _inherit = "beneficiary.beneficiary"

    death_date = fields.Date(
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="Set by recording the death as a life event.",
    )
    household_since = fields.Date(
        string="Member since",
        compute="_compute_household_since",
        inverse="_inverse_household_since",
        groups="base.group_user",
        help="The first day in this household, also when it was on paper.",
    )
    membership_ids = fields.One2many(
        comodel_name="beneficiary.household.membership",
        inverse_name="beneficiary_id",
        string="Households over Time",
        readonly=True,
        groups="base.group_user",
    )
    life_event_ids = fields.One2many(
        comodel_name="beneficiary.life.event",
        inverse_name="beneficiary_id",
        string="Life Events",
        readonly=True,
        groups="base.group_user",
    )

    # ------------------------------------------------------------------
    # Computes and inverses
    # ------------------------------------------------------------------

    @api.depends("household_id", "membership_ids.date_from", "membership_ids.date_to")
    def _compute_household_since(self):
        for file in self:
            file.household_since = file._household_stay()[-1:].date_from

    def _inverse_household_since(self):
        """Correct the first day of whoever was never anywhere else."""
        for file in self:
            rows = file.membership_ids
            if file.household_since == rows[-1:].date_from:
                continue
            if len(rows) != 1 or not file.household_since or not file.household_id:
                raise UserError(
                    self.env._(
                        "%(name)s: the first day in the household can be corrected "
                        "only before it changes. Look at the households over time.",
                        name=file.display_name,
                    )
                )
            file._check_since(file.household_since)
            # The history is read-only for everybody; whoever writes the file may
            # say since when the membership it names exists.
            rows.sudo().date_from = file.household_since

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("death_date", "birth_date")
    def _check_death_date(self):
        today = fields.Date.context_today(self)
        for file in self.filtered("death_date"):
            if file.death_date > today:
                raise ValidationError(
                    self.env._(
                        "The date of death of %(name)s lies in the future. Correct it.",
                        name=file.display_name,
                    )
                )
            if file.birth_date and file.death_date < file.birth_date:
                raise ValidationError(
                    self.env._(
                        "The date of death of %(name)s lies before the birth. Correct "
                        "one of them.",
                        name=file.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Begin the history of members on the day that is typed or imported."""
        vals_list = [dict(vals) for vals in vals_list]
        days = [
            fields.Date.to_date(vals.pop("household_since", False))
            for vals in vals_list
        ]
        for vals in vals_list:
            self._check_death_typed(vals)
        files = super().create(vals_list)
        today = fields.Date.context_today(self)
        if self._life_change():
            self.env["beneficiary.household.membership"]._change(files)
            return files
        begun = {}
        for file, day in zip(files, days, strict=True):
            file._check_since(day)
            begun[file.id] = day or file.registered_on or today
        self.env["beneficiary.household.membership"]._start(files, begun)
        return files

    def write(self, vals):
        """Leave a dated row behind each change of a membership."""
        self._check_death_typed(vals)
        if vals.get("active") is False:
            self._check_not_head_of_others()
        if not _MEMBERSHIP.intersection(vals):
            return super().write(vals)
        vals = dict(vals)
        day = False
        if "household_id" in vals:
            day = fields.Date.to_date(vals.pop("household_since", False))
        before = self._membership_keys()
        result = super().write(vals)
        after = self._membership_keys()
        changed = self.filtered(lambda file: before[file.id] != after[file.id])
        Membership = self.env["beneficiary.household.membership"]
        if day:
            self._check_since(day)
            Membership._check_later(changed, day)
        if changed:
            Membership._change(changed, day)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_head_of_others(self):
        self._check_not_head_of_others()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_record_life_event(self):
        """Open the screen that records what happened in the person's life."""
        self.ensure_one()
        self.check_access("write")
        self._require_group("group_relations_officer", "group_branch_representative")
        return self.env["beneficiary.life.event"]._open_new(
            self.household_id, self.browse(self.id)
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_state_move(self, vals):
        """Nobody works on the file of a person who died."""
        if vals["state"] in ("verification", "active"):
            for file in self.filtered("death_date"):
                raise UserError(
                    self.env._(
                        "The death of %(name)s is recorded. Take that life event back "
                        "first, if it was a mistake.",
                        name=file.display_name,
                    )
                )
        return super()._check_state_move(vals)

    def _household_stay(self):
        """Return the rows of the stay in the household of today, the last one first."""
        self.ensure_one()
        stay = self.membership_ids.browse()
        for row in self.membership_ids:
            if row.date_from == row.date_to:
                # Taken back or corrected on its first day.
                continue
            if row.household_id != self.household_id or (
                row.date_to and row.date_to != stay[-1:].date_from
            ):
                break
            stay |= row
        return stay

    def _membership_keys(self):
        return {file.id: (file.household_id.id, file.relationship) for file in self}

    def _life_change(self):
        """Return the change a life event makes just now, or nothing."""
        change = self.env.context.get(CHANGE)
        return change if isinstance(change, Change) else None

    def _check_death_typed(self, vals):
        """Only a life event says that somebody died, or an import of old files."""
        if "death_date" in vals and not self._life_change():
            self._require_group("group_administrator")

    def _check_since(self, day):
        if day and day > fields.Date.context_today(self):
            raise ValidationError(
                self.env._("Nobody is a member of a household from a day to come.")
            )

    def _check_not_head_of_others(self):
        for file in self.filtered(lambda one: one.relationship == "head"):
            # A member of another branch needs a head, too.
            if file.sudo().household_id.member_ids - self:
                raise UserError(
                    self.env._(
                        "%(name)s heads a household with other members. Record a life "
                        "event that names the new head first.",
                        name=file.display_name,
                    )
                )

    def _anonymise_obstacles(self):
        obstacles = super()._anonymise_obstacles()
        if self.sudo().life_event_ids.filtered(lambda one: one.state == "draft"):
            obstacles.append(self.env._("a life event is not recorded yet"))
        return obstacles

    def _anonymise_file(self):
        result = super()._anonymise_file()
        self.write({"death_date": False})
        return result

    def _person_paths(self):
        """A life event is the person's it happened to, not its new head's."""
        paths = super()._person_paths()
        paths["beneficiary.life.event"] = ["beneficiary_id"]
        return paths

    def _person_copy(self):
        return super()._person_copy() | {
            "beneficiary.household.membership": True,
            "beneficiary.life.event": True,
            "beneficiary.life.event.line": True,
        }
