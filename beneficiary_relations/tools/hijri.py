"""Umm al-Qura dates shown beside the Gregorian ones, and read from papers.

``hijridate`` is optional: without it, and outside the years it knows
(1343-1500 H), only the Gregorian date is shown.
"""

import re
from datetime import date

from .text import clean_text, to_latin_digits

try:
    from hijridate import Gregorian, Hijri
except ImportError:
    Gregorian = Hijri = None

FIRST_YEAR, LAST_YEAR = 1343, 1500
_ERA = re.compile(r"\s*(هـ|ه|A?H)\.?\s*$", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")


def format_hijri(day):
    """Return a date as ``1446-08-28``, or ``""`` where it cannot be told."""
    if not day or Gregorian is None:
        return ""
    try:
        return Gregorian(day.year, day.month, day.day).to_hijri().isoformat()
    except (OverflowError, ValueError):
        return ""


def hijri_parts(value):
    """Return year, month and day of a Hijri date as people write it.

    :param str value: ``1446/08/28``, ``28-8-1446`` or ``٢٨/٨/١٤٤٦ هـ``
    :raise ValueError: ``format`` when it is no such date
    """
    text = _ERA.sub("", to_latin_digits(clean_text(value) or "")).strip()
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        raise ValueError("format")
    return year, month, day


def hijri_month_length(year, month):
    """Return how many days a month of the Umm al-Qura calendar has."""
    return Hijri(year, month, 1).month_length()


def parse_hijri(value):
    """Return the Gregorian date of a Hijri one.

    :param str value: see :func:`hijri_parts`
    :rtype: datetime.date
    :raise ValueError: ``format``, ``year`` (outside the calendar), ``month``,
        ``day`` (the month is shorter) or ``library`` (``hijridate`` is missing)
    """
    year, month, day = hijri_parts(value)
    if Hijri is None:
        raise ValueError("library")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError("year")
    if not 1 <= month <= 12:
        raise ValueError("month")
    if not 1 <= day <= hijri_month_length(year, month):
        raise ValueError("day")
    try:
        gregorian = Hijri(year, month, day).to_gregorian()
    except (OverflowError, ValueError):
        raise ValueError("year") from None
    return date(gregorian.year, gregorian.month, gregorian.day)
