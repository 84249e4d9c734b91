"""Databases: created right for Arabic search, cloned from two levels of templates.

``beneficiary_dev_deps_<hash>`` holds everything the addons build on and is made again
when the requirements change; ``beneficiary_dev_ours_<hash>`` is its clone with the
addons, made again when their files change. Tests and demonstration are clones of the
latter. A template is built under another name and renamed when it is complete, so one
that exists is complete. Attachments are in the database: a clone needs no filestore.
"""

import contextlib
import os
import re
from pathlib import Path

from . import logcheck, postgres
from .base import ADDONS, DEV, LOGS, ROOT, digest, lock, run, say
from .environment import CONFIGURATION
from .venv import INSTALLED, PYTHON, requirements_key

DEMO = "beneficiary_demo"
PREFIX = "beneficiary_dev_"
if postgres.external():  # other checkouts may use the same server
    PREFIX += f"{digest(str(ROOT))[:6]}_"
EXTENSIONS = ("pg_trgm", "btree_gist")
DEPENDENCIES = (
    "l10n_sa",
    "survey",
    "portal",
    "calendar",
    "phone_validation",
    "report_xlsx",
    "account_reconcile_oca",
    "account_payment_order",
    "stock",
    "account_banking_sepa_credit_transfer",
    "account_statement_import_sheet_file",
    "account_statement_import_sheet_file_xlsx",
    "account_statement_import_camt",
    "queue_job",
    "auditlog",
)
LANGUAGES = "en_US,ar_001"
# What changes nothing in an installed database.
NOT_INSTALLED = {"tests", "readme", "__pycache__", "description", ".pytest_cache"}
SERVED_ONLY = {".js", ".scss", ".css", ".pyc"}


def odoo_command(*arguments):
    """A command that runs Odoo with our configuration."""
    return [str(PYTHON), "-m", "odoo", *arguments]


def present_addons():
    """Our addons that can be installed, in order of dependency."""
    return [name for name in ADDONS if (ROOT / name / "__manifest__.py").exists()]


def bridge_addons():
    """Further addons of the repository; they install themselves (auto_install)."""
    found = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))
    return [name for name in found if name not in ADDONS]


def own_addons():
    """Every addon in the repository."""
    return present_addons() + bridge_addons()


def installed_files():
    """The files that decide what an installed database contains."""
    for addon in own_addons():
        for path in sorted((ROOT / addon).rglob("*")):
            parts = set(path.relative_to(ROOT).parts)
            if path.is_file() and not parts & NOT_INSTALLED:
                if path.suffix not in SERVED_ONLY:
                    yield path


def deps_key():
    """What the template with the dependencies depends on."""
    return digest(
        requirements_key(*INSTALLED),
        *DEPENDENCIES,
        LANGUAGES,
        DEV / "prepare_template.py",
    )


def ours_key():
    """What the template with our addons depends on."""
    paths = list(installed_files())
    return digest(deps_key(), *(str(path.relative_to(ROOT)) for path in paths), *paths)


def exists(name):
    """Tell whether a database exists."""
    sql = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
    return bool(postgres.query(sql).strip())


def names():
    """The databases this folder's tools made, but for the demonstration."""
    sql = f"SELECT datname FROM pg_database WHERE starts_with(datname, '{PREFIX}')"
    return postgres.query(sql).split()


def drop(name):
    """Drop a database if it exists, also a template, also one in use."""
    if exists(name):
        postgres.query(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
        postgres.query(f'DROP DATABASE "{name}" WITH (FORCE)')


def rename(old, new):
    """Rename a database."""
    postgres.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def create(name):
    """Create an empty database in which Arabic text has trigrams."""
    drop(name)
    postgres.query(
        f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"
        " LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    )
    for extension in EXTENSIONS:
        postgres.query(f"CREATE EXTENSION {extension}", database=name)


def clone(template, name):
    """Copy a database."""
    drop(name)
    postgres.query(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def install(database, modules, log, *options):
    """Install modules."""
    command = odoo_command("-c", CONFIGURATION, "-d", database, "-i", ",".join(modules))
    command += ["--stop-after-init", "--no-http", *options]
    run(command, log=log, cwd=ROOT)


def shell(database, script, log):
    """Run a script in Odoo's shell."""
    command = odoo_command("shell", "-c", CONFIGURATION, "-d", database, "--no-http")
    with open(script, encoding="utf-8") as source:
        run(command, log=log, stdin=source, cwd=ROOT)


def ensure_template(kind, key, build, title):
    """Return the template's name, building it if it is not there."""
    name = f"{PREFIX}{kind}_{key}"
    if exists(name):
        return name
    say(title)
    building = f"{PREFIX}{kind}_building"
    build(building)
    for stale in names():
        if re.fullmatch(rf"{PREFIX}{kind}_\w+", stale) and stale != building:
            drop(stale)
    rename(building, name)
    say(f"{title}: done")
    return name


def build_deps(name):
    """Install everything our addons build on, and make it self-contained."""
    create(name)
    install(name, DEPENDENCIES, "deps-install.log", "--load-language", LANGUAGES)
    logcheck.require_clean(LOGS / "deps-install.log", errors_only=True)
    shell(name, DEV / "prepare_template.py", "deps-prepare.log")


def build_ours(name):
    """Install our addons on top."""
    clone(ensure_deps(), name)
    addons = present_addons()
    if addons:
        install(name, addons, "ours-install.log")
        logcheck.require_clean(LOGS / "ours-install.log", errors_only=True)
        shell(name, DEV / "prepare_template.py", "ours-prepare.log")


def ensure_deps():
    """The template with the dependencies."""
    title = "database with Odoo's and OCA's modules (2 minutes, once)"
    return ensure_template("deps", deps_key(), build_deps, title)


def ensure_ours():
    """The template with our addons."""
    title = "database with our addons"
    return ensure_template("ours", ours_key(), build_ours, title)


def clone_of_deps(name):
    """Clone the database without our addons."""
    with lock("templates"):
        clone(ensure_deps(), name)


def clone_of_ours(name):
    """Clone the database with our addons."""
    with lock("templates"):
        clone(ensure_ours(), name)


@contextlib.contextmanager
def throwaway(purpose, cloning):
    """A clone for one run, dropped afterwards."""
    with lock("templates"):
        drop_orphans()
    name = f"{PREFIX}{purpose}_{os.getpid()}"
    cloning(name)
    try:
        yield name
    finally:
        drop(name)


def drop_orphans():
    """Drop clones whose process was killed before it could."""
    for name in names():
        pid = name.rsplit("_", 1)[1]
        if re.match(rf"{PREFIX}(test|plain|upgrade|uninstall|lint|bench)_\d+$", name):
            if not Path(f"/proc/{pid}").exists():
                drop(name)


def remove_all():
    """Drop every database that these tools made."""
    for name in [*names(), DEMO, f"{DEMO}_building"]:
        drop(name)
