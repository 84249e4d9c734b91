"""Everything a machine needs, in order; and Odoo's configuration."""

import os
import secrets

from . import postgres, prefix, rtlcss, system, venv
from .base import LOCAL, ROOT, lock, write_atomically

CONFIGURATION = LOCAL / "odoo.conf"
PASSWORD = LOCAL / "master-password"


def ensure():
    """Make the machine ready; skips what is done. Safe to call in parallel."""
    with lock("setup"):
        odoo = prefix.ensure_odoo()
        venv.ensure_venv(odoo)
        system.ensure_tools()
        rtlcss.ensure_rtlcss()
        postgres.ensure_running()
        configure(odoo)


def configure(odoo):
    """Write Odoo's configuration: closed by default, threaded, on loopback."""
    paths = [*prefix.addons_paths(odoo), ROOT]
    options = {
        "addons_path": ",".join(str(path) for path in paths),
        "admin_passwd": master_password(),
        "data_dir": LOCAL / "data",
        "db_host": os.environ.get("PGHOST", ""),
        "db_port": os.environ.get("PGPORT", "5432"),
        "db_user": os.environ.get("PGUSER", ""),
        "db_maxconn": 32,
        "http_interface": "127.0.0.1",
        "list_db": False,
        "max_cron_threads": 1,
        "proxy_mode": False,
        "workers": 0,
    }
    if os.environ.get("PGPASSWORD"):
        options["db_password"] = os.environ["PGPASSWORD"]
    lines = [f"{name} = {value}" for name, value in options.items() if value != ""]
    text = "\n".join(["[options]", *lines, ""])
    if not CONFIGURATION.exists() or CONFIGURATION.read_text(encoding="utf-8") != text:
        write_atomically(CONFIGURATION, text, mode=0o600)


def master_password():
    """A password for Odoo's database manager, made once (it is off anyway)."""
    if not PASSWORD.exists():
        write_atomically(PASSWORD, secrets.token_urlsafe(24), mode=0o600)
    return PASSWORD.read_text(encoding="utf-8")
