#!/usr/bin/env python3
"""Write the sample that the demonstration and the tests import.

    python3 data/generate.py            write the files beside this script
    python3 data/generate.py /some/dir  write them elsewhere

The sample is made from a fixed seed and a fixed day: the same files each time, on
every Python from 3.10 to 3.13. Nobody in it exists.
"""

import csv
import io
import sys
from datetime import date
from pathlib import Path
from random import Random

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from generator import documents, money, registry, requests  # noqa: E402

SEED = 19
# The day on which the sample is dated.
TODAY = date(2026, 11, 15)


def build(seed=SEED, today=TODAY):
    """Return the rows of every file, in the order in which they are imported.

    :rtype: dict[str, list[dict]]
    """
    people = registry.Registry(Random(seed), today)
    asked = requests.Requests(people)
    papers = documents.document_rows(people, asked.requests)
    funds = money.Money(people, asked.requests)
    payments = asked.payment_rows()
    return {
        "beneficiary.area.csv": people.areas(),
        "beneficiary.branch.csv": people.branches(),
        "beneficiary.household.csv": people.household_rows(),
        "beneficiary.household.line.csv": people.lines,
        "beneficiary.beneficiary.csv": people.people_rows(),
        "beneficiary.document.csv": papers,
        "res.partner.csv": funds.partner_rows(),
        "beneficiary.fund.csv": funds.fund_rows(),
        "beneficiary.donation.csv": funds.donation_rows(),
        "beneficiary.aid.request.csv": asked.rows(),
        "account.bank.statement.line.csv": funds.statement_rows(payments),
        "plan/requests.csv": asked.plan_rows(),
        "plan/payments.csv": payments,
    }


def render(rows):
    """Return the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write(folder=FOLDER):
    """Write every file into a folder."""
    for name, rows in build().items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(rows), encoding="utf-8")


if __name__ == "__main__":
    write(*sys.argv[1:2])
