import base64
import json

from odoo import api, models

OWN_ADDONS = "beneficiary_"
TECHNICAL_FIELDS = frozenset(
    {"id", "create_uid", "write_uid", "create_date", "write_date"}
)
# The contact and the accounts are Odoo's models, and the person's data all the same.
CONTACT_FIELDS = (
    "name",
    "phone",
    "email",
    "street",
    "street2",
    "city",
    "zip",
    "country_id",
    "lang",
)
# Of other people only that there is somebody is told.
PEOPLE = (
    "beneficiary.beneficiary",
    "beneficiary.mandate",
    "res.partner",
    "res.users",
)


class BeneficiaryBeneficiary(models.Model):
    """What the association holds about a person, handed out on request."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    def action_export_person(self):
        """Hand out everything held about one person, and log that it was done."""
        self.ensure_one()
        self.check_access("read")
        # The copy holds sensitive data: whoever makes it has the right to them.
        self._require_group("group_privacy_officer")
        self._require_group("group_sensitive")
        content = self._person_data()
        export = self.env["beneficiary.person.export"].create(
            {
                "beneficiary_id": self.id,
                "data_json": base64.b64encode(self._encoded(content, "json")),
                "data_text": base64.b64encode(self._encoded(content, "text")),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Data of the Person"),
            "res_model": export._name,
            "res_id": export.id,
            "view_mode": "form",
            "target": "new",
        }

    def _person_data(self):
        """Return what our models hold about the person, see :meth:`_person_copy`.

        A model nobody declared is left out: it may hold data of others. Of other
        people, colleagues included, only that there is somebody is told.

        :return: ``{model: [{field: value}]}``
        """
        self.ensure_one()
        self._log_look("export", {"all"}, self.env._("Copy for the person"))
        # The copy is the person's right and leaves nothing out that some colleague
        # may not read; the caller checked the roles.
        person = self.sudo().with_context(active_test=False, bin_size=False)
        data = {
            "res.partner": person._person_rows(person.partner_id, CONTACT_FIELDS),
            "res.partner.bank": person._person_rows(
                person.partner_id.bank_ids, ("acc_number", "acc_holder_name")
            ),
        }
        shown = self._person_copy()
        for model, paths in self._person_paths().items():
            if shown.get(model) is not True:
                continue
            domain = ["|"] * (len(paths) - 1)
            domain += [(path, "=", person.id) for path in paths]
            records = person.env[model].search(domain, order="id")
            if records:
                data[model] = person._person_rows(records)
        messages = person.env["beneficiary.message"].search(
            [("partner_id", "=", person.partner_id.id), ("kind", "!=", "code")]
        )
        if messages:
            data[messages._name] = person._person_rows(messages)
        household = person.household_id
        if household:
            data["beneficiary.household"] = person._person_rows(household)
            if household.head_id == self:
                lines = person._person_rows(household.line_ids)
                data["beneficiary.household.line"] = lines
            else:
                # A household is called after its head, and its money is that of
                # several people.
                data["beneficiary.household"][0]["name"] = household.code
        return data

    @api.model
    def _person_copy(self):
        """Tell which models leading to a person are in the copy.

        Every model of :meth:`_person_paths` is named here by the addon it comes
        from, ``True`` or the reason why it is left out.

        :rtype: dict[str, bool | str]
        """
        return {
            "beneficiary.beneficiary": True,
            "beneficiary.agreement": True,
            "beneficiary.assessment": True,
            "beneficiary.assessment.line": True,
            "beneficiary.branch.transfer": True,
            "beneficiary.consent": True,
            "beneficiary.correction": True,
            "beneficiary.document": True,
            "beneficiary.document.page": True,
            "beneficiary.iban.change": True,
            "beneficiary.interaction": True,
            "beneficiary.mandate": True,
            "beneficiary.merge": True,
            "beneficiary.merge.line": "lists moved records, which are in the copy "
            "themselves, under names that may be those of others",
            "beneficiary.portal.access": True,
            "beneficiary.review": True,
        }

    @api.model
    def _person_copy_hidden(self):
        """Return fields left out of the copy: ``{model: {field: reason}}``."""
        return {
            "beneficiary.mandate": {
                "proof": "the papers of whoever acts for the person",
                "proof_filename": "the papers of whoever acts for the person",
                "end_reason": "names a colleague",
            },
        }

    def _person_hidden_in(self, record):
        """Return the names of fields of one record that are not in the copy."""
        return set(self._person_copy_hidden().get(record._name, ()))

    @api.model
    def _person_paths(self):
        """Return how our models lead to a person: ``{model: [path of fields]}``.

        A model leads to a person by a link of its own, or by a required link to a
        model that does; :meth:`_person_links` names those that may be empty.
        """
        own = [
            self.env[name]
            for name in sorted(self.env.registry)
            if self._is_own_model(self.env[name])
        ]
        paths = {"beneficiary.beneficiary": ["id"]}
        for model in own:
            links = [
                name
                for name, field in model._fields.items()
                if field.type == "many2one"
                and field.store
                and field.comodel_name == "beneficiary.beneficiary"
            ]
            # A file is the person's by itself, not by pointing to another file.
            if links and model._name not in ("beneficiary.household", self._name):
                paths[model._name] = links
        grown = True
        while grown:
            grown = False
            for model in own:
                if model._name in paths or model._name == "beneficiary.household":
                    continue
                for name, field in model._fields.items():
                    if (
                        field.type == "many2one"
                        and field.store
                        and (field.required or name in self._person_links(model))
                        and field.comodel_name in paths
                        and field.comodel_name != "beneficiary.beneficiary"
                    ):
                        paths[model._name] = [
                            f"{name}.{path}" for path in paths[field.comodel_name]
                        ]
                        grown = True
                        break
        return paths

    @api.model
    def _person_links(self, model):
        """Return links of a model that lead to a person although they may be empty."""
        return ()

    @api.model
    def _is_own_model(self, model):
        return (
            model._original_module.startswith(OWN_ADDONS)
            and not model._abstract
            and not model._transient
            and model._auto
        )

    def _person_rows(self, records, names=None):
        """Return the stored fields of records as plain values."""
        rows = []
        for record in records:
            row = {}
            hidden = self._person_hidden_in(record)
            for name, field in record._fields.items():
                if (names and name not in names) or name in hidden:
                    continue
                if not field.store or field.inherited or name in TECHNICAL_FIELDS:
                    continue
                if field.type in ("one2many", "many2many", "many2one_reference"):
                    continue
                row[name] = self._person_value(record, field)
            rows.append(row)
        return rows

    def _person_value(self, record, field):
        value = record[field.name]
        if field.type == "many2one":
            if value._name in PEOPLE:
                mine = value in (self, self.partner_id, *self.partner_id.user_ids)
                return value.display_name if mine or not value else "—"
            if value._name == "beneficiary.household":
                return value.code or None
            return value.display_name or None
        if field.type == "binary":
            return value.decode() if value else None
        if field.type in ("date", "datetime"):
            return field.to_string(value) or None
        if field.type == "boolean":
            return bool(value)
        return value if value or value == 0 and value is not False else None

    @api.model
    def _encoded(self, data, kind):
        """Return the copy as a file: for machines, or as a list to read."""
        if kind == "json":
            text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
        else:
            text = self._as_list(data)
        return text.encode()

    @api.model
    def _as_list(self, data):
        lines = []
        for model, rows in data.items():
            Model = self.env[model]
            name = self.env["ir.model"]._get(model).name
            lines += ["", f"== {name} =="]
            for row in rows:
                lines.append("")
                for name, value in row.items():
                    field = Model._fields[name]
                    if value is None or value is False:
                        continue
                    if field.type == "binary":
                        value = self.env._("(a file, in the other copy)")
                    elif field.type == "selection":
                        value = dict(field._description_selection(self.env)).get(
                            value, value
                        )
                    lines.append(f"{field._description_string(self.env)}: {value}")
        return "\n".join(lines).strip() + "\n"
