from odoo import api, fields, models

CONDITIONS = [
    ("met", "Met"),
    ("not_met", "Not met"),
    ("unknown", "Something unknown"),
]


class BeneficiaryBeneficiary(models.Model):
    """How much help a person needs, by the rule the association published."""

    _name = "beneficiary.beneficiary"
    _inherit = ["beneficiary.beneficiary"]

    need_score = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="avg",
        groups="base.group_user",
        help="Points of the scored conditions that the data of the file meets. "
        "Answers of a researcher are added in the assessment.",
    )
    need_conditions = fields.Selection(
        selection=CONDITIONS,
        string="Mandatory Conditions",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the data of the file says of the mandatory conditions.",
    )
    need_score_details = fields.Json(
        readonly=True, copy=False, groups="base.group_user", prefetch=False
    )
    need_score_policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        string="Scored by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups="base.group_user",
    )
    need_score_date = fields.Date(
        string="Score since",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The day the score was found. It is checked every night and keeps this "
        "date as long as it stays the same.",
    )
    need_score_note = fields.Text(
        string="How the Score Was Made",
        compute="_compute_need_score_note",
        groups="base.group_user",
    )

    _need_idx = models.Index(
        "(company_id, need_score DESC, id DESC) WHERE active IS TRUE"
    )

    @api.depends("need_score_details", "need_score", "need_score_policy_id")
    def _compute_need_score_note(self):
        results = dict(self._fields["need_conditions"]._description_selection(self.env))
        criteria = {
            policy: policy._scoring_criteria() for policy in self.need_score_policy_id
        }
        for file in self:
            found = file.need_score_details or {}
            file.need_score_note = "\n".join(
                criterion._score_in_words(found.get(str(criterion.id)), results)
                for criterion in criteria.get(file.need_score_policy_id, ())
                if criterion._applies_to(file)
            )
