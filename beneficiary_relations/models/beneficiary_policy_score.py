import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

SCORE_FIELDS = (
    "need_score",
    "need_conditions",
    "need_score_details",
    "need_score_policy_id",
    "need_score_date",
)


class BeneficiaryPolicy(models.Model):
    """The need score: tried on the registry, then published with the policy.

    The scored and mandatory automatic conditions of a version are its rule of
    scoring. Putting the version in force publishes the rule: every open file gets its
    score. Conditions that are edited afterwards change no score until somebody
    publishes them; between publications, scores follow the data every night.
    """

    _name = "beneficiary.policy"
    _inherit = ["beneficiary.policy"]

    score_published_on = fields.Datetime(
        string="Scores Published on", readonly=True, copy=False
    )
    score_published_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Scores Published by",
        readonly=True,
        copy=False,
    )
    score_rule_hash = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Fingerprint of the rule of scoring that was published.",
    )
    score_rule_changed = fields.Boolean(
        compute="_compute_score_rule_changed",
        help="The conditions are not those that were published.",
    )

    @api.depends(
        "state",
        "score_rule_hash",
        "criterion_ids.active",
        "criterion_ids.band_ids.lower",
        "criterion_ids.band_ids.no_lower",
        "criterion_ids.band_ids.no_upper",
        "criterion_ids.band_ids.points",
        "criterion_ids.band_ids.upper",
        "criterion_ids.category_ids",
        "criterion_ids.domain",
        "criterion_ids.kind",
        "criterion_ids.mandatory",
        "criterion_ids.value_field",
        "criterion_ids.weight",
    )
    def _compute_score_rule_changed(self):
        for policy in self:
            # The fingerprint is for this comparison only.
            published = policy.sudo().score_rule_hash
            policy.score_rule_changed = (
                policy.state == "in_force" and published != policy._score_rule_hash()
            )

    def action_simulate_scores(self):
        """Show what publishing this version would change; nothing is written."""
        self.ensure_one()
        self.check_access("read")
        self.env["beneficiary.beneficiary"]._require_group(
            "group_manager", "group_auditor"
        )
        self._check_can_simulate()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "beneficiary_relations.beneficiary_score_simulation_action"
        )
        return dict(
            action,
            name=self.env._("Simulation: %(policy)s", policy=self.display_name),
            context={"score_policy_id": self.id, "search_default_group_direction": 1},
        )

    def action_publish_scores(self):
        """Score every open file by the conditions as they stand now."""
        self.ensure_one()
        self.check_access("write")
        self.env["beneficiary.beneficiary"]._require_group("group_administrator")
        if self.state != "in_force":
            raise UserError(
                self.env._(
                    "%(policy)s is not in force. Scores are published when a version "
                    "is put in force.",
                    policy=self.display_name,
                )
            )
        self._publish_scores()

    def _check_can_simulate(self):
        self.ensure_one()
        if self.state == "superseded":
            raise UserError(
                self.env._(
                    "%(policy)s belongs to the past. Simulate a draft, or the version "
                    "in force.",
                    policy=self.display_name,
                )
            )

    def _put_in_force(self):
        res = super()._put_in_force()
        self._publish_scores()
        return res

    def _publish_scores(self):
        """Make the conditions the published rule and score the registry by it."""
        self.ensure_one()
        # The rule is the association's: whoever may publish it scores every file.
        policy_sudo = self.sudo()
        policy_sudo.write(
            {
                "score_published_on": fields.Datetime.now(),
                "score_published_by_id": self.env.uid,
                "score_rule_hash": policy_sudo._score_rule_hash(),
            }
        )
        policy_sudo._store_scores()

    def _refresh_scores(self, beneficiaries):
        """Score some files anew by the published rule, after their data changed."""
        for company, files in beneficiaries.grouped("company_id").items():
            policy_sudo = self._in_force(company).sudo()
            if policy_sudo and not policy_sudo.score_rule_changed:
                policy_sudo._store_scores(Domain("id", "in", files.ids))

    @api.model
    def _cron_refresh_scores(self):
        """Bring scores up to date where the rule is still the published one."""
        policies = self.search([("state", "=", "in_force")]).filtered(
            lambda policy: not policy.score_rule_changed
        )
        for done, policy in enumerate(policies, start=1):
            policy._store_scores()
            if not self.env["ir.cron"]._commit_progress(
                processed=1, remaining=len(policies) - done
            ):
                return

    def _scoring_criteria(self):
        """Return the conditions asked of every file, by the database alone."""
        self.ensure_one()
        return self.criterion_ids.filtered(lambda one: one.kind == "automatic")

    def _score_rule_hash(self):
        """Return the fingerprint of the rule of scoring."""
        rule = [
            [
                criterion.id,
                criterion.domain,
                criterion.value_field or "",
                criterion.mandatory,
                criterion.weight,
                sorted(criterion.category_ids.ids),
                [[*map(str, band._bounds_of()), band.points] for band in bands],
            ]
            for criterion in self._scoring_criteria().sorted("id")
            for bands in [criterion.band_ids.sorted("id")]
        ]
        return hashlib.sha256(json.dumps(rule).encode()).hexdigest()

    def _scored_files(self):
        """Return the domain of the files that have a score: all that are open."""
        self.ensure_one()
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("active", "=", True)
            & Domain("state", "!=", "closed")
        )

    def _scores_sql(self, files=Domain.TRUE):
        """Return the select that scores files by this version.

        One statement, however many files there are: each condition is searched for
        once, and what it found is summed for each file. Columns: ``file_id``,
        ``score``, ``conditions`` (``met``, ``not_met`` or ``unknown``) and
        ``details``, the points or the result by condition.

        :param Domain files: the files that are asked
        :rtype: SQL
        """
        self.ensure_one()
        scope = self._scored_files() & files
        criteria = self._scoring_criteria()
        # Every file has a line of its own among those that conditions add: nothing is
        # joined, so that no estimate of the database can make it quadratic.
        everybody = SQL(
            "SELECT id AS file_id, NULL::int AS criterion_id, 0 AS points,"
            " NULL AS result FROM (%s) AS file",
            criteria._files()._search(scope).select(),
        )
        return SQL(
            """
            SELECT hit.file_id,
                   SUM(hit.points)::int AS score,
                   CASE WHEN BOOL_OR(hit.result = 'not_met') THEN 'not_met'
                        WHEN BOOL_OR(hit.result = 'unknown') THEN 'unknown'
                        ELSE 'met' END AS conditions,
                   COALESCE(
                       JSONB_OBJECT_AGG(
                           hit.criterion_id,
                           COALESCE(TO_JSONB(hit.result), TO_JSONB(hit.points))
                       ) FILTER (WHERE hit.criterion_id IS NOT NULL),
                       '{}'
                   ) AS details
              FROM (%s) AS hit
             GROUP BY hit.file_id
            """,
            SQL(" UNION ALL ").join([everybody, *criteria._hits_sql(scope)]),
        )

    def _store_scores(self, files=Domain.TRUE):
        """Write the scores that changed, in one statement.

        Not through the model: scores have no rules, no tracking and nothing that is
        computed from them, and a registry has 200,000 of them.

        :return: the files whose score was written
        """
        self.ensure_one()
        Files = self.env["beneficiary.beneficiary"]
        rows = self.env.execute_query(
            SQL(
                """
                  WITH new AS MATERIALIZED (%(scores)s)
                UPDATE beneficiary_beneficiary AS file
                   SET need_score = new.score,
                       need_conditions = new.conditions,
                       need_score_details = new.details,
                       need_score_policy_id = %(policy)s,
                       need_score_date = %(date)s
                  FROM new
                 WHERE file.id = new.file_id
                   AND (file.need_score, file.need_conditions,
                        file.need_score_details, file.need_score_policy_id)
                       IS DISTINCT FROM
                       (new.score, new.conditions, new.details, %(policy)s)
                RETURNING file.id
                """,
                policy=self.id,
                date=fields.Date.context_today(self),
                scores=self._scores_sql(files),
            )
        )
        Files.invalidate_model(SCORE_FIELDS)
        return Files.browse(file_id for (file_id,) in rows)
