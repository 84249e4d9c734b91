from odoo import fields, models


class BeneficiaryPolicyStatement(models.Model):
    """A sentence of the policy that is text and nothing else.

    What the program works by (channels, window, conditions and so on) has records of
    its own and is printed from them. Here is the rest: preamble, objectives, duties
    of the staff, tasks, sources of information, steps and rules of programmes.
    """

    _name = "beneficiary.policy.statement"
    _description = "Statement of a Policy"
    _inherit = ["beneficiary.policy.part.mixin"]
    _order = "policy_id, section, sequence, id"

    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    section = fields.Selection(
        selection=[
            ("preamble", "Preamble"),
            ("general_objective", "General objective"),
            ("objective", "Detailed objectives"),
            ("duty", "How people are served"),
            ("task", "Tasks"),
            ("source", "Sources of information"),
            ("verification_aim", "Aims of verification"),
            ("programme_step", "Steps of a programme"),
            ("programme_rule", "Rules of attending programmes"),
        ],
        required=True,
        default="objective",
    )
    name = fields.Text(string="Text", required=True, translate=True)
    sequence = fields.Integer(default=10)
    clause = fields.Char(help="The clause of the source text it answers to.")
    template_code = fields.Char(readonly=True)
