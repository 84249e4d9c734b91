from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.identity import ISSUED_HERE, check_identity
from ..tools.text import normalise_arabic, normalise_identity

# What a file brings from the years on paper, only an administrator enters.
HISTORY_FIELDS = ("state_changed_on", "file_number")


class BeneficiaryBeneficiary(models.Model):
    """Importing a registry: faults by row, duplicates told, past states kept."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary", "beneficiary.import.mixin"]

    _import_template = "beneficiaries.csv"
    _import_blanks = {"state": "draft", "identity_kind": "citizen"}

    # Typed by administrators only, who bring them from paper; the guard is below.
    file_number = fields.Char(readonly=False)
    state_changed_on = fields.Date(readonly=False)
    registered_on = fields.Date(
        default=lambda self: fields.Date.context_today(self),
        copy=False,
        help="The day the person was registered, also when it was on paper.",
    )

    @api.constrains("registered_on")
    def _check_registered_on(self):
        today = fields.Date.context_today(self)
        for file in self:
            if file.registered_on and file.registered_on > today:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot be registered on a day to come.",
                        name=file.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Open files; those that bring a past are an administrator's work."""
        self._check_history_vals(vals_list)
        files = super().create(vals_list)
        started = files.filtered(lambda file: file.state != "draft")
        started._check_brought_state()
        started._complete_history()
        return files

    def write(self, vals):
        if any(name in vals for name in HISTORY_FIELDS):
            self._check_history_vals([dict.fromkeys(HISTORY_FIELDS, True)])
        return super().write(vals)

    # ------------------------------------------------------------------
    # Going live: states and dates from before
    # ------------------------------------------------------------------

    @api.model
    def _check_history_vals(self, vals_list):
        if any(vals.get(name) for vals in vals_list for name in HISTORY_FIELDS):
            self._require_group("group_administrator")

    def _check_brought_state(self):
        """A file is opened as a draft; only an administrator brings another state.

        :raise UserError: naming the file and what it lacks
        """
        if not self:
            return
        if not self.env.su and not self.env.user.has_group(
            "beneficiary_relations.group_administrator"
        ):
            raise UserError(
                self.env._(
                    "A new file is a draft and is submitted, verified and decided. "
                    "Only an administrator brings files with a state from before, "
                    "by importing them. Remove the state of %(name)s.",
                    name=self[0].display_name,
                )
            )
        for file in self:
            if file.state in ("suspended", "closed") and not file.state_reason_id:
                raise UserError(
                    self.env._(
                        "Say why the file %(name)s is suspended or closed: choose a "
                        "reason.",
                        name=file.display_name,
                    )
                )
            if file.state in ("verification", "active"):
                file._check_ready_for_verification({})

    def _complete_history(self):
        """Give brought files the dates the paper left out."""
        for file in self:
            since = file.state_changed_on or file.registered_on
            vals = {}
            if not file.state_changed_on:
                vals["state_changed_on"] = since
            if file.state == "active" and not file.next_review_date and since:
                vals["next_review_date"] = since + relativedelta(years=1)
            if vals:
                file.write(vals)

    # ------------------------------------------------------------------
    # Rows of a spreadsheet
    # ------------------------------------------------------------------

    @api.model
    def _import_match(self, values):
        """Find persons by file number, identity number or, at last, name."""
        found = {value: [] for value in values}
        keys = {normalise_identity(value): value for value in values}
        files = self.with_context(active_test=False).search_fetch(
            [
                "|",
                ("file_number", "in", list(values)),
                ("identity_number", "in", [key for key in keys if key]),
            ],
            ["file_number", "identity_number"],
        )
        for file in files:
            for value in {file.file_number, keys.get(file.identity_number)}:
                if value in found:
                    found[value].append(file.id)
        unknown = {value for value, ids in found.items() if not ids}
        return found | super()._import_match(unknown)

    @api.model
    def _import_faults(self, rows):
        messages = super()._import_faults(rows)
        if not self.env.su and not self.env.user.has_group(
            "beneficiary_relations.group_administrator"
        ):
            messages += self._import_history_faults(rows)
        keys = []
        for index, values in rows:
            messages += self._import_row_faults(index, values)
            keys.append((index, self._import_identity(values), values))
        messages += self._import_duplicates(keys)
        return messages

    @api.model
    def _import_history_faults(self, rows):
        """Name the first row that brings a state, once for the whole file."""
        for index, values in rows:
            state = values.get("state") or ""
            if state not in ("", *self._import_labels("state", "draft")) or any(
                values.get(name) for name in HISTORY_FIELDS
            ):
                return [
                    self._import_message(
                        index,
                        "state",
                        self.env._(
                            "only an administrator imports states and file numbers "
                            "from before. Remove these columns, or ask an "
                            "administrator."
                        ),
                    )
                ]
        return []

    @api.model
    def _import_row_faults(self, index, values):
        """Return what is wrong with one row, every column in plain words."""
        faults = []
        updates = values.get("id") or values.get(".id")
        if not (values.get("name") or values.get("partner_id/.id") or updates):
            faults.append(
                ("name", self.env._("the name is empty. Write the person's name."))
            )
        company_id = self._import_company_id(values)
        for name, check in (
            ("name", self._clean_name),
            ("email", self._clean_email),
            ("iban", self._clean_iban),
            (
                "phone",
                lambda phone: self._clean_phone(
                    {"phone": phone, "company_id": company_id}
                ),
            ),
        ):
            try:
                if values.get(name):
                    check(values[name])
            except ValidationError as error:
                faults.append((name, error.args[0]))
        _company_id, kind, number, _country = self._import_identity(values)
        fault = number and kind and check_identity(kind, number)
        if fault:
            person = self.new({"identity_kind": kind, "identity_number": number})
            faults.append(("identity_number", person._identity_message(fault)))
        return [self._import_message(index, name, text) for name, text in faults]

    @api.model
    def _import_identity(self, values):
        """Return what makes a person one: association, kind, number, country."""
        kind = values.get("identity_kind") or "citizen"
        for key, _label in self._fields["identity_kind"].selection:
            if kind in self._import_labels("identity_kind", key):
                kind = key
        country = False if kind in ISSUED_HERE else self._import_country_id(values)
        number = normalise_identity(values.get("identity_number") or "")
        return self._import_company_id(values), kind, number, country

    @api.model
    def _import_country_id(self, values):
        if values.get("identity_country_id/.id"):
            return int(values["identity_country_id/.id"])
        xmlid = values.get("identity_country_id/id")
        country = xmlid and self.env.ref(xmlid, raise_if_not_found=False)
        return country.id if country else False

    @api.model
    def _import_company_id(self, values):
        company = values.get("company_id/.id")
        return int(company) if company else self.env.company.id

    @api.model
    def _import_labels(self, field_name, key):
        """Return the ways a value of a selection is written in a spreadsheet."""
        field = self._fields[field_name]
        return {
            key,
            dict(field.selection)[key],
            dict(field._description_selection(self.env))[key],
        }

    # ------------------------------------------------------------------
    # Duplicates
    # ------------------------------------------------------------------

    @api.model
    def _import_duplicates(self, keys):
        """Report persons who stand twice in the file, or in the registry already.

        :param list keys: ``[(index, identity, values)]``
        """
        messages = []
        first_rows, first_names = {}, {}
        for index, identity, values in keys:
            first = first_rows.setdefault(identity, index) if identity[2] else index
            if first != index:
                messages.append(
                    self._import_message(
                        index,
                        "identity_number",
                        self.env._(
                            "this identity number stands in row %(first)s, too. "
                            "Keep one of the two rows.",
                            first=first + 2,
                        ),
                    )
                )
            name = (
                normalise_arabic(values.get("name") or ""),
                values.get("birth_date"),
            )
            same = first_names.setdefault(name, index) if all(name) else index
            if same != index and first == index:
                messages.append(
                    self._import_message(
                        index,
                        "name",
                        self.env._(
                            "the same name and birth date stand in row %(first)s. "
                            "Look whether it is one person.",
                            first=same + 2,
                        ),
                        "warning",
                    )
                )
        return messages + self._import_known(keys)

    @api.model
    def _import_known(self, keys):
        """Report persons who have a file, closed and archived ones included."""
        numbers = {identity[2] for _index, identity, _values in keys} - {""}
        # A file hidden from the user is a duplicate nevertheless: only that there is
        # one is told, its number only to whoever may read it.
        known_sudo = (
            self.sudo()
            .with_context(active_test=False)
            .search_fetch(
                [("identity_number", "in", list(numbers))],
                [
                    "company_id",
                    "file_number",
                    "identity_country_id",
                    "identity_kind",
                    "identity_number",
                ],
            )
        )
        if not known_sudo:
            return []
        files = known_sudo.grouped(
            lambda file: (file.company_id.id, file.identity_kind, file.identity_number)
        )
        updated = self._import_updated_ids(keys)
        readable = known_sudo.sudo(self.env.su)._filtered_access("read")
        messages = []
        for index, identity, _values in keys:
            file = self._import_same_country(
                files.get(identity[:3], known_sudo.browse()), identity[3]
            )
            if not file or updated.get(index) in file.ids:
                continue
            file = file[0]
            number = file.file_number if file.id in readable.ids else ""
            messages.append(
                self._import_message(
                    index,
                    "identity_number",
                    self.env._(
                        "this person has the file %(number)s already. Remove the "
                        "row, and reopen or correct that file.",
                        number=number,
                    )
                    if number
                    else self.env._(
                        "this person has a file already. Remove the row, and ask a "
                        "relations officer for that file."
                    ),
                )
            )
        return messages

    @api.model
    def _import_same_country(self, files, country_id):
        """Return the files whose papers may come from that country.

        A country that is not said, here or there, may be any.
        """
        return files.filtered(
            lambda file: (
                not country_id
                or not file.identity_country_id
                or file.identity_kind in ISSUED_HERE
                or file.identity_country_id.id == country_id
            )
        )

    @api.model
    def _import_updated_ids(self, keys):
        """Return which file a row updates, for rows that name one by an id."""
        module = self.env.context.get("module", "__import__")
        ids, names = {}, {}
        for index, _identity, values in keys:
            if values.get(".id"):
                ids[index] = int(values[".id"])
            elif values.get("id"):
                xmlid = values["id"]
                names[index] = xmlid if "." in xmlid else f"{module}.{xmlid}"
        if names:
            # Ids of earlier imports are read by the import itself in this way, too.
            records = (
                self.env["ir.model.data"]
                .sudo()
                .search_fetch(
                    [
                        ("model", "=", self._name),
                        (
                            "name",
                            "in",
                            [name.partition(".")[2] for name in names.values()],
                        ),
                    ],
                    ["module", "name", "res_id"],
                )
            )
            by_name = {f"{one.module}.{one.name}": one.res_id for one in records}
            ids.update(
                {
                    index: by_name[name]
                    for index, name in names.items()
                    if name in by_name
                }
            )
        return ids
