from odoo.tools import SQL


def touch(records):
    """Write the rows of records without changing them.

    Of two sessions that decide about the same row from figures of the same moment,
    PostgreSQL lets one fail with a serialization error, and Odoo runs it again on
    what the other one stored. A lock alone would not do that. Rows are taken in the
    order of their numbers, so that two sessions do not wait for each other.

    :param records: of one model; new records are left out
    """
    ids = records._origin.ids
    if not ids:
        return
    # What is waiting to be written goes first: it must not be written from memory
    # after the other session's.
    records._origin.flush_recordset()
    table = SQL.identifier(records._table)
    records.env.cr.execute(
        SQL(
            """
            UPDATE %(table)s AS touched
               SET write_date = touched.write_date
              FROM (
                    SELECT id FROM %(table)s WHERE id = ANY(%(ids)s)
                     ORDER BY id FOR NO KEY UPDATE
                   ) AS locked
             WHERE touched.id = locked.id
            """,
            table=table,
            ids=ids,
        )
    )
