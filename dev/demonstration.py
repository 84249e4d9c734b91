# pylint: disable=undefined-variable
"""Build the demonstration association in a database that has the addons.

Read by Odoo's shell on standard input, from the folder of the repository:

    python -m odoo shell -c odoo.conf -d mydb --no-http < dev/demonstration.py

An interrupted run goes on where it stopped when it is started again. The logins are
written to ``.local/logins.txt``, or to the file that DEMO_LOGINS names.
"""

import os
import sys
from pathlib import Path

ROOT = Path(os.environ.get("DEMO_ROOT") or Path.cwd())
if not (ROOT / "dev" / "demonstration.py").exists():
    raise SystemExit(
        "Start this in the folder of the repository, or set DEMO_ROOT to that folder."
    )
sys.path[:0] = [str(ROOT / "dev"), str(ROOT / "data")]

from demonstration_steps import Demonstration  # noqa: E402

Demonstration(
    env,  # noqa: F821
    Path(os.environ.get("DEMO_LOGINS") or ROOT / ".local" / "logins.txt"),
).build()
