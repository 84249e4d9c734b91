"""How fast the product is, as ratios to peers measured in the same run.

    make bench                             all workloads, small sizes
    python dev/bench.py --open 20000 --history 80000 --repetitions 9
    python dev/bench.py W4 W5              some workloads
    python dev/bench.py --gate             fail when an aim or a query budget is missed

A database of its own is made, filled and dropped again; ``--keep NAME`` keeps it under
that name, and a later run with the same name fills it no second time.
"""

import argparse
import sys
from contextlib import contextmanager

from provision import base, databases, environment

PEERS = ("crm", "project")
DEFAULTS = {"people": 3000, "open": 2000, "history": 8000, "repetitions": 8}


def parse(arguments):
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="bench.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("workloads", nargs="*", help="W3, W4 …; all when left out")
    parser.add_argument("--people", type=int, help="files in the registry")
    parser.add_argument("--open", type=int, help="requests that are worked on")
    parser.add_argument("--history", type=int, help="requests that are closed")
    parser.add_argument("--repetitions", type=int, help="at least 7 count")
    parser.add_argument("--keep", metavar="NAME", help="database to make or use again")
    parser.add_argument("--gate", action="store_true", help="fail on a missed aim")
    parser.set_defaults(**DEFAULTS)
    return parser.parse_args(arguments)


@contextmanager
def database(keep):
    """Yield the name of a database with the addons and their peers."""
    if keep:
        if not databases.exists(keep):
            create(keep)
        yield keep
        return
    with databases.throwaway("bench", create) as name:
        yield name


def create(name):
    """Make a database with our addons and the peers."""
    databases.clone_of_ours(name)
    base.say(f"installing the peers: {', '.join(PEERS)}")
    databases.install(name, PEERS, "bench-install.log")


def measure(name, options):
    """Measure in this process, which becomes an Odoo.

    :return: the pairs
    """
    # Odoo is importable only after the machine was set up.
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["-c", str(environment.CONFIGURATION), "-d", name, "--log-level=error"],
        setup_logging=True,
    )
    import bench_registry
    import bench_workloads

    registry = Registry(name)
    base.say("filling the registry")
    actors = bench_registry.fill(registry, options)
    wanted = {workload.upper() for workload in options.workloads}
    pairs = []
    for code, workload in bench_workloads.WORKLOADS.items():
        if not wanted or code in wanted:
            base.say(f"measuring {code}")
            pairs += workload(registry, actors, options.repetitions)
    return pairs


def main():
    """Measure and print the table."""
    options = parse(sys.argv[1:])
    environment.ensure()
    with database(options.keep) as name:
        import_path_of_odoo()
        pairs = measure(name, options)
        import bench_harness

        print(f"\npeople {options.people}, open {options.open}, ", end="")
        print(f"history {options.history}, repetitions {options.repetitions}\n")
        print(bench_harness.table(pairs))
        close(name)
    missed = [pair for pair in pairs if pair.missed]
    return int(options.gate and bool(missed))


def import_path_of_odoo():
    """Refuse to go on with a Python that has no Odoo."""
    try:
        import odoo  # noqa: F401
    except ImportError:
        raise base.Stop("start this with `make bench`") from None


def close(name):
    """Let go of the database, so that it can be dropped."""
    from odoo.sql_db import close_db

    close_db(name)


if __name__ == "__main__":
    base.main(main)
