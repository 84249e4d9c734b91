"""PostgreSQL: a private cluster on a unix socket, or the one that PGHOST names.

PostgreSQL refuses to run as root, so under root the cluster belongs to a system user.
That user must reach its files: where the checkout is closed to it (root's home, say),
or its path is too long for a socket, they lie in a directory outside, which
``make clean`` removes too.
"""

import getpass
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from . import system
from .base import LOCAL, ROOT, Stop, digest, run, say

ROLE = "odoo"
SYSTEM_USER = "postgres"
PORT = "5432"
OLDEST = 13
LONGEST_SOCKET = 100  # the kernel's limit is 107 bytes

SETTINGS = """
# beneficiary_*: development cluster
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 512MB
max_wal_size = 2GB
synchronous_commit = off
jit = off
log_min_messages = warning
"""


def external():
    """Tell whether the environment names a PostgreSQL of the user's own."""
    host = os.environ.get("PGHOST")
    return bool(host) and host != str(sockets())


def owner():
    """The system user who runs the cluster."""
    return SYSTEM_USER if os.geteuid() == 0 else getpass.getuser()


def home():
    """The cluster's directory: in the checkout where that works."""
    inside = LOCAL / "postgresql"
    if len(str(inside / "socket/.s.PGSQL.5432")) <= LONGEST_SOCKET and reachable(LOCAL):
        return inside
    return outside()


def outside():
    """The directory out of the checkout, named after it."""
    return Path("/var/tmp") / f"beneficiary-{os.geteuid()}-{digest(str(ROOT))}"


def reachable(folder):
    """Tell whether another user may pass through all of a folder's parents."""
    if os.geteuid():
        return True
    parents = [path for path in (folder, *folder.parents) if path.exists()]
    return all(path.stat().st_mode & 0o001 for path in parents)


def data():
    """The data directory."""
    return home() / "data"


def sockets():
    """The directory of the cluster's socket."""
    return home() / "socket"


def bin_folder():
    """The newest PostgreSQL's programs on this machine, or None."""
    found = []
    for initdb in Path("/usr/lib/postgresql").glob("*/bin/initdb"):
        version = re.fullmatch(r"\d+", initdb.parts[-3])
        if version and int(initdb.parts[-3]) >= OLDEST:
            found.append((int(initdb.parts[-3]), initdb.parent))
    if found:
        return max(found)[1]
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def ensure_installed():
    """Install PostgreSQL when missing, without the cluster Debian would start."""
    if bin_folder():
        return
    system.install(["postgresql-common"], "PostgreSQL")
    conf = ["pg_conftool", "/etc/postgresql-common/createcluster.conf"]
    run(system.as_root([*conf, "set", "create_main_cluster", "false"]))
    try:
        system.install(["postgresql", "postgresql-client"], "PostgreSQL")
    finally:
        run(system.as_root([*conf, "remove", "create_main_cluster"]))
    if not bin_folder():
        raise Stop(f"no PostgreSQL {OLDEST} or newer: install one, or set PGHOST")


def as_owner():
    """Options that make a subprocess run as the cluster's owner."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam(SYSTEM_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def ensure_running():
    """Make, start and prepare the cluster; then point the environment to it."""
    if external():
        ensure_client()
        return
    ensure_installed()
    ensure_cluster()
    if not is_running():
        start()
    os.environ.update(connection())
    ensure_role()


def connection():
    """The environment variables every client needs."""
    return {"PGHOST": str(sockets()), "PGPORT": PORT, "PGUSER": ROLE}


def ensure_client():
    """An existing PostgreSQL still needs ``psql`` and ``createdb`` here."""
    if not shutil.which("psql"):
        system.install(["postgresql-client"], "psql")


def program(name):
    """The path of one of PostgreSQL's programs."""
    folder = bin_folder()
    return folder / name if folder and (folder / name).exists() else name


def ensure_cluster():
    """Create the cluster beside its place, then move it there."""
    if (data() / "PG_VERSION").exists():
        return
    say("creating a database cluster")
    for folder in (home(), sockets()):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if not os.geteuid():
            shutil.chown(folder, SYSTEM_USER)
    part = home() / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    command = [program("initdb"), "-D", part, "-U", "postgres", "--auth=trust"]
    command += ["--locale=C.UTF-8", "--encoding=UTF8"]
    run(command, log="initdb.log", **as_owner())
    with open(part / "postgresql.conf", "a", encoding="utf-8") as configuration:
        configuration.write(SETTINGS)
        configuration.write(f"unix_socket_directories = '{sockets()}'\n")
    part.rename(data())


def is_running():
    """Tell whether the cluster answers."""
    command = [program("pg_isready"), "-q", "-h", sockets(), "-p", PORT]
    return subprocess.run(command, check=False).returncode == 0


def start():
    """Start the cluster; it stays up until `make clean` or `make stop`."""
    say("starting PostgreSQL")
    log = home() / "postgresql.log"
    command = [program("pg_ctl"), "-D", data(), "-l", log, "-w", "-t", "120", "start"]
    hint = f"See {log}."
    run(command, log="pg_ctl.log", hint=hint, **as_owner())


def stop():
    """Stop the cluster if it runs."""
    if not external() and (data() / "PG_VERSION").exists() and is_running():
        say("stopping PostgreSQL")
        command = [program("pg_ctl"), "-D", data(), "-m", "fast", "-w", "stop"]
        run(command, log="pg_ctl.log", **as_owner())


def ensure_role():
    """The role Odoo connects as: may create databases, is no superuser."""
    sql = f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"
    if query(sql, user="postgres").strip():
        return
    query(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user="postgres")


def query(sql, database="postgres", user=None):
    """Run SQL through psql; return its bare output."""
    command = [program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    command += ["-d", database, "-c", sql]
    environment = dict(os.environ, **({"PGUSER": user} if user else {}))
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Stop(f"PostgreSQL refused `{sql[:80]}`: {done.stderr.strip()}")
    return done.stdout


def remove():
    """Stop the cluster and delete its files, wherever they are."""
    stop()
    for folder in (LOCAL / "postgresql", outside()):
        if folder.exists():
            shutil.rmtree(folder)
