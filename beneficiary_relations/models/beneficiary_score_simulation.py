from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .beneficiary_beneficiary_score import CONDITIONS

NO_SCORES = SQL(
    "SELECT 0 AS file_id, 0 AS score, NULL AS conditions WHERE FALSE",
)
SIMULATORS = (
    "beneficiary_relations.group_manager",
    "beneficiary_relations.group_auditor",
)


class BeneficiaryScoreSimulation(models.Model):
    """What publishing a version of the policy would change: a line for each file.

    There is no table: the lines are the answer of one statement, made at each look,
    so that trying a rule writes nothing at all. The version to try is
    ``score_policy_id`` in the context; without it, it is the newest draft of the
    association, else the version in force.
    """

    _name = "beneficiary.score.simulation"
    _description = "Simulated Need Score"
    _auto = False
    _order = "change desc, id"
    _rec_name = "beneficiary_id"
    _depends = {
        "beneficiary.beneficiary": [
            "area_id",
            "branch_id",
            "category_id",
            "company_id",
            "household_id",
            "need_conditions",
            "need_score",
            "need_score_policy_id",
            "state",
        ]
    }

    beneficiary_id = fields.Many2one(
        comodel_name="beneficiary.beneficiary", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    policy_id = fields.Many2one(comodel_name="beneficiary.policy", readonly=True)
    household_id = fields.Many2one(comodel_name="beneficiary.household", readonly=True)
    category_id = fields.Many2one(comodel_name="beneficiary.category", readonly=True)
    area_id = fields.Many2one(comodel_name="beneficiary.area", readonly=True)
    branch_id = fields.Many2one(comodel_name="beneficiary.branch", readonly=True)
    file_state = fields.Selection(
        selection=lambda self: (
            self.env["beneficiary.beneficiary"]._fields["state"].selection
        ),
        readonly=True,
    )
    old_score = fields.Integer(string="Score Now", readonly=True)
    new_score = fields.Integer(readonly=True)
    change = fields.Integer(readonly=True)
    direction = fields.Selection(
        selection=[
            ("first", "First score"),
            ("up", "Gains"),
            ("down", "Loses"),
            ("same", "Same score"),
        ],
        string="Gain or Loss",
        readonly=True,
    )
    old_conditions = fields.Selection(
        selection=CONDITIONS, string="Mandatory Conditions Now", readonly=True
    )
    new_conditions = fields.Selection(
        selection=CONDITIONS, string="Mandatory Conditions Then", readonly=True
    )
    conditions_change = fields.Selection(
        selection=[
            ("gained", "Becomes entitled"),
            ("lost", "No longer entitled"),
            ("other", "Another result"),
            ("same", "Same result"),
        ],
        string="Entitlement",
        readonly=True,
    )

    @property
    def _table_query(self):
        policy = self._policy()
        return SQL(
            """
            WITH new AS MATERIALIZED (%(scores)s)
            SELECT new.file_id AS id,
                   new.file_id AS beneficiary_id,
                   file.company_id,
                   %(policy)s AS policy_id,
                   file.household_id,
                   file.category_id,
                   file.area_id,
                   file.branch_id,
                   file.state AS file_state,
                   COALESCE(file.need_score, 0) AS old_score,
                   new.score AS new_score,
                   new.score - COALESCE(file.need_score, 0) AS change,
                   CASE WHEN file.need_score_policy_id IS NULL THEN 'first'
                        WHEN new.score > file.need_score THEN 'up'
                        WHEN new.score < file.need_score THEN 'down'
                        ELSE 'same' END AS direction,
                   file.need_conditions AS old_conditions,
                   new.conditions AS new_conditions,
                   CASE WHEN file.need_conditions IS NOT DISTINCT FROM new.conditions
                        THEN 'same'
                        WHEN new.conditions = 'met' THEN 'gained'
                        WHEN file.need_conditions = 'met' THEN 'lost'
                        ELSE 'other' END AS conditions_change
              FROM new
              JOIN beneficiary_beneficiary AS file ON file.id = new.file_id
            """,
            policy=policy.id or None,
            scores=policy.sudo()._scores_sql() if policy else NO_SCORES,
        )

    def action_open_file(self):
        """Open the file of the person."""
        self.ensure_one()
        self.check_access("read")
        return self.beneficiary_id._get_records_action()

    def _policy(self):
        """Return the version that is tried, after checking that the user may.

        Scoring asks the registry past the rules of files: only roles that read every
        file of their associations may have it done.

        :raise AccessError: for others, and for versions of other associations
        """
        if not self.env.su and not any(map(self.env.user.has_group, SIMULATORS)):
            raise AccessError(
                self.env._("Scores are simulated by a manager or an auditor.")
            )
        Policy = self.env["beneficiary.policy"]
        policy = Policy.browse(self.env.context.get("score_policy_id"))
        if not policy and not self.env.su:
            own = [("company_id", "=", self.env.company.id)]
            policy = Policy.search(
                [*own, ("state", "=", "draft")], order="version desc, id desc", limit=1
            ) or Policy._in_force(self.env.company)
        policy.check_access("read")
        return policy
