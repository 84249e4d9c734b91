import threading
from contextlib import ExitStack

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

PEOPLE = 12


@tagged("-at_install", "post_install")
class TestSurveyUnlinkable(BaseCase):
    """Participation and ballot in a real database, with real commits.

    Only real transactions have the hidden version numbers (``xmin``) and row
    places (``ctid``) that an attacker with the whole database would use. What is
    committed is deleted again.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.created = []
        cls.addClassCleanup(cls._delete_all)
        with cls._transaction() as env:
            cls._create_records(env)

    def test_nothing_joins_participation_and_answer(self):
        self._cast_one_by_one()
        # The attack works on ballots that just came in: the test has teeth.
        self.assertEqual(self._joined_by_version("beneficiary_survey_ballot"), PEOPLE)
        with self._transaction() as env:
            env["ir.config_parameter"].set_param("beneficiary_survey.mix_batch", "99")
            env["beneficiary.survey.ballot"]._mix(self._rule(env))
        self.assertEqual(self._joined_by_version("beneficiary_survey_ballot"), 0)
        self.assertEqual(self._versions("beneficiary_survey_ballot"), 1)
        with self._transaction() as env:
            env["ir.config_parameter"].set_param(
                "beneficiary_survey.mix_batch", str(PEOPLE)
            )
            inputs = env["beneficiary.survey.ballot"]._mix(self._rule(env))
            self.assertEqual(len(inputs), PEOPLE)
        self._assert_answers_unlinkable()

    def _assert_answers_unlinkable(self):
        for table in ("survey_user_input", "survey_user_input_line"):
            self.assertEqual(self._joined_by_version(table), 0)
            self.assertEqual(self._versions(table), 1)
        by_participation = self._fetch(
            "SELECT beneficiary_id FROM beneficiary_survey_invitation"
            " WHERE rule_id = %s ORDER BY ctid"
        )
        rank = {person: index for index, (person,) in enumerate(by_participation)}
        self.assertEqual(len(rank), PEOPLE)
        expected = [str(number) for number in range(PEOPLE)]
        for order in ("answer.id", "answer.ctid", "line.id", "line.ctid"):
            words = [
                row[0]
                for row in self._fetch(
                    "SELECT line.value_text_box FROM survey_user_input_line line"
                    " JOIN survey_user_input answer ON answer.id = line.user_input_id"
                    " WHERE answer.beneficiary_rule_id = %s"
                    f" AND line.value_text_box IS NOT NULL ORDER BY {order}"
                )
            ]
            self.assertEqual(sorted(words, key=int), expected)
            # The same order would come by chance once in 12! times.
            self.assertNotEqual(words, expected, order)
        stamps = self._fetch(
            "SELECT DISTINCT create_date, write_date, start_datetime, end_datetime,"
            " create_uid, write_uid, beneficiary_batch, partner_id, email"
            " FROM survey_user_input WHERE beneficiary_rule_id = %s"
        )
        self.assertEqual(len(stamps), 1)

    # ------------------------------------------------------------------
    # Parallel sending
    # ------------------------------------------------------------------

    def test_ballot_sent_twice_at_once_is_stored_once(self):
        """The second transaction began before the first one was committed."""
        token = self._invite_more("twice")
        with self._transaction() as slow, mute_logger("odoo.sql_db"):
            seen = slow["beneficiary.survey.invitation"]._find_ballot(token)
            self.assertTrue(seen)
            with self._transaction() as fast:
                fast["beneficiary.survey.invitation"]._find_ballot(token)._cast(
                    {str(self.words_id): "fast"}
                )
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                seen._cast({str(self.words_id): "slow"})
            slow.cr.rollback()
            # Odoo repeats the request: now the ballot is found used.
            self.assertFalse(slow["beneficiary.survey.invitation"]._find_ballot(token))
        self._take_out("fast", 1)

    def test_three_parallel_sendings_store_one(self):
        token = self._invite_more("parallel")
        barrier = threading.Barrier(3)
        outcomes = []

        def send(env):
            try:
                ballot = env["beneficiary.survey.invitation"]._find_ballot(token)
                barrier.wait(timeout=20)
                ballot._cast({str(self.words_id): "parallel"})
                env.cr.commit()
                outcomes.append("stored")
            except psycopg2.errors.SerializationFailure:
                env.cr.rollback()
                outcomes.append("refused")

        with ExitStack() as stack, mute_logger("odoo.sql_db"):
            # Environments are made here: while tests run at loading, this thread
            # holds the lock of the registry.
            threads = [
                threading.Thread(
                    target=send, args=[stack.enter_context(self._transaction())]
                )
                for _number in range(3)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(timeout=60)
        self.assertEqual(sorted(outcomes), ["refused", "refused", "stored"])
        self._take_out("parallel", 1)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @classmethod
    def _transaction(cls):
        """Return a context manager: an environment on a transaction of its own."""
        return _Transaction()

    @classmethod
    def _create_records(cls, env):
        # An association of its own could not be deleted again.
        company = env.ref("base.main_company")
        policy = env["beneficiary.policy"].create(
            {"name": "Policy", "company_id": company.id, "window_reading": "none"}
        )
        survey = env["survey.survey"].create(
            {
                "title": "Unlinkable",
                "survey_type": "beneficiary",
                "question_and_page_ids": [
                    (0, 0, {"title": "Words", "question_type": "text_box"})
                ],
            }
        )
        rule = env["beneficiary.survey.rule"].create(
            {
                "name": "Rule",
                "policy_id": policy.id,
                "event": "decision_told",
                "survey_id": survey.id,
            }
        )
        people = env["beneficiary.beneficiary"].create(
            [{"name": f"P{n}", "company_id": company.id} for n in range(PEOPLE)]
        )
        env["beneficiary.survey.rule"]._on_event(
            "decision_told", [(person, policy, "1") for person in people]
        )
        cls.policy_id = policy.id
        cls.rule_id, cls.survey_id = rule.id, survey.id
        cls.words_id = survey.question_ids.id
        cls.people_ids = people.ids
        cls.partner_ids = people.partner_id.ids
        cls.batch = env["ir.config_parameter"].get_param("beneficiary_survey.mix_batch")

    def _rule(self, env):
        return env["beneficiary.survey.rule"].browse(self.rule_id)

    def _cast_one_by_one(self):
        for number, person_id in enumerate(self.people_ids):
            with self._transaction() as env:
                invitation = env["beneficiary.survey.invitation"].search(
                    [("rule_id", "=", self.rule_id), ("beneficiary_id", "=", person_id)]
                )
                token = invitation._issue_ballot()
            with self._transaction() as env:
                env["beneficiary.survey.invitation"]._find_ballot(token)._cast(
                    {str(self.words_id): str(number)}
                )

    def _invite_more(self, key):
        with self._transaction() as env:
            invitation = env["beneficiary.survey.rule"]._on_event(
                "decision_told",
                [
                    (
                        env["beneficiary.beneficiary"].browse(self.people_ids[0]),
                        env["beneficiary.policy"].browse(self.policy_id),
                        key,
                    )
                ],
            )
            return invitation._issue_ballot()

    def _take_out(self, words, number):
        """Assert how many ballots say this, and remove them and the invitation."""
        with self._transaction() as env:
            ballots = env["beneficiary.survey.ballot"].search(
                [("rule_id", "=", self.rule_id)]
            )
            found = ballots.filtered(
                lambda one: one.answers[str(self.words_id)] == words
            )
            self.assertEqual(len(found), number)
            found._remove()
            env["beneficiary.survey.invitation"].search(
                [
                    ("rule_id", "=", self.rule_id),
                    ("event_key", "!=", "decision_told/1"),
                ]
            ).unlink()

    def _joined_by_version(self, table):
        """Return how many rows of participation and of a table share a version."""
        column = {
            "beneficiary_survey_ballot": "rule_id",
            "survey_user_input": "beneficiary_rule_id",
            "survey_user_input_line": None,
        }[table]
        condition = (
            f"other.{column} = %s"
            if column
            else "other.user_input_id IN"
            " (SELECT id FROM survey_user_input WHERE beneficiary_rule_id = %s)"
        )
        return self._fetch(
            "SELECT count(*) FROM beneficiary_survey_invitation participation"
            f" JOIN {table} other ON other.xmin = participation.xmin"
            f" AND {condition} AND participation.rule_id = other_rule.id".replace(
                "ON other.xmin",
                "ON true JOIN beneficiary_survey_rule other_rule"
                " ON other_rule.id = participation.rule_id AND other.xmin",
            )
        )[0][0]

    def _versions(self, table):
        condition = {
            "beneficiary_survey_ballot": "rule_id = %s",
            "survey_user_input": "beneficiary_rule_id = %s",
            "survey_user_input_line": "user_input_id IN"
            " (SELECT id FROM survey_user_input WHERE beneficiary_rule_id = %s)",
        }[table]
        return self._fetch(
            f"SELECT count(DISTINCT xmin::text) FROM {table} WHERE {condition}"
        )[0][0]

    def _fetch(self, query):
        with self._transaction() as env:
            env.cr.execute(query, [self.rule_id])
            return env.cr.fetchall()

    @classmethod
    def _delete_all(cls):
        with cls._transaction() as env:
            env["ir.config_parameter"].set_param(
                "beneficiary_survey.mix_batch", cls.batch
            )
            env.flush_all()
            for query, values in (
                (
                    "DELETE FROM beneficiary_survey_ballot WHERE rule_id = %s",
                    cls.rule_id,
                ),
                (
                    "DELETE FROM survey_user_input WHERE beneficiary_rule_id = %s",
                    cls.rule_id,
                ),
                (
                    "DELETE FROM beneficiary_survey_invitation WHERE rule_id = %s",
                    cls.rule_id,
                ),
                ("DELETE FROM beneficiary_survey_rule WHERE id = %s", cls.rule_id),
                ("DELETE FROM survey_survey WHERE id = %s", cls.survey_id),
                (
                    "DELETE FROM beneficiary_message WHERE partner_id = ANY(%s)",
                    cls.partner_ids,
                ),
            ):
                env.cr.execute(query, [values])
            env.invalidate_all(flush=False)
            env["beneficiary.beneficiary"].browse(cls.people_ids).unlink()
            env["res.partner"].browse(cls.partner_ids).unlink()
            env["beneficiary.policy"].browse(cls.policy_id).unlink()


class _Transaction:
    """An environment of the superuser on a connection of its own, committed."""

    def __enter__(self):
        self.cr = db_connect(get_db_name()).cursor()
        return api.Environment(self.cr, SUPERUSER_ID, {})

    def __exit__(self, kind, value, traceback):
        try:
            if kind is None:
                self.cr.commit()
            else:
                self.cr.rollback()
        finally:
            self.cr.close()
        return False
