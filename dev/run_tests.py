"""All tests: pytest on a clone; beside it Odoo's own runner and what it serves.

That is the demonstration, an upgrade and an uninstallation.

A skipped test counts as a failure: Odoo skips every browser test where Chromium or
``--odoo-http`` is missing, and would be green without having looked.
``TESTS="path -k name"`` runs only those, with pytest.
"""

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

from provision import base, databases, environment, logcheck
from provision.environment import CONFIGURATION
from provision.venv import VENV

ODOO_TOTALS = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


class Totals:
    """What all legs add up to."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def add(self, passed, failed):
        """Count a leg."""
        self.passed += passed
        self.failed += failed

    def check(self, title, complaints):
        """Count a leg that is one check: it passes without complaints."""
        for complaint in complaints[:20]:
            print(f"    {complaint[:600]}")
        print(f"{'FAILED' if complaints else 'passed'}: {title}", flush=True)
        self.add(not complaints, bool(complaints))


def test_folders():
    """Where tests lie."""
    folders = [base.ROOT / addon / "tests" for addon in databases.own_addons()]
    folders.append(base.ROOT / "tests")
    return [
        str(folder.relative_to(base.ROOT))
        for folder in folders
        if any(folder.glob("**/test_*.py"))
    ]


def run_pytest(totals, arguments):
    """The pytest leg; ``arguments`` select tests."""
    report = base.LOGS / "pytest.xml"
    report.unlink(missing_ok=True)
    with databases.throwaway("test", databases.clone_of_ours) as database:
        command = [
            str(VENV / "bin/pytest"),
            f"--odoo-config={CONFIGURATION}",
            f"--odoo-database={database}",
            "--odoo-http",
            "--odoo-log-level=critical",
            "-q",
            "-rfEs",
            "--disable-warnings",
            f"--junitxml={report}",
            *arguments,
        ]
        code = subprocess.run(command, cwd=base.ROOT, check=False).returncode
    count_pytest(totals, report, code)


def count_pytest(totals, report, code):
    """Read pytest's totals; skips and a bad exit without a failed test fail."""
    if not report.exists():
        totals.check("pytest runs to its end", [f"it ended with exit code {code}"])
        return
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    tests, failures, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    if skipped:
        print(f"FAILED: {skipped} tests were skipped; a skip counts as a failure")
    totals.add(max(tests - failed - skipped, 0), failed + skipped)
    if code and not failed:
        totals.check("pytest", [f"exit code {code} without a failed test"])


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def odoo(database, log, *options):
    """Run Odoo to its end; return what its log and exit code complain about."""
    command = databases.odoo_command("-c", CONFIGURATION, "-d", database, *options)
    path = base.LOGS / log
    with open(path, "w", encoding="utf-8") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=base.ROOT,
            check=False,
        )
    found = logcheck.complaints(path)
    if done.returncode:
        found.append(f"exit code {done.returncode}, see {path}")
    return found


def run_odoo_tests(totals):
    """Install without demonstration data, the addons' tests under Odoo's runner."""
    addons = databases.own_addons()
    with databases.throwaway("plain", databases.clone_of_deps) as database:
        found = odoo(
            database,
            "plain-tests.log",
            "-i",
            ",".join(databases.present_addons()),
            "--test-tags",
            ",".join(f"/{addon}" for addon in addons),
            "--stop-after-init",
            "--http-port",
            free_port(),
            "--gevent-port",
            free_port(),
        )
    text = (base.LOGS / "plain-tests.log").read_text(errors="replace")
    runs = ODOO_TOTALS.findall(text)
    if not runs:
        found.append("Odoo's runner reports no tests")
    else:
        failed, errors, tests = map(int, runs[-1])
        print(f"Odoo's runner: {tests} tests, {failed + errors} failed")
    totals.check("install with no demo data and tests under Odoo's runner", found)


def run_upgrade(totals):
    """Update our addons where they are installed."""
    addons = ",".join(databases.own_addons())
    with databases.throwaway("upgrade", databases.clone_of_ours) as database:
        found = odoo(
            database, "upgrade.log", "-u", addons, "--stop-after-init", "--no-http"
        )
    totals.check("upgrade (-u)", found)


def run_uninstall(totals):
    """Uninstall our addons, last one first, and start once more."""
    addons = reversed(databases.present_addons())
    with databases.throwaway("uninstall", databases.clone_of_ours) as database:
        found = uninstall(database, list(addons))
        found += odoo(database, "uninstalled.log", "--stop-after-init", "--no-http")
    totals.check("uninstall", found)


def uninstall(database, addons):
    """`odoo module uninstall`, whose options come after the command."""
    path = base.LOGS / "uninstall.log"
    command = databases.odoo_command("module", "uninstall", "-c", CONFIGURATION)
    command += ["-d", database, *addons]
    with open(path, "w", encoding="utf-8") as output:
        code = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    found = logcheck.complaints(path)
    return found + ([f"exit code {code}, see {path}"] if code else [])


def run_demonstration(totals):
    """Build the demonstration: a year of work of every role, as people do it."""
    path = base.LOGS / "demonstration.log"
    command = databases.odoo_command("shell", "-c", CONFIGURATION, "--no-http", "-d")
    with databases.throwaway("demonstration", databases.clone_of_ours) as database:
        with (
            open(base.DEV / "demonstration.py", encoding="utf-8") as source,
            open(path, "w", encoding="utf-8") as output,
        ):
            code = subprocess.run(
                [str(part) for part in (*command, database)],
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=base.ROOT,
                env={**os.environ, "DEMO_LOGINS": str(base.LOGS / "logins.txt")},
                check=False,
            ).returncode
    lines = path.read_text(errors="replace").splitlines()
    found = [lines[-1], f"exit code {code}, see {path}"] if code else []
    totals.check("the demonstration is built", found)


def run_odoo_legs(totals):
    """The legs under Odoo itself, one after the other."""
    for leg in (run_odoo_tests, run_demonstration, run_upgrade, run_uninstall):
        leg(totals)


def main():
    """Run what was asked for; the last line is the total."""
    environment.ensure()
    # The job runner would keep a connection to the database that race tests copy.
    os.environ["ODOO_QUEUE_JOB_CHANNELS"] = "root:0"
    started = time.monotonic()
    totals = Totals()
    chosen = shlex.split(os.environ.get("TESTS", ""))
    if chosen:
        run_pytest(totals, chosen)
    else:
        # Each leg has a database of its own; two at a time use two processors.
        with ThreadPoolExecutor(max_workers=1) as beside:
            others = beside.submit(run_odoo_legs, totals)
            try:
                run_pytest(totals, test_folders())
            except base.Stop as stop:
                totals.check("pytest", [str(stop)])
            others.result()
    print(f"{time.monotonic() - started:.0f} s")
    if not totals.passed and not totals.failed:
        raise base.Stop("no test was run")
    print(f"{totals.passed} passed, {totals.failed} failed", flush=True)
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    base.main(main)
