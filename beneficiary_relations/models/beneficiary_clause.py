from odoo import api, fields, models
from odoo.fields import Domain


class BeneficiaryClause(models.Model):
    """One clause of the five policy texts, and whether this system carries it.

    The 239 clauses are data of the addon and the same for every association: nobody
    edits them. Each addon says with its own parts (``beneficiary.clause.part``) what
    carries a clause and which test proves it; a clause is carried when a part names
    both and all of it is there, and openly *not yet carried* otherwise.
    """

    _name = "beneficiary.clause"
    _description = "Policy Clause"
    _order = "sequence, id"
    _rec_names_search = ["code", "core", "wording", "meaning"]

    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(required=True, readonly=True)
    template_code = fields.Selection(
        selection=lambda self: self.env[
            "beneficiary.policy"
        ]._selection_template_code(),
        string="Policy Text",
        required=True,
        readonly=True,
        index=True,
    )
    core = fields.Char(
        string="Core Clause",
        readonly=True,
        index="btree_not_null",
        help="The clause that several of the five texts have in common; empty where "
        "only this text has it.",
    )
    shared = fields.Char(
        string="Shared by",
        readonly=True,
        help="How many of the five texts have this core clause, and which.",
    )
    chapter = fields.Selection(
        selection=[
            ("approval", "Approval"),
            ("principle", "Principles"),
            ("goal", "Goals"),
            ("practice", "Practices"),
            ("task", "Tasks"),
            ("channel", "Channels"),
            ("tool", "Tools"),
            ("aid_type", "Kinds of Help"),
            ("step", "Steps of the Service"),
            ("eligibility", "Conditions"),
            ("program", "Rules of Programmes"),
            ("verification", "Verification of Entitlement"),
        ],
        required=True,
        readonly=True,
    )
    wording = fields.Text(
        string="Words of the Text",
        readonly=True,
        help="Key words of the clause, as the Arabic text has them.",
    )
    meaning = fields.Text(
        string="Meaning in English",
        readonly=True,
        help="The clause in short English; the Arabic text is the one that binds.",
    )
    requirement = fields.Text(
        string="What a System Needs for It",
        readonly=True,
        help="How the clause was read when this system was planned.",
    )

    part_ids = fields.Many2many(
        comodel_name="beneficiary.clause.part", string="Carried by", readonly=True
    )
    evidence_ids = fields.Many2many(
        comodel_name="beneficiary.clause.evidence", readonly=True
    )
    state = fields.Selection(
        selection=[
            ("carried", "Carried with a test"),
            ("not_yet", "Not yet carried"),
        ],
        compute="_compute_state",
        store=True,
        help="Carried: an addon names what carries the clause and the test that "
        "proves it, and both are there.",
    )
    addons = fields.Char(
        compute="_compute_state",
        store=True,
        help="The addons that carry the clause.",
    )
    gap = fields.Text(
        string="Still Missing",
        compute="_compute_gap",
        help="What the clause asks for and the system does not do yet.",
    )
    evidence_text = fields.Text(
        string="Counts in This Association",
        compute="_compute_evidence_text",
        help="What your own association has on record, as far as you may read it.",
    )
    is_adopted = fields.Boolean(
        string="In Our Policy",
        compute="_compute_is_adopted",
        search="_search_is_adopted",
        help="The clause stands in the text from which your association's policy in "
        "force was adopted.",
    )

    _code_uniq = models.Constraint(
        "UNIQUE(code)", "A clause has a code of its own. Give this one another code."
    )

    @api.depends("code", "wording", "meaning")
    @api.depends_context("lang")
    def _compute_display_name(self):
        arabic = (self.env.lang or "").startswith("ar")
        for clause in self:
            text = clause.wording if arabic else clause.meaning
            clause.display_name = f"{clause.code} {text or ''}".strip()

    @api.depends("part_ids.is_complete", "part_ids.broken", "part_ids.addon")
    def _compute_state(self):
        for clause in self:
            complete = clause.part_ids.filtered("is_complete")
            is_carried = complete and not any(clause.part_ids.mapped("broken"))
            clause.state = "carried" if is_carried else "not_yet"
            clause.addons = (
                ", ".join(sorted(set(complete.mapped("addon"))))
                if is_carried
                else False
            )

    @api.depends("part_ids.gap")
    @api.depends_context("lang")
    def _compute_gap(self):
        for clause in self:
            clause.gap = "\n".join(filter(None, clause.part_ids.mapped("gap")))

    @api.depends("evidence_ids")
    @api.depends_context("uid", "company", "lang")
    def _compute_evidence_text(self):
        for clause in self:
            clause.evidence_text = "\n".join(
                filter(None, clause.evidence_ids.mapped("text"))
            )

    @api.depends("template_code")
    @api.depends_context("company")
    def _compute_is_adopted(self):
        adopted = self._adopted_template()
        for clause in self:
            clause.is_adopted = clause.template_code == adopted

    def _search_is_adopted(self, operator, value):
        if operator != "in":
            return NotImplemented
        adopted = Domain("template_code", "=", self._adopted_template())
        if True in value and False in value:
            return Domain.TRUE
        return adopted if True in value else ~adopted

    @api.model
    def _adopted_template(self):
        """Return the code of the text that the policy in force was adopted from."""
        policy = self.env["beneficiary.policy"]._in_force(self.env.company)
        # Which text that is, is no secret to whoever works with the policy.
        return policy.sudo().template_code
