from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

SMALLEST_GROUP = 5
MIX_BATCH_DEFAULT = 10
EVENTS = [
    ("decision_told", "Decision told"),
    ("aid_delivered", "Aid delivered"),
    ("complaint_closed", "Complaint closed"),
    ("yearly", "Once a year"),
]


class BeneficiarySurveyRule(models.Model):
    """When people are asked what they think (C14, C21), and with which questions.

    A rule hangs on a policy. It knows who is asked; what was answered reaches it
    only as averages over groups that are large enough to hide each person.
    """

    _name = "beneficiary.survey.rule"
    _description = "Survey Rule"
    _check_company_auto = True
    _order = "policy_id, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    policy_id = fields.Many2one(
        comodel_name="beneficiary.policy",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    company_id = fields.Many2one(
        related="policy_id.company_id", store=True, index=True, precompute=True
    )
    event = fields.Selection(selection=EVENTS, required=True, string="After")
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        string="Questionnaire",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('survey_type', '=', 'beneficiary'),"
        " ('beneficiary_company_id', 'in', [False, company_id])]",
    )
    delay_days = fields.Integer(
        string="Wait (days)", help="Days between the event and the invitation."
    )
    due_days = fields.Integer(
        string="Open for (days)",
        default=30,
        required=True,
        help="Days a person has to answer; then the invitation expires.",
    )
    yearly_month = fields.Selection(
        selection=[(str(month), str(month)) for month in range(1, 13)],
        string="From Month",
        default="1",
        help="Month of the year from which everybody with an active file is asked.",
    )
    min_group = fields.Integer(
        string="Smallest Group",
        default=SMALLEST_GROUP,
        required=True,
        help="A score of fewer answers than this is hidden. Never below 5.",
    )
    invited_count = fields.Integer(string="People Asked", compute="_compute_counts")
    answered_count = fields.Integer(string="People Answered", compute="_compute_counts")
    score_percent = fields.Float(
        string="Score", compute="_compute_score", digits=(5, 1)
    )
    score_text = fields.Char(string="Satisfaction", compute="_compute_score")

    _min_group_floor = models.Constraint(
        "CHECK(min_group >= 5)",
        "The smallest group of a survey rule is 5 people. Fewer would show who "
        "answered what.",
    )
    _days_range = models.Constraint(
        "CHECK(delay_days BETWEEN 0 AND 365 AND due_days BETWEEN 1 AND 365)",
        "The waiting time of a survey rule is 0 to 365 days, and it stays open for 1 "
        "to 365 days.",
    )
    _policy_event_survey_uniq = models.UniqueIndex(
        "(policy_id, event, survey_id) WHERE active IS TRUE",
        "This policy has a rule for this event and questionnaire already. Change the "
        "rule that is there.",
    )

    def _compute_counts(self):
        # How many were asked is no secret; who they are is, so the invitations
        # themselves are readable by hardly anybody.
        Invitation = self.env["beneficiary.survey.invitation"].sudo()
        counts = {}
        for rule, state, count in Invitation._read_group(
            [("rule_id", "in", self.ids), ("state", "!=", "planned")],
            ["rule_id", "state"],
            ["__count"],
        ):
            counts[rule.id, state] = count
        for rule in self:
            rule.answered_count = counts.get((rule.id, "answered"), 0)
            rule.invited_count = rule.answered_count + sum(
                counts.get((rule.id, state), 0) for state in ("invited", "expired")
            )

    def _compute_score(self):
        # The results hold no cell below the smallest group, whoever reads them.
        Result = self.env["beneficiary.survey.result"].sudo()
        cells = {}
        for result in Result.search_fetch(
            [("rule_id", "in", self.ids), ("scope", "=", "all")],
            ["rule_id", "answer_count", "score_percent"],
        ):
            cells.setdefault(result.rule_id.id, []).append(
                (result.answer_count, result.score_percent)
            )
        for rule in self:
            rows = cells.get(rule.id, [])
            count = sum(answers for answers, _percent in rows)
            rule.score_percent = (
                sum(answers * percent for answers, percent in rows) / count
                if count
                else 0
            )
            rule.score_text = (
                self.env._("%(percent)s %%", percent=round(rule.score_percent, 1))
                if count
                else rule._hidden_text()
            )

    @api.constrains("survey_id", "policy_id")
    def _check_survey(self):
        for rule in self:
            # Which association a questionnaire is for is no secret.
            survey = rule.survey_id.sudo()
            if survey.survey_type != "beneficiary":
                raise ValidationError(
                    self.env._(
                        "%(name)s is not a satisfaction questionnaire. Choose one, or "
                        "copy the one that comes with the system.",
                        name=survey.title,
                    )
                )
            if survey.beneficiary_company_id not in (
                survey.beneficiary_company_id.browse(),
                rule.company_id,
            ):
                raise ValidationError(
                    self.env._(
                        "%(name)s belongs to another association. Choose another "
                        "questionnaire.",
                        name=survey.title,
                    )
                )

    def write(self, vals):
        if "survey_id" in vals or "policy_id" in vals:
            self._check_unused(vals)
        return super().write(vals)

    def action_open_results(self):
        """Open the scores of this rule."""
        self.check_access("read")
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "beneficiary_survey.beneficiary_survey_result_action"
        )
        return {
            **action,
            "domain": [("rule_id", "=", self.id)],
            "context": {"search_default_scope_all": 1},
        }

    def action_enter_paper(self):
        """Open the screen on which paper forms are entered, without a name."""
        self.check_access("read")
        self.ensure_one()
        if not self.env.user.has_group("beneficiary_relations.group_quality_officer"):
            raise UserError(
                self.env._(
                    "Paper forms are entered by the quality officer. Ask for that role."
                )
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/beneficiary/survey/paper/{self.id}",
            "target": "new",
        }

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------

    @api.model
    def _on_event(self, event, occurrences):
        """Invite the people an event happened to, each event once.

        Called from the work of other roles, who neither see nor decide who is asked.

        :param str event: an event of :data:`EVENTS`
        :param list occurrences: ``[(beneficiary, policy, key)]``, the key naming the
            occurrence, so that the same one never invites twice
        :return: the new invitations (as superuser)
        """
        # Whoever tells a decision or closes a complaint has no right on surveys.
        Rule = self.sudo()
        Invitation = Rule.env["beneficiary.survey.invitation"]
        policy_ids = {policy.id for _person, policy, _key in occurrences if policy}
        if not policy_ids:
            return Invitation
        rules_by_policy = Rule.search(
            [("event", "=", event), ("policy_id", "in", list(policy_ids))]
        ).grouped("policy_id")
        return Invitation._plan(
            [
                (rule, beneficiary.sudo(), f"{event}/{key}")
                for beneficiary, policy, key in occurrences
                for rule in rules_by_policy.get(policy.sudo(), Rule)
                if beneficiary and beneficiary.sudo().company_id == rule.company_id
            ]
        )

    def _invite_yearly(self, limit):
        """Plan the yearly question for people who have not been asked this year.

        :param int limit: most people to invite in this go
        :return: the new invitations
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        Invitation = self.env["beneficiary.survey.invitation"]
        if today.month < int(self.yearly_month or 1):
            return Invitation
        key = f"yearly/{today.year}"
        asked = Invitation._search(
            [("rule_id", "=", self.id), ("event_key", "=", key)]
        ).subselect("beneficiary_id")
        people = self.env["beneficiary.beneficiary"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "active"),
                ("id", "not in", asked),
            ],
            order="id",
            limit=limit,
        )
        return Invitation._plan([(self, person, key) for person in people])

    # ------------------------------------------------------------------
    # Mixing
    # ------------------------------------------------------------------

    def _get_mix_batch(self):
        """Return how many ballots of this rule are mixed at once, at least.

        The system parameter may ask for more than the smallest group, never less.
        """
        self.ensure_one()
        wanted = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("beneficiary_survey.mix_batch", "")
        )
        batch = int(wanted) if wanted.isdecimal() else MIX_BATCH_DEFAULT
        return max(batch, self.min_group, SMALLEST_GROUP)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _hidden_text(self):
        self.ensure_one()
        return self.env._("Hidden: fewer than %(count)s answers", count=self.min_group)

    def _get_planned_date(self):
        self.ensure_one()
        return fields.Date.context_today(self) + relativedelta(days=self.delay_days)

    def _check_unused(self, vals):
        """Keep a rule's questionnaire once people were asked.

        :raise UserError: naming the rule
        """
        changed = self.filtered(
            lambda rule: any(
                name in vals and rule[name].id != vals[name]
                for name in ("survey_id", "policy_id")
            )
        )
        # Only whether there is one is used.
        used = (
            self.env["beneficiary.survey.invitation"]
            .sudo()
            .search([("rule_id", "in", changed.ids)], limit=1)
            .rule_id
        )
        if used:
            raise UserError(
                self.env._(
                    "People have been asked under %(name)s. Archive it and make a new "
                    "rule.",
                    name=used.name,
                )
            )
