"""The virtual environment in ``.local/venv``, in which ``odoo`` is importable."""

import os
import shutil
import sys
from pathlib import Path

from . import system
from .base import DEV, LOCAL, Stop, digest, read, run, say, step
from .prefix import DIST_PACKAGES

VENV = LOCAL / "venv"
PYTHON = VENV / "bin/python"
INSTALLED = (DEV / "requirements.txt", DEV / "requirements-oca.txt")
REQUIREMENTS = (*INSTALLED, DEV / "requirements-tools.txt")


def requirements_key(*files):
    """What the environment depends on, or what a database installed with it does."""
    odoo = os.environ.get("ODOO", "")
    return digest(sys.version_info[:2], odoo, *files)


def ensure_venv(odoo):
    """Create it and install the requirements beside the Odoo given."""
    if not (3, 10) <= sys.version_info[:2] <= (3, 13):
        raise Stop("Odoo 19 needs Python 3.10 to 3.13: make PYTHON=/path/to/python3.12")
    key = requirements_key(*REQUIREMENTS)
    step("venv", key, lambda: build(odoo), "Python packages", PYTHON)
    # Another checkout that shares the environment may have shown it its own Odoo.
    if location().read_text(encoding="utf-8").strip() != str(odoo):
        link_odoo(odoo)


def build(odoo):
    """Make the environment, show it Odoo, install."""
    if not PYTHON.exists():
        create()
    link_odoo(odoo)
    options = [option for path in REQUIREMENTS for option in ("-r", path)]
    run(
        [PYTHON, "-m", "pip", "install", "--no-input", *options],
        log="pip.log",
        hint="Check that this machine reaches its Python package index, then retry.",
    )


def create():
    """Create the environment; Debian keeps part of ``venv`` in a package of its own."""
    command = [sys.executable, "-m", "venv", VENV]
    try:
        run(command, log="venv.log")
    except Stop:
        say("python3 cannot make virtual environments yet")
        shutil.rmtree(VENV, ignore_errors=True)
        system.install(["python3-venv"], "python3-venv")
        run(command, log="venv.log")


def link_odoo(odoo):
    """Make ``odoo`` importable and, for pip, an installed distribution."""
    location().write_text(f"{odoo}\n", encoding="utf-8")
    known = location().with_name("odoo-19.0.dist-info")
    shutil.rmtree(known, ignore_errors=True)
    if odoo != DIST_PACKAGES:  # a checkout, unlike the package, has no metadata
        known.mkdir()
        metadata = "Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n"
        (known / "METADATA").write_text(metadata)
        (known / "INSTALLER").write_text("beneficiary-dev\n")
        (known / "RECORD").write_text("")


def location():
    """The file of the environment that says where ``odoo`` lies."""
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(read([PYTHON, "-c", script]).strip()) / "odoo_location.pth"
