"""The year of work, replayed day by day by the people whose work it is."""

from demonstration_clock import clock
from demonstration_committee import Committee
from demonstration_contacts import Contacts
from demonstration_money import Money
from demonstration_opinions import Opinions
from demonstration_registry import RegistryWork
from demonstration_requests import Requests

DAY = "beneficiary_demonstration.day"
# Work is committed so often: each commit makes Odoo fill its caches anew.
KEPT_DAYS = 12


class Replay:
    """Lets every event happen on its day, in the order of the day."""

    def __init__(self, demonstration):
        self.demonstration = demonstration
        self.env = demonstration.env

    def run(self):
        """Replay what has not happened yet; what is done is kept now and then."""
        days = self._days()
        reached = self.env["ir.config_parameter"].get_param(DAY, "")
        coming = [day for day in sorted(days) if str(day) > reached]
        with clock(self.env, min(days)) as hands:
            for number, day in enumerate(coming, 1):
                hands.move(day)
                self._live(days[day])
                if number % KEPT_DAYS == 0 or day == coming[-1]:
                    self.env["ir.config_parameter"].set_param(DAY, str(day))
                    self.env.cr.commit()

    def _days(self):
        """Return the events of each day, in order.

        :rtype: dict[date, list]
        """
        days = {}
        requests = Requests(self.demonstration)
        parts = [
            requests,
            RegistryWork(self.demonstration, requests),
            Committee(self.demonstration, requests.plan),
        ]
        parts += [part(self.demonstration) for part in (Money, Contacts, Opinions)]
        for part in parts:
            for day, rank, action, arguments in part.events():
                days.setdefault(day, []).append((rank, action, arguments))
        for events in days.values():
            events.sort(key=lambda event: event[0])
        return days

    def _live(self, events):
        for _rank, action, arguments in events:
            try:
                action(*arguments)
            except Exception as error:
                words = f"{action.__qualname__}{arguments}"
                raise RuntimeError(f"The demonstration could not do {words}") from error
