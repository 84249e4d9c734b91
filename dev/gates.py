# pylint: disable=undefined-variable
"""Fed to Odoo's shell by `make lint`: prints a line ``GATE …`` for each finding."""

import sys
from pathlib import Path

sys.path.insert(0, "dev")

import registry_gate  # noqa: E402
import translations  # noqa: E402

ROOT = Path.cwd()
ADDONS = sorted(path.parent.name for path in ROOT.glob("*/__manifest__.py"))

for finding in registry_gate.check(env, ADDONS, ROOT / "dev"):  # noqa: F821
    print("GATE", finding)
for finding in translations.check(env, ADDONS, ROOT):  # noqa: F821
    print("GATE", finding)
