"""Checks of identity numbers, as pure functions."""

import re

from stdnum import luhn

NATIONAL_KINDS = {"citizen": "1", "resident": "2"}
# Numbers the Kingdom gives out: their issuing country is no question.
ISSUED_HERE = (*NATIONAL_KINDS, "border")
_NATIONAL = re.compile(r"[12][0-9]{9}")
_OTHER = re.compile(r"[A-Z0-9]{4,20}")


def check_identity(kind, number):
    """Say what is wrong with an identity number.

    :param str kind: ``citizen``, ``resident``, ``gcc``, ``passport``, ``border``
        or ``other``
    :param str number: the number as ``tools.text.normalise_identity`` returns it
    :return: ``None`` when the number is sound, else one of ``length``,
        ``first_digit``, ``check_digit`` and ``format``
    """
    first_digit = NATIONAL_KINDS.get(kind)
    if not first_digit:
        return None if _OTHER.fullmatch(number or "") else "format"
    if not _NATIONAL.fullmatch(number or ""):
        return "length"
    if number[0] != first_digit:
        return "first_digit"
    return None if luhn.is_valid(number) else "check_digit"
