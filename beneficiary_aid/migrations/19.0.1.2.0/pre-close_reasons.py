from odoo.tools.sql import column_exists, create_column


def migrate(cr, version):
    """Add the column of closing reasons empty: Odoo would fill it row by row, and
    before the reasons are there."""
    if not column_exists(cr, "beneficiary_aid_request", "close_reason_id"):
        create_column(cr, "beneficiary_aid_request", "close_reason_id", "int4")
