"""Tables whose rows are written once: the database itself refuses the rest.

Only the words about a person whose data are destroyed may be cut, in columns named for
it and inside :func:`cutting`; every other column stays as it was written.

The models refuse changes as well and say what to do instead; the trigger stops what
goes around them, also SQL. It is taken off while Odoo updates the table's columns.
"""

import contextlib

from odoo.tools import SQL

FUNCTION = "beneficiary_aid_refuse_change"


# Set for the transaction while personal words are cut.
CUTTING = "beneficiary_aid.cutting"


@contextlib.contextmanager
def cutting(cr):
    """Let the words about a person be cut; the caller flushes before the end.

    :param cr: cursor
    """
    cr.execute(SQL("SELECT set_config(%s, 'on', TRUE)", CUTTING))
    yield
    cr.execute(SQL("SELECT set_config(%s, '', TRUE)", CUTTING))


def protect(cr, table, words=()):
    """Refuse UPDATE, DELETE and TRUNCATE of a table.

    :param cr: cursor
    :param str table: name of the table
    :param words: columns that may change while personal words are cut
    """
    cr.execute(
        SQL(
            """
            CREATE OR REPLACE FUNCTION %s() RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND TG_NARGS > 0
                   AND current_setting('beneficiary_aid.cutting', TRUE) = 'on'
                   AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV
                THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'Rows of %% are written once', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
            END
            $$ LANGUAGE plpgsql
            """,
            SQL.identifier(FUNCTION),
        )
    )
    release(cr, table)
    cut = [*words, "write_uid", "write_date"] if words else []
    for suffix, event, scope in (
        ("row", "UPDATE OR DELETE", "ROW"),
        ("all", "TRUNCATE", "STATEMENT"),
    ):
        columns = cut if scope == "ROW" else []
        cr.execute(
            SQL(
                "CREATE TRIGGER %s BEFORE %s ON %s FOR EACH %s EXECUTE FUNCTION %s(%s)",
                SQL.identifier(f"{table}_once_{suffix}"),
                SQL(event),
                SQL.identifier(table),
                SQL(scope),
                SQL.identifier(FUNCTION),
                SQL(", ").join(SQL("%s", column) for column in columns),
            )
        )


def release(cr, table):
    """Take the triggers off, when the table is there."""
    cr.execute(SQL("SELECT to_regclass(%s)", table))
    if not cr.fetchone()[0]:
        return
    for suffix in ("row", "all"):
        cr.execute(
            SQL(
                "DROP TRIGGER IF EXISTS %s ON %s",
                SQL.identifier(f"{table}_once_{suffix}"),
                SQL.identifier(table),
            )
        )
