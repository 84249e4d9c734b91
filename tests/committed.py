"""A copy of the test database in which sessions really commit."""

import contextlib
import logging
import os
import threading
import time
from unittest.mock import patch

import psycopg2

from odoo import api, sql_db
from odoo.exceptions import UserError, ValidationError
from odoo.modules.registry import Registry
from odoo.service import model as service
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import config

_logger = logging.getLogger(__name__)

# How the server refuses in words, and what it logs about conflicts.
REFUSALS = (UserError, ValidationError)
QUIET = ("odoo.sql_db", "odoo.service.model")


class CommittedCase(BaseCase):
    """Runs on a copy of the test database, dropped at the end of the class.

    Races need several cursors and real commits: in a ``TransactionCase`` and an
    ``HttpCase`` everything shares one transaction. Set ``cls.uid`` and ``cls.context``
    for :meth:`environment`.
    """

    uid = api.SUPERUSER_ID
    context = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = f"{get_db_name()}_race_{os.getpid()}"
        cls._copy_database()
        cls.addClassCleanup(cls._drop_database)
        cls.registry = cls._load_registry()

    @classmethod
    def _copy_database(cls):
        source = get_db_name()
        for attempt in range(20):
            sql_db.close_db(source)
            try:
                cls._run(f'CREATE DATABASE "{cls.database}" TEMPLATE "{source}"')
                return
            except psycopg2.errors.ObjectInUse:
                time.sleep(0.2 * (attempt + 1))
        raise AssertionError(f"{source} stays in use and cannot be copied")

    @classmethod
    def _load_registry(cls):
        # With tests enabled, loading a registry would run tests of its own.
        enabled = config["test_enable"]
        config["test_enable"] = False
        try:
            return Registry(cls.database)
        finally:
            config["test_enable"] = enabled

    @classmethod
    def _drop_database(cls):
        Registry.delete(cls.database)
        sql_db.close_db(cls.database)
        cls._run(f'DROP DATABASE IF EXISTS "{cls.database}" WITH (FORCE)')

    @classmethod
    def _run(cls, statement):
        # Neither statement may run in a transaction.
        with contextlib.closing(sql_db.db_connect("postgres").cursor()) as cr:
            cr._cnx.autocommit = True
            try:
                cr._obj.execute(statement)
            finally:
                cr._cnx.autocommit = False

    @classmethod
    def _set_up_aid(cls, steps, env):
        """Make an association with requests and a committee, for the steps.

        :param steps: class of steps that takes its environment from outside
        :param env: environment of the session that is committed
        """
        steps.env = env(context={**env.context, "tracking_disable": True})
        steps._set_up_association()
        cls._work_for(steps.company)

    @classmethod
    def _set_up_finance(cls, steps, env):
        """Make an association with books, a bank, a donor and its people of finance.

        :param steps: as in :meth:`_set_up_aid`
        :param env: as in :meth:`_set_up_aid`
        """
        env = env(context={**env.context, "tracking_disable": True})
        company = steps._create_association.__func__(
            type("World", (), {"env": env}), "Race"
        )
        cls._work_for(company)
        steps.env = env(context=cls.context)
        steps.company = company.with_env(steps.env)
        steps.company._beneficiary_setup_accounting()
        cls.users = {}
        for name, groups in steps.FINANCE_ROLES.items():
            user = steps._create_finance_user(name, groups)
            setattr(steps, name, user)
            cls.users[name] = user.id
        steps.bank = steps._create_bank(steps.company)
        steps.policy = steps._create_policy(steps.company)
        steps.donor = steps.env["res.partner"].create({"name": "Race Donor"})

    @classmethod
    def _work_for(cls, company):
        cls.context = {"allowed_company_ids": company.ids, "tracking_disable": True}

    @classmethod
    @contextlib.contextmanager
    def environment(cls, uid=None, **context):
        """An environment on a cursor of its own, committed at the end."""
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, uid or cls.uid, {**cls.context, **context})

    def session(self, work, uid=None):
        """Run ``work(env)`` as the server runs a request: retried on conflicts."""
        with (
            self.registry.cursor() as cr,
            # The server waits up to 2, 4, 8 seconds: tests need not.
            patch.object(service.random, "uniform", lambda low, high: high / 100),
        ):
            env = api.Environment(cr, uid or self.uid, dict(self.context))
            return service.retrying(lambda: work(env), env)

    def assertDone(self, results, done):
        """So many sessions of a race were done, the others refused in words."""
        errors = [result for result in results if isinstance(result, Exception)]
        for error in errors:
            self.assertIsInstance(error, REFUSALS, results)
        self.assertEqual(len(results) - len(errors), done, results)

    def race(self, works):
        """Run several ``work(env)`` at once, their snapshots taken together.

        :return: what each returned, or the exception it raised
        """
        barrier = threading.Barrier(len(works))
        results = [None] * len(works)

        def run(number, work, uid):
            started = []

            def once(env):
                env.cr.execute("SELECT count(*) FROM res_company")
                if not started:
                    started.append(True)
                    barrier.wait(timeout=30)
                return work(env)

            try:
                results[number] = self.session(once, uid)
            except Exception as error:
                results[number] = error

        threads = [
            threading.Thread(target=run, args=(number, *work))
            for number, work in enumerate(
                work if isinstance(work, tuple) else (work, None) for work in works
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results
