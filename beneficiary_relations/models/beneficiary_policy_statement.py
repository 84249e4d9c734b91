from odoo import api, fields, models
from odoo.exceptions import UserError


class BeneficiaryPolicyStatement(models.Model):
    """A sentence of the policy that is text and nothing else.

    What the program works by (channels, window, conditions and so on) has records of
    its own and is printed from them. Here is the rest: preamble, objectives, duties
    of the staff, tasks, sources of information, steps and rules of programmes.
    """

    _name = "beneficiary.policy.statement"
    _description = "Statement of a Policy"
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

    @api.model_create_multi
    def create(self, vals_list):
        statements = super().create(vals_list)
        statements._check_not_past()
        return statements

    def write(self, vals):
        self._check_not_past()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_past(self):
        self._check_not_past()

    def _check_not_past(self):
        """Keep the text of versions that are over as it was."""
        past = self.policy_id.filtered(lambda policy: policy.state == "superseded")
        if past and not self.env.su:
            raise UserError(
                self.env._(
                    "%(policy)s is over and stays as it was. Make the change in a new "
                    "version.",
                    policy=past[0].display_name,
                )
            )
