"""Counted things in words: Arabic has a form for one, two, few and many."""

ARABIC_FORMS = {
    "day": ("يوم واحد", "يومين", "أيام", "يومًا", "يوم"),
    "week": ("أسبوع واحد", "أسبوعين", "أسابيع", "أسبوعًا", "أسبوع"),
    "month": ("شهر واحد", "شهرين", "أشهر", "شهرًا", "شهر"),
    "year": ("سنة واحدة", "سنتين", "سنوات", "سنة", "سنة"),
    "minute": ("دقيقة واحدة", "دقيقتين", "دقائق", "دقيقة", "دقيقة"),
    "time": ("مرة واحدة", "مرتين", "مرات", "مرة", "مرة"),
}
ENGLISH_FORMS = {
    "day": ("1 day", "days"),
    "week": ("1 week", "weeks"),
    "month": ("1 month", "months"),
    "year": ("1 year", "years"),
    "minute": ("1 minute", "minutes"),
    "time": ("1 time", "times"),
}


def period_label(number, unit, lang):
    """Return a period as people say it, in the form it takes after a preposition.

    Arabic takes the same form as object of a verb.

    :param int number: how many, from one up
    :param str unit: a key of ``ENGLISH_FORMS``
    :param str lang: language code; Arabic, or else English
    :rtype: str
    """
    if not (lang or "").startswith("ar"):
        one, many = ENGLISH_FORMS[unit]
        return one if number == 1 else f"{number} {many}"
    one, two, few, many, hundreds = ARABIC_FORMS[unit]
    if number in (1, 2):
        return (one, two)[number - 1]
    rest = number % 100
    if 3 <= rest <= 10:
        return f"{number} {few}"
    return f"{number} {many if rest > 10 else hundreds}"
