"""A server of its own beside the tests, on a database in which sessions commit."""

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from odoo.tools import config


def _free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _copy_files(source, database):
    """Give a copied database the files of its source, so that nothing is missing."""
    store = Path(config.filestore(source))
    copy = Path(config.filestore(database))
    if store.is_dir():
        shutil.copytree(store, copy, dirs_exist_ok=True)
    return copy


def _wait_until_up(process, address, log):
    for _attempt in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address + "/web/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    log.seek(0)
    raise AssertionError(f"The server did not start:\n{log.read()[-4000:]}")


@contextlib.contextmanager
def running_server(database, source):
    """Serve ``database``, websocket included, and yield the address.

    :param str database: a committed copy, as :class:`CommittedCase` makes it
    :param str source: the database it was copied from
    """
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    files = _copy_files(source, database)
    options = {
        "addons-path": ",".join(config["addons_path"])
        if isinstance(config["addons_path"], list)
        else config["addons_path"],
        "data-dir": config["data_dir"],
        "database": database,
        "db-filter": f"^{database}$",
        "db_host": config["db_host"],
        "db_port": config["db_port"],
        "db_user": config["db_user"],
        "http-interface": "127.0.0.1",
        "http-port": port,
        "max-cron-threads": 0,
        "workers": 0,
        "db_maxconn": 32,
        "log-level": "warn",
    }
    command = [sys.executable, "-m", "odoo"]
    command += [f"--{name}={value}" for name, value in options.items() if value != ""]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_until_up(process, address, log)
            yield address
        except Exception:
            log.seek(0)
            print(log.read()[-4000:])
            raise
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(files, ignore_errors=True)
