"""When the instalments of a plan fall due, and how much each one is."""

from dateutil.relativedelta import relativedelta

MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
# A plan does not run longer: a hundred years of months.
MAX_PERIODS = 1200


def periods(start, end, frequency, pauses=()):
    """Return the days of a plan, without those in a pause.

    Counted from the first day each time, so that a plan from the 31st falls on the
    last day of short months and on the 31st again afterwards.

    :param date start: day of the first instalment
    :param date end: last day of the plan
    :param str frequency: ``monthly``, ``quarterly`` or ``yearly``
    :param pauses: pairs of first and last day; no last day: until the plan ends
    :rtype: list of date
    """
    days = []
    for number in range(MAX_PERIODS):
        day = start + relativedelta(months=number * MONTHS[frequency])
        if day > end:
            break
        if not any(first <= day <= (last or end) for first, last in pauses):
            days.append(day)
    return days


def indexed(amount, percent, start, day):
    """Return the amount of an instalment, raised on each anniversary of the start.

    Not rounded: the caller knows the currency.
    """
    years = relativedelta(day, start).years
    return amount * (1 + percent / 100) ** years
