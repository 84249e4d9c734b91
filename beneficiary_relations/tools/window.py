"""The reply window of a policy, as a pure function.

Source of the rule: clause C42 and the literal readings of the five policies: a
*floor* («لا تقل عن») is never silently turned into a deadline.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


def add_period(start, number, unit, month_rule="calendar"):
    """Return ``start`` plus a period.

    :param date start: first day
    :param int number: how many units
    :param str unit: ``day``, ``week`` or ``month``
    :param str month_rule: ``calendar`` (31 January + 1 month = the last day of
        February) or ``days30``
    :rtype: date
    """
    if unit == "month" and month_rule == "calendar":
        return start + relativedelta(months=number)
    days = {"day": 1, "week": 7, "month": 30}[unit]
    return start + timedelta(days=number * days)


def reply_window(start, rules, paused_days=0):
    """Return the days between which an applicant is to be told.

    A pause moves the deadline and never the floor.

    :param date start: the day on which the clock starts
    :param dict rules: ``reading`` (floor, deadline, floor_and_deadline, event,
        none), ``study_min``, ``study_min_unit``, ``reply_max``,
        ``reply_max_unit``, ``month_rule``
    :param int paused_days: days spent waiting on the applicant or an authority
    :return: ``(not_before, due)``, each a date or ``False``
    :rtype: tuple
    """
    not_before = due = False
    month_rule = rules.get("month_rule") or "calendar"
    reading = rules.get("reading")
    if reading in ("floor", "floor_and_deadline") and rules.get("study_min"):
        not_before = add_period(
            start, rules["study_min"], rules["study_min_unit"], month_rule
        )
    if reading != "event" and rules.get("reply_max"):
        due = add_period(start, rules["reply_max"], rules["reply_max_unit"], month_rule)
        due += timedelta(days=paused_days)
    return not_before, due


def floor_passes_deadline(rules):
    """Tell whether the floor may lie behind the deadline.

    Months differ in length: what holds in February must hold in January, too. A year
    of clocks that start on the first of a month has each length there is.

    :param dict rules: as for :func:`reply_window`
    :rtype: bool
    """
    month_rule = rules.get("month_rule") or "calendar"
    return any(
        add_period(start, rules["study_min"], rules["study_min_unit"], month_rule)
        > add_period(start, rules["reply_max"], rules["reply_max_unit"], month_rule)
        for start in (date(2027, month, 1) for month in range(1, 13))
    )
