from odoo import api, fields, models
from odoo.tools import SQL

from .beneficiary_survey_rule import EVENTS, SMALLEST_GROUP


class BeneficiarySurveyResult(models.Model):
    """Scores a rule and question, for all time and for each quarter.

    The smallest piece that is ever added up is the answers to one question in one
    batch of mixed ballots, and only when they are at least the rule's smallest
    group. Every figure is a sum of whole pieces: no difference between two figures,
    two days, or a quarter and the total, shows fewer people than that.
    """

    _name = "beneficiary.survey.result"
    _description = "Survey Result"
    _auto = False
    _log_access = False
    _order = "rule_id, scope, period desc, question_sequence, id"
    _rec_name = "question_id"

    rule_id = fields.Many2one("beneficiary.survey.rule", readonly=True)
    survey_id = fields.Many2one("survey.survey", string="Questionnaire", readonly=True)
    policy_id = fields.Many2one("beneficiary.policy", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    event = fields.Selection(EVENTS, string="After", readonly=True)
    scope = fields.Selection(
        [("all", "All answers"), ("quarter", "One quarter")], readonly=True
    )
    period = fields.Date(string="Quarter from", readonly=True)
    question_id = fields.Many2one("survey.question", readonly=True)
    question_sequence = fields.Integer(readonly=True, aggregator=None)
    answer_count = fields.Integer(string="Answers", readonly=True, aggregator=None)
    average = fields.Float(readonly=True, aggregator=None, digits=(4, 2))
    score_percent = fields.Float(
        string="Score (%)", readonly=True, aggregator=None, digits=(5, 1)
    )
    is_hidden = fields.Boolean(string="Hidden", readonly=True)
    result_text = fields.Char(string="Result", compute="_compute_result_text")

    @api.depends("average", "is_hidden")
    def _compute_result_text(self):
        for result in self:
            # The words need the question's scale, which every reader may know.
            question = result.question_id.sudo()
            result.result_text = (
                result.rule_id.sudo()._hidden_text()
                if result.is_hidden
                else self.env._(
                    "%(average)s of %(most)s",
                    average=round(result.average, 2),
                    most=question.scale_max,
                )
            )

    @property
    def _table_query(self):
        return SQL(
            """
            WITH piece AS (
                SELECT answer.beneficiary_rule_id AS rule_id,
                       line.question_id,
                       date_trunc('quarter', answer.end_datetime)::date AS period,
                       count(*) AS answers,
                       sum(line.value_scale) AS total
                  FROM survey_user_input answer
                  JOIN survey_user_input_line line
                    ON line.user_input_id = answer.id AND line.answer_type = 'scale'
                  JOIN beneficiary_survey_rule rule
                    ON rule.id = answer.beneficiary_rule_id
                 WHERE answer.state = 'done' AND answer.test_entry IS NOT TRUE
              GROUP BY answer.beneficiary_rule_id, answer.beneficiary_batch,
                       line.question_id, rule.min_group,
                       date_trunc('quarter', answer.end_datetime)
                HAVING count(*) >= greatest(rule.min_group, %(smallest)s)
            ), cell AS (
                SELECT rule_id, question_id, NULL::date AS period,
                       sum(answers) AS answers, sum(total) AS total
                  FROM piece GROUP BY rule_id, question_id
             UNION ALL
                SELECT rule_id, question_id, period, sum(answers), sum(total)
                  FROM piece GROUP BY rule_id, question_id, period
            ), wanted AS (
                SELECT rule.id AS rule_id, question.id AS question_id, slot.period
                  FROM beneficiary_survey_rule rule
                  JOIN survey_question question
                    ON question.survey_id = rule.survey_id
                   AND question.question_type = 'scale'
                   AND question.is_page IS NOT TRUE
                  JOIN (
                        SELECT id AS rule_id, NULL::date AS period
                          FROM beneficiary_survey_rule
                     UNION
                        SELECT rule_id, period FROM piece
                       ) slot ON slot.rule_id = rule.id
            )
            SELECT row_number() OVER (
                       ORDER BY rule.id, wanted.period NULLS FIRST, question.id
                   ) AS id,
                   rule.id AS rule_id,
                   rule.survey_id,
                   rule.policy_id,
                   rule.company_id,
                   rule.event,
                   CASE WHEN wanted.period IS NULL THEN 'all' ELSE 'quarter' END
                       AS scope,
                   wanted.period,
                   question.id AS question_id,
                   question.sequence AS question_sequence,
                   coalesce(cell.answers, 0)::int AS answer_count,
                   coalesce(cell.total::float / cell.answers, 0) AS average,
                   coalesce(
                       100 * (cell.total::float / cell.answers - question.scale_min)
                       / nullif(question.scale_max - question.scale_min, 0), 0
                   ) AS score_percent,
                   cell.answers IS NULL AS is_hidden
              FROM wanted
              JOIN beneficiary_survey_rule rule ON rule.id = wanted.rule_id
              JOIN survey_question question ON question.id = wanted.question_id
         LEFT JOIN cell ON cell.rule_id = wanted.rule_id
                       AND cell.question_id = wanted.question_id
                       AND cell.period IS NOT DISTINCT FROM wanted.period
            """,
            smallest=SMALLEST_GROUP,
        )
