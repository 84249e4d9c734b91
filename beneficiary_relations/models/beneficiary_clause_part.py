from odoo import api, fields, http, models

from ..tools.references import test_exists


class BeneficiaryClausePart(models.Model):
    """What one addon does for a clause: features, tests, and what is missing.

    Data of the addon whose features it names. A part without features only says
    openly what is missing. The references are looked up when the addon is installed
    or updated; one that is not there is kept in ``broken`` and takes the clause back
    to *not yet carried*.
    """

    _name = "beneficiary.clause.part"
    _description = "Carrier of a Policy Clause"
    _inherit = ["beneficiary.clause.reference.mixin"]
    _order = "id"
    _rec_name = "reference"

    addon = fields.Char(required=True, readonly=True)
    features = fields.Text(
        readonly=True,
        help="Separated by blanks: model, model.field, model:method, /route, or the "
        "external identifier of a record such as a view, action or report.",
    )
    tests = fields.Text(
        readonly=True,
        help="Separated by blanks: addon/tests/test_x.py::Class::test_name",
    )
    gap = fields.Text(
        string="Still Missing",
        translate=True,
        readonly=True,
        help="What the clause asks for and this addon does not do yet.",
    )
    broken = fields.Text(
        string="References Not Found",
        compute="_compute_broken",
        store=True,
        help="Named here, but not in this database or its addons.",
    )
    is_complete = fields.Boolean(compute="_compute_broken", store=True)
    feature_text = fields.Text(
        string="What Carries It",
        compute="_compute_feature_text",
        help="The features by the names that they have on the screen.",
    )

    @api.depends("features", "tests")
    def _compute_broken(self):
        known = self._known_references()
        for part in self:
            features = (part.features or "").split()
            tests = (part.tests or "").split()
            broken = [
                name for name in features if not self._feature_exists(name, known)
            ]
            broken += [name for name in tests if not test_exists(name)]
            part.broken = "\n".join(broken)
            part.is_complete = bool(features and tests and not broken)

    @api.depends("features")
    @api.depends_context("lang")
    def _compute_feature_text(self):
        for part in self:
            part.feature_text = "\n".join(
                self._feature_label(name) for name in (part.features or "").split()
            )

    @api.model
    def _check_references(self, addon):
        """Look the references of an addon up again; its data calls it when loaded.

        :param str addon: the addon; those that build on it are loaded after it, and
            call this themselves
        """
        # The clauses come from a file too and may be newer, so what is meant as well.
        parts = self.search([("addon", "=", addon)])
        parts.modified(["reference", "features", "tests"])
        self.env["beneficiary.clause.evidence"].search([]).modified(["reference"])
        self.env.flush_all()

    def _known_references(self):
        """Return the routes and external identifiers among the features.

        :return: names that are there, asked once for all of ``self``
        :rtype: set[str]
        """
        names = {name for part in self for name in (part.features or "").split()}
        known = set()
        if any(name.startswith("/") for name in names):
            # While an addon is being installed it does not count as installed yet.
            addons = self.env.registry._init_modules.union(self.mapped("addon"))
            rules = http._generate_routing_rules(sorted(addons), False)
            known = {url for url, _endpoint in rules}
        modules = {name.partition(".")[0] for name in names if "." in name}
        # Only whether the records exist; they are not read.
        for data in (
            self.env["ir.model.data"]
            .sudo()
            .search_fetch(
                [
                    ("module", "in", modules),
                    ("name", "in", [name.partition(".")[2] for name in names]),
                ],
                ["module", "name"],
            )
        ):
            known.add(f"{data.module}.{data.name}")
        return known

    @api.model
    def _feature_exists(self, name, known):
        """Tell whether a feature is in this database.

        :param str name: a reference as in ``features``
        :param set known: what ``_known_references`` returned
        """
        if name in known or name in self.env.registry:
            return True
        model, separator, method = name.partition(":")
        if separator:
            return model in self.env.registry and callable(
                getattr(self.env[model], method, None)
            )
        model, _separator, field = name.rpartition(".")
        return model in self.env.registry and field in self.env[model]._fields

    @api.model
    def _feature_label(self, name):
        """Return a feature as people see it: names of the model and the field."""
        model, separator, member = name.rpartition(":" if ":" in name else ".")
        if name in self.env.registry:
            model, separator, member = name, "", ""
        elif model not in self.env.registry:
            return name
        # Names of models are no secret; ordinary users do not read ``ir.model``.
        label = self.env["ir.model"].sudo()._get(model).name
        if separator == ".":
            field = self.env[model].fields_get([member], ["string"]).get(member)
            member = field["string"] if field else member
        return f"{label}: {member}" if member else label
