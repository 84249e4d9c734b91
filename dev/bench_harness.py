"""Measuring two sides of the same work in one run.

Times of a machine say little; the ratio of two sides that were measured in turns, in
one process and on one database, says how the product does. Each measurement has a
transaction of its own and is rolled back. The order alternates (A-B-B-A), so that a
machine that slows down or warms up hurts both sides alike.
"""

import gc
import statistics
import time
from dataclasses import dataclass, field

from odoo import api

# A ratio may be this much above its aim before it counts as missed.
SLACK = 1.25


@dataclass
class Side:
    """One side of a pair: who does the work, and what the work is.

    ``run`` gets an environment and returns what ``check`` then looks at. What
    ``prepare`` returns, before the clock runs, ``run`` gets beside it.
    """

    name: str
    uid: int
    run: callable
    check: callable
    context: dict = field(default_factory=dict)
    prepare: callable = None


@dataclass
class Sample:
    """One measurement."""

    seconds: float
    queries: int


@dataclass
class Pair:
    """What was measured of two sides, repetition by repetition."""

    workload: str
    product: str
    peer: str
    aim: float
    budget: int
    product_samples: list
    peer_samples: list

    @property
    def ratio(self):
        """Median of the ratios of the repetitions: below 1 the product is faster."""
        return statistics.median(self.ratios)

    @property
    def ratios(self):
        """Product to peer, one for each repetition."""
        return [
            product.seconds / peer.seconds
            for product, peer in zip(
                self.product_samples, self.peer_samples, strict=True
            )
        ]

    @property
    def queries(self):
        """Statements of the product: the same in each repetition, else the most."""
        return max(sample.queries for sample in self.product_samples)

    @property
    def missed(self):
        """What does not meet its aim; empty when all is well."""
        missed = []
        if self.ratio > self.aim * SLACK:
            missed.append("ratio")
        if self.queries > self.budget:
            missed.append("queries")
        return missed

    def cells(self):
        """The row of the report."""
        return [
            self.workload,
            self.product,
            self.peer,
            milliseconds(self.product_samples),
            milliseconds(self.peer_samples),
            f"{self.ratio:.2f} ({min(self.ratios):.2f}-{max(self.ratios):.2f})",
            f"{self.aim:.2f}",
            f"{self.queries} / {self.budget}",
            str(max(sample.queries for sample in self.peer_samples)),
            ", ".join(self.missed) or "ok",
        ]


HEADER = [
    "work",
    "product",
    "peer",
    "product ms",
    "peer ms",
    "ratio (min-max)",
    "aim",
    "queries / budget",
    "peer's",
    "result",
]


def milliseconds(samples):
    """Median and range of some measurements."""
    times = sorted(sample.seconds * 1000 for sample in samples)
    return f"{statistics.median(times):.1f} ({times[0]:.1f}-{times[-1]:.1f})"


def measure(registry, side):
    """Do the work of a side once, check it, take it back.

    :return: the measurement; a wrong result raises before any time counts
    """
    with registry.cursor() as cr:
        env = api.Environment(cr, side.uid, dict(side.context))
        env.user.has_group("base.group_user")
        prepared = [side.prepare(env)] if side.prepare else []
        gc.collect()
        gc.disable()
        try:
            queries = cr.sql_log_count
            start = time.perf_counter()
            result = side.run(env, *prepared)
            env.flush_all()
            seconds = time.perf_counter() - start
            queries = cr.sql_log_count - queries
        finally:
            gc.enable()
        side.check(env, result)
        cr.rollback()
    return Sample(seconds, queries)


def compare(registry, workload, product, peer, *, aim, budget, repetitions):
    """Measure two sides in turns.

    :param float aim: the ratio the product is to reach
    :param int budget: the most SQL statements of the product
    """
    for side in (product, peer):
        measure(registry, side)
    product_samples, peer_samples = [], []
    for repetition in range(repetitions):
        turns = [(product, product_samples), (peer, peer_samples)]
        for side, samples in turns if repetition % 2 == 0 else reversed(turns):
            samples.append(measure(registry, side))
    return Pair(
        workload, product.name, peer.name, aim, budget, product_samples, peer_samples
    )


def table(pairs):
    """Return the report as a Markdown table."""
    rows = [HEADER, ["---"] * len(HEADER), *(pair.cells() for pair in pairs)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADER))]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    )
