"""All static checks, and those that read the registry; quick ones first."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

from provision import base, databases, environment, logcheck
from provision.environment import CONFIGURATION
from provision.prefix import ensure_odoo
from provision.venv import VENV

# Written in two parts so that this line does not find itself.
REGISTRY_HOST = re.compile(
    r"https?://[a-z.]*" + r"(debian|pypi|npm)[a-z]*\.(org|com|js)"
)
ODOO_CHECKS = (
    "used-before-assignment,undefined-variable,unreachable,function-redefined,"
    "sql-injection,missing-gettext,gettext-variable,gettext-placeholders,gettext-repr,"
    "raise-unlink-override"
)
ODOO_PLUGINS = (
    "_odoo_checker_sql_injection,_odoo_checker_gettext,_odoo_checker_unlink_override"
)


def tracked_files(*suffixes):
    """The repository's files, tracked or about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = base.read(command, cwd=base.ROOT).split("\0")
    paths = (base.ROOT / name for name in listed if name)
    return [
        path
        for path in paths
        if path.is_file() and (not suffixes or path.suffix in suffixes)
    ]


def tool(*command, **environ):
    """Run a tool; return its output lines when it finds something."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=base.ROOT,
        env=dict(os.environ, **environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if not done.returncode:
        return []
    return done.stdout.splitlines() or [f"exit code {done.returncode}"]


def check_xml():
    """XML files are well-formed."""
    for path in tracked_files(".xml", ".svg"):
        try:
            ElementTree.parse(path)
        except ElementTree.ParseError as error:
            yield f"{path.relative_to(base.ROOT)}: {error}"


def check_hosts():
    """No file names the host of a package registry or mirror."""
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for match in REGISTRY_HOST.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path.relative_to(base.ROOT)}:{line}: {match.group()}"


def check_glossary():
    """Translations follow the glossary."""
    yield from tool(VENV / "bin/python", base.ROOT / "i18n/check_glossary.py")


def check_ruff():
    """OCA's rules for style."""
    yield from tool(VENV / "bin/ruff", "check", "--output-format=concise", "-q", ".")


def check_format():
    """Formatted as ruff formats."""
    yield from tool(VENV / "bin/ruff", "format", "--check", ".")


def check_pylint_odoo():
    """OCA's rules for addons."""
    addons = databases.own_addons()
    if addons:
        rc = base.ROOT / "pyproject.toml"
        yield from tool(VENV / "bin/pylint", f"--rcfile={rc}", *addons)


def check_odoo_pylint():
    """Odoo's own rules: SQL, translations, raising in unlink."""
    addons = databases.own_addons()
    if addons:
        folder = odoo_addon("test_lint") / "tests"
        yield from tool(
            VENV / "bin/pylint",
            "--rcfile=/dev/null",
            "--disable=all,useless-option-value",
            f"--enable={ODOO_CHECKS}",
            f"--load-plugins={ODOO_PLUGINS}",
            "--reports=n",
            "--score=n",
            *addons,
            PYTHONPATH=str(folder),
        )


def odoo_addon(name):
    """Where one of Odoo's own addons lies."""
    odoo = ensure_odoo()
    folders = (odoo / "addons", odoo / "odoo/addons")
    for folder in folders:
        if (folder / name / "tests").is_dir():
            return folder / name
    raise base.Stop(f"Odoo's addon {name} was not found in {odoo}")


def check_registry():
    """Registry gate, translations and install log of a database with our addons."""
    if not databases.present_addons():
        return
    with databases.throwaway("lint", databases.clone_of_ours) as database:
        command = databases.odoo_command("shell", "-c", CONFIGURATION, "-d", database)
        script = base.DEV / "gates.py"
        path = base.LOGS / "lint-registry.log"
        with open(script, encoding="utf-8") as source, open(path, "w") as log:
            done = subprocess.run(
                [*map(str, command), "--no-http", "--log-level", "error"],
                cwd=base.ROOT,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                check=False,
            )
    yield from re.findall(r"^GATE (.*)$", done.stdout, re.M)
    if done.returncode:
        yield from path.read_text().splitlines()[-15:]
        yield f"the gates ended with exit code {done.returncode}, see {path}"
    installation = base.LOGS / "ours-install.log"  # of the database just read
    if installation.exists():
        yield from logcheck.complaints(installation)


CHECKS = (
    check_xml,
    check_hosts,
    check_glossary,
    check_ruff,
    check_format,
    check_pylint_odoo,
    check_odoo_pylint,
    check_registry,
)


def timed(check):
    """Run a check; return its findings and how long it took."""
    started = time.monotonic()
    return list(check()), time.monotonic() - started


def main():
    """Run every check, two at a time; tell in order what each one found."""
    environment.ensure()
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = [(check, pool.submit(timed, check)) for check in CHECKS]
        for check, result in results:
            findings, seconds = result.result()
            for finding in findings:
                print(f"    {finding}")
            failed += bool(findings)
            mark = "FAILED" if findings else "ok"
            print(f"{mark}: {check.__doc__.rstrip('.')} ({seconds:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    base.main(main)
