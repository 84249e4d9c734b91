import logging

_logger = logging.getLogger(__name__)

REQUIRED_EXTENSIONS = ("pg_trgm", "btree_gist")


def pre_init_hook(env):
    """Warn when the database cannot search Arabic names fast or refuse overlaps.

    The addon still works then, only slower, so this does not stop the installation.

    :param env: environment of the installation
    """
    env.cr.execute(
        "SELECT datctype FROM pg_database WHERE datname = current_database()"
    )
    ctype = env.cr.fetchone()[0]
    env.cr.execute("SELECT extname FROM pg_extension")
    extensions = {name for (name,) in env.cr.fetchall()}
    for fault in database_faults(ctype, extensions):
        _logger.warning(fault)


def database_faults(ctype, extensions):
    """Say what a database lacks, and the remedy.

    With a ``C`` character type the trigrams of Arabic text are empty, and without the
    extension Odoo silently leaves trigram indexes out.

    :param str ctype: character type of the database
    :param set extensions: names of the extensions it has
    :return: one sentence for each fault
    :rtype: list[str]
    """
    faults = []
    if "utf" not in ctype.lower():
        faults.append(
            f"The database has the character type {ctype}: Arabic names cannot be "
            "indexed. Create it with a UTF-8 character type, for example with "
            "createdb --template=template0 --locale=C.UTF-8."
        )
    faults += [
        f"The PostgreSQL extension {extension} is missing. Run CREATE EXTENSION "
        f"{extension} in the database before installing, so that searches stay fast."
        for extension in REQUIRED_EXTENSIONS
        if extension not in extensions
    ]
    return faults


def post_init_hook(env):
    """Give the adopted policies the part of this addon, at its first install."""
    env["beneficiary.policy"]._top_up()
