from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools.text import normalise_identity

_PERSON_FIELDS = (
    "identity_number",
    "name",
    "phone",
    "iban",
    "birth_date",
    "birth_date_hijri",
    "gender",
    "relationship",
)


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
    gender = fields.Selection(selection=[("male", "Male"), ("female", "Female")])
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
        }

    def action_register_next(self):
        """Open a file with what was typed, and go on with the next of the family."""
        self.ensure_one()
        self._check_may_register()
        if not self._searched():
            return self._reload()
        file = self._open_file()
        self.write(
            dict.fromkeys(_PERSON_FIELDS, False)
            | {
                "household_id": file.household_id.id,
                "is_new_household": False,
                "phone": self.phone,
                "searched_for": False,
                "line_ids": [Command.clear()],
                "registered_note": file.display_name,
            }
        )
        return self._reload()

    # ------------------------------------------------------------------
    # Business
    # ------------------------------------------------------------------

    def _searched(self):
        """Tell whether exactly this was searched for; search when it was not.

        :return: ``True`` when the files found were shown, or there are none
        """
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
        cards = File._cards(matches)
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
            if name != "birth_date_hijri"
        }
        household = self.household_id
        File = self.env["beneficiary.beneficiary"]
        if self.is_new_household:
            household = household.create({})
            vals["relationship"] = "head"
        vals["household_id"] = household.id
        if not household:
            vals.pop("relationship")
        return File.create(vals)

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
        }
