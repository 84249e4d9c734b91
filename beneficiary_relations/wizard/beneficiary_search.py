from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.text import clean_text, normalise_arabic, normalise_identity

_PERSON_FIELDS = (
    "identity_number",
    "name",
    "phone",
    "iban",
    "birth_date",
    "birth_date_hijri",
    "gender",
    "relationship",
    "family_name",
)
# What a new member has in common with the head.
_SHARED_FIELDS = (
    "area_id",
    "branch_id",
    "building_number",
    "city",
    "country_id",
    "lang",
    "preferred_channel_id",
    "short_address",
    "street",
    "street2",
    "zip",
)
_CHILDREN = ("son", "daughter")
_GENDERS = {"son": "male", "daughter": "female"}
_SPOUSES = {"male": "female", "female": "male"}
# They follow from the relationship of the next member.
_DERIVED_FIELDS = ("gender", "family_name", "relationship")


class BeneficiarySearch(models.TransientModel):
    """Registering starts here: look the person up, then open or register."""

    _name = "beneficiary.search"
    _description = "Register a Person"
    _inherit = ["beneficiary.hijri.mixin"]

    identity_kind = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.beneficiary"]
            ._fields["identity_kind"]
            ._description_selection(self.env)
        ),
        required=True,
        default="citizen",
    )
    identity_number = fields.Char()
    name = fields.Char()
    phone = fields.Char()
    iban = fields.Char(string="IBAN")
    birth_date = fields.Date()
    birth_date_hijri = fields.Char(
        string="Birth Date (Hijri)",
        compute="_compute_birth_date_hijri",
        inverse="_inverse_birth_date_hijri",
    )
    gender = fields.Selection(
        selection=[("male", "Male"), ("female", "Female")],
        compute="_compute_gender",
        store=True,
        readonly=False,
    )
    family_name = fields.Char(
        compute="_compute_family_name",
        store=True,
        readonly=False,
        help="Added after the first name of a child, unless the name ends with it.",
    )
    household_id = fields.Many2one(comodel_name="beneficiary.household")
    is_new_household = fields.Boolean(
        string="Head of a New Household",
        help="Opens the household together with the file of its head.",
    )
    relationship = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.beneficiary"]
            ._fields["relationship"]
            ._description_selection(self.env)
        )
    )
    line_ids = fields.One2many(
        comodel_name="beneficiary.search.line",
        inverse_name="search_id",
        string="Files Found",
        readonly=True,
    )
    searched_for = fields.Char(readonly=True)
    registered_note = fields.Char(readonly=True)
    has_same_number = fields.Boolean(readonly=True)

    @api.depends("birth_date")
    def _compute_birth_date_hijri(self):
        for search in self:
            search.birth_date_hijri = self._hijri_text(search.birth_date)

    @api.onchange("birth_date_hijri")
    def _inverse_birth_date_hijri(self):
        self._set_from_hijri("birth_date_hijri", "birth_date")

    @api.depends("relationship")
    def _compute_gender(self):
        for search in self:
            gender = _GENDERS.get(search.relationship)
            if search.relationship == "spouse":
                gender = _SPOUSES.get(search.household_id.head_id.gender)
            search.gender = gender

    @api.depends("relationship")
    def _compute_family_name(self):
        """Propose the father's name for children; what was typed is kept for more."""
        for search in self:
            head = search.household_id.head_id
            father = head.name if head.gender == "male" else False
            search.family_name = (
                search.family_name or father
                if search.relationship in _CHILDREN
                else False
            )

    @api.depends("name")
    def _compute_display_name(self):
        self.display_name = self.env._("Register a Person")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_search(self):
        """Show the files that may be this person."""
        self.ensure_one()
        self._check_may_register()
        if not any(self[name] for name in _PERSON_FIELDS[:5]):
            raise UserError(
                self.env._(
                    "Type a number, a name, a phone, an IBAN or a birth date first."
                )
            )
        self._search_files()
        return self._reload()

    def action_register(self):
        """Open a file with what was typed, and show it."""
        self.ensure_one()
        self._check_may_register()
        if not self._searched():
            return self._reload()
        file = self._open_file()
        return {
            "type": "ir.actions.act_window",
            "res_model": file._name,
            "res_id": file.id,
            "view_mode": "form",
            # Else the web client takes the id of the search for that of a file.
            "context": {"active_id": False},
        }

    def action_register_next(self):
        """Open a file with what was typed, and go on with the next of the family."""
        self.ensure_one()
        self._check_may_register()
        if not self._searched():
            return self._reload()
        file = self._open_file()
        self.write(
            {name: False for name in _PERSON_FIELDS if name not in _DERIVED_FIELDS}
            | {
                "household_id": file.household_id.id,
                "is_new_household": False,
                "phone": self.phone,
                "relationship": self._next_relationship(file),
                "searched_for": False,
                "line_ids": [Command.clear()],
                "registered_note": file.display_name,
            }
        )
        return self._reload()

    def action_register_documents(self):
        """Open a file with what was typed, and take in the papers of the family.

        With no name typed the family is complete, and the papers come next.
        """
        self.ensure_one()
        self._check_may_register()
        household = self.household_id
        if self.name or not household.member_ids:
            if not self._searched():
                return self._reload()
            file = self._open_file()
            household = file.household_id
            if not household:
                return file.action_capture_documents()
        return household.action_capture_documents()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _searched(self):
        """Tell whether exactly this was searched for; search when it was not.

        :return: ``True`` when the files found were shown, or there are none
        """
        self.name = self._full_name()
        if self.searched_for == self._key():
            shown = True
        else:
            self._search_files()
            shown = not self.line_ids
        if shown and self.has_same_number:
            raise UserError(
                self.env._(
                    "There is a file with this identity number: %(number)s. Open it, "
                    "and reopen it if it is closed.",
                    number=self.line_ids[:1].file_number,
                )
            )
        return shown

    def _search_files(self):
        File = self.env["beneficiary.beneficiary"]
        matches = File._matches(
            {name: self[name] for name in _PERSON_FIELDS[:5]}, self.env.company
        )
        cards = File._cards(self._without_family(matches))
        for card in cards:
            card.pop("title")
        self.write(
            {
                "identity_number": normalise_identity(self.identity_number),
                "has_same_number": any(
                    "number" in reasons for reasons in matches.values()
                ),
                "registered_note": False,
                "line_ids": [Command.clear(), *map(Command.create, cards)],
            }
        )
        self.searched_for = self._key()

    def _open_file(self):
        if not self.name:
            raise UserError(self.env._("Type the person's full name first."))
        vals = {
            name: self[name] or False
            for name in (*_PERSON_FIELDS, "identity_kind")
            if name not in ("birth_date_hijri", "family_name")
        }
        household = self.household_id
        File = self.env["beneficiary.beneficiary"]
        if self.is_new_household:
            household = household.create({})
            vals["relationship"] = "head"
        vals |= self._shared_values(household.head_id)
        vals["household_id"] = household.id
        if not household:
            vals.pop("relationship")
        return File.create(vals)

    def _shared_values(self, head):
        """Return what needs not be typed: the nationality, and what the head has.

        :param head: the file of the head, empty for the head and for single persons
        """
        values = {
            name: value.id if isinstance(value, models.BaseModel) else value
            for name in _SHARED_FIELDS
            if (value := head[name])
        }
        if self.identity_kind == "citizen":
            values["nationality_id"] = self.env.ref("base.sa").id
        elif self.identity_kind == head.identity_kind:
            values["nationality_id"] = head.nationality_id.id
        return values

    def _without_family(self, matches):
        """Leave out members of the household who are surely somebody else.

        They share the phone, the account and the family name; the birth tells them
        apart.

        :param dict matches: see ``beneficiary.beneficiary._matches``
        """
        if not self.household_id:
            return matches
        # Only compared, not shown.
        others_sudo = self.env["beneficiary.beneficiary"].sudo().browse(matches)
        family = others_sudo.filtered(
            lambda other: (
                other.household_id == self.household_id
                and matches[other.id] <= {"phone", "iban", "name"}
                and (
                    "name" not in matches[other.id]
                    or (
                        self.birth_date
                        and other.birth_date
                        and self.birth_date != other.birth_date
                    )
                )
            )
        )
        return {
            file_id: why
            for file_id, why in matches.items()
            if file_id not in family.ids
        }

    def _full_name(self):
        """Return the name with the family name, unless it ends with it already."""
        name, family = clean_text(self.name or ""), clean_text(self.family_name or "")
        if not name or not family or self._last_word(name) == self._last_word(family):
            return name
        return f"{name} {family}"

    @api.model
    def _last_word(self, name):
        return normalise_arabic(name.split()[-1])

    @api.model
    def _next_relationship(self, file):
        """Return who usually comes after a member: the spouse, then the children."""
        if file.relationship == "head" and file.gender != "female":
            return "spouse"
        return file.relationship if file.relationship in _CHILDREN else "son"

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _key(self):
        """Return what the files found belong to; other words need another search."""
        return "|".join(str(self[name] or "") for name in _PERSON_FIELDS[:5])

    def _check_may_register(self):
        self.env["beneficiary.beneficiary"].check_access("create")

    def _reload(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register a Person"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }


class BeneficiarySearchLine(models.TransientModel):
    """A file that may be the person, with what the searching user may know of it."""

    _name = "beneficiary.search.line"
    _description = "File Found"

    search_id = fields.Many2one(
        comodel_name="beneficiary.search",
        required=True,
        index=True,
        ondelete="cascade",
    )
    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary", string="Person"
    )
    file_number = fields.Char()
    name = fields.Char()
    birth_date = fields.Date()
    branch_name = fields.Char(string="Branch")
    state = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.beneficiary"]
            ._fields["state"]
            ._description_selection(self.env)
        )
    )
    why = fields.Char(string="Why It Matches")
    is_foreign = fields.Boolean(string="In Another Branch")
    told_apart = fields.Char(
        string="Is Not",
        help="Files of other persons found here as well: an officer told them apart.",
    )

    def action_open(self):
        """Open the file found."""
        self.ensure_one()
        self.beneficiary_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "beneficiary.beneficiary",
            "res_id": self.beneficiary_id.id,
            "view_mode": "form",
            # Else the web client takes the id of the search for that of a file.
            "context": {"active_id": False},
        }
