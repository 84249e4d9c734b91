"""Which money paid what: first in, first out, fund by fund.

A pure function over what happened, in whole smallest units of the currency, so that
the same events give the same answer and nothing is lost by rounding.
"""

from collections import defaultdict, deque
from typing import NamedTuple


class Event(NamedTuple):
    """Money that came into a fund, left it, or passed to another one.

    ``kind`` is ``in`` (``key`` names the source), ``out`` (``key`` names the use) or
    ``move`` (``key`` names the source to pass on first, if there is one).
    """

    kind: str
    fund: int
    key: object
    units: int
    to_fund: int = 0


def allocate(events):
    """Say from which sources each use was paid.

    What a fund did not hold yet when it paid is covered by what comes in next. What
    nothing covered is left out.

    :param events: :class:`Event` in the order in which they happened
    :return: ``{use: {source: units}}``
    """
    lots, debts = defaultdict(deque), defaultdict(deque)
    paid = defaultdict(lambda: defaultdict(int))

    def receive(fund, source, units):
        while units and debts[fund]:
            use, owed = debts[fund].popleft()
            part = min(owed, units)
            paid[use][source] += part
            units -= part
            if owed > part:
                debts[fund].appendleft((use, owed - part))
        if units:
            lots[fund].append((source, units))

    for event in events:
        if event.kind == "in":
            receive(event.fund, event.key, event.units)
            continue
        first = event.key if event.kind == "move" else None
        taken, missing = _take(lots[event.fund], event.units, first)
        if event.kind == "out":
            for source, units in taken:
                paid[event.key][source] += units
            if missing:
                debts[event.fund].append((event.key, missing))
            continue
        for source, units in taken:
            receive(event.to_fund, source, units)
        if missing:
            receive(event.to_fund, None, missing)
            debts[event.fund].append((None, missing))
    return {use: dict(sources) for use, sources in paid.items()}


def _take(lots, units, first=None):
    """Take units out of the lots, those of one source before all others.

    :return: ``([(source, units)], units that were missing)``
    """
    taken, kept = [], deque()
    if first is not None:
        for source, held in lots:
            part = min(held, units) if source == first else 0
            units -= part
            if part:
                taken.append((source, part))
            if held > part:
                kept.append((source, held - part))
        lots.clear()
        lots.extend(kept)
    while units and lots:
        source, held = lots.popleft()
        part = min(held, units)
        units -= part
        taken.append((source, part))
        if held > part:
            lots.appendleft((source, held - part))
    return taken, units
