from odoo.tools import SQL


def write_each(records, name, values):
    """Store a value of its own on each of very many records, in one statement.

    ``write`` one by one costs as much as making the records. For what the program
    itself stores, such as a link to a journal item: rights, guards and constraints of
    ``write`` are not asked; what depends on the field is computed as usual.

    :param records: saved, of one model
    :param str name: a stored field that is neither translated nor company dependent
    :param list values: as the database holds them, one for each record
    """
    if not records:
        return
    field = records._fields[name]
    # What is waiting to be written must not come after it.
    records.flush_recordset([name])
    records.env.cr.execute(
        SQL(
            """
            UPDATE %(table)s AS target
               SET %(column)s = source.value,
                   write_date = NOW() AT TIME ZONE 'UTC', write_uid = %(uid)s
              FROM UNNEST(%(ids)s, %(values)s::%(type)s[]) AS source(id, value)
             WHERE target.id = source.id
            """,
            table=SQL.identifier(records._table),
            column=SQL.identifier(name),
            uid=records.env.uid,
            ids=records.ids,
            values=values,
            type=SQL.identifier(field.column_type[0]),
        )
    )
    records.invalidate_recordset([name, "write_date", "write_uid"], flush=False)
    records.modified([name])
