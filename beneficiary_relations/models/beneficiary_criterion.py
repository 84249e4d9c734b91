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
    weight = fields.Integer(default=1, help="Points of a condition that is scored.")
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
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
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
        met = beneficiaries.with_context(active_test=False).search(
            Domain("id", "in", beneficiaries.ids) & self._parsed_domain()
        )
        met_ids = set(met.ids)
        results = {}
        for beneficiary in beneficiaries:
            value = self._value_seen(beneficiary)
            if beneficiary.id in met_ids:
                results[beneficiary] = ("met", value)
            else:
                # A figure nobody has entered says nothing against the person.
                known = bool(value) or not self.value_field
                results[beneficiary] = ("not_met" if known else "unknown", value)
        return results

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
        return str(value) if value not in (False, None) else ""

    def _parsed_domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.domain or "[]"))
