from odoo.tools import SQL


def migrate(cr, version):
    """Give requests that have an outcome the closing reason that says the same."""
    cr.execute(
        SQL(
            """
            UPDATE beneficiary_aid_request request
               SET close_reason_id = reason.id
              FROM (
                    SELECT DISTINCT ON (outcome) id, outcome
                      FROM beneficiary_close_reason
                     WHERE company_id IS NULL AND active
                     ORDER BY outcome, sequence, id
                   ) reason
             WHERE request.close_reason_id IS NULL
               AND request.outcome = reason.outcome
            """
        )
    )
