import ast

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_list


class BeneficiaryCriterion(models.Model):
    """One condition of entitlement, and how it is answered.

    Automatic conditions are a domain on the file, asked of the database for one
    person or for the whole registry in one query. Manual ones are questions a
    researcher answers.
    """

    _name = "beneficiary.criterion"
    _description = "Eligibility Condition"
    _inherit = ["beneficiary.policy.part.mixin"]
    _check_company_auto = True
    _order = "policy_id, sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="In words a beneficiary understands.",
    )
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    category_ids = fields.Many2many(
        comodel_name="beneficiary.category",
        string="Only for Categories",
        check_company=True,
    )
    kind = fields.Selection(
        selection=[("automatic", "Automatic"), ("manual", "Answered by a person")],
        required=True,
        default="manual",
    )
    domain = fields.Char(
        default="[]", help="Files that meet the condition, as a search on files."
    )
    value_field = fields.Char(
        string="Value Seen",
        help="Field of the file whose value explains the result, such as "
        "per_capita_income or area_id.name.",
    )
    question = fields.Char(translate=True)
    mandatory = fields.Boolean(default=True)
    weight = fields.Integer(
        string="Points",
        default=1,
        help="Points for the need score of whoever meets a condition that is scored.",
    )
    clause = fields.Char(help="The clause of the policy it comes from.")
    to_confirm = fields.Boolean(
        help="A proposal that the association has not confirmed yet."
    )
    sequence = fields.Integer(default=10)
    template_code = fields.Char(readonly=True)
    active = fields.Boolean(default=True)

    @api.constrains("kind", "domain", "value_field")
    def _check_domain(self):
        for criterion in self.filtered(lambda one: one.kind == "automatic"):
            try:
                criterion._parsed_domain().validate(self.env["beneficiary.beneficiary"])
                if criterion.value_field:
                    self.env["beneficiary.beneficiary"].browse().mapped(
                        criterion.value_field
                    )
                # What reads well may still have no search in SQL.
                self._files()._search(
                    criterion._parsed_domain() & criterion._known_domain()
                )
            except (
                ValueError,
                SyntaxError,
                KeyError,
                TypeError,
                NotImplementedError,
            ) as error:
                raise ValidationError(
                    self.env._(
                        "The condition %(name)s cannot be searched for: %(error)s",
                        name=criterion.name,
                        error=error,
                    )
                ) from None

    def _applies_to(self, beneficiary):
        """Tell whether the condition is asked of a person of this category."""
        self.ensure_one()
        return not self.category_ids or beneficiary.category_id in self.category_ids

    def _evaluate(self, beneficiaries):
        """Answer the conditions for persons, with one query for each condition.

        :param beneficiaries: ``beneficiary.beneficiary``
        :return: ``{criterion: {beneficiary: (result, value)}}`` where ``result`` is
            ``met``, ``not_met`` or ``unknown`` and ``value`` the text seen
        :rtype: dict
        """
        return {
            criterion: criterion._evaluate_one(
                beneficiaries.filtered(criterion._applies_to)
            )
            for criterion in self
        }

    def _evaluate_one(self, beneficiaries):
        self.ensure_one()
        if self.kind == "manual":
            return {beneficiary: ("unknown", "") for beneficiary in beneficiaries}
        met = self._files().search(
            Domain("id", "in", beneficiaries.ids) & self._met_domain()
        )
        met_ids = set(met.ids)
        known = beneficiaries.filtered_domain(self._known_domain())
        results = {}
        for beneficiary in beneficiaries:
            value = self._value_seen(beneficiary) if beneficiary in known else ""
            if beneficiary.id in met_ids:
                results[beneficiary] = ("met", value)
            else:
                # A figure nobody has entered says nothing against the person.
                result = "not_met" if beneficiary in known else "unknown"
                results[beneficiary] = (result, value)
        return results

    @api.model
    def _files(self):
        """Return the model of files as conditions are asked of it.

        A condition has the same answer whoever asks, in any language: rules and
        translations are left out. Sensitive fields cannot be asked for, see
        :meth:`_check_not_sensitive`.
        """
        files_sudo = self.env["beneficiary.beneficiary"].sudo()
        return files_sudo.with_context(active_test=False, lang=None)

    def _met_domain(self):
        """Return the domain of the files that meet an automatic condition."""
        self.ensure_one()
        self._check_not_sensitive()
        return self._parsed_domain()

    def _known_domain(self):
        """Return the domain of the files whose value is known."""
        self.ensure_one()
        if not self.value_field:
            return Domain.TRUE
        paths = self._stored_paths("beneficiary.beneficiary", self.value_field)
        return Domain.OR(self._path_is_known(path) for path in paths)

    def _stored_paths(self, model_name, path):
        """Return the stored fields a value is made of: those it is known by."""
        prefix, last = self._resolve(model_name, path)
        field = last[-1]
        if field.store:
            return [path]
        start = "".join(f"{step.name}." for step in prefix)
        model = self.env[field.model_name]
        return [
            stored
            for dependency in model.pool.field_depends[field]
            for stored in self._stored_paths(model_name, start + dependency)
        ] or [path]

    def _path_is_known(self, path):
        """Return the domain of the files where a stored field has a value.

        A number or a tick is there as soon as the record is that holds it.
        """
        prefix, (field,) = self._resolve("beneficiary.beneficiary", path)
        if field.type in ("integer", "float", "monetary", "boolean"):
            if not prefix:
                return Domain.TRUE
            path = ".".join(step.name for step in prefix)
        return Domain(path, "!=", False)

    def _resolve(self, model_name, path):
        """Return the fields of a path: those on the way, and a list of the last."""
        steps = []
        for name in path.split("."):
            field = self.env[model_name]._fields[name]
            model_name = field.comodel_name
            steps.append(field)
        return steps[:-1], steps[-1:]

    def _value_seen(self, beneficiary):
        """Return the value that explains the result, as text."""
        if not self.value_field:
            return ""
        record = beneficiary
        *path, last = self.value_field.split(".")
        for name in path:
            record = record[name]
        if not record:
            return ""
        field = record._fields[last]
        value = record[last]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.relational:
            return format_list(self.env, value.mapped("display_name"))
        if field.type in ("monetary", "float"):
            return f"{value:,.2f}"
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        return str(value) if value is not False and value is not None else ""

    def _parsed_domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))
