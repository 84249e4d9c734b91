"""The physical limit: the rows that some work wrote, written once more by COPY.

The rows go into tables of the same columns and indexes, without foreign keys. Nothing
computes them; less than this no program can need for them.
"""

import io

from bench_harness import Side

from odoo import SUPERUSER_ID


def raw_side(work, tables, context):
    """Return the side that writes by COPY what some work wrote.

    :param work: function of an environment, done before the clock runs
    :param tables: names of the tables whose new rows count
    :param dict context: of the work
    """

    def prepare(env):
        last = {table: _last(env, table) for table in tables}
        work(env)
        env.flush_all()
        return {table: take_rows(env, table, f"id > {last[table]}") for table in tables}

    def run(env, buffers):
        return {
            table: copy(env, f"COPY raw_{table} FROM STDIN", buffer)
            for table, buffer in buffers.items()
        }

    def check(env, counts):
        assert all(counts.values()), f"no rows: {counts}"

    return Side("COPY", SUPERUSER_ID, run, check, context, prepare)


def _last(env, table):
    env.cr.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
    return env.cr.fetchone()[0]


def take_rows(env, table, where):
    """Return rows of a table as COPY writes them, and make ``raw_<table>`` for them."""
    buffer = io.BytesIO()
    copy(env, f"COPY (SELECT * FROM {table} WHERE {where}) TO STDOUT", buffer)
    buffer.seek(0)
    env.cr.execute(f"CREATE TABLE raw_{table} (LIKE {table} INCLUDING ALL)")
    return buffer


def copy(env, statement, buffer):
    """Run a COPY.

    :return: number of rows
    """
    # Odoo's cursor has no COPY; the connection is the same, and the transaction.
    with env.cr._cnx.cursor() as cursor:
        cursor.copy_expert(statement, buffer)
        return cursor.rowcount
