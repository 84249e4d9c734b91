from odoo import api, models

# More messages than this nobody reads, and no screen shows them.
MAX_MESSAGES = 200
# The first row of a spreadsheet holds the headers.
FIRST_ROW = 2


class BeneficiaryImportMixin(models.AbstractModel):
    """Importing a spreadsheet in one go: all its rows, or none.

    Every row is looked at before the first is stored, so that all faults are told at
    once, by row and in plain words. Names of linked records are looked up once for
    each name and not once for each row.
    """

    _name = "beneficiary.import.mixin"
    _description = "Import in One Go"

    # File in static/import of an addon, offered for download on the import screen.
    _import_template = None
    _import_addon = "beneficiary_relations"
    # What an empty cell of a required column means.
    _import_blanks = {}

    @api.model
    def get_import_templates(self):
        """Offer the template with examples on the import screen."""
        if not self._import_template:
            return super().get_import_templates()
        return [
            {
                "label": self.env._("Template with examples"),
                "template": f"/{self._import_addon}/static/import/"
                f"{self._import_template}",
            }
        ]

    @api.model
    def load(self, fields, data):
        """Check every row, then store all of them or none."""
        fields = list(fields)
        data = [list(row) for row in data]
        for position, name in enumerate(fields):
            if name in self._import_blanks:
                for row in data:
                    row[position] = row[position] or self._import_blanks[name]
        known = {}
        messages = self._import_resolve_names(fields, data, known)
        messages += self._import_faults(self._import_rows(fields, data))
        if any(message["type"] == "error" for message in messages):
            return {
                "ids": False,
                "messages": self._import_shortened(messages),
                "nextrow": 0,
            }
        # Slices of a file would be stored one by one: a fault in a later one would
        # leave the file half loaded.
        whole = self.with_context(
            _import_limit=None,
            beneficiary_import_ids=known,
            # Whoever imports a registry does not follow thousands of files.
            mail_create_nosubscribe=True,
            mail_create_nolog=True,
        )
        result = super(BeneficiaryImportMixin, whole).load(fields, data)
        result["messages"] = messages + result["messages"]
        return result

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    @api.model
    def _import_faults(self, rows):
        """Return the faults of the rows, as messages of ``load``.

        :param list rows: ``[(index, {column: value})]``
        """
        return []

    @api.model
    def _import_match(self, values):
        """Return the records people mean by the texts they wrote.

        :param set values: texts of a column, each once
        :return: ``{text: ids}``; no id, or several, is a fault of the row
        """
        return {
            value: [
                record_id
                for record_id, _name in self.name_search(value, operator="=", limit=2)
            ]
            for value in values
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _import_rows(self, fields, data):
        """Return the rows that begin a record, as dictionaries."""
        own = [
            (position, name)
            for position, name in enumerate(fields)
            if self._import_field_type(name) != "one2many"
        ]
        rows = []
        for index, row in enumerate(data):
            values = {name: row[position] for position, name in own}
            if any(values.values()):
                rows.append((index, values))
        return rows

    @api.model
    def _import_field_type(self, path):
        field = self._fields.get(path.partition("/")[0])
        return field.type if field else None

    @api.model
    def _import_resolve_names(self, fields, data, known):
        """Replace names of linked records by their ids, a name at a time.

        ``fields`` and ``data`` are changed in place.

        :param dict known: gets the ids found of each model, as texts
        :return: a message for each row with a name nobody or several people have
        """
        messages = []
        creatable = self.env.context.get("name_create_enabled_fields") or {}
        for position, name in enumerate(fields):
            if self._import_field_type(name) != "many2one" or "/" in name:
                continue
            if creatable.get(name):
                continue
            values = {
                row[position].strip() for row in data if isinstance(row[position], str)
            } - {""}
            comodel = self.env[self._fields[name].comodel_name]
            matcher = getattr(comodel, "_import_match", None)
            found = (
                matcher(values)
                if matcher
                else BeneficiaryImportMixin._import_match(comodel, values)
            )
            fields[position] = f"{name}/.id"
            known.setdefault(comodel._name, set()).update(
                str(ids[0]) for ids in found.values() if ids
            )
            for index, row in enumerate(data):
                value = (row[position] or "").strip()
                ids = found.get(value, [])
                if value and len(ids) != 1:
                    messages.append(
                        self._import_message(
                            index, name, self._import_name_fault(name, value, ids)
                        )
                    )
                row[position] = str(ids[0]) if ids else ""
        return messages

    @api.model
    def _import_name_fault(self, name, value, ids):
        label = self._fields[name]._description_string(self.env)
        if ids:
            return self.env._(
                "%(column)s: several records are called “%(value)s”. Write the "
                "number instead of the name.",
                column=label,
                value=value,
            )
        return self.env._(
            "%(column)s: there is no “%(value)s”. Correct the spelling, or create it "
            "first.",
            column=label,
            value=value,
        )

    @api.model
    def _import_message(self, index, field, text, kind="error"):
        """Return a message of ``load`` that names the row as the spreadsheet does."""
        return {
            "type": kind,
            "field": field,
            "record": index,
            "rows": {"from": index, "to": index},
            "message": self.env._(
                "Row %(row)s: %(text)s", row=index + FIRST_ROW, text=text
            ),
        }

    @api.model
    def _import_shortened(self, messages):
        messages = sorted(messages, key=lambda message: message["record"])
        if len(messages) <= MAX_MESSAGES:
            return messages
        return [
            *messages[:MAX_MESSAGES],
            {
                "type": "error",
                "message": self.env._(
                    "%(count)s more faults. Correct these first.",
                    count=len(messages) - MAX_MESSAGES,
                ),
            },
        ]
