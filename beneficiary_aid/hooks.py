from odoo.tools import SQL

from .tools.append_only import FUNCTION


def post_init_hook(env):
    """Give the adopted policies their stages, aid types and committee."""
    env["beneficiary.policy"]._top_up()


# What belongs to the books of an association and stays in them.
KEPT_MODELS = ("account.account", "account.analytic.plan", "account.journal")


def uninstall_hook(env):
    """Let the rows that were written once go with their tables, and keep the books.

    The triggers go with the function. Decisions hold on to the reasons that came
    with this addon, which Odoo deletes before it drops the tables. Accounts, journal
    and plan have entries: only their link to the addon is cut.
    """
    env["ir.model.data"].search(
        [("module", "=", "beneficiary_aid"), ("model", "in", KEPT_MODELS)]
    ).unlink()
    env.cr.execute(
        SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(FUNCTION))
    )
    for table in ("beneficiary_decision", "beneficiary_agenda_item"):
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s",
                SQL.identifier(table),
                SQL.identifier(f"{table}_reason_id_fkey"),
            )
        )
