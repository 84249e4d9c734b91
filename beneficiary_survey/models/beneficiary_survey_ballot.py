import datetime
import logging
import secrets

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

MIX_LIMIT = 500


class BeneficiarySurveyBallot(models.Model):
    """The buffer in which cast ballots wait to be mixed. No role reads it.

    A ballot says which rule asked and what was answered: no person, no user, no
    time, and an id drawn at random instead of counted. What a database still
    remembers by itself (the order of rows, the hidden version number of the
    transaction that wrote them) is destroyed by writing the waiting ballots anew, in
    random order and in one transaction, shortly after each one is cast, and again
    when enough of them are mixed into the answers.
    """

    _name = "beneficiary.survey.ballot"
    _description = "Survey Ballot Waiting to Be Mixed"
    _log_access = False
    _order = "id"

    rule_id = fields.Many2one(
        comodel_name="beneficiary.survey.rule",
        required=True,
        index=True,
        ondelete="restrict",
    )
    answers = fields.Json(required=True)

    def init(self):
        """Draw ids at random: counted ones would keep the order of casting."""
        res = super().init()
        self.env.cr.execute(
            SQL(
                """
                ALTER TABLE %s ALTER COLUMN id SET DEFAULT (
                    ('x' || left(gen_random_uuid()::text, 8))::bit(32)::int
                    & 2147483647
                )
                """,
                SQL.identifier(self._table),
            )
        )
        return res

    # ------------------------------------------------------------------
    # In
    # ------------------------------------------------------------------

    @api.model
    def _drop(self, rule_id, answers):
        """Put one ballot into the buffer and wake the mixing job.

        :param int rule_id: the rule that asked
        :param dict answers: checked by ``survey.survey._check_ballot``
        """
        anonymous = self.with_user(SUPERUSER_ID)
        anonymous.create({"rule_id": rule_id, "answers": answers})
        cron = anonymous.env.ref(
            "beneficiary_survey.ir_cron_mix_ballots", raise_if_not_found=False
        )
        if cron:
            cron._trigger()

    # ------------------------------------------------------------------
    # Out
    # ------------------------------------------------------------------

    @api.model
    def _cron_mix_ballots(self):
        """Mix the ballots of every rule that has enough; shuffle those that wait.

        One transaction a rule, so that all answers of a batch look the same.
        """
        rules = self.env["beneficiary.survey.rule"].with_context(active_test=False)
        for rule in rules.search([("id", "in", self._search([]).subselect("rule_id"))]):
            while self._mix(rule):
                if not self.env["ir.cron"]._commit_progress(1):
                    return
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _mix(self, rule):
        """Turn the waiting ballots of a rule into anonymous answers, when enough wait.

        :param rule: ``beneficiary.survey.rule``
        :return: the answers, ``survey.user_input``; empty when too few ballots wait
        """
        batch = rule._get_mix_batch()
        ballots = self.search([("rule_id", "=", rule.id)]).try_lock_for_update()
        if len(ballots) < batch:
            ballots._stir()
            return self.env["survey.user_input"]
        # A cut leaves at least one more batch, so that no rest waits alone.
        if len(ballots) >= MIX_LIMIT + batch:
            ballots = ballots[:MIX_LIMIT]
        answers = self._shuffled(ballots.mapped("answers"))
        ballots._remove()
        return self._write_answers(rule, answers)

    def _stir(self):
        """Write the waiting ballots anew: new ids, random order, one transaction."""
        if not self:
            return self
        vals_list = self._shuffled(
            [{"rule_id": one.rule_id.id, "answers": one.answers} for one in self]
        )
        self._remove()
        return self.create(vals_list)

    def _remove(self):
        """Delete without the log line of a usual deletion."""
        self.env.execute_query(
            SQL(
                "DELETE FROM %s WHERE id = ANY(%s) RETURNING 1",
                SQL.identifier(self._table),
                list(self.ids),
            )
        )
        self.invalidate_model()

    @api.model
    def _shuffled(self, values):
        values = list(values)
        secrets.SystemRandom().shuffle(values)
        return values

    @api.model
    def _write_answers(self, rule, answers):
        """Write mixed ballots as anonymous answers of Odoo's survey.

        :param rule: ``beneficiary.survey.rule``
        :param list answers: in random order
        """
        survey = rule.survey_id
        # Every mark of time is the start of the day of mixing, the same for all.
        day = datetime.datetime.combine(
            fields.Date.context_today(self), datetime.time.min
        )
        common = {
            "survey_id": survey.id,
            "beneficiary_rule_id": rule.id,
            "beneficiary_batch": secrets.token_hex(8),
            "state": "done",
            "start_datetime": day,
            "end_datetime": day,
            "predefined_question_ids": [Command.set(survey.question_ids.ids)],
        }
        inputs = (
            self.env["survey.user_input"]
            .with_user(SUPERUSER_ID)
            .with_context(tracking_disable=True, lang=None)
            .create(
                [
                    {
                        **common,
                        "user_input_line_ids": [
                            Command.create({"question_id": question.id, **line})
                            for question in survey.question_ids
                            for line in question._prepare_ballot_lines(
                                one.get(str(question.id))
                            )
                        ],
                    }
                    for one in answers
                ]
            )
        )
        self._coarsen(inputs, day)
        _logger.info("Mixed a batch of ballots of survey rule %s", rule.id)
        return inputs

    @api.model
    def _coarsen(self, inputs, day):
        """Replace the automatic times of the answers by the day of mixing."""
        self.env.flush_all()
        for table, column in (
            ("survey_user_input", "id"),
            ("survey_user_input_line", "user_input_id"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET create_date = %s, write_date = %s"
                    " WHERE %s = ANY(%s)",
                    SQL.identifier(table),
                    day,
                    day,
                    SQL.identifier(column),
                    list(inputs.ids),
                )
            )
        inputs.invalidate_recordset(["create_date", "write_date"])
        inputs.user_input_line_ids.invalidate_recordset(["create_date", "write_date"])
