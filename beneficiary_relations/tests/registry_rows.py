"""A registry of any size in a moment: rows copied from one file by the database.

For tests and the benchmark: what they look at is reading, evaluating and scoring many
files, which does not ask how the files came to be there.
"""

from odoo.tools import SQL


def copy_files(file, count, contact=None, **columns):
    """Copy a file, with its contact, ``count`` times.

    :param file: the ``beneficiary.beneficiary`` to copy
    :param dict contact: SQL of the contact's columns, as ``columns``
    :param columns: SQL of columns that differ from row to row; ``n`` is the number of
        the row, from 1. ``name`` is the contact's, ``search_name`` goes with it.
    :return: the copies, in the order of ``n``
    """
    env = file.env
    env.flush_all()
    name = columns.pop("name", "'Person ' || n")
    search_name = columns.pop("search_name", name)
    partners = _copy_rows(
        env,
        "res_partner",
        file.partner_id.id,
        count,
        {
            "name": name,
            "complete_name": name,
            "commercial_partner_id": "new_id",
            **(contact or {}),
        },
    )
    offset = partners[0] - 1
    ids = _copy_rows(
        env,
        "beneficiary_beneficiary",
        file.id,
        count,
        {
            "partner_id": f"{offset} + n",
            "file_number": "'T' || LPAD(n::text, 9, '0')",
            "identity_number": "NULL",
            "search_name": search_name,
            **columns,
        },
    )
    env.invalidate_all()
    return file.browse(ids)


def _copy_rows(env, table, row_id, count, columns):
    """Copy a row ``count`` times; the ids follow each other."""
    names = [
        name
        for (name,) in env.execute_query(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND table_schema = CURRENT_SCHEMA"
                " AND column_name <> 'id' ORDER BY ordinal_position",
                table,
            )
        )
    ]
    ((first,),) = env.execute_query(
        SQL(
            "SELECT SETVAL(%(name)s, NEXTVAL(%(name)s) + %(count)s) - %(count)s",
            name=f"{table}_id_seq",
            count=count,
        )
    )
    # The expressions are written in the tests, no value comes from outside.
    given = {name: text.replace("%", "%%") for name, text in columns.items()}
    values = []
    for name in names:
        own = name in columns
        values.append(SQL(given[name]) if own else SQL.identifier("row", name))
    env.cr.execute(
        SQL(
            "INSERT INTO %s (id, %s) SELECT new_id, %s FROM"
            " (SELECT n, %s + n AS new_id FROM GENERATE_SERIES(1, %s) AS n) AS numbers,"
            " (SELECT * FROM %s WHERE id = %s) AS row",
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, names)),
            SQL(", ").join(values),
            first - 1,
            count,
            SQL.identifier(table),
            row_id,
        )
    )
    return list(range(first, first + count))
