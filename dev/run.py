"""The demonstration: build it, serve it, open a shell on it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from provision import base, databases, environment, logcheck, postgres
from provision.databases import DEMO

LOADER = base.DEV / "demonstration.py"
LOGINS = base.LOCAL / "logins.txt"
LOG = base.LOGS / "odoo.log"
READY_SECONDS = 120


def build():
    """Build the demonstration under another name; rename it when it is complete."""
    building = f"{DEMO}_building"
    base.say("building the demonstration (some minutes, once)")
    with base.lock("demonstration"):
        databases.clone_of_ours(building)
        databases.shell(building, base.DEV / "own_identity.py", "demo-identity.log")
        if LOADER.exists():
            base.say("loading the demonstration association")
            databases.shell(building, LOADER, "demo-load.log")
        remember(building)
        databases.drop(DEMO)
        databases.rename(building, DEMO)
    base.say("demonstration built")


def remember(database):
    """Note in the database which files of ours it was installed from."""
    key = databases.ours_key()
    postgres.query(f"COMMENT ON DATABASE \"{database}\" IS '{key}'")


def remembered(database):
    """The note `remember` left."""
    return postgres.query(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        f" WHERE datname = '{database}'"
    ).strip()


def ensure_demonstration():
    """Build it if it is not there; update the addons in it if their files changed."""
    if not databases.exists(DEMO):
        build()
    elif remembered(DEMO) != databases.ours_key():
        base.say("the addons have changed: updating the demonstration")
        addons = ",".join(databases.own_addons())
        command = databases.odoo_command("-c", environment.CONFIGURATION, "-d", DEMO)
        command += ["-i", addons, "-u", addons, "--stop-after-init", "--no-http"]
        base.run(command, log="demo-update.log", hint="`make reset` builds it anew.")
        for line in logcheck.complaints(base.LOGS / "demo-update.log", True):
            print(line, file=sys.stderr)
        remember(DEMO)


def serve():
    """Serve the demonstration until Ctrl-C."""
    port = int(os.environ.get("PORT") or 8069)
    check_port(port)
    environment.ensure()
    ensure_demonstration()
    LOG.unlink(missing_ok=True)
    command = databases.odoo_command("-c", environment.CONFIGURATION, "-d", DEMO)
    command += ["--db-filter", f"^{DEMO}$", "--logfile", str(LOG)]
    command += ["--http-port", str(port), "--gevent-port", str(port + 3)]
    server = subprocess.Popen([str(part) for part in command], cwd=base.ROOT)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        wait_until_ready(server, port)
        announce(port)
        return server.wait()
    except KeyboardInterrupt:  # the terminal sent it to Odoo as well
        base.say("stopping")
        with contextlib.suppress(KeyboardInterrupt):
            server.wait()
        return 0
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait()


def check_port(port):
    """Stop when something else listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise base.Stop(
                f"port {port} is in use: make run PORT={port + 10}"
            ) from None


def wait_until_ready(server, port):
    """Wait until the login page answers."""
    base.say("starting Odoo")
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            tail = LOG.read_text().splitlines()[-20:] if LOG.exists() else []
            print("\n".join(tail), file=sys.stderr)
            raise base.Stop(f"Odoo stopped ({server.returncode}), see {LOG}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=60)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise base.Stop(f"Odoo does not answer after {READY_SECONDS} s, see {LOG}")


def announce(port):
    """Print the address and who can log in."""
    print(f"\n    http://127.0.0.1:{port}/\n")
    if LOGINS.exists():
        print(LOGINS.read_text(encoding="utf-8").rstrip())
    else:
        print("    admin / admin")
    print(f"\n    log: {LOG}\n    Ctrl-C stops\n", flush=True)


def reset():
    """Build the demonstration anew."""
    environment.ensure()
    build()


def shell():
    """Odoo's shell, interactive or reading a script from standard input."""
    environment.ensure()
    database = os.environ.get("DB") or DEMO
    if database == DEMO:
        ensure_demonstration()
    elif not databases.exists(database):
        raise base.Stop(f"there is no database {database}")
    command = databases.odoo_command("shell", "-c", environment.CONFIGURATION)
    command += ["-d", database, "--no-http", "--log-level", "warn"]
    command = [str(part) for part in command]
    return subprocess.run(command, cwd=Path.cwd(), check=False).returncode


def main():
    """`serve`, `reset` or `shell`."""
    actions = {"serve": serve, "reset": reset, "shell": shell}
    return actions[sys.argv[1]]()


if __name__ == "__main__":
    base.main(main)
