"""A monthly run of very many payees, from the plans to the reconciled bank line.

    python dev/bench_run.py                        500 payees
    python dev/bench_run.py --payees 50000         the size the product is made for
    python dev/bench_run.py --payees 5000 --keep NAME   leave the database to look at

Every step is a process of its own, as it is for the people who do it on different days;
so its memory is its own, too. The work that posts the batch is killed in the middle
and goes on where it was saved. At the end the rows that were written are written once
more by COPY, with their indexes: what the database alone needs for them.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time

from provision import base, databases, environment, postgres

STEPS = (
    "instalments",
    "prepare",
    "post",
    "first signature",
    "second signature",
    "pay",
    "bank file",
    "answer",
    "bank line",
)
DATABASE = "bench_run"


def parse(arguments):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="bench_run.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--payees", type=int, default=500)
    parser.add_argument("--keep", metavar="NAME", help="database to make and leave")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--profile", help="write a profile of this step, or of all")
    return parser.parse_args(arguments)


def child(name, step, options, **values):
    """Start a step in a process of its own."""
    command = [sys.executable, __file__, "--payees", str(options.payees)]
    command += ["--keep", name, "--step", step]
    if options.profile in (step, "all"):
        command += ["--profile", step]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **values)


def finish(process):
    """Wait for a step.

    :return: what it says of itself
    """
    output, _none = process.communicate()
    if process.returncode:
        raise base.Stop("a step of the run failed")
    return json.loads(output.splitlines()[-1])


def kill_in_the_middle(name, options, process):
    """Kill the process that posts, as soon as a third of the payees is saved.

    :return: the payees saved when it was dead
    """
    saved = "SELECT COUNT(*) FROM beneficiary_disbursement WHERE move_line_id IS NOT"
    saved += " NULL AND sponsorship_id IS NOT NULL"
    while process.poll() is None:
        done = int(postgres.query(saved, database=name))
        if done > options.payees / 3:
            os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.05)
    process.communicate()
    return int(postgres.query(saved, database=name))


def measure(name, options):
    """Do the run, and say what each step took."""
    finish(child(name, "fill", options))
    rows = []
    for step in STEPS:
        process = child(name, step, options)
        note = ""
        if step == "post":
            saved = kill_in_the_middle(name, options, process)
            note = f"killed with {saved} payees saved"
            process = child(name, step, options)
        found = finish(process)
        rows.append((step, found, found.get("note") or note))
        base.say(f"{step}: {found['seconds']:.1f} s {rows[-1][2]}")
    raw = finish(child(name, "raw", options))
    report(options.payees, rows, raw)


def report(payees, rows, raw):
    """Print the steps as a Markdown table."""
    print(f"\n{payees} payees\n")
    print(
        "| step | seconds | Python | ms / payee | queries / payee | memory MB | note |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    total = queries = 0
    for step, found, note in rows:
        total += found["seconds"]
        queries += found["queries"]
        print(
            f"| {step} | {found['seconds']:.1f} | {found['cpu']:.1f}"
            f" | {found['seconds'] * 1000 / payees:.2f}"
            f" | {found['queries'] / payees:.2f} | {found['memory']} | {note} |"
        )
    print(
        f"| all | {total:.1f} | | {total * 1000 / payees:.2f} | {queries / payees:.2f}"
        f" | | {total / raw['seconds']:.0f} times COPY of the {raw['rows']} rows"
        f" ({raw['seconds']:.2f} s) |"
    )


def work(options):
    """Do one step in this process, which becomes an Odoo."""
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["-c", str(environment.CONFIGURATION), "-d", options.keep, "--log-level=error"],
        setup_logging=True,
    )
    import bench_run_steps

    found = bench_run_steps.do(Registry(options.keep), options)
    print(json.dumps(found))


def main():
    """Measure a run, or do one step of it."""
    options = parse(sys.argv[1:])
    environment.ensure()
    if options.step:
        work(options)
        return 0
    if options.keep:
        if not databases.exists(options.keep):
            databases.clone_of_ours(options.keep)
        measure(options.keep, options)
        return 0
    with databases.throwaway("bench_run", databases.clone_of_ours) as name:
        measure(name, options)
    return 0


if __name__ == "__main__":
    base.main(main)
