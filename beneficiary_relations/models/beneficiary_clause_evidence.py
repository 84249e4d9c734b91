import ast

from odoo import api, fields, models


class BeneficiaryClauseEvidence(models.Model):
    """One count that shows a clause at work, in the association of the user.

    Data of the addon that owns the counted records. The counting reads as the user:
    nobody learns from a count what the record rules keep from him.
    """

    _name = "beneficiary.clause.evidence"
    _description = "Evidence of a Policy Clause"
    _inherit = ["beneficiary.clause.reference.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, readonly=True)
    sequence = fields.Integer(default=10, readonly=True)
    res_model = fields.Char(string="Model", required=True, readonly=True)
    domain = fields.Char(default="[]", required=True, readonly=True)
    base_domain = fields.Char(
        string="Out of",
        readonly=True,
        help="The records out of which the domain counts; empty for a plain count.",
    )
    measure = fields.Char(
        readonly=True,
        help="A number of the records to add up, instead of counting the records.",
    )
    base_measure = fields.Char(string="Measure Out of", readonly=True)
    is_readable = fields.Boolean(compute="_compute_count")
    has_base = fields.Boolean(compute="_compute_count")
    count = fields.Integer(compute="_compute_count")
    base_count = fields.Integer(string="Out of (Count)", compute="_compute_count")
    text = fields.Char(string="Count in Words", compute="_compute_text")

    @api.depends("res_model", "domain", "base_domain", "measure", "base_measure")
    @api.depends_context("uid", "company")
    def _compute_count(self):
        for evidence in self:
            model = evidence.res_model
            evidence.is_readable = model in self.env.registry and self.env[
                model
            ].has_access("read")
            evidence.has_base = bool(evidence.base_domain or evidence.base_measure)
            evidence.count = evidence.base_count = 0
            if evidence.is_readable:
                evidence.count = evidence._count(evidence.domain, evidence.measure)
                if evidence.has_base:
                    evidence.base_count = evidence._count(
                        evidence.base_domain, evidence.base_measure
                    )

    @api.depends("name", "count", "base_count", "is_readable")
    @api.depends_context("lang")
    def _compute_text(self):
        for evidence in self:
            if not evidence.is_readable:
                evidence.text = False
            elif evidence.has_base:
                evidence.text = self.env._(
                    "%(name)s: %(count)s of %(base)s",
                    name=evidence.name,
                    count=evidence.count,
                    base=evidence.base_count,
                )
            else:
                evidence.text = self.env._(
                    "%(name)s: %(count)s", name=evidence.name, count=evidence.count
                )

    def action_open(self):
        """Open the counted records, as far as the user reads them."""
        self.ensure_one()
        self.check_access("read")
        self.env[self.res_model].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": self._company_domain(self.domain),
        }

    def _count(self, domain, measure=None):
        Model = self.env[self.res_model]
        domain = self._company_domain(domain)
        if measure:
            return sum(Model.search(domain).mapped(measure))
        return Model.search_count(domain)

    def _company_domain(self, domain):
        """Return a stored domain, narrowed to the association of the user."""
        company = [("company_id", "=", self.env.company.id)]
        return [*ast.literal_eval(domain or "[]"), *company]
