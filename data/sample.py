"""Read the sample and import it the way Odoo's import screen does."""

import csv
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# In the order in which they are imported: each file names records of those before.
FILES = (
    "beneficiary.area.csv",
    "beneficiary.branch.csv",
    "beneficiary.household.csv",
    "beneficiary.household.line.csv",
    "beneficiary.beneficiary.csv",
    "beneficiary.document.csv",
    "res.partner.csv",
    "beneficiary.fund.csv",
    "beneficiary.donation.csv",
    "beneficiary.aid.request.csv",
    "account.bank.statement.line.csv",
)
# Days of business; birth dates stay what they are.
DAYS = {
    "date",
    "date_received",
    "expiry_date",
    "identity_expiry",
    "issue_date",
    "residence_expiry",
}
# External ids get this module, as on the import screen.
NAMESPACE = "__import__"


class SampleError(Exception):
    """Odoo's import had something to say about a row."""


def read(name, days=0):
    """Return the header and the rows of a file.

    :param str name: file name, relative to this folder
    :param int days: by how much dates are moved, so that the sample stays recent
    :rtype: tuple[list[str], list[list[str]]]
    """
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = [index for index, field in enumerate(header) if field in DAYS]
    for row in rows if days else ():
        for index in columns:
            row[index] = move(row[index], days)
    return header, rows


def records(name):
    """Return the rows of a file as dictionaries."""
    header, rows = read(name)
    return [dict(zip(header, row, strict=True)) for row in rows]


def move(text, days):
    """Return a date, or a date and time, so many days later; empty stays empty."""
    if not text:
        return text
    return f"{date.fromisoformat(text[:10]) + timedelta(days=days)}{text[10:]}"


def load(env, name, days=0, only=None, **context):
    """Import a file through the model's own ``load``.

    :param env: environment of the user who imports
    :param str name: file name; without its ending it is the model's name
    :param int days: see :func:`read`
    :param only: external ids of the rows to import, all when left out
    :param context: further context, such as defaults
    :return: ids of the records, in the order of the rows
    :raise SampleError: with the first messages, when there is any
    """
    header, rows = read(name, days)
    if only is not None:
        rows = [row for row in rows if row[0] in only]
    model = env[name.removesuffix(".csv")].with_context(
        **{"import_file": True, "module": NAMESPACE, "lang": "ar_001", **context}
    )
    result = model.load(header, rows)
    if result["messages"] or not result["ids"]:
        words = [
            f"row {message.get('record', -2) + 2}: {message['message']}"
            for message in result["messages"][:5]
        ]
        raise SampleError(f"{name}: " + "; ".join(words or ["nothing was imported"]))
    return result["ids"]
