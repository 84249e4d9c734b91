"""Tables whose rows are written once: the database itself refuses the rest.

The models refuse changes as well and say what to do instead; the trigger stops what
goes around them, also SQL. It is taken off while Odoo updates the table's columns.
"""

from odoo.tools import SQL

FUNCTION = "beneficiary_aid_refuse_change"


def protect(cr, table):
    """Refuse UPDATE, DELETE and TRUNCATE of a table.

    :param cr: cursor
    :param str table: name of the table
    """
    cr.execute(
        SQL(
            """
            CREATE OR REPLACE FUNCTION %s() RETURNS trigger AS $$
            BEGIN
                RAISE EXCEPTION 'Rows of %% are written once', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
            END
            $$ LANGUAGE plpgsql
            """,
            SQL.identifier(FUNCTION),
        )
    )
    release(cr, table)
    for suffix, event, scope in (
        ("row", "UPDATE OR DELETE", "ROW"),
        ("all", "TRUNCATE", "STATEMENT"),
    ):
        cr.execute(
            SQL(
                "CREATE TRIGGER %s BEFORE %s ON %s FOR EACH %s EXECUTE FUNCTION %s()",
                SQL.identifier(f"{table}_once_{suffix}"),
                SQL(event),
                SQL.identifier(table),
                SQL(scope),
                SQL.identifier(FUNCTION),
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
