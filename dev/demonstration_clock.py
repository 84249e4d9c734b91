"""Odoo's idea of now, moved through a year of work."""

from contextlib import contextmanager
from datetime import datetime, time

from freezegun import freeze_time

# After noon in Riyadh, as UTC: the requests of the morning have come in.
NOON = time(10, 30)


class Clock:
    """Moves the day on which the replayed work happens."""

    def __init__(self, env, frozen):
        self.env = env
        self.frozen = frozen

    def move(self, day):
        """Go to the noon of a day."""
        now = datetime.combine(day, NOON)
        self.frozen.move_to(now)
        # What Odoo writes as creation date is the start of the transaction.
        self.env.cr._now = now


@contextmanager
def clock(env, day):
    """Yield a clock that stands on a day; afterwards time is what it was."""
    with freeze_time(datetime.combine(day, NOON)) as frozen:
        yield Clock(env, frozen)
    env.cr._now = None
