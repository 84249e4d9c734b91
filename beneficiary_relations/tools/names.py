"""Comparison of names, as pure functions."""

from .text import normalise_arabic


def compare_names(first, second):
    """Say how well two spellings of a name fit.

    :param str first: a name, for example the holder of a bank account
    :param str second: the name it should be
    :return: ``same`` for the same words, ``close`` when one name leaves out words
        between the first and the last of the other, else ``different``
    """
    words, others = normalise_arabic(first).split(), normalise_arabic(second).split()
    if not words or not others:
        return "different"
    if words == others:
        return "same"
    shorter, longer = sorted((words, others), key=len)
    remaining = iter(longer)
    left_out_only = all(word in remaining for word in shorter)
    ends_fit = shorter[0] == longer[0] and shorter[-1] == longer[-1]
    return "close" if len(shorter) > 1 and left_out_only and ends_fit else "different"
